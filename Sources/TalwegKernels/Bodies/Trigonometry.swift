internal import CIntrinsics

// sin, cos, tan: x = n pi / 2 + r with |r| <= pi / 4, where pi / 2 is taken in three parts (Cody, Waite,
// Software manual for the elementary functions, 1980), the first two of 33 bits: their products with n are
// exact. Beyond `limit` the C library serves, element by element. Coefficients:
// Tests/TalwegKernelsTests/Fixtures/elementary_coefficients.py.

/// n has 20 bits up to here.
private let limit = 0x1p20

/// r + low, and n as an integer in the low bits of `turns`.
@inline(__always)
private func reduced(_ x: VectorF64, _ digits: Digits) -> (r: VectorF64, low: VectorF64, turns: VectorF64.Mask) {
  let magic: VectorF64 = 0x1.8p52
  let sum = madd(x, 0.63661977236758134308, magic)
  let n = sum - magic
  let first = madd(n, -1.57079632673412561417e+00, x)
  if digits == .single { return (madd(n, -6.07710050650619224932e-11, first), 0, sum.bits) }
  let step = n * 6.07710050630396597660e-11
  let second = first - step
  let lost = (first - second) - step
  let sum2 = DoubleDouble(larger: second, madd(n, -2.02226624879595063154e-21, lost))
  return (sum2.high, sum2.low, sum.bits)
}

/// sin(r + low). Error of the higher part alone below 1 ulp.
@inline(__always)
private func sinNear(_ r: VectorF64, _ low: VectorF64, _ digits: Digits) -> DoubleDouble {
  let z = r * r
  if digits == .single {
    var p = madd(z, 2.724990115829391e-06, -0.0001984008654531293)
    p = madd(p, z, 0.008333331874358352)
    p = madd(p, z, -0.16666666663854385)
    return DoubleDouble(madd(p * z, r, r), 0)
  }
  var p = madd(z, 1.5918117983848815e-10, -2.5051131688000297e-08)
  p = madd(p, z, 2.755731610179909e-06)
  p = madd(p, z, -0.0001984126983675712)
  p = madd(p, z, 0.008333333333330948)
  p = madd(p, z, -0.16666666666666666)
  return DoubleDouble(larger: r, madd(z * r, p, madd(low, -0.5 * z, low)))
}

/// cos(r + low). Error of the higher part alone below 1 ulp.
@inline(__always)
private func cosNear(_ r: VectorF64, _ low: VectorF64, _ digits: Digits) -> DoubleDouble {
  let z = r * r
  if digits == .single {
    var p = madd(z, -2.730093863463587e-07, 2.4800600218521467e-05)
    p = madd(p, z, -0.0013888887671723142)
    p = madd(p, z, 0.04166666666432045)
    return DoubleDouble(madd(madd(p, z, -0.5), z, 1), 0)
  }
  var p = madd(z, -1.1382625349447592e-11, 2.0876146170183976e-09)
  p = madd(p, z, -2.7557317271258515e-07)
  p = madd(p, z, 2.4801587298764778e-05)
  p = madd(p, z, -0.0013888888888887398)
  p = madd(p, z, 0.041666666666666664)
  let half = 0.5 * z
  let w = 1 - half
  return DoubleDouble(larger: w, ((1 - w) - half) + madd(z * z, p, -r * low))
}

/// Odd numbers as a mask.
@inline(__always)
private func isOdd(_ turns: VectorF64.Mask) -> VectorF64.Mask { 0 &- (turns & 1) }

@inline(__always)
private func sin(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let (r, low, turns) = reduced(x, digits)
  let y = VectorF64.select(isOdd(turns), cosNear(r, low, digits).high, sinNear(r, low, digits).high)
  // The sum of a -0 and a 0 is 0: the sign of a zero is its own.
  let signed = VectorF64.select(x == 0, x, y.negated(where: turns &<< 62))
  return signed.replaced(where: VectorF64(limit) < x.magnitude, x) { tk_libm_sin($0) }
}

@inline(__always)
private func cos(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let (r, low, turns) = reduced(x, digits)
  let y = VectorF64.select(isOdd(turns), sinNear(r, low, digits).high, cosNear(r, low, digits).high)
  return y.negated(where: (turns &+ 1) &<< 62).replaced(where: VectorF64(limit) < x.magnitude, x) { tk_libm_cos($0) }
}

@inline(__always)
private func tan(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let (r, low, turns) = reduced(x, digits)
  let sine = sinNear(r, low, digits), cosine = cosNear(r, low, digits), odd = isOdd(turns)
  let top = VectorF64.select(odd, cosine.high, sine.high), bottom = VectorF64.select(odd, sine.high, cosine.high)
  var y = top / bottom
  if digits == .double {
    // What the quotient leaves of both in full.
    let product = DoubleDouble(product: y, bottom)
    let topLow = VectorF64.select(odd, cosine.low, sine.low), bottomLow = VectorF64.select(odd, sine.low, cosine.low)
    y = y + (((top - product.high) - product.low) + (topLow - y * bottomLow)) / bottom
  }
  let signed = VectorF64.select(x == 0, x, y.negated(where: odd))
  return signed.replaced(where: VectorF64(limit) < x.magnitude, x) { tk_libm_tan($0) }
}

/// Error at most 1 ulp.
@inline(__always) func sin(_ x: VectorF64) -> VectorF64 { sin(x, .double) }
@inline(__always) func cos(_ x: VectorF64) -> VectorF64 { cos(x, .double) }
/// Error at most 1 ulp.
@inline(__always) func tan(_ x: VectorF64) -> VectorF64 { tan(x, .double) }
@inline(__always) func sin(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { sin($0, .single) } }
@inline(__always) func cos(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { cos($0, .single) } }
@inline(__always) func tan(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { tan($0, .single) } }
