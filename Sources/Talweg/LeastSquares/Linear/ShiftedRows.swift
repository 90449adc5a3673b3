import TalwegKernels

/// Rows of a linear problem, some at a time, as a block that stays in cache: [X | 1 | Y], each column times its scale
/// and less its shift, each row times the square root of its weight, the column of ones there if an intercept is
/// fitted. X keeps the order of its elements, by rows or by columns, so that it is read as it lies; but rows of a few
/// elements, shorter than some vectors, become columns.
struct ShiftedRows {
    /// The caller's, for as long as this is used.
    unowned(unsafe) let problem: LinearProblem
    /// What is subtracted from the scaled columns of X and Y, [p + k].
    let shift: UnsafePointer<Double>
    /// Columns of X, and the ones.
    let features: Int
    let columns: Int
    let rows: Int
    let rowStride: Int
    let columnStride: Int
    private let x: MatrixSource
    private let y: MatrixSource
    private let plain: Bool
    private let unscaled: Bool

    init(_ problem: LinearProblem, shift: UnsafePointer<Double>) {
        self.problem = problem
        self.shift = shift
        features = problem.p + (problem.intercept ? 1 : 0)
        columns = features + problem.k
        rows = problem.blockRows
        x = MatrixSource(problem.x)
        y = MatrixSource(problem.y)
        let byRows = problem.p >= 16 && x.columnStride.magnitude < x.rowStride.magnitude
        (rowStride, columnStride) = byRows ? (columns, 1) : (1, StackedQR.stride(rows: rows))
        plain = byRows && x.columnStride == 1 && x.dtype == .float64
        unscaled = (0..<problem.width).allSatisfy { problem.scale[$0] == 1 }
    }

    /// Doubles that a block takes.
    static func area(_ problem: LinearProblem) throws(TalwegError) -> Int {
        let columns = problem.width + (problem.intercept ? 1 : 0)
        let (area, overflow) = StackedQR.stride(rows: problem.blockRows).multipliedReportingOverflow(by: columns)
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
                x.copyRow(begin + i, p, row)
                for j in 0..<p { row[j] = row[j] * problem.scale[j] - shift[j] }
            }
        } else {
            for j in 0..<p {
                x.copyColumn(j, begin, count, block + j * columnStride, 1, times: problem.scale[j], less: shift[j])
            }
        }
        for t in 0..<problem.k {
            y.copyColumn(
                t, begin, count, block + (features + t) * columnStride, rowStride, times: problem.scale[p + t],
                less: shift[p + t])
        }
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
        let p = problem.p, scale = problem.scale
        let source = x.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<count {
            let from = source + (begin + i) * x.rowStride, to = block + i * rowStride
            if unscaled {
                for j in 0..<p { to[j] = from[j] - shift[j] }
            } else {
                for j in 0..<p { to[j] = from[j] * scale[j] - shift[j] }
            }
        }
    }
}

/// Where the elements of a matrix lie, for as long as its owner keeps it.
struct MatrixSource {
    let pointer: UnsafeRawPointer
    let dtype: DType
    let rowStride: Int
    let columnStride: Int

    /// - Parameter step: how many rows there are to one that counts
    init(_ view: View, every step: Int = 1) {
        pointer = UnsafeRawPointer(view.pointer)
        dtype = view.dtype
        (rowStride, columnStride) = (view.strides[0] * step, view.strides[1])
    }

    /// The first elements of a row, converted.
    func copyRow(_ row: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>) {
        kernels.cast(from: dtype, to: .float64)(
            count, pointer + row * rowStride * dtype.itemSize, columnStride, out, 1)
    }

    /// Elements of a column from row `begin` on, converted, times a factor, less a shift.
    func copyColumn(
        _ column: Int, _ begin: Int, _ count: Int, _ out: UnsafeMutablePointer<Double>, _ stride: Int,
        times factor: Double = 1, less shift: Double = 0
    ) {
        let first = begin * rowStride + column * columnStride
        guard dtype == .float64 else {
            kernels.cast(from: dtype, to: .float64)(count, pointer + first * dtype.itemSize, rowStride, out, stride)
            for i in 0..<count { out[i * stride] = out[i * stride] * factor - shift }
            return
        }
        let source = pointer.assumingMemoryBound(to: Double.self) + first
        if rowStride == 1, stride == 1 {
            for i in 0..<count { out[i] = source[i] * factor - shift }
        } else {
            var from = source, to = out
            var i = 0
            if stride == 1 {
                let factors = SIMD2(repeating: factor), shifts = SIMD2(repeating: shift)
                while i + 4 <= count {
                    let first = SIMD2(from[0], from[rowStride]) * factors - shifts
                    from += 2 * rowStride
                    let second = SIMD2(from[0], from[rowStride]) * factors - shifts
                    from += 2 * rowStride
                    (to[0], to[1], to[2], to[3]) = (first[0], first[1], second[0], second[1])
                    to += 4
                    i += 4
                }
            }
            while i < count {
                to.pointee = from.pointee * factor - shift
                from += rowStride
                to += stride
                i += 1
            }
        }
    }
}
