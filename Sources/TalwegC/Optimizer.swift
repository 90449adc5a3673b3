import CTalweg
import Talweg

extension Optimizer: HandleObject { static var handleKind: HandleKind { .optimizer } }

/// Runs the body of a function that makes an optimizer.
private func make(
    _ out: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(TalwegError) -> Optimizer
) -> tw_status {
    call { () throws(TalwegError) in
        _ = try required(out, "optimizer")
        try give(body(), to: out, "optimizer")
    }
}

/// Runs the body of a function that uses an optimizer.
private func use(_ optimizer: OpaquePointer?, _ body: (Optimizer) throws(TalwegError) -> Void) -> tw_status {
    call { () throws(TalwegError) in try body(resolve(optimizer, "optimizer")) }
}

@_cdecl("tw_sgd_new") @implementation
public func tw_sgd_new(_ given: UnsafePointer<tw_sgd_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_sgd_options>.size
        let options = try options(
            given,
            default: tw_sgd_options(
                struct_size: size, learning_rate: 0.01, momentum: 0, nesterov: false, weight_decay: 0,
                max_norm: 0),
            minimum: MemoryLayout<tw_sgd_options>.offset(of: \.max_norm) ?? size)
        return try SGD(
            learningRate: options.learning_rate, momentum: options.momentum, nesterov: options.nesterov,
            weightDecay: options.weight_decay, maxNorm: options.max_norm)
    }
}

@_cdecl("tw_rmsprop_new") @implementation
public func tw_rmsprop_new(
    _ given: UnsafePointer<tw_rmsprop_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    make(optimizer) { () throws(TalwegError) in
        let size = MemoryLayout<tw_rmsprop_options>.size
        let options = try options(
            given,
            default: tw_rmsprop_options(
                struct_size: size, learning_rate: 0.01, alpha: 0.99, epsilon: 1e-8, momentum: 0, weight_decay: 0,
                max_norm: 0),
            minimum: MemoryLayout<tw_rmsprop_options>.offset(of: \.max_norm) ?? size)
        return try RMSProp(
            learningRate: options.learning_rate, alpha: options.alpha, epsilon: options.epsilon,
            momentum: options.momentum, weightDecay: options.weight_decay, maxNorm: options.max_norm)
    }
}

/// The caller's options of Adam or AdamW.
private func adamOptions(_ given: UnsafePointer<tw_adam_options>?, weightDecay: Double)
    throws(TalwegError) -> tw_adam_options
{
    let size = MemoryLayout<tw_adam_options>.size
    return try options(
        given,
        default: tw_adam_options(
            struct_size: size, learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8,
            weight_decay: weightDecay, max_norm: 0),
        minimum: MemoryLayout<tw_adam_options>.offset(of: \.max_norm) ?? size)
}

@_cdecl("tw_adam_new") @implementation
public func tw_adam_new(_ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(optimizer) { () throws(TalwegError) in
        let options = try adamOptions(given, weightDecay: 0)
        return try Adam(
            learningRate: options.learning_rate, beta1: options.beta1, beta2: options.beta2,
            epsilon: options.epsilon, weightDecay: options.weight_decay, maxNorm: options.max_norm)
    }
}

@_cdecl("tw_adamw_new") @implementation
public func tw_adamw_new(_ given: UnsafePointer<tw_adam_options>?, _ optimizer: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    make(optimizer) { () throws(TalwegError) in
        let options = try adamOptions(given, weightDecay: 0.01)
        return try AdamW(
            learningRate: options.learning_rate, beta1: options.beta1, beta2: options.beta2,
            epsilon: options.epsilon, weightDecay: options.weight_decay, maxNorm: options.max_norm)
    }
}

@_cdecl("tw_optimizer_free") @implementation
public func tw_optimizer_free(_ optimizer: OpaquePointer?) { free(optimizer, as: Optimizer.self) }

@_cdecl("tw_optimizer_add") @implementation
public func tw_optimizer_add(_ optimizer: OpaquePointer?, _ parameter: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let found: Tensor = try resolve(parameter, "parameter")
        try optimizer.add(found)
    }
}

@_cdecl("tw_optimizer_add_module") @implementation
public func tw_optimizer_add_module(_ optimizer: OpaquePointer?, _ module: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in
        let found: Module = try resolve(module, "module")
        try optimizer.add(found)
    }
}

@_cdecl("tw_optimizer_zero_grad") @implementation
public func tw_optimizer_zero_grad(_ optimizer: OpaquePointer?) -> tw_status {
    use(optimizer) { $0.zeroGrad() }
}

@_cdecl("tw_optimizer_step") @implementation
public func tw_optimizer_step(_ optimizer: OpaquePointer?) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.step() }
}

@_cdecl("tw_optimizer_learning_rate") @implementation
public func tw_optimizer_learning_rate(_ optimizer: OpaquePointer?, _ rate: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    use(optimizer) { optimizer throws(TalwegError) in
        try required(rate, "learning_rate").pointee = optimizer.learningRate
    }
}

@_cdecl("tw_optimizer_set_learning_rate") @implementation
public func tw_optimizer_set_learning_rate(_ optimizer: OpaquePointer?, _ rate: Double) -> tw_status {
    use(optimizer) { optimizer throws(TalwegError) in try optimizer.setLearningRate(rate) }
}

@_cdecl("tw_clip_grad_norm") @implementation
public func tw_clip_grad_norm(
    _ parameters: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ max_norm: Double,
    _ norm: UnsafeMutablePointer<Double>?
) -> tw_status {
    call { () throws(TalwegError) in
        guard count >= 0 else { throw TalwegError(.invalidArgument, "clip_grad_norm: \(count) parameters") }
        var found: [Tensor] = []
        if count > 0 {
            guard let parameters else { throw TalwegError(.null, "parameters is NULL") }
            for place in 0..<Int(count) { found.append(try resolve(parameters[place], "parameters")) }
        }
        let before = try clipGradientNorm(found, to: max_norm)
        norm?.pointee = before
    }
}
