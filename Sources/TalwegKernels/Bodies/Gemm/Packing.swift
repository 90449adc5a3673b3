// Packing copies a block of a matrix with any strides into panels that the register tile reads in order:
// a panel holds `width` rows (of A) or columns (of B), and for each of the k positions along the depth the
// panel's `width` elements one after the other. A panel's missing elements are zeros.

extension RegisterTile where Rows.Line == Wide<Vector> {
  @inline(__always)
  static func packA(
    _ m: Int, _ k: Int, _ a: UnsafePointer<Element>, _ rsa: Int, _ csa: Int, _ to: UnsafeMutablePointer<Element>
  ) {
    Vector.pack(m, k, a, rsa, csa, rows, to)
  }

  @inline(__always)
  static func packB(
    _ n: Int, _ k: Int, _ b: UnsafePointer<Element>, _ rsb: Int, _ csb: Int, _ to: UnsafeMutablePointer<Element>
  ) {
    Vector.pack(n, k, b, csb, rsb, columns, to)
  }
}

extension TileVector {
  /// Packs a block of `across` x `depth` elements into panels of `width`, a multiple of 2.
  @inline(__always)
  static func pack(
    _ across: Int, _ depth: Int, _ x: UnsafePointer<Scalar>, _ acrossStride: Int, _ depthStride: Int,
    _ width: Int, _ packed: UnsafeMutablePointer<Scalar>
  ) {
    var to = packed
    var begin = 0
    while begin < across {
      let count = min(width, across &- begin)
      let from = x + begin &* acrossStride
      if acrossStride == 1 {
        packLines(count, depth, from, depthStride, width, to)
      } else if depthStride == 1 {
        packTransposed(count, depth, from, acrossStride, width, to)
      } else {
        packStrided(0..<count, 0..<depth, from, acrossStride, depthStride, width, to)
        zero(count, depth, width, to)
      }
      to += width &* depth
      begin &+= width
    }
  }

  /// Where a panel's width lies contiguous.
  @inline(__always)
  private static func packLines(
    _ count: Int, _ depth: Int, _ x: UnsafePointer<Scalar>, _ depthStride: Int, _ width: Int,
    _ to: UnsafeMutablePointer<Scalar>
  ) {
    var from = x, to = to
    for _ in 0..<depth {
      if count == width {
        copyBytes(width &* MemoryLayout<Scalar>.size, from, to)
      } else {
        var i = 0
        while i < width {
          let present = min(lanes, count &- i)
          let line = present > 0 ? load(from + i, first(present)) : Self(0)
          if i &+ lanes <= width { line.store(to + i) } else { line.store(to + i, first(width &- i)) }
          i &+= lanes
        }
      }
      from += depthStride
      to += width
    }
  }

  /// Where the depth lies contiguous: squares, then transposes of as many rows as are left.
  @inline(__always)
  private static func packTransposed(
    _ count: Int, _ depth: Int, _ x: UnsafePointer<Scalar>, _ acrossStride: Int, _ width: Int,
    _ to: UnsafeMutablePointer<Scalar>
  ) {
    if depth < lanes {
      packStrided(0..<count, 0..<depth, x, acrossStride, 1, width, to)
      return zero(count, depth, width, to)
    }
    var p = 0
    while p < depth {
      // The last step overlaps the one before it.
      let at = min(p, depth &- lanes)
      let from = x + at, corner = to + at &* width
      var i = 0
      while i < width {
        if i &+ lanes <= count {
          transpose(from + i &* acrossStride, acrossStride, corner + i, width)
          i &+= lanes
        } else if i &+ transposedRows <= width && transposedRows == 4 {
          storeTransposed(
            row(from, i, count, acrossStride), row(from, i &+ 1, count, acrossStride),
            row(from, i &+ 2, count, acrossStride), row(from, i &+ 3, count, acrossStride), corner + i, width)
          i &+= 4
        } else {
          storeTransposed(
            row(from, i, count, acrossStride), row(from, i &+ 1, count, acrossStride), corner + i, width)
          i &+= 2
        }
      }
      p &+= lanes
    }
  }

  @inline(__always)
  private static func row(_ x: UnsafePointer<Scalar>, _ i: Int, _ count: Int, _ stride: Int) -> Self {
    i < count ? load(x + i &* stride) : Self(0)
  }

  @inline(__always)
  private static func packStrided(
    _ across: Range<Int>, _ depth: Range<Int>, _ x: UnsafePointer<Scalar>, _ acrossStride: Int,
    _ depthStride: Int, _ width: Int, _ to: UnsafeMutablePointer<Scalar>
  ) {
    for i in across {
      let line = x + i &* acrossStride
      for p in depth { to[p &* width &+ i] = line[p &* depthStride] }
    }
  }

  /// The elements that a panel lacks.
  @inline(__always)
  private static func zero(_ count: Int, _ depth: Int, _ width: Int, _ to: UnsafeMutablePointer<Scalar>) {
    if count == width { return }
    for p in 0..<depth {
      for i in count..<width { to[p &* width &+ i] = 0 }
    }
  }
}
