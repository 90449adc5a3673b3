/// A register of floating-point lanes: what bodies that serve float32 and float64 are generic over. Every
/// use is inlined with a concrete vector; nothing generic is left in the object.
///
/// Comparisons give masks, all ones where true, false for NaN but for `!=`.
protocol FloatVector {
  associatedtype Scalar: BinaryFloatingPoint
  associatedtype Mask

  init(_ scalar: Scalar)
  static var lanes: Int { get }
  static func load(_ p: UnsafeRawPointer) -> Self
  /// The first n lanes, 0 < n <= lanes; the others get `fill`.
  static func load(_ p: UnsafeRawPointer, first n: Int, fill: Scalar) -> Self
  static func load(_ p: UnsafeRawPointer, stride: Int, first n: Int, fill: Scalar) -> Self
  /// Strided elements as two vectors of double.
  static func pair(_ p: UnsafeRawPointer, _ stride: Int) -> (VectorF64, VectorF64)
  func store(_ p: UnsafeMutableRawPointer)
  /// Past the caches, to memory that is aligned to the vector; `streamFence` comes last.
  func stream(_ p: UnsafeMutableRawPointer)
  func store(_ p: UnsafeMutableRawPointer, first n: Int)
  func store(_ p: UnsafeMutableRawPointer, stride: Int, first n: Int)
  /// A mask as bool bytes.
  static func store(_ p: UnsafeMutableRawPointer, _ m: Mask)
  static func store(_ p: UnsafeMutableRawPointer, stride: Int, first n: Int, _ m: Mask)

  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  /// a * b + c: rounded once where the target has the instruction, else twice.
  static func madd(_ a: Self, _ b: Self, _ c: Self) -> Self

  static func == (a: Self, b: Self) -> Mask
  static func != (a: Self, b: Self) -> Mask
  static func < (a: Self, b: Self) -> Mask
  static func <= (a: Self, b: Self) -> Mask
  static func select(_ m: Mask, _ a: Self, _ b: Self) -> Self
  static func either(_ a: Mask, _ b: Mask) -> Mask
  static func both(_ a: Mask, _ b: Mask) -> Mask
  static func any(_ m: Mask) -> Bool

  /// The greater, or the lesser, of this and b; NaN stays.
  func atLeast(_ b: Self) -> Self
  func atMost(_ b: Self) -> Self
  var squareRoot: Self { get }
  var floor: Self { get }
  var ceil: Self { get }
  var trunc: Self { get }
  /// Halves to the even neighbour.
  var round: Self { get }
  var magnitude: Self { get }
  func withSign(of b: Self) -> Self

  /// Lane i gets lane i + by, modulo the lanes.
  func rotated(by lanes: Int) -> Self
  func lane(_ i: Int) -> Scalar
  /// A lane that is a whole number.
  func integerLane(_ i: Int) -> Int64
}

extension FloatVector {
  /// The greater; NaN if either is.
  @inline(__always) static func maximum(_ a: Self, _ b: Self) -> Self {
    select(either(b < a, a != a), a, b)
  }
  /// The lesser; NaN if either is.
  @inline(__always) static func minimum(_ a: Self, _ b: Self) -> Self {
    select(either(a < b, a != a), a, b)
  }
}

/// a * b + c, rounded as the vectors round it.
@inline(__always)
func madd<V: FloatVector>(_ a: V, _ b: V, _ c: V) -> V { V.madd(a, b, c) }
