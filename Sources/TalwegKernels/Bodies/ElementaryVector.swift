/// Vectors with elementary functions, for bodies that serve float32 and float64 and use one more than once: a
/// closure that is called in several places is not inlined. (The vectors conform where they are declared; see
/// `TileVector`.)
protocol ElementaryVector: FloatVector {
  static func naturalExp(_ x: Self) -> Self
  static func naturalExpm1(_ x: Self) -> Self
  static func naturalLog(_ x: Self) -> Self
}

extension VectorF32 {
  @inline(__always) static func naturalExp(_ x: VectorF32) -> VectorF32 { exp(x) }
  @inline(__always) static func naturalExpm1(_ x: VectorF32) -> VectorF32 { expm1(x) }
  @inline(__always) static func naturalLog(_ x: VectorF32) -> VectorF32 { log(x) }
}

extension VectorF64 {
  @inline(__always) static func naturalExp(_ x: VectorF64) -> VectorF64 { exp(x) }
  @inline(__always) static func naturalExpm1(_ x: VectorF64) -> VectorF64 { expm1(x) }
  @inline(__always) static func naturalLog(_ x: VectorF64) -> VectorF64 { log(x) }
}
