import CTalweg
import Talweg

@_cdecl("tw_sinusoidal_positions") @implementation
public func tw_sinusoidal_positions(
    _ scope: OpaquePointer?, _ count: Int64, _ width: Int64, _ first: Int64, _ base: Double, _ dtype: tw_dtype
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try Tensor.sinusoidalPositions(Int(count), width: Int(width), from: Int(first), base: base, DType(dtype))
    }
}

@_cdecl("tw_sinusoidal_positions_new") @implementation
public func tw_sinusoidal_positions_new(
    _ width: Int64, _ base: Double, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in try SinusoidalPositions(Int(width), base: base) }
}

@_cdecl("tw_learned_positions_new") @implementation
public func tw_learned_positions_new(
    _ most: Int64, _ width: Int64, _ given: UnsafePointer<tw_linear_options>?,
    _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let options = try linearOptions(given)
        return try LearnedPositions(
            Int(most), Int(width), dtype: DType(options.dtype), initializer: Initializer(options),
            generator: resolveGenerator(options.generator))
    }
}

private func rotaryOptions(_ given: UnsafePointer<tw_rotary_options>?) throws(TalwegError)
    -> (width: Int?, base: Double, pairs: RotaryPairs, offset: Int)
{
    let options = try options(
        given,
        default: tw_rotary_options(
            struct_size: MemoryLayout<tw_rotary_options>.size, pairs: TW_ROTARY_HALVES, base: 10_000, width: 0,
            offset: 0),
        minimum: MemoryLayout<tw_rotary_options>.size)
    let value = Int32(bitPattern: options.pairs.rawValue)
    guard let pairs = RotaryPairs(rawValue: value) else {
        throw TalwegError(.invalidArgument, "rotary: pairs \(value) is no tw_rotary_pairs")
    }
    return (options.width == 0 ? nil : Int(options.width), options.base, pairs, Int(options.offset))
}

@_cdecl("tw_rotary") @implementation
public func tw_rotary(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ positions: OpaquePointer?,
    _ given: UnsafePointer<tw_rotary_options>?
) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in
        let options = try rotaryOptions(given)
        return try x.rotary(
            resolveIfPresent(positions, "positions"), offset: options.offset, width: options.width,
            base: options.base, pairs: options.pairs)
    }
}

@_cdecl("tw_rotary_new") @implementation
public func tw_rotary_new(
    _ given: UnsafePointer<tw_rotary_options>?, _ module: UnsafeMutablePointer<OpaquePointer?>?
) -> tw_status {
    makeLayer(module) { () throws(TalwegError) in
        let options = try rotaryOptions(given)
        return try RotaryPositions(
            options.width, base: options.base, pairs: options.pairs, offset: options.offset)
    }
}
