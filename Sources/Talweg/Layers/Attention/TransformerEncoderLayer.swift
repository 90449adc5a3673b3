/// A layer of a transformer's encoder (Vaswani et al., 2017), or of a model that reads what it writes if it is
/// causal: self attention and a perceptron, each beside a residual connection with a norm. Children, under PyTorch's
/// names: self_attn, linear1, linear2, norm1, norm2. Inputs: x, mask, keyMask, of which the last two may be left out.
public final class TransformerEncoderLayer: TransformerLayer, SequenceBlock {
    /// - Throws: as `MultiheadAttention`; invalidArgument for a perceptron of no width or a dropout outside [0, 1).
    public init(_ width: Int, heads: Int, _ options: TransformerOptions = TransformerOptions()) throws(TalwegError) {
        try super.init(width, options, "TransformerEncoderLayer")
        try setChild("self_attn", MultiheadAttention(width, heads: heads, options.attention()))
        try setParts(norms: 2)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try forward(x, memory: nil, AttentionContext())
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        try forwardEncoding(inputs)
    }

    public func forward(_ x: Tensor, memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        guard memory == nil else { throw .invalid("\(typeName): an encoder attends to no memory") }
        try check(x, "input")
        let attention = try attention("self_attn")
        let y = try around(x, "norm1") { x throws(TalwegError) in try attention.attend(x, nil, nil, context).output }
        return try around(y, "norm2") { y throws(TalwegError) in try feed(y) }
    }
}

extension SequenceBlock {
    /// Of the inputs x, mask, keyMask.
    func forwardEncoding(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count <= 3, let x = inputs.first ?? nil else {
            throw .invalid("\(typeName): takes x, a mask and a key mask, not \(inputs.count) inputs")
        }
        var context = AttentionContext()
        context.mask = inputs.count > 1 ? inputs[1] : nil
        context.keyMask = inputs.count > 2 ? inputs[2] : nil
        return [try forward(x, memory: nil, context)]
    }

    /// Of the inputs x, memory, mask, keyMask, memoryMask, memoryKeyMask.
    func forwardDecoding(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count >= 2, inputs.count <= 6, let x = inputs[0], let memory = inputs[1] else {
            throw .invalid(
                "\(typeName): takes x, memory, a mask, a key mask and both of the memory, not \(inputs.count) inputs")
        }
        func input(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }
        var context = AttentionContext()
        (context.mask, context.keyMask) = (input(2), input(3))
        (context.memoryMask, context.memoryKeyMask) = (input(4), input(5))
        return [try forward(x, memory: memory, context)]
    }
}
