/// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019):
/// Adam of the plain gradient, and apart from it
///
///     p -= learningRate weightDecay p
public final class AdamW: Adam {
    override public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 1e-3, .weightDecay: 0.01, .decoupled: 1, .l1: 0, .maximize: 0, .beta1: 0.9,
            .beta2: 0.999, .epsilon: 1e-8, .amsgrad: 0,
        ])
    }

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init("adamw", options, maxNorm: maxNorm, maxValue: maxValue)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, maxNorm: Double = 0
    ) throws(TalwegError) {
        var options = Self.defaultOptions
        options.setAdam(learningRate, beta1, beta2, epsilon, weightDecay)
        try self.init("adamw", options, maxNorm: maxNorm, maxValue: 0)
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
