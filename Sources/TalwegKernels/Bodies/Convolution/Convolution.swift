internal import CIntrinsics
import TalwegKernels

// A convolution, direct or transposed, is a product for each block of positions: rows of weights times
// columns of patches. The weights are packed once for all threads; each chunk stages its part of the source,
// packs it into panels for some channels at a time and adds their products to the result.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// One chunk of a convolution whose weights have been packed.
  @inline(__always)
  static func convolve(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ source: UnsafePointer<Vector.Scalar>,
    _ packed: UnsafePointer<Vector.Scalar>, _ bias: UnsafePointer<Vector.Scalar>?,
    _ result: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let block = ConvolutionBlock(p, plan, chunk)
    let plane = p.height.result &* p.width.result
    let imageStride = p.groups &* p.rows &* plane
    let firstRow = block.group &* p.rows &+ block.first
    let target = result + (block.image &* imageStride &+ firstRow &* plane)
    let bias = bias.map { $0 + firstRow }
    let perImage = block.rows &* block.columns
    let phasesHeight = p.height.phases(p.transposed), phasesWidth = p.width.phases(p.transposed)
    // Sums go to the result at once where a panel's positions are neighbours in it.
    let isDirect =
      phasesHeight == 1 && phasesWidth == 1 && (block.images == 1 || perImage % columns == 0)
    let sums = (workspace + plan.sums_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let padded = ceilingOf(p.rows, rows) &* rows
    var weights = packed + (block.group &* padded &* p.channels &* p.height.kernel &* p.width.kernel)

    for phaseHeight in 0..<phasesHeight {
      for phaseWidth in 0..<phasesWidth {
        let phase = ConvolutionPhase(
          p, phaseHeight, phaseWidth, gridRows: plan.height, gridColumns: plan.width)
        let start = target + (block.row &* p.width.result &+ block.column)
        multiplyPhase(
          p, plan, phase, block, source, weights, workspace, isDirect ? start : sums,
          isDirect ? plane : plan.sums_columns, images: isDirect ? imageStride : perImage)
        if isDirect {
          finish(block, start, imageStride, plane, bias)
        } else {
          place(p, block, phaseHeight, phaseWidth, sums, plan.sums_columns, target, imageStride, plane, bias)
        }
        weights += padded &* p.channels &* phase.taps
      }
    }
  }

  /// The sums of one phase of a block: those of image i begin at c + i imageStride.
  @inline(__always)
  private static func multiplyPhase(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ phase: ConvolutionPhase, _ block: ConvolutionBlock,
    _ source: UnsafePointer<Vector.Scalar>, _ weights: UnsafePointer<Vector.Scalar>,
    _ workspace: UnsafeMutableRawPointer,
    _ c: UnsafeMutablePointer<Vector.Scalar>, _ rowStride: Int, images imageStride: Int
  ) {
    let perImage = block.rows &* block.columns
    let isOne = imageStride == perImage || block.images == 1
    let padded = ceilingOf(p.rows, rows) &* rows
    let staged = workspace.assumingMemoryBound(to: Vector.Scalar.self)
    let patches = (workspace + plan.patches_offset).assumingMemoryBound(to: Vector.Scalar.self)
    let runs = (workspace + plan.runs_offset).assumingMemoryBound(to: PatchRun.self)
    let step = phase.channels(p, depth: plan.depth)
    if phase.taps == 0 || p.channels == 0 {
      for i in 0..<(isOne ? 1 : block.images) {
        for row in 0..<block.count {
          let line = c + (i &* imageStride &+ row &* rowStride)
          for j in 0..<(isOne ? block.positions : perImage) { line[j] = 0 }
        }
      }
      return
    }
    zeroLines(plan.patches_offset, workspace)
    let sourcePlane = p.height.source &* p.width.source
    var weights = weights
    var channel = 0
    while channel < p.channels {
      let channels = min(step, p.channels &- channel)
      let depth = channels &* phase.taps
      for j in 0..<channels {
        for i in 0..<block.images {
          let from = ((block.image &+ i) &* p.groups &+ block.group) &* p.channels &+ channel &+ j
          stagePlane(
            p, phase, row: block.row, column: block.column, source + from &* sourcePlane,
            staged + (j &* block.images &+ i) &* phase.plane)
        }
      }
      packBlock(
        phase, images: block.images, gridRows: block.rows, gridColumns: block.columns, channels: channels,
        imageStride: phase.plane, channelStride: block.images &* phase.plane, staged, runs, patches)
      for i in 0..<(isOne ? 1 : block.images) {
        var first = 0
        while first < block.count {
          let count = min(blocks.mc, block.count &- first)
          multiplyPacked(
            count, isOne ? block.positions : perImage, depth, weights + (block.first &+ first) &* depth,
            patches + i &* perImage &* depth, c + (i &* imageStride &+ first &* rowStride), rowStride, 1,
            Vector(1), Vector(1), channel > 0)
          first &+= blocks.mc
        }
      }
      weights += padded &* depth
      channel &+= step
    }
  }

  /// Adds the bias to what lies in the result already.
  @inline(__always)
  private static func finish(
    _ block: ConvolutionBlock, _ start: UnsafeMutablePointer<Vector.Scalar>,
    _ imageStride: Int, _ plane: Int, _ bias: UnsafePointer<Vector.Scalar>?
  ) {
    guard let bias else { return }
    for i in 0..<block.images {
      for row in 0..<block.count {
        let line = start + (i &* imageStride &+ row &* plane)
        finishLine(block.rows &* block.columns, line, line, bias[row])
      }
    }
  }

  @inline(__always)
  private static func finishLine(
    _ count: Int, _ from: UnsafePointer<Vector.Scalar>,
    _ to: UnsafeMutablePointer<Vector.Scalar>, _ bias: Vector.Scalar
  ) {
    let bias = Vector(bias)
    var i = 0
    while i < count {
      let lanes = min(Vector.lanes, count &- i)
      storeVector(loadVector(from, 1, i, lanes, fill: 0, Vector.self) + bias, to, i, lanes)
      i &+= Vector.lanes
    }
  }

  /// Brings the sums of one phase to their places.
  @inline(__always)
  private static func place(
    _ p: tk_convolution, _ block: ConvolutionBlock, _ phaseHeight: Int, _ phaseWidth: Int,
    _ sums: UnsafePointer<Vector.Scalar>, _ sumsStride: Int, _ target: UnsafeMutablePointer<Vector.Scalar>,
    _ imageStride: Int, _ plane: Int, _ bias: UnsafePointer<Vector.Scalar>?
  ) {
    let stepHeight = p.height.spacing(p.transposed), stepWidth = p.width.spacing(p.transposed)
    for row in 0..<block.count {
      let bias = bias.map { $0[row] } ?? 0
      for i in 0..<block.images {
        let from = sums + (row &* sumsStride &+ i &* block.rows &* block.columns)
        let to = target + (i &* imageStride &+ row &* plane)
        if stepHeight == 1 && stepWidth == 1 {
          let start = to + (block.row &* p.width.result &+ block.column)
          finishLine(block.rows &* block.columns, from, start, bias)
          continue
        }
        for y in 0..<block.rows {
          let height = (block.row &+ y) &* stepHeight &+ phaseHeight
          if height >= p.height.result { break }
          let line = to + height &* p.width.result
          let begin = block.column &* stepWidth &+ phaseWidth
          let count = min(block.columns, (p.width.result &- begin &+ stepWidth &- 1) / stepWidth)
          for x in 0..<max(count, 0) {
            line[begin &+ x &* stepWidth] = from[y &* block.columns &+ x] + bias
          }
        }
      }
    }
  }
}
