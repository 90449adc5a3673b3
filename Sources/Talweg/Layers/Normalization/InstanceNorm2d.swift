/// Instance norm of images x [n, channels, height, width]; see `InstanceNormLayer`.
public final class InstanceNorm2d: InstanceNormLayer {
    /// - Throws: invalidArgument for options out of range; dtype for one that is not float32 or float64
    public init(_ channels: Int, _ options: ChannelNormOptions = .instance) throws(TalwegError) {
        try super.init(channels, options, ranks: 4...4, "instance_norm2d")
    }
}
