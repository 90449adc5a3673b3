// Floats to integers: towards zero, saturating; NaN gives 0. Without branches, and converting only what is in range,
// so that loops vectorise.

/// Between limits that an Int32 has.
@inline(__always)
private func clamped(_ x: Float, _ low: Float, _ high: Float) -> Int32 {
  let number: Float = x == x ? x : 0
  return Int32(number > low ? (number < high ? number : high) : low)
}
@inline(__always)
private func clamped(_ x: Double, _ low: Double, _ high: Double) -> Int32 {
  let number: Double = x == x ? x : 0
  return Int32(number > low ? (number < high ? number : high) : low)
}

extension Int8 {
  @inline(__always) init(saturating x: Float) { self.init(truncatingIfNeeded: clamped(x, -128, 127)) }
  @inline(__always) init(saturating x: Double) { self.init(truncatingIfNeeded: clamped(x, -128, 127)) }
}

extension UInt8 {
  @inline(__always) init(saturating x: Float) { self.init(truncatingIfNeeded: clamped(x, 0, 255)) }
  @inline(__always) init(saturating x: Double) { self.init(truncatingIfNeeded: clamped(x, 0, 255)) }
}

extension Int16 {
  @inline(__always) init(saturating x: Float) { self.init(truncatingIfNeeded: clamped(x, -32768, 32767)) }
  @inline(__always) init(saturating x: Double) { self.init(truncatingIfNeeded: clamped(x, -32768, 32767)) }
}

extension UInt16 {
  @inline(__always) init(saturating x: Float) { self.init(truncatingIfNeeded: clamped(x, 0, 65535)) }
  @inline(__always) init(saturating x: Double) { self.init(truncatingIfNeeded: clamped(x, 0, 65535)) }
}

// The greatest integer of these may round up as a float, so that test is `<` the power of two above it; the least is
// exact.

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

extension UInt32 {
  @inline(__always) init(saturating x: Float) {
    let inside = x > -1 && x < 0x1p32
    let whole = UInt32(truncatingIfNeeded: Int64(inside ? x : 0))
    self = inside ? whole : x > 0 ? .max : 0
  }
  @inline(__always) init(saturating x: Double) {
    let inside = x > -1 && x < 0x1p32
    let whole = UInt32(truncatingIfNeeded: Int64(inside ? x : 0))
    self = inside ? whole : x > 0 ? .max : 0
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

extension UInt64 {
  @inline(__always) init(saturating x: Float) {
    let inside = x > -1 && x < 0x1p64
    let whole = UInt64(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : 0
  }
  @inline(__always) init(saturating x: Double) {
    let inside = x > -1 && x < 0x1p64
    let whole = UInt64(inside ? x : 0)
    self = inside ? whole : x > 0 ? .max : 0
  }
}
