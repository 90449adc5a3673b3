// Named functions, not closures: those the optimiser leaves as a call for each vector.
typealias UnaryF32 = (VectorF32) -> VectorF32
typealias UnaryF64 = (VectorF64) -> VectorF64
typealias BinaryF32 = (VectorF32, VectorF32) -> VectorF32
typealias BinaryF64 = (VectorF64, VectorF64) -> VectorF64

extension KernelTable {
  /// Elementary functions, each with its error at its definition.
  func setVectorElementary() {
    set(UnaryOp.exp, .float32) { mapElementary($0, $1, $2, $3, $4, exp as UnaryF32) }
    set(UnaryOp.exp, .float64) { mapElementary($0, $1, $2, $3, $4, exp as UnaryF64) }
    set(UnaryOp.expm1, .float32) { mapElementary($0, $1, $2, $3, $4, expm1 as UnaryF32) }
    set(UnaryOp.expm1, .float64) { mapElementary($0, $1, $2, $3, $4, expm1 as UnaryF64) }
    set(UnaryOp.log, .float32) { mapElementary($0, $1, $2, $3, $4, log as UnaryF32) }
    set(UnaryOp.log, .float64) { mapElementary($0, $1, $2, $3, $4, log as UnaryF64) }
    set(UnaryOp.log1p, .float32) { mapElementary($0, $1, $2, $3, $4, log1p as UnaryF32) }
    set(UnaryOp.log1p, .float64) { mapElementary($0, $1, $2, $3, $4, log1p as UnaryF64) }
    set(UnaryOp.sigmoid, .float32) { mapElementary($0, $1, $2, $3, $4, sigmoid as UnaryF32) }
    set(UnaryOp.sigmoid, .float64) { mapElementary($0, $1, $2, $3, $4, sigmoid as UnaryF64) }
    set(UnaryOp.softplus, .float32) { mapElementary($0, $1, $2, $3, $4, softplus as UnaryF32) }
    set(UnaryOp.softplus, .float64) { mapElementary($0, $1, $2, $3, $4, softplus as UnaryF64) }
    set(UnaryOp.tanh, .float32) { mapElementary($0, $1, $2, $3, $4, tanh as UnaryF32) }
    set(UnaryOp.tanh, .float64) { mapElementary($0, $1, $2, $3, $4, tanh as UnaryF64) }
    set(UnaryOp.erf, .float32) { mapElementary($0, $1, $2, $3, $4, erf as UnaryF32) }
    set(UnaryOp.erf, .float64) { mapElementary($0, $1, $2, $3, $4, erf as UnaryF64) }
    set(UnaryOp.gelu, .float32) { mapElementary($0, $1, $2, $3, $4, gelu as UnaryF32) }
    set(UnaryOp.gelu, .float64) { mapElementary($0, $1, $2, $3, $4, gelu as UnaryF64) }
    set(UnaryOp.log2, .float32) { mapElementary($0, $1, $2, $3, $4, log2 as UnaryF32) }
    set(UnaryOp.log2, .float64) { mapElementary($0, $1, $2, $3, $4, log2 as UnaryF64) }
    set(UnaryOp.log10, .float32) { mapElementary($0, $1, $2, $3, $4, log10 as UnaryF32) }
    set(UnaryOp.log10, .float64) { mapElementary($0, $1, $2, $3, $4, log10 as UnaryF64) }
    set(UnaryOp.sin, .float32) { mapElementary($0, $1, $2, $3, $4, sin as UnaryF32) }
    set(UnaryOp.sin, .float64) { mapElementary($0, $1, $2, $3, $4, sin as UnaryF64) }
    set(UnaryOp.cos, .float32) { mapElementary($0, $1, $2, $3, $4, cos as UnaryF32) }
    set(UnaryOp.cos, .float64) { mapElementary($0, $1, $2, $3, $4, cos as UnaryF64) }
    set(UnaryOp.tan, .float32) { mapElementary($0, $1, $2, $3, $4, tan as UnaryF32) }
    set(UnaryOp.tan, .float64) { mapElementary($0, $1, $2, $3, $4, tan as UnaryF64) }
    set(UnaryOp.asin, .float32) { mapElementary($0, $1, $2, $3, $4, asin as UnaryF32) }
    set(UnaryOp.asin, .float64) { mapElementary($0, $1, $2, $3, $4, asin as UnaryF64) }
    set(UnaryOp.acos, .float32) { mapElementary($0, $1, $2, $3, $4, acos as UnaryF32) }
    set(UnaryOp.acos, .float64) { mapElementary($0, $1, $2, $3, $4, acos as UnaryF64) }
    set(UnaryOp.atan, .float32) { mapElementary($0, $1, $2, $3, $4, atan as UnaryF32) }
    set(UnaryOp.atan, .float64) { mapElementary($0, $1, $2, $3, $4, atan as UnaryF64) }
    set(UnaryOp.sinh, .float32) { mapElementary($0, $1, $2, $3, $4, sinh as UnaryF32) }
    set(UnaryOp.sinh, .float64) { mapElementary($0, $1, $2, $3, $4, sinh as UnaryF64) }
    set(UnaryOp.cosh, .float32) { mapElementary($0, $1, $2, $3, $4, cosh as UnaryF32) }
    set(UnaryOp.cosh, .float64) { mapElementary($0, $1, $2, $3, $4, cosh as UnaryF64) }
    set(BinaryOp.power, .float32) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, power as BinaryF32)
    }
    set(BinaryOp.power, .float64) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, power as BinaryF64)
    }
    set(BinaryOp.atan2, .float32) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, atan2 as BinaryF32)
    }
    set(BinaryOp.atan2, .float64) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, atan2 as BinaryF64)
    }
    set(BinaryOp.geluGrad, .float32) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, geluGrad as BinaryF32)
    }
    set(BinaryOp.geluGrad, .float64) {
      zipElementary($0, $1, $2, $3, $4, $5, $6, geluGrad as BinaryF64)
    }
  }
}
