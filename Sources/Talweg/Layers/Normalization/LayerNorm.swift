import TalwegKernels

/// Layer norm (Ba, Kiros and Hinton, "Layer normalization", 2016) over the last axes: (x - mean) / sqrt(variance +
/// epsilon) weight + bias; parameters "weight" and "bias" of the axes' sizes, of ones and zeros at first.
public final class LayerNorm: Module {
    private let normalized: NormalizedShape
    public let epsilon: Double

    /// - Parameters:
    ///   - shape: the sizes of the last axes
    ///   - affine: whether there is a weight
    ///   - bias: whether there is a bias beside the weight
    /// - Throws: invalidArgument for no axes or an epsilon below 0, shape for sizes below 1, dtype
    public init(
        _ shape: [Int], epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true, dtype: DType = .float32
    ) throws(TalwegError) {
        normalized = try NormalizedShape(shape, "layer_norm")
        guard epsilon >= 0, epsilon.isFinite else {
            throw .invalid("layer_norm: epsilon is \(epsilon); it must be finite and 0 or more")
        }
        guard dtype == .float32 || dtype == .float64 else {
            throw .dtype("layer_norm: needs float32 or float64, not \(dtype.name)")
        }
        self.epsilon = epsilon
        super.init()
        if affine {
            try setParameter("weight", .ones(normalized.shape, dtype))
            if bias { try setParameter("bias", .zeros(normalized.shape, dtype)) }
        }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try normalized.folded(x, parameter("weight"), parameter("bias")) { x, weight, bias throws(TalwegError) in
            try x.layerNorm(weight: weight, bias: bias, epsilon: epsilon)
        }
    }

    /// Of x + residual, without the sum in memory.
    public func forward(_ x: Tensor, residual: Tensor) throws(TalwegError) -> Tensor {
        guard residual.shape == x.shape else {
            throw .shape("layer_norm: the tensor is \(x.shape), the residual \(residual.shape)")
        }
        return try normalized.folded(x, parameter("weight"), parameter("bias")) { x, weight, bias throws(TalwegError) in
            try x.layerNorm(weight: weight, bias: bias, residual: residual.reshape(x.shape), epsilon: epsilon)
        }
    }

    /// One input, or two, of which the second is a residual.
    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count == 1 || inputs.count == 2, let x = inputs[0] else {
            throw .invalid("forward: LayerNorm takes an input and perhaps a residual, not \(inputs.count) inputs")
        }
        guard inputs.count == 2, let residual = inputs[1] else { return [try forward(x)] }
        return [try forward(x, residual: residual)]
    }
}
