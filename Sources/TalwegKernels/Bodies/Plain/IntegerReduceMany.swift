extension KernelTable {
  /// Reductions of many rows of integers and bool.
  func setIntegerReduceMany() {
    setMany(.sum, .int64, .uint64) { foldEach($0, $1, $2, $3, $4, $5, UInt64(0)) { $0 &+ $1 } }
    setMany(.product, .int64, .uint64) { foldEach($0, $1, $2, $3, $4, $5, UInt64(1)) { $0 &* $1 } }
    setMany(.max, .int8) { foldEach($0, $1, $2, $3, $4, $5, Int8.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .int8) { foldEach($0, $1, $2, $3, $4, $5, Int8.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .int16) { foldEach($0, $1, $2, $3, $4, $5, Int16.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .int16) { foldEach($0, $1, $2, $3, $4, $5, Int16.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .int32) { foldEach($0, $1, $2, $3, $4, $5, Int32.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .int32) { foldEach($0, $1, $2, $3, $4, $5, Int32.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .int64) { foldEach($0, $1, $2, $3, $4, $5, Int64.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .int64) { foldEach($0, $1, $2, $3, $4, $5, Int64.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .uint8) { foldEach($0, $1, $2, $3, $4, $5, UInt8.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .uint8) { foldEach($0, $1, $2, $3, $4, $5, UInt8.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .uint16) { foldEach($0, $1, $2, $3, $4, $5, UInt16.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .uint16) { foldEach($0, $1, $2, $3, $4, $5, UInt16.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .uint32) { foldEach($0, $1, $2, $3, $4, $5, UInt32.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .uint32) { foldEach($0, $1, $2, $3, $4, $5, UInt32.max) { $0 < $1 ? $0 : $1 } }
    setMany(.max, .uint64) { foldEach($0, $1, $2, $3, $4, $5, UInt64.min) { $0 > $1 ? $0 : $1 } }
    setMany(.min, .uint64) { foldEach($0, $1, $2, $3, $4, $5, UInt64.max) { $0 < $1 ? $0 : $1 } }
    for op in [ReduceOp.max, .any] { setMany(op, .bool) { foldEach($0, $1, $2, $3, $4, $5, UInt8(0)) { $0 | $1 } } }
    for op in [ReduceOp.min, .all] { setMany(op, .bool) { foldEach($0, $1, $2, $3, $4, $5, UInt8(1)) { $0 & $1 } } }
    setManyArgmax(.int8) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in a > b } }
    setManyArgmin(.int8) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in a < b } }
    setManyArgmax(.int16) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in a > b } }
    setManyArgmin(.int16) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in a < b } }
    setManyArgmax(.int32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a > b } }
    setManyArgmin(.int32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a < b } }
    setManyArgmax(.int64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a > b } }
    setManyArgmin(.int64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a < b } }
    setManyArgmax(.uint8) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a > b } }
    setManyArgmin(.uint8) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a < b } }
    setManyArgmax(.uint16) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a > b } }
    setManyArgmin(.uint16) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a < b } }
    setManyArgmax(.uint32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a > b } }
    setManyArgmin(.uint32) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a < b } }
    setManyArgmax(.uint64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a > b } }
    setManyArgmin(.uint64) { indexEach($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a < b } }
    setManyArgmax(.bool, argmaxMany(.uint8))
    setManyArgmin(.bool, argminMany(.uint8))
  }
}

/// Whole rows onto the outputs where these lie side by side: the compiler vectorises that, and integers have
/// no other kernel.
@inline(__always)
func foldEach<X>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ y: UnsafeMutableRawPointer,
  _ initial: X, _ f: (X, X) -> X
) {
  let x = x.assumingMemoryBound(to: X.self), y = y.assumingMemoryBound(to: X.self)
  if step == 1 {
    for i in 0..<m { y[i] = initial }
    for row in 0..<n {
      let from = x + row &* stride
      for i in 0..<m { y[i] = f(y[i], from[i]) }
    }
  } else {
    for i in 0..<m { y[i] = foldLoop(n, UnsafeRawPointer(x + i &* step), stride, initial, f) }
  }
}

@inline(__always)
func indexEach<X: Comparable>(
  _ n: Int, _ m: Int, _ x: UnsafeRawPointer, _ stride: Int, _ step: Int, _ index: UnsafeMutablePointer<Int64>,
  _ value: UnsafeMutableRawPointer, _ beats: (X, X) -> Bool
) {
  let x = x.assumingMemoryBound(to: X.self), value = value.assumingMemoryBound(to: X.self)
  for i in 0..<m {
    let row = x + i &* step
    let found = indexLoop(n, UnsafeRawPointer(row), stride, beats)
    index[i] = Int64(found)
    value[i] = row[found &* stride]
  }
}
