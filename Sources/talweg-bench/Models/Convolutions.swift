import Talweg

/// A square convolution of [batch, channels, height, width].
final class Convolution: Module {
    private let weight: Tensor
    private let bias: Tensor?
    private let options: ConvolutionOptions

    init(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true) throws {
        // He's scale, as for layers that ReLU follows.
        let scale = (2 / Double(inputs * kernel * kernel)).squareRoot()
        weight = try normal(outputs, inputs, kernel, kernel, scale: scale)
        self.bias = bias ? try .zeros(Shape([outputs]), .float32) : nil
        options = ConvolutionOptions(ConvolutionOptions.Axis(stride: stride, padding: padding))
        super.init()
        try setParameter("weight", weight)
        if let bias = self.bias { try setParameter("bias", bias) }
    }

    override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.conv2d(weight, bias, options) }
}

/// Batch norm by the batch's statistics, which also move the running ones; then plus a residual, then ReLU.
final class BatchNorm: Module {
    private let weight, bias, runningMean, runningVariance: Tensor

    init(_ channels: Int) throws {
        let shape = try Shape([channels])
        (weight, bias) = try (.ones(shape, .float32), .zeros(shape, .float32))
        (runningMean, runningVariance) = try (.zeros(shape, .float32), .ones(shape, .float32))
        super.init()
        try setParameter("weight", weight)
        try setParameter("bias", bias)
    }

    func forward(_ x: Tensor, residual: Tensor? = nil, relu: Bool) throws(TalwegError) -> Tensor {
        try x.batchNorm(
            weight: weight, bias: bias, runningMean: runningMean, runningVariance: runningVariance,
            residual: residual, BatchNormOptions(relu: relu))
    }
}
