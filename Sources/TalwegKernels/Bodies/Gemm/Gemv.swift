// y = alpha A x + beta y, bound by memory: each element of A is read once, in the order in which it lies.

extension FloatVector {
  @inline(__always)
  static func gemv(
    _ m: Int, _ n: Int, _ alpha: Double, _ a: UnsafePointer<Scalar>, _ rsa: Int, _ csa: Int,
    _ x: UnsafePointer<Scalar>, _ sx: Int, _ beta: Double, _ y: UnsafeMutablePointer<Scalar>, _ sy: Int
  ) {
    let alpha = Scalar(alpha), beta = Scalar(beta)
    if rsa == 1 && csa != 1 {
      columnwise(m, n, alpha, a, csa, x, sx, beta, y, sy)
    } else {
      for i in 0..<m {
        let sum = alpha == 0 ? 0 : dot(n, a + i &* rsa, csa, x, sx)
        let element = y + i &* sy
        element.pointee = beta == 0 ? alpha * sum : alpha * sum + beta * element.pointee
      }
    }
  }

  /// For A with contiguous columns: a vector of rows at a time, summed over the columns in order.
  @inline(__always)
  private static func columnwise(
    _ m: Int, _ n: Int, _ alpha: Scalar, _ a: UnsafePointer<Scalar>, _ csa: Int,
    _ x: UnsafePointer<Scalar>, _ sx: Int, _ beta: Scalar, _ y: UnsafeMutablePointer<Scalar>, _ sy: Int
  ) {
    var i = 0
    while i < m {
      let count = min(lanes, m &- i)
      var sum = Self(0)
      if alpha != 0 {
        for j in 0..<n {
          let column = loadVector(a + (i &+ j &* csa), 1, 0, count, fill: 0, Self.self)
          sum = madd(column, Self(x[j &* sx]), sum)
        }
      }
      var result = Self(alpha) * sum
      if beta != 0 {
        let old = loadVector(y + i &* sy, sy, 0, count, fill: 0, Self.self)
        result = madd(Self(beta), old, result)
      }
      result.store(y + i &* sy, stride: sy, first: count)
      i &+= lanes
    }
  }
}
