extension KernelTable {
  /// Conversions between every two types. See `KernelTable.cast`.
  func setCasts() {
    setCast(from: .float32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x } }
    setCast(from: .float32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Double(x) } }
    setCast(from: .float32, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int32(saturating: x) } }
    setCast(from: .float32, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Int64(saturating: x) } }
    setCast(from: .float32, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in UInt8(saturating: x) } }
    setCast(from: .float32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x != 0) } }
    setCast(from: .float32, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in BFloat16(x) } }
    setCast(from: .float64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Float(x) } }
    setCast(from: .float64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x } }
    setCast(from: .float64, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int32(saturating: x) } }
    setCast(from: .float64, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Int64(saturating: x) } }
    setCast(from: .float64, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in UInt8(saturating: x) } }
    setCast(from: .float64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x != 0) } }
    setCast(from: .float64, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in BFloat16(x) } }
    setCast(from: .int32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Float(x) } }
    setCast(from: .int32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Double(x) } }
    setCast(from: .int32, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    setCast(from: .int32, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .int32, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in UInt8(truncatingIfNeeded: x) } }
    setCast(from: .int32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in byte(x != 0) } }
    setCast(from: .int32, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in BFloat16(Double(x)) } }
    setCast(from: .int64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Float(x) } }
    setCast(from: .int64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Double(x) } }
    setCast(from: .int64, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .int64, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    setCast(from: .int64, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in UInt8(truncatingIfNeeded: x) } }
    setCast(from: .int64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in byte(x != 0) } }
    setCast(from: .int64, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in BFloat16(x) } }
    setCast(from: .uint8, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Float(x) } }
    setCast(from: .uint8, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Double(x) } }
    setCast(from: .uint8, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .uint8, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .uint8, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setCast(from: .uint8, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x != 0) } }
    setCast(from: .uint8, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in BFloat16(Float(x)) } }
    setCast(from: .bool, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Float(x) } }
    setCast(from: .bool, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Double(x) } }
    setCast(from: .bool, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .bool, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .bool, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setCast(from: .bool, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setCast(from: .bool, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in BFloat16(Float(x)) } }
    setCast(from: .bfloat16, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in x.float } }
    setCast(from: .bfloat16, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Double(x.float) } }
    setCast(from: .bfloat16, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int32(saturating: x.float) } }
    setCast(from: .bfloat16, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in Int64(saturating: x.float) } }
    setCast(from: .bfloat16, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in UInt8(saturating: x.float) } }
    setCast(from: .bfloat16, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in byte(x.float != 0) } }
    setCast(from: .bfloat16, to: .bfloat16) { mapLoop($0, $1, $2, $3, $4) { (x: BFloat16) in x } }
  }
}

// Towards zero, saturating; NaN gives 0. The greatest integer may round up as a float, so that test is `>=`;
// the least is exact. Without branches, and converting only what is in range, so that loops vectorise.

extension Int32 {
  @inline(__always) init(saturating x: Float) {
    let inside = x >= -0x1p31 && x < 0x1p31
    let whole = Int32(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : x < 0 ? .min : 0
  }
  @inline(__always) init(saturating x: Double) {
    let inside = x > -0x1.00000002p31 && x < 0x1p31
    let whole = Int32(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : x < 0 ? .min : 0
  }
}

extension Int64 {
  @inline(__always) init(saturating x: Float) {
    let inside = x >= -0x1p63 && x < 0x1p63
    let whole = Int64(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : x < 0 ? .min : 0
  }
  @inline(__always) init(saturating x: Double) {
    let inside = x >= -0x1p63 && x < 0x1p63
    let whole = Int64(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : x < 0 ? .min : 0
  }
}

extension UInt8 {
  @inline(__always) init(saturating x: Float) {
    // 0 for NaN too.
    let capped: Float = x > 0 ? (x < 255 ? x : 255) : 0
    self.init(truncatingIfNeeded: Int32(capped))
  }
  @inline(__always) init(saturating x: Double) {
    let capped: Double = x > 0 ? (x < 255 ? x : 255) : 0
    self.init(truncatingIfNeeded: Int32(capped))
  }
}
