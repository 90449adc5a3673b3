extension KernelTable {
  /// Moves of elements as bits, by item size.
  func setMoves() {
    setCopy(itemSize: 1) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setSelect(itemSize: 1) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt8.self) }
    setFill(itemSize: 1) { fillLoop($0, $1, $2, $3, UInt8.self) }
    setCopy(itemSize: 2) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in x } }
    setSelect(itemSize: 2) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt16.self) }
    setFill(itemSize: 2) { fillLoop($0, $1, $2, $3, UInt16.self) }
    setCopy(itemSize: 4) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in x } }
    setSelect(itemSize: 4) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt32.self) }
    setFill(itemSize: 4) { fillLoop($0, $1, $2, $3, UInt32.self) }
    setCopy(itemSize: 8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in x } }
    setSelect(itemSize: 8) { selectLoop($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt64.self) }
    setFill(itemSize: 8) { fillLoop($0, $1, $2, $3, UInt64.self) }
  }
}

@inline(__always)
private func selectLoop<T>(
  _ n: Int, _ c: UnsafeRawPointer, _ sc: Int, _ a: UnsafeRawPointer, _ sa: Int,
  _ b: UnsafeRawPointer, _ sb: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _: T.Type
) {
  let c = c.assumingMemoryBound(to: UInt8.self), a = a.assumingMemoryBound(to: T.self)
  let b = b.assumingMemoryBound(to: T.self), y = y.assumingMemoryBound(to: T.self)
  if sc == 1 && sa == 1 && sb == 1 && sy == 1 {
    for i in 0..<n {
      // Both are read before the choice, so that the loop has no branch.
      let ai = a[i], bi = b[i]
      y[i] = c[i] != 0 ? ai : bi
    }
  } else {
    for i in 0..<n { y[i &* sy] = c[i &* sc] != 0 ? a[i &* sa] : b[i &* sb] }
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
