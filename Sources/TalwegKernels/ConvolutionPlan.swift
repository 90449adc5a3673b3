public import CIntrinsics

// How a convolution becomes matrix products. The positions of the result that lie `phases` apart along an
// axis take the same taps of the kernel: a direct convolution has one phase, a transposed one as many as its
// stride. The positions of one phase are the grid; in every phase position p of the grid reads the source at
// p step + origin + t tapStep for each of its taps t.

/// One phase of one axis.
public struct ConvolutionTaps {
  public let taps: Int
  public let origin: Int
  public let tapStep: Int
  /// Tap t is kernel position kernelFirst + t kernelStep.
  public let kernelFirst: Int
  public let kernelStep: Int
}

extension tk_axis {
  /// Positions of the result from one of a phase to the next.
  public func spacing(_ transposed: Bool) -> Int { transposed ? stride : 1 }
  public func phases(_ transposed: Bool) -> Int { transposed ? min(stride, result) : 1 }
  public func step(_ transposed: Bool) -> Int { transposed ? 1 : stride }
  /// Positions of a phase, the last of which may lie beyond the result.
  public func grid(_ transposed: Bool) -> Int { transposed ? (result &+ stride &- 1) / stride : result }

  public func taps(phase: Int, _ transposed: Bool) -> ConvolutionTaps {
    if !transposed {
      return ConvolutionTaps(taps: kernel, origin: 0 &- padding, tapStep: dilation, kernelFirst: 0, kernelStep: 1)
    }
    // The source position is (position + padding - k dilation) / stride, where that is whole: for every
    // (stride / divisor)-th k. It falls as k grows, so the taps run from the last k to the first.
    let divisor = greatestCommonDivisor(dilation, stride)
    let kernelStep = stride / divisor
    let place = phase &+ padding
    var first = 0
    while first < min(kernel, kernelStep) && (place &- first &* dilation) % stride != 0 { first &+= 1 }
    if first >= min(kernel, kernelStep) {
      return ConvolutionTaps(taps: 0, origin: 0, tapStep: 1, kernelFirst: 0, kernelStep: 0)
    }
    let count = (kernel &- 1 &- first) / kernelStep &+ 1
    let last = first &+ (count &- 1) &* kernelStep
    return ConvolutionTaps(
      taps: count, origin: (place &- last &* dilation) / stride, tapStep: dilation / divisor, kernelFirst: last,
      kernelStep: 0 &- kernelStep)
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return a
}

/// How one axis of a block of the grid lies in the staging memory: in segments of positions that are a step
/// apart in the source. Dense: a segment for each remainder modulo the step, of all that the block's taps
/// read. Sparse, where that is less: a segment for each tap. Either way the block's positions of one tap are
/// neighbours.
public struct StagedAxis {
  public let segments: Int
  public let length: Int
  /// The source position of segment s, element i is start + s segmentStep + (first grid position + i) step.
  public let start: Int
  public let segmentStep: Int
  public let step: Int
  public let tapStep: Int
  public let isSparse: Bool

  public init(_ taps: ConvolutionTaps, step: Int, grid: Int) {
    let reach = max(taps.taps &- 1, 0) &* taps.tapStep
    let dense = (segments: min(step, reach &+ 1), length: grid &+ reach / step)
    let (size, overflow) = dense.segments.multipliedReportingOverflow(by: dense.length)
    isSparse = overflow || taps.taps &* grid < size
    segments = isSparse ? taps.taps : dense.segments
    length = isSparse ? grid : dense.length
    segmentStep = isSparse ? taps.tapStep : 1
    start = taps.origin
    self.step = step
    tapStep = taps.tapStep
  }

  @inlinable @inline(__always) public var count: Int { segments &* length }

  /// Where the block's positions of a tap begin.
  @inlinable @inline(__always)
  public func offset(tap: Int) -> Int {
    if isSparse { return tap &* length }
    let place = tap &* tapStep
    return step == 1 ? place : place % step &* length &+ place / step
  }
}

/// One phase of both axes and the staging of a block of it.
public struct ConvolutionPhase {
  public let height: ConvolutionTaps
  public let width: ConvolutionTaps
  public let taps: Int
  public let stagedHeight: StagedAxis
  public let stagedWidth: StagedAxis
  /// Elements staged for a channel of an image.
  public let plane: Int

  public init(_ p: tk_convolution, _ phaseHeight: Int, _ phaseWidth: Int, gridRows: Int, gridColumns: Int) {
    height = p.height.taps(phase: phaseHeight, p.transposed)
    width = p.width.taps(phase: phaseWidth, p.transposed)
    taps = height.taps &* width.taps
    stagedHeight = StagedAxis(height, step: p.height.step(p.transposed), grid: gridRows)
    stagedWidth = StagedAxis(width, step: p.width.step(p.transposed), grid: gridColumns)
    plane = stagedHeight.count &* stagedWidth.count
  }

  /// The channels of one pass over a sum, of about `depth` terms.
  public func channels(_ p: tk_convolution, depth: Int) -> Int {
    let most = max(1, depth / max(taps, 1))
    let passes = (p.channels &+ most &- 1) / most
    return passes == 0 ? 1 : (p.channels &+ passes &- 1) / passes
  }
}

/// What `ConvolutionByChannels` stages for a block: of each channel a plane for each image, with the border that
/// the taps reach over.
public struct StagedSource {
  public let rows, columns: Int
  public let plane: Int
  /// Elements from one channel to the next: an odd number of 16, so that the channels do not fall onto the same
  /// lines of a cache.
  public let channel: Int

  @inlinable @inline(__always)
  public init(_ p: tk_convolution, _ phase: ConvolutionPhase, images: Int, rows: Int, columns: Int) {
    self.rows = (rows &- 1) &* p.height.step(p.transposed) &+ max(phase.height.taps &- 1, 0) &* phase.height.tapStep &+ 1
    self.columns =
      (columns &- 1) &* p.width.step(p.transposed) &+ max(phase.width.taps &- 1, 0) &* phase.width.tapStep &+ 1
    plane = self.rows &* self.columns
    channel = (ceilingOf(images &* plane, 16) | 1) &* 16
  }
}

extension tk_convolution_plan {
  /// - Parameters:
  ///   - blocks: of the multiply kernel that the convolution is made of
  public init(_ p: tk_convolution, _ blocks: GemmBlocks) {
    // Not where many of a tile's columns would be empty; blocks of one row and column are the reference's.
    if blocks.mr > 1 && p.channels > 0 && roundedUp(p.rows, blocks.nr) &* 3 <= p.rows &* 4 {
      self.init(p, blocks, byChannels: true)
      if staged(p) { return }
    }
    self.init(p, blocks, byChannels: false)
  }

  /// Whether what is staged by channels is not much more than the patches would be, however far apart the taps.
  private func staged(_ p: tk_convolution) -> Bool {
    for phaseHeight in 0..<p.height.phases(p.transposed) {
      for phaseWidth in 0..<p.width.phases(p.transposed) {
        let phase = ConvolutionPhase(p, phaseHeight, phaseWidth, gridRows: height, gridColumns: width)
        let rows = (height - 1).multipliedReportingOverflow(by: p.height.step(p.transposed))
        let columns = (width - 1).multipliedReportingOverflow(by: p.width.step(p.transposed))
        let region = StagedSource(p, phase, images: images, rows: height, columns: width)
        let plane = region.rows.multipliedReportingOverflow(by: region.columns)
        if rows.overflow || columns.overflow || plane.overflow { return false }
        if plane.partialValue > 4 &* height &* width &* max(phase.taps, 1) { return false }
      }
    }
    return true
  }

  private init(_ p: tk_convolution, _ blocks: GemmBlocks, byChannels: Bool) {
    self.init()
    by_channels = byChannels
    // Of a tile: its channels of the result, its positions.
    let unit = byChannels ? blocks.nr : blocks.mr, lanes = byChannels ? blocks.mr : blocks.nr
    let gridHeight = p.height.grid(p.transposed), gridWidth = p.width.grid(p.transposed)
    let pixels = p.images &* gridHeight &* gridWidth &* p.groups
    // Enough chunks for many threads, but each of some panels, whose patches fit in the second-level cache.
    depth = min(blocks.kc, 288)
    let most = roundedUp(min(320, max(2 &* blocks.nr, pixels / 16)), lanes)
    (images, height, width) = Self.block(p.images, gridHeight, gridWidth, most, lanes)
    let chunksOfPixels =
      p.groups &* ceilingOf(p.images, images) &* ceilingOf(gridHeight, height) &* ceilingOf(gridWidth, width)
    rows = roundedUp(p.rows, unit)
    // Few pixels: the rows are shared out too, though each chunk packs its patches again.
    if chunksOfPixels < 8 {
      rows = min(rows, max(4 &* unit, roundedUp(ceilingOf(rows, ceilingOf(8, chunksOfPixels)), unit)))
    }
    let columns = roundedUp(images &* height &* width, lanes)
    rows = max(unit, min(rows, (byChannels ? 1 << 16 : 1 << 18) / columns / unit &* unit))
    chunks = chunksOfPixels &* ceilingOf(p.rows, rows)

    packing_chunks = p.groups &* ceilingOf(p.rows, unit)
    packed_bytes = packing_chunks &* unit &* p.channels &* p.height.kernel &* p.width.kernel &* blocks.itemSize

    var staged = 0, packed = 0
    for phaseHeight in 0..<p.height.phases(p.transposed) {
      for phaseWidth in 0..<p.width.phases(p.transposed) {
        let phase = ConvolutionPhase(p, phaseHeight, phaseWidth, gridRows: height, gridColumns: width)
        let channels = phase.channels(p, depth: depth)
        let region = StagedSource(p, phase, images: images, rows: height, columns: width)
        staged = max(staged, channels &* (byChannels ? region.channel : images &* phase.plane))
        packed = max(packed, channels &* phase.taps &* columns)
        taps = max(taps, channels &* phase.taps)
      }
    }
    // Copies may run over the end by up to a line.
    patches_offset = roundedUp(staged &* blocks.itemSize &+ 64, 64)
    sums_offset = patches_offset &+ (byChannels ? 0 : roundedUp(packed &* blocks.itemSize &+ 64, 64))
    sums_columns = columns
    runs_offset = roundedUp(sums_offset &+ rows &* columns &* blocks.itemSize, 64)
    if byChannels {
      let place = MemoryLayout<Int>.stride
      taps_offset = runs_offset &+ columns &* place
      turned_offset = roundedUp(taps_offset &+ 2 &* taps &* place, 64)
      let isOnly = p.height.phases(p.transposed) &* p.width.phases(p.transposed) == 1
      workspace_bytes = turned_offset &+ (isOnly ? 0 : blocks.nr &* columns &* blocks.itemSize)
    } else {
      workspace_bytes = runs_offset &+ blocks.nr &* MemoryLayout<PatchRun>.stride
    }
  }

  /// The images, rows and columns of a block of about `most` positions, such that few lanes of the panels
  /// stay empty.
  static func block(_ images: Int, _ height: Int, _ width: Int, _ most: Int, _ lanes: Int)
    -> (images: Int, height: Int, width: Int)
  {
    if height &* width <= most { return (evenly(images, most, height &* width, lanes), height, width) }
    if width <= most { return (1, evenly(height, most, width, lanes), width) }
    return (1, 1, min(width, most))
  }

  /// How many of `count` items of `size` lanes to take at a time so that they fill the fewest panels: about
  /// most / size, or from half of that to double.
  private static func evenly(_ count: Int, _ most: Int, _ size: Int, _ lanes: Int) -> Int {
    let usual = max(1, min(most / max(size, 1), count))
    if lanes == 1 { return ceilingOf(count, ceilingOf(count, usual)) }
    var best = usual, fewest = Int.max
    func consider(_ step: Int) {
      let panels = count / step &* ceilingOf(step &* size, lanes) &+ ceilingOf(count % step &* size, lanes)
      if panels < fewest { (best, fewest) = (step, panels) }
    }
    var step = usual
    while step >= max(1, usual / 2) {
      consider(step)
      step &-= 1
    }
    step = usual &+ 1
    while step <= min(count, 2 &* most / max(size, 1)) {
      consider(step)
      step &+= 1
    }
    return best
  }
}

/// What one chunk computes.
public struct ConvolutionBlock {
  public let group: Int
  public let image, images: Int
  public let row, rows: Int
  public let column, columns: Int
  /// Of the result's channels in the group.
  public let first, count: Int

  public init(_ p: tk_convolution, _ plan: tk_convolution_plan, _ chunk: Int) {
    let gridHeight = p.height.grid(p.transposed), gridWidth = p.width.grid(p.transposed)
    var rest = chunk
    func next(_ total: Int, _ step: Int) -> (Int, Int) {
      let parts = ceilingOf(total, step)
      let begin = rest % parts &* step
      rest /= parts
      return (begin, min(step, total &- begin))
    }
    (first, count) = next(p.rows, plan.rows)
    (column, columns) = next(gridWidth, plan.width)
    (row, rows) = next(gridHeight, plan.height)
    (image, images) = next(p.images, plan.images)
    group = rest
  }

  @inlinable @inline(__always) public var positions: Int { images &* rows &* columns }
}

/// Neighbouring lanes of a panel that are neighbours in the staged source, in bytes.
public struct PatchRun {
  public var lane: Int
  public var source: Int
  public var count: Int

  @inlinable @inline(__always)
  public init(lane: Int, source: Int, count: Int) {
    self.lane = lane
    self.source = source
    self.count = count
  }
}

