/// Channels as pixels: x [n, channels factor^2, height, width] -> [n, channels, height factor, width factor]; see
/// `Tensor.pixelShuffle`.
public final class PixelShuffle: Module {
    private let factor: Int

    /// - Throws: invalidArgument for a factor below 1
    public init(_ factor: Int) throws(TalwegError) {
        guard factor >= 1, factor <= Int(Int32.max) else {
            throw .invalid("pixel_shuffle: the factor is \(factor); 1 to \(Int32.max) is allowed")
        }
        self.factor = factor
        super.init()
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try x.pixelShuffle(factor) }
}
