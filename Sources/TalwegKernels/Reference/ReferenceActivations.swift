// Activations and their gradients, computed in double.

extension Reference {
  /// x / (1 + exp(-x)) (Elfwing, Uchibe, Doya, arXiv:1702.03118)
  static func silu(_ x: Double) -> Double { x == -.infinity ? 0 : x * sigmoid(x) }

  static func siluSlope(_ x: Double) -> Double {
    if x.isInfinite { return x < 0 ? 0 : 1 }
    return sigmoid(x) * (1 + x * sigmoid(-x))
  }

  /// 2 sqrt(2 / pi) (x + 0.044715 x^3)
  static func geluTanhArgument(_ x: Double) -> Double { 1.5957691216057308 * (x + 0.044715 * x * x * x) }

  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 (Hendrycks, Gimpel, arXiv:1606.08415), where
  /// (1 + tanh u) / 2 is the logistic function of 2 u.
  static func geluTanh(_ x: Double) -> Double { x == -.infinity ? 0 : x * sigmoid(geluTanhArgument(x)) }

  static func geluTanhSlope(_ x: Double) -> Double {
    if x.magnitude > 1e3 { return x < 0 ? 0 : 1 }
    let z = geluTanhArgument(x)
    return sigmoid(z) * (1 + x * sigmoid(-z) * 1.5957691216057308 * (1 + 3 * 0.044715 * x * x))
  }
}

@inline(__always)
private func map<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type, _ f: (Double) -> Double
) {
  mapLoop(n, x, 1, y, 1) { (x: T) in T(f(Double(x))) }
}

/// g f(x)
@inline(__always)
private func chain<T: BinaryFloatingPoint>(
  _ n: Int, _ x: UnsafeRawPointer, _ g: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _: T.Type,
  _ f: (Double) -> Double
) {
  zipLoop(n, x, 1, g, 1, y, 1) { (x: T, g: T) in T(Double(g) * f(Double(x))) }
}

extension ActivationKernels {
  static let referenceF32 = ActivationKernels(
    silu: { n, _, x, y in map(n, x, y, Float.self) { Reference.silu($0) } },
    geluTanh: { n, _, x, y in map(n, x, y, Float.self) { Reference.geluTanh($0) } },
    leakyReLU: { n, slope, x, y in map(n, x, y, Float.self) { $0 > 0 ? $0 : slope * $0 } },
    elu: { n, alpha, x, y in map(n, x, y, Float.self) { $0 > 0 ? $0 : alpha * Reference.expm1($0) } },
    siluBackward: { n, _, x, g, y in chain(n, x, g, y, Float.self) { Reference.siluSlope($0) } },
    geluTanhBackward: { n, _, x, g, y in chain(n, x, g, y, Float.self) { Reference.geluTanhSlope($0) } },
    leakyReLUBackward: { n, slope, x, g, y in chain(n, x, g, y, Float.self) { $0 > 0 ? 1 : slope } },
    eluBackward: { n, alpha, x, g, y in
      chain(n, x, g, y, Float.self) { $0 > 0 ? 1 : alpha * Reference.exp($0) }
    })

  static let referenceF64 = ActivationKernels(
    silu: { n, _, x, y in map(n, x, y, Double.self) { Reference.silu($0) } },
    geluTanh: { n, _, x, y in map(n, x, y, Double.self) { Reference.geluTanh($0) } },
    leakyReLU: { n, slope, x, y in map(n, x, y, Double.self) { $0 > 0 ? $0 : slope * $0 } },
    elu: { n, alpha, x, y in map(n, x, y, Double.self) { $0 > 0 ? $0 : alpha * Reference.expm1($0) } },
    siluBackward: { n, _, x, g, y in chain(n, x, g, y, Double.self) { Reference.siluSlope($0) } },
    geluTanhBackward: { n, _, x, g, y in chain(n, x, g, y, Double.self) { Reference.geluTanhSlope($0) } },
    leakyReLUBackward: { n, slope, x, g, y in chain(n, x, g, y, Double.self) { $0 > 0 ? 1 : slope } },
    eluBackward: { n, alpha, x, g, y in
      chain(n, x, g, y, Double.self) { $0 > 0 ? 1 : alpha * Reference.exp($0) }
    })
}
