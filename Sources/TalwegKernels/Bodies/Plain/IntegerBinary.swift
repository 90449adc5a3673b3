extension KernelTable {
  /// y = f(a, b) of int32, int64 and uint8.
  func setIntegerBinary() {
    set(BinaryOp.add, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a &+ b } }
    set(BinaryOp.add, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a &+ b } }
    set(BinaryOp.add, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &+ b } }
    set(BinaryOp.subtract, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a &- b } }
    set(BinaryOp.subtract, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a &- b } }
    set(BinaryOp.subtract, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &- b } }
    set(BinaryOp.multiply, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a &* b } }
    set(BinaryOp.multiply, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a &* b } }
    set(BinaryOp.multiply, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &* b } }
    set(BinaryOp.floorDivide, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in floorDivide(a, b) } }
    set(BinaryOp.floorDivide, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in floorDivide(a, b) } }
    set(BinaryOp.floorDivide, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in floorDivide(a, b) } }
    set(BinaryOp.remainder, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in floorRemainder(a, b) } }
    set(BinaryOp.remainder, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in floorRemainder(a, b) } }
    set(BinaryOp.remainder, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in floorRemainder(a, b) } }
    set(BinaryOp.power, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in integerPower(a, b) } }
    set(BinaryOp.power, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in integerPower(a, b) } }
    set(BinaryOp.power, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in integerPower(a, b) } }
    set(BinaryOp.maximum, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a > b ? a : b } }
    set(BinaryOp.maximum, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a > b ? a : b } }
    set(BinaryOp.maximum, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a > b ? a : b } }
    set(BinaryOp.minimum, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a < b ? a : b } }
    set(BinaryOp.minimum, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a < b ? a : b } }
    set(BinaryOp.minimum, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a < b ? a : b } }
    set(BinaryOp.bitAnd, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a & b } }
    set(BinaryOp.bitAnd, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a & b } }
    set(BinaryOp.bitAnd, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.bitOr, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a | b } }
    set(BinaryOp.bitOr, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a | b } }
    set(BinaryOp.bitOr, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.bitXor, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a ^ b } }
    set(BinaryOp.bitXor, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a ^ b } }
    set(BinaryOp.bitXor, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a ^ b } }
  }

  /// y = f(a, b) of bool, as NumPy: a sum is `or`, a product `and`.
  func setBoolBinary() {
    set(BinaryOp.add, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.multiply, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.maximum, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.minimum, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.logicalAnd, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.logicalOr, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.logicalXor, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a ^ b } }
    set(BinaryOp.bitAnd, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.bitOr, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.bitXor, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a ^ b } }
  }
}
