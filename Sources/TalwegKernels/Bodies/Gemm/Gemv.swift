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
    } else if csa == 1, sx == 1, n <= shortRow, alpha != 0 {
      shortRows(m, n, alpha, a, rsa, x, beta, y, sy)
    } else {
      for i in 0..<m {
        let sum = alpha == 0 ? 0 : dot(n, a + i &* rsa, csa, x, sx)
        finishRow(sum, alpha, beta, y + i &* sy)
      }
    }
  }

  /// Elements of rows that are over before one alone has filled the pipelines.
  @inline(__always) private static var shortRow: Int { 256 }

  /// Four rows at a time, each summed in two chains.
  @inline(__always)
  private static func shortRows(
    _ m: Int, _ n: Int, _ alpha: Scalar, _ a: UnsafePointer<Scalar>, _ rsa: Int,
    _ x: UnsafePointer<Scalar>, _ beta: Scalar, _ y: UnsafeMutablePointer<Scalar>, _ sy: Int
  ) {
    var i = 0
    while i < m {
      // Rows that are not there are the last one again.
      let a0 = a + i &* rsa, a1 = a + min(i &+ 1, m &- 1) &* rsa
      let a2 = a + min(i &+ 2, m &- 1) &* rsa, a3 = a + min(i &+ 3, m &- 1) &* rsa
      var s0 = Self(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0
      var j = 0
      while j &+ 2 &* lanes <= n {
        let u = load(x + j), v = load(x + (j &+ lanes))
        s0 = madd(load(a0 + j), u, s0)
        s1 = madd(load(a1 + j), u, s1)
        s2 = madd(load(a2 + j), u, s2)
        s3 = madd(load(a3 + j), u, s3)
        t0 = madd(load(a0 + (j &+ lanes)), v, t0)
        t1 = madd(load(a1 + (j &+ lanes)), v, t1)
        t2 = madd(load(a2 + (j &+ lanes)), v, t2)
        t3 = madd(load(a3 + (j &+ lanes)), v, t3)
        j &+= 2 &* lanes
      }
      while j < n {
        let count = min(lanes, n &- j), u = loadVector(x, 1, j, count, fill: 0, Self.self)
        s0 = madd(loadVector(a0, 1, j, count, fill: 0, Self.self), u, s0)
        s1 = madd(loadVector(a1, 1, j, count, fill: 0, Self.self), u, s1)
        s2 = madd(loadVector(a2, 1, j, count, fill: 0, Self.self), u, s2)
        s3 = madd(loadVector(a3, 1, j, count, fill: 0, Self.self), u, s3)
        j &+= lanes
      }
      finishRow((s0 + t0).sumOfLanes, alpha, beta, y + i &* sy)
      if i &+ 1 < m { finishRow((s1 + t1).sumOfLanes, alpha, beta, y + (i &+ 1) &* sy) }
      if i &+ 2 < m { finishRow((s2 + t2).sumOfLanes, alpha, beta, y + (i &+ 2) &* sy) }
      if i &+ 3 < m { finishRow((s3 + t3).sumOfLanes, alpha, beta, y + (i &+ 3) &* sy) }
      i &+= 4
    }
  }

  @inline(__always)
  private static func finishRow(_ sum: Scalar, _ alpha: Scalar, _ beta: Scalar, _ y: UnsafeMutablePointer<Scalar>) {
    y.pointee = beta == 0 ? alpha * sum : alpha * sum + beta * y.pointee
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
    while i &+ 4 &* lanes <= m {
      var s0 = Self(0), s1 = s0, s2 = s0, s3 = s0
      for j in 0..<n {
        let column = a + (i &+ j &* csa), factor = Self(x[j &* sx])
        s0 = madd(load(column), factor, s0)
        s1 = madd(load(column + lanes), factor, s1)
        s2 = madd(load(column + 2 &* lanes), factor, s2)
        s3 = madd(load(column + 3 &* lanes), factor, s3)
      }
      finish(s0, lanes, alpha, beta, y + i &* sy, sy)
      finish(s1, lanes, alpha, beta, y + (i &+ lanes) &* sy, sy)
      finish(s2, lanes, alpha, beta, y + (i &+ 2 &* lanes) &* sy, sy)
      finish(s3, lanes, alpha, beta, y + (i &+ 3 &* lanes) &* sy, sy)
      i &+= 4 &* lanes
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
