extension KernelTable {
  /// y = f(x) of integers and bool. Where the bits of the result do not depend on the sign, one loop serves both types
  /// of a width.
  func setIntegerUnary() {
    set(UnaryOp.negative, .int8, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in 0 &- x } }
    set(UnaryOp.negative, .int16, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in 0 &- x } }
    set(UnaryOp.negative, .int32, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in 0 &- x } }
    set(UnaryOp.negative, .int64, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in 0 &- x } }
    set(UnaryOp.square, .int8, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x &* x } }
    set(UnaryOp.square, .int16, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in x &* x } }
    set(UnaryOp.square, .int32, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in x &* x } }
    set(UnaryOp.square, .int64, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in x &* x } }
    set(UnaryOp.absolute, .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in integerAbsolute(x) } }
    set(UnaryOp.absolute, .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in integerAbsolute(x) } }
    set(UnaryOp.absolute, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in integerAbsolute(x) } }
    set(UnaryOp.absolute, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in integerAbsolute(x) } }
    set(UnaryOp.sign, .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in integerSign(x) } }
    set(UnaryOp.sign, .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in integerSign(x) } }
    set(UnaryOp.sign, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in integerSign(x) } }
    set(UnaryOp.sign, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in integerSign(x) } }
    set(UnaryOp.sign, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in integerSign(x) } }
    set(UnaryOp.sign, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in integerSign(x) } }
    set(UnaryOp.sign, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in integerSign(x) } }
    set(UnaryOp.sign, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in integerSign(x) } }
    set(UnaryOp.relu, .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in x > 0 ? x : 0 } }
    set(UnaryOp.relu, .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in x > 0 ? x : 0 } }
    set(UnaryOp.relu, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x > 0 ? x : 0 } }
    set(UnaryOp.relu, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x > 0 ? x : 0 } }
    set(UnaryOp.logicalNot, .int8, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .int16, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .int32, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .int64, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x == 0) } }
    // Integers are whole, and unsigned ones not negative.
    for op in [UnaryOp.floor, .ceil, .round, .trunc] {
      set(op, .int8, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
      set(op, .int16, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in x } }
      set(op, .int32, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in x } }
      set(op, .int64, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in x } }
    }
    for op in [UnaryOp.absolute, .relu] {
      set(op, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
      set(op, .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in x } }
      set(op, .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in x } }
      set(op, .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in x } }
    }
    for type in DType.allCases where !type.isFloating {
      set(UnaryOp.isnan, type) { n, _, _, y, sy in constantLoop(n, y, sy, byte(false)) }
      set(UnaryOp.isinf, type) { n, _, _, y, sy in constantLoop(n, y, sy, byte(false)) }
      set(UnaryOp.isfinite, type) { n, _, _, y, sy in constantLoop(n, y, sy, byte(true)) }
    }
  }
}

@inline(__always)
private func constantLoop(_ n: Int, _ y: UnsafeMutableRawPointer, _ sy: Int, _ value: UInt8) {
  let y = y.assumingMemoryBound(to: UInt8.self)
  for i in 0..<n { y[i &* sy] = value }
}
