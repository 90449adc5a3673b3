import CTalweg
import Talweg

// MARK: Activations

extension ActivationFunction {
    /// - Parameter caller: the function that was given what may be no tw_activation
    init(_ activation: tw_activation, _ given: UnsafePointer<tw_activation_options>?, for caller: String)
        throws(TalwegError)
    {
        let options = try options(
            given,
            default: tw_activation_options(
                struct_size: MemoryLayout<tw_activation_options>.size, slope: 0.01, alpha: 1, beta: 1, threshold: 20,
                value: 0, low: -1, high: 1, lambda: 0.5, axis: -1),
            minimum: MemoryLayout<tw_activation_options>.size)
        let axis = Int(options.axis)
        switch activation {
        case TW_ACTIVATION_IDENTITY: self = .identity
        case TW_ACTIVATION_RELU: self = .relu
        case TW_ACTIVATION_GELU: self = .gelu
        case TW_ACTIVATION_TANH: self = .tanh
        case TW_ACTIVATION_SIGMOID: self = .sigmoid
        case TW_ACTIVATION_SILU: self = .silu
        case TW_ACTIVATION_GELU_TANH: self = .geluTanh
        case TW_ACTIVATION_LEAKY_RELU: self = .leakyReLU(slope: options.slope)
        case TW_ACTIVATION_ELU: self = .elu(alpha: options.alpha)
        case TW_ACTIVATION_SELU: self = .selu
        case TW_ACTIVATION_CELU: self = .celu(alpha: options.alpha)
        case TW_ACTIVATION_MISH: self = .mish
        case TW_ACTIVATION_SOFTPLUS: self = .softplus(beta: options.beta, threshold: options.threshold)
        case TW_ACTIVATION_SOFTSIGN: self = .softsign
        case TW_ACTIVATION_HARDTANH: self = .hardtanh(low: options.low, high: options.high)
        case TW_ACTIVATION_RELU6: self = .relu6
        case TW_ACTIVATION_HARDSIGMOID: self = .hardsigmoid
        case TW_ACTIVATION_HARDSWISH: self = .hardswish
        case TW_ACTIVATION_LOG_SIGMOID: self = .logSigmoid
        case TW_ACTIVATION_TANHSHRINK: self = .tanhshrink
        case TW_ACTIVATION_SOFTSHRINK: self = .softshrink(by: options.lambda)
        case TW_ACTIVATION_HARDSHRINK: self = .hardshrink(by: options.lambda)
        case TW_ACTIVATION_THRESHOLD: self = .threshold(options.threshold, value: options.value)
        case TW_ACTIVATION_SOFTMAX: self = .softmax(axis: axis)
        case TW_ACTIVATION_LOG_SOFTMAX: self = .logSoftmax(axis: axis)
        case TW_ACTIVATION_SOFTMIN: self = .softmin(axis: axis)
        case TW_ACTIVATION_GLU: self = .glu(axis: axis)
        case TW_ACTIVATION_SWIGLU: self = .swiglu(axis: axis)
        case TW_ACTIVATION_GEGLU: self = .geglu(axis: axis)
        case TW_ACTIVATION_REGLU: self = .reglu(axis: axis)
        default:
            throw TalwegError(
                .invalidArgument, "\(caller): activation \(Int32(bitPattern: activation.rawValue)) is no tw_activation")
        }
    }
}

@_cdecl("tw_activate") @implementation
public func tw_activate(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ activation: tw_activation,
    _ options: UnsafePointer<tw_activation_options>?
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.activated(ActivationFunction(activation, options, for: "activate"))
    }
}

@_cdecl("tw_activation_new") @implementation
public func tw_activation_new(
    _ activation: tw_activation, _ options: UnsafePointer<tw_activation_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try ActivationLayer(ActivationFunction(activation, options, for: "activation"))
    }
}

@_cdecl("tw_prelu") @implementation
public func tw_prelu(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ weight: OpaquePointer?) -> OpaquePointer? {
    binary(scope, x, weight) { x, weight throws(TalwegError) in try x.prelu(weight) }
}

@_cdecl("tw_prelu_new") @implementation
public func tw_prelu_new(
    _ slopes: Int64, _ initial: Double, _ dtype: tw_dtype, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try PReLU(slopes: Int(slopes), initial: initial, dtype: DType(dtype))
    }
}

// MARK: Dropout

@_cdecl("tw_channel_dropout") @implementation
public func tw_channel_dropout(_ scope: OpaquePointer?, _ generator: OpaquePointer?, _ x: OpaquePointer?, _ p: Double)
    -> OpaquePointer?
{
    unary(scope, x) { x throws(TalwegError) in try x.channelDropout(p, resolveGenerator(generator)) }
}

@_cdecl("tw_channel_dropout_new") @implementation
public func tw_channel_dropout_new(_ p: Double, _ seed: UInt64, _ module: UnsafeMutablePointer<OpaquePointer?>?)
    -> tw_status
{
    makeLayer(module) { () throws(TalwegError) in try ChannelDropout(p, seed: seed) }
}

@_cdecl("tw_alpha_dropout") @implementation
public func tw_alpha_dropout(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ x: OpaquePointer?, _ p: Double, _ byChannel: Bool
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.alphaDropout(p, byChannel: byChannel, resolveGenerator(generator))
    }
}

@_cdecl("tw_alpha_dropout_new") @implementation
public func tw_alpha_dropout_new(
    _ p: Double, _ byChannel: Bool, _ seed: UInt64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try AlphaDropout(p, byChannel: byChannel, seed: seed) }
}

extension StochasticDepthMode {
    init(_ mode: tw_stochastic_depth_mode) throws(TalwegError) {
        let value = Int32(bitPattern: mode.rawValue)
        guard let found = StochasticDepthMode(rawValue: value) else {
            throw TalwegError(.invalidArgument, "stochastic_depth: mode \(value) is no tw_stochastic_depth_mode")
        }
        self = found
    }
}

@_cdecl("tw_stochastic_depth") @implementation
public func tw_stochastic_depth(
    _ scope: OpaquePointer?, _ generator: OpaquePointer?, _ x: OpaquePointer?, _ p: Double,
    _ mode: tw_stochastic_depth_mode
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        try x.stochasticDepth(p, StochasticDepthMode(mode), resolveGenerator(generator))
    }
}

@_cdecl("tw_stochastic_depth_new") @implementation
public func tw_stochastic_depth_new(
    _ p: Double, _ mode: tw_stochastic_depth_mode, _ seed: UInt64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try StochasticDepth(p, mode: StochasticDepthMode(mode), seed: seed)
    }
}

// MARK: Containers

@_cdecl("tw_identity_new") @implementation
public func tw_identity_new(_ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { Identity() }
}

@_cdecl("tw_flatten_new") @implementation
public func tw_flatten_new(_ start: Int64, _ end: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?) -> tw_status {
    makeLayer(module) { Flatten(start: Int(start), end: Int(end)) }
}

@_cdecl("tw_unflatten_new") @implementation
public func tw_unflatten_new(
    _ axis: Int64, _ sizes: UnsafePointer<Int64>?, _ count: Int64, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try Unflatten(axis: Int(axis), sizes: integers(sizes, count, "sizes"))
    }
}

@_cdecl("tw_residual_new") @implementation
public func tw_residual_new(
    _ body: OpaquePointer?, _ projection: OpaquePointer?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        try Residual(resolve(body, "body"), projection: resolveIfPresent(projection, "projection"))
    }
}

/// Modules of the caller's.
private func children(_ modules: UnsafePointer<OpaquePointer?>?, _ count: Int64) throws(TalwegError) -> [Module] {
    guard count >= 0 else { throw TalwegError(.invalidArgument, "parallel: count is \(count)") }
    var found: [Module] = []
    while found.count < count {
        guard let modules else { throw TalwegError(.null, "modules is NULL") }
        found.append(try resolve(modules[found.count], "module"))
    }
    return found
}

@_cdecl("tw_parallel_new") @implementation
public func tw_parallel_new(
    _ modules: UnsafePointer<OpaquePointer?>?, _ count: Int64, _ combination: tw_parallel_combination, _ axis: Int64,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let found: Parallel.Combination
        switch combination {
        case TW_PARALLEL_SUM: found = .sum
        case TW_PARALLEL_MEAN: found = .mean
        case TW_PARALLEL_CONCATENATE: found = .concatenation(axis: Int(axis))
        case TW_PARALLEL_SEPARATE: found = .separate
        default:
            let value = Int32(bitPattern: combination.rawValue)
            throw TalwegError(.invalidArgument, "parallel: combination \(value) is no tw_parallel_combination")
        }
        return try Parallel(children(modules, count), found)
    }
}

// MARK: The bilinear map

@_cdecl("tw_bilinear") @implementation
public func tw_bilinear(
    _ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?, _ weight: OpaquePointer?, _ bias: OpaquePointer?
) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in
        try a.bilinear(b, resolve(weight, "weight"), resolveIfPresent(bias, "bias"))
    }
}

@_cdecl("tw_bilinear_new") @implementation
public func tw_bilinear_new(
    _ first: Int64, _ second: Int64, _ outputs: Int64, _ given: UnsafePointer<tw_linear_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let options = try linearOptions(given)
        return try Bilinear(
            Int(first), Int(second), Int(outputs), bias: options.bias, dtype: DType(options.dtype),
            initializer: Initializer(options), generator: resolveGenerator(options.generator))
    }
}
