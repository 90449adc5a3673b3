import TalwegKernels

/// What multi-head attention is told beside its sizes.
public struct MultiheadAttentionOptions {
    /// How many heads the keys and values have, which queries' heads share in runs (Ainslie et al., "GQA", 2023);
    /// nil: as many as the queries.
    public var keyHeads: Int?
    /// The features of keys and values; nil: the width.
    public var keyWidth, valueWidth: Int?
    /// Whether the projections have biases.
    public var bias = true
    /// The probability that, in training mode, a weight is zeroed.
    public var dropout = 0.0
    /// Whether sequences are [batch, length, features], not [length, batch, features].
    public var batchFirst = false
    /// Whether no query sees what comes after it, whatever the context says.
    public var causal = false
    /// The base of rotary positions, by which queries and keys are turned; nil: none.
    public var rotaryBase: Double?
    public var dtype = DType.float32
    /// Of the weights and the dropout.
    public var generator = Generator.shared

    public init() {}
}

/// Multi-head attention (Vaswani et al., "Attention is all you need", NeurIPS 2017): queries, keys and values are
/// projected, attended to head by head, and the heads' results projected together.
///
/// Parameters, under PyTorch's names, H heads of D = width / H features and HK of keys: in_proj_weight
/// [(H + 2 HK) D, width], the queries' rows first, then the keys' and the values', in_proj_bias of its rows, and
/// out_proj.weight, out_proj.bias. Where keys or values have a width of their own, q_proj_weight, k_proj_weight and
/// v_proj_weight take the place of the first. Inputs: query, key, value, mask, keyMask, of which all but the first
/// may be left out: the key is the query then, the value the key.
public final class MultiheadAttention: Module {
    public let width: Int
    public let heads: Int
    public let options: MultiheadAttentionOptions
    private let keyHeads, headWidth: Int
    private let isPacked: Bool
    private let rotary: RotaryPositions?

    /// - Throws: invalidArgument for heads that do not divide the width, or key heads that do not divide the heads.
    public init(_ width: Int, heads: Int, _ options: MultiheadAttentionOptions = MultiheadAttentionOptions())
        throws(TalwegError)
    {
        let name = "MultiheadAttention"
        let keyHeads = options.keyHeads ?? heads
        let (keyWidth, valueWidth) = (options.keyWidth ?? width, options.valueWidth ?? width)
        guard width >= 1, heads >= 1, width % heads == 0 else {
            throw .invalid("\(name): \(heads) heads do not divide the width \(width)")
        }
        guard keyHeads >= 1, heads % keyHeads == 0 else {
            throw .invalid("\(name): \(keyHeads) heads of keys do not divide the \(heads) heads")
        }
        guard keyWidth >= 1, valueWidth >= 1 else {
            throw .invalid("\(name): keys of \(keyWidth) and values of \(valueWidth) features; both must be 1 or more")
        }
        guard options.dropout >= 0, options.dropout < 1 else {
            throw .invalid("\(name): the dropout probability \(options.dropout) is outside [0, 1)")
        }
        guard options.dtype == .float32 || options.dtype == .float64 else {
            throw .dtype("\(name): needs float32 or float64, not \(options.dtype.name)")
        }
        // Before it is tripled.
        guard width <= 1 << 40 else { throw .shape("\(name): the width is \(width); the most is \(1 << 40)") }
        (self.width, self.heads, self.options) = (width, heads, options)
        (self.keyHeads, headWidth) = (keyHeads, width / heads)
        isPacked = keyWidth == width && valueWidth == width
        rotary = try options.rotaryBase.map { base throws(TalwegError) in
            try RotaryPositions(width / heads, base: base)
        }
        super.init()
        let keyRows = keyHeads * headWidth
        func set(_ name: String, _ rows: Int, _ columns: Int) throws(TalwegError) {
            let shape = try Shape([rows, columns], for: name)
            try setParameter(
                name,
                Initializer.xavierUniform.weight(
                    shape, fanIn: columns, fanOut: rows, options.dtype, options.generator))
        }
        if isPacked {
            try set("in_proj_weight", width + 2 * keyRows, width)
        } else {
            try set("q_proj_weight", width, width)
            try set("k_proj_weight", keyRows, keyWidth)
            try set("v_proj_weight", keyRows, valueWidth)
        }
        if options.bias {
            try setParameter("in_proj_bias", .zeros(Shape([width + 2 * keyRows], for: name), options.dtype))
        }
        let out = try Linear(width, width, bias: options.bias, dtype: options.dtype, generator: options.generator)
        try out.parameter("bias")?.assign(.zeros(.scalar, options.dtype))
        try setChild("out_proj", out)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try attend(x).output }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count <= 5, let query = inputs.first ?? nil else {
            throw .invalid("\(typeName): takes query, key, value, mask and key mask, not \(inputs.count) inputs")
        }
        func input(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }
        var context = AttentionContext()
        (context.mask, context.keyMask) = (input(3), input(4))
        return [try attend(query, input(1), input(2), context).output]
    }

    /// - Parameters:
    ///   - query: [T, B, width], or [B, T, width] if `batchFirst`, or [T, width] for one sequence
    ///   - key, value: likewise, of S positions; nil: the query, the key
    ///   - wantsWeights: at the cost of holding them
    ///   - isMemory: the cache keeps the keys and values of the first call, not those of each
    /// - Returns: what was attended to, of the query's shape, and the weights after dropout [B, H, T, S].
    public func attend(
        _ query: Tensor, _ key: Tensor? = nil, _ value: Tensor? = nil, _ context: AttentionContext = AttentionContext(),
        wantsWeights: Bool = false, isMemory: Bool = false
    ) throws(TalwegError) -> (output: Tensor, weights: Tensor?) {
        let key = key ?? query
        let value = value ?? key
        if query.rank == 2, key.rank == 2, value.rank == 2 {
            let axis = options.batchFirst ? 0 : 1
            let q = try query.expandDims(axis)
            let k = key === query ? q : try key.expandDims(axis)
            let v = value === key ? k : try value.expandDims(axis)
            let found = try attend(q, k, v, context, wantsWeights: wantsWeights, isMemory: isMemory)
            return (try found.output.squeeze(axis), try found.weights?.squeeze(0))
        }
        try check(query, "query", width)
        try check(key, "key", options.keyWidth ?? width)
        try check(value, "value", options.valueWidth ?? width)
        guard let cache = context.cache else { return try run(query, key, value, context, wantsWeights, isMemory) }
        return try cache.call { () throws(TalwegError) in
            try run(query, key, value, context, wantsWeights, isMemory)
        }
    }

    private func check(_ x: Tensor, _ what: String, _ features: Int) throws(TalwegError) {
        guard x.rank == 3, x.shape[2] == features else {
            throw .shape(
                "\(typeName): the \(what) is \(x.shape); \(options.batchFirst ? "[batch, length" : "[length, batch"), "
                    + "\(features)] is needed")
        }
    }

    private func run(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, _ context: AttentionContext, _ wantsWeights: Bool,
        _ isMemory: Bool
    ) throws(TalwegError) -> (output: Tensor, weights: Tensor?) {
        var attention = AttentionOptions()
        (attention.mask, attention.keyMask) = (context.mask, context.keyMask)
        attention.causal = context.causal || options.causal
        if isTraining { (attention.dropout, attention.generator) = (options.dropout, options.generator) }
        let isSelf = isPacked && key === query && value === query
        if isSelf, rotary == nil, context.cache == nil, !wantsWeights {
            let y = try Tensor.selfAttention(
                batchMajor(query.linear(inputWeight(), parameter("in_proj_bias"))), heads: heads, keyHeads: keyHeads,
                attention)
            return (try projected(y), nil)
        }
        var (q, k, v): (Tensor, Tensor, Tensor)
        if let cache = context.cache, isMemory {
            q = try queries(query)
            (k, v) = try cache.memory(for: self) { () throws(TalwegError) in try keysAndValues(key, value) }
        } else {
            if isSelf {
                (q, k, v) = try ofItself(query)
            } else {
                q = try queries(query)
                (k, v) = try keysAndValues(key, value)
            }
            if let rotary {
                let seen = context.cache?.length(of: self) ?? 0
                q = try rotary.forward(q, offset: seen)
                k = try rotary.forward(k, offset: seen)
            }
            if let cache = context.cache { (k, v) = try cache.append(k, v, for: self) }
        }
        if wantsWeights {
            let found = try Tensor.attentionAndWeights(q, k, v, attention)
            return (try projected(merged(found.result)), found.weights)
        }
        return (try projected(merged(.attention(q, k, v, attention))), nil)
    }

    private func inputWeight() throws(TalwegError) -> Tensor {
        guard let weight = parameter("in_proj_weight") else { throw .state("\(typeName): in_proj_weight was removed") }
        return weight
    }

    /// The rows of queries, keys and values.
    private var rows: [Int] { [width, keyHeads * headWidth, keyHeads * headWidth] }

    /// Queries, keys and values [B, heads, T, D] of one sequence, by one product.
    private func ofItself(_ x: Tensor) throws(TalwegError) -> (Tensor, Tensor, Tensor) {
        let all = try batchMajor(x.linear(inputWeight(), parameter("in_proj_bias")))
        let parts = try all.split(axis: 2, sizes: rows)
        return (try split(parts[0], heads), try split(parts[1], keyHeads), try split(parts[2], keyHeads))
    }

    private func queries(_ x: Tensor) throws(TalwegError) -> Tensor {
        let weight = try isPacked ? part(inputWeight(), 0, 1) : own("q_proj_weight")
        return try split(batchMajor(x.linear(weight, biasPart(0, 1))), heads)
    }

    private func keysAndValues(_ key: Tensor, _ value: Tensor) throws(TalwegError) -> (Tensor, Tensor) {
        if isPacked, key === value {
            // Both by one product.
            let both = try batchMajor(key.linear(part(inputWeight(), 1, 3), biasPart(1, 3)))
            let parts = try both.split(axis: 2, sizes: Array(rows[1...]))
            return (try split(parts[0], keyHeads), try split(parts[1], keyHeads))
        }
        let ofKeys = try isPacked ? part(inputWeight(), 1, 2) : own("k_proj_weight")
        let ofValues = try isPacked ? part(inputWeight(), 2, 3) : own("v_proj_weight")
        return (
            try split(batchMajor(key.linear(ofKeys, biasPart(1, 2))), keyHeads),
            try split(batchMajor(value.linear(ofValues, biasPart(2, 3))), keyHeads)
        )
    }

    private func own(_ name: String) throws(TalwegError) -> Tensor {
        guard let weight = parameter(name) else { throw .state("\(typeName): \(name) was removed") }
        return weight
    }

    /// Some of the parts for queries (0), keys (1) and values (2) of the rows of a weight or bias.
    private func part(_ x: Tensor, _ first: Int, _ end: Int) throws(TalwegError) -> Tensor {
        let start = rows[..<first].reduce(0, +)
        return try x.slice(axis: 0, from: start, to: start + rows[first..<end].reduce(0, +))
    }

    /// The same of the bias, if there is one.
    private func biasPart(_ first: Int, _ end: Int) throws(TalwegError) -> Tensor? {
        guard let bias = parameter("in_proj_bias") else { return nil }
        return try part(bias, first, end)
    }

    private func batchMajor(_ x: Tensor) throws(TalwegError) -> Tensor {
        try options.batchFirst ? x : x.permute([1, 0, 2])
    }

    /// [B, T, count D] as [B, count, T, D]
    private func split(_ x: Tensor, _ count: Int) throws(TalwegError) -> Tensor {
        try x.reshape([x.shape[0], x.shape[1], count, headWidth]).permute([0, 2, 1, 3])
    }

    /// [B, heads, T, D] as [B, T, heads D]
    private func merged(_ x: Tensor) throws(TalwegError) -> Tensor {
        try x.permute([0, 2, 1, 3]).reshape([x.shape[0], x.shape[2], width])
    }

    private func projected(_ y: Tensor) throws(TalwegError) -> Tensor {
        guard let out = child("out_proj") else { throw .state("\(typeName): out_proj was removed") }
        return try out.forward(options.batchFirst ? y : y.permute([1, 0, 2]))
    }
}
