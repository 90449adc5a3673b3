// Loops that apply a function of vectors to strided elements. A partial vector at the end goes through
// the same function as the full ones, so that no result depends on its position.

@inline(__always)
func mapVectors<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  var i = 0
  if sx == 1 && sy == 1 {
    while i &+ V.lanes <= n {
      f(V.load(x + i &* size)).store(y + i &* size)
      i &+= V.lanes
    }
    if i < n { f(V.load(x + i &* size, first: n &- i, fill: 0)).store(y + i &* size, first: n &- i) }
    return
  }
  while i < n {
    let count = min(V.lanes, n &- i)
    let value = f(V.load(x + i &* sx &* size, stride: sx, first: count, fill: 0))
    value.store(y + i &* sy &* size, stride: sy, first: count)
    i &+= count
  }
}

/// Contiguous operands and a scalar beside a contiguous one (stride 0) have their own loops.
@inline(__always)
func zipVectors<V: FloatVector>(
  _ n: Int, _ a: UnsafeRawPointer, _ sa: Int, _ b: UnsafeRawPointer, _ sb: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (V, V) -> V
) {
  let size = MemoryLayout<V.Scalar>.size
  if n == 0 { return }
  if sy == 1 && sa == 1 && sb == 0 {
    let scalar = V(b.load(as: V.Scalar.self))
    return mapVectors(n, a, 1, y, 1) { (x: V) in f(x, scalar) }
  }
  if sy == 1 && sa == 0 && sb == 1 {
    let scalar = V(a.load(as: V.Scalar.self))
    return mapVectors(n, b, 1, y, 1) { (x: V) in f(scalar, x) }
  }
  var i = 0
  if sa == 1 && sb == 1 && sy == 1 {
    while i &+ V.lanes <= n {
      f(V.load(a + i &* size), V.load(b + i &* size)).store(y + i &* size)
      i &+= V.lanes
    }
    if i < n {
      let left = V.load(a + i &* size, first: n &- i, fill: 0)
      let right = V.load(b + i &* size, first: n &- i, fill: 0)
      f(left, right).store(y + i &* size, first: n &- i)
    }
    return
  }
  while i < n {
    let count = min(V.lanes, n &- i)
    let left = V.load(a + i &* sa &* size, stride: sa, first: count, fill: 0)
    let right = V.load(b + i &* sb &* size, stride: sb, first: count, fill: 0)
    f(left, right).store(y + i &* sy &* size, stride: sy, first: count)
    i &+= count
  }
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
