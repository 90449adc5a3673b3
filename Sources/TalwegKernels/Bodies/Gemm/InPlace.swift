internal import CIntrinsics

// A product that is small, or of few rows or columns, is over before the packing of A would pay: the tile reads A
// where it lies, and of a small one or few rows B too where its rows are contiguous. The tile's sums are those of
// the packed product, so that the choice of a path changes no bit.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// C = alpha A B + beta C for A in place; C's rows are contiguous. Rows of B lie `bDepth` apart, panels of
  /// it `bPanel` elements: 1 column of B in place is 1 element, packed it is k.
  @inline(__always)
  static func multiplyInPlace(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Element>, _ rsa: Int, _ csa: Int,
    _ b: UnsafePointer<Element>, _ bDepth: Int, _ bColumn: Int,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ alpha: Vector, _ beta: Vector, _ readsC: Bool,
    _ epilogue: UnsafePointer<tk_gemm_epilogue>?, _ row: Int, _ column: Int
  ) {
    var j = 0
    while j < n {
      let width = min(columns, n &- j)
      let bPanel = b + j &* bColumn
      let corner = c + j
      if width == columns {
        var i = 0
        while i &+ rows <= m {
          multiplyTile(
            Rows.self, k, a + i &* rsa, rsa, csa, bPanel, bDepth, nil, corner + i &* rsc, rsc, nil,
            alpha, beta, readsC)
          i &+= rows
        }
        if i < m {
          strips(
            Wide<Vector>.self, k, a + i &* rsa, rsa, csa, bPanel, bDepth, nil, corner + i &* rsc, rsc, m &- i, nil,
            alpha, beta, readsC)
        }
      } else if width > Vector.lanes {
        let last = Vector.first(width &- Vector.lanes)
        strips(
          Wide<Vector>.self, k, a, rsa, csa, bPanel, bDepth, last, corner, rsc, m, last, alpha, beta, readsC)
      } else {
        let last = Vector.first(width)
        strips(
          Narrow<Vector>.self, k, a, rsa, csa, bPanel, bDepth, last, corner, rsc, m, last, alpha, beta, readsC)
      }
      if let epilogue { Vector.finish(epilogue, row, column &+ j, m, width, corner, rsc) }
      j &+= columns
    }
  }
}
