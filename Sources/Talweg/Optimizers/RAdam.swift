import CIntrinsics
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// RAdam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020): Adam whose step is
/// rectified by the variance of its second moment; in the first steps, where that has none, momentum alone:
///
///     p -= learningRate m / (1 - beta1^t)
public final class RAdam: Adam {
    override public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 1e-3, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.999,
            .epsilon: 1e-8,
        ])
    }

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init(
            "radam", options, states: ["exp_avg", "exp_avg_sq"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        let step = Double(slot.steps + 1)
        numbers.setMoments(options, step: slot.steps + 1)
        let power = pow(options[.beta2], step)
        let limit = 2 / (1 - options[.beta2]) - 1
        let length = limit - 2 * step * power / (1 - power)
        guard length > 5 else {
            // A denominator of 1.
            numbers.scale2 = 0
            numbers.epsilon = 1
            return
        }
        let rectified = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
        numbers.rate *= rectified.squareRoot() / numbers.scale2
        numbers.scale2 = 1
    }
}
