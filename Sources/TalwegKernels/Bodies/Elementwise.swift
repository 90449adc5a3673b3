internal import CIntrinsics

// Loops that apply a function of vectors to strided elements. A partial vector at the end goes through
// the same function as the full ones, so that no result depends on its position.

@inline(__always)
func mapVectors<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  if sx == 1 && sy == 1 {
    let isStreamed = n &* size >= streamedBytes && x != UnsafeRawPointer(y)
    storeVectors(n, y, isStreamed, { f(V.load(x + $0 &* size)) }) { f(V.load(x + $0 &* size, first: $1, fill: 0)) }
    return
  }
  var i = 0
  while i < n {
    let count = min(V.lanes, n &- i)
    storeStrided(f(loadVector(x, sx, i, count, fill: 0, V.self)), y, sy, i, count)
    i &+= count
  }
}

/// Stores full(i), the vector of elements i ..< i + lanes, for all n elements, and part(i, count) where
/// count elements are fewer than the lanes. A streamed row begins with a part, up to the first aligned vector.
@inline(__always)
private func storeVectors<V: FloatVector>(
  _ n: Int, _ y: UnsafeMutableRawPointer, _ isStreamed: Bool, _ full: (Int) -> V, _ part: (Int, Int) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  // Each function is called in one place only: the code of a long one is not repeated.
  var i = 0
  var count = isStreamed ? ((0 &- Int(bitPattern: y)) & (V.lanes &* size &- 1)) / size : 0
  repeat {
    if count > 0 {
      part(i, count).store(y + i &* size, first: count)
      i &+= count
    }
    while i &+ V.lanes <= n {
      let value = full(i)
      if isStreamed { value.stream(y + i &* size) } else { value.store(y + i &* size) }
      i &+= V.lanes
    }
    count = n &- i
  } while count > 0
  if isStreamed { streamFence() }
}

/// What was streamed is seen by other threads after this.
@inline(__always)
func streamFence() { tk_stream_fence() }

/// The first `count` lanes as elements i ..< i + count of a strided row.
@inline(__always)
func storeStrided<V: FloatVector>(_ v: V, _ y: UnsafeMutableRawPointer, _ sy: Int, _ i: Int, _ count: Int) {
  let p = y + i &* sy &* MemoryLayout<V.Scalar>.size
  if sy == 1 {
    storeVector(v, y, i, count)
  } else if count == V.lanes {
    v.store(p, stride: sy, first: V.lanes)
  } else {
    v.store(p, stride: sy, first: count)
  }
}

/// Contiguous operands, and a scalar (stride 0) beside a contiguous one, are read by vectors.
@inline(__always)
func zipVectors<V: FloatVector>(
  _ n: Int, _ a: UnsafeRawPointer, _ sa: Int, _ b: UnsafeRawPointer, _ sb: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V, V) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  if n == 0 { return }
  if sy == 1 && (sa == 1 || sa == 0) && (sb == 1 || sb == 0) {
    let firstA = V(a.load(as: V.Scalar.self)), firstB = V(b.load(as: V.Scalar.self))
    let isStreamed = n &* size >= streamedBytes && a != UnsafeRawPointer(y) && b != UnsafeRawPointer(y)
    storeVectors(n, y, isStreamed, { i in
      f(sa == 0 ? firstA : V.load(a + i &* size), sb == 0 ? firstB : V.load(b + i &* size))
    }) { i, count in
      let left = sa == 0 ? firstA : V.load(a + i &* size, first: count, fill: 0)
      let right = sb == 0 ? firstB : V.load(b + i &* size, first: count, fill: 0)
      return f(left, right)
    }
    return
  }
  var i = 0
  while i < n {
    let count = min(V.lanes, n &- i)
    let left = loadVector(a, sa, i, count, fill: 0, V.self), right = loadVector(b, sb, i, count, fill: 0, V.self)
    storeStrided(f(left, right), y, sy, i, count)
    i &+= count
  }
}

/// As `mapVectors`, for a function of many instructions: it is called in one place, where it becomes part of the
/// loop, and its code is there once.
@inline(__always)
func mapElementary<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V) -> V
) {
  let isStreamed = sx == 1 && sy == 1 && n &* MemoryLayout<V.Scalar>.size >= streamedBytes && x != UnsafeRawPointer(y)
  storeElementary(n, y, sy, isStreamed) { f(loadVector(x, sx, $0, $1, fill: 0, V.self)) }
}

/// As `zipVectors`, for a function of many instructions.
@inline(__always)
func zipElementary<V: FloatVector>(
  _ n: Int, _ a: UnsafeRawPointer, _ sa: Int, _ b: UnsafeRawPointer, _ sb: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V, V) -> V
) {
  let isStreamed =
    sa <= 1 && sb <= 1 && sy == 1 && n &* MemoryLayout<V.Scalar>.size >= streamedBytes && a != UnsafeRawPointer(y)
    && b != UnsafeRawPointer(y)
  storeElementary(n, y, sy, isStreamed) {
    f(loadVector(a, sa, $0, $1, fill: 0, V.self), loadVector(b, sb, $0, $1, fill: 0, V.self))
  }
}

/// Stores value(i, count), the vector of elements i ..< i + count, for all n elements. A streamed row begins with
/// a part, up to the first aligned vector.
@inline(__always)
private func storeElementary<V: FloatVector>(
  _ n: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ isStreamed: Bool, _ value: (Int, Int) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  let unaligned = isStreamed ? ((0 &- Int(bitPattern: y)) & (V.lanes &* size &- 1)) / size : 0
  var i = 0
  var count = min(n, unaligned > 0 ? unaligned : V.lanes)
  while i < n {
    let result = value(i, count)
    if isStreamed && count == V.lanes { result.stream(y + i &* size) } else { storeStrided(result, y, sy, i, count) }
    i &+= count
    count = min(V.lanes, n &- i)
  }
  if isStreamed { streamFence() }
}

/// Writes bool bytes.
@inline(__always)
func compareVectors<V: FloatVector>(
  _ n: Int, _ a: UnsafeRawPointer, _ sa: Int, _ b: UnsafeRawPointer, _ sb: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V, V) -> V.Mask
) {
  let size = MemoryLayout<V.Scalar>.size
  var i = 0
  if sa == 1 && sy == 1 && (sb == 1 || sb == 0) && n >= V.lanes {
    let scalar = V(b.load(as: V.Scalar.self))
    while i &+ V.lanes <= n {
      V.store(y + i, f(V.load(a + i &* size), sb == 0 ? scalar : V.load(b + i &* size)))
      i &+= V.lanes
    }
  }
  while i < n {
    let count = min(V.lanes, n &- i)
    let left = V.load(a + i &* sa &* size, stride: sa, first: count, fill: 0)
    let right = V.load(b + i &* sb &* size, stride: sb, first: count, fill: 0)
    V.store(y + i &* sy, stride: sy, first: count, f(left, right))
    i &+= count
  }
}
