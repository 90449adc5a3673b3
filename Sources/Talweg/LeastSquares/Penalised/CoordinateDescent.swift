import TalwegKernels

/// Coordinate descent on a quadratic with an L1 norm (Friedman, Hastie and Tibshirani, J. Stat. Soft. 33, 2010):
///
///     min over b of  1/2 b' Q b - c' b + sum_i (l_i |b_i| + r_i / 2 b_i^2)
///
/// for Q with its columns at hand and slope = c - Q b kept as b moves.
struct CoordinateDescent {
    let count: Int
    /// Q [count][stride], both triangles.
    let matrix: UnsafePointer<Double>
    let stride: Int
    /// b and c - Q b.
    let point, slope: UnsafeMutablePointer<Double>
    let lasso, ridge: UnsafePointer<Double>
    /// Whether none may be negative.
    var positive = false

    func column(_ i: Int) -> UnsafePointer<Double> { matrix + i * stride }

    /// Sets each coordinate in turn to its best value; one that stays costs nothing.
    /// - Returns: the largest of the moves' squares times Q's diagonal, about twice what a move gains
    func sweep() -> Double {
        let axpy = kernels.f64.axpy
        var largest = 0.0
        for i in 0..<count {
            let old = point[i]
            let column = matrix + i * stride, square = column[i]
            let pull = slope[i] + square * old, l = lasso[i]
            var new = 0.0
            if pull > l { new = (pull - l) / (square + ridge[i]) }
            if pull < -l, !positive { new = (pull + l) / (square + ridge[i]) }
            if new == old || !new.isFinite { continue }
            point[i] = new
            axpy(count, old - new, column, slope)
            largest = max(largest, (new - old) * (new - old) * square)
        }
        return largest
    }

    /// Sweeps, with a jump now and then, until no move gains more than `least` or so many sweeps are made.
    /// - Parameter order: [count], to write in
    func run(least: Double, sweeps most: Int, order: UnsafeMutablePointer<Int>) throws(TalwegError) {
        var since = 0
        for _ in 0..<max(most, 1) {
            if sweep() <= least { return }
            since += 1
            guard since >= 8 + count / 32 else { continue }
            since = 0
            try jump(order)
        }
    }

    /// Goes to the least value with the signs as they are, (Q + r) b = c - l sign over the coordinates that are not
    /// zero, or as far as none that may not changes its sign: sweeps find the signs soon, and the values among
    /// columns that are alike slowly.
    /// - Parameter order: [count], to write in
    func jump(_ order: UnsafeMutablePointer<Int>) throws(TalwegError) {
        var size = 0
        for i in 0..<count where point[i] != 0 {
            order[size] = i
            size += 1
        }
        guard size > 1, size <= 4096 else { return }
        let space = try Workspace(byteCount: slabBytes(size * size, size))
        var slab = Slab(space.pointer)
        let square = ColumnMajor(slab.doubles(size * size), rows: size, columns: size)
        let step = slab.doubles(size)
        for b in 0..<size {
            let i = order[b], from = column(i)
            for a in 0...b { square[a, b] = from[order[a]] }
            square[b, b] += ridge[i]
            let value = point[i]
            step[b] = slope[i] - ridge[i] * value - (value > 0 ? lasso[i] : -lasso[i])
        }
        var largest = 0.0
        for a in 0..<size { largest = max(largest, square[a, a]) }
        let dependent = try kernels.f64.choleskyFactor(MatrixBlock(square), tolerance: 1e-13 * largest)
        if dependent != nil { return }
        let triangle = UpperTriangle(square, size: size)
        triangle.solveTransposed(step)
        triangle.solve(step)
        var share = 1.0
        var first = -1
        for a in 0..<size where positive || lasso[order[a]] > 0 {
            let value = point[order[a]]
            guard value * (value + step[a]) < 0, -value / step[a] < share else { continue }
            share = -value / step[a]
            first = a
        }
        for a in 0..<size {
            let i = order[a]
            let new = a == first ? 0 : point[i] + share * step[a]
            guard new.isFinite else { continue }
            kernels.f64.axpy(count, point[i] - new, column(i), slope)
            point[i] = new
        }
    }
}
