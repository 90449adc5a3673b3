/// Convolution along one axis: x [n, inputs, length] -> [n, outputs, ..]; parameters "weight" [outputs, inputs /
/// groups, kernel] and "bias" [outputs].
public final class Conv1d: ConvolutionLayer {
    /// - Throws: invalidArgument for sizes below 1, groups that do not divide both numbers of channels, and options out
    ///   of range; shape, dtype
    public init(_ inputs: Int, _ outputs: Int, kernel: Int, _ options: ConvolutionLayerOptions = .init())
        throws(TalwegError)
    {
        try super.init(inputs, outputs, [kernel], transposed: false, options, "conv1d")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try padded(x).conv1d(weight(), parameter("bias"), convolution)
    }
}
