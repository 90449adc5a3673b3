internal import CIntrinsics

/// A float16 as it is stored: five bits of exponent, ten of fraction. Arithmetic is float32's.
struct Half {
  var bits: UInt16

  @inline(__always) var float: Float { tk_float_of_half(bits) }

  /// To the nearest, halves to even; from half beyond the greatest to infinity; NaN stays a NaN of its sign.
  @inline(__always) init(_ x: Float) { bits = tk_half_of_float(x) }

  /// Rounded once.
  @inline(__always) init(_ x: Double) { self.init(Float(oddFrom: x)) }

  // Rounded once: what is beyond the greatest becomes infinity, and the rest is exact as a Float.
  @inline(__always) init(_ x: Int32) { self.init(Float(x > 0x10000 ? 0x10000 : x < -0x10000 ? -0x10000 : x)) }
  @inline(__always) init(_ x: UInt32) { self.init(Float(Int32(truncatingIfNeeded: x > 0x10000 ? 0x10000 : x))) }
  @inline(__always) init(_ x: Int64) {
    self.init(Float(Int32(truncatingIfNeeded: x > 0x10000 ? 0x10000 : x < -0x10000 ? -0x10000 : x)))
  }
  @inline(__always) init(_ x: UInt64) { self.init(Float(Int32(truncatingIfNeeded: x > 0x10000 ? 0x10000 : x))) }
}

extension Float {
  /// The neighbour of x towards zero, its last bit set if that is not x ("round to odd": Boldo, Melquiond, Emulation
  /// of FMA and correctly rounded sums, IEEE TC 57, 2008). Rounded to a type of fewer bits it gives x rounded once.
  @inline(__always) init(oddFrom x: Double) {
    let near = Float(x)
    let back = Double(near)
    let pattern = near.bitPattern
    // Of an infinite `near`, `below` is the greatest finite float32, which rounds back to infinity.
    let below = back.magnitude > x.magnitude ? pattern &- 1 : pattern
    self.init(bitPattern: x == back ? pattern : below | 1)
  }
}
