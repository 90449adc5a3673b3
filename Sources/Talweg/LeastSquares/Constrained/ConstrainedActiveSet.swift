import TalwegKernels

/// min |z - M x|^2 with C x = d and lower <= x <= upper, by a primal active set (Nocedal and Wright, Numerical
/// Optimization, 2nd ed., 16.5): from a point that meets the constraints, steps over the variables off their bounds by
/// the null-space method, which holds whatever the rank of M. C's columns of these keep the rank of C throughout.
final class ConstrainedActiveSet {
    private let m: Int
    private let width: Int
    private let rows: Int
    private let matrix, equalities: ColumnMajor
    private let z, values, lower, upper: UnsafePointer<Double>
    private let tolerance: Double
    let x, multipliers: UnsafeMutablePointer<Double>
    /// -1 at the lower bound, 1 at the upper, else 0.
    let places: UnsafeMutablePointer<Int8>
    private let free: UnsafeMutablePointer<Int>
    /// Variables that are not to be freed until the squares have become fewer.
    private let refused: UnsafeMutablePointer<Bool>
    private let residual, rest, gradient, norms: UnsafeMutablePointer<Double>
    private let step: EqualityStep
    private(set) var iterations = 0
    private let vectors = MatrixKernels<Double>()
    private let space: Storage

    /// Equalities that are met to fewer digits than this are not met.
    private static let feasibility = 1e-9

    /// - Parameters:
    ///   - matrix: M [m, p]; columns that C has beyond it are zeros
    ///   - equalities: C [rows, width], rows of norm 1 or 0
    init(
        _ matrix: ColumnMajor, _ z: UnsafePointer<Double>, _ equalities: ColumnMajor,
        _ values: UnsafePointer<Double>, lower: UnsafePointer<Double>, upper: UnsafePointer<Double>, tolerance: Double
    ) throws(TalwegError) {
        (m, width, rows) = (matrix.rows, equalities.columns, equalities.rows)
        (self.z, self.values, self.lower, self.upper, self.tolerance) = (z, values, lower, upper, tolerance)
        self.equalities = equalities
        let p = matrix.columns
        let (area, overflow) = m.multipliedReportingOverflow(by: width)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, width, rows, width, width, width, m, rows, width, width))
        var slab = Slab(space.pointer)
        let wide = ColumnMajor(slab.doubles(area), rows: m, columns: width)
        x = slab.doubles(width)
        multipliers = slab.doubles(rows)
        places = slab.elements(width)
        free = slab.integers(width)
        refused = slab.elements(width)
        residual = slab.doubles(m)
        rest = slab.doubles(rows)
        gradient = slab.doubles(width)
        norms = slab.doubles(width)
        wide.fill(0)
        for j in 0..<width {
            if j < p { wide.column(j).update(from: matrix.column(j), count: m) }
            norms[j] = vectors.norm(m, wide.column(j))
            (x[j], places[j], free[j], refused[j]) = (0, 0, j, false)
        }
        multipliers.update(repeating: 0, count: rows)
        self.matrix = wide
        step = try EqualityStep(rows: m, columns: width, equalities: rows)
    }

    /// False if `limit` systems were solved before the solution was found.
    func solve(limit: Int, isBounded: Bool) throws(TalwegError) -> Bool {
        if !isBounded {
            setResiduals()
            iterations = 1
            try step.solve(matrix, equalities, columns: free, count: width, residual: residual, values: rest)
            guard step.inconsistency <= ConstrainedActiveSet.feasibility else {
                throw .numeric("constrained: the equality constraints contradict each other")
            }
            x.update(from: step.step, count: width)
            setResiduals()
            setGradient()
            step.setMultipliers(gradient, columns: free, count: width)
            multipliers.update(from: step.multipliers, count: rows)
            return true
        }
        try findFeasible(limit)
        // Steps without progress in a row; after many by Bland's rule, which does not cycle.
        var stalled = 0
        var least = Double.infinity
        var released: Int?
        while iterations < limit {
            iterations += 1
            var count = 0
            for j in 0..<width where places[j] == 0 {
                free[count] = j
                count += 1
            }
            setResiduals()
            // Along the constraints, so that what comes to a bound is not needed to meet them.
            rest.update(repeating: 0, count: rows)
            try step.solve(matrix, equalities, columns: free, count: count, residual: residual, values: rest)
            let (share, blocking) = reach(count)
            move(share, count)
            if let blocking {
                let j = free[blocking]
                places[j] = step.step[blocking] < 0 ? -1 : 1
                x[j] = places[j] < 0 ? lower[j] : upper[j]
                stalled = share > 0 ? 0 : stalled + 1
                // Whatever comes of it, it is not the freed one's whole step.
                if stalled <= 2 * width { released = nil }
                continue
            }
            setResiduals()
            let squares = vectors.dot(m, residual, residual)
            if squares < least {
                least = squares
                for j in 0..<width { refused[j] = false }
            } else if let released {
                // What seemed to push was rounding: another time it would be the same.
                refused[released] = true
            }
            setGradient()
            step.setMultipliers(gradient, columns: free, count: count)
            multipliers.update(from: step.multipliers, count: rows)
            guard let next = worst(firstOnly: stalled > width) else {
                // What rounding left of the equalities.
                try step.solve(matrix, equalities, columns: free, count: count, residual: residual, values: rest)
                move(1, count)
                return true
            }
            places[next] = 0
            released = next
            stalled += 1
        }
        return false
    }

    /// A point that meets the constraints: that of least |d - C x| within the bounds.
    private func findFeasible(_ limit: Int) throws(TalwegError) {
        let solver = try BoundedSolver(
            equalities, values, lower: lower, upper: upper,
            tolerance: 10 * Double(max(rows, width)) * .ulpOfOne)
        let isDone = try solver.solve(limit: limit)
        iterations = solver.iterations
        x.update(from: solver.x, count: width)
        var size = 0.0, off = 0.0
        setResiduals()
        for i in 0..<rows {
            off = max(off, rest[i].magnitude)
            size = max(size, values[i].magnitude)
        }
        for j in 0..<width { size = max(size, x[j].magnitude) }
        guard off <= ConstrainedActiveSet.feasibility * size else {
            if !isDone { throw .numeric("constrained: no point within the constraints after \(iterations) iterations") }
            throw .numeric(
                "constrained: no coefficients meet the constraints: the nearest miss one by \(off) of its row's norm")
        }
        solver.complete()
        for j in 0..<width {
            let place = solver.place(j)
            places[j] = place == .lower ? -1 : place == .upper ? 1 : 0
        }
    }

    /// residual = z - M x, rest = d - C x
    private func setResiduals() {
        residual.update(from: z, count: m)
        rest.update(from: values, count: rows)
        for j in 0..<width where x[j] != 0 {
            vectors.axpy(m, -x[j], matrix.column(j), residual)
            vectors.axpy(rows, -x[j], equalities.column(j), rest)
        }
    }

    private func setGradient() {
        for j in 0..<width { gradient[j] = -vectors.dot(m, matrix.column(j), residual) }
    }

    private func move(_ share: Double, _ count: Int) {
        for i in 0..<count {
            let j = free[i]
            x[j] = min(max(x[j] + share * step.step[i], lower[j]), upper[j])
        }
    }

    /// How much of the step can be made, and which of the free variables is in the way. What moves by rounding alone
    /// is not: it is held by the equalities.
    private func reach(_ count: Int) -> (Double, Int?) {
        var share = 1.0
        var blocking: Int?
        var most = 0.0
        let rounding = 64 * Double.ulpOfOne * vectors.norm(count, step.step)
        for i in 0..<count {
            let j = free[i], way = step.step[i]
            let bound = way < 0 ? lower[j] : upper[j], target = x[j] + way
            guard way.magnitude > rounding, bound.isFinite, way < 0 ? target < bound : target > bound else { continue }
            let part = min(max((bound - x[j]) / way, 0), 1)
            // Of several at once the one that goes furthest.
            if part < share || part == share && way.magnitude > most {
                (share, blocking, most) = (part, i, way.magnitude)
            }
        }
        return (share, blocking)
    }

    /// The bound that pushes the wrong way, most for columns of one length, or the first of them; nil at the solution.
    private func worst(firstOnly: Bool) -> Int? {
        var size = max(vectors.norm(m, z), vectors.norm(m, residual))
        for j in 0..<width { size = max(size, x[j].magnitude * norms[j]) }
        var force = 0.0
        for i in 0..<rows { force = max(force, multipliers[i].magnitude) }
        var best: Int?
        var most = 0.0
        for j in 0..<width where places[j] != 0 && !refused[j] && lower[j] < upper[j] {
            let push = gradient[j] + vectors.dot(rows, equalities.column(j), multipliers)
            let wrong = places[j] < 0 ? -push : push
            let share = vectors.norm(rows, equalities.column(j))
            guard wrong > tolerance * (norms[j] * size + share * force) else { continue }
            let rate = wrong / max(norms[j], share)
            if rate > most { (best, most) = (j, rate) }
            if firstOnly { return j }
        }
        return best
    }
}
