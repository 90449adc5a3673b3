import CIntrinsics
import TalwegKernels

/// Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023):
///
///     p -= learningRate sign(beta1 m + (1 - beta1) g)
///     m  = beta2 m + (1 - beta2) g
///
/// Its weight decay is apart from the gradient, as AdamW's.
public final class Lion: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 1e-4, .weightDecay: 0, .decoupled: 1, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.99,
    ])

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init("lion", options, states: ["exp_avg"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.beta1 = options[.beta1]
        numbers.beta2 = options[.beta2]
    }

    override func update() { updates.run(kernels.f32.updates.lion, kernels.f64.updates.lion) }
}
