extension KernelTable {
  /// y = a ? b as a bool byte, of every type. Comparisons with NaN are false, `notEqual` is true.
  func setCompare() {
    set(CompareOp.equal, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a == b) } }
    set(CompareOp.equal, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a == b) } }
    set(CompareOp.equal, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a == b) } }
    set(CompareOp.equal, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a == b) } }
    set(CompareOp.equal, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a == b) } }
    set(CompareOp.equal, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a == b) } }
    set(CompareOp.equal, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float == b.float) } }
    set(CompareOp.notEqual, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a != b) } }
    set(CompareOp.notEqual, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a != b) } }
    set(CompareOp.notEqual, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a != b) } }
    set(CompareOp.notEqual, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a != b) } }
    set(CompareOp.notEqual, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a != b) } }
    set(CompareOp.notEqual, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a != b) } }
    set(CompareOp.notEqual, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float != b.float) } }
    set(CompareOp.less, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a < b) } }
    set(CompareOp.less, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a < b) } }
    set(CompareOp.less, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a < b) } }
    set(CompareOp.less, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a < b) } }
    set(CompareOp.less, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a < b) } }
    set(CompareOp.less, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a < b) } }
    set(CompareOp.less, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float < b.float) } }
    set(CompareOp.lessEqual, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a <= b) } }
    set(CompareOp.lessEqual, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a <= b) } }
    set(CompareOp.lessEqual, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a <= b) } }
    set(CompareOp.lessEqual, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a <= b) } }
    set(CompareOp.lessEqual, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a <= b) } }
    set(CompareOp.lessEqual, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a <= b) } }
    set(CompareOp.lessEqual, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float <= b.float) } }
    set(CompareOp.greater, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a > b) } }
    set(CompareOp.greater, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a > b) } }
    set(CompareOp.greater, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a > b) } }
    set(CompareOp.greater, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a > b) } }
    set(CompareOp.greater, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a > b) } }
    set(CompareOp.greater, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a > b) } }
    set(CompareOp.greater, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float > b.float) } }
    set(CompareOp.greaterEqual, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .bool) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .bfloat16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float >= b.float) } }
  }
}
