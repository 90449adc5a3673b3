/// The mean of each window of x [n, channels, height, width].
public final class AvgPool2d: PoolingLayer {
    /// - Throws: invalidArgument for options out of range
    public init(_ options: PoolingOptions) throws(TalwegError) {
        try super.init(options, spatial: 2, averages: true, "avg_pool2d")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.avgPool2d(options) }
}
