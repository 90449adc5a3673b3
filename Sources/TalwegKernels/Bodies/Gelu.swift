// GELU in its erf form (Hendrycks, Gimpel, arXiv:1606.08415): x Phi(x), by the lower tail of the normal
// distribution, so that negative x lose nothing to cancellation. Error at most 5 ulp where Phi is normal.

@inline(__always)
func gelu(_ x: VectorF32) -> VectorF32 {
  VectorF32.select(x == -VectorF32(.infinity), VectorF32(-0.0), x * normalDistribution(x).value)
}

@inline(__always)
func gelu(_ x: VectorF64) -> VectorF64 {
  VectorF64.select(x == -VectorF64(.infinity), VectorF64(-0.0), x * normalDistribution(x).value)
}

/// g (Phi(x) + x phi(x)). The sum is 0 near x = -0.75: its absolute error is 4 eps.
@inline(__always)
func geluGrad(_ x: VectorF32, _ g: VectorF32) -> VectorF32 {
  let (value, density) = normalDistribution(x)
  let slope = VectorF32.select(VectorF32(15) < x.magnitude, 0, x * density)
  return g * (value + slope)
}

@inline(__always)
func geluGrad(_ x: VectorF64, _ g: VectorF64) -> VectorF64 {
  let (value, density) = normalDistribution(x)
  let slope = VectorF64.select(VectorF64(40) < x.magnitude, 0, x * density)
  return g * (value + slope)
}
