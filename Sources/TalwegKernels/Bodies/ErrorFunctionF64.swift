// erf and the normal distribution function in float64, with the rational approximations of fdlibm's
// s_erf.c (Sun Microsystems, 1993).

/// Error at most 2 ulp.
@inline(__always)
func erf(_ x: VectorF64) -> VectorF64 {
  let t = VectorF64.select(10 < x.magnitude, 10, x.magnitude)
  let (tail, n) = erfcFar(t, -t * t, 0)
  let far = tail.scaled(byTwoTo: n)
  let near = madd(x, erfNear(x * x), x)
  return VectorF64.select(t < 0.84375, near, (1 - far).withSign(of: x))
}

/// Phi(x), the normal distribution function, and its derivative phi(x). Relative error of Phi at most
/// 6 ulp where it is normal.
@inline(__always)
func normalDistribution(_ x: VectorF64) -> (value: VectorF64, density: VectorF64) {
  let (a, square, low) = normalExponent(x)
  let t = a * 0.70710678118654752440
  let (tail, n) = erfcFar(t, square, low)
  let half = (0.5 * tail).scaled(byTwoTo: n)
  let far = VectorF64.select(x < 0, half, 1 - half)
  let density = exp(square, low: low) * 0.39894228040143267794
  return (VectorF64.select(t < 0.84375, normalNear(x), far), density)
}

/// GELU in its erf form (Hendrycks, Gimpel, arXiv:1606.08415): x Phi(x), by the lower tail, so that negative x lose
/// nothing to cancellation; it is multiplied before it may be less than the least number. Error at most 5 ulp.
@inline(__always)
func gelu(_ x: VectorF64) -> VectorF64 {
  let (a, square, low) = normalExponent(x)
  let t = a * 0.70710678118654752440
  let (tail, n) = erfcFar(t, square, low)
  let below = (-a * (0.5 * tail)).scaled(byTwoTo: n)
  let far = VectorF64.select(x < 0, below, x * (1 - (0.5 * tail).scaled(byTwoTo: n)))
  return VectorF64.select(t < 0.84375, x * normalNear(x), far)
}

/// a = |x|, at most 40, and -a^2 / 2 in two parts, the square of the upper bits of a being exact.
@inline(__always)
private func normalExponent(_ x: VectorF64) -> (a: VectorF64, square: VectorF64, low: VectorF64) {
  let a = VectorF64.select(40 < x.magnitude, 40, x.magnitude)
  let upper = VectorF64(bits: a.bits & VectorF64.Mask(repeating: ~0xffff_ffff))
  return (a, -0.5 * upper * upper, -0.5 * (a - upper) * (a + upper))
}

/// Phi(x) for |x| < 1.19
@inline(__always)
private func normalNear(_ x: VectorF64) -> VectorF64 {
  let t = x * 0.70710678118654752440, half = 0.5 * t
  return madd(half, erfNear(t * t), half) + 0.5
}

/// erf(x) / x - 1 for z = x^2 < 0.84375^2.
@inline(__always)
private func erfNear(_ z: VectorF64) -> VectorF64 {
  var p = madd(z, -2.37630166566501626084e-05, -5.77027029648944159157e-03)
  p = madd(p, z, -2.84817495755985104766e-02)
  p = madd(p, z, -3.25042107247001499370e-01)
  p = madd(p, z, 1.28379167095512558561e-01)
  var q = madd(z, -3.96022827877536812320e-06, 1.32494738004321644526e-04)
  q = madd(q, z, 5.08130628187576562776e-03)
  q = madd(q, z, 6.50222499887672944485e-02)
  q = madd(q, z, 3.97917223959155352819e-01)
  q = madd(q, z, 1)
  return p / q
}

/// erfc(t) for 0.84375 <= t, where square + low is -t^2, as a number and a power of two.
@inline(__always)
private func erfcFar(
  _ t: VectorF64, _ square: VectorF64, _ low: VectorF64
) -> (significand: VectorF64, exponent: VectorF64) {
  let s = t - 1
  var p = madd(s, -2.16637559486879084300e-03, 3.54783043256182359371e-02)
  p = madd(p, s, -1.10894694282396677476e-01)
  p = madd(p, s, 3.18346619901161753674e-01)
  p = madd(p, s, -3.72207876035701323847e-01)
  p = madd(p, s, 4.14856118683748331666e-01)
  p = madd(p, s, -2.36211856075265944077e-03)
  var q = madd(s, 1.19844998467991074170e-02, 1.36370839120290507362e-02)
  q = madd(q, s, 1.26171219808761642112e-01)
  q = madd(q, s, 7.18286544141962662868e-02)
  q = madd(q, s, 5.40397917702171048937e-01)
  q = madd(q, s, 1.06420880400844228286e-01)
  q = madd(q, s, 1)
  let middle = 1 - 8.45062911510467529297e-01 - p / q
  let (tail, n) = erfcTail(t, square, low), isMiddle = t < 1.25
  return (VectorF64.select(isMiddle, middle, tail), VectorF64.select(isMiddle, 0, n))
}

/// erfc(t) for 1.25 <= t: exp(-t^2 - 0.5625 + R(1 / t^2) / S(1 / t^2)) / t, with one pair R, S below
/// 1 / 0.35 and one above.
@inline(__always)
private func erfcTail(
  _ t: VectorF64, _ square: VectorF64, _ low: VectorF64
) -> (significand: VectorF64, exponent: VectorF64) {
  let isNear = t < 2.857142857142857
  let v = 1 / (t * t)
  var r = VectorF64.select(isNear, -9.81432934416914548592e+00, 0)
  r = madd(r, v, VectorF64.select(isNear, -8.12874355063065934246e+01, -4.83519191608651397019e+02))
  r = madd(r, v, VectorF64.select(isNear, -1.84605092906711035994e+02, -1.02509513161107724954e+03))
  r = madd(r, v, VectorF64.select(isNear, -1.62396669462573470355e+02, -6.37566443368389627722e+02))
  r = madd(r, v, VectorF64.select(isNear, -6.23753324503260060396e+01, -1.60636384855821916062e+02))
  r = madd(r, v, VectorF64.select(isNear, -1.05586262253232909814e+01, -1.77579549177547519889e+01))
  r = madd(r, v, VectorF64.select(isNear, -6.93858572707181764372e-01, -7.99283237680523006574e-01))
  r = madd(r, v, VectorF64.select(isNear, -9.86494403484714822705e-03, -9.86494292470009928597e-03))
  var s = VectorF64.select(isNear, -6.04244152148580987438e-02, 0)
  s = madd(s, v, VectorF64.select(isNear, 6.57024977031928170135e+00, -2.24409524465858183362e+01))
  s = madd(s, v, VectorF64.select(isNear, 1.08635005541779435134e+02, 4.74528541206955367215e+02))
  s = madd(s, v, VectorF64.select(isNear, 4.29008140027567833386e+02, 2.55305040643316442583e+03))
  s = madd(s, v, VectorF64.select(isNear, 6.45387271733267880336e+02, 3.19985821950859553908e+03))
  s = madd(s, v, VectorF64.select(isNear, 4.34565877475229228821e+02, 1.53672958608443695994e+03))
  s = madd(s, v, VectorF64.select(isNear, 1.37657754143519042600e+02, 3.25792512996573918826e+02))
  s = madd(s, v, VectorF64.select(isNear, 1.96512716674392571292e+01, 3.03380607434824582924e+01))
  s = madd(s, v, 1)
  let (significand, n) = expParts(square - 0.5625, low: low + r / s)
  return (significand / t, n)
}
