/// A bfloat16 as it is stored: the upper half of a float32, so its range with eight bits of precision.
/// Arithmetic is float32's.
struct BFloat16 {
  var bits: UInt16

  @inline(__always) var float: Float { Float(bitPattern: UInt32(truncatingIfNeeded: bits) &<< 16) }

  /// To the nearest, halves to even; beyond the greatest to infinity; NaN stays a NaN of its sign. By integers:
  /// the CPU's own conversion takes denormals for zeros, and not every CPU has it.
  @inline(__always) init(_ x: Float) {
    let pattern = x.bitPattern
    let upper = pattern &>> 16
    let rounded = (pattern &+ 0x7fff &+ (upper & 1)) &>> 16
    bits = UInt16(truncatingIfNeeded: x == x ? rounded : upper | 0x40)
  }

  /// Rounded once.
  @inline(__always) init(_ x: Double) { self.init(Float(oddFrom: x)) }

  /// Rounded once. Of a large integer's lowest 16 bits it matters only whether there are any, and without them a
  /// double is exact.
  @inline(__always) init(_ x: Int64) {
    let low = x & 0xffff
    let gathered = (x &- low) | ((low &+ 0xffff) & 0x1_0000) &>> 1
    self.init(Double(x > -0x1_0000_0000 && x < 0x1_0000_0000 ? x : gathered))
  }
  @inline(__always) init(_ x: UInt64) {
    let low = x & 0xffff
    let gathered = (x &- low) | ((low &+ 0xffff) & 0x1_0000) &>> 1
    self.init(Double(x < 0x1_0000_0000 ? x : gathered))
  }
}
