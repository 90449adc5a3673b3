/// The greatest element of each window of x [n, channels, height, width].
public final class MaxPool2d: PoolingLayer {
    /// - Throws: invalidArgument for options out of range
    public init(_ options: PoolingOptions) throws(TalwegError) {
        try super.init(options, spatial: 2, averages: false, "max_pool2d")
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.maxPool2d(options) }
}
