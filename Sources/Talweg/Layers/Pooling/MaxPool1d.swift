/// The greatest element of each window of x [n, channels, length].
public final class MaxPool1d: PoolingLayer {
    /// - Throws: invalidArgument for options out of range
    public init(_ options: PoolingOptions) throws(TalwegError) {
        try super.init(options, spatial: 1, averages: false, "max_pool1d")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.maxPool1d(options) }
}
