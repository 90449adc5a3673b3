import TalwegKernels

/// Coordinate descent on the columns themselves, with the residual r = z - A b kept as b moves, for few penalties
/// with many columns in use: their products would cost more than all sweeps. Every few sweeps the coefficients are
/// extrapolated (Anderson's method: Bertrand and Massias, AISTATS 2021), which is kept where it lowers the objective.
struct ResidualDescent {
    private let columns: ColumnMajor
    private let squares: UnsafePointer<Double>
    private let n: Int
    /// Columns in use, their coefficients, and A' r of these when it was last made.
    private let members: UnsafePointer<Int>
    private let count: Int
    private let local, slope: UnsafeMutablePointer<Double>
    private let residual: UnsafeMutablePointer<Double>
    private let lasso, ridge: Double
    private let positive: Bool
    /// The last coefficients and residuals, [depth + 1] each.
    private let points, residuals: UnsafeMutablePointer<Double>
    private let weights: UnsafeMutablePointer<Double>
    private let space: Storage

    /// How many steps an extrapolation goes by.
    private static let depth = 5

    init(
        _ problem: ElasticNetProblem, columns: ColumnMajor, members: UnsafePointer<Int>, count: Int,
        local: UnsafeMutablePointer<Double>, slope: UnsafeMutablePointer<Double>,
        residual: UnsafeMutablePointer<Double>, lasso: Double, ridge: Double, positive: Bool
    ) throws(TalwegError) {
        self.columns = columns
        squares = UnsafePointer(problem.squares)
        n = problem.data.n
        self.members = members
        self.count = count
        self.local = local
        self.slope = slope
        self.residual = residual
        self.lasso = lasso
        self.ridge = ridge
        self.positive = positive
        let depth = ResidualDescent.depth
        let (area, over) = count.multipliedReportingOverflow(by: depth + 1)
        let (rows, overRows) = n.multipliedReportingOverflow(by: depth + 1)
        guard !over, !overRows else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, rows, depth * (depth + 2)))
        var slab = Slab(space.pointer)
        points = slab.doubles(area)
        residuals = slab.doubles(rows)
        weights = slab.doubles(depth * (depth + 2))
    }

    /// Sweeps until `isDone` says so, which is asked with the slopes of all members made, or no coefficient moves by
    /// more than `least` in the square, or so many sweeps are made; how many were.
    func run(least: Double, sweeps most: Int, isDone: () -> Bool) throws(TalwegError) -> Int {
        var kept = 0
        for number in 1...max(most, 1) {
            let quiet = sweep() <= least
            (points + kept * count).update(from: local, count: count)
            (residuals + kept * n).update(from: residual, count: n)
            kept += 1
            if kept > ResidualDescent.depth {
                extrapolate()
                kept = 0
            }
            guard quiet || number % 3 == 0 || number == most else { continue }
            setSlopes()
            if quiet || isDone() { return number }
        }
        return max(most, 1)
    }

    private func sweep() -> Double {
        let dot = kernels.f64.dot, axpy = kernels.f64.axpy
        var largest = 0.0
        for i in 0..<count {
            let old = local[i]
            let column = columns.column(members[i]), square = squares[members[i]]
            let pull = dot(n, column, 1, residual, 1) + square * old
            var new = 0.0
            if pull > lasso { new = (pull - lasso) / (square + ridge) }
            if pull < -lasso, !positive { new = (pull + lasso) / (square + ridge) }
            if new == old { continue }
            local[i] = new
            axpy(n, old - new, column, residual)
            largest = max(largest, (new - old) * (new - old) * square)
        }
        return largest
    }

    private func setSlopes() {
        for i in 0..<count { slope[i] = kernels.f64.dot(n, columns.column(members[i]), 1, residual, 1) }
    }

    private func objective(_ b: UnsafePointer<Double>, _ r: UnsafePointer<Double>) -> Double {
        var size = 0.0, length = 0.0
        for i in 0..<count {
            if positive, b[i] < 0 { return .infinity }
            size += b[i].magnitude
            length += b[i] * b[i]
        }
        return kernels.f64.dot(n, r, 1, r, 1) / 2 + lasso * size + ridge / 2 * length
    }

    /// The combination of the last points whose steps nearly cancel; the residual is that of their residuals.
    private func extrapolate() {
        let depth = ResidualDescent.depth
        // The steps take the places of all points but the last.
        let products = ColumnMajor(weights, rows: depth, columns: depth)
        let share = weights + depth * depth, other = share + depth
        for k in 0..<depth {
            let point = points + k * count, next = point + count
            for i in 0..<count { point[i] = next[i] - point[i] }
        }
        var trace = 0.0
        for b in 0..<depth {
            for a in 0...b {
                products[a, b] = kernels.f64.dot(count, points + a * count, 1, points + b * count, 1)
            }
            trace += products[b, b]
        }
        guard trace > 0, trace.isFinite else { return }
        // Cholesky's method for five unknowns, with a little on the diagonal.
        for b in 0..<depth {
            products[b, b] += 1e-12 * trace
            for a in 0..<b {
                var sum = products[a, b]
                for k in 0..<a { sum -= products[k, a] * products[k, b] }
                products[a, b] = sum / products[a, a]
            }
            var sum = products[b, b]
            for k in 0..<b { sum -= products[k, b] * products[k, b] }
            guard sum > 0 else { return }
            products[b, b] = sum.squareRoot()
        }
        for a in 0..<depth {
            var sum = 1.0
            for k in 0..<a { sum -= products[k, a] * other[k] }
            other[a] = sum / products[a, a]
        }
        var total = 0.0
        for a in (0..<depth).reversed() {
            var sum = other[a]
            for k in (a + 1)..<max(depth, a + 1) { sum -= products[a, k] * share[k] }
            share[a] = sum / products[a, a]
            total += share[a]
        }
        guard total != 0, total.isFinite else { return }
        // The sum of c_k x_(k+1) is x_last less that of (c_0 + ... + c_(k-1)) step_k; that of residuals is made as
        // it stands.
        let point = points, mixed = residuals
        kernels.f64.scale(count, 0, point, point)
        kernels.f64.scale(n, 0, mixed, mixed)
        var before = 0.0
        for k in 0..<depth {
            let c = share[k] / total
            if k > 0 { kernels.f64.axpy(count, -before, points + k * count, point) }
            kernels.f64.axpy(n, c, residuals + (k + 1) * n, mixed)
            before += c
        }
        kernels.f64.axpy(count, 1, points + depth * count, point)
        if objective(point, mixed) < objective(local, residual) {
            local.update(from: point, count: count)
            residual.update(from: mixed, count: n)
        }
    }
}
