import TalwegKernels

/// The residuals near a point, r + J s, of the parameters that may move, in scaled steps w, in the order of the pivots:
/// s[free[order[i]]] = w[i] / D. J D^-1 P = Q R, so that |r + J s| = |R w + q| but for what no step changes.
struct LinearModel {
    /// How many parameters move, and how many of them independently.
    private(set) var size = 0
    private(set) var rank = 0
    /// [m, p]: R in its first rows and columns.
    let factor: ColumnMajor
    /// [m]: Q' r.
    let q: UnsafeMutablePointer<Double>
    /// Which parameter each column of R is.
    let order: UnsafeMutablePointer<Int>
    private let pivots: UnsafeMutablePointer<Int>
    private let room: UnsafeMutablePointer<Double>
    private let m: Int

    static func doubles(_ m: Int, _ p: Int) throws(TalwegError) -> Int {
        let (area, overflow) = m.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        return try slabBytes(area, m, p, p, 3 * p)
    }

    init(_ m: Int, _ p: Int, _ slab: inout Slab) {
        self.m = m
        factor = ColumnMajor(slab.doubles(m * p), rows: m, columns: p)
        q = slab.doubles(m)
        order = slab.integers(p)
        pivots = slab.integers(p)
        room = slab.doubles(3 * p)
    }

    /// - Parameters:
    ///   - jacobian: [m, p]
    ///   - scale: D [p], above 0
    ///   - free: the parameters that may move
    mutating func factorise(
        _ jacobian: ColumnMajor, _ r: UnsafePointer<Double>, scale: UnsafePointer<Double>,
        free: UnsafeBufferPointer<Int>
    ) throws(TalwegError) {
        size = free.count
        let kernels = Talweg.kernels.f64
        for (j, parameter) in free.enumerated() {
            kernels.scale(m, 1 / scale[parameter], jacobian.column(parameter), factor.column(j))
        }
        q.update(from: r, count: m)
        let qr = try PivotedQR(
            ColumnMajor(factor.pointer, rows: m, columns: size), ColumnMajor(q, rows: m, columns: 1), order: pivots,
            room: room, tolerance: Double(max(m, size)) * Double.ulpOfOne)
        rank = qr.rank
        for j in 0..<size { order[j] = free[pivots[j]] }
    }

    /// u = R w, of `rank` numbers.
    func multiply(_ w: UnsafePointer<Double>, _ u: UnsafeMutablePointer<Double>) {
        u.update(repeating: 0, count: rank)
        for j in 0..<size {
            let column = factor.column(j), value = w[j]
            for i in 0..<min(j + 1, rank) { u[i] += column[i] * value }
        }
    }

    /// g = R' u, u of `rank` numbers.
    func multiplyTransposed(_ u: UnsafePointer<Double>, _ g: UnsafeMutablePointer<Double>) {
        for j in 0..<size {
            let column = factor.column(j)
            var sum = 0.0
            for i in 0..<min(j + 1, rank) { sum += column[i] * u[i] }
            g[j] = sum
        }
    }

    /// The Gauss-Newton step; of dependent columns the last ones stay.
    func gaussNewton(_ w: UnsafeMutablePointer<Double>) {
        for j in 0..<size { w[j] = j < rank ? -q[j] : 0 }
        UpperTriangle(factor, size: rank).solve(w)
    }

    /// |Q' r|: what the model can take away.
    var decrement: Double { MatrixKernels<Double>().norm(rank, q) }

    /// The largest cosine between r and a column of J.
    func cosine(_ residualNorm: Double) -> Double {
        if residualNorm == 0 { return 0 }
        var largest = 0.0
        for j in 0..<size {
            let column = factor.column(j), rows = min(j + 1, rank)
            var sum = 0.0, squares = 0.0
            for i in 0..<rows {
                sum += column[i] * q[i]
                squares += column[i] * column[i]
            }
            if squares > 0 { largest = max(largest, sum.magnitude / squares.squareRoot() / residualNorm) }
        }
        return largest
    }
}
