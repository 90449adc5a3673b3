extension KernelTable {
  /// y = f(a, b) of float32 and float64.
  func setFloatBinary() {
    set(BinaryOp.add, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a + b } }
    set(BinaryOp.add, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a + b } }
    set(BinaryOp.subtract, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a - b } }
    set(BinaryOp.subtract, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a - b } }
    set(BinaryOp.multiply, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a * b } }
    set(BinaryOp.multiply, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a * b } }
    set(BinaryOp.divide, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a / b } }
    set(BinaryOp.divide, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a / b } }
    set(BinaryOp.floorDivide, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in floorDivide(a, b) } }
    set(BinaryOp.floorDivide, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in floorDivide(a, b) } }
    set(BinaryOp.remainder, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in floorRemainder(a, b) } }
    set(BinaryOp.remainder, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in floorRemainder(a, b) } }
    set(BinaryOp.maximum, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a != a || a > b ? a : b } }
    set(BinaryOp.maximum, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a != a || a > b ? a : b } }
    set(BinaryOp.minimum, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a != a || a < b ? a : b } }
    set(BinaryOp.minimum, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a != a || a < b ? a : b } }
    set(BinaryOp.reluGrad, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in a > 0 ? b : 0 } }
    set(BinaryOp.reluGrad, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in a > 0 ? b : 0 } }
    set(BinaryOp.sigmoidGrad, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in b * (a * (1 - a)) } }
    set(BinaryOp.sigmoidGrad, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in b * (a * (1 - a)) } }
    set(BinaryOp.tanhGrad, .float32) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in b * (1 - a * a) } }
    set(BinaryOp.tanhGrad, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in b * (1 - a * a) } }
    set(BinaryOp.power, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(Reference.power(Double(a), Double(b))) }
    }
    set(BinaryOp.power, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Reference.power(a, b) } }
    set(BinaryOp.atan2, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(Reference.atan2(Double(a), Double(b))) }
    }
    set(BinaryOp.atan2, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Reference.atan2(a, b) } }
    set(BinaryOp.hypot, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(Reference.hypot(Double(a), Double(b))) }
    }
    set(BinaryOp.hypot, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Reference.hypot(a, b) } }
    set(BinaryOp.logaddexp, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(Reference.logaddexp(Double(a), Double(b))) }
    }
    set(BinaryOp.logaddexp, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Reference.logaddexp(a, b) } }
    set(BinaryOp.copysign, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(signOf: b, magnitudeOf: a) }
    }
    set(BinaryOp.copysign, .float64) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Double(signOf: b, magnitudeOf: a) }
    }
    set(BinaryOp.geluGrad, .float32) {
      zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Float, b: Float) in Float(Reference.geluGrad(Double(a), Double(b))) }
    }
    set(BinaryOp.geluGrad, .float64) { zipLoop($0, $1, $2, $3, $4, $5, $6) { (a: Double, b: Double) in Reference.geluGrad(a, b) } }
  }
}

/// Python's `%`: has the sign of b; NaN if b is 0 or a is infinite.
@inline(__always)
func floorRemainder<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  let remainder = a.truncatingRemainder(dividingBy: b)
  if remainder == 0 { return b < 0 ? -0.0 : 0 }
  return (remainder < 0) != (b < 0) ? remainder + b : remainder
}

/// Python's `//`, as NumPy computes it: the quotient of a less its remainder, which is then an integer but
/// for rounding; a / b if b is 0.
@inline(__always)
func floorDivide<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> T {
  if b == 0 { return a / b }
  let remainder = a.truncatingRemainder(dividingBy: b)
  var quotient = (a - remainder) / b
  if remainder != 0 && (remainder < 0) != (b < 0) { quotient -= 1 }
  // A zero has the sign of the quotient, which may be zero itself.
  if quotient == 0 { return (a / b).sign == .minus ? -0.0 : 0 }
  let floor = quotient.rounded(.down)
  return quotient - floor > 0.5 ? floor + 1 : floor
}
