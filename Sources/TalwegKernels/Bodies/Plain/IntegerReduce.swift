extension KernelTable {
  /// Reductions of integers and bool, exact in any order, and the index of an extreme.
  func setIntegerReduce() {
    set(ReduceOp.sum, .int64, .uint64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt64(0)) { (r: UInt64, x: UInt64) in r &+ x }, as: UInt64.self)
    }
    set(ReduceOp.product, .int64, .uint64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt64(1)) { (r: UInt64, x: UInt64) in r &* x }, as: UInt64.self)
    }
    set(ReduceOp.max, .int8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int8.min) { (r: Int8, x: Int8) in r > x ? r : x }, as: Int8.self)
    }
    set(ReduceOp.min, .int8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int8.max) { (r: Int8, x: Int8) in r < x ? r : x }, as: Int8.self)
    }
    set(ReduceOp.max, .int16) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int16.min) { (r: Int16, x: Int16) in r > x ? r : x }, as: Int16.self)
    }
    set(ReduceOp.min, .int16) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int16.max) { (r: Int16, x: Int16) in r < x ? r : x }, as: Int16.self)
    }
    set(ReduceOp.max, .int32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int32.min) { (r: Int32, x: Int32) in r > x ? r : x }, as: Int32.self)
    }
    set(ReduceOp.min, .int32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int32.max) { (r: Int32, x: Int32) in r < x ? r : x }, as: Int32.self)
    }
    set(ReduceOp.max, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64.min) { (r: Int64, x: Int64) in r > x ? r : x }, as: Int64.self)
    }
    set(ReduceOp.min, .int64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, Int64.max) { (r: Int64, x: Int64) in r < x ? r : x }, as: Int64.self)
    }
    set(ReduceOp.max, .uint8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8.min) { (r: UInt8, x: UInt8) in r > x ? r : x }, as: UInt8.self)
    }
    set(ReduceOp.min, .uint8) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt8.max) { (r: UInt8, x: UInt8) in r < x ? r : x }, as: UInt8.self)
    }
    set(ReduceOp.max, .uint16) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt16.min) { (r: UInt16, x: UInt16) in r > x ? r : x }, as: UInt16.self)
    }
    set(ReduceOp.min, .uint16) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt16.max) { (r: UInt16, x: UInt16) in r < x ? r : x }, as: UInt16.self)
    }
    set(ReduceOp.max, .uint32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt32.min) { (r: UInt32, x: UInt32) in r > x ? r : x }, as: UInt32.self)
    }
    set(ReduceOp.min, .uint32) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt32.max) { (r: UInt32, x: UInt32) in r < x ? r : x }, as: UInt32.self)
    }
    set(ReduceOp.max, .uint64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt64.min) { (r: UInt64, x: UInt64) in r > x ? r : x }, as: UInt64.self)
    }
    set(ReduceOp.min, .uint64) {
      $3.storeBytes(of: foldLoop($0, $1, $2, UInt64.max) { (r: UInt64, x: UInt64) in r < x ? r : x }, as: UInt64.self)
    }
    for op in [ReduceOp.max, .any] {
      set(op, .bool) {
        $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(0)) { (r: UInt8, x: UInt8) in r | x }, as: UInt8.self)
      }
    }
    for op in [ReduceOp.min, .all] {
      set(op, .bool) {
        $3.storeBytes(of: foldLoop($0, $1, $2, UInt8(1)) { (r: UInt8, x: UInt8) in r & x }, as: UInt8.self)
      }
    }
    setArgmax(.int8) { indexByBlocks($0, $1, $2, Int8.min) { (a: Int8, b: Int8) in a > b } }
    setArgmin(.int8) { indexByBlocks($0, $1, $2, Int8.max) { (a: Int8, b: Int8) in a < b } }
    setArgmax(.int16) { indexByBlocks($0, $1, $2, Int16.min) { (a: Int16, b: Int16) in a > b } }
    setArgmin(.int16) { indexByBlocks($0, $1, $2, Int16.max) { (a: Int16, b: Int16) in a < b } }
    setArgmax(.int32) { indexByBlocks($0, $1, $2, Int32.min) { (a: Int32, b: Int32) in a > b } }
    setArgmin(.int32) { indexByBlocks($0, $1, $2, Int32.max) { (a: Int32, b: Int32) in a < b } }
    setArgmax(.int64) { indexByBlocks($0, $1, $2, Int64.min) { (a: Int64, b: Int64) in a > b } }
    setArgmin(.int64) { indexByBlocks($0, $1, $2, Int64.max) { (a: Int64, b: Int64) in a < b } }
    setArgmax(.uint8) { indexByBlocks($0, $1, $2, UInt8.min) { (a: UInt8, b: UInt8) in a > b } }
    setArgmin(.uint8) { indexByBlocks($0, $1, $2, UInt8.max) { (a: UInt8, b: UInt8) in a < b } }
    setArgmax(.uint16) { indexByBlocks($0, $1, $2, UInt16.min) { (a: UInt16, b: UInt16) in a > b } }
    setArgmin(.uint16) { indexByBlocks($0, $1, $2, UInt16.max) { (a: UInt16, b: UInt16) in a < b } }
    setArgmax(.uint32) { indexByBlocks($0, $1, $2, UInt32.min) { (a: UInt32, b: UInt32) in a > b } }
    setArgmin(.uint32) { indexByBlocks($0, $1, $2, UInt32.max) { (a: UInt32, b: UInt32) in a < b } }
    setArgmax(.uint64) { indexByBlocks($0, $1, $2, UInt64.min) { (a: UInt64, b: UInt64) in a > b } }
    setArgmin(.uint64) { indexByBlocks($0, $1, $2, UInt64.max) { (a: UInt64, b: UInt64) in a < b } }
    setArgmax(.bool, argmax(.uint8))
    setArgmin(.bool, argmin(.uint8))
    setArgmax(.float16) { indexLoop($0, $1, $2, { (x: Half) in x.float }, { (a: Float, b: Float) in a > b }) }
    setArgmin(.float16) { indexLoop($0, $1, $2, { (x: Half) in x.float }, { (a: Float, b: Float) in a < b }) }
    setArgmax(.bfloat16) { indexLoop($0, $1, $2, { (x: BFloat16) in x.float }, { (a: Float, b: Float) in a > b }) }
    setArgmin(.bfloat16) { indexLoop($0, $1, $2, { (x: BFloat16) in x.float }, { (a: Float, b: Float) in a < b }) }
  }
}

/// The index of the first element that beats all before it, of integers from the one that all others beat: the best
/// of each block, without its place, vectorises; then only the winning block is searched.
@inline(__always)
private func indexByBlocks<X: FixedWidthInteger>(
  _ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ least: X, _ beats: (X, X) -> Bool
) -> Int {
  let elements = x.assumingMemoryBound(to: X.self)
  let blockSize = 1024
  var best = least
  var place = 0
  var begin = 0
  while begin < n {
    let count = min(blockSize, n &- begin)
    let ofBlock = foldLoop(count, elements + begin &* sx, sx, least) { (r: X, x: X) in beats(r, x) ? r : x }
    if beats(ofBlock, best) {
      best = ofBlock
      place = begin
    }
    begin &+= blockSize
  }
  // The first of all, if all are `least`.
  while place < n && elements[place &* sx] != best { place &+= 1 }
  return place < n ? place : 0
}
