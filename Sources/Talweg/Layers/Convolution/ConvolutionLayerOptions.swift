import TalwegKernels

/// How a layer of convolution is made.
public struct ConvolutionLayerOptions: Sendable {
    /// Strides, padding, dilation and groups. With as many groups as input channels it is depthwise.
    public var convolution: ConvolutionOptions
    /// Whether the input is padded so that the result has its size, whatever `convolution` says of padding: by
    /// dilation (kernel - 1) positions, one more of them behind than before where that is odd. Strides must be 1.
    public var samePadding: Bool
    /// What stands in the padding: zeros (`constant`), or the input's own elements.
    public var paddingMode: PadMode
    public var bias: Bool
    public var dtype: DType
    public var initializer: Initializer
    public var generator: Generator

    public init(
        _ convolution: ConvolutionOptions = ConvolutionOptions(), samePadding: Bool = false,
        paddingMode: PadMode = .constant, bias: Bool = true, dtype: DType = .float32,
        initializer: Initializer = .standard, generator: Generator = .shared
    ) {
        self.convolution = convolution
        self.samePadding = samePadding
        self.paddingMode = paddingMode
        self.bias = bias
        self.dtype = dtype
        self.initializer = initializer
        self.generator = generator
    }

    /// The same stride, padding and dilation on all axes.
    public init(
        stride: Int = 1, padding: Int = 0, dilation: Int = 1, outputPadding: Int = 0, groups: Int = 1,
        samePadding: Bool = false, paddingMode: PadMode = .constant, bias: Bool = true, dtype: DType = .float32,
        initializer: Initializer = .standard, generator: Generator = .shared
    ) {
        let axis = ConvolutionOptions.Axis(
            stride: stride, padding: padding, dilation: dilation, outputPadding: outputPadding)
        self.init(
            ConvolutionOptions(axis, groups: groups), samePadding: samePadding, paddingMode: paddingMode, bias: bias,
            dtype: dtype, initializer: initializer, generator: generator)
    }
}
