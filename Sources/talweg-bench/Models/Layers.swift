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
        try weight.embedding(tokens)
    }
}

/// Layer norm over the last axis, with scale and shift.
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

    override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try forward(x, residual: nil) }

    /// Of the sum with a residual.
    func forward(_ x: Tensor, residual: Tensor?) throws(TalwegError) -> Tensor {
        try x.layerNorm(weight: weight, bias: bias, residual: residual)
    }
}

/// A linear map with bias, and the activation in the same pass.
final class Dense: Module {
    private let weight: Tensor
    private let bias: Tensor
    private let activation: Activation

    init(_ inputs: Int, _ outputs: Int, _ activation: Activation = .identity) throws {
        let bound = 1 / Double(inputs).squareRoot()
        weight = try .uniform(Shape([outputs, inputs]), low: -bound, high: bound, .float32)
        bias = try .uniform(Shape([outputs]), low: -bound, high: bound, .float32)
        self.activation = activation
        super.init()
        try setParameter("weight", weight)
        try setParameter("bias", bias)
    }

    override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try x.linear(weight, bias, activation: activation)
    }
}
