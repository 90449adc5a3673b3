internal import CIntrinsics
import TalwegKernels

// A convolution whose result has channels enough for a tile's columns: the tile's rows are positions, each read
// where it is staged, a scalar for each tap; no patch is packed. What is staged is a copy with zeros around it
// and room between the channels. A block's positions go by rows of the result, each through all images, so that
// most tiles are of one row, and leave out the rows of the kernel that lie outside the source for all of its
// positions. (So with a weight that is not finite it depends on the neighbours whether a border gives NaN.)
// (Where the result has few channels, positions are the columns: Convolution.)

/// The steps of a tile's sum, one for each tap of each channel: where it lies from a position on in the staged
/// source, and in a panel of the weights, in elements.
private struct GatheredSteps {
  let source, weights: UnsafeMutablePointer<Int>
  var count = 0
}

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// One chunk of a convolution whose weights have been packed.
  @inline(__always)
  static func convolveByChannels(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ source: UnsafePointer<Vector.Scalar>,
    _ packed: UnsafePointer<Vector.Scalar>, _ bias: UnsafePointer<Vector.Scalar>?,
    _ result: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let block = ConvolutionBlock(p, plan, chunk)
    let phasesHeight = p.height.phases(p.transposed), phasesWidth = p.width.phases(p.transposed)
    let padded = roundedUp(p.rows, columns)
    var weights = packed + block.group &* padded &* p.channels &* p.height.kernel &* p.width.kernel
    for phaseHeight in 0..<phasesHeight {
      for phaseWidth in 0..<phasesWidth {
        let phase = ConvolutionPhase(p, phaseHeight, phaseWidth, gridRows: plan.height, gridColumns: plan.width)
        addPasses(p, plan, phase, block, source, weights, workspace)
        bringToResult(
          p, plan, block, phaseHeight, phaseWidth, isOnly: phasesHeight &* phasesWidth == 1, bias, result, workspace)
        weights += padded &* p.channels &* phase.taps
      }
    }
  }

  /// The sums of one phase of a block: for each `columns` of its channels a panel with a row for each position.
  @inline(__always)
  private static func addPasses(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ phase: ConvolutionPhase, _ block: ConvolutionBlock,
    _ source: UnsafePointer<Vector.Scalar>, _ weights: UnsafePointer<Vector.Scalar>,
    _ workspace: UnsafeMutableRawPointer
  ) {
    let sums = (workspace + plan.sums_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let height = roundedUp(block.positions, rows)
    let panels = ceilingOf(block.count, columns)
    if phase.taps == 0 {
      return zeroLines(panels &* height &* columns &* MemoryLayout<Vector.Scalar>.size, sums)
    }
    let staged = workspace.assumingMemoryBound(to: Vector.Scalar.self)
    let region = StagedSource(p, phase, images: block.images, rows: block.rows, columns: block.columns)
    let step = phase.channels(p, depth: plan.depth)
    let positions = (workspace + plan.runs_offset).assumingMemoryBound(to: Int.self)
    findPositions(p, block, region, positions)
    var steps = GatheredSteps(
      source: (workspace + plan.taps_offset).assumingMemoryBound(to: Int.self),
      weights: (workspace + plan.taps_offset).assumingMemoryBound(to: Int.self) + plan.taps)
    zeroLines(plan.patches_offset, workspace)
    let padded = roundedUp(p.rows, columns)
    let sourcePlane = p.height.source &* p.width.source
    var weights = weights
    var channel = 0
    while channel < p.channels {
      let channels = min(step, p.channels &- channel)
      let depth = channels &* phase.taps
      for j in 0..<channels {
        for i in 0..<block.images {
          let from = ((block.image &+ i) &* p.groups &+ block.group) &* p.channels &+ channel &+ j
          stageRegion(
            p, phase, region, row: block.row, column: block.column, source + from &* sourcePlane,
            staged + (j &* region.channel &+ i &* region.plane))
        }
      }
      var first = 0
      while first < height {
        // The tiles that take the same rows of the kernel.
        let taps = tapsInside(p, phase, block, first)
        var end = first &+ rows
        while end < height && tapsInside(p, phase, block, end) == taps { end &+= rows }
        list(&steps, phase, region, channels: channels, taps)
        for panel in 0..<panels {
          let b = weights + (block.first &+ panel &* columns) &* depth
          let c = sums + panel &* height &* columns
          var i = first
          while i < end {
            multiplyGathered(Rows.self, steps, staged, positions + i, b, c + i &* columns, columns, channel > 0)
            i &+= rows
          }
        }
        first = end
      }
      weights += padded &* depth
      channel &+= step
    }
  }

  /// Where the positions of a block are staged. They are as many as whole tiles have: the last is repeated.
  @inline(__always)
  private static func findPositions(
    _ p: tk_convolution, _ block: ConvolutionBlock, _ region: StagedSource, _ positions: UnsafeMutablePointer<Int>
  ) {
    let (stepHeight, stepWidth) = (p.height.step(p.transposed), p.width.step(p.transposed))
    var found = 0
    for y in 0..<block.rows {
      for i in 0..<block.images {
        let line = i &* region.plane &+ y &* stepHeight &* region.columns
        for x in 0..<block.columns {
          positions[found] = line &+ x &* stepWidth
          found &+= 1
        }
      }
    }
    for i in found..<roundedUp(found, rows) { positions[i] = positions[found &- 1] }
  }

  /// The rows of the kernel that lie inside the source for any position of the tile that begins at `first`.
  @inline(__always)
  private static func tapsInside(
    _ p: tk_convolution, _ phase: ConvolutionPhase, _ block: ConvolutionBlock, _ first: Int
  ) -> Range<Int> {
    let perRow = block.images &* block.columns
    let step = p.height.step(p.transposed)
    // From the top row the last taps, from the bottom row the first ones.
    let top = phase.height.origin &+ (block.row &+ first / perRow) &* step
    let bottom = phase.height.origin &+ (block.row &+ min(first &+ rows &- 1, block.positions &- 1) / perRow) &* step
    let begin = bottom >= 0 ? 0 : min(phase.height.taps, ceilingOf(0 &- bottom, phase.height.tapStep))
    let end = top >= p.height.source
      ? 0 : min(phase.height.taps, (p.height.source &- 1 &- top) / phase.height.tapStep &+ 1)
    return begin..<max(begin, end)
  }

  @inline(__always)
  private static func list(
    _ steps: inout GatheredSteps, _ phase: ConvolutionPhase, _ region: StagedSource, channels: Int, _ taps: Range<Int>
  ) {
    steps.count = 0
    for j in 0..<channels {
      for y in taps {
        let line = j &* region.channel &+ y &* phase.height.tapStep &* region.columns
        let row = j &* phase.taps &+ y &* phase.width.taps
        for x in 0..<phase.width.taps {
          steps.source[steps.count] = line &+ x &* phase.width.tapStep
          steps.weights[steps.count] = (row &+ x) &* columns
          steps.count &+= 1
        }
      }
    }
  }

  /// Brings the sums of one phase, with the bias, to their places.
  @inline(__always)
  private static func bringToResult(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ block: ConvolutionBlock, _ phaseHeight: Int,
    _ phaseWidth: Int, isOnly: Bool, _ bias: UnsafePointer<Vector.Scalar>?,
    _ result: UnsafeMutablePointer<Vector.Scalar>, _ workspace: UnsafeMutableRawPointer
  ) {
    let sums = (workspace + plan.sums_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let turned = (workspace + plan.turned_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let plane = p.height.result &* p.width.result
    let imageStride = p.groups &* p.rows &* plane
    let height = roundedUp(block.positions, rows)
    var first = 0
    while first < block.count {
      let count = min(columns, block.count &- first)
      let row = block.group &* p.rows &+ block.first &+ first
      let panel = sums + first &* height
      if let bias { addBias(height, count, panel, bias + row) }
      let target = result + (block.image &* imageStride &+ row &* plane)
      if isOnly {
        let start = target + (block.row &* p.width.result &+ block.column)
        if block.images == 1 {
          // All of the block's positions are neighbours.
          turn(block.positions, count, panel, start, plane)
        } else {
          for line in 0..<block.rows &* block.images {
            let (y, i) = (line / block.images, line % block.images)
            turn(
              block.columns, count, panel + line &* block.columns &* columns,
              start + (i &* imageStride &+ y &* p.width.result), plane)
          }
        }
      } else {
        turn(block.positions, count, panel, turned, height)
        for i in 0..<block.images {
          spread(
            p, block, phaseHeight, phaseWidth, count, turned + i &* block.columns, height, target + i &* imageStride,
            plane)
        }
      }
      first &+= columns
    }
  }

  /// Adds the bias of each of `count` channels.
  @inline(__always)
  private static func addBias(
    _ height: Int, _ count: Int, _ panel: UnsafeMutablePointer<Vector.Scalar>, _ bias: UnsafePointer<Vector.Scalar>
  ) {
    var j = 0
    while j < count {
      let shift = Vector.load(bias + j, Vector.first(min(Vector.lanes, count &- j)))
      var line = panel + j
      for _ in 0..<height {
        (Vector.load(line) + shift).store(line)
        line += columns
      }
      j &+= Vector.lanes
    }
  }

  /// Rows of positions as rows of channels, `step` apart.
  @inline(__always)
  private static func turn(
    _ positions: Int, _ count: Int, _ panel: UnsafePointer<Vector.Scalar>, _ to: UnsafeMutablePointer<Vector.Scalar>,
    _ step: Int
  ) {
    var j = 0
    while j &+ Vector.lanes <= count {
      let from = panel + j, target = to + j &* step
      var i = 0
      // Whole lines of the result, where rows that are a power of two apart share few lines of the cache.
      while i &+ Vector.lanes <= positions {
        Vector.transpose(from + i &* columns, columns, target + i, step)
        i &+= Vector.lanes
      }
      while i &+ 4 <= positions {
        let lines = from + i &* columns
        Vector.storeTransposed(
          Vector.load(lines), Vector.load(lines + columns), Vector.load(lines + 2 &* columns),
          Vector.load(lines + 3 &* columns), target + i, step)
        i &+= 4
      }
      while i < positions {
        for lane in 0..<Vector.lanes { target[lane &* step &+ i] = from[i &* columns &+ lane] }
        i &+= 1
      }
      j &+= Vector.lanes
    }
    while j < count {
      for i in 0..<positions { to[j &* step &+ i] = panel[i &* columns &+ j] }
      j &+= 1
    }
  }

  /// The positions of one phase of an image, to where the result has them.
  @inline(__always)
  private static func spread(
    _ p: tk_convolution, _ block: ConvolutionBlock, _ phaseHeight: Int, _ phaseWidth: Int, _ count: Int,
    _ from: UnsafePointer<Vector.Scalar>, _ fromStride: Int, _ to: UnsafeMutablePointer<Vector.Scalar>, _ plane: Int
  ) {
    let stepHeight = p.height.spacing(p.transposed), stepWidth = p.width.spacing(p.transposed)
    let begin = block.column &* stepWidth &+ phaseWidth
    let width = min(block.columns, ceilingOf(max(0, p.width.result &- begin), stepWidth))
    for channel in 0..<count {
      for y in 0..<block.rows {
        let row = (block.row &+ y) &* stepHeight &+ phaseHeight
        if row >= p.height.result { break }
        let line = from + (channel &* fromStride &+ y &* block.images &* block.columns)
        let target = to + (channel &* plane &+ row &* p.width.result &+ begin)
        for x in 0..<width { target[x &* stepWidth] = line[x] }
      }
    }
  }
}

/// R's product for rows that lie anywhere: C = A B, or C + A B if `readsC`, where row r of A at a step is
/// a[rows[r] + steps.source], and row k of B is b[steps.weights].
@inline(__always)
private func multiplyGathered<R: TileRows>(
  _: R.Type, _ steps: GatheredSteps, _ a: UnsafePointer<R.Line.Vector.Scalar>, _ rows: UnsafePointer<Int>,
  _ b: UnsafePointer<R.Line.Vector.Scalar>, _ c: UnsafeMutablePointer<R.Line.Vector.Scalar>, _ cRow: Int,
  _ readsC: Bool
) {
  var tile = R()
  for k in 0..<steps.count { tile.add(a + steps.source[k], places: rows, R.Line.load(b + steps.weights[k], nil)) }
  tile.store(c, cRow, nil, R.Line.Vector(1), R.Line.Vector(1), readsC)
}

/// Stages one plane of the source; what lies outside it is left as it was, zero.
@inline(__always)
private func stageRegion<T>(
  _ p: tk_convolution, _ phase: ConvolutionPhase, _ region: StagedSource, row: Int, column: Int,
  _ source: UnsafePointer<T>, _ staged: UnsafeMutablePointer<T>
) {
  let top = phase.height.origin &+ row &* p.height.step(p.transposed)
  let left = phase.width.origin &+ column &* p.width.step(p.transposed)
  let begin = min(max(0, 0 &- left), region.columns)
  let count = min(region.columns, p.width.source &- left) &- begin
  var y = min(max(0, 0 &- top), region.rows)
  let end = min(region.rows, p.height.source &- top)
  if count <= 0 || y >= end { return }
  var from = source + ((top &+ y) &* p.width.source &+ left &+ begin)
  var to = staged + (y &* region.columns &+ begin)
  while y < end {
    copyBytes(count &* MemoryLayout<T>.size, from, to)
    from += p.width.source
    to += region.columns
    y &+= 1
  }
}
