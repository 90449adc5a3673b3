import TalwegKernels

extension FloatKernels {
    /// A = U' U with U upper triangular, in place of A's upper triangle; what is below it is lost. By halves down to
    /// panels, so that nearly all of it is large multiplies (Gustavson, "Recursion leads to automatic variable
    /// blocking for dense linear-algebra algorithms", IBM J. Res. Dev. 41, 1997). Of A's lower triangle, A = L L' with
    /// L = U': give the transposed block.
    /// - Parameter tolerance: what a pivot must exceed
    /// - Returns: the first column whose pivot does not, or nil.
    func choleskyFactor(_ a: MatrixBlock, tolerance: Double = 0) throws(TalwegError) -> Int? {
        let n = a.rows
        if n == 0 { return nil }
        let width = panelWidth(min(n, choleskyLeaf))
        let workspace = try Workspace(byteCount: width * min(n, choleskyLeaf) * itemSize)
        return try choleskyFactor(a, tolerance, workspace.pointer)
    }

    private func choleskyFactor(_ a: MatrixBlock, _ tolerance: Double, _ room: UnsafeMutableRawPointer)
        throws(TalwegError) -> Int?
    {
        let n = a.rows
        guard n > choleskyLeaf else { return choleskyPanel(a, tolerance, room) }
        let half = (n / 2 + choleskyLeaf - 1) / choleskyLeaf * choleskyLeaf
        let rest = n - half
        let first = a.block(0, half, 0, half), second = a.block(half, rest, half, rest)
        if let column = try choleskyFactor(first, tolerance, room) { return column }
        let beside = a.block(0, half, half, rest)
        try solveTriangular(first.transposed, .lower, beside)
        try subtractSquare(beside, from: second)
        return try choleskyFactor(second, tolerance, room).map { half + $0 }
    }

    private func choleskyPanel(_ a: MatrixBlock, _ tolerance: Double, _ room: UnsafeMutableRawPointer) -> Int? {
        let n = a.rows
        let width = panelWidth(n)
        let panel = MatrixBlock(room, rows: n, columns: width, rowStride: width, itemSize: itemSize)
        panel.fill(0)
        for i in 0..<n { panel.block(i, 1, i, n - i).copy(a.block(i, 1, i, n - i)) }
        let column = factors.cholesky(n, room, width, tolerance)
        for i in 0..<n { a.block(i, 1, i, n - i).copy(panel.block(i, 1, i, n - i)) }
        return column < n ? column : nil
    }

    /// C - U' U, at and above the diagonal.
    func subtractSquare(_ u: MatrixBlock, from c: MatrixBlock) throws(TalwegError) {
        let n = c.rows
        guard n > squareLeaf else { return try multiply(u.transposed, u, alpha: -1, adding: 1, to: c) }
        let half = (n / 2 + 15) / 16 * 16
        let first = u.block(0, u.rows, 0, half), second = u.block(0, u.rows, half, n - half)
        try subtractSquare(first, from: c.block(0, half, 0, half))
        try multiply(first.transposed, second, alpha: -1, adding: 1, to: c.block(0, half, half, n - half))
        try subtractSquare(second, from: c.block(half, n - half, half, n - half))
    }
}

private let choleskyLeaf = 64
/// Up to this size both triangles are computed.
private let squareLeaf = 96

/// The factors U with A = U' U (`upper`), or L with A = L L', of a stack of matrices, of which only that triangle
/// is read.
func choleskyFactors(_ a: View, upper: Bool) throws(TalwegError) -> View {
    let kernels = try a.requireMatrices("cholesky", square: true)
    let y = try a.copy()
    let n = y.matrixRows
    if y.count == 0 { return y }
    try forEachMatrix(y.matrixCount, work: n * n * n / 3) { index throws(TalwegError) in
        let block = MatrixBlock(y, index)
        if let column = try kernels.choleskyFactor(upper ? block : block.transposed) {
            let which = y.rank > 2 ? "matrix \(index)" : "the matrix"
            throw .numeric("cholesky: \(which) is not positive definite: pivot \(column) of \(n) is not positive")
        }
        if upper { block.clearBelowDiagonal() } else { block.clearAboveDiagonal() }
    }
    return y
}
