// erf and the normal distribution function in float32. Coefficients:
// Tests/TalwegKernelsTests/Fixtures/erf_coefficients.py.

/// Error at most 2 ulp.
@inline(__always)
func erf(_ x: VectorF32) -> VectorF32 {
  let t = VectorF32.select(10 < x.magnitude, 10, x.magnitude)
  let far = (1 - erfcFactor(t) * exp(-t * t)).withSign(of: x)
  return VectorF32.select(t < 0.9375, madd(x, erfNear(x * x), x), far)
}

/// Phi(x), the normal distribution function, and its derivative phi(x). Relative error of Phi at most
/// 4 ulp where it is normal.
@inline(__always)
func normalDistribution(_ x: VectorF32) -> (value: VectorF32, density: VectorF32) {
  let (a, e, n) = normalExponential(x)
  let tail = (0.5 * erfcFactor(a * 0.70710678118654752) * e).scaled(byTwoTo: n)
  let far = VectorF32.select(x < 0, tail, 1 - tail)
  return (VectorF32.select(a < 0.75, normalNear(x), far), (e * 0.39894228040143267794).scaled(byTwoTo: n))
}

/// GELU in its erf form (Hendrycks, Gimpel, arXiv:1606.08415): x Phi(x), by the lower tail, so that negative x lose
/// nothing to cancellation; it is multiplied before it may be less than the least number. Error at most 5 ulp.
@inline(__always)
func gelu(_ x: VectorF32) -> VectorF32 {
  let (a, e, n) = normalExponential(x)
  let tail = 0.5 * erfcFactor(a * 0.70710678118654752) * e
  let below = (-a * tail).scaled(byTwoTo: n)
  let far = VectorF32.select(x < 0, below, x * (1 - tail.scaled(byTwoTo: n)))
  return VectorF32.select(a < 0.75, x * normalNear(x), far)
}

/// a = |x|, at most 15, and exp(-a^2 / 2) as a number near 1 and a power of two.
@inline(__always)
private func normalExponential(_ x: VectorF32) -> (a: VectorF32, significand: VectorF32, exponent: VectorF32) {
  let a = VectorF32.select(15 < x.magnitude, 15, x.magnitude)
  // a^2 / 2 in two parts, the square of the upper half of a's bits being exact: the exponential of a
  // rounded square would lose a^2 / 2 ulp.
  let upper = VectorF32(bits: a.bits & VectorF32.Mask(repeating: ~0xfff))
  let (significand, n) = expParts(-0.5 * upper * upper, low: -0.5 * (a - upper) * (a + upper))
  return (a, significand, n)
}

/// Phi(x) for |x| < 0.75 by the series: 1 / 2 less it cancels little.
@inline(__always)
private func normalNear(_ x: VectorF32) -> VectorF32 {
  let t = x * 0.70710678118654752, half = 0.5 * t
  return madd(half, erfNear(t * t), half) + 0.5
}

/// erf(x) / x - 1 as a polynomial in z = x^2 <= 0.9375^2; relative error of the fit 6e-10.
@inline(__always)
private func erfNear(_ z: VectorF32) -> VectorF32 {
  let z2 = z * z
  let a = madd(z, -0.37612631916999817, 0.128379225730896)
  let b = madd(z, -0.02685849741101265, 0.1128367930650711)
  let c = madd(z, -0.0008118075202219188, 0.005198829807341099)
  return madd(madd(madd(z2, 8.2674618170131e-05, c), z2, b), z2, a)
}

/// erfc(t) exp(t^2) for 0.5 <= t <= 10.7 (Shepherd, Laframboise, Math. Comp. 36, 1981); relative error of
/// the fit 1.1e-8.
@inline(__always)
private func erfcFactor(_ t: VectorF32) -> VectorF32 {
  let u = (t - 3.75) / (t + 3.75)
  let u2 = u * u
  // Pairs of terms in parallel (Estrin's scheme).
  let a = madd(u, -0.14024072885513306, 1.2375125885009766)
  let b = madd(u, 0.08228321373462677, 0.003586843376979232)
  let c = madd(u, 0.09221212565898895, -0.10883224755525589)
  let d = madd(u, 0.028889965265989304, -0.058524832129478455)
  let e = madd(u, 0.0006475102854892612, -0.009987454861402512)
  let high = madd(madd(e, u2, d), u2, c)
  return madd(high, u2 * u2, madd(b, u2, a)) / madd(t, 2, 1)
}
