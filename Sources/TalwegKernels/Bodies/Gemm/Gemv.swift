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

  /// For A with contiguous columns: strips of rows, each summed over the columns in order. A strip is wide, so
  /// that what is read of a column is more than a line of a page.
  @inline(__always)
  private static func columnwise(
    _ m: Int, _ n: Int, _ alpha: Scalar, _ a: UnsafePointer<Scalar>, _ csa: Int,
    _ x: UnsafePointer<Scalar>, _ sx: Int, _ beta: Scalar, _ y: UnsafeMutablePointer<Scalar>, _ sy: Int
  ) {
    let n = alpha == 0 ? 0 : n
    var i = 0
    while i &+ 8 &* lanes <= m {
      var s0 = Self(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0
      for j in 0..<n {
        let column = a + (i &+ j &* csa), factor = Self(x[j &* sx])
        s0 = madd(load(column), factor, s0)
        s1 = madd(load(column + lanes), factor, s1)
        s2 = madd(load(column + 2 &* lanes), factor, s2)
        s3 = madd(load(column + 3 &* lanes), factor, s3)
        s4 = madd(load(column + 4 &* lanes), factor, s4)
        s5 = madd(load(column + 5 &* lanes), factor, s5)
        s6 = madd(load(column + 6 &* lanes), factor, s6)
        s7 = madd(load(column + 7 &* lanes), factor, s7)
      }
      finish(s0, lanes, alpha, beta, y + i &* sy, sy)
      finish(s1, lanes, alpha, beta, y + (i &+ lanes) &* sy, sy)
      finish(s2, lanes, alpha, beta, y + (i &+ 2 &* lanes) &* sy, sy)
      finish(s3, lanes, alpha, beta, y + (i &+ 3 &* lanes) &* sy, sy)
      finish(s4, lanes, alpha, beta, y + (i &+ 4 &* lanes) &* sy, sy)
      finish(s5, lanes, alpha, beta, y + (i &+ 5 &* lanes) &* sy, sy)
      finish(s6, lanes, alpha, beta, y + (i &+ 6 &* lanes) &* sy, sy)
      finish(s7, lanes, alpha, beta, y + (i &+ 7 &* lanes) &* sy, sy)
      i &+= 8 &* lanes
    }
    while i < m {
      let count = min(lanes, m &- i)
      var sum = Self(0)
      for j in 0..<n {
        let column = loadVector(a + (i &+ j &* csa), 1, 0, count, fill: 0, Self.self)
        sum = madd(column, Self(x[j &* sx]), sum)
      }
      finish(sum, count, alpha, beta, y + i &* sy, sy)
      i &+= lanes
    }
  }

  /// y = alpha sum + beta y
  @inline(__always)
  private static func finish(
    _ sum: Self, _ count: Int, _ alpha: Scalar, _ beta: Scalar, _ y: UnsafeMutablePointer<Scalar>, _ sy: Int
  ) {
    var result = Self(alpha) * sum
    if beta != 0 { result = madd(Self(beta), loadVector(y, sy, 0, count, fill: 0, Self.self), result) }
    result.store(y, stride: sy, first: count)
  }
}
