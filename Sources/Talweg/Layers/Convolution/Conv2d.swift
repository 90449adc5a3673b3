/// Convolution of images: x [n, inputs, height, width] -> [n, outputs, .., ..]; parameters "weight" [outputs, inputs /
/// groups, kernel height, kernel width] and "bias" [outputs].
public final class Conv2d: ConvolutionLayer {
    /// - Throws: invalidArgument for sizes below 1, groups that do not divide both numbers of channels, and options out
    ///   of range; shape, dtype
    public init(
        _ inputs: Int, _ outputs: Int, kernelHeight: Int, kernelWidth: Int, _ options: ConvolutionLayerOptions = .init()
    ) throws(TalwegError) {
        try super.init(inputs, outputs, [kernelHeight, kernelWidth], transposed: false, options, "conv2d")
    }

    /// A square kernel.
    public convenience init(_ inputs: Int, _ outputs: Int, kernel: Int, _ options: ConvolutionLayerOptions = .init())
        throws(TalwegError)
    {
        try self.init(inputs, outputs, kernelHeight: kernel, kernelWidth: kernel, options)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try padded(x).conv2d(weight(), parameter("bias"), convolution)
    }
}
