import CIntrinsics
import TalwegKernels

/// Adamax (Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.1): Adam with the
/// infinity norm,
///
///     u  = max(beta2 u, |g| + epsilon)
///     p -= learningRate m / (1 - beta1^t) / u
public final class Adamax: Adam {
    override public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 2e-3, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.999,
            .epsilon: 1e-8,
        ])
    }

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init("adamax", options, states: ["exp_avg", "exp_inf"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func update() { updates.run(kernels.f32.updates.adamax, kernels.f64.updates.adamax) }
}
