/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019):
/// Adam of the plain gradient, and apart from it
///
///     p -= learningRate weightDecay p
public final class AdamW: Adam {
    /// - Throws: invalidArgument for options outside their ranges.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, maxNorm: Double = 0
    ) throws(TalwegError) {
        try super.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            decoupled: true, maxNorm: maxNorm)
    }

    /// With the parameters of a module.
    public convenience init(
        _ module: Module, learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0.01, maxNorm: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            maxNorm: maxNorm)
        try add(module)
    }
}
