import TalwegKernels

/// The normal equations of the centred, weighted rows, from one pass over the data: A' A (its upper triangle), A' y
/// and the squares of y.
///
/// The mean is not known before the pass. Columns are shifted by that of a few rows, and what the mean differs from
/// it is taken off the sums: with u = sum w (x - s) and W = sum w, A' A = sum w (x - s)(x - s)' - u u' / W, which
/// loses no digit that matters while |u / W| is below the standard deviation (Chan, Golub and LeVeque, "Algorithms
/// for computing the sample variance", Am. Stat. 37, 1983).
final class CentredGram {
    /// [p, p]
    let matrix: ColumnMajor
    /// [p, k]
    let products: ColumnMajor
    /// [k]
    let total: UnsafeMutablePointer<Double>
    /// What the rows were shifted by, and the mean less that, [p + k].
    let shift: UnsafeMutablePointer<Double>
    let offset: UnsafeMutablePointer<Double>
    /// The shifted rows, where one block holds all.
    let block: UnsafeMutablePointer<Double>?
    /// Whether a shift was too far from its mean, or a number too large or too small for its square.
    private(set) var isPoor = false
    private let space: Workspace

    private static let sampleRows = 32

    /// - Parameter measured: whether the problem knows its scales and means, which are the shifts then
    init(_ problem: LinearProblem, measured: Bool) throws(TalwegError) {
        let p = problem.p, k = problem.k, width = problem.width
        let m = p + (problem.intercept ? 1 : 0)
        let (square, over) = max(m, 1).multipliedReportingOverflow(by: m + k)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        let perChunk = try slabBytes(square, k)
        let chunks = problem.chunks
        let keeps = chunks == 1 && problem.n <= problem.blockRows
        let area = try ShiftedRows.area(problem)
        space = try Workspace(
            byteCount: try slabBytes(width, width, CentredGram.sampleRows, keeps ? area : 0)
                + slabBytes(square, k, times: chunks))
        var slab = Slab(space.pointer)
        shift = slab.doubles(width)
        offset = slab.doubles(width)
        let sampled = slab.doubles(CentredGram.sampleRows)
        block = keeps ? slab.doubles(area) : nil
        let memory = slab.rest
        if measured {
            shift.update(from: problem.mean, count: width)
        } else {
            CentredGram.sample(problem, shift, sampled)
        }

        let rows = ShiftedRows(problem, shift: shift)
        let room = try slabBytes(keeps ? 0 : area, rows.rows), block = block
        try runTasks(chunks, workspaceBytes: room) { chunk, workspace in
            var result = Slab(memory + chunk * perChunk), slab = Slab(workspace)
            CentredGram.add(
                rows, chunk, sums: result.doubles(square), total: result.doubles(k),
                block: block ?? slab.doubles(area), roots: slab.doubles(rows.rows))
        }
        var first = Slab(memory)
        let sums = first.doubles(square)
        total = first.doubles(k)
        for chunk in 1..<max(chunks, 1) {
            var other = Slab(memory + chunk * perChunk)
            kernels.f64.axpy(square, 1, other.doubles(square), sums)
            kernels.f64.axpy(k, 1, other.doubles(k), total)
        }
        matrix = ColumnMajor(sums, rows: p, columns: p, stride: m)
        products = ColumnMajor(sums + m * m, rows: p, columns: k, stride: m)
        offset.update(repeating: 0, count: width)
        if problem.intercept { centre(problem.sumOfWeights, measured) }
        for j in 0..<p { judge(matrix[j, j]) }
        for t in 0..<k where total[t] != 0 { judge(total[t]) }
    }

    /// One chunk's sums. [m, m + k] column by column, m the features; down to the diagonal, and all of the targets.
    private static func add(
        _ rows: ShiftedRows, _ chunk: Int, sums: UnsafeMutablePointer<Double>, total: UnsafeMutablePointer<Double>,
        block: UnsafeMutablePointer<Double>, roots: UnsafeMutablePointer<Double>
    ) {
        let kernels = Talweg.kernels.f64
        let m = rows.features, columns = rows.columns
        sums.update(repeating: 0, count: m * columns)
        total.update(repeating: 0, count: columns - m)
        rows.problem.forEachBlock(of: chunk) { begin, count in
            rows.load(rows: begin, count, into: block, roots: roots)
            kernels.gram(columns, m, count, block, rows.rowStride, rows.columnStride, sums, m)
            for t in 0..<(columns - m) {
                let y = block + (m + t) * rows.columnStride
                total[t] += kernels.dot(count, y, rows.rowStride, y, rows.rowStride)
            }
        }
    }

    /// The mean of a few rows, evenly spread.
    /// - Parameter rows: room for `sampleRows`
    private static func sample(
        _ problem: LinearProblem, _ shift: UnsafeMutablePointer<Double>, _ rows: UnsafeMutablePointer<Double>
    ) {
        shift.update(repeating: 0, count: problem.width)
        guard problem.intercept else { return }
        let count = min(problem.n, CentredGram.sampleRows), step = problem.n / count
        let x = MatrixSource(problem.x, every: step), y = MatrixSource(problem.y, every: step)
        for j in 0..<problem.width {
            if j < problem.p {
                x.copyColumn(j, 0, count, rows, 1)
            } else {
                y.copyColumn(j - problem.p, 0, count, rows, 1)
            }
            var sums = SIMD4<Double>(), rest = 0.0
            var i = 0
            while i + 4 <= count {
                sums += SIMD4(rows[i], rows[i + 1], rows[i + 2], rows[i + 3])
                i += 4
            }
            for i in i..<count { rest += rows[i] }
            shift[j] = (sums.sum() + rest) / Double(count)
        }
    }

    /// Takes the means' part off the sums.
    private func centre(_ sumOfWeights: Double, _ measured: Bool) {
        let p = matrix.rows, k = products.columns
        let ones = matrix.pointer + p * matrix.stride
        for j in 0..<p { offset[j] = ones[j] / sumOfWeights }
        for j in 0..<p {
            let all = matrix[j, j]
            for i in 0...j { matrix[i, j] -= ones[i] * offset[j] }
            if !(all <= 2 * matrix[j, j]), !measured { isPoor = true }
        }
        for t in 0..<k {
            let sum = products.column(t)[p]
            offset[p + t] = sum / sumOfWeights
            for j in 0..<p { products[j, t] -= offset[j] * sum }
            let all = total[t]
            total[t] = max(0, all - sum * offset[p + t])
            if !(all <= 2 * total[t]), !measured { isPoor = true }
        }
    }

    private func judge(_ square: Double) {
        if !(square > 1e-200 && square < 1e200) { isPoor = true }
    }
}
