extension KernelTable {
  /// y = min(max(x, low), high).
  func setClip() {
    setClip(.float32) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Float, a: Float, b: Float) in clipped(x, a, b) } }
    setClip(.float64) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Double, a: Double, b: Double) in clipped(x, a, b) } }
    setClip(.int8) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Int8, a: Int8, b: Int8) in clipped(x, a, b) } }
    setClip(.int16) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Int16, a: Int16, b: Int16) in clipped(x, a, b) } }
    setClip(.int32) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Int32, a: Int32, b: Int32) in clipped(x, a, b) } }
    setClip(.int64) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: Int64, a: Int64, b: Int64) in clipped(x, a, b) } }
    setClip(.uint8) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: UInt8, a: UInt8, b: UInt8) in clipped(x, a, b) } }
    setClip(.uint16) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: UInt16, a: UInt16, b: UInt16) in clipped(x, a, b) } }
    setClip(.uint32) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: UInt32, a: UInt32, b: UInt32) in clipped(x, a, b) } }
    setClip(.uint64) { clipLoop($0, $1, $2, $3, $4, $5, $6, $7, $8) { (x: UInt64, a: UInt64, b: UInt64) in clipped(x, a, b) } }
  }
}

@inline(__always)
private func clipLoop<T>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ low: UnsafeRawPointer, _ sl: Int, _ high: UnsafeRawPointer, _ sh: Int,
  _ y: UnsafeMutableRawPointer, _ sy: Int, _ f: (T, T, T) -> T
) {
  if n == 0 { return }
  let x = x.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  let low = low.assumingMemoryBound(to: T.self), high = high.assumingMemoryBound(to: T.self)
  if sx == 1 && sy == 1 && sl == 0 && sh == 0 {
    let (a, b) = (low.pointee, high.pointee)
    for i in 0..<n { y[i] = f(x[i], a, b) }
  } else {
    for i in 0..<n { y[i &* sy] = f(x[i &* sx], low[i &* sl], high[i &* sh]) }
  }
}

@inline(__always)
private func clipped<T: FixedWidthInteger>(_ x: T, _ low: T, _ high: T) -> T {
  let raised = x > low ? x : low
  return raised < high ? raised : high
}

@inline(__always)
private func clipped<T: BinaryFloatingPoint>(_ x: T, _ low: T, _ high: T) -> T {
  let raised = x != x || x > low ? x : low
  return raised != raised || raised < high ? raised : high
}
