// The operations that a table is indexed by. What each computes is written in Reference/.

/// y = f(x). The result has x's type, except for the last five, which write bool.
public enum UnaryOp: Int, Sendable, CaseIterable {
  case negative, absolute, sign, square, sqrt, rsqrt, reciprocal
  case exp, expm1, log, log1p, log2, log10
  case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
  case sigmoid, softplus, erf
  /// `round` takes halves to the even neighbour.
  case floor, ceil, round, trunc
  /// `gelu` is x * (1 + erf(x / sqrt 2)) / 2.
  case relu, gelu
  case logicalNot, isnan, isfinite, isinf
  /// Whether the sign is negative, of zeros and NaN too.
  case signbit

  public var writesBool: Bool { rawValue >= UnaryOp.logicalNot.rawValue }
}

/// y = f(a, b), all of one type.
public enum BinaryOp: Int, Sendable, CaseIterable {
  case add, subtract, multiply, divide
  /// Python's `//` and `%`: the remainder has the divisor's sign. Integers: x // 0 and x % 0 are 0.
  case floorDivide, remainder
  /// Integers wrap around; a negative exponent gives 0, except for the bases 1 and -1.
  case power
  /// NaN in either operand gives NaN.
  case maximum, minimum
  case atan2
  /// `hypot` is the root of the sum of squares, `logaddexp` log(exp a + exp b), both without overflow; `copysign` has
  /// a's size and b's sign.
  case hypot, logaddexp, copysign
  case logicalAnd, logicalOr, logicalXor
  case bitAnd, bitOr, bitXor
  /// Integers: b bits up or down. A b that is negative or has the type's bits or more leaves 0, or down the sign.
  case leftShift, rightShift
  /// The number next to a towards b; b where they are equal.
  case nextafter
  /// (x, g): x > 0 ? g : 0
  case reluGrad
  /// (y, g): g y (1 - y), where y = sigmoid(x)
  case sigmoidGrad
  /// (y, g): g (1 - y^2), where y = tanh(x)
  case tanhGrad
  /// (x, g): g (Phi(x) + x phi(x)), the derivative of `gelu`
  case geluGrad
}

/// y = a ? b as a bool byte.
public enum CompareOp: Int, Sendable, CaseIterable {
  case equal, notEqual, less, lessEqual, greater, greaterEqual
}

/// Of no elements: 0, 1, the least value, the greatest value, false, true.
/// `max` and `min` of floats give NaN if an element is NaN.
public enum ReduceOp: Int, Sendable, CaseIterable {
  case sum, product, max, min, any, all
}
