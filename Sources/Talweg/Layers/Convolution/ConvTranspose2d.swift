/// The transpose of `Conv2d` as a linear map of its input: x [n, inputs, height, width] -> [n, outputs, .., ..];
/// parameters "weight" [inputs, outputs / groups, kernel height, kernel width] and "bias" [outputs].
public final class ConvTranspose2d: ConvolutionLayer {
    /// - Throws: as `Conv2d`; invalidArgument also for padding other than a number of zeros
    public init(
        _ inputs: Int, _ outputs: Int, kernelHeight: Int, kernelWidth: Int, _ options: ConvolutionLayerOptions = .init()
    ) throws(TalwegError) {
        try super.init(inputs, outputs, [kernelHeight, kernelWidth], transposed: true, options, "conv_transpose2d")
    }

    /// A square kernel.
    public convenience init(_ inputs: Int, _ outputs: Int, kernel: Int, _ options: ConvolutionLayerOptions = .init())
        throws(TalwegError)
    {
        try self.init(inputs, outputs, kernelHeight: kernel, kernelWidth: kernel, options)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try x.convTranspose2d(weight(), parameter("bias"), convolution)
    }
}
