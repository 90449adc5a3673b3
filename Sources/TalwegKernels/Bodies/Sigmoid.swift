// The logistic function and its relatives, made of exp and log1p.

/// 1 / (1 + exp(-x)) = e / (1 + e), e = exp x, for negative x: no overflow, and small results keep their
/// bits. Error at most 2 ulp.
@inline(__always)
private func sigmoid<V: FloatVector>(_ x: V, _ exp: (V) -> V) -> V {
  let one = V(1)
  let e = exp(-x.magnitude)
  let sum = one + e
  let y = V.select(x < V(0), e, one) / sum
  // What the sum rounds off, by its reciprocal to 12 %.
  let lost = e - (sum - one)
  return madd(-(y * lost), madd(e, V(-0.5), one), y)
}

/// log(1 + exp x) = max(x, 0) + log1p(exp(-|x|)). Error at most 2 ulp.
@inline(__always)
private func softplus<V: FloatVector>(_ x: V, _ exp: (V) -> V, _ log1p: (V) -> V) -> V {
  V.maximum(x, V(0)) + log1p(exp(-x.magnitude))
}

@inline(__always) func sigmoid(_ x: VectorF32) -> VectorF32 { sigmoid(x) { exp($0) } }
@inline(__always) func sigmoid(_ x: VectorF64) -> VectorF64 { sigmoid(x) { exp($0) } }
@inline(__always) func softplus(_ x: VectorF32) -> VectorF32 { softplus(x, { exp($0) }, { log1p($0) }) }
@inline(__always) func softplus(_ x: VectorF64) -> VectorF64 { softplus(x, { exp($0) }, { log1p($0) }) }

// tanh: x + x^3 p(x^2) near 0, else 1 - 2 / (exp 2|x| + 1) with x's sign. Coefficients of Moshier's Cephes
// (tanhf.c, tanh.c).

/// Error at most 2 ulp.
@inline(__always)
func tanh(_ x: VectorF32) -> VectorF32 {
  let a = x.magnitude
  let z = x * x
  var p = madd(z, -5.70498872745e-3, 2.06390887954e-2)
  p = madd(p, z, -5.37397155531e-2)
  p = madd(p, z, 1.33314422036e-1)
  p = madd(p, z, -3.33332819422e-1)
  let near = madd(p * z, a, a)
  let far = 1 - 2 / (exp(a + a) + 1)
  return VectorF32.select(a < 0.625, near, far).withSign(of: x)
}

/// Error at most 2 ulp.
@inline(__always)
func tanh(_ x: VectorF64) -> VectorF64 {
  let a = x.magnitude
  let z = x * x
  var p = madd(z, -9.64399179425052238628e-1, -9.92877231001918586564e1)
  p = madd(p, z, -1.61468768441708447952e3)
  var q = z + 1.12811678491632931402e2
  q = madd(q, z, 2.23548839060100448583e3)
  q = madd(q, z, 4.84406305325125486048e3)
  let near = madd(p / q * z, a, a)
  let far = 1 - 2 / (exp(a + a) + 1)
  return VectorF64.select(a < 0.625, near, far).withSign(of: x)
}
