import TalwegKernels

/// One pass over the rows, or over every `step`-th: the loss, its gradient X' s and Fisher's information X' W X at some
/// coefficients, block by block by the pool's threads and added in order.
final class GLMPass {
    let data: RegressionData
    let family: GLMRows
    let step: Int
    /// How many rows there are to go through.
    let rows: Int
    let width: Int
    /// X' s [width], and the lower triangle of X' W X, row-major: of all columns [width, width], or of the members'
    /// [order, order].
    let gradient: UnsafeMutablePointer<Double>
    let matrix: UnsafeMutablePointer<Double>
    /// Pearson's statistic, the sum of w (y - mu)^2 / V(mu), of the last pass.
    private(set) var pearson = 0.0
    /// Whether the matrix is the loss's second derivative, where it differs from Fisher's information and is known to
    /// be positive.
    var observes = false

    private let chunks: Int
    private let rowsPerChunk: Int
    private let blockRows: Int
    private let perChunk: Int
    private let memory: UnsafeMutableRawPointer
    /// The greatest order of the matrix, 0 without one.
    let capacity: Int
    /// The columns whose matrix is wanted, nil for all.
    private var members: UnsafePointer<Int>?
    private(set) var order: Int
    /// Coefficients in the data's units, [p].
    private let raw: UnsafeMutablePointer<Double>
    private let space: Storage

    /// - Parameters:
    ///   - capacity: the greatest order of the matrix that is wanted, 0 for none
    ///   - packs: whether members will be chosen
    init(_ data: RegressionData, _ family: GLMRows, step: Int = 1, capacity: Int, packs: Bool = false)
        throws(TalwegError)
    {
        self.data = data
        self.family = family
        self.step = step
        self.capacity = capacity
        order = min(capacity, data.width)
        width = data.width
        rows = (data.n - 1) / step + 1
        blockRows = min(rows, data.blockRows)
        rowsPerChunk = RegressionData.rowsPerChunk(rows, width, blockRows, order: capacity)
        chunks = (rows - 1) / rowsPerChunk + 1
        let (square, over) = capacity.multipliedReportingOverflow(by: capacity)
        let (block, overBlock) = data.rowStride.multipliedReportingOverflow(by: blockRows)
        guard !over, !overBlock else { throw .outOfMemory(bytes: Int.max) }
        let area = square
        // Members' columns side by side.
        let (packed, overPacked) = blockRows.multipliedReportingOverflow(by: packs ? capacity + 8 : 0)
        guard !overPacked else { throw .outOfMemory(bytes: Int.max) }
        let (vectors, overVectors) = blockRows.multipliedReportingOverflow(by: 7)
        guard !overVectors else { throw .outOfMemory(bytes: Int.max) }
        perChunk = (try slabBytes(width, 8, area, block, vectors, packed) + 576 + 63) & ~63
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes + slabBytes(data.p))
        raw = (space.pointer + bytes).assumingMemoryBound(to: Double.self)
        memory = space.pointer
        var slab = Slab(memory)
        gradient = slab.doubles(width)
        _ = slab.doubles(8)
        matrix = slab.doubles(area)
    }

    /// Chooses the columns whose matrix the next passes make, at most `capacity`, nil for all in order; they stay the
    /// caller's.
    func choose(_ members: UnsafePointer<Int>?, _ count: Int) {
        self.members = members
        order = min(count, capacity)
    }

    /// The sum of the losses, infinity where some row has no mean; the gradient and the matrix are set.
    /// - Parameters:
    ///   - b: [width]
    ///   - wantsMatrix: whether the information is wanted, too
    ///   - start: see `GLMRows.evaluate`
    func run(_ b: UnsafePointer<Double>, matrix wantsMatrix: Bool, start: Bool = false) -> Double {
        let area = capacity * capacity
        let direct = !wantsMatrix && !start && data.isPlain
        let constant = direct ? data.restore(b, to: raw) : 0
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let gradient = slab.doubles(width), total = slab.doubles(8), matrix = slab.doubles(area)
            let x = slab.doubles(data.rowStride * blockRows)
            let block = vectors(&slab)
            let packed = slab.doubles(members == nil ? 0 : blockRows * packedStride)
            gradient.update(repeating: 0, count: width)
            if wantsMatrix { matrix.update(repeating: 0, count: order * order) }
            (total[0], total[1], total[2]) = (0, 0, 0)
            forEachBlock(of: chunk) { begin, count in
                fill(block, begin, count)
                block.eta.update(from: block.offset, count: count)
                if direct {
                    goDirectly(begin, count, raw, constant, block, gradient, total)
                    return
                }
                data.load(rows: begin * step, count, step: step, into: x)
                let stride = data.rowStride
                kernels.f64.gemv(count, width, 1, x, stride, 1, b, 1, 1, block.eta, 1)
                total[0] += family.evaluate(count, block, start: start)
                total[1] += GLMPass.pearson(count, block)
                kernels.f64.gemv(width, count, 1, x, 1, stride, block.score, 1, 1, gradient, 1)
                if wantsMatrix {
                    if observes, !start { family.observe(count, block) }
                    add(x, count, block.weight, packed, to: matrix)
                }
            }
        }
        var loss = 0.0
        pearson = 0
        for chunk in 0..<chunks {
            var slab = Slab(memory + chunk * perChunk)
            let other = slab.doubles(width), total = slab.doubles(8)
            loss += total[0]
            pearson += total[1]
            if chunk == 0 { continue }
            kernels.f64.axpy(width, 1, other, gradient)
            if wantsMatrix { kernels.f64.axpy(order * order, 1, slab.doubles(area), matrix) }
        }
        if direct {
            // X' s of the centred and scaled columns.
            var sum = 0.0
            for chunk in 0..<chunks {
                var slab = Slab(memory + chunk * perChunk)
                _ = slab.doubles(width)
                sum += slab.doubles(8)[2]
            }
            for j in 0..<data.p { gradient[j] = gradient[j] * data.scale[j] - data.center[j] * sum }
            if data.intercept { gradient[data.p] = sum }
        }
        return loss.isNaN ? .infinity : loss
    }

    /// A block of X where it lies, with coefficients of the data's own units: the gradient is X' s.
    private func goDirectly(
        _ begin: Int, _ count: Int, _ b: UnsafePointer<Double>, _ constant: Double, _ block: GLMRows.Block,
        _ gradient: UnsafeMutablePointer<Double>, _ total: UnsafeMutablePointer<Double>
    ) {
        let apart = step * data.x.strides[0], p = data.p
        let x = data.x.pointer(as: Double.self) + begin * apart
        for i in 0..<count { block.eta[i] += constant }
        kernels.f64.gemv(count, p, 1, x, apart, 1, b, 1, 1, block.eta, 1)
        total[0] += family.evaluate(count, block, start: false)
        total[1] += GLMPass.pearson(count, block)
        kernels.f64.gemv(p, count, 1, x, 1, apart, block.score, 1, 1, gradient, 1)
        var sum = 0.0
        for i in 0..<count { sum += block.score[i] }
        total[2] += sum
    }

    /// Rows' columns times the roots of their weights, for a triangular factor, and score over root beside them.
    func loadWeighted(
        rows begin: Int, _ count: Int, _ b: UnsafePointer<Double>, into out: ColumnMajor, start: Bool
    ) -> Double {
        var slab = Slab(memory)
        _ = slab.doubles(width)
        _ = slab.doubles(8)
        _ = slab.doubles(capacity * capacity)
        let x = slab.doubles(data.rowStride * blockRows)
        let block = vectors(&slab)
        let stride = data.rowStride
        data.load(rows: begin, count, into: x)
        fill(block, begin, count)
        block.eta.update(from: block.offset, count: count)
        kernels.f64.gemv(count, width, 1, x, stride, 1, b, 1, 1, block.eta, 1)
        let loss = family.evaluate(count, block, start: start)
        pearson = GLMPass.pearson(count, block) + (begin == 0 ? 0 : pearson)
        if observes, !start { family.observe(count, block) }
        let right = out.column(width)
        for i in 0..<count {
            let root = block.weight[i].squareRoot()
            right[i] = root > 0 ? block.score[i] / root : 0
            block.weight[i] = root
        }
        for j in 0..<width {
            let column = out.column(j)
            for i in 0..<count { column[i] = x[i * stride + j] * block.weight[i] }
        }
        let padded = min((count + 7) & ~7, out.stride)
        for j in 0...width {
            for i in count..<max(padded, count) { out.column(j)[i] = 0 }
        }
        return loss
    }

    /// Of the linear predictors of all rows: calls `body` with each block's first row, count, eta, mean and more, in
    /// order.
    func visit(_ b: UnsafePointer<Double>, _ body: (Int, Int, GLMRows.Block) -> Void) {
        var slab = Slab(memory)
        _ = slab.doubles(width)
        _ = slab.doubles(8)
        _ = slab.doubles(capacity * capacity)
        let x = slab.doubles(data.rowStride * blockRows)
        let block = vectors(&slab)
        var begin = 0
        while begin < rows {
            let count = min(blockRows, rows - begin)
            data.load(rows: begin * step, count, step: step, into: x)
            fill(block, begin, count)
            block.eta.update(from: block.offset, count: count)
            kernels.f64.gemv(count, width, 1, x, data.rowStride, 1, b, 1, 1, block.eta, 1)
            body(begin, count, block)
            begin += count
        }
    }

    /// (s)^2 / W is w (y - mu)^2 / V.
    private static func pearson(_ count: Int, _ block: GLMRows.Block) -> Double {
        // In four chains, which divide side by side.
        var sums = SIMD4<Double>(repeating: 0)
        var i = 0
        while i < count {
            for k in 0..<min(4, count - i) {
                let (score, weight) = (block.score[i + k], block.weight[i + k])
                sums[k] += weight > 0 ? score * score / weight : 0
            }
            i += 4
        }
        return sums.sum()
    }

    private func vectors(_ slab: inout Slab) -> GLMRows.Block {
        GLMRows.Block(
            y: slab.doubles(blockRows), prior: slab.doubles(blockRows), offset: slab.doubles(blockRows),
            eta: slab.doubles(blockRows), score: slab.doubles(blockRows), weight: slab.doubles(blockRows),
            mean: slab.doubles(blockRows))
    }

    private func fill(_ block: GLMRows.Block, _ begin: Int, _ count: Int) {
        for i in 0..<count {
            let row = (begin + i) * step
            block.y[i] = data.y[row]
            block.prior[i] = data.weights?[row] ?? 1
            block.offset[i] = data.offset?[row] ?? 0
        }
    }

    private func forEachBlock(of chunk: Int, _ body: (Int, Int) -> Void) {
        let end = min(rows, (chunk + 1) * rowsPerChunk)
        var begin = chunk * rowsPerChunk
        while begin < end {
            body(begin, min(blockRows, end - begin))
            begin += blockRows
        }
    }

    private var packedStride: Int { (order + 7) & ~7 }

    /// matrix += X' W X, at and below the diagonal; X is scaled by W's root in place, or its members' columns where
    /// they lie side by side.
    private func add(
        _ x: UnsafeMutablePointer<Double>, _ count: Int, _ weight: UnsafeMutablePointer<Double>,
        _ packed: UnsafeMutablePointer<Double>, to matrix: UnsafeMutablePointer<Double>
    ) {
        var (from, stride) = (x, data.rowStride)
        for i in 0..<count {
            let root = weight[i].squareRoot(), row = x + i * stride
            if let members {
                let out = packed + i * packedStride
                for j in 0..<order { out[j] = row[members[j]] * root }
            } else {
                for j in 0..<order { row[j] *= root }
            }
        }
        if members != nil { (from, stride) = (packed, packedStride) }
        kernels.f64.gram(order, order, count, from, stride, 1, matrix, order)
    }
}
