/// Vectors with elementary functions, for bodies that serve float32 and float64 and use one more than once: a
/// closure that is called in several places is not inlined. (The vectors conform where they are declared; see
/// `TileVector`.)
protocol ElementaryVector: FloatVector {
  static func naturalExp(_ x: Self) -> Self
  /// exp x, and exp(x + low), as a number near 1 and a power of two.
  static func naturalExpParts(_ x: Self) -> (significand: Self, exponent: Self)
  static func naturalExpParts(_ x: Self, low: Self) -> (significand: Self, exponent: Self)
  func scaled(byTwoTo n: Self) -> Self
  static func naturalExpm1(_ x: Self) -> Self
  static func naturalLog(_ x: Self) -> Self
}

extension VectorF32 {
  @inline(__always) static func naturalExp(_ x: VectorF32) -> VectorF32 { exp(x) }
  @inline(__always) static func naturalExpParts(_ x: VectorF32) -> (significand: VectorF32, exponent: VectorF32) {
    expParts(x)
  }
  @inline(__always)
  static func naturalExpParts(_ x: VectorF32, low: VectorF32) -> (significand: VectorF32, exponent: VectorF32) {
    expParts(x, low: low)
  }
  @inline(__always) static func naturalExpm1(_ x: VectorF32) -> VectorF32 { expm1(x) }
  @inline(__always) static func naturalLog(_ x: VectorF32) -> VectorF32 { log(x) }
}

extension VectorF64 {
  @inline(__always) static func naturalExp(_ x: VectorF64) -> VectorF64 { exp(x) }
  @inline(__always) static func naturalExpParts(_ x: VectorF64) -> (significand: VectorF64, exponent: VectorF64) {
    expParts(x, low: 0)
  }
  @inline(__always)
  static func naturalExpParts(_ x: VectorF64, low: VectorF64) -> (significand: VectorF64, exponent: VectorF64) {
    expParts(x, low: low)
  }
  @inline(__always) static func naturalExpm1(_ x: VectorF64) -> VectorF64 { expm1(x) }
  @inline(__always) static func naturalLog(_ x: VectorF64) -> VectorF64 { log(x) }
}
