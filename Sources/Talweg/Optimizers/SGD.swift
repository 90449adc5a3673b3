import CIntrinsics
import TalwegKernels

/// Stochastic gradient descent. With g the gradient plus weightDecay p:
///
///     v  = momentum v + (1 - dampening) g  (Polyak, 1964; at first v = g)
///     p -= learningRate v
///
/// and with Nesterov's look ahead (1983; in the form of Sutskever et al., "On
/// the importance of initialization and momentum in deep learning", 2013)
///
///     p -= learningRate (g + momentum v)
public final class SGD: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 0.01, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .momentum: 0, .dampening: 0,
        .nesterov: 0,
    ])

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init("sgd", options, states: ["momentum_buffer"], maxNorm: maxNorm, maxValue: maxValue)
    }

    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(
        learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
        maxNorm: Double = 0
    ) throws(TalwegError) {
        var options = Self.defaultOptions
        options[.learningRate] = learningRate
        options[.momentum] = momentum
        options[.nesterov] = nesterov ? 1 : 0
        options[.weightDecay] = weightDecay
        try self.init(options, maxNorm: maxNorm)
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

    override func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) -> Shape? {
        options[.momentum] > 0 ? shape : nil
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.beta1 = options[.momentum]
        numbers.beta2 = slot.isFresh ? 1 : 1 - options[.dampening]
        numbers.nesterov = options.isOn(.nesterov) ? 1 : 0
    }

    override func update() { updates.run(kernels.f32.updates.sgd, kernels.f64.updates.sgd) }
}
