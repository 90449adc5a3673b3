import TalwegKernels

// Random whole numbers and choices.

extension Tensor {
    /// Whole numbers in low ..< high, all equally likely, of an integer dtype that holds them.
    public static func integers(
        _ shape: Shape, low: Int, high: Int, _ dtype: DType, _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        guard !dtype.isFloating, dtype != .bool else {
            throw .dtype("random_integers: needs an integer type, not \(dtype.name)")
        }
        guard low < high else { throw .invalid("random_integers: from \(low) to \(high): there are none") }
        for end in [low, high - 1] where dtype != .int64 && !holds(Double(end), dtype) {
            throw .invalid("random_integers: \(dtype.name) cannot hold \(end)")
        }
        let y = try View(uninitialized: shape, .int64)
        let out = y.pointer(as: Int64.self)
        // The difference of two Ints fits the unsigned type.
        let span = UInt64(bitPattern: Int64(high &- low))
        let (seed, offset) = generator.take(shape.count, wordsPerElement: wordsPerInteger(span: span))
        forEachChunk(shape.count) { first, count in
            randomIntegers(
                key: seed, offset: offset &+ UInt64(first), n: count, low: Int64(low), span: span, out: out + first,
                bits: kernels.f32.random.bits)
        }
        return Tensor(try y.cast(to: dtype))
    }

    /// Whether each of independent events with these probabilities happens, as bool.
    public static func bernoulli(_ probabilities: Tensor, _ generator: Generator = .shared)
        throws(TalwegError) -> Tensor
    {
        let p = Tensor(try probabilities.view.cast(to: .float64))
        let valid = try p.isGreaterOrEqual(p.scalar(0)).logicalAnd(p.isLessOrEqual(p.scalar(1)))
        guard try valid.all().item() != 0 else {
            throw .invalid("random_bernoulli: a probability is outside [0, 1]")
        }
        return try uniform(p.shape, .float64, generator).isLess(p)
    }

    /// Exponential numbers of a floating dtype with mean `scale`: -scale log(1 - u) of a uniform u.
    public static func exponential(
        _ shape: Shape, scale: Double = 1, _ dtype: DType, _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        guard scale.isFinite, scale >= 0 else { throw .invalid("random_exponential: scale \(scale)") }
        let wide = dtype == .float64 ? DType.float64 : .float32
        guard dtype.isFloating else { throw .dtype("random_exponential: needs a floating type, not \(dtype.name)") }
        return try withRecording(false) { () throws(TalwegError) in
            try ((-uniform(shape, wide, generator)).log1p() * -scale).cast(to: dtype)
        }
    }

    /// The positions of an axis in a random order.
    public func permuted(axis: Int = 0, _ generator: Generator = .shared) throws(TalwegError) -> Tensor {
        let axis = try shape.axis(axis, for: "random_permuted")
        return try apply(
            IndexSelect(axis: axis, indices: Tensor.permutation(shape[axis], generator).view), self)
    }

    /// `count` positions of the last axis each, drawn with the weights that lie there, which need not sum to 1.
    /// - Parameters:
    ///   - areLogits: whether `weights` are their logarithms.
    ///   - replacement: whether a position may be drawn again. Without, those of the greatest log weight + Gumbel
    ///     number are taken (Kool, van Hoof and Welling, ICML 2019), which are as if drawn one after another.
    public static func categorical(
        _ weights: Tensor, areLogits: Bool = false, count: Int, replacement: Bool = true,
        _ generator: Generator = .shared
    ) throws(TalwegError) -> Tensor {
        let name = "random_categorical"
        guard weights.rank >= 1 else { throw .shape("\(name): a scalar has no positions to choose from") }
        guard count >= 0 else { throw .invalid("\(name): \(count) draws") }
        let (axis, shape) = (weights.rank - 1, weights.shape)
        let target = try shape.replacing(axis: axis, by: count, for: name)
        let given = Tensor(try weights.view.cast(to: .float64).contiguous())
        let shares = areLogits ? try given.softmax(axis: -1) : given
        let positives = try checkWeights(shares, name)
        if target.count == 0 { return try zeros(target, .int64) }
        guard replacement || count <= positives else {
            throw .invalid("\(name): \(count) draws without replacement of \(positives) positions with a weight")
        }
        if replacement { return try drawn(shares.view, target, generator) }
        let uniform = try Tensor.uniform(shape, .float64, generator) + 0x1p-54
        let gumbel = try -(-uniform.log()).log()
        return try ((areLogits ? given : given.log()) + gumbel).argsort(descending: true).slice(axis: axis, to: count)
            .contiguous()
    }

    /// The fewest positive weights that a row has.
    private static func checkWeights(_ weights: Tensor, _ name: String) throws(TalwegError) -> Int {
        let values = weights.view.pointer(as: Double.self)
        let width = weights.shape[weights.rank - 1]
        var fewest = width
        for row in 0..<(width == 0 ? 0 : weights.count / width) {
            var positives = 0
            var sum = 0.0
            for i in 0..<width {
                let weight = values[row * width + i]
                guard weight >= 0, weight.isFinite else {
                    throw .invalid("\(name): weight \(weight) at position \(i) of row \(row)")
                }
                if weight > 0 { positives += 1 }
                sum += weight
            }
            guard positives > 0, sum.isFinite else { throw .invalid("\(name): the weights of row \(row) sum to \(sum)") }
            fewest = Swift.min(fewest, positives)
        }
        guard width > 0 || weights.shape.dims.dropLast().contains(0) else {
            throw .shape("\(name): \(weights.shape) has no positions to choose from")
        }
        return fewest
    }

    /// Each draw the first position up to which the weights sum to more than a uniform share of all.
    private static func drawn(_ weights: View, _ target: Shape, _ generator: Generator) throws(TalwegError) -> Tensor {
        let (width, count) = (weights.shape[weights.rank - 1], target[target.rank - 1])
        let y = try View(uninitialized: target, .int64)
        let uniform = try Tensor.uniform(target, .float64, generator).view
        let sums = try weights.copy()
        let (shares, totals, out) = (
            uniform.pointer(as: Double.self), sums.pointer(as: Double.self), y.pointer(as: Int64.self)
        )
        forEachRowGroup(target.count / count, width: width + count) { first, rows in
            for row in first..<(first + rows) {
                let sums = totals + row * width
                // The last position with a weight: no rounding leads beyond it.
                var last = 0
                for i in 1..<width {
                    if sums[i] > 0 { last = i }
                    sums[i] += sums[i - 1]
                }
                for i in (row * count)..<((row + 1) * count) {
                    let wanted = shares[i] * sums[width - 1]
                    var (low, high) = (0, last)
                    while low < high {
                        let middle = (low + high) / 2
                        if sums[middle] > wanted { high = middle } else { low = middle + 1 }
                    }
                    out[i] = Int64(low)
                }
            }
        }
        return Tensor(y)
    }
}
