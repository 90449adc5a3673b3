/// An option that a group of parameters has of its own. The raw values are those of `tw_optimizer_option` in the
/// C header. Flags are 0 or 1.
public enum OptimizerOption: Int32, CaseIterable, Sendable {
    case learningRate = 0
    case weightDecay = 1
    /// Weight decay shrinks the parameter apart from the gradient, instead of joining it.
    case decoupled = 2
    /// Adds l1 sign(p) to the gradient.
    case l1 = 3
    /// Steps go up the gradient.
    case maximize = 4
    case momentum = 5
    case dampening = 6
    case nesterov = 7
    case beta1 = 8
    case beta2 = 9
    case epsilon = 10
    case alpha = 11
    case centered = 12
    case amsgrad = 13
    case learningRateDecay = 14
    case initialAccumulator = 15
    case rho = 16
    case momentumDecay = 17
    case beta2Decay = 18
    case epsilon1 = 19
    case epsilon2 = 20
    case clippingThreshold = 21
    case orthogonal = 22
    case iterations = 23
    case coefficientA = 24
    case coefficientB = 25
    case coefficientC = 26
    case rateAdjustment = 27

    /// What messages and files call it, as the C structs do.
    public var name: String {
        switch self {
        case .learningRate: "learning_rate"
        case .weightDecay: "weight_decay"
        case .decoupled: "decoupled"
        case .l1: "l1"
        case .maximize: "maximize"
        case .momentum: "momentum"
        case .dampening: "dampening"
        case .nesterov: "nesterov"
        case .beta1: "beta1"
        case .beta2: "beta2"
        case .epsilon: "epsilon"
        case .alpha: "alpha"
        case .centered: "centered"
        case .amsgrad: "amsgrad"
        case .learningRateDecay: "learning_rate_decay"
        case .initialAccumulator: "initial_accumulator"
        case .rho: "rho"
        case .momentumDecay: "momentum_decay"
        case .beta2Decay: "beta2_decay"
        case .epsilon1: "epsilon1"
        case .epsilon2: "epsilon2"
        case .clippingThreshold: "clipping_threshold"
        case .orthogonal: "orthogonal"
        case .iterations: "iterations"
        case .coefficientA: "coefficient_a"
        case .coefficientB: "coefficient_b"
        case .coefficientC: "coefficient_c"
        case .rateAdjustment: "rate_adjustment"
        }
    }

    /// Refuses a value that is not finite or out of the option's range.
    func check(_ value: Double) throws(TalwegError) {
        let (holds, rule) = rule(value)
        guard holds, value.isFinite else {
            throw .invalid("optimizer: \(name) is \(value); it must be finite and \(rule)")
        }
    }

    private func rule(_ value: Double) -> (Bool, String) {
        switch self {
        case .learningRate, .weightDecay, .l1, .learningRateDecay, .initialAccumulator, .momentumDecay, .epsilon1,
            .epsilon2:
            (value >= 0, "0 or more")
        case .momentum, .beta1, .beta2, .alpha, .rho: (value >= 0 && value < 1, "0 or more and below 1")
        case .dampening: (value >= 0 && value <= 1, "0 to 1")
        // One that vanished in float32 would leave 0 / 0 where a gradient is 0.
        case .epsilon: (Float(value) > 0, "positive in float32")
        case .clippingThreshold: (value > 0, "above 0")
        case .beta2Decay: (value <= 0, "0 or less")
        case .decoupled, .maximize, .nesterov, .centered, .amsgrad, .orthogonal: (value == 0 || value == 1, "0 or 1")
        case .iterations: (value >= 1 && value <= 100 && value == value.rounded(), "a whole number, 1 to 100")
        case .rateAdjustment: (value == 0 || value == 1 || value == 2, "0, 1 or 2")
        case .coefficientA, .coefficientB, .coefficientC: (true, "any number")
        }
    }
}
