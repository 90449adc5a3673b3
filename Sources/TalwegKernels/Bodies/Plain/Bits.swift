// Bits of numbers: shifts, signs and neighbours.

extension KernelTable {
  func setBits() {
    set(BinaryOp.leftShift, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in leftShift(a, b) } }
    set(BinaryOp.leftShift, .int16, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in leftShift(a, b) } }
    set(BinaryOp.leftShift, .int32, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in leftShift(a, b) } }
    set(BinaryOp.leftShift, .int64, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in leftShift(a, b) } }
    set(BinaryOp.rightShift, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in rightShift(a, b) } }
    set(BinaryOp.rightShift, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in rightShift(a, b) } }
    set(BinaryOp.nextafter, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in nextAfter(a, b) } }
    set(BinaryOp.nextafter, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in nextAfter(a, b) } }
    set(BinaryOp.nextafter, .float16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in nextAfter(a, b) } }
    set(BinaryOp.nextafter, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in nextAfter(a, b) } }
    set(UnaryOp.signbit, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x.sign == .minus) } }
    set(UnaryOp.signbit, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x.sign == .minus) } }
    set(UnaryOp.signbit, .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in byte(x < 0) } }
    set(UnaryOp.signbit, .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in byte(x < 0) } }
    set(UnaryOp.signbit, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in byte(x < 0) } }
    set(UnaryOp.signbit, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in byte(x < 0) } }
    set(UnaryOp.signbit, .uint8) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(false) } }
    set(UnaryOp.signbit, .uint16) { mapLoop($0, $1, $2, $3, $4) { (_: UInt16) in byte(false) } }
    set(UnaryOp.signbit, .uint32) { mapLoop($0, $1, $2, $3, $4) { (_: UInt32) in byte(false) } }
    set(UnaryOp.signbit, .uint64) { mapLoop($0, $1, $2, $3, $4) { (_: UInt64) in byte(false) } }
  }
}

/// By 0 up to the type's bits but for one; any other number of bits, a negative one read as a large one, leaves 0.
@inline(__always)
private func leftShift<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { isWithin(b) ? a &<< b : 0 }

/// The same downwards; any other number of bits leaves the sign's.
@inline(__always)
private func rightShift<T: FixedWidthInteger>(_ a: T, _ b: T) -> T { isWithin(b) ? a &>> b : a < 0 ? 0 &- 1 : 0 }

@inline(__always)
private func isWithin<T: FixedWidthInteger>(_ b: T) -> Bool { b >= 0 && b < T(truncatingIfNeeded: T.bitWidth) }

/// The number next to a towards b; b where they are equal, NaN if either is.
@inline(__always)
private func nextAfter<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  a < b ? a.nextUp : a > b ? a.nextDown : a == b ? b : a + b
}

@inline(__always)
private func nextAfter(_ a: BFloat16, _ b: BFloat16) -> BFloat16 {
  var next = a
  next.bits = bitsAfter(a.bits, a.float, b.bits, b.float)
  return next
}

@inline(__always)
private func nextAfter(_ a: Half, _ b: Half) -> Half {
  var next = a
  next.bits = bitsAfter(a.bits, a.float, b.bits, b.float)
  return next
}

/// Numbers of one sign are in the order of their bits. All bits but the sign's are a NaN.
@inline(__always)
private func bitsAfter(_ a: UInt16, _ x: Float, _ b: UInt16, _ y: Float) -> UInt16 {
  if x != x || y != y { return 0x7fff }
  if x == y { return b }
  if x == 0 { return y > 0 ? 1 : 0x8001 }
  return (x < y) == (x > 0) ? a &+ 1 : a &- 1
}
