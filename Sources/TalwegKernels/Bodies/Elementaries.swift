extension KernelTable {
  /// Elementary functions, each with its error at its definition.
  func setVectorElementary() {
    set(UnaryOp.exp, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in exp(x) } }
    set(UnaryOp.exp, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in exp(x) } }
    set(UnaryOp.expm1, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in expm1(x) } }
    set(UnaryOp.expm1, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in expm1(x) } }
    set(UnaryOp.log, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in log(x) } }
    set(UnaryOp.log, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in log(x) } }
    set(UnaryOp.log1p, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in log1p(x) } }
    set(UnaryOp.log1p, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in log1p(x) } }
    set(UnaryOp.sigmoid, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in sigmoid(x) } }
    set(UnaryOp.sigmoid, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in sigmoid(x) } }
    set(UnaryOp.softplus, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in softplus(x) } }
    set(UnaryOp.softplus, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in softplus(x) } }
    set(UnaryOp.tanh, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in tanh(x) } }
    set(UnaryOp.tanh, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in tanh(x) } }
    set(UnaryOp.erf, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in erf(x) } }
    set(UnaryOp.erf, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in erf(x) } }
    set(UnaryOp.gelu, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in gelu(x) } }
    set(UnaryOp.gelu, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in gelu(x) } }
    set(UnaryOp.log2, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in log2(x) } }
    set(UnaryOp.log2, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in log2(x) } }
    set(UnaryOp.log10, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in log10(x) } }
    set(UnaryOp.log10, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in log10(x) } }
    set(UnaryOp.sin, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in sin(x) } }
    set(UnaryOp.sin, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in sin(x) } }
    set(UnaryOp.cos, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in cos(x) } }
    set(UnaryOp.cos, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in cos(x) } }
    set(UnaryOp.tan, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in tan(x) } }
    set(UnaryOp.tan, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in tan(x) } }
    set(UnaryOp.asin, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in asin(x) } }
    set(UnaryOp.asin, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in asin(x) } }
    set(UnaryOp.acos, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in acos(x) } }
    set(UnaryOp.acos, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in acos(x) } }
    set(UnaryOp.atan, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in atan(x) } }
    set(UnaryOp.atan, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in atan(x) } }
    set(UnaryOp.sinh, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in sinh(x) } }
    set(UnaryOp.sinh, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in sinh(x) } }
    set(UnaryOp.cosh, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in cosh(x) } }
    set(UnaryOp.cosh, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in cosh(x) } }
    set(BinaryOp.power, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in power(a, b) }
    }
    set(BinaryOp.power, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in power(a, b) }
    }
    set(BinaryOp.atan2, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in atan2(a, b) }
    }
    set(BinaryOp.atan2, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in atan2(a, b) }
    }
    set(BinaryOp.geluGrad, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (x: VectorF32, g: VectorF32) in geluGrad(x, g) }
    }
    set(BinaryOp.geluGrad, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (x: VectorF64, g: VectorF64) in geluGrad(x, g) }
    }
  }
}
