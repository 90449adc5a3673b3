public import CIntrinsics

extension tk_weight_gradient_plan {
  public init(_ p: tk_convolution, _ tile: GemmBlocks) {
    self.init()
    let depth = min(tile.kc, 288)
    (images, height, width) = tk_convolution_plan.block(
      p.images, p.height.result, p.width.result, depth, 1)
    let blocksOfImages = ceilingOf(p.images, images)
    blocks = blocksOfImages &* ceilingOf(p.height.result, height) &* ceilingOf(p.width.result, width)
    let taps = p.height.kernel &* p.width.kernel
    let most = max(1, depth / taps)
    channels = max(1, ceilingOf(p.channels, max(1, ceilingOf(p.channels, most))))
    let chunksOfChannels = p.groups &* ceilingOf(p.channels, channels)
    // Parts for many threads, as long as their sums take little memory.
    let bytes = p.groups &* p.rows &* p.channels &* taps &* tile.itemSize
    parts = max(1, min(ceilingOf(16, max(chunksOfChannels, 1)), blocks, (16 << 20) / max(bytes, 1)))
    chunks = chunksOfChannels &* parts
    sums_bytes = parts == 1 ? 0 : parts &* bytes

    let phase = ConvolutionPhase(p, 0, 0, gridRows: height, gridColumns: width)
    let positions = images &* height &* width
    let padded = roundedUp(positions, tile.nr)
    patches_offset = roundedUp(channels &* images &* phase.plane &* tile.itemSize &+ 64, 64)
    columns_offset = patches_offset &+ roundedUp(channels &* taps &* padded &* tile.itemSize &+ 64, 64)
    rows_offset = columns_offset &+ roundedUp(roundedUp(channels &* taps, tile.nr) &* positions &* tile.itemSize, 64)
    runs_offset = rows_offset &+ roundedUp(roundedUp(p.rows, tile.mr) &* positions &* tile.itemSize, 64)
    workspace_bytes = runs_offset &+ tile.nr &* MemoryLayout<PatchRun>.stride
  }
}

/// What one chunk of a gradient to weights sums over, and for which weights.
public struct WeightGradientChunk {
  public let group: Int
  public let channel, channels: Int
  public let part: Int
  public let blocks: Range<Int>

  public init(_ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ chunk: Int) {
    let pieces = max(1, ceilingOf(p.channels, plan.channels))
    part = chunk % plan.parts
    let rest = chunk / plan.parts
    channel = rest % pieces &* plan.channels
    channels = min(plan.channels, p.channels &- channel)
    group = rest / pieces
    blocks = (part &* plan.blocks / plan.parts)..<((part &+ 1) &* plan.blocks / plan.parts)
  }

  /// The positions of one block.
  public static func positions(_ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ block: Int)
    -> (image: Int, images: Int, row: Int, rows: Int, column: Int, columns: Int)
  {
    var rest = block
    func next(_ total: Int, _ step: Int) -> (Int, Int) {
      let parts = ceilingOf(total, step)
      let begin = rest % parts &* step
      rest /= parts
      return (begin, min(step, total &- begin))
    }
    let (column, columns) = next(p.width.result, plan.width)
    let (row, rows) = next(p.height.result, plan.height)
    let (image, images) = next(p.images, plan.images)
    return (image, images, row, rows, column, columns)
  }
}
