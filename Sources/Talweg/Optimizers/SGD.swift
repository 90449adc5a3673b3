import CIntrinsics
import TalwegKernels

/// Stochastic gradient descent. With g the gradient plus weightDecay p:
///
///     v  = momentum v + g                  (Polyak, 1964)
///     p -= learningRate v
///
/// and with Nesterov's look ahead (1983; in the form of Sutskever et al., "On
/// the importance of initialization and momentum in deep learning", 2013)
///
///     p -= learningRate (g + momentum v)
public final class SGD: Optimizer {
    private let momentum: Double
    private let nesterov: Bool
    private let weightDecay: Double

    /// - Throws: invalidArgument for options outside their ranges.
    public init(
        learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
        maxNorm: Double = 0
    ) throws(TalwegError) {
        try Optimizer.check(momentum, "momentum", momentum >= 0 && momentum < 1, "0 or more and below 1")
        try Optimizer.check(weightDecay, "weight_decay", weightDecay >= 0, "0 or more")
        guard !nesterov || momentum > 0 else { throw .invalid("optimizer: nesterov needs a momentum above 0") }
        self.momentum = momentum
        self.nesterov = nesterov
        self.weightDecay = weightDecay
        try super.init(learningRate: learningRate, stateCount: momentum > 0 ? 1 : 0, maxNorm: maxNorm)
    }

    /// With the parameters of a module.
    public convenience init(
        _ module: Module, learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
        weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, momentum: momentum, nesterov: nesterov, weightDecay: weightDecay,
            maxNorm: maxNorm)
        try add(module)
    }

    override func update(_ update: Update, gradientScale: Double) {
        let kernel = update.dtype == .float32 ? kernels.f32.sgd : kernels.f64.sgd
        var options = tk_sgd_options(
            learning_rate: learningRate, momentum: momentum, dampening: 0, weight_decay: weightDecay,
            gradient_scale: gradientScale, nesterov: nesterov ? 1 : 0)
        kernel(update.count, &options, update.parameter, update.gradient, update.first)
    }
}
