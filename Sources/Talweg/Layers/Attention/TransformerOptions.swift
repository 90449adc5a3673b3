/// The function between the two products of a transformer layer's perceptron.
public enum FeedForwardActivation: Int32, Sendable, CaseIterable {
    case relu = 0
    /// x Phi(x)
    case gelu = 1
    case silu = 2
    /// silu(a) b, a and b the halves of the first product, which is twice as wide (Shazeer, "GLU variants improve
    /// transformer", 2020)
    case gatedSilu = 3
    /// gelu(a) b, likewise
    case gatedGELU = 4

    var isGated: Bool { self == .gatedSilu || self == .gatedGELU }
}

/// What a transformer's layers are told beside their sizes.
public struct TransformerOptions {
    /// The width between the two products of the perceptron.
    public var feedForward = 2048
    /// The probability that, in training mode, an element is zeroed: of the weights of attention, in the perceptron,
    /// and of what each part adds to the residual stream.
    public var dropout = 0.1
    public var activation = FeedForwardActivation.relu
    /// Whether each part's input is normalised (Xiong et al., "On layer normalization in the transformer
    /// architecture", 2020), not the sum of its input and output, as in the first transformer.
    public var normFirst = false
    /// RMS norm in place of layer norm.
    public var rootMeanSquare = false
    public var epsilon = 1e-5
    /// Whether projections and layer norms have biases.
    public var bias = true
    /// Whether sequences are [batch, length, features], not [length, batch, features].
    public var batchFirst = false
    /// Whether no query of self attention sees what comes after it, whatever the context says.
    public var causal = false
    /// How many heads the keys and values have; nil: as many as the queries.
    public var keyHeads: Int?
    /// The base of rotary positions in self attention; nil: none.
    public var rotaryBase: Double?
    public var dtype = DType.float32
    /// Of the weights and the dropout.
    public var generator = Generator.shared

    public init() {}

    /// Of the layer's self attention or, without rotary positions and causality, of that to a memory.
    func attention(toMemory: Bool = false) -> MultiheadAttentionOptions {
        var options = MultiheadAttentionOptions()
        (options.keyHeads, options.bias, options.dropout) = (keyHeads, bias, dropout)
        (options.batchFirst, options.dtype, options.generator) = (batchFirst, dtype, generator)
        if !toMemory { (options.causal, options.rotaryBase) = (causal, rotaryBase) }
        return options
    }
}
