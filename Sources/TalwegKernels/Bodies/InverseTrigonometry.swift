// atan, atan2, asin, acos. Coefficients: Tests/TalwegKernelsTests/Fixtures/elementary_coefficients.py.

/// atan r - r for |r| <= tan(pi / 8).
@inline(__always)
private func atanTail(_ r: VectorF64, _ digits: Digits) -> VectorF64 {
  let z = r * r
  if digits == .single {
    var p = madd(z, 0.05047820620035853, -0.08624552940250581)
    p = madd(p, z, 0.11071348499196115)
    p = madd(p, z, -0.14284150302070778)
    p = madd(p, z, 0.19999977242158135)
    p = madd(p, z, -0.33333333279206956)
    return r * z * p
  }
  var p = madd(z, 0.01628357235648259, -0.0345685906686069)
  p = madd(p, z, 0.045515165635903104)
  p = madd(p, z, -0.052304374642516874)
  p = madd(p, z, 0.05878926715756726)
  p = madd(p, z, -0.066664246872465)
  p = madd(p, z, 0.07692296363979952)
  p = madd(p, z, -0.09090908753118594)
  p = madd(p, z, 0.11111111105147764)
  p = madd(p, z, -0.14285714285659748)
  p = madd(p, z, 0.19999999999999804)
  p = madd(p, z, -0.3333333333333333)
  return r * z * p
}

/// atan(a / b) for a, b >= 0, not both 0, as a sum whose second part is small: by the angle pi / 4 or pi / 2
/// less, where that is nearer. Neither a + b nor a quotient that matters overflows.
@inline(__always)
private func angle(_ a: VectorF64, _ b: VectorF64, _ digits: Digits) -> (high: VectorF64, low: VectorF64) {
  let isSmall = a <= 0.41421356237309503 * b, isLarge = b <= 0.41421356237309503 * a
  let numerator = VectorF64.select(isSmall, a, VectorF64.select(isLarge, -b, a - b))
  let denominator = VectorF64.select(isSmall, b, VectorF64.select(isLarge, a, a + b))
  let r = numerator / denominator
  let high = VectorF64.select(isSmall, 0, VectorF64.select(isLarge, 1.57079632679489655800, 0.78539816339744827900))
  let rest = VectorF64.select(isSmall, 0, VectorF64.select(isLarge, 6.12323399573676603587e-17, 3.06161699786838301793e-17))
  let tail = atanTail(r, digits) + rest
  let sum = DoubleDouble(larger: high, r)
  // Where high is 0, its sum with r is exact.
  return (sum.high, VectorF64.select(isSmall, tail, sum.low + tail))
}

@inline(__always)
private func atan(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let a = x.magnitude
  // Beyond 2^54 the result is pi / 2, and infinity less itself would be NaN.
  let (high, low) = angle(VectorF64.select(0x1p54 < a, 0x1p54, a), 1, digits)
  return (high + low).withSign(of: x)
}

/// The angle of (x, y): signed zeros and infinities as in C.
@inline(__always)
private func atan2(_ y: VectorF64, _ x: VectorF64, _ digits: Digits) -> VectorF64 {
  var a = y.magnitude, b = x.magnitude
  let infinity = VectorF64(.infinity)
  let bothInfinite = VectorF64.both(a == infinity, b == infinity)
  a = VectorF64.select(bothInfinite, 1, a)
  b = VectorF64.select(bothInfinite, 1, b)
  if digits == .double {
    // Kept from the ends of the range, where a sum overflows and a quotient loses digits.
    let scale = VectorF64.select(VectorF64.either(0x1p1020 < a, 0x1p1020 < b), 0x1p-4,
      VectorF64.select(VectorF64.both(a < 0x1p-900, b < 0x1p-900), 0x1p120, 1))
    a = a * scale
    b = b * scale
  }
  // One infinity against a number: the quotient is what its limit is. Of two zeros the angle is that of x.
  b = VectorF64.select(VectorF64.both(a == 0, b == 0), 1, b)
  a = VectorF64.select(VectorF64.both(a == infinity, b < infinity), 1, VectorF64.select(b == infinity, 0, a))
  b = VectorF64.select(VectorF64.both(y.magnitude == infinity, x.magnitude < infinity), 0,
    VectorF64.select(b == infinity, 1, b))
  let (high, low) = angle(a, b, digits)
  let right = high + low
  let left = 3.14159265358979311600 - high + (1.22464679914735317e-16 - low)
  // By the sign bit: -0 is to the left.
  let isLeft = x.bits &>> 63
  // NaN in either.
  let result = VectorF64.select(isLeft, left, right).withSign(of: y)
  return VectorF64.select(VectorF64.either(x != x, y != y), x + y, result)
}

/// asin r - r for |r| <= 1 / 2, z = r^2.
@inline(__always)
private func asinTail(_ r: VectorF64, _ z: VectorF64, _ digits: Digits) -> VectorF64 {
  if digits == .single {
    var p = madd(z, 0.03369084720283012, 0.017149238357677253)
    p = madd(p, z, 0.03110066273549457)
    p = madd(p, z, 0.04459940152851218)
    p = madd(p, z, 0.07500094543497424)
    p = madd(p, z, 0.16666666337430908)
    return r * z * p
  }
  var p = madd(z, 0.028169218060881414, -0.010749050339697808)
  p = madd(p, z, 0.01603551434914882)
  p = madd(p, z, 0.0078029494773533175)
  p = madd(p, z, 0.011875494382636922)
  p = madd(p, z, 0.013929652902326633)
  p = madd(p, z, 0.017355259955786323)
  p = madd(p, z, 0.02237204763174451)
  p = madd(p, z, 0.03038194736709848)
  p = madd(p, z, 0.044642857103423646)
  p = madd(p, z, 0.07500000000020764)
  p = madd(p, z, 0.1666666666666665)
  return r * z * p
}

/// With asin x = pi / 2 - 2 asin sqrt((1 - x) / 2) above 1 / 2; the root's rounding error is made good.
@inline(__always)
private func asin(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let a = x.magnitude
  let isNear = a <= 0.5
  let z = VectorF64.select(isNear, x * x, 0.5 - 0.5 * a)
  let s = VectorF64.select(isNear, a, z.squareRoot)
  let tail = asinTail(s, z, digits)
  let far = 1.57079632679489655800 - (2 * s + (2 * (tail + rootError(s, z)) - 6.12323399573676603587e-17))
  return VectorF64.select(isNear, s + tail, far).withSign(of: x)
}

@inline(__always)
private func acos(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let a = x.magnitude
  let isNear = a <= 0.5
  let z = VectorF64.select(isNear, x * x, 0.5 - 0.5 * a)
  let s = VectorF64.select(isNear, x, z.squareRoot)
  let tail = asinTail(s, z, digits)
  let near = 1.57079632679489655800 - (s + (tail - 6.12323399573676603587e-17))
  let angle = tail + rootError(s, z)
  let far = VectorF64.select(
    x < 0, 3.14159265358979311600 - (2 * s + (2 * angle - 1.22464679914735317e-16)), 2 * (s + angle))
  return VectorF64.select(isNear, near, far)
}

/// sqrt z - s, to first order; 0 where s is 0.
@inline(__always)
private func rootError(_ s: VectorF64, _ z: VectorF64) -> VectorF64 {
  let square = DoubleDouble(product: s, s)
  return VectorF64.select(s == 0, 0, ((z - square.high) - square.low) / (s + s))
}

/// Error at most 1.5 ulp.
@inline(__always) func atan(_ x: VectorF64) -> VectorF64 { atan(x, .double) }
/// Error at most 2 ulp.
@inline(__always) func atan2(_ y: VectorF64, _ x: VectorF64) -> VectorF64 { atan2(y, x, .double) }
@inline(__always) func asin(_ x: VectorF64) -> VectorF64 { asin(x, .double) }
@inline(__always) func acos(_ x: VectorF64) -> VectorF64 { acos(x, .double) }
@inline(__always) func atan(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { atan($0, .single) } }
@inline(__always) func asin(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { asin($0, .single) } }
@inline(__always) func acos(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { acos($0, .single) } }
@inline(__always) func atan2(_ y: VectorF32, _ x: VectorF32) -> VectorF32 {
  .throughDoubles(y, x) { atan2($0, $1, .single) }
}
