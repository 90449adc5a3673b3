// log: x = 2^e m with sqrt 1/2 <= m < sqrt 2, log x = e ln 2 + log m.

/// Error at most 1 ulp.
@inline(__always)
func log(_ x: VectorF32) -> VectorF32 {
  // A denormal is scaled up by 2^23 first.
  let isSmall = x < 0x1p-126
  let scaled = VectorF32.select(isSmall, x * 0x1p23, x)
  let rootHalf: VectorF32 = 0x1.6a09e6p-1
  let offset = scaled.bits &- rootHalf.bits
  let m = VectorF32(bits: (offset & VectorF32.mantissa) &+ rootHalf.bits)
  let e = VectorF32(integers: offset &>> 23) - VectorF32.select(isSmall, 23, 0)
  let f = m - 1
  let f2 = f * f
  // log(1 + f) = f - f^2 / 2 + f^3 p(f), minimax coefficients of Moshier's Cephes (logf.c), pairs of terms in
  // parallel (Estrin's scheme).
  let a = madd(f, -2.4999993993e-1, 3.3333331174e-1)
  let b = madd(f, -1.6668057665e-1, 2.0000714765e-1)
  let c = madd(f, -1.2420140846e-1, 1.4249322787e-1)
  let d = madd(f, -1.1514610310e-1, 1.1676998740e-1)
  let high = madd(madd(f2, 7.0376836292e-2, d), f2, c)
  let p = madd(high, f2 * f2, madd(b, f2, a))
  var y = p * f2 * f
  y = madd(e, -2.12194440e-4, y)
  y = madd(f2, -0.5, y)
  let result = madd(e, 0.693359375, f + y)
  return logSpecial(x, result)
}

/// Error at most 1 ulp. The method of fdlibm's e_log.c (Sun Microsystems, 1993): with s = f / (2 + f),
/// log(1 + f) = f - f^2 / 2 + s (f^2 / 2 + R(s^2)).
@inline(__always)
func log(_ x: VectorF64) -> VectorF64 {
  let isSmall = x < 0x1p-1022
  let scaled = VectorF64.select(isSmall, x * 0x1p54, x)
  let rootHalf: VectorF64 = 0x1.6a09e667f3bcdp-1
  let offset = scaled.bits &- rootHalf.bits
  let m = VectorF64(bits: (offset & VectorF64.mantissa) &+ rootHalf.bits)
  let e = VectorF64(integers: offset &>> 52) - VectorF64.select(isSmall, 54, 0)
  let f = m - 1
  let s = f / (2 + f)
  let z = s * s
  let w = z * z
  let even = madd(w, madd(w, 1.531383769920937332e-01, 2.222219843214978396e-01), 3.999999999940941908e-01) * w
  var odd = madd(w, 1.479819860511658591e-01, 1.818357216161805012e-01)
  odd = madd(w, odd, 2.857142874366239149e-01)
  odd = madd(w, odd, 6.666666666666735130e-01)
  let r = madd(z, odd, even)
  let half = 0.5 * f * f
  let tail = half - madd(s, half + r, e * 1.90821492927058770002e-10)
  let result = madd(e, 6.93147180369123816490e-01, f - tail)
  return logSpecial(x, result)
}

/// -infinity at 0, NaN below, infinity and NaN to themselves.
@inline(__always)
func logSpecial<V: FloatVector>(_ x: V, _ result: V) -> V {
  let infinity = V(.infinity)
  var result = V.select(x < infinity, result, x)
  result = V.select(x < V(0), V(.nan), result)
  return V.select(x == V(0), -infinity, result)
}

/// log(1 + x). With u = fl(1 + x), log(1 + x) = log u + (x - (u - 1)) / u to first order in the rounding.
/// Error at most 2 ulp.
@inline(__always)
private func log1p<V: FloatVector>(_ x: V, _ log: (V) -> V) -> V {
  let one = V(1)
  let u = one + x
  // The parts of u that were lost, whichever of 1 and x is the greater.
  let lost = V.select(one < x, one - (u - x), x - (u - one))
  let y = log(u)
  // At infinity there is nothing to correct, and the quotient would be NaN.
  let corrected = V.select(u == V(.infinity), y, y + lost / u).withSignIfNumber(of: x)
  // Nor at and below 0, where y is -infinity or NaN: which of two NaNs a sum keeps, and so its sign, is
  // the compiler's choice, and may differ from one copy of this code to the next.
  return V.select(V(0) < u, corrected, y)
}

@inline(__always) func log1p(_ x: VectorF32) -> VectorF32 { log1p(x) { log($0) } }
@inline(__always) func log1p(_ x: VectorF64) -> VectorF64 { log1p(x) { log($0) } }

extension FloatVector {
  /// The sign of b, so that -0 gives -0; NaN is left alone.
  @inline(__always) fileprivate func withSignIfNumber(of b: Self) -> Self {
    Self.select(self == self, withSign(of: b), self)
  }
}
