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
///
/// AMSGrad (Reddi, Kale and Kumar, "On the convergence of Adam and beyond", 2018) takes the greatest s so far.
public class Adam: Optimizer {
    public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 1e-3, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.999,
            .epsilon: 1e-8, .amsgrad: 0,
        ])
    }

    /// For a kind with the same states.
    override init(
        _ name: String, _ options: OptimizerOptions,
        states: [String] = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], maxNorm: Double, maxValue: Double
    ) throws(TalwegError) {
        try super.init(name, options, states: states, maxNorm: maxNorm, maxValue: maxValue)
    }

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init("adam", options, maxNorm: maxNorm, maxValue: maxValue)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, maxNorm: Double = 0
    ) throws(TalwegError) {
        var options = Self.defaultOptions
        options.setAdam(learningRate, beta1, beta2, epsilon, weightDecay)
        try self.init("adam", options, maxNorm: maxNorm, maxValue: 0)
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

    override func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) throws(TalwegError) -> Shape? {
        index < 2 || options.isOn(.amsgrad) ? shape : nil
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.setMoments(options, step: slot.steps + 1)
    }

    override func update() { updates.run(kernels.f32.updates.adam, kernels.f64.updates.adam) }
}

extension OptimizerOptions {
    mutating func setAdam(
        _ learningRate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, _ weightDecay: Double
    ) {
        self[.learningRate] = learningRate
        self[.beta1] = beta1
        self[.beta2] = beta2
        self[.epsilon] = epsilon
        self[.weightDecay] = weightDecay
    }
}

extension tk_update {
    /// Adam's numbers, of the moments without the bias of their start at 0.
    mutating func setMoments(_ options: OptimizerOptions, step: Int) {
        beta1 = options[.beta1]
        beta2 = options[.beta2]
        epsilon = options[.epsilon]
        rate = options[.learningRate] / (1 - pow(beta1, Double(step)))
        scale2 = 1 / (1 - pow(beta2, Double(step))).squareRoot()
    }
}
