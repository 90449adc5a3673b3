/// Batch norm of x [n, channels] or [n, channels, length]; see `BatchNormLayer`.
public final class BatchNorm1d: BatchNormLayer {
    /// - Throws: invalidArgument for options out of range; dtype for one that is not float32 or float64
    public init(_ channels: Int, _ options: ChannelNormOptions = .init()) throws(TalwegError) {
        try super.init(channels, options, ranks: 2...3, "batch_norm1d")
    }
}
