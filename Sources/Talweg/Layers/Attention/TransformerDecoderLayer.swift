/// A layer of a transformer's decoder (Vaswani et al., 2017): self attention, attention to a memory and a perceptron,
/// each beside a residual connection with a norm. Children, under PyTorch's names: self_attn, multihead_attn, linear1,
/// linear2, norm1, norm2, norm3. Inputs: x, memory, mask, keyMask, memoryMask, memoryKeyMask, of which the masks may
/// be left out.
public final class TransformerDecoderLayer: TransformerLayer, SequenceBlock {
    /// - Throws: as `TransformerEncoderLayer`.
    public init(_ width: Int, heads: Int, _ options: TransformerOptions = TransformerOptions()) throws(TalwegError) {
        try super.init(width, options, "TransformerDecoderLayer")
        try setChild("self_attn", MultiheadAttention(width, heads: heads, options.attention()))
        try setChild("multihead_attn", MultiheadAttention(width, heads: heads, options.attention(toMemory: true)))
        try setParts(norms: 3)
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] { try forwardDecoding(inputs) }

    public func forward(_ x: Tensor, memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        guard let memory else { throw .invalid("\(typeName): a decoder needs a memory to attend to") }
        try check(x, "input")
        try check(memory, "memory")
        guard let cache = context.cache else { return try run(x, memory, context) }
        return try cache.call { () throws(TalwegError) in try run(x, memory, context) }
    }

    private func run(_ x: Tensor, _ memory: Tensor, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        let (own, cross) = (try attention("self_attn"), try attention("multihead_attn"))
        let y = try around(x, "norm1") { x throws(TalwegError) in try own.attend(x, nil, nil, context).output }
        let z = try around(y, "norm2") { y throws(TalwegError) in
            try cross.attend(y, memory, memory, context.ofMemory, isMemory: true).output
        }
        return try around(z, "norm3") { z throws(TalwegError) in try feed(z) }
    }
}
