internal import CIntrinsics

/// Elementary functions in double: the C library's, and those made of them.
enum Reference {
  @inline(__always) static func exp(_ x: Double) -> Double { tk_libm_exp(x) }
  @inline(__always) static func expm1(_ x: Double) -> Double { tk_libm_expm1(x) }
  @inline(__always) static func log(_ x: Double) -> Double { tk_libm_log(x) }
  @inline(__always) static func log1p(_ x: Double) -> Double { tk_libm_log1p(x) }
  @inline(__always) static func log2(_ x: Double) -> Double { tk_libm_log2(x) }
  @inline(__always) static func log10(_ x: Double) -> Double { tk_libm_log10(x) }
  @inline(__always) static func sin(_ x: Double) -> Double { tk_libm_sin(x) }
  @inline(__always) static func cos(_ x: Double) -> Double { tk_libm_cos(x) }
  @inline(__always) static func tan(_ x: Double) -> Double { tk_libm_tan(x) }
  @inline(__always) static func asin(_ x: Double) -> Double { tk_libm_asin(x) }
  @inline(__always) static func acos(_ x: Double) -> Double { tk_libm_acos(x) }
  @inline(__always) static func atan(_ x: Double) -> Double { tk_libm_atan(x) }
  @inline(__always) static func sinh(_ x: Double) -> Double { tk_libm_sinh(x) }
  @inline(__always) static func cosh(_ x: Double) -> Double { tk_libm_cosh(x) }
  @inline(__always) static func tanh(_ x: Double) -> Double { tk_libm_tanh(x) }
  @inline(__always) static func asinh(_ x: Double) -> Double { tk_libm_asinh(x) }
  @inline(__always) static func acosh(_ x: Double) -> Double { tk_libm_acosh(x) }
  @inline(__always) static func atanh(_ x: Double) -> Double { tk_libm_atanh(x) }
  @inline(__always) static func erf(_ x: Double) -> Double { tk_libm_erf(x) }
  @inline(__always) static func power(_ a: Double, _ b: Double) -> Double { tk_libm_pow(a, b) }
  @inline(__always) static func atan2(_ a: Double, _ b: Double) -> Double { tk_libm_atan2(a, b) }

  @inline(__always) static func hypot(_ a: Double, _ b: Double) -> Double { tk_libm_hypot(a, b) }

  /// log(exp a + exp b), without overflow
  @inline(__always) static func logaddexp(_ a: Double, _ b: Double) -> Double {
    // Infinities of one sign have no difference.
    if a == b { return a + 0.69314718055994530942 }
    let greater = a > b ? a : b
    return (a != a || b != b) ? a + b : greater + log1p(exp(-(a - b).magnitude))
  }

  /// 1 / (1 + exp(-x)), without overflow
  @inline(__always) static func sigmoid(_ x: Double) -> Double {
    let e = exp(-x.magnitude)
    return (x < 0 ? e : 1) / (1 + e)
  }

  /// log(1 + exp x), without overflow
  @inline(__always) static func softplus(_ x: Double) -> Double {
    x != x ? x : (x > 0 ? x : 0) + log1p(exp(-x.magnitude))
  }

  /// x Phi(x), where Phi is the normal distribution function
  @inline(__always) static func gelu(_ x: Double) -> Double {
    // The limit at minus infinity is 0, not -inf * 0.
    x == -.infinity ? -0.0 : x * normalDistribution(x)
  }

  /// g (Phi(x) + x phi(x)), where phi = Phi'
  @inline(__always) static func geluGrad(_ x: Double, _ g: Double) -> Double {
    let density = 0.39894228040143267794 * exp(-0.5 * x * x)
    return g * (normalDistribution(x) + (density == 0 ? 0 : x * density))
  }

  /// erfc(-x / sqrt 2) / 2. Rounding the argument t alone would cost x^2 ulp: what it lost is added by the
  /// derivative, -2 exp(-t^2) / sqrt pi.
  @inline(__always) static func normalDistribution(_ x: Double) -> Double {
    if x.isInfinite { return x < 0 ? 0 : 1 }
    let root = -0.70710678118654752440, rootLow = 4.833646656726457e-17
    let t = root * x
    let lost = (-t).addingProduct(root, x) + rootLow * x
    return 0.5 * (tk_libm_erfc(t) - 1.12837916709551257390 * exp(-t * t) * lost)
  }
}
