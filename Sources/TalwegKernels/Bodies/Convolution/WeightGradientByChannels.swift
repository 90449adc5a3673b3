internal import CIntrinsics
import TalwegKernels

// The gradient to a convolution's weights where there are channels enough for a tile's columns. The source is
// packed with a tile's channels next to each other for each position, once for all taps: row k of B for a
// tap is then simply at another position, and what lies outside the source is left out of the sum.

extension tk_axis {
  /// The source position that a tap of a direct convolution meets.
  @inline(__always)
  fileprivate func reads(_ position: Int, _ tap: Int) -> Int { position &* stride &- padding &+ tap &* dilation }
}

/// The positions of one axis at which a tap of a direct convolution lies inside the source.
@inline(__always)
private func positionsInside(_ axis: tk_axis, _ tap: Int, _ first: Int, _ count: Int) -> Range<Int> {
  let source = first &* axis.stride &- axis.padding &+ tap &* axis.dilation
  let begin = source >= 0 ? 0 : ceilingOf(0 &- source, axis.stride)
  let end = source >= axis.source ? 0 : min(count, (axis.source &- 1 &- source) / axis.stride &+ 1)
  return min(begin, end)..<end
}

/// The positions of the source that some positions of the result read, from the first to the last.
@inline(__always)
private func span(_ axis: tk_axis, _ first: Int, _ count: Int) -> (begin: Int, end: Int) {
  let begin = first &* axis.stride &- axis.padding
  let last = begin &+ (count &- 1) &* axis.stride &+ (axis.kernel &- 1) &* axis.dilation
  return (max(0, begin), min(axis.source, last &+ 1))
}

/// A run of steps through packed rows and columns: from one position to the next, row to row, image to image.
private struct Walk {
  var step = 0, row = 0, image = 0
}

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// One chunk: the sums of one part of the blocks for some channels of a group. `sums` has for each part,
  /// group, tile's channels, panel of rows and tap a tile.
  @inline(__always)
  static func weightGradientByChannels(
    _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ source: UnsafePointer<Vector.Scalar>,
    _ gradient: UnsafePointer<Vector.Scalar>, _ sums: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let chunk = WeightGradientChunk(p, plan, chunk)
    let staged = workspace.assumingMemoryBound(to: Vector.Scalar.self)
    let a = (workspace + plan.rows_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let taps = p.height.kernel &* p.width.kernel
    let perPanel = taps &* rows &* columns
    let panels = ceilingOf(p.rows, rows)
    let slices = ceilingOf(p.channels, columns)
    for index in chunk.blocks {
      let block = WeightGradientChunk.positions(p, plan, index)
      let depth = block.images &* block.rows &* block.columns
      packGradient(p, chunk.group, block, depth, gradient, a)
      // The part of the source that the block reads.
      let (top, bottom) = span(p.height, block.row, block.rows)
      let isWhole = block.columns == p.width.result
      let (left, right) = isWhole ? (0, p.width.source) : span(p.width, block.column, block.columns)
      let region = (rows: max(0, bottom &- top), columns: max(0, right &- left))
      let aWalk = Walk(
        step: rows, row: block.columns &* rows, image: block.rows &* block.columns &* rows)
      let bWalk = Walk(
        step: p.width.stride &* columns, row: p.height.stride &* region.columns &* columns,
        image: region.rows &* region.columns &* columns)
      var channel = chunk.channel
      while channel < chunk.channel &+ chunk.channels {
        packSource(
          p, chunk.group, block.image, block.images, channel, top, region.rows, left, region.columns, source, staged)
        let tiles = sums
          + ((chunk.part &* p.groups &+ chunk.group) &* slices &+ channel / columns) &* panels &* perPanel
        for panel in 0..<panels {
          for tap in 0..<taps {
            let (ky, kx) = (tap / p.width.kernel, tap % p.width.kernel)
            let ys = positionsInside(p.height, ky, block.row, block.rows)
            let xs = positionsInside(p.width, kx, block.column, block.columns)
            let y = p.height.reads(block.row &+ ys.lowerBound, ky)
            let x = p.width.reads(block.column &+ xs.lowerBound, kx)
            let first = panel &* depth &+ ys.lowerBound &* block.columns &+ xs.lowerBound
            let position = (y &- top) &* region.columns &+ x &- left
            let place = panel &* perPanel &+ tap &* rows &* columns
            let height = min(rows, p.rows &- panel &* rows)
            addTile(
              height, block.images, ys.count, xs.count, a + first &* rows, aWalk, staged + position &* columns, bWalk,
              tiles + place, index > chunk.blocks.lowerBound)
          }
        }
        channel &+= columns
      }
    }
  }

  /// A tile's channels of some rows and columns of the source: [image, row, column, channel].
  @inline(__always)
  private static func packSource(
    _ p: tk_convolution, _ group: Int, _ image: Int, _ images: Int, _ channel: Int, _ top: Int, _ height: Int,
    _ left: Int, _ width: Int, _ source: UnsafePointer<Vector.Scalar>, _ packed: UnsafeMutablePointer<Vector.Scalar>
  ) {
    let plane = p.height.source &* p.width.source
    let count = min(columns, p.channels &- channel)
    for i in 0..<images {
      let first = ((image &+ i) &* p.groups &+ group) &* p.channels &+ channel
      let from = source + (first &* plane &+ top &* p.width.source &+ left)
      let to = packed + i &* height &* width &* columns
      if width == p.width.source {
        Vector.pack(count, height &* width, from, plane, 1, columns, to)
      } else {
        for row in 0..<height {
          Vector.pack(count, width, from + row &* p.width.source, plane, 1, columns, to + row &* width &* columns)
        }
      }
    }
  }

  /// A tile's sum over images, rows and columns of packed positions, in strips as of `multiplyEdge`.
  @inline(__always)
  private static func addTile(
    _ height: Int, _ images: Int, _ ys: Int, _ xs: Int, _ a: UnsafePointer<Vector.Scalar>, _ aWalk: Walk,
    _ b: UnsafePointer<Vector.Scalar>, _ bWalk: Walk, _ c: UnsafeMutablePointer<Vector.Scalar>, _ readsC: Bool
  ) {
    if height == rows { return addStrip(Rows.self, images, ys, xs, a, aWalk, b, bWalk, c, readsC) }
    var i = 0
    while i < height {
      let rest = height &- i
      let to = c + i &* columns
      if rest >= 8 && rows >= 8 {
        addStrip(EightRows<Wide<Vector>>.self, images, ys, xs, a + i, aWalk, b, bWalk, to, readsC)
        i &+= 8
      } else if rest >= 4 {
        addStrip(FourRows<Wide<Vector>>.self, images, ys, xs, a + i, aWalk, b, bWalk, to, readsC)
        i &+= 4
      } else if rest >= 2 {
        addStrip(TwoRows<Wide<Vector>>.self, images, ys, xs, a + i, aWalk, b, bWalk, to, readsC)
        i &+= 2
      } else {
        addStrip(OneRow<Wide<Vector>>.self, images, ys, xs, a + i, aWalk, b, bWalk, to, readsC)
        i &+= 1
      }
    }
  }

  @inline(__always)
  private static func addStrip<R: TileRows>(
    _: R.Type, _ images: Int, _ ys: Int, _ xs: Int, _ a: UnsafePointer<Vector.Scalar>, _ aWalk: Walk,
    _ b: UnsafePointer<Vector.Scalar>, _ bWalk: Walk, _ c: UnsafeMutablePointer<Vector.Scalar>, _ readsC: Bool
  ) where R.Line == Wide<Vector> {
    // One loop: across nested ones the compiler would keep the tile in memory.
    let aRow = aWalk.row &- xs &* aWalk.step, bRow = bWalk.row &- xs &* bWalk.step
    let aImage = aWalk.image &- ys &* aWalk.row, bImage = bWalk.image &- ys &* bWalk.row
    var tile = R()
    var from = a, with = b
    var x = xs, y = ys
    for _ in 0..<images &* ys &* xs {
      tile.add(from, 1, R.Line.load(with, nil))
      x &-= 1
      let endsRow = x == 0
      x = endsRow ? xs : x
      y = endsRow ? y &- 1 : y
      let endsImage = y == 0
      y = endsImage ? ys : y
      from += aWalk.step &+ (endsRow ? aRow : 0) &+ (endsImage ? aImage : 0)
      with += bWalk.step &+ (endsRow ? bRow : 0) &+ (endsImage ? bImage : 0)
    }
    tile.store(c, columns, nil, Vector(1), Vector(1), readsC)
  }

  /// Adds the parts up in order, for a tile's channels and a panel of rows, and brings them to their places.
  @inline(__always)
  static func finishByChannels(
    _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ sums: UnsafeMutablePointer<Vector.Scalar>,
    _ result: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int
  ) {
    let taps = p.height.kernel &* p.width.kernel
    let perPanel = taps &* rows &* columns
    let panels = ceilingOf(p.rows, rows)
    let slices = ceilingOf(p.channels, columns)
    let tiles = sums + chunk &* perPanel
    let perPart = p.groups &* slices &* panels &* perPanel
    for part in 1..<max(plan.parts, 1) {
      let other = tiles + part &* perPart
      var i = 0
      while i < perPanel {
        (Vector.load(tiles + i) + Vector.load(other + i)).store(tiles + i)
        i &+= Vector.lanes
      }
    }
    let row = chunk % panels &* rows
    let channel = chunk / panels % slices &* columns
    let group = chunk / panels / slices
    for i in 0..<min(rows, p.rows &- row) {
      let to = result + ((group &* p.rows &+ row &+ i) &* p.channels &+ channel) &* taps
      let from = tiles + i &* columns
      for j in 0..<min(columns, p.channels &- channel) {
        for tap in 0..<taps { to[j &* taps &+ tap] = from[tap &* rows &* columns &+ j] }
      }
    }
  }
}
