import TalwegKernels

/// Which part of a square matrix is read.
enum Triangle {
    case lower, upper
}

extension FloatKernels {
    /// X = T^-1 X for a triangular T, of which the other triangle is not read, nor the diagonal if it counts as
    /// ones. By halves down to panels, as in `choleskyFactor`. X T^-1 is the same of the transposed blocks.
    func solveTriangular(_ t: MatrixBlock, _ triangle: Triangle, unit: Bool = false, _ x: MatrixBlock)
        throws(TalwegError)
    {
        let n = t.rows
        if n == 0 || x.columns == 0 { return }
        guard n > solveLeaf else { return try solvePanel(t, triangle, unit, x) }
        let half = (n / 2 + solveLeaf - 1) / solveLeaf * solveLeaf
        let rest = n - half
        let first = x.block(0, half, 0, x.columns), second = x.block(half, rest, 0, x.columns)
        let t1 = t.block(0, half, 0, half), t2 = t.block(half, rest, half, rest)
        switch triangle {
        case .lower:
            try solveTriangular(t1, .lower, unit: unit, first)
            try multiply(t.block(half, rest, 0, half), first, alpha: -1, adding: 1, to: second)
            try solveTriangular(t2, .lower, unit: unit, second)
        case .upper:
            try solveTriangular(t2, .upper, unit: unit, second)
            try multiply(t.block(0, half, half, rest), second, alpha: -1, adding: 1, to: first)
            try solveTriangular(t1, .upper, unit: unit, first)
        }
    }

    /// Some columns of X at a time, which threads share.
    private func solvePanel(_ t: MatrixBlock, _ triangle: Triangle, _ unit: Bool, _ x: MatrixBlock)
        throws(TalwegError)
    {
        let n = t.rows
        // An upper triangle from its last row on is a lower one.
        let t = triangle == .lower ? t : t.reversedRows.transposed.reversedRows.transposed
        let x = triangle == .lower ? x : x.reversedRows
        let width = FactorKernels.lineBytes / itemSize * 8
        let chunks = (x.columns - 1) / width + 1
        // Rows that are not contiguous are gathered first.
        let gathers = x.columnStride != 1
        let lines = n * FactorKernels.lineBytes
        let each = gathers ? lines + n * min(width, panelWidth(x.columns)) * itemSize : lines
        let (bytes, overflow) = each.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let workspace = try Workspace(byteCount: bytes)
        let room = workspace.pointer
        func solve(_ chunk: Int) {
            let lineRoom = room + chunk * each
            let part = x.block(0, n, chunk * width, min(width, x.columns - chunk * width))
            var target = part
            if gathers {
                target = MatrixBlock(
                    lineRoom + lines, rows: n, columns: part.columns, rowStride: panelWidth(part.columns),
                    itemSize: itemSize)
                target.copy(part)
            }
            factors.solve(
                n, part.columns, t.pointer, t.rowStride, t.columnStride, unit, target.pointer, target.rowStride,
                lineRoom)
            if gathers { part.copy(target) }
        }
        if n < 16 {
            for chunk in 0..<chunks { solve(chunk) }
        } else {
            ThreadPool.run(chunks: chunks, solve)
        }
    }

    /// X = L^-1 for L unit lower triangular; X holds zeros.
    func invertUnitLower(_ l: MatrixBlock, to x: MatrixBlock) throws(TalwegError) {
        let n = l.rows
        guard n > solveLeaf else {
            x.fillDiagonal(1)
            return try solveTriangular(l, .lower, unit: true, x)
        }
        let half = (n / 2 + solveLeaf - 1) / solveLeaf * solveLeaf
        let rest = n - half
        let l2 = l.block(half, rest, half, rest), x1 = x.block(0, half, 0, half)
        let corner = x.block(half, rest, 0, half)
        try invertUnitLower(l.block(0, half, 0, half), to: x1)
        try multiply(l.block(half, rest, 0, half), x1, alpha: -1, adding: 0, to: corner)
        try solveTriangular(l2, .lower, unit: true, corner)
        try invertUnitLower(l2, to: x.block(half, rest, half, rest))
    }
}

private let solveLeaf = 64

/// X = T^-1 B for stacks of triangular matrices T [.., n, n] and matrices B [.., n, k] that broadcast.
func solvedTriangular(_ t: View, _ triangle: Triangle, unit: Bool, _ b: View) throws(TalwegError) -> View {
    let name = "solve_triangular"
    let kernels = try t.requireMatrices(name, square: true)
    let (batch, x) = try rightSides(t, b, name)
    if x.count == 0 { return x }
    let (n, k) = (x.matrixRows, x.matrixColumns)
    try forEachMatrix(batch.count, work: n * n * k / 2) { index throws(TalwegError) in
        let triangular = MatrixBlock(of: t, at: batch.offsets(index).0)
        if !unit, let place = triangular.firstZeroOfDiagonal {
            throw .numeric("\(name): the matrix is singular: element \(place) of the diagonal is 0")
        }
        try kernels.solveTriangular(triangular, triangle, unit: unit, MatrixBlock(x, index))
    }
    return x
}

/// How stacks of square matrices A and of right sides B go together, and a copy of B for the result.
func rightSides(_ a: View, _ b: View, _ name: String) throws(TalwegError) -> (MatrixBatch, View) {
    guard a.dtype == b.dtype else { throw .dtype("\(name): \(a.dtype.name) and \(b.dtype.name)") }
    guard b.rank >= 2, b.matrixRows == a.matrixRows else {
        throw .shape("\(name): \(a.shape) and right side \(b.shape): \(a.matrixRows) rows are needed")
    }
    let batch = try MatrixBatch(a, b, name)
    var sizes = batch.sizes
    sizes[batch.rank] = b.matrixRows
    sizes[batch.rank + 1] = b.matrixColumns
    let x = try View(uninitialized: Shape(sizes: sizes, rank: batch.rank + 2, for: name), b.dtype)
    if x.count > 0 { x.assign(b.with(shape: x.shape, strides: b.strides(broadcastTo: x.shape))) }
    return (batch, x)
}

extension MatrixBlock {
    var firstZeroOfDiagonal: Int? {
        for i in 0..<min(rows, columns) where self[i, i] == 0 { return i }
        return nil
    }
}
