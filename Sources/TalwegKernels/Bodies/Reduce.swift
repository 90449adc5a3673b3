// Sums over strided elements in a fixed order: the row is cut into blocks, a block is summed in four
// vectors of partial sums, and the blocks' sums are added with compensation (Neumaier, ZAMM 54, 1974). The
// rounding error is that of sums of `blockVectors` / 4 + 6 terms, as in pairwise summation, at full speed.
// Strides do not change the order.

/// Vectors in a block; a multiple of four.
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
    var a = V(0), b = V(0), c = V(0), d = V(0)
    var i = begin
    while i &+ 4 &* V.lanes <= end {
      a = a + load(i, V.lanes)
      b = b + load(i &+ V.lanes, V.lanes)
      c = c + load(i &+ 2 &* V.lanes, V.lanes)
      d = d + load(i &+ 3 &* V.lanes, V.lanes)
      i &+= 4 &* V.lanes
    }
    while i < end {
      a = a + load(i, min(V.lanes, end &- i))
      i &+= V.lanes
    }
    let term = ((a + b) + (c + d)).sumOfLanes
    let next = total + term
    compensation += total.magnitude >= term.magnitude ? (total - next) + term : (term - next) + total
    total = next
    begin = end
  }
  return total.isFinite ? total + compensation : total
}

/// Elements i ..< i + count of a strided row, `fill` beyond.
@inline(__always)
func loadVector<V: FloatVector>(
  _ x: UnsafeRawPointer, _ stride: Int, _ i: Int, _ count: Int, fill: V.Scalar, _: V.Type
) -> V {
  let p = x + i &* stride &* MemoryLayout<V.Scalar>.size
  if stride == 1 { return count == V.lanes ? V.load(p) : V.load(p, first: count, fill: fill) }
  return V.load(p, stride: stride, first: count, fill: fill)
}

/// Stores the first `count` lanes as elements i ..< i + count.
@inline(__always)
func storeVector<V: FloatVector>(_ v: V, _ y: UnsafeMutableRawPointer, _ i: Int, _ count: Int) {
  let p = y + i &* MemoryLayout<V.Scalar>.size
  if count == V.lanes { v.store(p) } else { v.store(p, first: count) }
}

/// f over the elements in any order, from `initial`: for operations that round nothing.
@inline(__always)
func foldVectors<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ initial: V.Scalar, _ f: (V, V) -> V
) -> V.Scalar {
  var a = V(initial), b = V(initial)
  var i = 0
  while i &+ 2 &* V.lanes <= n {
    a = f(a, loadVector(x, sx, i, V.lanes, fill: initial, V.self))
    b = f(b, loadVector(x, sx, i &+ V.lanes, V.lanes, fill: initial, V.self))
    i &+= 2 &* V.lanes
  }
  while i < n {
    a = f(a, loadVector(x, sx, i, min(V.lanes, n &- i), fill: initial, V.self))
    i &+= V.lanes
  }
  a = f(a, b)
  var result = V(a.lane(0))
  for lane in 1..<V.lanes { result = f(result, V(a.lane(lane))) }
  return result.lane(0)
}

extension FloatVector {
  /// Halves added to halves.
  @inline(__always) var sumOfLanes: Scalar {
    var width = Self.lanes
    var parts = self
    while width > 1 {
      width /= 2
      parts = parts + parts.rotated(by: width)
    }
    return parts.lane(0)
  }
}

extension KernelTable {
  func setVectorReduce() {
    set(ReduceOp.sum, .float32) { n, x, sx, y in
      let sum = sumVectors(n) { loadVector(x, sx, $0, $1, fill: 0, VectorF32.self) }
      y.storeBytes(of: sum, as: Float.self)
    }
    set(ReduceOp.max, .float32) { n, x, sx, y in
      let result = foldVectors(n, x, sx, -.infinity) { (a: VectorF32, b) in VectorF32.maximum(a, b) }
      y.storeBytes(of: result, as: Float.self)
    }
    set(ReduceOp.min, .float32) { n, x, sx, y in
      let result = foldVectors(n, x, sx, .infinity) { (a: VectorF32, b) in VectorF32.minimum(a, b) }
      y.storeBytes(of: result, as: Float.self)
    }
    set(ReduceOp.sum, .float64) { n, x, sx, y in
      let sum = sumVectors(n) { loadVector(x, sx, $0, $1, fill: 0, VectorF64.self) }
      y.storeBytes(of: sum, as: Double.self)
    }
    set(ReduceOp.max, .float64) { n, x, sx, y in
      let result = foldVectors(n, x, sx, -.infinity) { (a: VectorF64, b) in VectorF64.maximum(a, b) }
      y.storeBytes(of: result, as: Double.self)
    }
    set(ReduceOp.min, .float64) { n, x, sx, y in
      let result = foldVectors(n, x, sx, .infinity) { (a: VectorF64, b) in VectorF64.minimum(a, b) }
      y.storeBytes(of: result, as: Double.self)
    }
  }
}
