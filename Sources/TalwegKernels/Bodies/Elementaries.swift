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
    set(BinaryOp.geluGrad, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (x: VectorF32, g: VectorF32) in geluGrad(x, g) }
    }
    set(BinaryOp.geluGrad, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (x: VectorF64, g: VectorF64) in geluGrad(x, g) }
    }
  }
}
