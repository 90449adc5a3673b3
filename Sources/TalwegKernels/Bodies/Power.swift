internal import CIntrinsics

// log2, log10 and the power: x = 2^e m with sqrt 1/2 <= m < sqrt 2; log m = 2 atanh s, s = (m - 1) / (m + 1).
// Coefficients: Tests/TalwegKernelsTests/Fixtures/elementary_coefficients.py.

/// e and m of a positive x; a double is scaled first where it is denormal.
@inline(__always)
private func parts(_ x: VectorF64, _ digits: Digits) -> (e: VectorF64, m: VectorF64) {
  let isSmall = x < 0x1p-1022
  let scaled = digits == .single ? x : VectorF64.select(isSmall, x * 0x1p54, x)
  let rootHalf: VectorF64 = 0x1.6a09e667f3bcdp-1
  let offset = scaled.bits &- rootHalf.bits
  let m = VectorF64(bits: (offset & VectorF64.mantissa) &+ rootHalf.bits)
  let e = VectorF64(integers: offset &>> 52)
  return (digits == .single ? e : e - VectorF64.select(isSmall, 54, 0), m)
}

/// log m.
@inline(__always)
private func logNear(_ m: VectorF64, _ digits: Digits) -> VectorF64 {
  let f = m - 1
  let s = f / (m + 1)
  let z = s * s
  if digits == .single {
    var p = madd(z, 0.2333057432907243, 0.2855081687937602)
    p = madd(p, z, 0.40000121874506667)
    p = madd(p, z, 0.6666666655445466)
    return s * madd(p, z, 2)
  }
  var p = madd(z, 0.14616576421644387, 0.15331711346672997)
  p = madd(p, z, 0.18182889433757515)
  p = madd(p, z, 0.22222211130560726)
  p = madd(p, z, 0.28571428626001427)
  p = madd(p, z, 0.3999999999989945)
  p = madd(p, z, 0.666666666666667)
  // 2 s = f - f^2 / 2 + s f^2 / 2: the greatest term is exact.
  let half = 0.5 * f * f
  return f - (half - s * (half + z * p))
}

@inline(__always)
private func log2(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let (e, m) = parts(x, digits)
  return logSpecial(x, madd(logNear(m, digits), 1.44269504088896340736, e))
}

@inline(__always)
private func log10(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let (e, m) = parts(x, digits)
  // log10 2 in two parts; e times the first is exact.
  let low = madd(e, 3.69423907715893078616e-13, logNear(m, digits) * 0.43429448190325182765)
  return logSpecial(x, madd(e, 3.01029995663611771306e-01, low))
}

/// log|x| to about 2^-64 of itself: the quotient, its square and the term that these make are carried in two
/// parts each.
@inline(__always)
private func logDouble(_ x: VectorF64) -> DoubleDouble {
  let (e, m) = parts(x, .double)
  let f = m - 1
  let d = DoubleDouble(larger: VectorF64.select(m < 1, 1, m), VectorF64.select(m < 1, m, 1))
  let s = f / d.high
  let back = DoubleDouble(product: s, d.high)
  let sLow = (((f - back.high) - back.low) - s * d.low) / d.high
  let square = DoubleDouble(product: s, s)
  let z = square.high
  let zLow = madd(2 * s, sLow, square.low)
  var q = madd(z, 0.11723170160799075, 0.11706237148816372)
  q = madd(q, z, 0.13334804663624336)
  q = madd(q, z, 0.15384594963074136)
  q = madd(q, z, 0.181818183353876)
  q = madd(q, z, 0.22222222221655907)
  q = madd(q, z, 0.28571428571429364)
  q = madd(q, z, 0.4)
  // t = 2 / 3 z + z^2 q, log m = s (2 + t)
  let third = DoubleDouble(product: z, 0.66666666666666662966)
  let thirdLow = third.low + madd(z, 3.70074341541718826e-17, 0.66666666666666662966 * zLow)
  let t = DoubleDouble(larger: third.high, madd(z * z, q, thirdLow))
  let twoT = DoubleDouble(larger: 2, t.high)
  let product = DoubleDouble(product: s, twoT.high)
  let productLow = product.low + madd(s, twoT.low + t.low, sLow * twoT.high)
  // e ln 2, whose first part has 32 bits: its product with e is exact.
  let whole = e * 6.93147180369123816490e-01
  let sum = whole + product.high
  let lost = VectorF64.select(e == 0, 0, (whole - sum) + product.high)
  return DoubleDouble(larger: sum, lost + madd(e, 1.90821492927058770002e-10, productLow))
}

/// a^b with C's special values.
@inline(__always)
private func power(_ a: VectorF64, _ b: VectorF64, _ digits: Digits) -> VectorF64 {
  let base = a.magnitude
  // Beyond, every result but that of the base 1 overflows or vanishes.
  var exponent = VectorF64.select(0x1p70 < b, 0x1p70, b)
  exponent = VectorF64.select(b < -0x1p70, -0x1p70, exponent)
  let y: VectorF64
  if digits == .single {
    let (e, m) = parts(base, .single)
    let logarithm = madd(e, 0.69314718055994530942, logNear(m, .double))
    y = exp(exponent * logarithm, .single, timesTwoTo: 0)
  } else {
    let logarithm = logDouble(base)
    let product = DoubleDouble(product: exponent, logarithm.high)
    let isLarge = 1000 < product.high.magnitude
    let low = VectorF64.select(isLarge, 0, madd(exponent, logarithm.low, product.low))
    y = exp(product.high, low: low)
  }
  let isUsual = VectorF64.both(VectorF64.both(0 < a, a < VectorF64(.infinity)), b.magnitude < VectorF64(.infinity))
  if !VectorF64.any(~isUsual) { return y }
  let isOdd = VectorF64.both(b == b.trunc, b * 0.5 != (b * 0.5).trunc)
  // A negative base: with a whole exponent alone.
  var result = VectorF64.select(VectorF64.both(a < 0, b != b.trunc), VectorF64(.nan), y)
  result = VectorF64.select(a == 0, VectorF64.select(b < 0, VectorF64(.infinity), 0), result)
  result = VectorF64.select(isOdd, result.withSign(of: a), result)
  result = VectorF64.select(VectorF64.either(b == 0, a == 1), 1, result)
  // Infinities and NaN.
  let finite = VectorF64.both(base < VectorF64(.infinity), b.magnitude < VectorF64(.infinity))
  return result.replacedPairs(where: ~finite, a, b) { tk_libm_pow($0, $1) }
}

extension VectorF64 {
  @inline(__always)
  fileprivate func replacedPairs(
    where mask: Mask, _ a: VectorF64, _ b: VectorF64, _ f: (Double, Double) -> Double
  ) -> VectorF64 {
    if !VectorF64.any(mask) { return self }
    var result = self
    for lane in 0..<VectorF64.lanes where mask[lane] != 0 { result.v[lane] = f(a.v[lane], b.v[lane]) }
    return result
  }
}

/// Error at most 2 ulp.
@inline(__always) func log2(_ x: VectorF64) -> VectorF64 { log2(x, .double) }
@inline(__always) func log10(_ x: VectorF64) -> VectorF64 { log10(x, .double) }
@inline(__always) func power(_ a: VectorF64, _ b: VectorF64) -> VectorF64 { power(a, b, .double) }
@inline(__always) func log2(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { log2($0, .single) } }
@inline(__always) func log10(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { log10($0, .single) } }
@inline(__always) func power(_ a: VectorF32, _ b: VectorF32) -> VectorF32 {
  .throughDoubles(a, b) { power($0, $1, .single) }
}
