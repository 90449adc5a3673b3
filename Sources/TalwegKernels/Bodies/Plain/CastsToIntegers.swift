extension KernelTable {
  /// Conversions to integers.
  func setCastsToIntegers() {
    setCast(from: .float32, to: .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int8(saturating: x) } }
    setCast(from: .float32, to: .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int16(saturating: x) } }
    setCast(from: .float32, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int32(saturating: x) } }
    setCast(from: .float32, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int64(saturating: x) } }
    setCast(from: .float32, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in UInt8(saturating: x) } }
    setCast(from: .float32, to: .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in UInt16(saturating: x) } }
    setCast(from: .float32, to: .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in UInt32(saturating: x) } }
    setCast(from: .float32, to: .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in UInt64(saturating: x) } }
    setCast(from: .float64, to: .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int8(saturating: x) } }
    setCast(from: .float64, to: .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int16(saturating: x) } }
    setCast(from: .float64, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int32(saturating: x) } }
    setCast(from: .float64, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int64(saturating: x) } }
    setCast(from: .float64, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in UInt8(saturating: x) } }
    setCast(from: .float64, to: .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in UInt16(saturating: x) } }
    setCast(from: .float64, to: .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in UInt32(saturating: x) } }
    setCast(from: .float64, to: .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in UInt64(saturating: x) } }
    setCast(from: .float16, to: .int8) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in Int8(saturating: x.float) } }
    setCast(from: .float16, to: .int16) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in Int16(saturating: x.float) } }
    setCast(from: .float16, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in Int32(saturating: x.float) } }
    setCast(from: .float16, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in Int64(saturating: x.float) } }
    setCast(from: .float16, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in UInt8(saturating: x.float) } }
    setCast(from: .float16, to: .uint16) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in UInt16(saturating: x.float) } }
    setCast(from: .float16, to: .uint32) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in UInt32(saturating: x.float) } }
    setCast(from: .float16, to: .uint64) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in UInt64(saturating: x.float) } }
    setCast(from: .bfloat16, to: .int8) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int8(saturating: x.float) } }
    setCast(from: .bfloat16, to: .int16) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int16(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .int32) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int32(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .int64) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int64(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .uint8) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in UInt8(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .uint16) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in UInt16(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in UInt32(saturating: x.float) }
    }
    setCast(from: .bfloat16, to: .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in UInt64(saturating: x.float) }
    }
    // The low bits stay, whatever the signs; what is wider repeats the sign of what it comes from.
    setIntegerCast([.int8, .uint8], [.int8, .uint8], copy(itemSize: 1))
    setIntegerCast([.int8], [.int16, .uint16]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt16(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint8], [.int16, .uint16]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt16(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int8], [.int32, .uint32]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt32(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint8], [.int32, .uint32]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt32(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int8], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint8], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int16, .uint16], [.int8, .uint8]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt8(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int16, .uint16], [.int16, .uint16], copy(itemSize: 2))
    setIntegerCast([.int16], [.int32, .uint32]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int16) in UInt32(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint16], [.int32, .uint32]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt32(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int16], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int16) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint16], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int32, .uint32], [.int8, .uint8]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt8(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int32, .uint32], [.int16, .uint16]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt16(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int32, .uint32], [.int32, .uint32], copy(itemSize: 4))
    setIntegerCast([.int32], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int32) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.uint32], [.int64, .uint64]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt64(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int64, .uint64], [.int8, .uint8]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt8(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int64, .uint64], [.int16, .uint16]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt16(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int64, .uint64], [.int32, .uint32]) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt32(truncatingIfNeeded: x) }
    }
    setIntegerCast([.int64, .uint64], [.int64, .uint64], copy(itemSize: 8))
    for type in DType.allCases where !type.isFloating && type != .bool {
      setCast(from: .bool, to: type, cast(from: .uint8, to: type))
    }
  }

  private func setIntegerCast(_ from: [DType], _ to: [DType], _ function: UnaryFunction) {
    for from in from { for to in to { setCast(from: from, to: to, function) } }
  }
}
