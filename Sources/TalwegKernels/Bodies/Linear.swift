// Vector operations of linear algebra.

extension FloatVector {
  @inline(__always)
  static func dot(_ n: Int, _ x: UnsafeRawPointer, _ sx: Int, _ y: UnsafeRawPointer, _ sy: Int) -> Scalar {
    if sx == 1, sy == 1 {
      return sumVectors(n) {
        loadVector(x, 1, $0, $1, fill: 0, Self.self) * loadVector(y, 1, $0, $1, fill: 0, Self.self)
      }
    }
    return sumVectors(n) {
      loadVector(x, sx, $0, $1, fill: 0, Self.self) * loadVector(y, sy, $0, $1, fill: 0, Self.self)
    }
  }

  @inline(__always)
  static func axpy(_ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let alpha = Self(Scalar(alpha))
    zipVectors(n, x, 1, UnsafeRawPointer(y), 1, y, 1) { (x: Self, y: Self) in madd(alpha, x, y) }
  }

  @inline(__always)
  static func scale(_ n: Int, _ alpha: Double, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer) {
    let alpha = Self(Scalar(alpha))
    mapVectors(n, x, 1, y, 1) { (x: Self) in alpha * x }
  }
}

extension FloatKernels {
  mutating func setVectorLinearF32() {
    dot = { Double(VectorF32.dot($0, $1, $2, $3, $4)) }
    axpy = { VectorF32.axpy($0, $1, $2, $3) }
    scale = { VectorF32.scale($0, $1, $2, $3) }
    sumOfSquares = { $3.storeBytes(of: VectorF32.dot($0, $1, $2, $1, $2), as: Float.self) }
  }

  mutating func setVectorLinearF64() {
    dot = { Double(VectorF64.dot($0, $1, $2, $3, $4)) }
    axpy = { VectorF64.axpy($0, $1, $2, $3) }
    scale = { VectorF64.scale($0, $1, $2, $3) }
    sumOfSquares = { $3.storeBytes(of: VectorF64.dot($0, $1, $2, $1, $2), as: Double.self) }
  }
}
