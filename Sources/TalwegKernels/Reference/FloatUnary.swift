extension KernelTable {
  /// y = f(x) of float32 and float64, exact or rounded once or twice. `sign` and `relu` keep NaN.
  func setFloatUnary() {
    set(UnaryOp.negative, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in -x } }
    set(UnaryOp.negative, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in -x } }
    set(UnaryOp.absolute, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.magnitude } }
    set(UnaryOp.absolute, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.magnitude } }
    set(UnaryOp.sign, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x > 0 ? 1 : x < 0 ? -1 : x } }
    set(UnaryOp.sign, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x > 0 ? 1 : x < 0 ? -1 : x } }
    set(UnaryOp.square, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x * x } }
    set(UnaryOp.square, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x * x } }
    set(UnaryOp.sqrt, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.squareRoot() } }
    set(UnaryOp.sqrt, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.squareRoot() } }
    set(UnaryOp.rsqrt, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in 1 / x.squareRoot() } }
    set(UnaryOp.rsqrt, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in 1 / x.squareRoot() } }
    set(UnaryOp.reciprocal, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in 1 / x } }
    set(UnaryOp.reciprocal, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in 1 / x } }
    set(UnaryOp.floor, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.rounded(.down) } }
    set(UnaryOp.floor, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.rounded(.down) } }
    set(UnaryOp.ceil, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.rounded(.up) } }
    set(UnaryOp.ceil, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.rounded(.up) } }
    set(UnaryOp.round, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.rounded(.toNearestOrEven) } }
    set(UnaryOp.round, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.rounded(.toNearestOrEven) } }
    set(UnaryOp.trunc, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x.rounded(.towardZero) } }
    set(UnaryOp.trunc, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x.rounded(.towardZero) } }
    set(UnaryOp.relu, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in x > 0 || x != x ? x : 0 } }
    set(UnaryOp.relu, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in x > 0 || x != x ? x : 0 } }
    set(UnaryOp.logicalNot, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x == 0) } }
    set(UnaryOp.logicalNot, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x == 0) } }
    set(UnaryOp.isnan, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x != x) } }
    set(UnaryOp.isnan, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x != x) } }
    set(UnaryOp.isfinite, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x.isFinite) } }
    set(UnaryOp.isfinite, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x.isFinite) } }
    set(UnaryOp.isinf, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in byte(x.isInfinite) } }
    set(UnaryOp.isinf, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in byte(x.isInfinite) } }
  }

  /// Elementary functions by the C library in double. In float32 the result is that double rounded.
  func setElementary() {
    set(UnaryOp.exp, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.exp(Double(x))) } }
    set(UnaryOp.exp, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.exp(x) } }
    set(UnaryOp.expm1, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.expm1(Double(x))) } }
    set(UnaryOp.expm1, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.expm1(x) } }
    set(UnaryOp.log, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.log(Double(x))) } }
    set(UnaryOp.log, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.log(x) } }
    set(UnaryOp.log1p, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.log1p(Double(x))) } }
    set(UnaryOp.log1p, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.log1p(x) } }
    set(UnaryOp.log2, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.log2(Double(x))) } }
    set(UnaryOp.log2, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.log2(x) } }
    set(UnaryOp.log10, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.log10(Double(x))) } }
    set(UnaryOp.log10, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.log10(x) } }
    set(UnaryOp.sin, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.sin(Double(x))) } }
    set(UnaryOp.sin, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.sin(x) } }
    set(UnaryOp.cos, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.cos(Double(x))) } }
    set(UnaryOp.cos, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.cos(x) } }
    set(UnaryOp.tan, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.tan(Double(x))) } }
    set(UnaryOp.tan, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.tan(x) } }
    set(UnaryOp.asin, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.asin(Double(x))) } }
    set(UnaryOp.asin, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.asin(x) } }
    set(UnaryOp.acos, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.acos(Double(x))) } }
    set(UnaryOp.acos, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.acos(x) } }
    set(UnaryOp.atan, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.atan(Double(x))) } }
    set(UnaryOp.atan, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.atan(x) } }
    set(UnaryOp.sinh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.sinh(Double(x))) } }
    set(UnaryOp.sinh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.sinh(x) } }
    set(UnaryOp.cosh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.cosh(Double(x))) } }
    set(UnaryOp.cosh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.cosh(x) } }
    set(UnaryOp.tanh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.tanh(Double(x))) } }
    set(UnaryOp.tanh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.tanh(x) } }
    set(UnaryOp.asinh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.asinh(Double(x))) } }
    set(UnaryOp.asinh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.asinh(x) } }
    set(UnaryOp.acosh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.acosh(Double(x))) } }
    set(UnaryOp.acosh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.acosh(x) } }
    set(UnaryOp.atanh, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.atanh(Double(x))) } }
    set(UnaryOp.atanh, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.atanh(x) } }
    set(UnaryOp.erf, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.erf(Double(x))) } }
    set(UnaryOp.erf, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.erf(x) } }
    set(UnaryOp.sigmoid, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.sigmoid(Double(x))) } }
    set(UnaryOp.sigmoid, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.sigmoid(x) } }
    set(UnaryOp.softplus, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.softplus(Double(x))) } }
    set(UnaryOp.softplus, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.softplus(x) } }
    set(UnaryOp.gelu, .float32) { mapLoop($0, $1, $2, $3, $4) { (x: Float) in Float(Reference.gelu(Double(x))) } }
    set(UnaryOp.gelu, .float64) { mapLoop($0, $1, $2, $3, $4) { (x: Double) in Reference.gelu(x) } }
  }
}
