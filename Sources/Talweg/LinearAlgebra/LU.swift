import TalwegKernels

extension FloatKernels {
    /// P A = L U with partial pivoting, in place, L unit lower triangular: column halves down to panels (Toledo,
    /// "Locality of reference in LU decomposition with partial pivoting", SIAM J. Matrix Anal. Appl. 18, 1997).
    /// Rows of A are contiguous.
    /// - Parameter pivots: min(m, n) numbers: row i was exchanged with row pivots[i], in order.
    /// - Returns: the first column whose pivot is 0, or nil.
    func luFactor(_ a: MatrixBlock, pivots: UnsafeMutablePointer<Int>) throws(TalwegError) -> Int? {
        let (m, n) = (a.rows, a.columns)
        let square = min(m, n)
        if square == 0 { return nil }
        let width = panelWidth(min(square, luLeaf))
        let (area, overflow) = width.multipliedReportingOverflow(by: m)
        guard !overflow, area < 1 << 56 else { throw .outOfMemory(bytes: Int.max) }
        let workspace = try Workspace(byteCount: (area + 2 * m + width) * itemSize)
        let column = try luFactor(a.block(0, m, 0, square), pivots, workspace.pointer)
        if n > m {
            let rest = a.block(0, m, m, n - m)
            exchangeRows(rest, pivots, m)
            try solveTriangular(a.block(0, m, 0, m), .lower, unit: true, rest)
        }
        return column
    }

    /// Of m x n, m >= n.
    private func luFactor(_ a: MatrixBlock, _ pivots: UnsafeMutablePointer<Int>, _ room: UnsafeMutableRawPointer)
        throws(TalwegError) -> Int?
    {
        let (m, n) = (a.rows, a.columns)
        guard n > luLeaf else { return luPanel(a, pivots, room) }
        let half = (n / 2 + luLeaf - 1) / luLeaf * luLeaf
        let rest = n - half
        let first = try luFactor(a.block(0, m, 0, half), pivots, room)
        let right = a.block(0, m, half, rest)
        exchangeRows(right, pivots, half)
        let above = right.block(0, half, 0, rest), below = right.block(half, m - half, 0, rest)
        try solveTriangular(a.block(0, half, 0, half), .lower, unit: true, above)
        try multiply(a.block(half, m - half, 0, half), above, alpha: -1, adding: 1, to: below)
        let second = try luFactor(below, pivots + half, room)
        exchangeRows(a.block(half, m - half, 0, half), pivots + half, rest)
        for i in half..<n { pivots[i] += half }
        return first ?? second.map { half + $0 }
    }

    private func luPanel(_ a: MatrixBlock, _ pivots: UnsafeMutablePointer<Int>, _ room: UnsafeMutableRawPointer)
        -> Int?
    {
        let (m, n) = (a.rows, a.columns)
        let width = panelWidth(n)
        let panel = MatrixBlock(room, rows: m, columns: n, rowStride: width, itemSize: itemSize)
        panel.copy(a)
        if width > n {
            MatrixBlock(
                panel.address(0, n), rows: m, columns: width - n, rowStride: width, itemSize: itemSize
            ).fill(0)
        }
        let column = factors.lu(m, n, room, width, pivots, room + m * width * itemSize)
        a.copy(panel)
        return column < n ? column : nil
    }

    /// Exchanges row i with row pivots[i], for `count` rows in order, or from the last to the first to undo it.
    /// Rows are contiguous.
    func exchangeRows(_ a: MatrixBlock, _ pivots: UnsafePointer<Int>, _ count: Int, undoing: Bool = false) {
        // Of a few columns at a time, so that rows which are exchanged often stay in the cache.
        let width = exchangedBytes / itemSize
        if a.columns == 0 { return }
        func exchange(_ chunk: Int) {
            let part = a.block(0, a.rows, chunk * width, min(width, a.columns - chunk * width))
            let bytes = part.columns * itemSize
            withUnsafeTemporaryAllocation(byteCount: exchangedBytes, alignment: 64) { buffer in
                guard let held = buffer.baseAddress else { return }
                for step in 0..<count {
                    let i = undoing ? count - 1 - step : step
                    if pivots[i] == i { continue }
                    let (x, y) = (part.address(i, 0), part.address(pivots[i], 0))
                    held.copyMemory(from: x, byteCount: bytes)
                    x.copyMemory(from: y, byteCount: bytes)
                    y.copyMemory(from: held, byteCount: bytes)
                }
            }
        }
        let chunks = (a.columns - 1) / width + 1
        if count * a.columns < 4096 {
            for chunk in 0..<chunks { exchange(chunk) }
        } else {
            ThreadPool.run(chunks: chunks, exchange)
        }
    }

    /// X = A^-1 X by the factors of a square A; `transposed`: of A'.
    func luSolve(_ lu: MatrixBlock, _ pivots: UnsafePointer<Int>, transposed: Bool, _ x: MatrixBlock)
        throws(TalwegError)
    {
        if transposed {
            try solveTriangular(lu.transposed, .lower, x)
            try solveTriangular(lu.transposed, .upper, unit: true, x)
            exchangeRows(x, pivots, lu.rows, undoing: true)
        } else {
            exchangeRows(x, pivots, lu.rows)
            try solveTriangular(lu, .lower, unit: true, x)
            try solveTriangular(lu, .upper, x)
        }
    }

    /// X = A^-1 by the factors of a square A, by way of L^-1; X's rows are contiguous.
    func luInverse(_ lu: MatrixBlock, _ pivots: UnsafePointer<Int>, to x: MatrixBlock) throws(TalwegError) {
        let n = lu.rows
        x.fill(0)
        try invertUnitLower(lu, to: x)
        try solveTriangular(lu, .upper, x)
        // A^-1 = U^-1 L^-1 P: the exchanges of rows, as ones of columns, from the last to the first.
        let order = try Workspace(byteCount: max(n, 1) * (MemoryLayout<Int>.size + itemSize))
        let source = order.pointer.assumingMemoryBound(to: Int.self)
        let row = order.pointer + n * MemoryLayout<Int>.size
        for j in 0..<n { source[j] = j }
        var i = n - 1
        while i >= 0 {
            (source[i], source[pivots[i]]) = (source[pivots[i]], source[i])
            i -= 1
        }
        for i in 0..<n {
            let line = x.address(i, 0)
            row.copyMemory(from: line, byteCount: n * itemSize)
            if itemSize == 4 {
                gather(n, source, row.assumingMemoryBound(to: Float.self), line.assumingMemoryBound(to: Float.self))
            } else {
                gather(n, source, row.assumingMemoryBound(to: Double.self), line.assumingMemoryBound(to: Double.self))
            }
        }
    }
}

private func gather<Scalar>(
    _ n: Int, _ places: UnsafePointer<Int>, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>
) {
    for j in 0..<n { y[j] = x[places[j]] }
}

private let luLeaf = 32
private let exchangedBytes = 1024

/// P A = L U of each matrix of a stack: row-major, with L below the diagonal and U on and above it, and the
/// exchanges of rows. A matrix that is not finite has NaN throughout.
struct LUFactors {
    /// [.., m, n]
    let factors: View
    /// int64 [.., min(m, n)]: row i was exchanged with row pivots[i], in order.
    let pivots: View

    init(_ a: View, _ name: String, square: Bool = true) throws(TalwegError) {
        let kernels = try a.requireMatrices(name, square: square)
        let factors = try a.copy()
        let (m, n) = (a.matrixRows, a.matrixColumns)
        let count = min(m, n)
        let pivots = try View(
            uninitialized: Shape(Array(a.shape.dims.dropLast(2)) + [count], for: name), .int64)
        (self.factors, self.pivots) = (factors, pivots)
        if factors.count == 0 { return }
        try forEachMatrix(factors.matrixCount, work: m * n * count) { index throws(TalwegError) in
            let block = MatrixBlock(factors, index)
            let places = pivots.pointer(as: Int.self) + index * count
            guard MatrixScale(block.pointer, m * n, a.dtype).isFinite else {
                block.fill(.nan)
                for i in 0..<count { places[i] = i }
                return
            }
            _ = try kernels.luFactor(block, pivots: places)
        }
    }

    private var kernels: FloatKernels { factors.dtype == .float32 ? Talweg.kernels.f32 : Talweg.kernels.f64 }

    private func pivots(_ index: Int) -> UnsafeMutablePointer<Int> {
        pivots.pointer(as: Int.self) + index * pivots.shape[pivots.rank - 1]
    }

    private func requireRegular(_ block: MatrixBlock, _ index: Int, _ name: String) throws(TalwegError) {
        guard let place = block.firstZeroOfDiagonal else { return }
        let which = factors.rank > 2 ? "matrix \(index)" : "the matrix"
        throw .numeric("\(name): \(which) is singular: pivot \(place) of \(block.rows) is 0")
    }

    /// A^-1 B, or A'^-1 B, for right sides [.., n, k] that broadcast with A.
    func solve(_ b: View, transposed: Bool) throws(TalwegError) -> View {
        let (batch, x) = try rightSides(factors, b, "solve")
        let (n, k) = (x.matrixRows, x.matrixColumns)
        if n == 0 || batch.count == 0 { return x }
        try forEachMatrix(batch.count, work: n * n * k) { index throws(TalwegError) in
            let place = batch.offsets(index).0 / (n * n)
            let block = MatrixBlock(factors, place)
            try requireRegular(block, place, "solve")
            try kernels.luSolve(block, pivots(place), transposed: transposed, MatrixBlock(x, index))
        }
        return x
    }

    /// A^-1.
    func inverse() throws(TalwegError) -> View {
        let x = try View(uninitialized: factors.shape, factors.dtype)
        if x.count == 0 { return x }
        let n = x.matrixRows
        try forEachMatrix(x.matrixCount, work: n * n * n) { index throws(TalwegError) in
            let block = MatrixBlock(factors, index)
            try requireRegular(block, index, "inv")
            try kernels.luInverse(block, pivots(index), to: MatrixBlock(x, index))
        }
        return x
    }

    /// The determinants' signs (-1, 0, 1 or NaN), and of their magnitudes m 2^e with m from 1/2 to 1.
    func forEachDeterminant(_ body: (Int, _ sign: Double, _ mantissa: Double, _ exponent: Int) -> Void) {
        let n = factors.matrixRows
        for index in 0..<factors.matrixCount {
            let block = MatrixBlock(factors, index)
            var (sign, mantissa, exponent) = (1.0, 0.5, 1)
            for i in 0..<n {
                let pivot = block[i, i]
                if pivots(index)[i] != i { sign = -sign }
                if pivot < 0 { sign = -sign }
                mantissa *= pivot.magnitude
                guard mantissa > 0, mantissa.isFinite else {
                    // NaN, an infinity of an overflow, or 0.
                    sign = mantissa == 0 ? 0 : mantissa.isNaN ? .nan : sign
                    break
                }
                let shift = Int(mantissa.exponent) + 1
                mantissa = Double(sign: .plus, exponent: -1, significand: mantissa.significand)
                exponent += shift
            }
            body(index, sign, mantissa, exponent)
        }
    }
}
