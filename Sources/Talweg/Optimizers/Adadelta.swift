import CIntrinsics
import TalwegKernels

/// Adadelta (Zeiler, "ADADELTA: an adaptive learning rate method", 2012):
///
///     s  = rho s + (1 - rho) g^2
///     u  = sqrt(d + epsilon) / sqrt(s + epsilon) g
///     d  = rho d + (1 - rho) u^2
///     p -= learningRate u
public final class Adadelta: Optimizer {
    public static let defaultOptions = OptimizerOptions([
        .learningRate: 1, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .epsilon: 1e-6, .rho: 0.9,
    ])

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0) throws(TalwegError) {
        try super.init(
            "adadelta", options, states: ["square_avg", "acc_delta"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        numbers.beta2 = options[.rho]
        numbers.epsilon = options[.epsilon]
    }

    override func update() { updates.run(kernels.f32.updates.adadelta, kernels.f64.updates.adadelta) }
}
