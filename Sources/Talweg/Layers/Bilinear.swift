import TalwegKernels

/// y_k = a W_k b + c_k of two inputs a [.., first] and b [.., second] with the same axes before: parameters "weight" W
/// [outputs, first, second] and "bias" c [outputs].
public final class Bilinear: Module {
    /// - Throws: invalidArgument for sizes below 1, dtype for one that is not floating.
    public init(
        _ first: Int, _ second: Int, _ outputs: Int, bias: Bool = true, dtype: DType = .float32,
        initializer: Initializer = .standard, generator: Generator = .shared
    ) throws(TalwegError) {
        super.init()
        guard first >= 1, second >= 1, outputs >= 1 else {
            throw .invalid("bilinear: \(first) and \(second) inputs, \(outputs) outputs; all must be 1 or more")
        }
        guard dtype.isFloating else { throw .dtype("bilinear: needs a floating type, not \(dtype.name)") }
        let shape = try Shape([outputs, first, second], for: "bilinear")
        try setParameter("weight", initializer.weight(shape, fanIn: first, fanOut: outputs, dtype, generator))
        if bias {
            try setParameter(
                "bias", initializer.bias(Shape([outputs], for: "bilinear"), fanIn: first, dtype, generator))
        }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        throw .invalid("bilinear: takes two inputs, not 1")
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count == 2, let first = inputs[0], let second = inputs[1] else {
            throw .invalid("bilinear: takes two inputs, not \(inputs.count(where: { $0 != nil }))")
        }
        guard let weight = parameter("weight") else { throw .state("bilinear: its weight was removed") }
        return [try first.bilinear(second, weight, parameter("bias"))]
    }
}
