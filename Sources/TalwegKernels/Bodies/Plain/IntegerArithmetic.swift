// Integer arithmetic that never traps. Sums, differences and products wrap around as in C with -fwrapv.

/// Rounds towards minus infinity; x // 0 is 0, and the least value // -1 wraps to itself.
@inline(__always)
func floorDivide<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  if b == 0 { return 0 }
  if T.isSigned && b == 0 &- 1 { return 0 &- a }
  let quotient = a / b
  return (a % b != 0 && (a < 0) != (b < 0)) ? quotient &- 1 : quotient
}

/// Has the sign of b; x % 0 is 0.
@inline(__always)
func floorRemainder<T: FixedWidthInteger>(_ a: T, _ b: T) -> T {
  if b == 0 || (T.isSigned && b == 0 &- 1) { return 0 }
  let remainder = a % b
  return (remainder != 0 && (remainder < 0) != (b < 0)) ? remainder &+ b : remainder
}

/// By squaring, wrapping around. A negative exponent gives 0, except for the bases 1 and -1.
@inline(__always)
func integerPower<T: FixedWidthInteger>(_ base: T, _ exponent: T) -> T {
  if exponent < 0 {
    if base == 1 { return 1 }
    if base == 0 &- 1 { return exponent & 1 == 0 ? 1 : base }
    return 0
  }
  var result: T = 1
  var square = base
  var rest = exponent
  while rest != 0 {
    if rest & 1 == 1 { result = result &* square }
    square = square &* square
    rest = rest >> 1
  }
  return result
}

@inline(__always)
func integerSign<T: FixedWidthInteger>(_ x: T) -> T { x > 0 ? 1 : x < 0 ? 0 &- 1 : 0 }

@inline(__always)
func integerAbsolute<T: FixedWidthInteger>(_ x: T) -> T { x < 0 ? 0 &- x : x }
