import Talweg

// Layers that the models share, made of operations on tensors.

/// Rows of a table [vocabulary, width] by token.
final class Embedding: Module {
    let weight: Tensor

    init(_ vocabulary: Int, _ width: Int) throws {
        weight = try normal(vocabulary, width, scale: 0.02)
        super.init()
        try setParameter("weight", weight)
    }

    /// Tokens of any shape [..] -> [.., width].
    override func forward(_ tokens: Tensor) throws(TalwegError) -> Tensor {
        let rows = try weight.indexSelect(axis: 0, tokens.reshape([-1]))
        return try rows.reshape(tokens.shape.dims + [weight.shape.dims[1]])
    }
}

/// Over the last axis, with scale and shift.
final class LayerNorm: Module {
    private let weight: Tensor
    private let bias: Tensor

    init(_ width: Int) throws {
        weight = try .ones(Shape([width]), .float32)
        bias = try .zeros(Shape([width]), .float32)
        super.init()
        try setParameter("weight", weight)
        try setParameter("bias", bias)
    }

    override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let centred = try x - x.mean(axes: [-1], keepdims: true)
        let deviation = try (centred.square().mean(axes: [-1], keepdims: true) + 1e-5).rsqrt()
        return try centred * deviation * weight + bias
    }
}
