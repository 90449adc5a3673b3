// sinh and cosh: with h = exp|x| / 2, cosh x = h + 1 / (4 h) and sinh|x| = h - 1 / (4 h), or a polynomial
// where these would cancel. Coefficients: Tests/TalwegKernelsTests/Fixtures/elementary_coefficients.py.

@inline(__always)
private func cosh(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let h = exp(x.magnitude, digits, timesTwoTo: -1)
  return h + 0.25 / h
}

@inline(__always)
private func sinh(_ x: VectorF64, _ digits: Digits) -> VectorF64 {
  let a = x.magnitude
  let h = exp(a, digits, timesTwoTo: -1)
  let z = x * x
  var p: VectorF64
  if digits == .single {
    p = madd(z, 2.8062802582276946e-06, 0.00019838101968683888)
    p = madd(p, z, 0.00833333967591706)
    p = madd(p, z, 0.16666666646842135)
  } else {
    p = madd(z, 7.746178593018827e-13, 1.6057679623801638e-10)
    p = madd(p, z, 2.5052117695907823e-08)
    p = madd(p, z, 2.7557319191381816e-06)
    p = madd(p, z, 0.00019841269841324198)
    p = madd(p, z, 0.008333333333333299)
    p = madd(p, z, 0.16666666666666666)
  }
  return VectorF64.select(a < 1, madd(p * z, a, a), h - 0.25 / h).withSign(of: x)
}

/// Error at most 2 ulp.
@inline(__always) func cosh(_ x: VectorF64) -> VectorF64 { cosh(x, .double) }
@inline(__always) func sinh(_ x: VectorF64) -> VectorF64 { sinh(x, .double) }
@inline(__always) func cosh(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { cosh($0, .single) } }
@inline(__always) func sinh(_ x: VectorF32) -> VectorF32 { .throughDoubles(x) { sinh($0, .single) } }
