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
    setCast(from: .int8, .uint8, to: .int8, .uint8, copy(itemSize: 1))
    setCast(from: .int8, to: .int16, .uint16) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt16(truncatingIfNeeded: x) }
    }
    setCast(from: .uint8, to: .int16, .uint16) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt16(truncatingIfNeeded: x) }
    }
    setCast(from: .int8, to: .int32, .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt32(truncatingIfNeeded: x) }
    }
    setCast(from: .uint8, to: .int32, .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt32(truncatingIfNeeded: x) }
    }
    setCast(from: .int8, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int8) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .uint8, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .int16, .uint16, to: .int8, .uint8) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt8(truncatingIfNeeded: x) }
    }
    setCast(from: .int16, .uint16, to: .int16, .uint16, copy(itemSize: 2))
    setCast(from: .int16, to: .int32, .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int16) in UInt32(truncatingIfNeeded: x) }
    }
    setCast(from: .uint16, to: .int32, .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt32(truncatingIfNeeded: x) }
    }
    setCast(from: .int16, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int16) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .uint16, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .int32, .uint32, to: .int8, .uint8) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt8(truncatingIfNeeded: x) }
    }
    setCast(from: .int32, .uint32, to: .int16, .uint16) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt16(truncatingIfNeeded: x) }
    }
    setCast(from: .int32, .uint32, to: .int32, .uint32, copy(itemSize: 4))
    setCast(from: .int32, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: Int32) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .uint32, to: .int64, .uint64) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in UInt64(truncatingIfNeeded: x) }
    }
    setCast(from: .int64, .uint64, to: .int8, .uint8) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt8(truncatingIfNeeded: x) }
    }
    setCast(from: .int64, .uint64, to: .int16, .uint16) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt16(truncatingIfNeeded: x) }
    }
    setCast(from: .int64, .uint64, to: .int32, .uint32) {
      mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in UInt32(truncatingIfNeeded: x) }
    }
    setCast(from: .int64, .uint64, to: .int64, .uint64, copy(itemSize: 8))
    for type in DType.allCases where type.isInteger { setCast(from: .bool, to: type, cast(from: .uint8, to: type)) }
  }

  private func setCast(from: DType, to: DType, _ otherTo: DType, _ function: UnaryFunction) {
    setCast(from: from, to: to, function)
    setCast(from: from, to: otherTo, function)
  }

  private func setCast(
    from: DType, _ otherFrom: DType, to: DType, _ otherTo: DType, _ function: UnaryFunction
  ) {
    setCast(from: from, to: to, otherTo, function)
    setCast(from: otherFrom, to: to, otherTo, function)
  }
}
