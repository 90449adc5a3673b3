import TalwegKernels

/// Rows of a linear problem, some at a time, as a block that stays in cache: [X | 1 | Y], each column times its scale
/// and less its shift, each row times the square root of its weight, the column of ones there if an intercept is
/// fitted. X keeps the order of its elements, by rows or by columns, so that it is read as it lies.
struct ShiftedRows {
    let problem: LinearProblem
    /// What is subtracted from the scaled columns of X and Y, [p + k].
    let shift: UnsafePointer<Double>
    /// Columns of X, and the ones.
    let features: Int
    let columns: Int
    let rows: Int
    let rowStride: Int
    let columnStride: Int
    private let plain: Bool
    private let unscaled: Bool

    init(_ problem: LinearProblem, shift: UnsafePointer<Double>) {
        self.problem = problem
        self.shift = shift
        features = problem.p + (problem.intercept ? 1 : 0)
        columns = features + problem.k
        rows = problem.blockRows
        let strides = problem.x.strides
        let byRows = problem.p > 1 && strides[1].magnitude < strides[0].magnitude
        (rowStride, columnStride) = byRows ? (columns, 1) : (1, StackedQR.stride(rows: rows))
        plain = byRows && strides[1] == 1 && problem.x.dtype == .float64
        unscaled = (0..<problem.width).allSatisfy { problem.scale[$0] == 1 }
    }

    /// Doubles that a block takes.
    func area() throws(TalwegError) -> Int {
        let (area, overflow) = max(rows, StackedQR.stride(rows: rows)).multipliedReportingOverflow(by: columns)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        return area
    }

    /// - Parameter roots: room for a block's rows
    func load(rows begin: Int, _ count: Int, into block: UnsafeMutablePointer<Double>, roots: UnsafeMutablePointer<Double>)
    {
        let p = problem.p
        if plain {
            loadPlain(begin, count, block)
        } else if columnStride == 1 {
            for i in 0..<count {
                let row = block + i * rowStride
                copy(begin + i, 0, alongRow: true, p, row)
                for j in 0..<p { row[j] = row[j] * problem.scale[j] - shift[j] }
            }
        } else {
            for j in 0..<p {
                let column = block + j * columnStride, factor = problem.scale[j], shift = shift[j]
                copy(begin, j, alongRow: false, count, column)
                for i in 0..<count { column[i] = column[i] * factor - shift }
            }
        }
        for t in 0..<problem.k { loadTarget(t, begin, count, block + (features + t) * columnStride) }
        if problem.intercept {
            let ones = block + p * columnStride
            for i in 0..<count { ones[i * rowStride] = 1 }
        }
        guard let weights = problem.weights else { return }
        for i in 0..<count { roots[i] = weights[begin + i].squareRoot() }
        if columnStride == 1 {
            for i in 0..<count {
                let row = block + i * rowStride
                for j in 0..<columns { row[j] *= roots[i] }
            }
        } else {
            for j in 0..<columns {
                let column = block + j * columnStride
                for i in 0..<count { column[i] *= roots[i] }
            }
        }
    }

    /// Rows of X as most have it: float64, a row's elements side by side.
    private func loadPlain(_ begin: Int, _ count: Int, _ block: UnsafeMutablePointer<Double>) {
        let p = problem.p, stride = problem.x.strides[0]
        let source = problem.x.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<count {
            let from = source + (begin + i) * stride, to = block + i * rowStride
            if unscaled {
                for j in 0..<p { to[j] = from[j] - shift[j] }
            } else {
                for j in 0..<p { to[j] = from[j] * problem.scale[j] - shift[j] }
            }
        }
    }

    private func loadTarget(_ t: Int, _ begin: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>) {
        let y = problem.y, factor = problem.scale[problem.p + t], shift = shift[problem.p + t]
        let first = begin * y.strides[0] + t * y.strides[1]
        if y.dtype == .float64 {
            let source = y.pointer.assumingMemoryBound(to: Double.self) + first
            for i in 0..<count { out[i * rowStride] = source[i * y.strides[0]] * factor - shift }
        } else {
            kernels.cast(from: y.dtype, to: .float64)(
                count, y.pointer + first * y.dtype.itemSize, y.strides[0], out, rowStride)
            for i in 0..<count { out[i * rowStride] = out[i * rowStride] * factor - shift }
        }
    }

    /// Copies elements of a row of X or of a column, converted.
    private func copy(
        _ row: Int, _ column: Int, alongRow: Bool, _ count: Int, _ out: UnsafeMutablePointer<Double>
    ) {
        let x = problem.x
        let first = row * x.strides[0] + column * x.strides[1]
        kernels.cast(from: x.dtype, to: .float64)(
            count, x.pointer + first * x.dtype.itemSize, x.strides[alongRow ? 1 : 0], out, 1)
    }
}
