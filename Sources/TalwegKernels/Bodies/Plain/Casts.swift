extension KernelTable {
  /// Conversions between every two types. See `KernelTable.cast`.
  func setCasts() {
    setCastsToIntegers()
    setCastsToFloats()
    setCastsToBool()
    // To the same type: moves.
    for type in DType.allCases { setCast(from: type, to: type, copy(itemSize: type.itemSize)) }
  }

  private func setCastsToBool() {
    setCast(from: .float32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x != 0) } }
    setCast(from: .float64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x != 0) } }
    setCast(from: .float16, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in byte(x.float != 0) } }
    setCast(from: .bfloat16, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in byte(x.float != 0) } }
    setCast(from: .int8, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x != 0) } }
    setCast(from: .uint8, to: .bool, cast(from: .int8, to: .bool))
    setCast(from: .int16, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in byte(x != 0) } }
    setCast(from: .uint16, to: .bool, cast(from: .int16, to: .bool))
    setCast(from: .int32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in byte(x != 0) } }
    setCast(from: .uint32, to: .bool, cast(from: .int32, to: .bool))
    setCast(from: .int64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in byte(x != 0) } }
    setCast(from: .uint64, to: .bool, cast(from: .int64, to: .bool))
  }

  private func setCastsToFloats() {
    setCast(from: .float32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Double(x) } }
    setCast(from: .float32, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Half(x) } }
    setCast(from: .float32, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in BFloat16(x) } }
    setCast(from: .float64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Float(x) } }
    setCast(from: .float64, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Half(x) } }
    setCast(from: .float64, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in BFloat16(x) } }
    setCast(from: .float16, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in x.float } }
    setCast(from: .float16, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in Double(x.float) } }
    setCast(from: .float16, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Half) in BFloat16(x.float) } }
    setCast(from: .bfloat16, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in x.float } }
    setCast(from: .bfloat16, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Double(x.float) } }
    setCast(from: .bfloat16, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Half(x.float) } }
    setCast(from: .int8, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in Float(x) } }
    setCast(from: .int8, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in Double(x) } }
    setCast(from: .int8, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in Half(Float(x)) } }
    setCast(from: .int8, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int8) in BFloat16(Float(x)) } }
    setCast(from: .int16, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in Float(x) } }
    setCast(from: .int16, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in Double(x) } }
    setCast(from: .int16, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in Half(Float(x)) } }
    setCast(from: .int16, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int16) in BFloat16(Float(x)) } }
    setCast(from: .int32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Float(x) } }
    setCast(from: .int32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Double(x) } }
    setCast(from: .int32, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Half(x) } }
    setCast(from: .int32, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in BFloat16(Double(x)) } }
    setCast(from: .int64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Float(x) } }
    setCast(from: .int64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Double(x) } }
    setCast(from: .int64, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Half(x) } }
    setCast(from: .int64, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in BFloat16(x) } }
    setCast(from: .uint8, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Float(x) } }
    setCast(from: .uint8, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Double(x) } }
    setCast(from: .uint8, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Half(Float(x)) } }
    setCast(from: .uint8, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in BFloat16(Float(x)) } }
    setCast(from: .uint16, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in Float(x) } }
    setCast(from: .uint16, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in Double(x) } }
    setCast(from: .uint16, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in Half(Float(x)) } }
    setCast(from: .uint16, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt16) in BFloat16(Float(x)) } }
    setCast(from: .uint32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in Float(x) } }
    setCast(from: .uint32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in Double(x) } }
    setCast(from: .uint32, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in Half(x) } }
    setCast(from: .uint32, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt32) in BFloat16(Double(x)) } }
    setCast(from: .uint64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in Float(x) } }
    setCast(from: .uint64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in Double(x) } }
    setCast(from: .uint64, to: .float16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in Half(x) } }
    setCast(from: .uint64, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt64) in BFloat16(x) } }
    for type in DType.allCases where type.isFloating { setCast(from: .bool, to: type, cast(from: .uint8, to: type)) }
  }
}
