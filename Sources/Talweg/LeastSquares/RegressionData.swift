import TalwegKernels

/// The data of a fit: X [n, p], y [n], row weights and an offset, checked, with a centre and a scale for each column.
///
/// Rows are read in the form (x - centre) * scale with a power of two for a scale, which rounds nothing, and a 1
/// behind them where an intercept is fitted. Coefficients of such columns are the data's own divided by the scales,
/// and the intercept belongs to the centre.
final class RegressionData {
    let x: View
    let n: Int
    let p: Int
    let intercept: Bool
    /// Columns of a row as it is read.
    var width: Int { p + (intercept ? 1 : 0) }
    /// [n]
    let y: UnsafeMutablePointer<Double>
    /// [n], or nil for all 1.
    let weights: UnsafeMutablePointer<Double>?
    /// [n], or nil for all 0.
    let offset: UnsafeMutablePointer<Double>?
    let sumOfWeights: Double
    /// Rows with a weight above 0.
    let rowsInUse: Int
    /// Centres, 0 without an intercept, and scales, [p] each.
    let center: UnsafeMutablePointer<Double>
    let scale: UnsafeMutablePointer<Double>
    /// The names of what is fitted, for messages.
    private let name: String
    private let space: Storage

    init(
        _ X: Tensor, _ target: Tensor, weights given: Tensor? = nil, offset added: Tensor? = nil, intercept: Bool,
        _ name: String
    ) throws(TalwegError) {
        guard X.rank == 1 || X.rank == 2 else {
            throw .shape("\(name): X \(X.shape) has \(X.rank) axes; [n, p] or [n] was expected")
        }
        x = try RegressionData.matrix(X, name)
        n = x.shape[0]
        p = x.shape[1]
        self.intercept = intercept
        self.name = name
        guard target.rank == 1 else {
            throw .shape("\(name): y \(target.shape) has \(target.rank) axes; [n] was expected")
        }
        guard target.count == n else {
            throw .shape("\(name): X \(X.shape) has \(n) rows, y \(target.shape) has \(target.count)")
        }
        guard n > 0 else { throw .shape("\(name): X \(X.shape) has no rows") }
        guard p > 0 || intercept else {
            throw .shape("\(name): X \(X.shape) has no columns, and no intercept is fitted")
        }
        let weighted = given != nil, moved = added != nil
        space = try Storage(byteCount: slabBytes(n, weighted ? n : 0, moved ? n : 0, p, p))
        var slab = Slab(space.pointer)
        y = slab.doubles(n)
        let w = slab.doubles(weighted ? n : 0), shift = slab.doubles(moved ? n : 0)
        center = slab.doubles(p)
        scale = slab.doubles(p)
        weights = weighted ? w : nil
        offset = moved ? shift : nil
        try RegressionData.copy(target, to: y, n, "y", name)
        if let added { try RegressionData.copy(added, to: shift, n, "offset", name) }
        var sum = Double(n), used = n
        if let given {
            try RegressionData.copy(given, to: w, n, "weights", name)
            (sum, used) = (0, 0)
            for i in 0..<n {
                guard w[i] >= 0 else {
                    throw .invalid("\(name): weights has \(w[i]) in row \(i); none may be negative")
                }
                sum += w[i]
                if w[i] > 0 { used += 1 }
            }
            guard used > 0 else { throw .invalid("\(name): all \(n) weights are 0") }
            guard sum.isFinite else { throw .numeric("\(name): the sum of the weights is not finite") }
        }
        sumOfWeights = sum
        rowsInUse = used
        try measure()
    }

    /// A 1-d tensor as one column.
    static func matrix(_ tensor: Tensor, _ name: String) throws(TalwegError) -> View {
        let view = tensor.view
        if view.rank == 2 { return view }
        var sizes = PerAxis(repeating: 0), strides = sizes
        (sizes[0], sizes[1], strides[0]) = (view.shape[0], 1, view.strides[0])
        return view.with(shape: try Shape(sizes: sizes, rank: 2, for: name), strides: strides)
    }

    private static func copy(
        _ tensor: Tensor, to out: UnsafeMutablePointer<Double>, _ n: Int, _ what: String, _ name: String
    ) throws(TalwegError) {
        guard tensor.rank == 1, tensor.count == n else {
            throw .shape("\(name): \(what) \(tensor.shape) does not fit the \(n) rows of X")
        }
        kernels.cast(from: tensor.dtype, to: .float64)(n, tensor.view.pointer, tensor.view.strides[0], out, 1)
        for i in 0..<n where !out[i].isFinite { throw .numeric("\(name): \(what) has \(out[i]) in row \(i)") }
    }

    /// Rows read at a time: a block of all columns should stay in the second-level cache.
    var blockRows: Int { min(n, max(64, min(512, 49152 / max(width, 1) & ~7))) }
    /// Elements from one row of a block to the next.
    var rowStride: Int { (width + 7) & ~7 }
    /// How rows are cut for the pool, by the sizes alone.
    var rowsPerChunk: Int { RegressionData.rowsPerChunk(n, width, blockRows) }
    var chunks: Int { (n - 1) / rowsPerChunk + 1 }

    /// - Parameter order: of the matrix that each chunk makes and that is added to the others', nil: the width
    static func rowsPerChunk(_ n: Int, _ width: Int, _ block: Int, order: Int? = nil) -> Int {
        let order = order ?? width
        let rows = max((n - 1) / 32 + 1, max(1 << 18, 8 * order * order) / max(width, 1))
        return (rows + block - 1) / block * block
    }

    /// Rows begin, begin + step, ... as they are read: [count][rowStride], row-major.
    func load(rows begin: Int, _ count: Int, step: Int = 1, into out: UnsafeMutablePointer<Double>) {
        let stride = rowStride
        if x.dtype == .float64, x.strides[1] == 1 {
            let source = x.pointer(as: Double.self) + begin * x.strides[0]
            let apart = step * x.strides[0]
            for i in 0..<count {
                let row = source + i * apart, target = out + i * stride
                for j in 0..<p { target[j] = row[j] * scale[j] - center[j] }
            }
        } else {
            convert(rows: begin, count, step: step, to: out, stride)
            for i in 0..<count {
                let target = out + i * stride
                for j in 0..<p { target[j] = target[j] * scale[j] - center[j] }
            }
        }
        if intercept { for i in 0..<count { out[i * stride + p] = 1 } }
    }

    /// Elements of X as they are, row-major, by the longer runs.
    func convert(rows begin: Int, _ count: Int, step: Int = 1, to out: UnsafeMutablePointer<Double>, _ stride: Int) {
        let cast = kernels.cast(from: x.dtype, to: .float64)
        let size = x.dtype.itemSize
        if x.strides[1] == 1 || count < p {
            for i in 0..<count {
                let first = (begin + i * step) * x.strides[0]
                cast(p, x.pointer + first * size, x.strides[1], out + i * stride, 1)
            }
        } else {
            for j in 0..<p {
                let first = begin * x.strides[0] + j * x.strides[1]
                cast(count, x.pointer + first * size, step * x.strides[0], out + j, stride)
            }
        }
    }

    /// Whether X can be multiplied where it lies: rows of float64, with centres that are not so far from 0 that the
    /// digits would go with them.
    var isPlain: Bool {
        guard x.dtype == .float64, x.strides[1] == 1 else { return false }
        return (0..<p).allSatisfy { center[$0].magnitude < 30 && scale[$0] > 1e-100 && scale[$0] < 1e100 }
    }

    /// Finds centres and scales; throws at a NaN or an infinity.
    private func measure() throws(TalwegError) {
        if p == 0 { return }
        let chunks = self.chunks, height = rowsPerChunk, block = blockRows, p = self.p
        let (area, overflow) = block.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let perChunk = try slabBytes(p, p, p, area)
        let (bytes, over) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !over else { throw .outOfMemory(bytes: Int.max) }
        let room = try Workspace(byteCount: bytes)
        let memory = room.pointer
        let direct = x.dtype == .float64 && x.strides[1] == 1
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let low = slab.doubles(p), high = slab.doubles(p), sum = slab.doubles(p)
            let buffer = slab.doubles(area)
            low.update(repeating: .infinity, count: p)
            high.update(repeating: -.infinity, count: p)
            sum.update(repeating: 0, count: p)
            let end = min(n, (chunk + 1) * height)
            var begin = chunk * height
            while begin < end {
                let count = min(block, end - begin)
                if !direct { convert(rows: begin, count, to: buffer, p) }
                for i in 0..<count {
                    let row = direct ? x.pointer(as: Double.self) + (begin + i) * x.strides[0] : buffer + i * p
                    for j in 0..<p {
                        let value = row[j]
                        sum[j] += value
                        low[j] = value < low[j] ? value : low[j]
                        high[j] = value > high[j] ? value : high[j]
                    }
                }
                begin += count
            }
        }
        var clean = true
        for j in 0..<p {
            var low = Double.infinity, high = -Double.infinity, sum = 0.0
            for chunk in 0..<chunks {
                var slab = Slab(memory + chunk * perChunk)
                low = min(low, slab.doubles(p)[j])
                high = max(high, slab.doubles(p)[j])
                sum += slab.doubles(p)[j]
            }
            // A NaN is in no minimum, but in every sum; sums of large numbers may overflow.
            let overflown = !sum.isFinite && !sum.isNaN && max(-low, high) >= 1e290
            if !low.isFinite || !high.isFinite || !sum.isFinite && !overflown { clean = false }
            let middle = sum.isFinite ? min(max(sum / Double(n), low), high) : low / 2 + high / 2
            let at = intercept ? middle : 0
            let range = intercept ? max(high / 2 - at / 2, at / 2 - low / 2) : max(high, -low) / 2
            scale[j] = range > 0 && range.isFinite ? LinearProblem.power(-range.exponent) : 1
            center[j] = at * scale[j]
        }
        if !clean { try refuseBadElement() }
    }

    private func refuseBadElement() throws(TalwegError) {
        let row = try Workspace(byteCount: slabBytes(p))
        let values = row.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<n {
            convert(rows: i, 1, to: values, p)
            for j in 0..<p where !values[j].isFinite {
                throw .numeric("\(name): X has \(values[j]) in row \(i), column \(j)")
            }
        }
    }

    /// Takes coefficients of columns as they are read to those of the data: b [p], and the intercept.
    func restore(_ internalB: UnsafePointer<Double>, to b: UnsafeMutablePointer<Double>) -> Double {
        var constant = intercept ? internalB[p] : 0
        for j in 0..<p {
            b[j] = internalB[j] * scale[j]
            constant -= center[j] * internalB[j]
        }
        return intercept ? constant : 0
    }
}
