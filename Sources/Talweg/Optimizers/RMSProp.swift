import CIntrinsics
import TalwegKernels

/// RMSProp (Tieleman and Hinton, lecture 6.5 of "Neural networks for machine
/// learning", 2012). With g the gradient plus weightDecay p:
///
///     s  = alpha s + (1 - alpha) g^2
///     v  = momentum v + g / (sqrt(s) + epsilon)
///     p -= learningRate v
public final class RMSProp: Optimizer {
    private let alpha: Double
    private let epsilon: Double
    private let momentum: Double
    private let weightDecay: Double

    /// - Throws: invalidArgument for options outside their ranges.
    public init(
        learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
        weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        try Optimizer.check(alpha, "alpha", alpha >= 0 && alpha < 1, "0 or more and below 1")
        try Optimizer.check(epsilon: epsilon)
        try Optimizer.check(momentum, "momentum", momentum >= 0 && momentum < 1, "0 or more and below 1")
        try Optimizer.check(weightDecay, "weight_decay", weightDecay >= 0, "0 or more")
        self.alpha = alpha
        self.epsilon = epsilon
        self.momentum = momentum
        self.weightDecay = weightDecay
        try super.init(learningRate: learningRate, stateCount: momentum > 0 ? 2 : 1, maxNorm: maxNorm)
    }

    /// With the parameters of a module.
    public convenience init(
        _ module: Module, learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8,
        momentum: Double = 0, weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, alpha: alpha, epsilon: epsilon, momentum: momentum, weightDecay: weightDecay,
            maxNorm: maxNorm)
        try add(module)
    }

    override func update(_ update: Update, gradientScale: Double) {
        let kernel = update.dtype == .float32 ? kernels.f32.rmsprop : kernels.f64.rmsprop
        var options = tk_rmsprop_options(
            learning_rate: learningRate, alpha: alpha, epsilon: epsilon, momentum: momentum,
            weight_decay: weightDecay, gradient_scale: gradientScale)
        guard let meanSquare = update.first else { return }
        kernel(update.count, &options, update.parameter, update.gradient, meanSquare, update.second)
    }
}
