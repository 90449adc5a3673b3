import TalwegKernels

/// softmax(scale q k^T + masks) v by the tiled kernels, which hold no matrix of all queries by all keys.
/// Inputs: q [B, H, T, D], k [B, HK, S, D], v [B, HK, S, E]. The result is [B, H, T, E], stored as
/// [B, T, H, E], so that merging the heads afterwards copies nothing.
struct Attention: VariadicOperation {
    static let name = "attention"
    static let savesOutput = true
    let settings: AttentionSettings
    private(set) var logSums: View?
    func saves(input: Int) -> Bool { true }
    mutating func release() { logSums = nil }

    init(settings: AttentionSettings, logSums: View?) { (self.settings, self.logSums) = (settings, logSums) }

    func forward(_ inputs: [View]) throws(TalwegError) -> View {
        try Attention.run(inputs[0], inputs[1], inputs[2], settings).y
    }

    static func run(_ q: View, _ k: View, _ v: View, _ settings: AttentionSettings)
        throws(TalwegError) -> (y: View, logSums: View)
    {
        let call = try AttentionCall(q, k, v, settings)
        let y = try merged([call.batch, call.heads, call.queries, call.valueWidth], q.dtype)
        return (y, try call.forward(to: y))
    }

    /// Room for [B, H, T, D] that lies as [B, T, H, D].
    static func merged(_ dims: [Int], _ dtype: DType) throws(TalwegError) -> View {
        try View(uninitialized: Shape([dims[0], dims[2], dims[1], dims[3]], for: name), dtype).permuted([0, 2, 1, 3])
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<Attention>) throws(TalwegError) -> [Tensor?] {
        let (q, k, v) = (try r.input(0), try r.input(1), try r.input(2))
        guard let logSums, !ThreadState.current.recording else {
            return try ComposedAttention(q, k, v, settings).gradients(g)
        }
        let call = try AttentionCall(q.view, k.view, v.view, settings)
        let gradients = (
            try Attention.merged(q.shape.dims, q.dtype), try Attention.merged(k.shape.dims, k.dtype),
            try Attention.merged(v.shape.dims, v.dtype)
        )
        try call.backward(g.view, out: r.y.view, logSums: logSums, gradients.0, gradients.1, gradients.2)
        return [Tensor(gradients.0), Tensor(gradients.1), Tensor(gradients.2)]
    }
}

/// Attention of a sequence to itself, of one projection [B, T, (H + 2 HK) D] that holds the queries, the keys and
/// the values side by side, each a run of heads: gives [B, T, H D].
struct SelfAttention: VariadicOperation {
    static let name = "self_attention"
    static let savesOutput = true
    let heads: Int
    let keyHeads: Int
    let settings: AttentionSettings
    private(set) var logSums: View?
    func saves(input: Int) -> Bool { true }
    mutating func release() { logSums = nil }

    init(heads: Int, keyHeads: Int, settings: AttentionSettings, logSums: View?) {
        (self.heads, self.keyHeads, self.settings, self.logSums) = (heads, keyHeads, settings, logSums)
    }

    func forward(_ inputs: [View]) throws(TalwegError) -> View { try run(inputs[0]).y }

    func run(_ x: View) throws(TalwegError) -> (y: View, logSums: View) {
        let call = try self.call(x)
        let y = try View(uninitialized: outputShape(x), x.dtype)
        return (y, try call.forward(to: SelfAttention.split(y, 0, heads, width(x))))
    }

    private func width(_ x: View) -> Int { x.shape[2] / (heads + 2 * keyHeads) }
    private func outputShape(_ x: View) throws(TalwegError) -> Shape {
        try x.shape.replacing(axis: 2, by: heads * width(x), for: Self.name)
    }

    /// `count` heads of x [B, T, ..] from the first on, as [B, count, T, width].
    private static func split(_ x: View, _ first: Int, _ count: Int, _ width: Int) throws(TalwegError) -> View {
        var strides = PerAxis(repeating: 0)
        strides[0] = x.strides[0]
        strides[1] = width * x.strides[2]
        strides[2] = x.strides[1]
        strides[3] = x.strides[2]
        let shape = try Shape([x.shape[0], count, x.shape[1], width], for: name)
        return x.with(shape: shape, strides: strides, offset: x.offset + first * strides[1])
    }

    private func parts(_ x: View) throws(TalwegError) -> (q: View, k: View, v: View) {
        let width = width(x)
        return (
            try Self.split(x, 0, heads, width), try Self.split(x, heads, keyHeads, width),
            try Self.split(x, heads + keyHeads, keyHeads, width)
        )
    }

    private func call(_ x: View) throws(TalwegError) -> AttentionCall {
        let (q, k, v) = try parts(x)
        return try AttentionCall(q, k, v, settings)
    }

    func pullback(_ g: Tensor, wanted: [Bool], _ r: VariadicRecord<SelfAttention>) throws(TalwegError) -> [Tensor?] {
        let x = try r.input(0)
        guard let logSums, !ThreadState.current.recording else { return [try composed(g, x)] }
        let dx = try View(uninitialized: x.shape, x.dtype)
        let (dq, dk, dv) = try parts(dx)
        let width = width(x.view)
        try call(x.view).backward(
            Self.split(g.view, 0, heads, width), out: Self.split(r.y.view, 0, heads, width), logSums: logSums,
            dq, dk, dv)
        return [Tensor(dx)]
    }

    private func composed(_ g: Tensor, _ x: Tensor) throws(TalwegError) -> Tensor {
        let width = width(x.view)
        func apart(_ x: Tensor, _ first: Int, _ count: Int) throws(TalwegError) -> Tensor {
            try x.slice(axis: 2, from: first * width, to: (first + count) * width)
                .reshape([x.shape[0], x.shape[1], count, width]).permute([0, 2, 1, 3])
        }
        func together(_ x: Tensor?) throws(TalwegError) -> Tensor {
            guard let x else { throw .internal("self_attention: a gradient is missing") }
            return try x.permute([0, 2, 1, 3]).reshape([x.shape[0], x.shape[2], x.shape[1] * x.shape[3]])
        }
        let attention = try ComposedAttention(
            apart(x, 0, heads), apart(x, heads, keyHeads), apart(x, heads + keyHeads, keyHeads), settings)
        let gradients = try attention.gradients(apart(g, 0, heads))
        return try Tensor.concatenate(
            [together(gradients[0]), together(gradients[1]), together(gradients[2])], axis: 2)
    }
}
