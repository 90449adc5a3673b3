// Sums over strided elements in a fixed order: the row is cut into blocks, a block is summed in eight
// vectors of partial sums, and the blocks' sums are added with compensation (Neumaier, ZAMM 54, 1974). The
// rounding error is that of sums of `blockVectors` / 8 + 7 terms, as in pairwise summation, at full speed.
// Strides do not change the order.

/// Vectors in a block; a multiple of eight.
private let blockVectors = 128

/// The sum over i of term(vector i), where `load(i, count)` makes a vector of elements i ..< i + count,
/// zero beyond.
@inline(__always)
func sumVectors<V: FloatVector>(_ n: Int, _ load: (Int, Int) -> V) -> V.Scalar {
  var total: V.Scalar = 0
  var compensation: V.Scalar = 0
  var begin = 0
  while begin < n {
    let end = min(n, begin &+ blockVectors &* V.lanes)
    let term = foldBlock(begin, end, V(0), load, Addition.self).sumOfLanes
    let next = total + term
    compensation += total.magnitude >= term.magnitude ? (total - next) + term : (term - next) + total
    total = next
    begin = end
  }
  return total.isFinite ? total + compensation : total
}

/// An operation that is repeated over elements. A type, not a closure: it is inlined wherever it is used.
protocol VectorFold {
  /// What changes nothing.
  static var initial: Double { get }
  static func apply<V: FloatVector>(_ a: V, _ b: V) -> V
  /// Of a strided row.
  static func row<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _ stride: Int, _: V.Type) -> V.Scalar
}

enum Addition: VectorFold {
  @inline(__always) static var initial: Double { 0 }
  @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { a + b }
  @inline(__always)
  static func row<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _ stride: Int, _: V.Type) -> V.Scalar {
    sumRow(n, x, stride, V.self)
  }
}

enum Multiplication: VectorFold {
  @inline(__always) static var initial: Double { 1 }
  @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { a * b }
}

enum Maximum: VectorFold {
  @inline(__always) static var initial: Double { -.infinity }
  @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.maximum(a, b) }
}

enum Minimum: VectorFold {
  @inline(__always) static var initial: Double { .infinity }
  @inline(__always) static func apply<V: FloatVector>(_ a: V, _ b: V) -> V { V.minimum(a, b) }
}

extension VectorFold {
  @inline(__always)
  static func row<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _ stride: Int, _: V.Type) -> V.Scalar {
    foldVectors(n, x, stride, V.self, Self.self)
  }
}

/// The fold of the vectors of elements begin ..< end, from `initial`, in eight chains: enough to hide the time
/// that one operation waits for the last.
@inline(__always)
private func foldBlock<V: FloatVector, F: VectorFold>(
  _ begin: Int, _ end: Int, _ initial: V, _ load: (Int, Int) -> V, _: F.Type
) -> V {
  let w = V.lanes
  var a = initial, b = initial, c = initial, d = initial
  var i = begin
  if i &+ 8 &* w <= end {
    var p = initial, q = initial, r = initial, s = initial
    while i &+ 8 &* w <= end {
      a = F.apply(a, load(i, w))
      b = F.apply(b, load(i &+ w, w))
      c = F.apply(c, load(i &+ 2 &* w, w))
      d = F.apply(d, load(i &+ 3 &* w, w))
      p = F.apply(p, load(i &+ 4 &* w, w))
      q = F.apply(q, load(i &+ 5 &* w, w))
      r = F.apply(r, load(i &+ 6 &* w, w))
      s = F.apply(s, load(i &+ 7 &* w, w))
      i &+= 8 &* w
    }
    a = F.apply(a, p)
    b = F.apply(b, q)
    c = F.apply(c, r)
    d = F.apply(d, s)
  }
  while i < end {
    a = F.apply(a, load(i, min(w, end &- i)))
    i &+= w
  }
  return F.apply(F.apply(a, b), F.apply(c, d))
}

/// Elements i ..< i + count of a strided row, `fill` beyond.
@inline(__always)
func loadVector<V: FloatVector>(
  _ x: UnsafeRawPointer, _ stride: Int, _ i: Int, _ count: Int, fill: V.Scalar, _: V.Type
) -> V {
  let p = x + i &* stride &* MemoryLayout<V.Scalar>.size
  if stride == 1 { return count == V.lanes ? V.load(p) : V.load(p, first: count, fill: fill) }
  // A whole vector apart: of a constant count, without a loop.
  return count == V.lanes
    ? V.load(p, stride: stride, first: V.lanes, fill: fill) : V.load(p, stride: stride, first: count, fill: fill)
}

/// Stores the first `count` lanes as elements i ..< i + count.
@inline(__always)
func storeVector<V: FloatVector>(_ v: V, _ y: UnsafeMutableRawPointer, _ i: Int, _ count: Int) {
  let p = y + i &* MemoryLayout<V.Scalar>.size
  if count == V.lanes { v.store(p) } else { v.store(p, first: count) }
}

/// The fold of the elements, in an order that depends on n alone.
@inline(__always)
func foldVectors<V: FloatVector, F: VectorFold>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _: V.Type, _: F.Type
) -> V.Scalar {
  let initial = V.Scalar(F.initial)
  // Apart, so that the loop over contiguous elements has no branch.
  let all = sx == 1
    ? foldBlock(0, n, V(initial), { loadVector(x, 1, $0, $1, fill: initial, V.self) }, F.self)
    : foldBlock(0, n, V(initial), { loadVector(x, sx, $0, $1, fill: initial, V.self) }, F.self)
  return all.folded(F.self)
}

/// The sum of the elements.
@inline(__always)
func sumRow<V: FloatVector>(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _: V.Type) -> V.Scalar {
  if sx == 1 { return sumVectors(n) { loadVector(x, 1, $0, $1, fill: 0, V.self) } }
  return sumVectors(n) { loadVector(x, sx, $0, $1, fill: 0, V.self) }
}

extension FloatVector {
  /// Halves added to halves.
  @inline(__always) var sumOfLanes: Scalar { folded(Addition.self) }

  /// The fold of the lanes, halves with halves.
  @inline(__always) func folded<F: VectorFold>(_: F.Type) -> Scalar {
    var width = Self.lanes
    var parts = self
    while width > 1 {
      width /= 2
      parts = F.apply(parts, parts.rotated(by: width))
    }
    return parts.lane(0)
  }
}

extension KernelTable {
  func setVectorReduce() {
    set(ReduceOp.sum, .float32) {
      $3.storeBytes(of: Addition.row($0, $1, $2, VectorF32.self), as: Float.self)
    }
    set(ReduceOp.sum, .float64) {
      $3.storeBytes(of: Addition.row($0, $1, $2, VectorF64.self), as: Double.self)
    }
    set(ReduceOp.product, .float32) {
      $3.storeBytes(of: Multiplication.row($0, $1, $2, VectorF32.self), as: Float.self)
    }
    set(ReduceOp.product, .float64) {
      $3.storeBytes(of: Multiplication.row($0, $1, $2, VectorF64.self), as: Double.self)
    }
    set(ReduceOp.max, .float32) {
      $3.storeBytes(of: Maximum.row($0, $1, $2, VectorF32.self), as: Float.self)
    }
    set(ReduceOp.max, .float64) {
      $3.storeBytes(of: Maximum.row($0, $1, $2, VectorF64.self), as: Double.self)
    }
    set(ReduceOp.min, .float32) {
      $3.storeBytes(of: Minimum.row($0, $1, $2, VectorF32.self), as: Float.self)
    }
    set(ReduceOp.min, .float64) {
      $3.storeBytes(of: Minimum.row($0, $1, $2, VectorF64.self), as: Double.self)
    }
  }
}
