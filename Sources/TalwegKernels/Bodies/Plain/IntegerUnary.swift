extension KernelTable {
  /// y = f(x) of int32, int64, uint8 and bool. Rounding leaves integers as they are.
  func setIntegerUnary() {
    set(UnaryOp.negative, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in 0 &- x } }
    set(UnaryOp.negative, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in 0 &- x } }
    set(UnaryOp.negative, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in 0 &- x } }
    set(UnaryOp.absolute, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in integerAbsolute(x) } }
    set(UnaryOp.absolute, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in integerAbsolute(x) } }
    set(UnaryOp.absolute, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in integerAbsolute(x) } }
    set(UnaryOp.sign, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in integerSign(x) } }
    set(UnaryOp.sign, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in integerSign(x) } }
    set(UnaryOp.sign, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in integerSign(x) } }
    set(UnaryOp.square, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x &* x } }
    set(UnaryOp.square, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x &* x } }
    set(UnaryOp.square, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x &* x } }
    set(UnaryOp.floor, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    set(UnaryOp.floor, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    set(UnaryOp.floor, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    set(UnaryOp.ceil, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    set(UnaryOp.ceil, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    set(UnaryOp.ceil, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    set(UnaryOp.round, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    set(UnaryOp.round, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    set(UnaryOp.round, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    set(UnaryOp.trunc, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    set(UnaryOp.trunc, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    set(UnaryOp.trunc, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    set(UnaryOp.relu, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x > 0 ? x : 0 } }
    set(UnaryOp.relu, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x > 0 ? x : 0 } }
    set(UnaryOp.relu, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x > 0 ? x : 0 } }
    set(UnaryOp.logicalNot, .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x == 0) } }
    set(UnaryOp.isnan, .int32) { mapLoop($0, $1, $2, $3, $4) { (_: Int32) in byte(false) } }
    set(UnaryOp.isnan, .int64) { mapLoop($0, $1, $2, $3, $4) { (_: Int64) in byte(false) } }
    set(UnaryOp.isnan, .uint8) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(false) } }
    set(UnaryOp.isnan, .bool) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(false) } }
    set(UnaryOp.isfinite, .int32) { mapLoop($0, $1, $2, $3, $4) { (_: Int32) in byte(true) } }
    set(UnaryOp.isfinite, .int64) { mapLoop($0, $1, $2, $3, $4) { (_: Int64) in byte(true) } }
    set(UnaryOp.isfinite, .uint8) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(true) } }
    set(UnaryOp.isfinite, .bool) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(true) } }
    set(UnaryOp.isinf, .int32) { mapLoop($0, $1, $2, $3, $4) { (_: Int32) in byte(false) } }
    set(UnaryOp.isinf, .int64) { mapLoop($0, $1, $2, $3, $4) { (_: Int64) in byte(false) } }
    set(UnaryOp.isinf, .uint8) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(false) } }
    set(UnaryOp.isinf, .bool) { mapLoop($0, $1, $2, $3, $4) { (_: UInt8) in byte(false) } }
  }
}
