internal import CIntrinsics
import TalwegKernels

// The gradient to a convolution's weights where there are channels enough for a tile's columns. The source is
// packed with a tile's channels next to each other for each position, once for all taps: row k of B for a
// tap is then simply at another position, and what lies outside the source is left out of the sum. Which
// positions those are is listed once for all tiles.

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

/// Where the steps of a tile's sum are, one for each position at which a tap lies inside the source: the result's
/// gradient in a panel of rows, the source in a panel of columns, in elements.
private struct Steps {
  let rows, columns: UnsafeMutablePointer<Int>
  var count = 0
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
    let places = (workspace + plan.runs_offset).assumingMemoryBound(to: Int.self)
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
      let sliceSize = block.images &* region.rows &* region.columns &* columns
      var channel = 0
      while channel < chunk.channels {
        packSource(
          p, chunk.group, block.image, block.images, chunk.channel &+ channel, top, region.rows, left, region.columns,
          source, staged + channel / columns &* sliceSize)
        channel &+= columns
      }
      for tap in 0..<taps {
        let (ky, kx) = (tap / p.width.kernel, tap % p.width.kernel)
        let ys = positionsInside(p.height, ky, block.row, block.rows)
        let xs = positionsInside(p.width, kx, block.column, block.columns)
        var steps = Steps(rows: places, columns: places + plan.images &* plan.height &* plan.width)
        for i in 0..<block.images {
          for y in ys {
            let line = (i &* region.rows &+ p.height.reads(block.row &+ y, ky) &- top) &* region.columns &- left
            for x in xs {
              steps.rows[steps.count] = ((i &* block.rows &+ y) &* block.columns &+ x) &* rows
              steps.columns[steps.count] = (line &+ p.width.reads(block.column &+ x, kx)) &* columns
              steps.count &+= 1
            }
          }
        }
        for slice in 0..<ceilingOf(chunk.channels, columns) {
          let tiles = sums
            + (((chunk.part &* p.groups &+ chunk.group) &* slices &+ chunk.channel / columns &+ slice) &* panels
              &* perPanel &+ tap &* rows &* columns)
          for panel in 0..<panels {
            addTile(
              min(rows, p.rows &- panel &* rows), steps, a + panel &* depth &* rows, staged + slice &* sliceSize,
              tiles + panel &* perPanel, index > chunk.blocks.lowerBound)
          }
        }
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

  /// A tile's sum over the steps, in strips as of `multiplyEdge`.
  @inline(__always)
  private static func addTile(
    _ height: Int, _ steps: Steps, _ a: UnsafePointer<Vector.Scalar>, _ b: UnsafePointer<Vector.Scalar>,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ readsC: Bool
  ) {
    if height == rows { return addStrip(Rows.self, steps, a, b, c, readsC) }
    var i = 0
    while i < height {
      let rest = height &- i
      let to = c + i &* columns
      if rest >= 8 && rows >= 8 {
        addStrip(EightRows<Wide<Vector>>.self, steps, a + i, b, to, readsC)
        i &+= 8
      } else if rest >= 4 {
        addStrip(FourRows<Wide<Vector>>.self, steps, a + i, b, to, readsC)
        i &+= 4
      } else if rest >= 2 {
        addStrip(TwoRows<Wide<Vector>>.self, steps, a + i, b, to, readsC)
        i &+= 2
      } else {
        addStrip(OneRow<Wide<Vector>>.self, steps, a + i, b, to, readsC)
        i &+= 1
      }
    }
  }

  @inline(__always)
  private static func addStrip<R: TileRows>(
    _: R.Type, _ steps: Steps, _ a: UnsafePointer<Vector.Scalar>, _ b: UnsafePointer<Vector.Scalar>,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ readsC: Bool
  ) where R.Line == Wide<Vector> {
    var tile = R()
    for k in 0..<steps.count { tile.add(a + steps.rows[k], 1, R.Line.load(b + steps.columns[k], nil)) }
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
