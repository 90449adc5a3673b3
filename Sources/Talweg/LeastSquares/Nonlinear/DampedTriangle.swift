/// S upper triangular with S' S = R' R + lambda, and the step w of least |R w + q|^2 + lambda |w|^2, by rotations of
/// the rows sqrt(lambda) I into R (More, "The Levenberg-Marquardt algorithm: implementation and theory", 1978).
struct DampedTriangle {
    /// [p, p], row-major.
    private let s: UnsafeMutablePointer<Double>
    private let row: UnsafeMutablePointer<Double>
    private let stride: Int

    static func doubles(_ p: Int) throws(TalwegError) -> Int {
        let (area, overflow) = p.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        return try slabBytes(area, p)
    }

    init(_ p: Int, _ slab: inout Slab) {
        stride = p
        s = slab.doubles(p * p)
        row = slab.doubles(p)
    }

    /// From this size on by Cholesky, where large products do most of the work; below it by rotations, which keep twice
    /// as many digits of small parameters.
    private static let large = 160

    /// - Parameter lambda: above 0
    func solve(_ model: LinearModel, _ lambda: Double, _ w: UnsafeMutablePointer<Double>) {
        let n = model.size
        if n >= DampedTriangle.large, solveByProducts(model, lambda, w) { return }
        for i in 0..<n {
            let own = s + i * stride
            for j in i..<n { own[j] = i < model.rank ? model.factor[i, j] : 0 }
            w[i] = i < model.rank ? -model.q[i] : 0
        }
        let root = lambda.squareRoot()
        for k in 0..<n {
            for j in k..<n { row[j] = 0 }
            row[k] = root
            var rest = 0.0
            for i in k..<n where row[i] != 0 {
                let own = s + i * stride
                let (turn, length) = PlaneRotation.eliminating(own[i], row[i])
                own[i] = length
                for j in (i + 1)..<max(n, i + 1) {
                    let (a, b) = (own[j], row[j])
                    own[j] = turn.c * a + turn.s * b
                    row[j] = turn.c * b - turn.s * a
                }
                let (a, b) = (w[i], rest)
                w[i] = turn.c * a + turn.s * b
                rest = turn.c * b - turn.s * a
            }
        }
        solveUpper(n, w)
    }

    /// S as the Cholesky factor of R' R + lambda; false, with nothing of use written, where that is no longer positive
    /// definite in rounding, or there is no memory for it.
    private func solveByProducts(_ model: LinearModel, _ lambda: Double, _ w: UnsafeMutablePointer<Double>) -> Bool {
        let (n, rank, size) = (model.size, model.rank, MemoryLayout<Double>.size)
        let (area, overflow) = max(rank, 1).multipliedReportingOverflow(by: n * size)
        guard !overflow, let space = try? Storage(byteCount: area) else { return false }
        let r = space.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<rank {
            for j in 0..<i { r[i * n + j] = 0 }
            for j in i..<n { r[i * n + j] = model.factor[i, j] }
        }
        let rows = MatrixBlock(space.pointer, rows: rank, columns: n, rowStride: n, itemSize: size)
        let square = MatrixBlock(UnsafeMutableRawPointer(s), rows: n, columns: n, rowStride: stride, itemSize: size)
        let kernels = Talweg.kernels.f64
        do throws(TalwegError) {
            try kernels.multiply(rows.transposed, rows, alpha: 1, adding: 0, to: square)
            for j in 0..<n { s[j * stride + j] += lambda }
            guard try kernels.choleskyFactor(square) == nil else { return false }
        } catch {
            return false
        }
        for j in 0..<n { w[j] = 0 }
        for i in 0..<rank {
            let (row, q) = (r + i * n, model.q[i])
            for j in i..<n { w[j] -= row[j] * q }
        }
        solveTransposed(n, w)
        solveUpper(n, w)
        return true
    }

    /// x = S^-1 x
    func solveUpper(_ n: Int, _ x: UnsafeMutablePointer<Double>) {
        var i = n - 1
        while i >= 0 {
            let own = s + i * stride
            var sum = x[i]
            for j in (i + 1)..<max(n, i + 1) { sum -= own[j] * x[j] }
            x[i] = own[i] == 0 ? 0 : sum / own[i]
            i -= 1
        }
    }

    /// x = S^-T x
    func solveTransposed(_ n: Int, _ x: UnsafeMutablePointer<Double>) {
        for i in 0..<n {
            let own = s + i * stride
            x[i] = own[i] == 0 ? 0 : x[i] / own[i]
            for j in (i + 1)..<max(n, i + 1) { x[j] -= own[j] * x[i] }
        }
    }
}
