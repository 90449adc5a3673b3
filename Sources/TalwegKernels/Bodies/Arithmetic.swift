extension KernelTable {
  /// Elementwise arithmetic: one or two instructions an element.
  func setVectorArithmetic() {
    set(UnaryOp.negative, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in -x } }
    set(UnaryOp.negative, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in -x } }
    set(UnaryOp.absolute, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.magnitude } }
    set(UnaryOp.absolute, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.magnitude } }
    set(UnaryOp.sign, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in VectorF32.sign(x) } }
    set(UnaryOp.sign, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in VectorF64.sign(x) } }
    set(UnaryOp.square, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x * x } }
    set(UnaryOp.square, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x * x } }
    set(UnaryOp.sqrt, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.squareRoot } }
    set(UnaryOp.sqrt, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.squareRoot } }
    set(UnaryOp.rsqrt, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in VectorF32(1) / x.squareRoot } }
    set(UnaryOp.rsqrt, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in VectorF64(1) / x.squareRoot } }
    set(UnaryOp.reciprocal, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in VectorF32(1) / x } }
    set(UnaryOp.reciprocal, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in VectorF64(1) / x } }
    set(UnaryOp.floor, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.floor } }
    set(UnaryOp.floor, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.floor } }
    set(UnaryOp.ceil, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.ceil } }
    set(UnaryOp.ceil, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.ceil } }
    set(UnaryOp.round, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.round } }
    set(UnaryOp.round, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.round } }
    set(UnaryOp.trunc, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in x.trunc } }
    set(UnaryOp.trunc, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in x.trunc } }
    set(UnaryOp.relu, .float32) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF32) in VectorF32.maximum(x, VectorF32(0)) } }
    set(UnaryOp.relu, .float64) { mapVectors($0, $1, $2, $3, $4) { (x: VectorF64) in VectorF64.maximum(x, VectorF64(0)) } }
    set(BinaryOp.add, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a + b }
    }
    set(BinaryOp.add, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a + b }
    }
    set(BinaryOp.subtract, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a - b }
    }
    set(BinaryOp.subtract, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a - b }
    }
    set(BinaryOp.multiply, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a * b }
    }
    set(BinaryOp.multiply, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a * b }
    }
    set(BinaryOp.divide, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a / b }
    }
    set(BinaryOp.divide, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a / b }
    }
    set(BinaryOp.maximum, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in VectorF32.maximum(a, b) }
    }
    set(BinaryOp.maximum, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in VectorF64.maximum(a, b) }
    }
    set(BinaryOp.minimum, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in VectorF32.minimum(a, b) }
    }
    set(BinaryOp.minimum, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in VectorF64.minimum(a, b) }
    }
    set(BinaryOp.reluGrad, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in VectorF32.select(VectorF32(0) < a, b, VectorF32(0)) }
    }
    set(BinaryOp.reluGrad, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in VectorF64.select(VectorF64(0) < a, b, VectorF64(0)) }
    }
    set(BinaryOp.sigmoidGrad, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in b * (a * (VectorF32(1) - a)) }
    }
    set(BinaryOp.sigmoidGrad, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in b * (a * (VectorF64(1) - a)) }
    }
    set(BinaryOp.tanhGrad, .float32) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in b * (VectorF32(1) - a * a) }
    }
    set(BinaryOp.tanhGrad, .float64) {
      zipVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in b * (VectorF64(1) - a * a) }
    }
  }

  func setVectorCompare() {
    set(CompareOp.equal, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a == b }
    }
    set(CompareOp.equal, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a == b }
    }
    set(CompareOp.notEqual, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a != b }
    }
    set(CompareOp.notEqual, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a != b }
    }
    set(CompareOp.less, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a < b }
    }
    set(CompareOp.less, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a < b }
    }
    set(CompareOp.lessEqual, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in a <= b }
    }
    set(CompareOp.lessEqual, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in a <= b }
    }
    set(CompareOp.greater, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in b < a }
    }
    set(CompareOp.greater, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in b < a }
    }
    set(CompareOp.greaterEqual, .float32) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF32, b: VectorF32) in b <= a }
    }
    set(CompareOp.greaterEqual, .float64) {
      compareVectors($0, $1, $2, $3, $4, $5, $6) { (a: VectorF64, b: VectorF64) in b <= a }
    }
  }
}

extension FloatVector {
  /// -1, 0 or 1, and NaN for NaN; 0 for -0.
  @inline(__always) static func sign(_ x: Self) -> Self {
    select(x < Self(0), Self(-1), select(Self(0) < x, Self(1), x + Self(0)))
  }
}
