import CTalweg
import Talweg

// What makes each kind of optimizer.

/// Runs the body of a function that makes an optimizer.
private func make(
    _ out: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(TalwegError) -> Optimizer
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(out, "optimizer")
        try give(body(), to: out, "optimizer")
    }
}

extension OptimizerOptions {
    /// What all kinds have.
    fileprivate mutating func set(
        _ learningRate: Double, _ weightDecay: Double, _ decoupled: Bool, _ l1: Double, _ maximize: Bool
    ) {
        self[.learningRate] = learningRate
        self[.weightDecay] = weightDecay
        self[.decoupled] = decoupled ? 1 : 0
        self[.l1] = l1
        self[.maximize] = maximize ? 1 : 0
    }
}

@_cdecl("tw_sgd_new") @implementation
public func tw_sgd_new(_ given: UnsafePointer<tw_sgd_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_sgd_options>.size
        let given = try options(
            given,
            default: tw_sgd_options(
                struct_size: size, learning_rate: 0.01, momentum: 0, nesterov: false, weight_decay: 0,
                max_norm: 0, dampening: 0, decoupled: false, l1: 0, maximize: false, max_value: 0),
            minimum: MemoryLayout<tw_sgd_options>.offset(of: \.max_norm) ?? size)
        var options = SGD.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.momentum] = given.momentum
        options[.dampening] = given.dampening
        options[.nesterov] = given.nesterov ? 1 : 0
        return try SGD(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_rmsprop_new") @implementation
public func tw_rmsprop_new(
    _ given: UnsafePointer<tw_rmsprop_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_rmsprop_options>.size
        let given = try options(
            given,
            default: tw_rmsprop_options(
                struct_size: size, learning_rate: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0, weight_decay: 0,
                max_norm: 0, centered: false, decoupled: false, l1: 0, maximize: false, max_value: 0),
            minimum: MemoryLayout<tw_rmsprop_options>.offset(of: \.max_norm) ?? size)
        var options = RMSProp.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.alpha] = given.alpha
        options[.epsilon] = given.epsilon
        options[.momentum] = given.momentum
        options[.centered] = given.centered ? 1 : 0
        return try RMSProp(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

/// Makes one of Adam's kin: `value` are the defaults of that kind.
private func makeAdam(
    _ given: UnsafePointer<tw_adam_options>?, _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ value: OptimizerOptions, _ kind: (OptimizerOptions, tw_adam_options) throws(TalwegError) -> Optimizer
) -> tw_status {
    make(out) { () throws(TalwegError) in
        let size = MemoryLayout<tw_adam_options>.size
        let given = try options(
            given,
            default: tw_adam_options(
                struct_size: size, learning_rate: value[.learningRate], beta1: value[.beta1], beta2: value[.beta2],
                epsilon: value[.epsilon], weight_decay: value[.weightDecay], max_norm: 0, amsgrad: false,
                decoupled: value[.decoupled] != 0, l1: 0, maximize: false, max_value: 0, momentum_decay: 4e-3),
            minimum: MemoryLayout<tw_adam_options>.offset(of: \.max_norm) ?? size)
        var options = value
        // AdamW's and Lion's is always decoupled.
        options.set(
            given.learning_rate, given.weight_decay, given.decoupled || value[.decoupled] != 0, given.l1,
            given.maximize)
        options[.beta1] = given.beta1
        options[.beta2] = given.beta2
        options[.epsilon] = given.epsilon
        options[.amsgrad] = given.amsgrad ? 1 : 0
        options[.momentumDecay] = given.momentum_decay
        return try kind(options, given)
    }
}

@_cdecl("tw_adam_new") @implementation
public func tw_adam_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, Adam.defaultOptions) { (options, given) throws(TalwegError) in
        try Adam(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_adamw_new") @implementation
public func tw_adamw_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, AdamW.defaultOptions) { (options, given) throws(TalwegError) in
        try AdamW(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_nadam_new") @implementation
public func tw_nadam_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, NAdam.defaultOptions) { (options, given) throws(TalwegError) in
        try NAdam(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_radam_new") @implementation
public func tw_radam_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, RAdam.defaultOptions) { (options, given) throws(TalwegError) in
        try RAdam(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_adamax_new") @implementation
public func tw_adamax_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, Adamax.defaultOptions) { (options, given) throws(TalwegError) in
        try Adamax(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_lion_new") @implementation
public func tw_lion_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, Lion.defaultOptions) { (options, given) throws(TalwegError) in
        try Lion(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_lamb_new") @implementation
public func tw_lamb_new(
    _ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeAdam(given, optimizer, LAMB.defaultOptions) { (options, given) throws(TalwegError) in
        try LAMB(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_adagrad_new") @implementation
public func tw_adagrad_new(
    _ given: UnsafePointer<tw_adagrad_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_adagrad_options>.size
        let given = try options(
            given,
            default: tw_adagrad_options(
                struct_size: size, learning_rate: 0.01, learning_rate_decay: 0, initial_accumulator: 0,
                epsilon: 1e-10, weight_decay: 0, max_norm: 0, decoupled: false, l1: 0, maximize: false, max_value: 0),
            minimum: size)
        var options = Adagrad.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.learningRateDecay] = given.learning_rate_decay
        options[.initialAccumulator] = given.initial_accumulator
        options[.epsilon] = given.epsilon
        return try Adagrad(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_adadelta_new") @implementation
public func tw_adadelta_new(
    _ given: UnsafePointer<tw_adadelta_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_adadelta_options>.size
        let given = try options(
            given,
            default: tw_adadelta_options(
                struct_size: size, learning_rate: 1, rho: 0.9, epsilon: 1e-6, weight_decay: 0, max_norm: 0,
                decoupled: false, l1: 0, maximize: false, max_value: 0),
            minimum: size)
        var options = Adadelta.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.rho] = given.rho
        options[.epsilon] = given.epsilon
        return try Adadelta(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_adafactor_new") @implementation
public func tw_adafactor_new(
    _ given: UnsafePointer<tw_adafactor_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_adafactor_options>.size
        let given = try options(
            given,
            default: tw_adafactor_options(
                struct_size: size, learning_rate: 1e-2, beta2_decay: -0.8, epsilon1: 0, epsilon2: 1e-3,
                clipping_threshold: 1, weight_decay: 0, max_norm: 0, decoupled: true, l1: 0, maximize: false,
                max_value: 0),
            minimum: size)
        var options = Adafactor.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.beta2Decay] = given.beta2_decay
        options[.epsilon1] = given.epsilon1
        options[.epsilon2] = given.epsilon2
        options[.clippingThreshold] = given.clipping_threshold
        return try Adafactor(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}

@_cdecl("tw_muon_new") @implementation
public func tw_muon_new(_ given: UnsafePointer<tw_muon_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_muon_options>.size
        let given = try options(
            given,
            default: tw_muon_options(
                struct_size: size, learning_rate: 1e-3, weight_decay: 0.1, momentum: 0.95, nesterov: true,
                iterations: 5, coefficients: (3.4445, -4.775, 2.0315), epsilon1: 1e-7,
                rate_adjustment: TW_MUON_RATE_ORIGINAL, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, max_norm: 0,
                decoupled: true, l1: 0, maximize: false, max_value: 0),
            minimum: size)
        var options = Muon.defaultOptions
        options.set(given.learning_rate, given.weight_decay, given.decoupled, given.l1, given.maximize)
        options[.momentum] = given.momentum
        options[.nesterov] = given.nesterov ? 1 : 0
        options[.iterations] = Double(given.iterations)
        options[.coefficientA] = given.coefficients.0
        options[.coefficientB] = given.coefficients.1
        options[.coefficientC] = given.coefficients.2
        options[.epsilon1] = given.epsilon1
        options[.rateAdjustment] = Double(Int32(bitPattern: given.rate_adjustment.rawValue))
        options[.beta1] = given.beta1
        options[.beta2] = given.beta2
        options[.epsilon] = given.epsilon
        return try Muon(options, maxNorm: given.max_norm, maxValue: given.max_value)
    }
}
