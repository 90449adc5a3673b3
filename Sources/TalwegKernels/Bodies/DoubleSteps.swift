internal import CIntrinsics

// What elementary functions in double share. Float32 goes through doubles where its own format would cost
// more than a second register: the result is then within 0.51 ulp.

/// What a result in double is for: a double, or a float32 that it is rounded to, which needs fewer terms.
enum Digits { case double, single }

extension VectorF32 {
  /// f of each element as a double, rounded.
  @inline(__always)
  static func throughDoubles(_ x: VectorF32, _ f: (VectorF64) -> VectorF64) -> VectorF32 {
    let (low, high) = x.widened
    return VectorF32(narrowing: f(low), f(high))
  }

  @inline(__always)
  static func throughDoubles(_ a: VectorF32, _ b: VectorF32, _ f: (VectorF64, VectorF64) -> VectorF64) -> VectorF32 {
    let (aLow, aHigh) = a.widened, (bLow, bHigh) = b.widened
    return VectorF32(narrowing: f(aLow, bLow), f(aHigh, bHigh))
  }
}

extension VectorF64 {
  /// Where the mask is set, f of the lane of x: for the few arguments that a method does not cover.
  @inline(__always)
  func replaced(where mask: Mask, _ x: VectorF64, _ f: (Double) -> Double) -> VectorF64 {
    if !VectorF64.any(mask) { return self }
    var result = self
    for lane in 0..<VectorF64.lanes where mask[lane] != 0 { result.v[lane] = f(x.v[lane]) }
    return result
  }

  /// The sign of each lane turned where bit 63 of `bits` is set.
  @inline(__always) func negated(where bits: Mask) -> VectorF64 {
    VectorF64(bits: self.bits ^ (bits & Mask(repeating: .min)))
  }
}

/// An unevaluated sum of two doubles.
struct DoubleDouble {
  var high, low: VectorF64

  /// a + b exactly, where |a| >= |b| (Dekker, Numer. Math. 18, 1971).
  @inline(__always) init(larger a: VectorF64, _ b: VectorF64) {
    high = a + b
    low = (a - high) + b
  }

  @inline(__always) init(_ high: VectorF64, _ low: VectorF64) {
    self.high = high
    self.low = low
  }

  /// a * b exactly: by a fused multiply-add, or by halves of the digits (Veltkamp, Dekker).
  @inline(__always) init(product a: VectorF64, _ b: VectorF64) {
    high = a * b
    if TK_HAS_FMA != 0 {
      low = madd(a, b, -high)
    } else {
      let (aHigh, aLow) = DoubleDouble.halves(a), (bHigh, bLow) = DoubleDouble.halves(b)
      low = ((aHigh * bHigh - high) + aHigh * bLow + aLow * bHigh) + aLow * bLow
    }
  }

  /// The upper 26 bits and the rest, by bits: no overflow.
  @inline(__always) private static func halves(_ a: VectorF64) -> (VectorF64, VectorF64) {
    let high = VectorF64(bits: a.bits & VectorF64.Mask(repeating: ~0x7ff_ffff))
    return (high, a - high)
  }
}
