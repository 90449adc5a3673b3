extension KernelTable {
  /// Moves of elements as bits, by item size.
  func setMoves() {
    setCopy(itemSize: 1) { copyLoop($0, $1, $2, $3, $4, UInt8.self) }
    setSelect(itemSize: 1) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt8.self) }
    setFill(itemSize: 1) { fillLoop($0, $1, $2, $3, UInt8.self) }
    setCopy(itemSize: 2) { copyLoop($0, $1, $2, $3, $4, UInt16.self) }
    setSelect(itemSize: 2) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt16.self) }
    setFill(itemSize: 2) { fillLoop($0, $1, $2, $3, UInt16.self) }
    setCopy(itemSize: 4) { copyLoop($0, $1, $2, $3, $4, UInt32.self) }
    setSelect(itemSize: 4) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt32.self) }
    setFill(itemSize: 4) { fillLoop($0, $1, $2, $3, UInt32.self) }
    setCopy(itemSize: 8) { copyLoop($0, $1, $2, $3, $4, UInt64.self) }
    setSelect(itemSize: 8) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt64.self) }
    setFill(itemSize: 8) { fillLoop($0, $1, $2, $3, UInt64.self) }
  }
}

@inline(__always)
private func selectLoop<T>(
  _ n: Int, _ c: UnsafeRawPointer, _ sc: Int, _ a: UnsafeRawPointer, _ sa: Int,
  _ b: UnsafeRawPointer, _ sb: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _: T.Type
) {
  if n == 0 { return }
  let c = c.assumingMemoryBound(to: UInt8.self), a = a.assumingMemoryBound(to: T.self)
  let b = b.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  // Both are read before the choice, so that the loops have no branch.
  if sc == 1 && sy == 1 && sa == 1 && sb == 1 {
    for i in 0..<n { y[i] = chosen(c[i], a[i], b[i]) }
  } else if sc == 1 && sy == 1 && sa == 1 && sb == 0 {
    let scalar = b.pointee
    for i in 0..<n { y[i] = chosen(c[i], a[i], scalar) }
  } else if sc == 1 && sy == 1 && sa == 0 && sb == 1 {
    let scalar = a.pointee
    for i in 0..<n { y[i] = chosen(c[i], scalar, b[i]) }
  } else {
    for i in 0..<n { y[i &* sy] = chosen(c[i &* sc], a[i &* sa], b[i &* sb]) }
  }
}

@inline(__always)
private func chosen<T>(_ condition: UInt8, _ a: T, _ b: T) -> T { condition != 0 ? a : b }

@inline(__always)
private func copyLoop<T>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _: T.Type
) {
  if n == 0 { return }
  if sx == 0 {
    fillLoop(n, x, y, sy, T.self)
  } else {
    mapLoop(n, x, sx, y, sy) { (x: T) in x }
  }
}

@inline(__always)
private func fillLoop<T>(
  _ n: Int, _ value: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ sy: Int, _: T.Type
) {
  let value = value.load(as: T.self), y = y.assumingMemoryBound(to: T.self)
  if sy == 1 {
    for i in 0..<n { y[i] = value }
  } else {
    for i in 0..<n { y[i &* sy] = value }
  }
}
