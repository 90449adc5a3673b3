extension KernelTable {
  /// y = a ? b as a bool byte, of every type. Comparisons with NaN are false, `notEqual` is true.
  func setCompare() {
    setIntegerCompare()
    set(CompareOp.equal, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a == b) } }
    set(CompareOp.equal, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a == b) } }
    set(CompareOp.equal, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float == b.float) }
    }
    set(CompareOp.equal, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float == b.float) }
    }
    set(CompareOp.notEqual, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a != b) } }
    set(CompareOp.notEqual, .float64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a != b) }
    }
    set(CompareOp.notEqual, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float != b.float) }
    }
    set(CompareOp.notEqual, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float != b.float) }
    }
    set(CompareOp.less, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a < b) } }
    set(CompareOp.less, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a < b) } }
    set(CompareOp.less, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float < b.float) }
    }
    set(CompareOp.less, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float < b.float) }
    }
    set(CompareOp.lessEqual, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a <= b) }
    }
    set(CompareOp.lessEqual, .float64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a <= b) }
    }
    set(CompareOp.lessEqual, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float <= b.float) }
    }
    set(CompareOp.lessEqual, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float <= b.float) }
    }
    set(CompareOp.greater, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a > b) } }
    set(CompareOp.greater, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a > b) } }
    set(CompareOp.greater, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float > b.float) }
    }
    set(CompareOp.greater, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float > b.float) }
    }
    set(CompareOp.greaterEqual, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .float64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .float16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Half, b: Half) in byte(a.float >= b.float) }
    }
    set(CompareOp.greaterEqual, .bfloat16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: BFloat16, b: BFloat16) in byte(a.float >= b.float) }
    }
  }

  /// A bool is compared as its byte.
  private func setIntegerCompare() {
    set(CompareOp.equal, .int8, .uint8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a == b) }
    }
    set(CompareOp.equal, .int16, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a == b) }
    }
    set(CompareOp.equal, .int32, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a == b) }
    }
    set(CompareOp.equal, .int64, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a == b) }
    }
    set(CompareOp.notEqual, .int8, .uint8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a != b) }
    }
    set(CompareOp.notEqual, .int16, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a != b) }
    }
    set(CompareOp.notEqual, .int32, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a != b) }
    }
    set(CompareOp.notEqual, .int64, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a != b) }
    }
    set(CompareOp.less, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in byte(a < b) } }
    set(CompareOp.less, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in byte(a < b) } }
    set(CompareOp.less, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a < b) } }
    set(CompareOp.less, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a < b) } }
    set(CompareOp.less, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a < b) } }
    set(CompareOp.less, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a < b) } }
    set(CompareOp.less, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a < b) } }
    set(CompareOp.less, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a < b) } }
    set(CompareOp.lessEqual, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in byte(a <= b) } }
    set(CompareOp.lessEqual, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in byte(a <= b) } }
    set(CompareOp.lessEqual, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a <= b) } }
    set(CompareOp.lessEqual, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a <= b) } }
    set(CompareOp.lessEqual, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a <= b) } }
    set(CompareOp.lessEqual, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a <= b) }
    }
    set(CompareOp.lessEqual, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a <= b) }
    }
    set(CompareOp.lessEqual, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a <= b) }
    }
    set(CompareOp.greater, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in byte(a > b) } }
    set(CompareOp.greater, .int16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in byte(a > b) } }
    set(CompareOp.greater, .int32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a > b) } }
    set(CompareOp.greater, .int64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a > b) } }
    set(CompareOp.greater, .uint8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a > b) } }
    set(CompareOp.greater, .uint16) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a > b) } }
    set(CompareOp.greater, .uint32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a > b) } }
    set(CompareOp.greater, .uint64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a > b) } }
    set(CompareOp.greaterEqual, .int8) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int8, b: Int8) in byte(a >= b) } }
    set(CompareOp.greaterEqual, .int16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int16, b: Int16) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .int32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int32, b: Int32) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .int64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Int64, b: Int64) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .uint8) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt8, b: UInt8) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .uint16) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt16, b: UInt16) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .uint32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt32, b: UInt32) in byte(a >= b) }
    }
    set(CompareOp.greaterEqual, .uint64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: UInt64, b: UInt64) in byte(a >= b) }
    }
    for op in CompareOp.allCases { set(op, .bool, compare(op, .uint8)) }
  }
}
