public import CIntrinsics

extension tk_weight_gradient_plan {
  public init(_ p: tk_convolution, _ tile: GemmBlocks) {
    self.init()
    let taps = p.height.kernel &* p.width.kernel
    // With enough channels for a tile's columns there is no need to pack patches (see WeightGradientByChannels),
    // unless the taps are so far apart that what lies between them is more.
    by_channels = tile.mr > 1 && roundedUp(p.channels, tile.nr) &* 3 <= p.channels &* 4
    // As many positions as a panel of columns has room for in the first-level cache.
    let most = max(96, (24 << 10) / tile.itemSize / tile.nr)
    (images, height, width) = tk_convolution_plan.block(p.images, p.height.result, p.width.result, most, 1)
    let region = StagedRegion(p, self)
    let area = region.rows.multipliedReportingOverflow(by: region.columns)
    let patches = height &* width &* taps
    let depth = min(tile.kc, 288)
    if !by_channels || area.overflow || area.partialValue > 4 &* patches {
      by_channels = false
      (images, height, width) = tk_convolution_plan.block(p.images, p.height.result, p.width.result, depth, 1)
    }
    blocks =
      ceilingOf(p.images, images) &* ceilingOf(p.height.result, height) &* ceilingOf(p.width.result, width)
    // Of the channels enough that packing the result's gradient for them is little beside their products.
    channels =
      by_channels
      ? min(roundedUp(p.channels, tile.nr), max(2, ceilingOf(16, taps)) &* tile.nr)
      : max(1, ceilingOf(p.channels, max(1, ceilingOf(p.channels, max(1, depth / taps)))))
    let chunksOfChannels = p.groups &* ceilingOf(p.channels, channels)
    let panels = ceilingOf(p.rows, tile.mr)
    let bytes =
      by_channels
      ? p.groups &* ceilingOf(p.channels, tile.nr) &* panels &* taps &* tile.mr &* tile.nr &* tile.itemSize
      : p.groups &* p.rows &* p.channels &* taps &* tile.itemSize
    // Parts for many threads, as long as their sums take little memory.
    parts = max(1, min(ceilingOf(16, max(chunksOfChannels, 1)), blocks, (16 << 20) / max(bytes, 1)))
    chunks = chunksOfChannels &* parts
    sums_bytes = parts == 1 && !by_channels ? 0 : parts &* bytes
    finishing_chunks =
      by_channels
      ? p.groups &* ceilingOf(p.channels, tile.nr) &* panels
      : parts == 1 ? 0 : ceilingOf(bytes / tile.itemSize, Self.elementsFinished)

    if by_channels {
      rows_offset = roundedUp(images &* region.rows &* region.columns &* channels &* tile.itemSize, 64)
      let positions = images &* height &* width
      runs_offset = roundedUp(rows_offset &+ panels &* tile.mr &* positions &* tile.itemSize, 64)
      workspace_bytes = runs_offset &+ 2 &* positions &* MemoryLayout<Int>.stride
      return
    }
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

extension tk_weight_gradient_plan {
  /// How many weights one of the finishing chunks adds up, where the parts have the weights in order.
  public static var elementsFinished: Int { 1 << 15 }
}

/// The most rows and columns of the source that a block reads.
public struct StagedRegion {
  public let rows, columns: Int

  public init(_ p: tk_convolution, _ plan: tk_weight_gradient_plan) {
    rows = min(p.height.source, (plan.height &- 1) &* p.height.stride &+ (p.height.kernel &- 1) &* p.height.dilation &+ 1)
    let read = (plan.width &- 1) &* p.width.stride &+ (p.width.kernel &- 1) &* p.width.dilation &+ 1
    columns = plan.width == p.width.result ? p.width.source : min(p.width.source, read)
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
