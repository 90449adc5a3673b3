extension RegisterTile {
  /// C = alpha A B + beta C for a packed block of A (m x k) and a packed panel of B (k x n), tile by tile.
  /// C's columns are contiguous if `csc` is 1; other strides, and tiles over the edge, pass through a
  /// tile in memory.
  @inline(__always)
  static func multiplyPacked(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Vector.Scalar>, _ b: UnsafePointer<Vector.Scalar>,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int, _ csc: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    var j = 0
    while j < n {
      let width = min(columns, n &- j)
      let bPanel = b + j &* k
      var i = 0
      while i < m {
        let height = min(rows, m &- i)
        let aPanel = a + i &* k
        let corner = c + (i &* rsc &+ j &* csc)
        if width == columns && height == rows && csc == 1 {
          multiply(k, aPanel, 1, rows, bPanel, columns, corner, rsc, alpha, beta, readsC)
        } else {
          multiplyEdge(k, aPanel, bPanel, corner, rsc, csc, height, width, alpha, beta, readsC)
        }
        i &+= rows
      }
      j &+= columns
    }
  }

  /// A tile of which only height x width elements exist in C, or whose columns are strided. The arithmetic
  /// is the full tile's, on a copy, so that an element's bits do not depend on where the tile was cut.
  @inline(__always)
  private static func multiplyEdge(
    _ k: Int, _ a: UnsafePointer<Vector.Scalar>, _ b: UnsafePointer<Vector.Scalar>,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rsc: Int, _ csc: Int, _ height: Int, _ width: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    // 12 rows of two 64-byte vectors at most.
    var buffer = TileBuffer()
    withUnsafeMutablePointer(to: &buffer) { pointer in
      let tile = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Vector.Scalar.self)
      if readsC {
        for i in 0..<height {
          for j in 0..<width { tile[i &* columns &+ j] = c[i &* rsc &+ j &* csc] }
        }
      }
      multiply(k, a, 1, rows, b, columns, tile, columns, alpha, beta, readsC)
      for i in 0..<height {
        for j in 0..<width { c[i &* rsc &+ j &* csc] = tile[i &* columns &+ j] }
      }
    }
  }
}

/// Room for the largest register tile: 12 x 128 bytes.
struct TileBuffer {
  typealias Line = SIMD64<UInt8>
  var lines:
    (
      Line, Line, Line, Line, Line, Line, Line, Line, Line, Line, Line, Line,
      Line, Line, Line, Line, Line, Line, Line, Line, Line, Line, Line, Line
    )
  @inline(__always) init() {
    let zero = Line.zero
    lines = (
      zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
      zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero
    )
  }
}
