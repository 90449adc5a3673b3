// Activations and their gradients, in one pass over memory each.

extension ElementaryVector {
  /// x / (1 + exp(-z)), the product of x and the logistic function of z, which has the sign of x: for negative z
  /// x e / (1 + e) with e = exp z, where e alone may be less than the least number. Far below it is -0. `exp` is
  /// exp(-|z|).
  @inline(__always)
  private static func gated(_ x: Self, _ z: Self, exp: (significand: Self, exponent: Self)) -> Self {
    let below = z < Self(0), one = Self(1)
    let x = x.atLeast(Self(-1000))
    let e = exp.significand.scaled(byTwoTo: exp.exponent)
    let sum = one + e
    let quotient = select(below, x * exp.significand, x) / sum
    // What the sum rounds off, by its reciprocal to 12 %. Where that is nothing the quotient stays: -0 and infinities.
    let lost = e - (sum - one)
    let near = madd(-(quotient * lost), madd(e, Self(-0.5), one), quotient)
    let y = select(Self(0) < lost.magnitude, near, quotient)
    return select(below, y.scaled(byTwoTo: exp.exponent), y)
  }

  /// The derivative of `gated` by x, where z's is `slope`: s (1 + x (1 - s) slope). x is finite.
  @inline(__always)
  private static func gatedSlope(_ x: Self, _ z: Self, _ slope: Self) -> Self {
    let e = naturalExp(-z.magnitude)
    let near = Self(1) / (Self(1) + e), far = e * near
    let below = z < Self(0)
    let s = select(below, far, near), rest = select(below, near, far)
    return s * madd(x * rest, slope, Self(1))
  }

  /// Far from 0 every slope is 0 or 1: infinities would make NaN of it.
  @inline(__always)
  private static func clamped(_ x: Self) -> Self { minimum(maximum(x, Self(-1000)), Self(1000)) }

  @inline(__always)
  private static func scalar(_ x: Double) -> Self { Self(Scalar(x)) }

  @inline(__always) static func silu(_ x: Self) -> Self {
    gated(x, x, exp: naturalExpParts(-x.magnitude))
  }

  @inline(__always) static func siluSlope(_ x: Self) -> Self {
    let x = clamped(x)
    return gatedSlope(x, x, Self(1))
  }

  @inline(__always) private static func geluTanhArgument(_ x: Self) -> Self {
    scalar(1.5957691216057308) * madd(scalar(0.044715) * (x * x), x, x)
  }

  /// The same as z + low, of which z alone is a rounded number; without the fused instruction low is 0 or little more.
  /// The exponential of z alone would be |z| ulp off.
  @inline(__always) private static func geluTanhArgumentParts(_ x: Self) -> (z: Self, low: Self) {
    let (factor, factorLow) = parts(1.5957691216057308, -9.96930880911092e-17), (cubic, cubicLow) = parts(0.044715, 2.1960211427085595e-18)
    let square = x * x
    let sum = madd(cubic, square, Self(1))
    let sumLow = madd(cubic, square, Self(1) - sum) + madd(cubic, madd(x, x, -square), cubicLow * square)
    let inner = x * sum
    let innerLow = madd(x, sumLow, madd(x, sum, -inner))
    let z = factor * inner
    return (z, madd(factor, innerLow, madd(factor, inner, -z)) + factorLow * inner)
  }

  /// A constant in two parts, given in two doubles.
  @inline(__always) private static func parts(_ high: Double, _ low: Double) -> (Self, Self) {
    let first = Scalar(high)
    return (Self(first), Self(Scalar((high - Double(first)) + low)))
  }

  @inline(__always) static func geluTanh(_ x: Self) -> Self {
    let (z, low) = geluTanhArgumentParts(clamped(x))
    return gated(x, z, exp: naturalExpParts(-z.magnitude, low: select(z < Self(0), low, -low)))
  }

  @inline(__always) static func geluTanhSlope(_ x: Self) -> Self {
    let x = clamped(x)
    let slope = scalar(1.5957691216057308) * madd(scalar(3 * 0.044715) * x, x, Self(1))
    return gatedSlope(x, geluTanhArgument(x), slope)
  }

  @inline(__always) static func leakyReLU(_ x: Self, _ slope: Self) -> Self { select(Self(0) < x, x, slope * x) }

  @inline(__always) static func elu(_ x: Self, _ alpha: Self) -> Self {
    select(Self(0) < x, x, alpha * naturalExpm1(x))
  }

  @inline(__always) static func eluSlope(_ x: Self, _ alpha: Self) -> Self {
    select(Self(0) < x, Self(1), alpha * naturalExp(x))
  }
}

@inline(__always) private func siluOf<V: ElementaryVector>(_ x: V) -> V { V.silu(x) }
@inline(__always) private func siluGrad<V: ElementaryVector>(_ x: V, _ g: V) -> V { g * V.siluSlope(x) }
@inline(__always) private func geluTanhOf<V: ElementaryVector>(_ x: V) -> V { V.geluTanh(x) }
@inline(__always) private func geluTanhGrad<V: ElementaryVector>(_ x: V, _ g: V) -> V { g * V.geluTanhSlope(x) }

extension ActivationKernels {
  mutating func setVectorF32() {
    silu = { n, _, x, y in mapElementary(n, x, 1, y, 1, siluOf as UnaryF32) }
    geluTanh = { n, _, x, y in mapElementary(n, x, 1, y, 1, geluTanhOf as UnaryF32) }
    leakyReLU = { n, parameter, x, y in
      let slope = VectorF32(Float(parameter))
      mapVectors(n, x, 1, y, 1) { VectorF32.leakyReLU($0, slope) }
    }
    elu = { n, parameter, x, y in
      let alpha = VectorF32(Float(parameter))
      mapElementary(n, x, 1, y, 1) { VectorF32.elu($0, alpha) }
    }
    siluBackward = { n, _, x, g, y in zipElementary(n, x, 1, g, 1, y, 1, siluGrad as BinaryF32) }
    geluTanhBackward = { n, _, x, g, y in zipElementary(n, x, 1, g, 1, y, 1, geluTanhGrad as BinaryF32) }
    leakyReLUBackward = { n, parameter, x, g, y in
      let slope = VectorF32(Float(parameter))
      zipVectors(n, x, 1, g, 1, y, 1) { (x: VectorF32, g: VectorF32) in VectorF32.select(0 < x, g, g * slope) }
    }
    eluBackward = { n, parameter, x, g, y in
      let alpha = VectorF32(Float(parameter))
      zipElementary(n, x, 1, g, 1, y, 1) { (x: VectorF32, g: VectorF32) in g * VectorF32.eluSlope(x, alpha) }
    }
  }

  mutating func setVectorF64() {
    silu = { n, _, x, y in mapElementary(n, x, 1, y, 1, siluOf as UnaryF64) }
    geluTanh = { n, _, x, y in mapElementary(n, x, 1, y, 1, geluTanhOf as UnaryF64) }
    leakyReLU = { n, parameter, x, y in
      let slope = VectorF64(Double(parameter))
      mapVectors(n, x, 1, y, 1) { VectorF64.leakyReLU($0, slope) }
    }
    elu = { n, parameter, x, y in
      let alpha = VectorF64(Double(parameter))
      mapElementary(n, x, 1, y, 1) { VectorF64.elu($0, alpha) }
    }
    siluBackward = { n, _, x, g, y in zipElementary(n, x, 1, g, 1, y, 1, siluGrad as BinaryF64) }
    geluTanhBackward = { n, _, x, g, y in zipElementary(n, x, 1, g, 1, y, 1, geluTanhGrad as BinaryF64) }
    leakyReLUBackward = { n, parameter, x, g, y in
      let slope = VectorF64(Double(parameter))
      zipVectors(n, x, 1, g, 1, y, 1) { (x: VectorF64, g: VectorF64) in VectorF64.select(0 < x, g, g * slope) }
    }
    eluBackward = { n, parameter, x, g, y in
      let alpha = VectorF64(Double(parameter))
      zipElementary(n, x, 1, g, 1, y, 1) { (x: VectorF64, g: VectorF64) in g * VectorF64.eluSlope(x, alpha) }
    }
  }
}
