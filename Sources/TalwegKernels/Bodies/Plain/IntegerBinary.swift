extension KernelTable {
  /// y = f(a, b) of integers. Where the bits of the result do not depend on the sign, one loop serves both types of a
  /// width.
  func setIntegerBinary() {
    set(BinaryOp.add, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &+ b } }
    set(BinaryOp.add, .int16, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a &+ b } }
    set(BinaryOp.add, .int32, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a &+ b } }
    set(BinaryOp.add, .int64, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a &+ b } }
    set(BinaryOp.subtract, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &- b } }
    set(BinaryOp.subtract, .int16, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a &- b }
    }
    set(BinaryOp.subtract, .int32, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a &- b }
    }
    set(BinaryOp.subtract, .int64, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a &- b }
    }
    set(BinaryOp.multiply, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a &* b } }
    set(BinaryOp.multiply, .int16, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a &* b }
    }
    set(BinaryOp.multiply, .int32, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a &* b }
    }
    set(BinaryOp.multiply, .int64, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a &* b }
    }
    set(BinaryOp.bitAnd, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a & b } }
    set(BinaryOp.bitAnd, .int16, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a & b } }
    set(BinaryOp.bitAnd, .int32, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a & b } }
    set(BinaryOp.bitAnd, .int64, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a & b } }
    set(BinaryOp.bitOr, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a | b } }
    set(BinaryOp.bitOr, .int16, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a | b } }
    set(BinaryOp.bitOr, .int32, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a | b } }
    set(BinaryOp.bitOr, .int64, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a | b } }
    set(BinaryOp.bitXor, .int8, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a ^ b } }
    set(BinaryOp.bitXor, .int16, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a ^ b } }
    set(BinaryOp.bitXor, .int32, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a ^ b } }
    set(BinaryOp.bitXor, .int64, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a ^ b } }
    set(BinaryOp.floorDivide, .int8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .int16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .int32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .int64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .uint8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in floorDivide(a, b) }
    }
    set(BinaryOp.floorDivide, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in floorDivide(a, b) }
    }
    set(BinaryOp.remainder, .int8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .int16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .int32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .int64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .uint8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in floorRemainder(a, b) }
    }
    set(BinaryOp.remainder, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in floorRemainder(a, b) }
    }
    set(BinaryOp.power, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in integerPower(a, b) } }
    set(BinaryOp.power, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in integerPower(a, b) } }
    set(BinaryOp.power, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in integerPower(a, b) } }
    set(BinaryOp.power, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in integerPower(a, b) } }
    set(BinaryOp.power, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in integerPower(a, b) } }
    set(BinaryOp.power, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in integerPower(a, b) }
    }
    set(BinaryOp.power, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in integerPower(a, b) }
    }
    set(BinaryOp.power, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in integerPower(a, b) }
    }
    set(BinaryOp.maximum, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in a > b ? a : b } }
    set(BinaryOp.maximum, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in a > b ? a : b } }
    set(BinaryOp.maximum, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a > b ? a : b } }
    set(BinaryOp.maximum, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a > b ? a : b } }
    set(BinaryOp.maximum, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a > b ? a : b } }
    set(BinaryOp.maximum, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a > b ? a : b } }
    set(BinaryOp.maximum, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a > b ? a : b } }
    set(BinaryOp.maximum, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a > b ? a : b } }
    set(BinaryOp.minimum, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in a < b ? a : b } }
    set(BinaryOp.minimum, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in a < b ? a : b } }
    set(BinaryOp.minimum, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in a < b ? a : b } }
    set(BinaryOp.minimum, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in a < b ? a : b } }
    set(BinaryOp.minimum, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in a < b ? a : b } }
    set(BinaryOp.minimum, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in a < b ? a : b } }
    set(BinaryOp.minimum, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in a < b ? a : b } }
    set(BinaryOp.minimum, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in a < b ? a : b } }
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
