import TalwegKernels

/// The step d of some variables that minimises |r - M d| with C d = e, and of those the shortest: the null-space
/// method (Bjorck, Numerical Methods for Least Squares Problems, 1996, 5.1.3). With C' P = Q [R; 0] the step is
/// Q [u; v], R' u = P' e, and v the least-squares solution of what M Q leaves to it.
final class EqualityStep {
    private let m: Int
    private let q: Int
    /// [p, q], [p, m], [m, p] and, for the shortest solution, [p, min(m, p)].
    private let constraints, turned, rest, basis: ColumnMajor
    private let order, restOrder, basisOrder: UnsafeMutablePointer<Int>
    private let room, restRoom, basisRoom: UnsafeMutablePointer<Double>
    private let target, work, long: UnsafeMutablePointer<Double>
    let step: UnsafeMutablePointer<Double>
    /// Of the equalities, C d = e, [q], and of the whole.
    let multipliers: UnsafeMutablePointer<Double>
    private(set) var constraintRank = 0
    private(set) var rank = 0
    /// The largest |C d - e| of the equalities that depend on others, as a share of the numbers in it.
    private(set) var inconsistency = 0.0
    private let vectors = MatrixKernels<Double>()
    private let space: Storage

    init(rows m: Int, columns p: Int, equalities q: Int) throws(TalwegError) {
        (self.m, self.q) = (m, q)
        let (first, over) = p.multipliedReportingOverflow(by: q)
        let (area, overflow) = p.multipliedReportingOverflow(by: m)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let short = min(m, p)
        space = try Storage(
            byteCount: slabBytes(first, area, area, p * short, q, p, short, 3 * q, 3 * p, 3 * short)
                + slabBytes(m, max(m, p, q), p, p, q))
        var slab = Slab(space.pointer)
        constraints = ColumnMajor(slab.doubles(first), rows: p, columns: q)
        turned = ColumnMajor(slab.doubles(area), rows: p, columns: m)
        rest = ColumnMajor(slab.doubles(area), rows: m, columns: p)
        basis = ColumnMajor(slab.doubles(p * short), rows: p, columns: short)
        order = slab.integers(q)
        restOrder = slab.integers(p)
        basisOrder = slab.integers(short)
        room = slab.doubles(3 * q)
        restRoom = slab.doubles(3 * p)
        basisRoom = slab.doubles(3 * short)
        target = slab.doubles(m)
        work = slab.doubles(max(m, p, q))
        long = slab.doubles(p)
        step = slab.doubles(p)
        multipliers = slab.doubles(q)
    }

    /// - Parameters:
    ///   - columns: which of M's and C's columns, `count` of them
    ///   - residual: r [m]
    ///   - values: e [q]
    func solve(
        _ matrix: ColumnMajor, _ equalities: ColumnMajor, columns: UnsafePointer<Int>, count: Int,
        residual: UnsafePointer<Double>, values: UnsafePointer<Double>
    ) throws(TalwegError) {
        let c = ColumnMajor(constraints.pointer, rows: count, columns: q, stride: max(constraints.rows, 1))
        let mq = ColumnMajor(turned.pointer, rows: count, columns: m, stride: max(turned.rows, 1))
        var size = 0.0
        for i in 0..<count {
            let j = columns[i]
            size = max(size, vectors.norm(m, matrix.column(j)))
            for row in 0..<q { c[i, row] = equalities[row, j] }
            for row in 0..<m { mq[i, row] = matrix[row, j] }
        }
        let tolerance = 10 * Double(max(count, q)) * .ulpOfOne
        let qr = try PivotedQR(c, mq, order: order, room: room, tolerance: tolerance)
        let fixed = qr.rank
        constraintRank = fixed
        // u
        for i in 0..<fixed { work[i] = values[order[i]] }
        let triangle = UpperTriangle(c, size: fixed)
        triangle.solveTransposed(work)
        inconsistency = 0
        for i in fixed..<max(q, fixed) {
            let value = vectors.dot(fixed, c.column(i), work), wanted = values[order[i]]
            let size = max(vectors.norm(fixed, work), wanted.magnitude)
            let off = (value - wanted).magnitude
            if off > 0 { inconsistency = max(inconsistency, off / size) }
        }
        // v
        let left = count - fixed
        let mz = ColumnMajor(rest.pointer, rows: m, columns: left)
        for row in 0..<m {
            let source = mq.column(row)
            target[row] = residual[row] - vectors.dot(fixed, source, work)
            for i in 0..<left { mz[row, i] = source[fixed + i] }
        }
        long.update(from: work, count: fixed)
        let solution = long + fixed
        try shortest(mz, size, solution)
        qr.applyQ(long)
        step.update(from: long, count: count)
    }

    /// v of least |v| among those that minimise |target - A v|; A and the target are overwritten.
    /// - Parameter size: the largest norm of M's columns, beside which what is left of them may be rounding
    private func shortest(_ a: ColumnMajor, _ size: Double, _ v: UnsafeMutablePointer<Double>) throws(TalwegError) {
        let n = a.columns
        rank = 0
        v.update(repeating: 0, count: n)
        var largest = 0.0
        for j in 0..<n { largest = max(largest, vectors.norm(m, a.column(j))) }
        let rounding = 10 * Double(max(m, n)) * .ulpOfOne * size
        guard largest > rounding else { return }
        let b = ColumnMajor(target, rows: m, columns: 1)
        let qr = try PivotedQR(
            a, b, order: restOrder, room: restRoom,
            tolerance: max(Double(max(m, n)) * .ulpOfOne, rounding / largest / 10))
        let r = qr.rank
        rank = r
        if r == n {
            UpperTriangle(a, size: r).solve(target)
            for i in 0..<n { v[restOrder[i]] = target[i] }
            return
        }
        // R' = Z U: v = Z U'^-1 of the target.
        let z = ColumnMajor(basis.pointer, rows: n, columns: r)
        for i in 0..<r {
            let column = z.column(i)
            for j in 0..<n { column[j] = j < i ? 0 : a[i, j] }
        }
        let none = ColumnMajor(z.pointer, rows: n, columns: 0)
        let rows = try PivotedQR(z, none, order: basisOrder, room: basisRoom, tolerance: 0, pivoting: false)
        guard rows.rank == r else { throw .numeric("constrained: the scales of X's columns differ too much") }
        UpperTriangle(z, size: r).solveTransposed(target)
        work.update(repeating: 0, count: n)
        work.update(from: target, count: r)
        rows.applyQ(work)
        for j in 0..<n { v[restOrder[j]] = work[j] }
    }

    /// The multipliers of the last step's equalities: the least-squares solution of C' l = -g over its variables;
    /// 0 of those that depend on others.
    func setMultipliers(_ gradient: UnsafePointer<Double>, columns: UnsafePointer<Int>, count: Int) {
        let c = ColumnMajor(constraints.pointer, rows: count, columns: q, stride: max(constraints.rows, 1))
        multipliers.update(repeating: 0, count: q)
        for i in 0..<count { long[i] = -gradient[columns[i]] }
        // Q' of it, by the reflectors that the factorisation left.
        for i in 0..<constraintRank {
            let v = c.column(i) + (i + 1), length = count - i - 1
            let share = room[i] * (long[i] + vectors.dot(length, v, long + (i + 1)))
            long[i] -= share
            vectors.axpy(length, -share, v, long + (i + 1))
        }
        UpperTriangle(c, size: constraintRank).solve(long)
        for i in 0..<constraintRank { multipliers[order[i]] = long[i] }
    }
}
