/// Batch norm of images x [n, channels, height, width]; see `BatchNormLayer`.
public final class BatchNorm2d: BatchNormLayer {
    /// - Throws: invalidArgument for options out of range; dtype for one that is not float32 or float64
    public init(_ channels: Int, _ options: ChannelNormOptions = .init()) throws(TalwegError) {
        try super.init(channels, options, ranks: 4...4, "batch_norm2d")
    }
}
