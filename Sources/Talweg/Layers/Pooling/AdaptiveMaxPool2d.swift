/// The greatest element of each of `height` x `width` windows that cover x [n, channels, .., ..]: [n, channels, height,
/// width].
public final class AdaptiveMaxPool2d: Module {
    private let height: Int?
    private let width: Int?

    /// - Parameter height, width: nil for the input's own
    /// - Throws: invalidArgument for one below 1
    public init(_ height: Int?, _ width: Int?) throws(TalwegError) {
        try AdaptiveGeometry.check([height, width], "adaptive_max_pool2d")
        self.height = height
        self.width = width
        super.init()
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.adaptiveMaxPool2d(height, width) }
}
