/// The transpose of `Conv1d` as a linear map of its input: x [n, inputs, length] -> [n, outputs, ..]; parameters
/// "weight" [inputs, outputs / groups, kernel] and "bias" [outputs].
public final class ConvTranspose1d: ConvolutionLayer {
    /// - Throws: as `Conv1d`; invalidArgument also for padding other than a number of zeros
    public init(_ inputs: Int, _ outputs: Int, kernel: Int, _ options: ConvolutionLayerOptions = .init())
        throws(TalwegError)
    {
        try super.init(inputs, outputs, [kernel], transposed: true, options, "conv_transpose1d")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try x.convTranspose1d(weight(), parameter("bias"), convolution)
    }
}
