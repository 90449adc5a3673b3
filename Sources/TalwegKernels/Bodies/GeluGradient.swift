// The derivative of GELU, which is beside the normal distribution function.

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
