extension KernelTable {
  /// C = A B of integers. The bits of a product do not depend on the sign.
  func setIntegerProducts() {
    setIntegerProduct(.int8, .uint8) { multiplyRows($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt8.self) }
    setIntegerProduct(.int16, .uint16) { multiplyRows($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt16.self) }
    setIntegerProduct(.int32, .uint32) { multiplyRows($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt32.self) }
    setIntegerProduct(.int64, .uint64) { multiplyRows($0, $1, $2, $3, $4, $5, $6, $7, $8, UInt64.self) }
  }
}

/// Rows of C gather multiples of B's rows, four at a time; columns by blocks that the nearest cache holds.
@inline(__always)
private func multiplyRows<T: FixedWidthInteger>(
  _ m: Int, _ n: Int, _ k: Int, _ a: UnsafeRawPointer, _ rsa: Int, _ csa: Int, _ b: UnsafeRawPointer, _ rsb: Int,
  _ c: UnsafeMutableRawPointer, _: T.Type
) {
  let a = a.assumingMemoryBound(to: T.self), b = b.assumingMemoryBound(to: T.self)
  let c = c.assumingMemoryBound(to: T.self)
  var first = 0
  while first < n {
    let count = min(1024, n &- first)
    for i in 0..<m {
      let row = c + (i &* n &+ first), left = a + i &* rsa
      for j in 0..<count { row[j] = 0 }
      var p = 0
      while p &+ 4 <= k {
        let b0 = b + (p &* rsb &+ first)
        let b1 = b0 + rsb, b2 = b1 + rsb, b3 = b2 + rsb
        let a0 = left[p &* csa], a1 = left[(p &+ 1) &* csa], a2 = left[(p &+ 2) &* csa], a3 = left[(p &+ 3) &* csa]
        for j in 0..<count { row[j] = row[j] &+ (a0 &* b0[j] &+ a1 &* b1[j]) &+ (a2 &* b2[j] &+ a3 &* b3[j]) }
        p &+= 4
      }
      while p < k {
        let right = b + (p &* rsb &+ first), factor = left[p &* csa]
        for j in 0..<count { row[j] = row[j] &+ factor &* right[j] }
        p &+= 1
      }
    }
    first &+= count
  }
}
