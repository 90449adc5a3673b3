extension KernelTable {
  /// Conversions between every two types. See `KernelTable.cast`.
  func setCasts() {
    setCast(from: .float32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x } }
    setCast(from: .float32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Double(x) } }
    setCast(from: .float32, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in saturate(x, Int32.self) } }
    setCast(from: .float32, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in saturate(x, Int64.self) } }
    setCast(from: .float32, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in saturate(x, UInt8.self) } }
    setCast(from: .float32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x != 0) } }
    setCast(from: .float64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Float(x) } }
    setCast(from: .float64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x } }
    setCast(from: .float64, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in saturate(x, Int32.self) } }
    setCast(from: .float64, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in saturate(x, Int64.self) } }
    setCast(from: .float64, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in saturate(x, UInt8.self) } }
    setCast(from: .float64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x != 0) } }
    setCast(from: .int32, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Float(x) } }
    setCast(from: .int32, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Double(x) } }
    setCast(from: .int32, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in x } }
    setCast(from: .int32, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .int32, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in UInt8(truncatingIfNeeded: x) } }
    setCast(from: .int32, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Int32) in byte(x != 0) } }
    setCast(from: .int64, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Float(x) } }
    setCast(from: .int64, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Double(x) } }
    setCast(from: .int64, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .int64, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in x } }
    setCast(from: .int64, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in UInt8(truncatingIfNeeded: x) } }
    setCast(from: .int64, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: Int64) in byte(x != 0) } }
    setCast(from: .uint8, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Float(x) } }
    setCast(from: .uint8, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Double(x) } }
    setCast(from: .uint8, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .uint8, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .uint8, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setCast(from: .uint8, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in byte(x != 0) } }
    setCast(from: .bool, to: .float32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Float(x) } }
    setCast(from: .bool, to: .float64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Double(x) } }
    setCast(from: .bool, to: .int32) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int32(truncatingIfNeeded: x) } }
    setCast(from: .bool, to: .int64) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in Int64(truncatingIfNeeded: x) } }
    setCast(from: .bool, to: .uint8) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
    setCast(from: .bool, to: .bool) { mapLoop($0, $1, $2, $3, $4) { (x: UInt8) in x } }
  }
}

/// Towards zero, saturating; NaN gives 0.
@inline(__always)
private func saturate<F: BinaryFloatingPoint, I: FixedWidthInteger>(_ x: F, _: I.Type) -> I {
  // The greatest I may round up in F, so the upper test is `>=`; the least one is exact.
  if x >= F(I.max) { return I.max }
  if x > F(I.min) { return I(x) }
  return x != x ? 0 : I.min
}
