/// Dropout that keeps mean 0 and variance 1, for networks of SELU: in training mode single elements, or whole channels,
/// take SELU's negative limit with a probability (Klambauer, Unterthiner, Mayr and Hochreiter, "Self-normalizing neural
/// networks", 2017).
public final class AlphaDropout: Module {
    public let probability: Double
    public let byChannel: Bool
    private let generator: Generator

    /// - Parameters:
    ///   - byChannel: whether whole channels of [batch, channels, ..] or [channels, length] are dropped
    ///   - seed: of the layer's own stream of random numbers
    /// - Throws: invalidArgument unless 0 <= probability < 1.
    public init(_ probability: Double, byChannel: Bool = false, seed: UInt64 = 0) throws(TalwegError) {
        try Dropout.check(probability, "alpha_dropout")
        self.probability = probability
        self.byChannel = byChannel
        generator = Generator(seed: seed)
    }

    public override var typeName: String { byChannel ? "FeatureAlphaDropout" : "AlphaDropout" }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        isTraining ? try x.alphaDropout(probability, byChannel: byChannel, generator) : x
    }
}
