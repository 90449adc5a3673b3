#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A learning rate as a function of the step, from 0 on, and of the rate to start from. Past its last step each
/// keeps the rate that it has there.
public indirect enum RateFunction {
    /// base factor, and base from step `steps` on.
    case constant(factor: Double, steps: Int)
    /// From base start to base end in even steps, there at `steps`.
    case linear(start: Double, end: Double, steps: Int)
    /// base gamma^(step / every), rounded down.
    case step(every: Int, gamma: Double)
    /// base gamma^k after k of the milestones, which ascend.
    case multiStep(milestones: [Int], gamma: Double)
    /// base gamma^step
    case exponential(gamma: Double)
    /// Half a wave of the cosine from base to `minimum`, there at `steps` (Loshchilov and Hutter, "SGDR: stochastic
    /// gradient descent with warm restarts", 2017).
    case cosine(steps: Int, minimum: Double)
    /// The same again and again; each wave is `multiplier` times as long as the one before.
    case cosineRestarts(first: Int, multiplier: Int, minimum: Double)
    /// base (1 - step / steps)^power
    case polynomial(steps: Int, power: Double)
    case oneCycle(OneCycle)
    /// base times what the function says.
    case callback((Int) throws(TalwegError) -> Double)
    /// In even steps from a share of what the function after it starts with, there at `steps`, where it begins.
    case warmup(steps: Int, start: Double, then: RateFunction)
    /// Each function begins at its milestone, the first at 0.
    case sequence([RateFunction], milestones: [Int])

    /// What messages and files call it.
    public var name: String {
        switch self {
        case .constant: "constant"
        case .linear: "linear"
        case .step: "step"
        case .multiStep: "multi_step"
        case .exponential: "exponential"
        case .cosine: "cosine"
        case .cosineRestarts: "cosine_restarts"
        case .polynomial: "polynomial"
        case .oneCycle: "one_cycle"
        case .callback: "callback"
        case .warmup: "warmup"
        case .sequence: "sequential"
        }
    }

    /// The rate at a step, 0 or more.
    public func rate(at step: Int, from base: Double) throws(TalwegError) -> Double {
        switch self {
        case .constant(let factor, let steps):
            return step < steps ? base * factor : base
        case .linear(let start, let end, let steps):
            return base * (start + (end - start) * Double(min(step, steps)) / Double(steps))
        case .step(let every, let gamma):
            return base * pow(gamma, Double(step / every))
        case .multiStep(let milestones, let gamma):
            return base * pow(gamma, Double(milestones.count { $0 <= step }))
        case .exponential(let gamma):
            return base * pow(gamma, Double(step))
        case .cosine(let steps, let minimum):
            return RateFunction.wave(base, minimum, Double(min(step, steps)) / Double(steps))
        case .cosineRestarts(let first, let multiplier, let minimum):
            var (place, length) = (step, first)
            if multiplier == 1 {
                place = step % first
            } else {
                while place >= length {
                    place -= length
                    let (next, overflow) = length.multipliedReportingOverflow(by: multiplier)
                    length = overflow ? Int.max : next
                }
            }
            return RateFunction.wave(base, minimum, Double(place) / Double(length))
        case .polynomial(let steps, let power):
            return base * pow(1 - Double(min(step, steps)) / Double(steps), power)
        case .oneCycle(let cycle):
            return cycle.rate(at: step, peak: base)
        case .callback(let function):
            return base * (try function(step))
        case .warmup(let steps, let start, let next):
            if step >= steps { return try next.rate(at: step - steps, from: base) }
            let first = try next.rate(at: 0, from: base)
            return first * (start + (1 - start) * Double(step) / Double(steps))
        case .sequence(let functions, let milestones):
            let place = milestones.count { $0 <= step }
            return try functions[place].rate(at: step - (place > 0 ? milestones[place - 1] : 0), from: base)
        }
    }

    /// The momentum at a step, where the function says one.
    func momentum(at step: Int) -> Double? {
        switch self {
        case .oneCycle(let cycle): return cycle.cyclesMomentum ? cycle.momentum(at: step) : nil
        case .warmup(let steps, _, let next): return next.momentum(at: max(0, step - steps))
        case .sequence(let functions, let milestones):
            let place = milestones.count { $0 <= step }
            return functions[place].momentum(at: step - (place > 0 ? milestones[place - 1] : 0))
        default: return nil
        }
    }

    /// From `from` at 0 along half a wave to `to` at 1.
    static func wave(_ from: Double, _ to: Double, _ share: Double) -> Double {
        to + (from - to) * (1 + cos(Double.pi * share)) / 2
    }

    /// Whether it, or one in it, says a momentum.
    var hasMomentum: Bool {
        switch self {
        case .oneCycle(let cycle): cycle.cyclesMomentum
        case .warmup(_, _, let next): next.hasMomentum
        case .sequence(let functions, _): functions.contains { $0.hasMomentum }
        default: false
        }
    }
}
