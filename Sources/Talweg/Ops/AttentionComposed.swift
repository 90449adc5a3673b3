import TalwegKernels

/// Attention made of recorded operations, with the matrix of all queries by all keys: for derivatives of its
/// gradient and for masks that have one.
struct ComposedAttention {
    // [B, HK, H / HK, T, D], [B, HK, 1, S, D], [B, HK, 1, S, E]
    private let q, k, v: Tensor
    /// The weights before and the factors of dropout, [B, HK, H / HK, T, S].
    private let weights: Tensor
    private let factors: Tensor?
    private let settings: AttentionSettings
    private let queryShape, keyShape, valueShape: Shape

    /// - Parameter bias: in place of the settings' one, to be differentiated.
    init(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ settings: AttentionSettings, bias: Tensor? = nil)
        throws(TalwegError)
    {
        let (batch, heads, queries) = (q.shape[0], q.shape[1], q.shape[2])
        let (keyHeads, keys) = (k.shape[1], k.shape[2])
        let group = keyHeads == 0 ? 1 : heads / keyHeads
        (queryShape, keyShape, valueShape) = (q.shape, k.shape, v.shape)
        self.settings = settings
        self.q = try q.reshape([batch, keyHeads, group, queries, q.shape[3]])
        self.k = try k.expandDims(2)
        self.v = try v.expandDims(2)
        let whole = try Shape([batch, heads, queries, keys], for: "attention")
        let grouped = try Shape([batch, keyHeads, group, queries, keys], for: "attention")
        var scores = try self.q.matmul(self.k.transpose()) * settings.scale
        var allowed = settings.causal ? try Self.causalMask(queries, keys) : nil
        func allow(_ mask: Tensor) throws(TalwegError) {
            let mask = try mask.broadcast(to: whole).reshape(grouped)
            if let already = allowed { allowed = try already.logicalAnd(mask) } else { allowed = mask }
        }
        if let keep = settings.keep { try allow(keep.tensor("attention")) }
        var added = bias
        if added == nil { added = try settings.bias?.tensor("attention") }
        if let added {
            let none = try added.detach().isEqual(added.scalar(-.infinity))
            try allow(none.logicalNot())
            // Where nothing is attended to, a zero stands for the infinity: its gradient is 0, not NaN.
            let finite = try Tensor.select(none, added.scalar(0), added)
            scores = try scores + finite.broadcast(to: whole).reshape(grouped)
        }
        if let allowed {
            // A row that attends to nothing has no weights; its softmax must still be finite.
            let some = try allowed.any(axes: [-1], keepdims: true)
            let masked = try Tensor.select(allowed.logicalOr(some.logicalNot()), scores, scores.scalar(-.infinity))
            weights = try masked.softmax() * some.cast(to: scores.dtype)
        } else {
            weights = try scores.softmax()
        }
        factors = settings.dropout == 0
            ? nil : try ComposedAttention.dropoutFactors(whole, settings, q.dtype).reshape(grouped)
    }

    /// [B, H, T, E]
    func result() throws(TalwegError) -> Tensor { try result(of: kept()) }

    /// The same, and the weights after dropout, [B, H, T, S].
    func resultAndWeights() throws(TalwegError) -> (result: Tensor, weights: Tensor) {
        let kept = try kept()
        return (
            try result(of: kept), try kept.reshape([queryShape[0], queryShape[1], queryShape[2], keyShape[2]])
        )
    }

    private func kept() throws(TalwegError) -> Tensor {
        guard let factors else { return weights }
        return try weights * factors
    }

    private func result(of kept: Tensor) throws(TalwegError) -> Tensor {
        try kept.matmul(v).reshape([queryShape[0], queryShape[1], queryShape[2], valueShape[3]])
    }

    /// The gradients of q, k and v: see the kernel's `attendBackward`.
    func gradients(_ g: Tensor) throws(TalwegError) -> [Tensor?] {
        let g = try g.reshape(Array(q.shape.dims.dropLast()) + [valueShape[3]])
        var kept = weights
        var slopes = try g.matmul(v.transpose())
        if let factors {
            kept = try kept * factors
            slopes = try slopes * factors
        }
        let dv = try kept.transpose().matmul(g).sum(axes: [2])
        let centred = try slopes - (slopes * weights).sum(axes: [-1], keepdims: true)
        let ds = try weights * centred * settings.scale
        return [
            try ds.matmul(k).reshape(queryShape),
            try ds.transpose().matmul(q).sum(axes: [2]).reshape(keyShape),
            try dv.reshape(valueShape),
        ]
    }

    private static func causalMask(_ queries: Int, _ keys: Int) throws(TalwegError) -> Tensor {
        let mask = try View(uninitialized: Shape([queries, keys], for: "attention"), .bool)
        let bytes = mask.pointer(as: UInt8.self)
        for i in 0..<queries {
            for j in 0..<keys { bytes[i * keys + j] = j <= i + keys - queries ? 1 : 0 }
        }
        return Tensor(mask)
    }

    private static func dropoutFactors(_ shape: Shape, _ settings: AttentionSettings, _ dtype: DType)
        throws(TalwegError) -> Tensor
    {
        let factors = try View(uninitialized: shape, .float64)
        let out = factors.pointer(as: Double.self)
        for i in 0..<shape.count {
            out[i] = attentionDropoutFactor(
                settings.dropout, settings.random.seed, settings.random.offset, row: i / shape[3], key: i % shape[3],
                keys: shape[3])
        }
        return Tensor(try factors.cast(to: dtype))
    }
}
