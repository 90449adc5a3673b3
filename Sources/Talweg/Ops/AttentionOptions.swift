import TalwegKernels

/// What attention may be told beside q, k and v.
public struct AttentionOptions {
    /// bool (true: attend) or floating (added to the scaled products), broadcast to
    /// [batch, heads, queries, keys]. A floating one may require a gradient; attention is then made of
    /// elementary operations.
    public var mask: Tensor?
    /// bool [batch, keys]; false: padding, which no query attends to.
    public var keyMask: Tensor?
    /// Query i attends to keys 0 ... i + keys - queries: the last query sees all keys.
    public var causal = false
    /// Multiplied to the products of queries and keys; nil: 1 / sqrt(width).
    public var scale: Double?
    /// The probability that a weight is zeroed, the others being scaled by 1 / (1 - probability).
    public var dropout = 0.0
    public var generator = Generator.shared

    public init() {}

    /// For scores [batch, heads, queries, keys] of queries of `width` elements.
    func settings(_ scores: [Int], width: Int, _ dtype: DType, _ name: String) throws(TalwegError)
        -> AttentionSettings
    {
        let scores = try Shape(scores, for: name)
        guard dropout >= 0, dropout < 1 else {
            throw .invalid("\(name): the dropout probability \(dropout) is outside [0, 1)")
        }
        let factor = scale ?? 1 / Double(max(width, 1)).squareRoot()
        guard factor.isFinite else { throw .invalid("\(name): the scale is \(factor)") }
        // What the kernels' workspace holds of a block of keys.
        guard width <= 1 << 24 else { throw .shape("\(name): heads of \(width) elements; the most is \(1 << 24)") }
        var settings = AttentionSettings(scale: factor)
        settings.causal = causal
        if let mask {
            guard try Shape.broadcast(mask.shape, scores, for: name) == scores else {
                throw .shape("\(name): the mask \(mask.shape) does not broadcast to \(scores)")
            }
            if mask.dtype == .bool {
                settings.keep = Saved(mask.detach())
            } else {
                settings.bias = Saved(try mask.detach().cast(to: dtype))
            }
        }
        if let keyMask {
            guard keyMask.dtype == .bool else {
                throw .dtype("\(name): the key mask is \(keyMask.dtype.name); bool is needed")
            }
            guard keyMask.shape == (try Shape([scores[0], scores[3]], for: name)) else {
                throw .shape("\(name): the key mask has shape \(keyMask.shape); [\(scores[0]), \(scores[3])] is needed")
            }
            var keep = try keyMask.detach().reshape([scores[0], 1, 1, scores[3]])
            if let other = settings.keep { keep = try keep.logicalAnd(other.tensor(name)) }
            settings.keep = Saved(keep)
        }
        if dropout > 0, scores.count > 0 {
            let blocks = (scores.count / scores[3]).multipliedReportingOverflow(by: attentionRandomBlocks(keys: scores[3]))
            guard !blocks.overflow else { throw .shape("\(name): \(scores) has more weights than there are positions") }
            settings.dropout = dropout
            let (seed, offset) = generator.take(blocks.partialValue, wordsPerElement: 4)
            settings.random = (seed, offset)
        }
        return settings
    }

    /// A mask whose gradient is wanted.
    var learned: Tensor? {
        guard let mask, mask.requiresGrad, ThreadState.current.recording else { return nil }
        return mask
    }
}

extension Tensor {
    /// softmax(scale q k^T + masks) v, without a matrix of all queries by all keys in memory. A query that
    /// attends to nothing gives zeros.
    /// - Parameters:
    ///   - q: [B, H, T, D]
    ///   - k: [B, HK, S, D], H a multiple of HK: heads of queries share those of keys in runs of H / HK.
    ///   - v: [B, HK, S, E]
    /// - Returns: [B, H, T, E], stored as [B, T, H, E].
    public static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ options: AttentionOptions = AttentionOptions())
        throws(TalwegError) -> Tensor
    {
        let settings = try attentionSettings(q, k, v, options)
        if let bias = options.learned, bias.dtype.isFloating {
            return try ComposedAttention(q, k, v, settings, bias: bias.cast(to: q.dtype)).result()
        }
        let (y, logSums) = try Attention.run(q.view, k.view, v.view, settings)
        return try recorded(Attention(settings: settings, logSums: logSums), [q, k, v], y)
    }

    /// `attention`, and the weights that it gives each key after dropout, [B, H, T, S]: made of elementary operations,
    /// with that matrix in memory.
    public static func attentionAndWeights(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ options: AttentionOptions = AttentionOptions()
    ) throws(TalwegError) -> (result: Tensor, weights: Tensor) {
        let settings = try attentionSettings(q, k, v, options)
        var bias: Tensor?
        if let learned = options.learned, learned.dtype.isFloating { bias = try learned.cast(to: q.dtype) }
        return try ComposedAttention(q, k, v, settings, bias: bias).resultAndWeights()
    }

    private static func attentionSettings(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ options: AttentionOptions)
        throws(TalwegError) -> AttentionSettings
    {
        let shapes = "q \(q.shape), k \(k.shape), v \(v.shape)"
        guard q.rank == 4, k.rank == 4, v.rank == 4 else {
            throw .shape("attention: \(shapes); [batch, heads, length, width] are needed")
        }
        guard q.dtype.isFloating, k.dtype == q.dtype, v.dtype == q.dtype else {
            throw .dtype("attention: q is \(q.dtype.name), k \(k.dtype.name), v \(v.dtype.name); one floating type is needed")
        }
        let (heads, keyHeads) = (q.shape[1], k.shape[1])
        guard k.shape[0] == q.shape[0], v.shape[0] == q.shape[0], k.shape[3] == q.shape[3], v.shape[1] == keyHeads,
            v.shape[2] == k.shape[2], keyHeads == 0 ? heads == 0 : heads % keyHeads == 0
        else { throw .shape("attention: \(shapes) do not fit") }
        guard v.shape[3] <= 1 << 24 else {
            throw .shape("attention: heads of \(v.shape[3]) elements; the most is \(1 << 24)")
        }
        return try options.settings(
            [q.shape[0], heads, q.shape[2], k.shape[2]], width: q.shape[3], q.dtype, "attention")
    }

    /// Attention of a sequence to itself, of a projection that holds the queries, keys and values side by side.
    /// - Parameters:
    ///   - projection: [B, T, (heads + 2 keyHeads) D]
    ///   - keyHeads: how many heads the keys and values have; `heads` is a multiple.
    /// - Returns: [B, T, heads D]
    public static func selfAttention(
        _ projection: Tensor, heads: Int, keyHeads: Int, _ options: AttentionOptions = AttentionOptions()
    ) throws(TalwegError) -> Tensor {
        let shape = projection.shape
        guard heads > 0, keyHeads > 0, heads % keyHeads == 0, heads <= 1 << 24 else {
            throw .invalid("self_attention: \(heads) heads, \(keyHeads) of keys; a multiple is needed")
        }
        guard projection.rank == 3, shape[2] % (heads + 2 * keyHeads) == 0 else {
            throw .shape(
                "self_attention: the projection is \(shape), not [batch, length, width], width a multiple of "
                    + "\(heads + 2 * keyHeads)")
        }
        guard projection.dtype.isFloating else {
            throw .dtype("self_attention: needs float32 or float64, not \(projection.dtype.name)")
        }
        let width = shape[2] / (heads + 2 * keyHeads)
        if let mask = options.learned, mask.dtype.isFloating {
            // Apart, so that the mask gets its gradient.
            func apart(_ first: Int, _ count: Int) throws(TalwegError) -> Tensor {
                try projection.slice(axis: 2, from: first * width, to: (first + count) * width)
                    .reshape([shape[0], shape[1], count, width]).permute([0, 2, 1, 3])
            }
            return try attention(
                apart(0, heads), apart(heads, keyHeads), apart(heads + keyHeads, keyHeads), options
            ).permute([0, 2, 1, 3]).reshape([shape[0], shape[1], heads * width])
        }
        let settings = try options.settings(
            [shape[0], heads, shape[1], shape[1]], width: width, projection.dtype, "self_attention")
        let operation = SelfAttention(heads: heads, keyHeads: keyHeads, settings: settings, logSums: nil)
        let (y, logSums) = try operation.run(projection.view)
        return try recorded(
            SelfAttention(heads: heads, keyHeads: keyHeads, settings: settings, logSums: logSums), [projection], y)
    }
}
