/// In training mode, zeroes all of an example, or of the batch, with a probability and scales the others by
/// 1 / (1 - probability): at the end of a residual branch, which is then skipped (Huang, Sun, Liu, Sedra and
/// Weinberger, "Deep networks with stochastic depth", 2016).
public final class StochasticDepth: Module {
    public let probability: Double
    public let mode: StochasticDepthMode
    private let generator: Generator

    /// - Parameter seed: of the layer's own stream of random numbers
    /// - Throws: invalidArgument unless 0 <= probability < 1.
    public init(_ probability: Double, mode: StochasticDepthMode = .row, seed: UInt64 = 0) throws(TalwegError) {
        try Dropout.check(probability, "stochastic_depth")
        self.probability = probability
        self.mode = mode
        generator = Generator(seed: seed)
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        isTraining ? try x.stochasticDepth(probability, mode, generator) : x
    }
}
