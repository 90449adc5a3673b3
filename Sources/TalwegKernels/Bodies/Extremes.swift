// The positions of extremes. Along a row: the block that holds the extreme is found by values alone, and is
// then searched. Across rows: the best values and their rows are kept in vectors.

/// Elements of a block.
private let blockSize = 4096

private protocol Extreme: VectorFold {
  static func beats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool
  static func beats<V: FloatVector>(_ a: V, _ b: V) -> V.Mask
}

extension Maximum: Extreme {
  @inline(__always) fileprivate static func beats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool { a > b }
  @inline(__always) fileprivate static func beats<V: FloatVector>(_ a: V, _ b: V) -> V.Mask { b < a }
}

extension Minimum: Extreme {
  @inline(__always) fileprivate static func beats<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool { a < b }
  @inline(__always) fileprivate static func beats<V: FloatVector>(_ a: V, _ b: V) -> V.Mask { a < b }
}

/// The first element that is the extreme of all, or the first NaN; 0 of no elements.
@inline(__always)
private func indexAlong<V: FloatVector, F: Extreme>(
  _ n: Int, _ x: UnsafeRawPointer, _ stride: Int, _: V.Type, _: F.Type
) -> Int {
  let rowBytes = stride &* MemoryLayout<V.Scalar>.size
  var best = V.Scalar(F.initial)
  var start = 0
  var begin = 0
  while begin < n {
    let count = min(blockSize, n &- begin)
    let found = foldVectors(count, x + begin &* rowBytes, stride, V.self, F.self)
    if begin == 0 || found != found || F.beats(found, best) {
      best = found
      start = begin
    }
    if found != found { break }
    begin &+= count
  }
  let wanted = V(best)
  let isNaN = best != best
  var i = start
  while i < n {
    let count = min(V.lanes, n &- i)
    let v = loadVector(x, stride, i, count, fill: isNaN ? 0 : .nan, V.self)
    if V.any(isNaN ? v != v : v == wanted) { break }
    i &+= count
  }
  while i < n {
    let value = (x + i &* rowBytes).load(as: V.Scalar.self)
    if isNaN ? value != value : value == best { return i }
    i &+= 1
  }
  return 0
}

/// The row, and the value there, of the extreme of each of m outputs.
@inline(__always)
private func indexMany<V: FloatVector, F: Extreme>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int,
  _ index: UnsafeMutablePointer<Int64>, _ value: UnsafeMutableRawPointer, _: V.Type, _: F.Type
) {
  let size = MemoryLayout<V.Scalar>.size
  if reducesAlong(n, stride, step) {
    var i = 0
    while i < m {
      let row = x + i &* step &* size
      let found = indexAlong(n, row, stride, V.self, F.self)
      index[i] = Int64(truncatingIfNeeded: found)
      value.storeBytes(
        of: (row + found &* stride &* size).load(as: V.Scalar.self), toByteOffset: i &* size, as: V.Scalar.self)
      i &+= 1
    }
    return
  }
  var i = 0
  while i < m {
    let pair = m &- i >= 2 &* V.lanes
    let count = min(V.lanes, m &- i), second = pair ? V.lanes : count
    // Two vectors at a time, the second of which is the first again at the end.
    let p = x + i &* step &* size, q = pair ? p + V.lanes &* step &* size : p
    var best = loadVector(p, step, 0, count, fill: 0, V.self), at = V(0)
    var best2 = loadVector(q, step, 0, second, fill: 0, V.self), at2 = V(0)
    var row = 1
    while row < n {
      let here = V(V.Scalar(row))
      let v = loadVector(p + row &* stride &* size, step, 0, count, fill: 0, V.self)
      let w = loadVector(q + row &* stride &* size, step, 0, second, fill: 0, V.self)
      let better = V.either(F.beats(v, best), V.both(v != v, best == best))
      let better2 = V.either(F.beats(w, best2), V.both(w != w, best2 == best2))
      best = V.select(better, v, best)
      at = V.select(better, here, at)
      best2 = V.select(better2, w, best2)
      at2 = V.select(better2, here, at2)
      row &+= 1
    }
    storeVector(best, value, i, count)
    storeIndices(at, index + i, count)
    if pair {
      storeVector(best2, value, i &+ V.lanes, V.lanes)
      storeIndices(at2, index + (i &+ V.lanes), V.lanes)
    }
    i &+= pair ? 2 &* V.lanes : count
  }
}

@inline(__always)
private func storeIndices<V: FloatVector>(_ at: V, _ index: UnsafeMutablePointer<Int64>, _ count: Int) {
  var lane = 0
  while lane < count {
    index[lane] = at.integerLane(lane)
    lane &+= 1
  }
}

extension KernelTable {
  func setVectorExtremes() {
    setArgmax(.float32) { indexAlong($0, $1, $2, VectorF32.self, Maximum.self) }
    setArgmin(.float32) { indexAlong($0, $1, $2, VectorF32.self, Minimum.self) }
    setArgmax(.float64) { indexAlong($0, $1, $2, VectorF64.self, Maximum.self) }
    setArgmin(.float64) { indexAlong($0, $1, $2, VectorF64.self, Minimum.self) }
    setManyArgmax(.float32) { indexMany($0, $1, $2, $3, $4, $5, $6, VectorF32.self, Maximum.self) }
    setManyArgmin(.float32) { indexMany($0, $1, $2, $3, $4, $5, $6, VectorF32.self, Minimum.self) }
    setManyArgmax(.float64) { indexMany($0, $1, $2, $3, $4, $5, $6, VectorF64.self, Maximum.self) }
    setManyArgmin(.float64) { indexMany($0, $1, $2, $3, $4, $5, $6, VectorF64.self, Minimum.self) }
  }
}
