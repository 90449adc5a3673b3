import CTalweg
import Talweg

extension Initializer {
    /// - Parameters:
    ///   - gain: 0 is the initialiser's own
    ///   - low: the bounds of a truncated normal distribution
    init(
        _ initializer: tw_initializer, scale: Double, gain: Double = 0, fan: tw_fan = TW_FAN_IN, mean: Double = 0,
        low: Double, high: Double, groups: Int = 1
    ) throws(TalwegError) {
        guard gain.isFinite else {
            throw TalwegError(.invalidArgument, "initializer: the gain is \(gain); it must be finite")
        }
        let value = Int32(bitPattern: fan.rawValue)
        guard let fan = Fan(rawValue: value) else {
            throw TalwegError(.invalidArgument, "initializer: fan \(value) is no tw_fan")
        }
        func scaled(_ own: Double, _ fan: Fan, normal: Bool) -> Initializer {
            .varianceScaling(gain: gain == 0 ? own : gain, fan: fan, normal: normal)
        }
        let one = gain == 0 ? 1 : gain
        let root = 2.0.squareRoot()
        switch initializer {
        case TW_INIT_DEFAULT: self = .standard
        case TW_INIT_HE_UNIFORM: self = scaled(root, fan, normal: false)
        case TW_INIT_HE_NORMAL: self = scaled(root, fan, normal: true)
        case TW_INIT_XAVIER_UNIFORM: self = scaled(1, .average, normal: false)
        case TW_INIT_XAVIER_NORMAL: self = scaled(1, .average, normal: true)
        case TW_INIT_UNIFORM: self = .uniform(scale: scale)
        case TW_INIT_NORMAL: self = .normal(scale: scale)
        case TW_INIT_ZEROS: self = .zeros
        case TW_INIT_LECUN_UNIFORM: self = scaled(1, fan, normal: false)
        case TW_INIT_LECUN_NORMAL: self = scaled(1, fan, normal: true)
        case TW_INIT_ORTHOGONAL: self = .orthogonal(gain: one)
        case TW_INIT_TRUNCATED_NORMAL: self = .truncatedNormal(mean: mean, scale: scale, low: low, high: high)
        case TW_INIT_CONSTANT: self = .constant(scale)
        case TW_INIT_ONES: self = .ones
        case TW_INIT_EYE: self = .eye(gain: one)
        case TW_INIT_DIRAC: self = .dirac(groups: groups)
        default:
            throw TalwegError(
                .invalidArgument, "initializer: \(Int32(bitPattern: initializer.rawValue)) is no tw_initializer")
        }
    }

    /// Of a layer: a truncated normal distribution keeps within two standard deviations.
    init(_ initializer: tw_initializer, scale: Double, gain: Double = 0, fan: tw_fan = TW_FAN_IN) throws(TalwegError) {
        try self.init(initializer, scale: scale, gain: gain, fan: fan, low: -2 * scale, high: 2 * scale)
    }

    init(_ options: tw_linear_options) throws(TalwegError) {
        try self.init(options.initializer, scale: options.scale, gain: options.gain, fan: options.fan)
    }
}

/// The caller's options of a linear layer.
func linearOptions(_ given: UnsafePointer<tw_linear_options>?) throws(TalwegError) -> tw_linear_options {
    try options(
        given,
        default: tw_linear_options(
            struct_size: MemoryLayout<tw_linear_options>.size, bias: true, dtype: TW_FLOAT32,
            initializer: TW_INIT_DEFAULT, scale: 1, generator: nil, gain: 0, fan: TW_FAN_IN),
        minimum: 40)
}

@_cdecl("tw_initialize") @implementation
public func tw_initialize(
    _ tensor: OpaquePointer?, _ initializer: tw_initializer, _ given: UnsafePointer<tw_initializer_options>?
) -> tw_status {
    call { () throws(TalwegError) in
        let found: Tensor = try resolve(tensor, "tensor")
        let options = try options(
            given,
            default: tw_initializer_options(
                struct_size: MemoryLayout<tw_initializer_options>.size, gain: 0, fan: TW_FAN_IN, mean: 0, scale: 1,
                low: -2, high: 2, groups: 1, generator: nil),
            minimum: MemoryLayout<tw_initializer_options>.size)
        let wanted = try Initializer(
            initializer, scale: options.scale, gain: options.gain, fan: options.fan, mean: options.mean,
            low: options.low, high: options.high, groups: Int(options.groups))
        try wanted.initialize(found, resolveGenerator(options.generator))
    }
}

@_cdecl("tw_initializer_gain") @implementation
public func tw_initializer_gain(_ activation: tw_activation, _ slope: Double, _ gain: UnsafeMutablePointer<Double>?)
    -> tw_status
{
    call { () throws(TalwegError) in
        let out = try required(gain, "gain")
        var function = try ActivationFunction(activation, nil, for: "initializer_gain")
        if case .leakyReLU = function { function = .leakyReLU(slope: slope) }
        out.pointee = try Initializer.gain(of: function)
    }
}
