import CIntrinsics
import TalwegKernels

/// A matrix of float32 or float64 elements in someone else's memory. Strides are in elements and may be negative.
struct MatrixBlock {
    let pointer: UnsafeMutableRawPointer
    let rows: Int
    let columns: Int
    let rowStride: Int
    let columnStride: Int
    let itemSize: Int

    init(
        _ pointer: UnsafeMutableRawPointer, rows: Int, columns: Int, rowStride: Int, columnStride: Int = 1,
        itemSize: Int
    ) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.rowStride = rowStride
        self.columnStride = columnStride
        self.itemSize = itemSize
    }

    /// Matrix number `index` of a row-major stack of them.
    init(_ stack: View, _ index: Int) {
        let (rows, columns) = (stack.shape[stack.rank - 2], stack.shape[stack.rank - 1])
        self.init(
            stack.pointer + index * rows * columns * stack.dtype.itemSize, rows: rows, columns: columns,
            rowStride: columns, itemSize: stack.dtype.itemSize)
    }

    init<T: MatrixScalar>(_ columns: Columns<T>) {
        self.init(
            columns.pointer, rows: columns.rows, columns: columns.columns, rowStride: 1, columnStride: columns.stride,
            itemSize: MemoryLayout<T>.size)
    }

    func address(_ row: Int, _ column: Int) -> UnsafeMutableRawPointer {
        pointer + (row * rowStride + column * columnStride) * itemSize
    }

    func block(_ row: Int, _ rows: Int, _ column: Int, _ columns: Int) -> MatrixBlock {
        MatrixBlock(
            address(row, column), rows: rows, columns: columns, rowStride: rowStride, columnStride: columnStride,
            itemSize: itemSize)
    }

    var transposed: MatrixBlock {
        MatrixBlock(
            pointer, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride,
            itemSize: itemSize)
    }

    /// With its rows in the opposite order.
    var reversedRows: MatrixBlock {
        MatrixBlock(
            address(max(rows - 1, 0), 0), rows: rows, columns: columns, rowStride: -rowStride,
            columnStride: columnStride, itemSize: itemSize)
    }

    /// Overwrites the elements with those of a matrix of the same sizes.
    func copy(_ source: MatrixBlock) {
        let kernel = kernels.copy(itemSize: itemSize)
        // Along what is contiguous in one of the two, by the longer runs.
        let byRows = columnStride == 1 && (source.columnStride == 1 || columns >= rows)
            || columnStride != 1 && source.columnStride == 1
        if byRows {
            for i in 0..<rows {
                kernel(columns, source.address(i, 0), source.columnStride, address(i, 0), columnStride)
            }
        } else {
            for j in 0..<columns {
                kernel(rows, source.address(0, j), source.rowStride, address(0, j), rowStride)
            }
        }
    }

    func fill(_ value: Double) {
        var element: UInt64 = 0
        var value = value
        kernels.cast(from: .float64, to: dtype)(1, &value, 1, &element, 1)
        let kernel = kernels.fill(itemSize: itemSize)
        for i in 0..<rows { kernel(columns, &element, address(i, 0), columnStride) }
    }

    /// Zeros below the diagonal, of the columns that there are.
    func clearBelowDiagonal() {
        for i in 1..<max(rows, 1) { block(i, 1, 0, min(i, columns)).fill(0) }
    }

    func fillDiagonal(_ value: Double) { diagonal.fill(value) }

    /// Adds to an element of the diagonal.
    func add(_ value: Double, at place: Int) {
        let element = address(place, place)
        if itemSize == 4 {
            element.assumingMemoryBound(to: Float.self).pointee += Float(value)
        } else {
            element.assumingMemoryBound(to: Double.self).pointee += value
        }
    }

    /// The diagonal as one row.
    var diagonal: MatrixBlock {
        MatrixBlock(
            pointer, rows: 1, columns: min(rows, columns), rowStride: 0, columnStride: rowStride + columnStride,
            itemSize: itemSize)
    }

    var dtype: DType { itemSize == 4 ? .float32 : .float64 }

    /// One element, as double.
    subscript(_ row: Int, _ column: Int) -> Double {
        itemSize == 4
            ? Double(address(row, column).load(as: Float.self)) : address(row, column).load(as: Double.self)
    }
}

extension FloatKernels {
    /// c = alpha a b + beta c; c is not read if beta is 0.
    func multiply(_ a: MatrixBlock, _ b: MatrixBlock, alpha: Double = 1, adding beta: Double, to c: MatrixBlock)
        throws(TalwegError)
    {
        try multiply(
            tk_gemm(
                m: c.rows, n: c.columns, k: a.columns, alpha: alpha, beta: beta,
                a: a.pointer, a_row: a.rowStride, a_column: a.columnStride,
                b: b.pointer, b_row: b.rowStride, b_column: b.columnStride,
                c: c.pointer, c_row: c.rowStride, c_column: c.columnStride, epilogue: nil))
    }

    var itemSize: Int { gemmBlocks.itemSize }

    /// The row length of a panel of so many columns.
    func panelWidth(_ columns: Int) -> Int {
        let line = FactorKernels.lineBytes / itemSize
        return (columns + line - 1) / line * line
    }
}

extension MatrixBlock {
    /// The matrix of the last two axes of a view that begins `offset` elements from the first one.
    init(of view: View, at offset: Int) {
        self.init(
            view.pointer + offset * view.dtype.itemSize, rows: view.matrixRows, columns: view.matrixColumns,
            rowStride: view.strides[view.rank - 2], columnStride: view.strides[view.rank - 1],
            itemSize: view.dtype.itemSize)
    }

    /// Zeros above the diagonal.
    func clearAboveDiagonal() {
        for i in 0..<min(rows, max(columns - 1, 0)) { block(i, 1, i + 1, columns - i - 1).fill(0) }
    }
}
