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
        learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double, decoupled: Bool
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
        try super.init(learningRate: learningRate, stateCount: 2)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay,
            decoupled: false)
    }

    /// With the parameters of a module.
    public convenience init(
        _ module: Module, learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0
    ) throws(TalwegError) {
        try self.init(
            learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay)
        try add(module)
    }

    override final func update(_ update: Update) {
        let kernel = update.dtype == .float32 ? kernels.f32.adam : kernels.f64.adam
        let step = Double(update.step)
        var options = tk_adam_options(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
            bias_correction1: 1 - pow(beta1, step), bias_correction2: 1 - pow(beta2, step),
            decoupled: decoupled ? 1 : 0)
        withUnsafePointer(to: &options) { options in
            update.forEachChunk {
                guard let mean = $0.first, let square = $0.second else { return }
                kernel($0.count, options, $0.parameter, $0.gradient, mean, square)
            }
        }
    }
}
