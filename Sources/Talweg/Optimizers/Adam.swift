import CIntrinsics
import TalwegKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", 2015).
/// With g the gradient plus weightDecay p, at a parameter's step t:
///
///     m  = beta1 m + (1 - beta1) g
///     s  = beta2 s + (1 - beta2) g^2
///     p -= learningRate m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + epsilon)
public class Adam: Optimizer {
    private let beta1: Double
    private let beta2: Double
    private let epsilon: Double
    private let weightDecay: Double
    private let decoupled: Bool

    /// - Parameter decoupled: AdamW's weight decay: see there.
    init(
        learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, decoupled: Bool,
        maxNorm: Double
    ) throws(TalwegError) {
        try Optimizer.check(beta1, "beta1", beta1 >= 0 && beta1 < 1, "0 or more and below 1")
        try Optimizer.check(beta2, "beta2", beta2 >= 0 && beta2 < 1, "0 or more and below 1")
        try Optimizer.check(epsilon: epsilon)
        try Optimizer.check(weightDecay, "weight_decay", weightDecay >= 0, "0 or more")
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.decoupled = decoupled
        try super.init(learningRate: learningRate, stateCount: 2, maxNorm: maxNorm)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            decoupled: false, maxNorm: maxNorm)
    }

    /// With the parameters of a module.
    public convenience init(
        _ module: Module, learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            maxNorm: maxNorm)
        try add(module)
    }

    override final func corrections(step: Int) -> (Double, Double) {
        (1 - pow(beta1, Double(step)), 1 - pow(beta2, Double(step)))
    }

    override final func update(_ update: Update, gradientScale: Double) {
        let kernel = update.dtype == .float32 ? kernels.f32.adam : kernels.f64.adam
        var options = tk_adam_options(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
            bias_correction1: update.corrections.0, bias_correction2: update.corrections.1,
            gradient_scale: gradientScale, decoupled: decoupled ? 1 : 0)
        guard let mean = update.first, let square = update.second else { return }
        kernel(update.count, &options, update.parameter, update.gradient, mean, square)
    }
}
