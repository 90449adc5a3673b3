/// In training mode, zeroes whole channels of x [batch, channels, ..], or of [channels, length], with a probability and
/// scales the others by 1 / (1 - probability): neighbours in a channel are alike, so that single elements are no loss
/// (Tompson, Goroshin, Jain, LeCun and Bregler, 2015).
public final class ChannelDropout: Module {
    public let probability: Double
    private let generator: Generator

    /// - Parameter seed: of the layer's own stream of random numbers
    /// - Throws: invalidArgument unless 0 <= probability < 1.
    public init(_ probability: Double, seed: UInt64 = 0) throws(TalwegError) {
        try Dropout.check(probability, "channel_dropout")
        self.probability = probability
        generator = Generator(seed: seed)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        isTraining ? try x.channelDropout(probability, generator) : x
    }
}
