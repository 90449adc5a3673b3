internal import CIntrinsics

// How attention is cut up, and the copies that its products read. A block of keys lies in the second-level
// cache, packed; rows of queries pass over it.

enum AttentionBlocks {
  /// Keys in a block of the forward and of the backward pass; multiples of 64, the dropout's unit.
  @inline(__always) static var keys: Int { 256 }
  @inline(__always) static var backwardKeys: Int { 128 }
  /// Rows whose scores are held at once, forward and backward; the former is one register tile's.
  @inline(__always) static var rows: Int { 12 }
  @inline(__always) static var backwardRows: Int { 96 }
  /// Elements beyond each row of scores, so that rows do not fall into the same lines of a cache.
  @inline(__always) static var gap: Int { 16 }
}

/// Hands out a workspace piece by piece, on lines of 64 bytes.
struct Pieces<Scalar> {
  private(set) var next: UnsafeMutableRawPointer
  @inline(__always) init(_ workspace: UnsafeMutableRawPointer) { next = workspace }

  @inline(__always)
  mutating func take(_ count: Int) -> UnsafeMutablePointer<Scalar> {
    let piece = next.assumingMemoryBound(to: Scalar.self)
    next += Self.bytes(count)
    return piece
  }

  @inline(__always)
  static func bytes(_ count: Int) -> Int { roundedUp(count &* MemoryLayout<Scalar>.size, 64) }
}

extension tk_array4 {
  /// The first element of a row.
  @inline(__always)
  func row<T>(_ batch: Int, _ head: Int, _ row: Int, _: T.Type) -> UnsafeMutablePointer<T> {
    let elements = batch &* self.batch &+ head &* self.head &+ row &* self.row
    return (data! + elements &* MemoryLayout<T>.size).assumingMemoryBound(to: T.self)
  }
}

extension tk_attention {
  /// How many of the first keys query `row` may attend to.
  @inline(__always)
  func reach(_ row: Int) -> Int { causal != 0 ? min(max(row &+ 1 &+ keys &- queries, 0), keys) : keys }
}

extension AttentionVector {
  /// Columns of a panel.
  @inline(__always) static var columns: Int { 2 &* lanes }

  /// n is a multiple of the lanes.
  @inline(__always)
  static func zero(_ n: Int, _ x: UnsafeMutablePointer<Scalar>) {
    var j = 0
    while j < n {
      Self(0).store(x + j)
      j &+= lanes
    }
  }

  /// Copies `rows` rows of `width` elements to rows of `toRow`, zeros beyond, and zero rows up to a
  /// multiple of 4.
  @inline(__always)
  static func copyRows(
    _ rows: Int, _ width: Int, _ from: UnsafePointer<Scalar>, _ row: Int, _ column: Int,
    _ to: UnsafeMutablePointer<Scalar>, _ toRow: Int
  ) {
    for i in 0..<rows {
      let source = from + i &* row, target = to + i &* toRow
      var j = 0
      while j < width {
        loadVector(source, column, j, min(lanes, width &- j), fill: 0, Self.self).store(target + j)
        j &+= lanes
      }
      if j < toRow { zero(toRow &- j, target + j) }
    }
    zero((roundedUp(rows, 4) &- rows) &* toRow, to + rows &* toRow)
  }

  /// Packs `rows` rows of `width` elements in panels of `columns` of the width, each of `panel` elements.
  @inline(__always)
  static func packRows(
    _ rows: Int, _ width: Int, _ from: UnsafePointer<Scalar>, _ row: Int, _ column: Int,
    _ to: UnsafeMutablePointer<Scalar>, _ panel: Int
  ) {
    var j = 0
    while j < width {
      let target = to + j / columns &* panel
      if j &+ columns <= width && column == 1 {
        for i in 0..<rows {
          let source = from + (i &* row &+ j)
          load(source).store(target + i &* columns)
          load(source + lanes).store(target + (i &* columns &+ lanes))
        }
      } else {
        let first = min(lanes, width &- j), second = min(lanes, width &- j &- first)
        for i in 0..<rows {
          let source = from + i &* row
          loadVector(source, column, j, first, fill: 0, Self.self).store(target + i &* columns)
          let rest = second > 0 ? loadVector(source, column, j &+ lanes, second, fill: 0, Self.self) : Self(0)
          rest.store(target + (i &* columns &+ lanes))
        }
      }
      j &+= columns
    }
  }

  /// Packs the transpose of `rows` rows of `width` elements: panels of `columns` rows, each `width` deep.
  @inline(__always)
  static func packTransposed(
    _ rows: Int, _ width: Int, _ from: UnsafePointer<Scalar>, _ row: Int, _ column: Int,
    _ to: UnsafeMutablePointer<Scalar>
  ) {
    let wholeWidth = column == 1 ? width &- width % lanes : 0
    var i = 0
    // Half a panel at a time; the second half of the last one may be all zeros.
    while i < roundedUp(rows, columns) {
      let target = to + (i / columns &* columns &* width &+ i % columns)
      let source = from + i &* row
      let whole = i &+ lanes <= rows ? wholeWidth : 0
      var j = 0
      while j < whole {
        transpose(source + j, row, target + j &* columns, columns)
        j &+= lanes
      }
      let count = min(lanes, max(rows &- i, 0))
      while j < width {
        let line = count > 0 ? load(source + j &* column, stride: row, first: count, fill: 0) : Self(0)
        line.store(target + j &* columns)
        j &+= 1
      }
      i &+= lanes
    }
  }
}
