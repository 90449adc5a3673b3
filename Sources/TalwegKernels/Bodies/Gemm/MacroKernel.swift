internal import CIntrinsics

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// Without an epilogue.
  @inline(__always)
  static func multiplyPacked(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ csc: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    multiplyPacked(m, n, k, a, b, c, rsc, csc, alpha, beta, readsC, nil, 0, 0)
  }

  /// Tile by tile. C's columns are contiguous if `csc` is 1; with another stride a tile passes through memory.
  @inline(__always)
  static func multiplyPacked(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ csc: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool,
    _ epilogue: UnsafePointer<tk_gemm_epilogue>?, _ row: Int, _ column: Int
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
        if csc != 1 {
          multiplyStrided(
            k, aPanel, bPanel, corner, rsc, csc, height, width, alpha, beta, readsC,
            epilogue, row &+ i, column &+ j)
        } else {
          if width == columns && height == rows {
            for r in 0..<rows {
              tk_prefetch_for_write(corner + r &* rsc)
              tk_prefetch_for_write(corner + (r &* rsc &+ Vector.lanes))
            }
            multiplyWholeTile(
              Rows.self, k, aPanel, bPanel, columns,
              Upcoming(UnsafeRawPointer(i &+ rows < m ? aPanel + rows &* k : a), rows &* size),
              upcomingB(k, i / rows, bPanel, j &+ columns < n), corner, rsc, alpha, beta, readsC)
          } else {
            multiplyEdge(k, aPanel, 1, rows, bPanel, columns, corner, rsc, height, width, alpha, beta, readsC)
          }
          if let epilogue { Vector.finish(epilogue, row &+ i, column &+ j, height, width, corner, rsc) }
        }
        i &+= rows
      }
      j &+= columns
    }
  }

  /// What tile number `index` of a column of tiles brings near of B's next panel: a line for each step, until it
  /// is all there. Nothing beyond the last panel, which may be no memory at all, and slow to find that out.
  @inline(__always)
  private static func upcomingB(_ k: Int, _ index: Int, _ panel: UnsafePointer<Element>, _ hasNext: Bool) -> Upcoming {
    if !hasNext || index &* 64 >= columns &* size { return Upcoming(UnsafeRawPointer(panel), 0) }
    return Upcoming(UnsafeRawPointer(panel + columns &* k) + index &* k &* 64, columns &* size)
  }

  @inline(__always) private static var size: Int { MemoryLayout<Element>.size }

  /// The part of a tile that exists, height x width, with C's rows contiguous: in strips of fewer rows. B is
  /// read in whole vectors. An element's sum is the whole tile's, so that its bits do not depend on where C
  /// was cut.
  @inline(__always)
  static func multiplyEdge(
    _ k: Int, _ a: UnsafePointer<Element>, _ aRow: Int, _ aDepth: Int, _ b: UnsafePointer<Element>, _ bDepth: Int,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ height: Int, _ width: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) {
    if width > Vector.lanes {
      let last = Vector.first(width &- Vector.lanes)
      strips(Wide<Vector>.self, k, a, aRow, aDepth, b, bDepth, nil, c, rsc, height, last, alpha, beta, readsC)
    } else {
      let last = Vector.first(width)
      strips(Narrow<Vector>.self, k, a, aRow, aDepth, b, bDepth, nil, c, rsc, height, last, alpha, beta, readsC)
    }
  }

  /// `height` rows in strips of 12, 8, 4, 2 and 1.
  @inline(__always)
  static func strips<Line: TileLine>(
    _: Line.Type, _ k: Int, _ a: UnsafePointer<Element>, _ aRow: Int, _ aDepth: Int,
    _ b: UnsafePointer<Element>, _ bDepth: Int, _ loaded: Vector.Lanes?,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ height: Int, _ last: Vector.Lanes?,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool
  ) where Line.Vector == Vector {
    var i = 0
    while i < height {
      let rest = height &- i
      let from = a + i &* aRow, to = c + i &* rsc
      if rest >= 12 && rows >= 12 {
        multiplyTile(
          TwelveRows<Line>.self, k, from, aRow, aDepth, b, bDepth, loaded, to, rsc, last, alpha, beta, readsC)
        i &+= 12
      } else if rest >= 8 && rows >= 8 {
        multiplyTile(
          EightRows<Line>.self, k, from, aRow, aDepth, b, bDepth, loaded, to, rsc, last, alpha, beta, readsC)
        i &+= 8
      } else if rest >= 4 {
        multiplyTile(
          FourRows<Line>.self, k, from, aRow, aDepth, b, bDepth, loaded, to, rsc, last, alpha, beta, readsC)
        i &+= 4
      } else if rest >= 2 {
        multiplyTile(
          TwoRows<Line>.self, k, from, aRow, aDepth, b, bDepth, loaded, to, rsc, last, alpha, beta, readsC)
        i &+= 2
      } else {
        multiplyTile(
          OneRow<Line>.self, k, from, aRow, aDepth, b, bDepth, loaded, to, rsc, last, alpha, beta, readsC)
        i &+= 1
      }
    }
  }

  /// A tile whose columns are strided, by way of a copy.
  @inline(__always)
  private static func multiplyStrided(
    _ k: Int, _ a: UnsafePointer<Element>, _ b: UnsafePointer<Element>,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int, _ csc: Int, _ height: Int, _ width: Int,
    _ alpha: Vector, _ beta: Vector, _ readsC: Bool,
    _ epilogue: UnsafePointer<tk_gemm_epilogue>?, _ row: Int, _ column: Int
  ) {
    var buffer = TileBuffer()
    withUnsafeMutablePointer(to: &buffer) { pointer in
      let tile = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Element.self)
      if readsC {
        for i in 0..<height {
          for j in 0..<width { tile[i &* columns &+ j] = c[i &* rsc &+ j &* csc] }
        }
      }
      multiplyTile(Rows.self, k, a, 1, rows, b, columns, nil, tile, columns, nil, alpha, beta, readsC)
      if let epilogue { Vector.finish(epilogue, row, column, height, width, tile, columns) }
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
