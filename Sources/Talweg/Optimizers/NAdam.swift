import CIntrinsics
#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// NAdam (Dozat, "Incorporating Nesterov momentum into Adam", 2016), with the schedule of the momentum that the
/// paper gives, mu_t = beta1 (1 - 0.96^(t momentumDecay) / 2), and its product up to t, M_t:
///
///     p -= learningRate (mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)) / (sqrt(s / (1 - beta2^t)) + epsilon)
public final class NAdam: Adam {
    override public class var defaultOptions: OptimizerOptions {
        OptimizerOptions([
            .learningRate: 2e-3, .weightDecay: 0, .decoupled: 0, .l1: 0, .maximize: 0, .beta1: 0.9, .beta2: 0.999,
            .epsilon: 1e-8, .momentumDecay: 4e-3,
        ])
    }

    /// - Parameter options: start from `defaultOptions`.
    /// - Throws: invalidArgument for options outside their ranges.
    public convenience init(_ options: OptimizerOptions, maxNorm: Double = 0, maxValue: Double = 0)
        throws(TalwegError)
    {
        try self.init(
            "nadam", options, states: ["exp_avg", "exp_avg_sq"], maxNorm: maxNorm, maxValue: maxValue)
    }

    override var hasProduct: Bool { true }

    private func momentum(_ step: Int, _ options: OptimizerOptions) -> Double {
        options[.beta1] * (1 - 0.5 * pow(0.96, Double(step) * options[.momentumDecay]))
    }

    override func product(_ product: Double, step: Int, _ options: OptimizerOptions) -> Double {
        product * momentum(step, options)
    }

    override func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {
        let step = slot.steps + 1
        numbers.setMoments(options, step: step)
        let (now, next) = (momentum(step, options), momentum(step + 1, options))
        let product = slot.product * now
        numbers.rate = options[.learningRate] * next / (1 - product * next)
        numbers.extra = options[.learningRate] * (1 - now) / (1 - product)
    }
}
