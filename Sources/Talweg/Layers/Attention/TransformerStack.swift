/// Layers of a transformer one after the other, and a norm at the end or none. Children, under PyTorch's names:
/// "layers", with the layers "0", "1", .., and "norm".
public class TransformerStack: Module, SequenceBlock {
    /// - Throws: invalidArgument for a layer that is none of a transformer's, or no layers.
    init(_ layers: [Module], norm: Module?, _ name: String) throws(TalwegError) {
        super.init()
        guard !layers.isEmpty else { throw .invalid("\(name): no layers") }
        for (place, layer) in layers.enumerated() where !(layer is SequenceBlock) {
            throw .invalid("\(name): layer \(place) is a \(layer.typeName), no layer of a transformer")
        }
        try setChild("layers", Sequential(layers))
        if let norm { try setChild("norm", norm) }
    }

    public final func forward(_ x: Tensor, memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        guard let cache = context.cache else { return try run(x, memory, context) }
        return try cache.call { () throws(TalwegError) in try run(x, memory, context) }
    }

    private func run(_ x: Tensor, _ memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        guard let layers = child("layers") else { throw .state("\(typeName): layers was removed") }
        var y = x
        for (_, layer) in layers.children {
            guard let block = layer as? SequenceBlock else {
                throw .state("\(typeName): a \(layer.typeName) is no layer of a transformer")
            }
            y = try block.forward(y, memory: memory, context)
        }
        guard let norm = child("norm") else { return y }
        return try norm.forward(y)
    }
}

/// Encoder layers one after the other. Inputs: x, mask, keyMask, of which the last two may be left out.
public final class TransformerEncoder: TransformerStack {
    /// - Parameter layers: `TransformerEncoderLayer`s, also `Checkpointed`.
    public init(_ layers: [Module], norm: Module? = nil) throws(TalwegError) {
        try super.init(layers, norm: norm, "TransformerEncoder")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try forward(x, memory: nil, AttentionContext())
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] { try forwardEncoding(inputs) }
}

/// Decoder layers one after the other. Inputs: x, memory, mask, keyMask, memoryMask, memoryKeyMask, of which the masks
/// may be left out.
public final class TransformerDecoder: TransformerStack {
    /// - Parameter layers: `TransformerDecoderLayer`s, also `Checkpointed`.
    public init(_ layers: [Module], norm: Module? = nil) throws(TalwegError) {
        try super.init(layers, norm: norm, "TransformerDecoder")
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] { try forwardDecoding(inputs) }
}
