/// In training mode, zeroes each element with a probability and scales the
/// others by 1 / (1 - probability); passes through in evaluation mode
/// (Srivastava et al., "Dropout", JMLR 15, 2014).
public final class Dropout: Module {
    public let probability: Double
    private let generator: Generator

    /// - Parameter seed: of the layer's own stream of random numbers.
    /// - Throws: invalidArgument unless 0 <= probability < 1.
    public init(_ probability: Double, seed: UInt64 = 0) throws(TalwegError) {
        try Dropout.check(probability, "dropout")
        self.probability = probability
        generator = Generator(seed: seed)
    }

    static func check(_ probability: Double, _ name: String) throws(TalwegError) {
        guard probability >= 0, probability < 1 else {
            throw .invalid("\(name): the probability is \(probability); it must be 0 or more and below 1")
        }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        isTraining ? try x.dropout(probability, generator) : x
    }
}
