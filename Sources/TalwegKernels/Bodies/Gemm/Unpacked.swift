// A small product is over before its packing would pay: the register tile reads A and B where they lie.
// The tile's sums are those of the packed product, so that the choice of a path changes no bit.

extension RegisterTile {
  /// Whether a product is small and laid out such that `gemmUnpacked` serves: rows of B and C contiguous,
  /// one block deep.
  @inline(__always)
  static func isSmall(_ blocks: GemmBlocks, _ m: Int, _ n: Int, _ k: Int, _ csb: Int, _ csc: Int) -> Bool {
    csb == 1 && csc == 1 && k <= blocks.kc && (m <= 2 &* rows || m &* n &* k <= 64 &* 64 &* 64)
  }

  /// C = alpha A B + beta C for k at most kc, csb = csc = 1. Whole tiles read A, B and C in place; tiles
  /// over the right edge read a packed copy of B's last columns, rows over the lower edge go one by one.
  @inline(__always)
  static func gemmUnpacked(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: Double,
    _ a: UnsafePointer<Vector.Scalar>, _ rsa: Int, _ csa: Int,
    _ b: UnsafePointer<Vector.Scalar>, _ rsb: Int, _ beta: Double,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int
  ) {
    let alpha = Vector(Vector.Scalar(alpha)), beta = Vector(Vector.Scalar(beta))
    let readsC = beta.lane(0) != 0
    let wholeRows = m &- m % rows
    let wholeColumns = n &- n % columns
    var j = 0
    while j < wholeColumns {
      var i = 0
      while i < wholeRows {
        multiply(
          k, a + i &* rsa, rsa, csa, b + j, rsb, c + (i &* rsc &+ j), rsc, alpha, beta, readsC)
        i &+= rows
      }
      j &+= columns
    }
    // The rest, a row of at most one vector at a time: below the whole tiles, then right of them.
    for i in wholeRows..<m {
      var j = 0
      while j < wholeColumns {
        multiplyRow(
          k, a + i &* rsa, csa, b + j, rsb, c + (i &* rsc &+ j), Vector.lanes, alpha, beta, readsC)
        j &+= Vector.lanes
      }
    }
    for i in 0..<m {
      var j = wholeColumns
      while j < n {
        let count = min(Vector.lanes, n &- j)
        multiplyRow(k, a + i &* rsa, csa, b + j, rsb, c + (i &* rsc &+ j), count, alpha, beta, readsC)
        j &+= Vector.lanes
      }
    }
  }

  /// One vector of C, of which `count` lanes exist.
  @inline(__always)
  private static func multiplyRow(
    _ k: Int, _ a: UnsafePointer<Vector.Scalar>, _ csa: Int, _ b: UnsafePointer<Vector.Scalar>, _ rsb: Int,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ count: Int, _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    var sum = Vector(0)
    for p in 0..<k {
      let row = loadVector(b + p &* rsb, 1, 0, count, fill: 0, Vector.self)
      sum = madd(Vector(a[p &* csa]), row, sum)
    }
    var result = alpha * sum
    if readsC { result = madd(beta, loadVector(c, 1, 0, count, fill: 0, Vector.self), result) }
    if count == Vector.lanes { result.store(c) } else { result.store(c, first: count) }
  }
}
