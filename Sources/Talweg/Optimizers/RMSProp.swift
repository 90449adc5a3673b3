import CIntrinsics
import TalwegKernels

/// RMSProp (Tieleman and Hinton, lecture 6.5 of "Neural networks for machine
/// learning", 2012). With g the gradient plus weightDecay p:
///
///     s  = alpha s + (1 - alpha) g^2
///     v  = momentum v + g / (sqrt(s) + epsilon)
///     p -= learningRate v
///
/// Centered (Graves, "Generating sequences with recurrent neural networks", 2013), the square of the mean of g,
/// smoothed alike, is taken from s under the root.
public final class RMSProp: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 0.01, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .alpha: 0.99, .epsilon: 1e-8,
        .momentum: 0, .centered: 0,
    ])

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init(
            "rmsprop", options, states: ["square_avg", "grad_avg", "momentum_buffer"], maxNorm: maxNorm,
            maxValue: maxValue)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 0.01, alpha: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
        weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        var options = Self.defaultOptions
        options[.learningRate] = learningRate
        options[.alpha] = alpha
        options[.epsilon] = epsilon
        options[.momentum] = momentum
        options[.weightDecay] = weightDecay
        try self.init(options, maxNorm: maxNorm)
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

    override func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) -> Shape? {
        switch index {
        case 1: options.isOn(.centered) ? shape : nil
        case 2: options[.momentum] > 0 ? shape : nil
        default: shape
        }
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.beta1 = options[.momentum]
        numbers.beta2 = options[.alpha]
        numbers.epsilon = options[.epsilon]
    }

    override func update() { updates.run(kernels.f32.updates.rmsprop, kernels.f64.updates.rmsprop) }
}
