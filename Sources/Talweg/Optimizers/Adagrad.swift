import CIntrinsics
import TalwegKernels

/// Adagrad (Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", 2011). At a parameter's step t, s starts at initialAccumulator and
///
///     s += g^2
///     p -= learningRate / (1 + (t - 1) learningRateDecay) g / (sqrt(s) + epsilon)
public final class Adagrad: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 0.01, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .epsilon: 1e-10,
        .learningRateDecay: 0, .initialAccumulator: 0,
    ])

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init("adagrad", options, states: ["sum"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func initialState(_ index: Int, _ options: OptimizerOptions) -> Double { options[.initialAccumulator] }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.rate = options[.learningRate] / (1 + Double(slot.steps) * options[.learningRateDecay])
        numbers.epsilon = options[.epsilon]
    }

    override func update() { updates.run(kernels.f32.updates.adagrad, kernels.f64.updates.adagrad) }
}
