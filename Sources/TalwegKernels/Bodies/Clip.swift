// Numbers moved into an interval, on vectors.

extension KernelTable {
  func setVectorClip() {
    setClip(.float32) { clipVectors($0, $1, $2, $3, $4, $5, $6, $7, $8, VectorF32.self) }
    setClip(.float64) { clipVectors($0, $1, $2, $3, $4, $5, $6, $7, $8, VectorF64.self) }
  }
}

@inline(__always)
private func clipVectors<V: FloatVector>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ low: UnsafeRawPointer, _ sl: Int, _ high: UnsafeRawPointer, _ sh: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _: V.Type
) {
  if n == 0 { return }
  if sl == 0 && sh == 0 {
    let a = V(low.load(as: V.Scalar.self)), b = V(high.load(as: V.Scalar.self))
    return mapVectors(n, x, sx, y, sy) { (x: V) in V.minimum(V.maximum(x, a), b) }
  }
  var i = 0
  while i < n {
    let count = min(V.lanes, n &- i)
    let value = loadVector(x, sx, i, count, fill: 0, V.self)
    let a = loadVector(low, sl, i, count, fill: 0, V.self), b = loadVector(high, sh, i, count, fill: 0, V.self)
    storeStrided(V.minimum(V.maximum(value, a), b), y, sy, i, count)
    i &+= count
  }
}
