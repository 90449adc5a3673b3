import TalwegKernels

/// Coordinate descent for the lasso and the elastic net (Friedman, Hastie and Tibshirani, J. Stat. Soft. 33, 2010)
/// on a working set of columns, by their products. It starts with what the sequential strong rule leaves (Tibshirani
/// and others, J. R. Stat. Soc. B 74, 2012), and takes in columns against whose gradient it errs until the duality
/// gap over all columns is small (Massias, Gramfort and Salmon, ICML 2018): no rule can lose a column for good.
final class ElasticNetDescent {
    private let problem: ElasticNetProblem
    private let p: Int
    private let l1Ratio: Double
    private let positive: Bool
    private let tolerance: Double
    private let maxIterations: Int
    /// Coefficients, and A' (z - A b) of all columns.
    let b: UnsafeMutablePointer<Double>
    private let gradient: UnsafeMutablePointer<Double>
    private(set) var gap = Double.infinity
    private(set) var iterations = 0
    private(set) var converged = false
    /// |z - A b|^2
    private(set) var rss = 0.0

    /// Members of the working set, their places (-1: none), coefficients and gradients in the set's order.
    private let members, place: UnsafeMutablePointer<Int>
    private var count = 0
    private let local, slope: UnsafeMutablePointer<Double>
    private let candidates: UnsafeMutablePointer<Int>
    private let residual: UnsafeMutablePointer<Double>
    private var products: WorkingProducts
    /// Whether the columns' products are made, which pays for many penalties, for few columns, and where hardly
    /// an L1 norm holds the coefficients, so that sweeps alone are slow.
    private let makesProducts: Bool
    /// Coefficients of which the exact values for their signs cost less than a sweep.
    private static let few = 128
    /// The penalty of each member.
    private let lassos, ridges: UnsafeMutablePointer<Double>
    private let space: Storage

    init(_ problem: ElasticNetProblem, _ options: ElasticNetOptions) throws(TalwegError) {
        self.problem = problem
        p = problem.p
        l1Ratio = options.l1Ratio
        positive = options.positive
        tolerance = options.tolerance
        maxIterations = options.maxIterations
        let rows = problem.columns == nil ? 0 : problem.data.n
        makesProducts =
            problem.columns == nil || p <= ElasticNetDescent.few || l1Ratio < 0.1
            || (options.penalties?.count ?? options.count) > 4
        space = try Storage(byteCount: slabBytes(p, p, p, p, p, p, p, rows, p, p))
        var slab = Slab(space.pointer)
        b = slab.doubles(p)
        gradient = slab.doubles(p)
        members = slab.integers(p)
        place = slab.integers(p)
        local = slab.doubles(p)
        slope = slab.doubles(p)
        candidates = slab.integers(p)
        residual = slab.doubles(rows)
        lassos = slab.doubles(p)
        ridges = slab.doubles(p)
        products = WorkingProducts(problem)
        b.update(repeating: 0, count: p)
        gradient.update(from: problem.products, count: p)
        place.update(repeating: -1, count: p)
        rss = problem.total
        if rows > 0 { residual.update(from: problem.target, count: rows) }
    }

    /// The least penalty that leaves no coefficient; l1Ratio is above 0.
    var greatestPenalty: Double {
        var most = 0.0
        for j in 0..<p where problem.squares[j] > 0 {
            most = max(most, positive ? problem.products[j] : problem.products[j].magnitude)
        }
        return most / l1Ratio
    }

    var nonzeros: Int { (0..<p).count { b[$0] != 0 } }

    /// From the coefficients as they are to those of a penalty; `last` is the one that they belong to.
    func solve(_ penalty: Double, last: Double) throws(TalwegError) {
        let lasso = penalty * l1Ratio, ridge = penalty * (1 - l1Ratio)
        iterations = 0
        converged = false
        // What the strong rule keeps, the strongest first.
        let threshold = l1Ratio * max(2 * penalty - last, 0)
        lassos.update(repeating: lasso, count: p)
        ridges.update(repeating: ridge, count: p)
        if makesProducts {
            try takeIn(most: max(64, 2 * count)) { strength($0) >= threshold && strength($0) > 0 }
        } else {
            try takeIn(most: max(128, count)) { strength($0) > lasso }
        }
        measure(lasso, ridge)
        while true {
            if gap <= tolerance * problem.total {
                converged = true
                return
            }
            guard iterations < maxIterations else { return }
            let before = iterations
            try descend(lasso, ridge)
            try spread()
            measure(lasso, ridge)
            if gap <= tolerance * problem.total { continue }
            let added = try takeIn(most: max(64, count)) { strength($0) > lasso && place[$0] < 0 }
            // Rounding can keep the gap from falling any further.
            if added == 0, iterations == before { return }
            if added == 0, iterations - before <= 1 {
                converged = gap <= 1e-12 * problem.total
                return
            }
        }
    }

    /// How hard a column's gradient pulls.
    private func strength(_ j: Int) -> Double {
        guard problem.squares[j] > 0 else { return 0 }
        return positive ? gradient[j] : gradient[j].magnitude
    }

    /// Takes columns in that are not in the set, the strongest of those that are wanted.
    @discardableResult
    private func takeIn(most: Int, _ isWanted: (Int) -> Bool) throws(TalwegError) -> Int {
        var found = 0
        for j in 0..<p where place[j] < 0 && isWanted(j) {
            candidates[found] = j
            found += 1
        }
        if found > most {
            var order = UnsafeMutableBufferPointer(start: candidates, count: found)
            order.sort { strength($0) > strength($1) }
            found = most
        }
        if found == 0 { return 0 }
        for i in 0..<found {
            members[count + i] = candidates[i]
            place[candidates[i]] = count + i
        }
        if makesProducts { try products.grow(members, from: count, to: count + found) }
        for i in count..<(count + found) {
            local[i] = b[members[i]]
            slope[i] = gradient[members[i]]
        }
        count += found
        return found
    }

    /// Sweeps over the set until its own duality gap is small or no coefficient moves.
    private func descend(_ lasso: Double, _ ridge: Double) throws(TalwegError) {
        // Sweeps cost little beside the matrix of all products; a set that will grow need not be solved to the end.
        let share = problem.gram != nil ? 0.01 : 0.3
        let wanted = max(share * tolerance * problem.total, makesProducts ? 0 : 0.1 * gap)
        // The gap goes with the gradient's error, and that with a move.
        let least = max(0.03 * tolerance, 1e-15) * max(0.03 * tolerance, 1e-15) * problem.total
        if !makesProducts, let columns = problem.columns {
            let descent = try ResidualDescent(
                problem, columns: columns, members: members, count: count, local: local, slope: slope,
                residual: residual, lasso: lasso, ridge: ridge, positive: positive)
            iterations += try descent.run(least: least, sweeps: maxIterations - iterations) {
                localGap(lasso, ridge) <= wanted
            }
            return
        }
        let descent = CoordinateDescent(
            count: count, matrix: products.column(0), stride: products.stride, point: local, slope: slope,
            lasso: lassos, ridge: ridges, positive: positive)
        var since = 0
        while iterations < maxIterations {
            iterations += 1
            if descent.sweep() <= least || localGap(lasso, ridge) <= wanted {
                if nonzeroMembers <= ElasticNetDescent.few { try descent.jump(candidates) }
                return
            }
            since += 1
            guard since >= 8 + count / 32 else { continue }
            since = 0
            try descent.jump(candidates)
        }
    }

    private var nonzeroMembers: Int { (0..<count).count { local[$0] != 0 } }

    /// The gap over the set alone.
    private func localGap(_ lasso: Double, _ ridge: Double) -> Double {
        var most = 0.0, cross = 0.0, fitted = 0.0, length = 0.0, size = 0.0, excess = 0.0
        for i in 0..<count {
            let value = slope[i] - ridge * local[i]
            most = max(most, positive ? value : value.magnitude)
            let over = max(0, (positive ? slope[i] : slope[i].magnitude) - lasso)
            excess += over * over
            // b' A' z and b' A' r
            cross += local[i] * problem.products[members[i]]
            fitted += local[i] * slope[i]
            length += local[i] * local[i]
            size += local[i].magnitude
        }
        let rss = max(problem.total - cross - fitted, 0)
        return ElasticNetDescent.gap(
            rss: rss, cross: problem.total - cross, length: length, size: size, most: most, excess: excess, lasso,
            ridge)
    }

    /// Primal less dual, the less of two bounds: with c the factor that makes the residual, with the ridge's rows below
    /// it, dual feasible, 1/2 (r'r + l2 b'b) + l1 |b|_1 - (c z'r - c^2 / 2 (r'r + l2 b'b)); and, with a ridge, of the
    /// residual as it is with the penalty's conjugate,
    /// r'r - z'r + l2 / 2 b'b + l1 |b|_1 + sum_j max(0, |a_j' r| - l1)^2 / (2 l2).
    private static func gap(
        rss: Double, cross: Double, length: Double, size: Double, most: Double, excess: Double, _ lasso: Double,
        _ ridge: Double
    ) -> Double {
        let squares = rss + ridge * length
        let share = most > lasso ? lasso / most : 1
        let scaled = squares / 2 + lasso * size - (share * cross - share * share / 2 * squares)
        guard ridge > 0 else { return max(scaled, 0) }
        let conjugate = rss - cross + ridge / 2 * length + lasso * size + excess / (2 * ridge)
        return max(min(scaled, conjugate), 0)
    }

    /// Coefficients to their columns, and the gradient of all.
    private func spread() throws(TalwegError) {
        for i in 0..<count { b[members[i]] = local[i] }
        if let gram = problem.gram {
            gradient.update(from: problem.products, count: p)
            for i in 0..<count where local[i] != 0 {
                kernels.f64.axpy(p, -local[i], gram.column(members[i]), gradient)
            }
            var cross = 0.0
            for i in 0..<count { cross += local[i] * (problem.products[members[i]] + gradient[members[i]]) }
            rss = max(problem.total - cross, 0)
        } else if let columns = problem.columns {
            let n = problem.data.n
            residual.update(from: problem.target, count: n)
            for i in 0..<count where local[i] != 0 {
                kernels.f64.axpy(n, -local[i], columns.column(members[i]), residual)
            }
            rss = kernels.f64.dot(n, residual, 1, residual, 1)
            try problem.multiplyTransposed(residual, gradient)
        }
        for i in 0..<count { slope[i] = gradient[members[i]] }
    }

    private func measure(_ lasso: Double, _ ridge: Double) {
        var most = 0.0, cross = 0.0, length = 0.0, size = 0.0, excess = 0.0
        for j in 0..<p where problem.squares[j] > 0 {
            let value = gradient[j] - ridge * b[j]
            most = max(most, positive ? value : value.magnitude)
            let over = max(0, (positive ? gradient[j] : gradient[j].magnitude) - lasso)
            excess += over * over
            if b[j] == 0 { continue }
            cross += b[j] * problem.products[j]
            length += b[j] * b[j]
            size += b[j].magnitude
        }
        gap = ElasticNetDescent.gap(
            rss: rss, cross: problem.total - cross, length: length, size: size, most: most, excess: excess, lasso,
            ridge)
    }
}

/// The products of the columns of a working set, which grows.
private struct WorkingProducts {
    private let problem: ElasticNetProblem
    private var capacity = 0
    private var space: Storage?
    private var packed: Storage?

    init(_ problem: ElasticNetProblem) { self.problem = problem }

    private var memory: UnsafeMutablePointer<Double>? { space?.pointer.assumingMemoryBound(to: Double.self) }

    /// From one member's products to the next one's.
    var stride: Int { capacity }

    /// The products of member i with all.
    func column(_ i: Int) -> UnsafeMutablePointer<Double> {
        // There is a column for each member.
        (memory ?? problem.products) + i * capacity
    }

    mutating func grow(_ members: UnsafePointer<Int>, from old: Int, to new: Int) throws(TalwegError) {
        if new > capacity {
            let next = min(max(2 * capacity, (new + 63) & ~63), max((problem.p + 7) & ~7, new))
            let (area, overflow) = next.multipliedReportingOverflow(by: next)
            guard !overflow else { throw .outOfMemory(bytes: Int.max) }
            let larger = try Storage(byteCount: slabBytes(area))
            let target = larger.pointer.assumingMemoryBound(to: Double.self)
            if let memory {
                for i in 0..<old { (target + i * next).update(from: memory + i * capacity, count: old) }
            }
            (space, capacity) = (larger, next)
        }
        guard let memory else { return }
        let added = new - old
        if let gram = problem.gram {
            for j in old..<new {
                let column = gram.column(members[j])
                for i in 0..<new {
                    memory[i + j * capacity] = column[members[i]]
                    memory[j + i * capacity] = column[members[i]]
                }
            }
            return
        }
        guard let columns = problem.columns else { return }
        // The new members' columns side by side, times all members' some at a time.
        let n = problem.data.n, stride = n + 8, panel = 64
        let wide = min(panel, new)
        let (cells, overflow) = stride.multipliedReportingOverflow(by: added + wide)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let room = try Workspace(byteCount: slabBytes(cells))
        let fresh = ColumnMajor(
            room.pointer.assumingMemoryBound(to: Double.self), rows: n, columns: added, stride: stride)
        for j in 0..<added { fresh.column(j).update(from: columns.column(members[old + j]), count: n) }
        let some = ColumnMajor(fresh.column(added), rows: n, columns: wide, stride: stride)
        var begin = 0
        while begin < new {
            let take = min(wide, new - begin)
            for i in 0..<take { some.column(i).update(from: columns.column(members[begin + i]), count: n) }
            try kernels.f64.multiply(
                MatrixBlock(some.part(0, n, 0, take)).transposed, MatrixBlock(fresh), adding: 0,
                to: MatrixBlock(
                    memory + begin + old * capacity, rows: take, columns: added, rowStride: 1, columnStride: capacity,
                    itemSize: 8))
            begin += take
        }
        for j in old..<new {
            for i in 0..<old { memory[j + i * capacity] = memory[i + j * capacity] }
        }
    }
}
