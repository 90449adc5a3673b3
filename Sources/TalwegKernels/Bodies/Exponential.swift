// exp: x = n ln 2 + r with |r| <= ln 2 / 2, exp x = 2^n exp r (Cody, Waite, Software manual for the
// elementary functions, 1980). n is found by adding 1.5 * 2^(mantissa bits), which leaves the nearest integer in
// the sum's low bits. The sum 1 + r is carried in two parts, and 2^n applied with one rounding, so that
// the error is little more than that of the last sum. Overflow gives infinity. `low` is added to x with more
// precision than x has: exp(x + low) for |low| < 1.

/// Error at most 1 ulp.
@inline(__always)
func exp(_ x: VectorF32) -> VectorF32 {
  let (significand, n) = expParts(x.atMost(89))
  return significand.scaled(byTwoTo: n)
}

/// exp x as a number near 1 and a power of two, for products with it that are not to lose what a denormal would; of x
/// below -120 it is that of -120.
@inline(__always)
func expParts(_ x: VectorF32) -> (significand: VectorF32, exponent: VectorF32) {
  let x = x.atLeast(-120)
  let (n, most) = reduced(x, x)
  let r = madd(n, 2.12194440e-4, most)
  return (significand(n, most, r, r), n)
}

/// exp(x + low). Error at most 1 ulp.
@inline(__always)
func exp(_ x: VectorF32, low: VectorF32) -> VectorF32 {
  let (significand, n) = expParts(x.atMost(89), low: low)
  return significand.scaled(byTwoTo: n)
}

/// exp(x + low) in two parts, as `expParts`.
@inline(__always)
func expParts(_ x: VectorF32, low: VectorF32) -> (significand: VectorF32, exponent: VectorF32) {
  let x = x.atLeast(-120)
  let (n, most) = reduced(x, x + low)
  let rest = madd(n, 2.12194440e-4, most)
  return (significand(n, most, rest, rest + low), n)
}

/// The integer n nearest to sum / ln 2, and x - n l for l the first part of ln 2, whose product with n is exact.
@inline(__always)
private func reduced(_ x: VectorF32, _ sum: VectorF32) -> (n: VectorF32, most: VectorF32) {
  let magic: VectorF32 = 0x1.8p23
  let n = madd(sum, 1.44269504088896341, magic) - magic
  return (n, madd(n, -0.693359375, x))
}

/// exp r, where r is `rest`, made of `most` and the second part of ln 2, or somewhat more.
@inline(__always)
private func significand(_ n: VectorF32, _ most: VectorF32, _ rest: VectorF32, _ r: VectorF32) -> VectorF32 {
  // What the second step of the reduction rounded off goes into the last sum.
  let lost = madd(n, 2.12194440e-4, most - rest)
  // exp r = 1 + r + r^2 p(r), minimax coefficients of Moshier's Cephes (expf.c), pairs of terms in parallel
  // (Estrin's scheme): what limits a loop of these is the length of the chain.
  let r2 = r * r
  let a = madd(r, 1.6666665459e-1, 5.0000001201e-1)
  let b = madd(r, 8.3334519073e-3, 4.1665795894e-2)
  let c = madd(r, 1.9875691500e-4, 1.3981999507e-3)
  let p = madd(madd(c, r2, b), r2, a)
  return onePlus(r, madd(p, r2, lost))
}

/// Error at most 1 ulp.
@inline(__always)
func exp(_ x: VectorF64) -> VectorF64 { exp(x, low: 0) }

/// exp(x + low). Error at most 1 ulp.
@inline(__always)
func exp(_ x: VectorF64, low: VectorF64) -> VectorF64 {
  let (significand, n) = expParts(VectorF64.select(710 < x, 710, x), low: low)
  return significand.scaled(byTwoTo: n)
}

/// exp(x + low) as a number near 1 and a power of two; of x below -800 it is that of -800.
@inline(__always)
func expParts(_ x: VectorF64, low: VectorF64) -> (significand: VectorF64, exponent: VectorF64) {
  let x = VectorF64.select(x < -800, -800, x)
  let magic: VectorF64 = 0x1.8p52
  let sum = madd(x + low, 1.44269504088896340736, magic)
  let n = sum - magic
  var r = madd(n, -6.93147180369123816490e-01, x)
  r = madd(n, -1.90821492927058770002e-10, r) + low
  return (onePlus(r, expTail(r) * r * r), n)
}

/// 1 + r + s for s much smaller than r, which is below 1.
@inline(__always)
private func onePlus<V: FloatVector>(_ r: V, _ s: V) -> V {
  let one = V(1)
  let y = one + r
  return y + ((r - (y - one)) + s)
}

/// 2^shift exp x, not rounded in between. For a float32, to 2^-31.
@inline(__always)
func exp(_ x: VectorF64, _ digits: Digits, timesTwoTo shift: VectorF64) -> VectorF64 {
  var x = VectorF64.select(x < -750, -750, x)
  x = VectorF64.select(712 < x, 712, x)
  let magic: VectorF64 = 0x1.8p52
  let sum = madd(x, 1.44269504088896340736, magic)
  let n = sum - magic
  var r = madd(n, -6.93147180369123816490e-01, x)
  r = madd(n, -1.90821492927058770002e-10, r)
  var p: VectorF64
  if digits == .single {
    // Taylor's series; the first term left out is r^9 / 9!, 2e-10.
    p = madd(r, 1.0 / 40320, 1.0 / 5040)
    p = madd(p, r, 1.0 / 720)
    p = madd(p, r, 1.0 / 120)
    p = madd(p, r, 1.0 / 24)
    p = madd(p, r, 1.0 / 6)
    p = madd(p, r, 0.5)
  } else {
    p = expTail(r)
  }
  return onePlus(r, p * r * r).scaled(byTwoTo: n + shift)
}

/// (exp r - 1 - r) / r^2 for |r| <= 0.35, by Taylor's series: the first term left out is r^12 / 14!, below
/// 2^-52 / 50.
@inline(__always)
private func expTail(_ r: VectorF64) -> VectorF64 {
  let r2 = r * r
  let r4 = r2 * r2
  // Pairs of terms in parallel.
  let a = madd(r, 1.0 / 6, 0.5)
  let b = madd(r, 1.0 / 120, 1.0 / 24)
  let c = madd(r, 1.0 / 5040, 1.0 / 720)
  let d = madd(r, 1.0 / 362880, 1.0 / 40320)
  let e = madd(r, 1.0 / 39916800, 1.0 / 3628800)
  let f = madd(r, 1.0 / 6227020800, 1.0 / 479001600)
  let low = madd(b, r2, a)
  let middle = madd(d, r2, c)
  let high = madd(f, r2, e)
  return madd(madd(high, r4, middle), r4, low)
}

// expm1: with s = 2^(n-1) and p = exp r - 1, exp x - 1 = 2 (s p + (s - 1/2)), where s - 1/2 is exact.

/// exp(x) - 1. Error at most 2 ulp.
@inline(__always)
func expm1(_ x: VectorF32) -> VectorF32 {
  var clamped = VectorF32.select(x < -20, -20, x)
  clamped = VectorF32.select(89 < clamped, 89, clamped)
  let magic: VectorF32 = 0x1.8p23
  let sum = madd(clamped, 1.44269504088896341, magic)
  let n = sum - magic
  var r = madd(n, -0.693359375, clamped)
  r = madd(n, 2.12194440e-4, r)
  var p = madd(r, 1.9875691500e-4, 1.3981999507e-3)
  p = madd(p, r, 8.3334519073e-3)
  p = madd(p, r, 4.1665795894e-2)
  p = madd(p, r, 1.6666665459e-1)
  p = madd(p, r, 5.0000001201e-1)
  p = madd(p, r * r, r)
  let s = VectorF32.powerOfTwo(sum.bits &- magic.bits &- 1)
  let scaled = 2 * madd(s, p, s - 0.5)
  // At n = 0 the doubling would cost a denormal its last bit.
  return VectorF32.select(n == 0, p, scaled).withSign(of: x)
}

/// exp(x) - 1. Error at most 2 ulp.
@inline(__always)
func expm1(_ x: VectorF64) -> VectorF64 {
  var clamped = VectorF64.select(x < -40, -40, x)
  clamped = VectorF64.select(710 < clamped, 710, clamped)
  let magic: VectorF64 = 0x1.8p52
  let sum = madd(clamped, 1.44269504088896340736, magic)
  let n = sum - magic
  var r = madd(n, -6.93147180369123816490e-01, clamped)
  r = madd(n, -1.90821492927058770002e-10, r)
  let p = madd(expTail(r), r * r, r)
  let s = VectorF64.powerOfTwo(sum.bits &- magic.bits &- 1)
  let scaled = 2 * madd(s, p, s - 0.5)
  return VectorF64.select(n == 0, p, scaled).withSign(of: x)
}
