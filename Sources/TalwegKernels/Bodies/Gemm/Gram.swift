internal import CIntrinsics

// The products of a matrix's columns with each other, for many rows of few columns: what packing would take longer than
// is read where it lies.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// Rows that stay near while all tiles of C pass over them.
  private static var gramDepth: Int { 32 }

  /// C += X' X for the first n of X's m columns, as far as the diagonal; X's rows are contiguous. A sum runs over the
  /// rows in order within each `gramDepth` of them.
  @inline(__always)
  static func gramOfRows(
    _ m: Int, _ n: Int, _ k: Int, _ x: UnsafePointer<Element>, _ rsx: Int,
    _ c: UnsafeMutablePointer<Element>, _ rsc: Int
  ) {
    let one = Vector(1)
    let tiles = (m &+ rows &- 1) / rows
    var p = 0
    while p < k {
      let depth = min(gramDepth, k &- p)
      let from = x + p &* rsx
      let next = from + depth &* rsx, upcoming = max(min(gramDepth, k &- p &- depth), 0)
      var i = 0, tile = 0
      while i < m {
        // Some of the next rows with each row of tiles, so that they come while these are at work.
        for r in (upcoming &* tile / tiles)..<(upcoming &* (tile &+ 1) / tiles) {
          var line = UnsafeRawPointer(next + r &* rsx)
          let end = line + m &* MemoryLayout<Element>.stride
          while line < end {
            tk_prefetch(line)
            line += 64
          }
        }
        let height = min(rows, m &- i)
        // Whole tiles need no masks: what lies above the diagonal may be written.
        let width = min((i &+ height &+ columns &- 1) / columns &* columns, n)
        multiplyInPlace(
          height, width, depth, from + i, 1, rsx, from, rsx, 1, c + i &* rsc, rsc, one, one, true, nil, 0, 0)
        i &+= rows
        tile &+= 1
      }
      p &+= gramDepth
    }
  }
}

extension FloatVector {
  /// The same for contiguous columns, by four columns and four others at a time: each pair's sum runs over vectors of
  /// rows, then over their lanes.
  @inline(__always)
  static func gramOfColumns(
    _ m: Int, _ n: Int, _ k: Int, _ x: UnsafePointer<Scalar>, _ csx: Int,
    _ c: UnsafeMutablePointer<Scalar>, _ rsc: Int
  ) {
    var i = 0
    while i < m {
      // Columns that are not there are the last one again.
      let a = FourColumns(x, csx, i, m)
      var j = 0
      while j < min(i &+ 4, n) {
        let b = FourColumns(x, csx, j, n)
        var s0 = FourSums(Self(0)), s1 = s0, s2 = s0, s3 = s0
        var p = 0
        while p &+ lanes <= k {
          let line = (load(b.c0 + p), load(b.c1 + p), load(b.c2 + p), load(b.c3 + p))
          s0.add(load(a.c0 + p), line)
          s1.add(load(a.c1 + p), line)
          s2.add(load(a.c2 + p), line)
          s3.add(load(a.c3 + p), line)
          p &+= lanes
        }
        if p < k {
          let rest = k &- p
          let line = (
            loadVector(b.c0, 1, p, rest, fill: 0, Self.self), loadVector(b.c1, 1, p, rest, fill: 0, Self.self),
            loadVector(b.c2, 1, p, rest, fill: 0, Self.self), loadVector(b.c3, 1, p, rest, fill: 0, Self.self)
          )
          s0.add(loadVector(a.c0, 1, p, rest, fill: 0, Self.self), line)
          s1.add(loadVector(a.c1, 1, p, rest, fill: 0, Self.self), line)
          s2.add(loadVector(a.c2, 1, p, rest, fill: 0, Self.self), line)
          s3.add(loadVector(a.c3, 1, p, rest, fill: 0, Self.self), line)
        }
        let corner = c + (i &* rsc &+ j), width = n &- j
        s0.finish(corner, width)
        if i &+ 1 < m { s1.finish(corner + rsc, width) }
        if i &+ 2 < m { s2.finish(corner + 2 &* rsc, width) }
        if i &+ 3 < m { s3.finish(corner + 3 &* rsc, width) }
        j &+= 4
      }
      i &+= 4
    }
  }
}

private struct FourColumns<Scalar> {
  let c0, c1, c2, c3: UnsafePointer<Scalar>

  @inline(__always) init(_ x: UnsafePointer<Scalar>, _ step: Int, _ first: Int, _ count: Int) {
    c0 = x + first &* step
    c1 = x + min(first &+ 1, count &- 1) &* step
    c2 = x + min(first &+ 2, count &- 1) &* step
    c3 = x + min(first &+ 3, count &- 1) &* step
  }
}

private struct FourSums<Vector: FloatVector> {
  var x0, x1, x2, x3: Vector

  @inline(__always) init(_ value: Vector) { (x0, x1, x2, x3) = (value, value, value, value) }

  @inline(__always) mutating func add(_ factor: Vector, _ line: (Vector, Vector, Vector, Vector)) {
    x0 = madd(factor, line.0, x0)
    x1 = madd(factor, line.1, x1)
    x2 = madd(factor, line.2, x2)
    x3 = madd(factor, line.3, x3)
  }

  @inline(__always) func finish(_ c: UnsafeMutablePointer<Vector.Scalar>, _ width: Int) {
    c[0] += x0.sumOfLanes
    if width > 1 { c[1] += x1.sumOfLanes }
    if width > 2 { c[2] += x2.sumOfLanes }
    if width > 3 { c[3] += x3.sumOfLanes }
  }
}
