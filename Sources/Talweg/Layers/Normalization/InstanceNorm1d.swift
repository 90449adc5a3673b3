/// Instance norm of x [n, channels, length]; see `InstanceNormLayer`.
public final class InstanceNorm1d: InstanceNormLayer {
    /// - Throws: invalidArgument for options out of range; dtype for one that is not float32 or float64
    public init(_ channels: Int, _ options: ChannelNormOptions = .instance) throws(TalwegError) {
        try super.init(channels, options, ranks: 3...3, "instance_norm1d")
    }
}
