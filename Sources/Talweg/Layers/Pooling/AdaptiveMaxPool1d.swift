/// The greatest element of each of `length` windows that cover x [n, channels, ..]: [n, channels, length].
public final class AdaptiveMaxPool1d: Module {
    private let length: Int?

    /// - Parameter length: nil for the input's own
    /// - Throws: invalidArgument for a length below 1
    public init(_ length: Int?) throws(TalwegError) {
        try AdaptiveGeometry.check([length], "adaptive_max_pool1d")
        self.length = length
        super.init()
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.adaptiveMaxPool1d(length) }
}
