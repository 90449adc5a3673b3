import TalwegKernels

/// A penalised problem in the units in which it is solved:
///
///     min 1/2 |z - A b|^2 + l (a |b|_1 + (1 - a) / 2 |b|^2)
///
/// where A's columns are X's, centred, perhaps divided by their standard deviations, and rows are multiplied by the
/// roots of their weights' shares, so that squares are means. Of A it has the products of all columns, or A itself.
final class ElasticNetProblem {
    let data: RegressionData
    let p: Int
    /// A' z and the squares of A's columns, [p].
    let products: UnsafeMutablePointer<Double>
    let squares: UnsafeMutablePointer<Double>
    /// z' z
    private(set) var total = 0.0
    /// A' A, both triangles; or A and z.
    private(set) var gram: ColumnMajor?
    private(set) var columns: ColumnMajor?
    let target: UnsafeMutablePointer<Double>
    /// What takes b to the coefficients of rows as they are read, [p]; means of such rows, and of y.
    private let unit: UnsafeMutablePointer<Double>
    private let mean: UnsafeMutablePointer<Double>
    private var meanOfY = 0.0
    private let space: Storage
    private let big: Storage

    init(_ data: RegressionData, standardize: Bool, mode: ElasticNetMode) throws(TalwegError) {
        self.data = data
        p = data.p
        let n = data.n
        let usesGram = mode == .gram || mode == .automatic && data.p <= 2048 && data.n >= 4 * data.p
        space = try Storage(byteCount: slabBytes(p, p, usesGram ? 8 : n + 8, p, p))
        var slab = Slab(space.pointer)
        products = slab.doubles(p)
        squares = slab.doubles(p)
        target = slab.doubles(usesGram ? 8 : n + 8)
        unit = slab.doubles(p)
        mean = slab.doubles(p)
        let (area, overflow) = p.multipliedReportingOverflow(by: usesGram ? p : n + 8)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        big = try Storage(byteCount: slabBytes(area))
        let memory = big.pointer.assumingMemoryBound(to: Double.self)
        let sum = data.sumOfWeights
        if data.intercept {
            for i in 0..<n { meanOfY += (data.weights?[i] ?? 1) / sum * data.y[i] }
        }
        for i in 0..<n {
            let y = data.y[i] - meanOfY
            total += (data.weights?[i] ?? 1) / sum * y * y
        }
        guard total.isFinite else { throw .numeric("elastic_net: the squares of y are beyond float64") }
        if usesGram {
            let g = ColumnMajor(memory, rows: p, columns: p)
            if data.weights == nil, data.isPlain {
                try sumPlain(g)
            } else {
                try sumWeighted(g)
            }
            for j in 0..<p { squares[j] = max(g[j, j], 0) }
            setUnits(standardize)
            for j in 0..<p {
                products[j] *= unit[j]
                squares[j] *= unit[j] * unit[j]
                for i in 0..<p { g[i, j] *= unit[i] * unit[j] }
            }
            gram = g
        } else {
            let a = ColumnMajor(memory, rows: n, columns: p, stride: n + 8)
            try fillColumns(a)
            setUnits(standardize)
            let roots = try Workspace(byteCount: slabBytes(n))
            let root = roots.pointer.assumingMemoryBound(to: Double.self)
            for i in 0..<n {
                root[i] = ((data.weights?[i] ?? 1) / sum).squareRoot()
                target[i] = (data.y[i] - meanOfY) * root[i]
            }
            ThreadPool.run(chunks: p) { j in
                let column = a.column(j), mean = mean[j], unit = unit[j]
                for i in 0..<n { column[i] = (column[i] - mean) * (unit * root[i]) }
                squares[j] = kernels.f64.dot(n, column, 1, column, 1)
            }
            columns = a
            try multiplyTransposed(target, products)
        }
    }

    /// The products of centred columns, in the units of rows as they are read, by blocks of these.
    private func sumWeighted(_ g: ColumnMajor) throws(TalwegError) {
        let width = data.width, sum = data.sumOfWeights
        var options = GLMOptions()
        options.link = .identity
        let pass = try GLMPass(data, GLMRows(options), capacity: width)
        let zero = try Workspace(byteCount: slabBytes(width))
        let b = zero.pointer.assumingMemoryBound(to: Double.self)
        b.update(repeating: 0, count: width)
        if data.intercept { b[p] = meanOfY }
        _ = pass.run(b, matrix: true)
        for j in 0..<p { mean[j] = data.intercept ? pass.matrix[p * width + j] / sum : 0 }
        for j in 0..<p {
            products[j] = pass.gradient[j] / sum
            for i in 0...j {
                g[i, j] = pass.matrix[j * width + i] / sum - mean[i] * mean[j]
                g[j, i] = g[i, j]
            }
        }
    }

    /// The same of X where it lies: centres near 0 in units of the columns' ranges cost a few digits only.
    private func sumPlain(_ g: ColumnMajor) throws(TalwegError) {
        let n = data.n, p = self.p, rows = data.rowsPerChunk, chunks = data.chunks, block = 512
        let (area, over) = p.multipliedReportingOverflow(by: p)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        let perChunk = try slabBytes(area, p, p, block, block)
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: bytes)
        let memory = space.pointer, apart = data.x.strides[0]
        let x = data.x.pointer(as: Double.self)
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let matrix = slab.doubles(area), cross = slab.doubles(p), sums = slab.doubles(p)
            let target = slab.doubles(block), ones = slab.doubles(block)
            ones.update(repeating: 1, count: block)
            matrix.update(repeating: 0, count: area)
            cross.update(repeating: 0, count: p)
            sums.update(repeating: 0, count: p)
            let end = min(n, (chunk + 1) * rows)
            var begin = chunk * rows
            while begin < end {
                let count = min(block, end - begin)
                let from = x + begin * apart
                kernels.f64.gram(p, p, count, from, apart, 1, matrix, p)
                for i in 0..<count { target[i] = data.y[begin + i] - meanOfY }
                kernels.f64.gemv(p, count, 1, from, 1, apart, target, 1, 1, cross, 1)
                kernels.f64.gemv(p, count, 1, from, 1, apart, ones, 1, 1, sums, 1)
                begin += count
            }
        }
        var first = Slab(memory)
        let matrix = first.doubles(area), cross = first.doubles(p), sums = first.doubles(p)
        for chunk in 1..<max(chunks, 1) {
            var slab = Slab(memory + chunk * perChunk)
            kernels.f64.axpy(area, 1, slab.doubles(area), matrix)
            kernels.f64.axpy(p, 1, slab.doubles(p), cross)
            kernels.f64.axpy(p, 1, slab.doubles(p), sums)
        }
        // To the units of rows as they are read: (x scale - center).
        let size = Double(n)
        for j in 0..<p { mean[j] = data.intercept ? sums[j] / size * data.scale[j] - data.center[j] : 0 }
        for j in 0..<p {
            let own = data.intercept ? sums[j] / size : 0
            products[j] = cross[j] / size * data.scale[j]
            for i in 0...j {
                let other = data.intercept ? sums[i] / size : 0
                g[i, j] = (matrix[j * p + i] / size - own * other) * (data.scale[i] * data.scale[j])
                g[j, i] = g[i, j]
            }
        }
    }

    /// A in the units of rows as they are read; means and squares of what they leave.
    private func fillColumns(_ a: ColumnMajor) throws(TalwegError) {
        let block = data.blockRows, stride = data.rowStride
        let chunks = (data.n - 1) / block + 1
        try runTasks(chunks, workspaceBytes: slabBytes(block * stride)) { chunk, room in
            let rows = room.assumingMemoryBound(to: Double.self)
            let begin = chunk * block, count = min(block, data.n - begin)
            data.load(rows: begin, count, into: rows)
            for j in 0..<p {
                let column = a.column(j) + begin
                for i in 0..<count { column[i] = rows[i * stride + j] }
            }
        }
        ThreadPool.run(chunks: p) { j in
            let column = a.column(j)
            var average = 0.0, total = 0.0
            if let weights = data.weights {
                if data.intercept {
                    average = kernels.f64.dot(data.n, weights, 1, column, 1) / data.sumOfWeights
                }
                for i in 0..<data.n { total += weights[i] * ((column[i] - average) * (column[i] - average)) }
            } else {
                // The centre is near the mean already, so that the products lose nothing.
                if data.intercept {
                    for i in 0..<data.n { average += column[i] }
                    average /= data.sumOfWeights
                }
                total = kernels.f64.dot(data.n, column, 1, column, 1) - data.sumOfWeights * average * average
            }
            mean[j] = average
            squares[j] = max(total, 0) / data.sumOfWeights
        }
    }

    /// Columns of which only rounding is left get no coefficient.
    private func setUnits(_ standardize: Bool) {
        for j in 0..<p {
            let size = max(mean[j].magnitude, data.intercept ? 1e-8 : 0)
            if squares[j] <= 1e-28 * size * size { squares[j] = 0 }
            unit[j] = squares[j] == 0 ? 0 : standardize ? 1 / squares[j].squareRoot() : 1 / data.scale[j]
        }
    }

    /// out = A' v, for v [n] beside A.
    func multiplyTransposed(_ v: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) {
        guard let columns else { return }
        try kernels.f64.multiply(
            MatrixBlock(columns).transposed,
            MatrixBlock(
                UnsafeMutableRawPointer(mutating: v), rows: columns.rows, columns: 1, rowStride: 1, itemSize: 8),
            adding: 0, to: MatrixBlock(out, rows: p, columns: 1, rowStride: 1, itemSize: 8))
    }

    /// Coefficients of the data: out [p]; the intercept.
    func restore(_ b: UnsafePointer<Double>, to out: UnsafeMutablePointer<Double>) -> Double {
        var constant = data.intercept ? meanOfY : 0
        for j in 0..<p {
            let inner = b[j] * unit[j]
            constant -= inner * (mean[j] + data.center[j])
            out[j] = inner * data.scale[j]
        }
        return data.intercept ? constant : 0
    }
}
