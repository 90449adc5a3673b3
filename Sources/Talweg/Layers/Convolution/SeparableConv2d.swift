/// Depthwise-separable convolution (Chollet, "Xception: Deep learning with depthwise separable convolutions", 2017):
/// child "depthwise" convolves each channel by itself, child "pointwise", of 1 x 1, mixes them.
public final class SeparableConv2d: Module {
    private let depthwise: Conv2d
    private let pointwise: Conv2d

    /// - Parameter options: of the depthwise convolution, but for groups; bias, dtype, initialiser and generator hold
    ///   for both
    /// - Throws: as `Conv2d`
    public init(
        _ inputs: Int, _ outputs: Int, kernelHeight: Int, kernelWidth: Int, _ options: ConvolutionLayerOptions = .init()
    ) throws(TalwegError) {
        var each = options
        each.convolution.groups = max(inputs, 1)
        depthwise = try Conv2d(inputs, inputs, kernelHeight: kernelHeight, kernelWidth: kernelWidth, each)
        let mixing = ConvolutionLayerOptions(
            bias: options.bias, dtype: options.dtype, initializer: options.initializer, generator: options.generator)
        pointwise = try Conv2d(inputs, outputs, kernel: 1, mixing)
        super.init()
        try setChild("depthwise", depthwise)
        try setChild("pointwise", pointwise)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try pointwise(depthwise(x))
    }
}
