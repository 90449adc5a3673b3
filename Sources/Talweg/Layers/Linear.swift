import TalwegKernels

/// x [.., inputs] -> x W^T + b [.., outputs]; parameters "weight" W [outputs,
/// inputs] and "bias" b [outputs].
public final class Linear: Module {
    /// - Throws: invalidArgument for sizes below 1, dtype for one that is not floating.
    public init(
        _ inputs: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32,
        initializer: Initializer = .standard, generator: Generator = .shared
    ) throws(TalwegError) {
        super.init()
        guard inputs >= 1, outputs >= 1 else {
            throw .invalid("linear: \(inputs) inputs and \(outputs) outputs; both must be 1 or more")
        }
        guard dtype.isFloating else { throw .dtype("linear: needs a floating type, not \(dtype.name)") }
        let shape = try Shape([outputs, inputs], for: "linear")
        try setParameter(
            "weight", initializer.weight(shape, fanIn: inputs, fanOut: outputs, dtype, generator))
        if bias {
            try setParameter(
                "bias", initializer.bias(Shape([outputs], for: "linear"), fanIn: inputs, dtype, generator))
        }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try forward(x, .identity) }

    /// With an activation of the result in the same pass.
    func forward(_ x: Tensor, _ activation: Activation) throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("linear: its weight was removed") }
        return try x.linear(weight, parameter("bias"), activation: activation)
    }
}
