import CTalweg
import Talweg

/// Runs the body of a function that makes a tensor of one.
func unary(
    _ scope: OpaquePointer?, _ x: OpaquePointer?, _ body: (Tensor) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in try body(resolve(x, "the input")) }
}

/// Runs the body of a function that makes a tensor of two.
func binary(
    _ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?,
    _ body: (Tensor, Tensor) throws(TalwegError) -> Tensor
) -> OpaquePointer? {
    produce(scope) { () throws(TalwegError) in
        try body(resolve(a, "the first input"), resolve(b, "the second input"))
    }
}

// MARK: Two inputs

@_cdecl("tw_add") @implementation
public func tw_add(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a + b }
}

@_cdecl("tw_subtract") @implementation
public func tw_subtract(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a - b }
}

@_cdecl("tw_multiply") @implementation
public func tw_multiply(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a * b }
}

@_cdecl("tw_divide") @implementation
public func tw_divide(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a / b }
}

@_cdecl("tw_floor_divide") @implementation
public func tw_floor_divide(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.floorDivide(b) }
}

@_cdecl("tw_remainder") @implementation
public func tw_remainder(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.remainder(b) }
}

@_cdecl("tw_power") @implementation
public func tw_power(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.power(b) }
}

@_cdecl("tw_maximum") @implementation
public func tw_maximum(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.maximum(b) }
}

@_cdecl("tw_minimum") @implementation
public func tw_minimum(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.minimum(b) }
}

@_cdecl("tw_atan2") @implementation
public func tw_atan2(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.atan2(b) }
}

@_cdecl("tw_hypot") @implementation
public func tw_hypot(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.hypot(b) }
}

@_cdecl("tw_logaddexp") @implementation
public func tw_logaddexp(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.logAddExp(b) }
}

@_cdecl("tw_copysign") @implementation
public func tw_copysign(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.copySign(of: b) }
}

@_cdecl("tw_nextafter") @implementation
public func tw_nextafter(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.nextAfter(b) }
}

@_cdecl("tw_bitwise_and") @implementation
public func tw_bitwise_and(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.bitwiseAnd(b) }
}

@_cdecl("tw_bitwise_or") @implementation
public func tw_bitwise_or(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.bitwiseOr(b) }
}

@_cdecl("tw_bitwise_xor") @implementation
public func tw_bitwise_xor(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.bitwiseXor(b) }
}

@_cdecl("tw_bitwise_left_shift") @implementation
public func tw_bitwise_left_shift(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?)
    -> OpaquePointer?
{
    binary(scope, a, b) { a, b throws(TalwegError) in try a.bitwiseLeftShift(b) }
}

@_cdecl("tw_bitwise_right_shift") @implementation
public func tw_bitwise_right_shift(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?)
    -> OpaquePointer?
{
    binary(scope, a, b) { a, b throws(TalwegError) in try a.bitwiseRightShift(b) }
}

@_cdecl("tw_equal") @implementation
public func tw_equal(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isEqual(b) }
}

@_cdecl("tw_not_equal") @implementation
public func tw_not_equal(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isNotEqual(b) }
}

@_cdecl("tw_less") @implementation
public func tw_less(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isLess(b) }
}

@_cdecl("tw_less_equal") @implementation
public func tw_less_equal(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isLessOrEqual(b) }
}

@_cdecl("tw_greater") @implementation
public func tw_greater(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isGreater(b) }
}

@_cdecl("tw_greater_equal") @implementation
public func tw_greater_equal(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.isGreaterOrEqual(b) }
}

@_cdecl("tw_logical_and") @implementation
public func tw_logical_and(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.logicalAnd(b) }
}

@_cdecl("tw_logical_or") @implementation
public func tw_logical_or(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.logicalOr(b) }
}

@_cdecl("tw_logical_xor") @implementation
public func tw_logical_xor(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: OpaquePointer?) -> OpaquePointer? {
    binary(scope, a, b) { a, b throws(TalwegError) in try a.logicalXor(b) }
}

// MARK: A number in place of the second

@_cdecl("tw_add_scalar") @implementation
public func tw_add_scalar(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: Double) -> OpaquePointer? {
    unary(scope, a) { a throws(TalwegError) in try a + b }
}

@_cdecl("tw_subtract_scalar") @implementation
public func tw_subtract_scalar(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: Double) -> OpaquePointer? {
    unary(scope, a) { a throws(TalwegError) in try a - b }
}

@_cdecl("tw_multiply_scalar") @implementation
public func tw_multiply_scalar(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: Double) -> OpaquePointer? {
    unary(scope, a) { a throws(TalwegError) in try a * b }
}

@_cdecl("tw_divide_scalar") @implementation
public func tw_divide_scalar(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: Double) -> OpaquePointer? {
    unary(scope, a) { a throws(TalwegError) in try a / b }
}

@_cdecl("tw_power_scalar") @implementation
public func tw_power_scalar(_ scope: OpaquePointer?, _ a: OpaquePointer?, _ b: Double) -> OpaquePointer? {
    unary(scope, a) { a throws(TalwegError) in try a.power(b) }
}

// MARK: One input

@_cdecl("tw_logical_not") @implementation
public func tw_logical_not(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.logicalNot() }
}

@_cdecl("tw_negative") @implementation
public func tw_negative(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try -x }
}

@_cdecl("tw_absolute") @implementation
public func tw_absolute(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.absolute() }
}

@_cdecl("tw_sign") @implementation
public func tw_sign(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.sign() }
}

@_cdecl("tw_square") @implementation
public func tw_square(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.square() }
}

@_cdecl("tw_sqrt") @implementation
public func tw_sqrt(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.sqrt() }
}

@_cdecl("tw_rsqrt") @implementation
public func tw_rsqrt(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.rsqrt() }
}

@_cdecl("tw_reciprocal") @implementation
public func tw_reciprocal(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.reciprocal() }
}

@_cdecl("tw_exp") @implementation
public func tw_exp(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.exp() }
}

@_cdecl("tw_expm1") @implementation
public func tw_expm1(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.expm1() }
}

@_cdecl("tw_log") @implementation
public func tw_log(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.log() }
}

@_cdecl("tw_log1p") @implementation
public func tw_log1p(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.log1p() }
}

@_cdecl("tw_log2") @implementation
public func tw_log2(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.log2() }
}

@_cdecl("tw_log10") @implementation
public func tw_log10(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.log10() }
}

@_cdecl("tw_sin") @implementation
public func tw_sin(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.sin() }
}

@_cdecl("tw_cos") @implementation
public func tw_cos(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.cos() }
}

@_cdecl("tw_tan") @implementation
public func tw_tan(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.tan() }
}

@_cdecl("tw_asin") @implementation
public func tw_asin(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.asin() }
}

@_cdecl("tw_acos") @implementation
public func tw_acos(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.acos() }
}

@_cdecl("tw_atan") @implementation
public func tw_atan(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.atan() }
}

@_cdecl("tw_sinh") @implementation
public func tw_sinh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.sinh() }
}

@_cdecl("tw_cosh") @implementation
public func tw_cosh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.cosh() }
}

@_cdecl("tw_tanh") @implementation
public func tw_tanh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.tanh() }
}

@_cdecl("tw_asinh") @implementation
public func tw_asinh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.asinh() }
}

@_cdecl("tw_acosh") @implementation
public func tw_acosh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.acosh() }
}

@_cdecl("tw_atanh") @implementation
public func tw_atanh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.atanh() }
}

@_cdecl("tw_sigmoid") @implementation
public func tw_sigmoid(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.sigmoid() }
}

@_cdecl("tw_softplus") @implementation
public func tw_softplus(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.softplus() }
}

@_cdecl("tw_erf") @implementation
public func tw_erf(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.erf() }
}

@_cdecl("tw_relu") @implementation
public func tw_relu(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.relu() }
}

@_cdecl("tw_gelu") @implementation
public func tw_gelu(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.gelu() }
}

@_cdecl("tw_gelu_tanh") @implementation
public func tw_gelu_tanh(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.geluTanh() }
}

@_cdecl("tw_silu") @implementation
public func tw_silu(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.silu() }
}

@_cdecl("tw_leaky_relu") @implementation
public func tw_leaky_relu(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ slope: Double) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.leakyReLU(slope: slope) }
}

@_cdecl("tw_elu") @implementation
public func tw_elu(_ scope: OpaquePointer?, _ x: OpaquePointer?, _ alpha: Double) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.elu(alpha: alpha) }
}

@_cdecl("tw_floor") @implementation
public func tw_floor(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.floor() }
}

@_cdecl("tw_ceil") @implementation
public func tw_ceil(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.ceil() }
}

@_cdecl("tw_round") @implementation
public func tw_round(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.round() }
}

@_cdecl("tw_trunc") @implementation
public func tw_trunc(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.trunc() }
}

@_cdecl("tw_bitwise_invert") @implementation
public func tw_bitwise_invert(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.bitwiseInvert() }
}

@_cdecl("tw_signbit") @implementation
public func tw_signbit(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.signBit() }
}

@_cdecl("tw_isnan") @implementation
public func tw_isnan(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.isNaN() }
}

@_cdecl("tw_isinf") @implementation
public func tw_isinf(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.isInfinite() }
}

@_cdecl("tw_isfinite") @implementation
public func tw_isfinite(_ scope: OpaquePointer?, _ x: OpaquePointer?) -> OpaquePointer? {
    unary(scope, x) { x throws(TalwegError) in try x.isFinite() }
}
