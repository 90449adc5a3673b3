import TalwegKernels

/// What the layers of encoders and decoders share: the perceptron linear1, linear2, the norms norm1, norm2, .. and
/// the residual connections.
public class TransformerLayer: Module {
    public let width: Int
    public let options: TransformerOptions

    init(_ width: Int, _ options: TransformerOptions, _ name: String) throws(TalwegError) {
        guard options.feedForward >= 1, options.feedForward <= 1 << 40 else {
            throw .invalid("\(name): a perceptron of width \(options.feedForward); it must be 1 or more")
        }
        guard options.dropout >= 0, options.dropout < 1 else {
            throw .invalid("\(name): the dropout probability \(options.dropout) is outside [0, 1)")
        }
        (self.width, self.options) = (width, options)
        super.init()
    }

    /// Sets the perceptron and `count` norms.
    final func setParts(norms count: Int) throws(TalwegError) {
        let (bias, dtype, generator) = (options.bias, options.dtype, options.generator)
        let hidden = options.feedForward
        let first = options.activation.isGated ? 2 * hidden : hidden
        try setChild("linear1", Linear(width, first, bias: bias, dtype: dtype, generator: generator))
        try setChild("linear2", Linear(hidden, width, bias: bias, dtype: dtype, generator: generator))
        for number in 1...max(count, 1) {
            try setChild(
                "norm\(number)",
                options.rootMeanSquare
                    ? RMSNorm([width], epsilon: options.epsilon, dtype: dtype)
                    : LayerNorm([width], epsilon: options.epsilon, bias: bias, dtype: dtype))
        }
    }

    final func part(_ name: String) throws(TalwegError) -> Module {
        guard let found = child(name) else { throw .state("\(typeName): \(name) was removed") }
        return found
    }

    final func attention(_ name: String) throws(TalwegError) -> MultiheadAttention {
        guard let found = child(name) as? MultiheadAttention else {
            throw .state("\(typeName): \(name) is no MultiheadAttention")
        }
        return found
    }

    /// x after a part whose input, or sum with its output, is normalised.
    final func around(_ x: Tensor, _ norm: String, _ body: (Tensor) throws(TalwegError) -> Tensor)
        throws(TalwegError) -> Tensor
    {
        let norm = try part(norm)
        if options.normFirst { return try x + dropped(body(norm.forward(x))) }
        let y = try dropped(body(x))
        // The sum is not kept.
        if let norm = norm as? LayerNorm { return try norm.forward(y, residual: x) }
        return try norm.forward(x + y)
    }

    /// The perceptron.
    final func feed(_ x: Tensor) throws(TalwegError) -> Tensor {
        let (first, second) = (try part("linear1"), try part("linear2"))
        guard let weight = first.parameter("weight") else {
            throw .state("\(typeName): the weight of linear1 was removed")
        }
        let bias = first.parameter("bias")
        let hidden: Tensor
        switch options.activation {
        case .relu: hidden = try x.linear(weight, bias, activation: .relu)
        case .gelu: hidden = try x.linear(weight, bias, activation: .gelu)
        case .silu: hidden = try x.linear(weight, bias).silu()
        case .gatedSilu, .gatedGELU:
            let both = try x.linear(weight, bias)
            let halves = try both.split(axis: -1, sizes: [options.feedForward, options.feedForward])
            hidden = try (options.activation == .gatedSilu ? halves[0].silu() : halves[0].gelu()) * halves[1]
        }
        return try second.forward(dropped(hidden))
    }

    private func dropped(_ x: Tensor) throws(TalwegError) -> Tensor {
        isTraining && options.dropout > 0 ? try x.dropout(options.dropout, options.generator) : x
    }

    /// Checks a layer's input before anything is computed.
    final func check(_ x: Tensor, _ what: String) throws(TalwegError) {
        guard x.rank == 2 || x.rank == 3, x.shape[x.rank - 1] == width else {
            throw .shape(
                "\(typeName): the \(what) is \(x.shape); \(options.batchFirst ? "[batch, length" : "[length, batch"), "
                    + "\(width)] is needed")
        }
    }
}
