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
        var rows = m
        if m >= 2 * LinearModel.chunk, size * 4 <= LinearModel.chunk, size > 0 {
            rows = try reduce(jacobian, r, scale, free)
        } else {
            let kernels = Talweg.kernels.f64
            for (j, parameter) in free.enumerated() {
                kernels.scale(m, 1 / scale[parameter], jacobian.column(parameter), factor.column(j))
            }
            q.update(from: r, count: m)
        }
        let qr = try PivotedQR(
            ColumnMajor(factor.pointer, rows: rows, columns: size, stride: m), ColumnMajor(q, rows: rows, columns: 1),
            order: pivots, room: room, tolerance: Double(max(m, size)) * Double.ulpOfOne)
        rank = qr.rank
        for j in 0..<size { order[j] = free[pivots[j]] }
    }

    /// Rows that become a triangle by themselves, and those that it takes in at a time.
    private static let chunk = 4096
    private static let block = 256

    /// Of many rows: the triangles of chunks of them, one below the other, in place of the Jacobian; how many rows
    /// that makes (Demmel et al., "Communication-optimal parallel and sequential QR and LU factorizations", 2012).
    private func reduce(
        _ jacobian: ColumnMajor, _ r: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
        _ free: UnsafeBufferPointer<Int>
    ) throws(TalwegError) -> Int {
        let n = size, width = size + 1, block = LinearModel.block
        let chunks = (m + LinearModel.chunk - 1) / LinearModel.chunk
        let bytes = try StackedQR.bytes(columns: n, width: width, rows: block)
        let (kernels, m, factor, q) = (Talweg.kernels.f64, self.m, self.factor, self.q)
        try runTasks(chunks, workspaceBytes: bytes) { chunk, memory in
            let stack = StackedQR(memory: memory, columns: n, width: width, rows: block)
            let end = min(m, (chunk + 1) * LinearModel.chunk)
            var begin = chunk * LinearModel.chunk
            while begin < end {
                let rows = min(block, end - begin)
                for j in 0..<n {
                    let parameter = free[j]
                    kernels.scale(rows, 1 / scale[parameter], jacobian.column(parameter) + begin, stack.block.column(j))
                }
                stack.block.column(n).update(from: r + begin, count: rows)
                stack.absorb(rows: rows)
                begin += rows
            }
            for j in 0..<n { (factor.column(j) + chunk * n).update(from: stack.r.column(j), count: n) }
            (q + chunk * n).update(from: stack.r.column(n), count: n)
        }
        return chunks * n
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
