internal import CIntrinsics

/// One register of float32.
struct VectorF32: TileVector, RecurrentVector, ElementaryVector, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  typealias Scalar = Float
  typealias Mask = tk_i32
  var v: tk_f32

  @inline(__always) init(_ v: tk_f32) { self.v = v }
  @inline(__always) init(_ scalar: Float) { v = tk_splat_f32(scalar) }
  @inline(__always) init(floatLiteral: Float) { v = tk_splat_f32(floatLiteral) }
  @inline(__always) init(integerLiteral: Int) { self.init(Float(integerLiteral)) }

  @inline(__always) static var lanes: Int { MemoryLayout<tk_f32>.size / 4 }
  @inline(__always) static func load(_ p: UnsafeRawPointer) -> Self { Self(tk_load_f32(p)) }
  @inline(__always) static func load(_ p: UnsafeRawPointer, first n: Int, fill: Float) -> Self {
    Self(tk_load_partial_f32(p, n, fill))
  }
  @inline(__always)
  static func load(_ p: UnsafeRawPointer, stride: Int, first n: Int, fill: Float) -> Self {
    Self(tk_load_strided_f32(p, stride, n, fill))
  }
  @inline(__always) static func pair(_ p: UnsafeRawPointer, _ stride: Int) -> (VectorF64, VectorF64) {
    loadVector(p, stride, 0, lanes, fill: 0, VectorF32.self).widened
  }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer) { tk_store_f32(p, v) }
  @inline(__always) func stream(_ p: UnsafeMutableRawPointer) { tk_stream_f32(p, v) }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer, first n: Int) { tk_store_partial_f32(p, n, v) }
  @inline(__always) func store(_ p: UnsafeMutableRawPointer, stride: Int, first n: Int) {
    tk_store_strided_f32(p, stride, n, v)
  }
  @inline(__always) static func store(_ p: UnsafeMutableRawPointer, _ m: Mask) { tk_store_mask_f32(p, m) }
  @inline(__always)
  static func store(_ p: UnsafeMutableRawPointer, stride: Int, first n: Int, _ m: Mask) {
    tk_store_mask_strided_f32(p, stride, n, m)
  }

  @inline(__always) static func + (a: Self, b: Self) -> Self { Self(a.v + b.v) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { Self(a.v - b.v) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { Self(a.v * b.v) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { Self(a.v / b.v) }
  @inline(__always) static prefix func - (a: Self) -> Self { Self(tk_neg_f32(a.v)) }
  @inline(__always) static func madd(_ a: Self, _ b: Self, _ c: Self) -> Self {
    Self(tk_madd_f32(a.v, b.v, c.v))
  }

  @inline(__always) static func == (a: Self, b: Self) -> Mask { tk_eq_f32(a.v, b.v) }
  @inline(__always) static func != (a: Self, b: Self) -> Mask { tk_ne_f32(a.v, b.v) }
  @inline(__always) static func < (a: Self, b: Self) -> Mask { tk_lt_f32(a.v, b.v) }
  @inline(__always) static func <= (a: Self, b: Self) -> Mask { tk_le_f32(a.v, b.v) }
  @inline(__always) static func select(_ m: Mask, _ a: Self, _ b: Self) -> Self {
    Self(tk_select_f32(m, a.v, b.v))
  }
  @inline(__always) static func either(_ a: Mask, _ b: Mask) -> Mask { a | b }
  @inline(__always) static func both(_ a: Mask, _ b: Mask) -> Mask { a & b }
  @inline(__always) static func any(_ m: Mask) -> Bool { tk_any_f32(m) }

  @inline(__always) func atLeast(_ b: Self) -> Self { Self(tk_clamp_low_f32(v, b.v)) }
  @inline(__always) func atMost(_ b: Self) -> Self { Self(tk_clamp_high_f32(v, b.v)) }
  @inline(__always) var squareRoot: Self { Self(tk_sqrt_f32(v)) }
  @inline(__always) var floor: Self { Self(tk_floor_f32(v)) }
  @inline(__always) var ceil: Self { Self(tk_ceil_f32(v)) }
  @inline(__always) var trunc: Self { Self(tk_trunc_f32(v)) }
  @inline(__always) var round: Self { Self(tk_round_f32(v)) }
  @inline(__always) var magnitude: Self { Self(tk_abs_f32(v)) }
  @inline(__always) func withSign(of b: Self) -> Self { Self(tk_copysign_f32(v, b.v)) }

  @inline(__always) func rotated(by lanes: Int) -> Self { Self(tk_rotate_f32(v, lanes)) }
  @inline(__always) func lane(_ i: Int) -> Float { v[i] }
  @inline(__always) func integerLane(_ i: Int) -> Int64 { Int64(v[i]) }

  @inline(__always) var widened: (VectorF64, VectorF64) { (VectorF64(tk_widen_low(v)), VectorF64(tk_widen_high(v))) }
  @inline(__always) init(narrowing low: VectorF64, _ high: VectorF64) { v = tk_narrow(low.v, high.v) }

  @inline(__always) var bits: Mask { tk_bits_f32(v) }
  @inline(__always) init(bits: Mask) { v = tk_from_bits_f32(bits) }
  @inline(__always) init(integers: Mask) { v = tk_from_int_f32(integers) }
  /// This times 2^n for a whole number n, rounded once.
  @inline(__always) func scaled(byTwoTo n: Self) -> Self { Self(tk_scale_f32(v, n.v)) }
  /// The bits of the mantissa.
  @inline(__always) static var mantissa: Mask { Mask(repeating: 0x7f_ffff) }
  /// 2^n for n in the range of normal exponents.
  @inline(__always) static func powerOfTwo(_ n: Mask) -> Self { Self(bits: (n &+ 127) &<< 23) }
}

/// a * b + c, with literals.
@inline(__always)
func madd(_ a: VectorF32, _ b: VectorF32, _ c: VectorF32) -> VectorF32 { VectorF32.madd(a, b, c) }
