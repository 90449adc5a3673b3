internal import CIntrinsics
import TalwegKernels

// Pooling stages a part of a plane as a convolution does, so that a tap of neighbouring windows is a vector,
// for any stride. What goes back to the source is summed up staged and added to it from there.

/// A staged block of one plane's windows.
struct PoolingBlock {
  let row, rows: Int
  let column, columns: Int
}

extension FloatVector {
  /// Calls `body` for each plane and each block of it with the phase and the plane's number.
  @inline(__always)
  private static func forEachBlock(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ chunk: Int,
    _ body: (ConvolutionPhase, Int, PoolingBlock) -> Void
  ) {
    let phase = ConvolutionPhase(p, 0, 0, gridRows: plan.height, gridColumns: plan.width)
    let first = chunk &* plan.planes
    for plane in first..<min(p.images, first &+ plan.planes) {
      var row = 0
      while row < p.height.result {
        var column = 0
        while column < p.width.result {
          body(
            phase, plane,
            PoolingBlock(
              row: row, rows: min(plan.height, p.height.result &- row), column: column,
              columns: min(plan.width, p.width.result &- column)))
          column &+= plan.width
        }
        row &+= plan.height
      }
    }
  }

  /// Calls `body` for each tap with its number and where the block's first position has it staged.
  @inline(__always)
  private static func forEachTap(_ phase: ConvolutionPhase, _ body: (Int, Int) -> Void) {
    for y in 0..<phase.height.taps {
      let line = phase.stagedHeight.offset(tap: y) &* phase.stagedWidth.count
      for x in 0..<phase.width.taps {
        body(y &* phase.width.taps &+ x, line &+ phase.stagedWidth.offset(tap: x))
      }
    }
  }

  /// Stages a block of a plane over `outside`.
  @inline(__always)
  private static func stage(
    _ p: tk_convolution, _ phase: ConvolutionPhase, _ block: PoolingBlock, _ x: UnsafePointer<Scalar>,
    _ staged: UnsafeMutablePointer<Scalar>, outside: Scalar
  ) {
    if p.height.padding != 0 || p.width.padding != 0 { staged.update(repeating: outside, count: phase.plane) }
    stagePlane(p, phase, row: block.row, column: block.column, x, staged)
  }

  /// Adds what is staged to a plane.
  @inline(__always)
  private static func addStaged(
    _ p: tk_convolution, _ phase: ConvolutionPhase, _ block: PoolingBlock, _ staged: UnsafePointer<Scalar>,
    _ x: UnsafeMutablePointer<Scalar>
  ) {
    let pitch = phase.stagedWidth.count
    for a in 0..<phase.stagedHeight.segments {
      let rows = insideSource(phase.stagedHeight, a, block.row, p.height.source)
      var i = rows.begin
      while i < rows.end {
        let line = x + (rows.position &+ i &* phase.stagedHeight.step) &* p.width.source
        let from = staged + (a &* phase.stagedHeight.length &+ i) &* pitch
        for b in 0..<phase.stagedWidth.segments {
          let columns = insideSource(phase.stagedWidth, b, block.column, p.width.source)
          let values = from + b &* phase.stagedWidth.length
          var j = columns.begin
          while j < columns.end {
            line[columns.position &+ j &* phase.stagedWidth.step] += values[j]
            j &+= 1
          }
        }
        i &+= 1
      }
    }
  }

  /// The greatest of each window, and which tap it is.
  @inline(__always)
  static func poolMaximum(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ taps: UnsafeMutablePointer<Scalar>?, _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let staged = workspace.assumingMemoryBound(to: Scalar.self)
    let firstTaps = (workspace + plan.columns_offset).assumingMemoryBound(to: Scalar.self)
    forEachBlock(p, plan, chunk) { phase, plane, block in
      stage(p, phase, block, x + plane &* p.height.source &* p.width.source, staged, outside: -.infinity)
      for j in 0..<block.columns {
        firstTaps[j] = Scalar(p.width.tapsInside(block.column &+ j).lowerBound)
      }
      for i in 0..<block.rows {
        let firstRow = p.height.tapsInside(block.row &+ i).lowerBound &* p.width.kernel
        let place = (plane &* p.height.result &+ block.row &+ i) &* p.width.result &+ block.column
        let line = staged + i &* phase.stagedWidth.count
        var j = 0
        while j < block.columns {
          let count = min(lanes, block.columns &- j)
          var best = Self(-.infinity)
          var tap = loadVector(firstTaps, 1, j, count, fill: 0, Self.self) + Self(Scalar(firstRow))
          forEachTap(phase) { number, offset in
            let value = loadVector(line + offset, 1, j, count, fill: 0, Self.self)
            let better = either(best < value, value != value)
            best = select(better, value, best)
            tap = select(better, Self(Scalar(number)), tap)
          }
          storeVector(best, y + place, j, count)
          if let taps { storeVector(tap, taps + place, j, count) }
          j &+= lanes
        }
      }
    }
  }

  /// The element at each window's tap.
  @inline(__always)
  static func poolGather(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ taps: UnsafePointer<Scalar>, _ chunk: Int
  ) {
    forEachBlock(p, plan, chunk) { phase, plane, block in
      let from = x + plane &* p.height.source &* p.width.source
      for i in block.row..<(block.row &+ block.rows) {
        let place = (plane &* p.height.result &+ i) &* p.width.result
        for j in block.column..<(block.column &+ block.columns) {
          let tap = Int(Double(taps[place &+ j]))
          let row = i &* p.height.stride &- p.height.padding &+ tap / p.width.kernel &* p.height.dilation
          let column = j &* p.width.stride &- p.width.padding &+ tap % p.width.kernel &* p.width.dilation
          let inside = row >= 0 && row < p.height.source && column >= 0 && column < p.width.source
          y[place &+ j] = inside ? from[row &* p.width.source &+ column] : 0
        }
      }
    }
  }

  /// Sums of what each window sends to its tap.
  @inline(__always)
  static func poolScatter(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafePointer<Scalar>,
    _ taps: UnsafePointer<Scalar>, _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let staged = workspace.assumingMemoryBound(to: Scalar.self)
    clearPlanes(p, plan, x, chunk)
    forEachBlock(p, plan, chunk) { phase, plane, block in
      staged.update(repeating: 0, count: phase.plane)
      for i in 0..<block.rows {
        let place = (plane &* p.height.result &+ block.row &+ i) &* p.width.result &+ block.column
        let line = staged + i &* phase.stagedWidth.count
        var j = 0
        while j < block.columns {
          let count = min(lanes, block.columns &- j)
          let value = loadVector(y + place, 1, j, count, fill: 0, Self.self)
          let tap = loadVector(taps + place, 1, j, count, fill: -1, Self.self)
          forEachTap(phase) { number, offset in
            let sent = select(tap == Self(Scalar(number)), value, Self(0))
            let sum = loadVector(line + offset, 1, j, count, fill: 0, Self.self) + sent
            storeVector(sum, line + offset, j, count)
          }
          j &+= lanes
        }
      }
      addStaged(p, phase, block, staged, x + plane &* p.height.source &* p.width.source)
    }
  }

  /// The mean of each window.
  @inline(__always)
  static func poolMean(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafePointer<Scalar>, _ y: UnsafeMutablePointer<Scalar>,
    _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let staged = workspace.assumingMemoryBound(to: Scalar.self)
    let counts = (workspace + plan.columns_offset).assumingMemoryBound(to: Scalar.self)
    forEachBlock(p, plan, chunk) { phase, plane, block in
      stage(p, phase, block, x + plane &* p.height.source &* p.width.source, staged, outside: 0)
      countColumns(p, plan, block, counts)
      for i in 0..<block.rows {
        let rows = Self(countRows(p, plan, block.row &+ i))
        let place = (plane &* p.height.result &+ block.row &+ i) &* p.width.result &+ block.column
        let line = staged + i &* phase.stagedWidth.count
        var j = 0
        while j < block.columns {
          let count = min(lanes, block.columns &- j)
          var sum = Self(0)
          forEachTap(phase) { _, offset in
            sum = sum + loadVector(line + offset, 1, j, count, fill: 0, Self.self)
          }
          let divisor = rows * loadVector(counts, 1, j, count, fill: 1, Self.self)
          storeVector(sum / divisor, y + place, j, count)
          j &+= lanes
        }
      }
    }
  }

  /// Each position's value shared out over its window.
  @inline(__always)
  static func poolSpread(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutablePointer<Scalar>, _ y: UnsafePointer<Scalar>,
    _ chunk: Int, _ workspace: UnsafeMutableRawPointer
  ) {
    let staged = workspace.assumingMemoryBound(to: Scalar.self)
    let counts = (workspace + plan.columns_offset).assumingMemoryBound(to: Scalar.self)
    clearPlanes(p, plan, x, chunk)
    forEachBlock(p, plan, chunk) { phase, plane, block in
      staged.update(repeating: 0, count: phase.plane)
      countColumns(p, plan, block, counts)
      for i in 0..<block.rows {
        let rows = Self(countRows(p, plan, block.row &+ i))
        let place = (plane &* p.height.result &+ block.row &+ i) &* p.width.result &+ block.column
        let line = staged + i &* phase.stagedWidth.count
        var j = 0
        while j < block.columns {
          let count = min(lanes, block.columns &- j)
          let divisor = rows * loadVector(counts, 1, j, count, fill: 1, Self.self)
          let sent = loadVector(y + place, 1, j, count, fill: 0, Self.self) / divisor
          forEachTap(phase) { _, offset in
            storeVector(
              loadVector(line + offset, 1, j, count, fill: 0, Self.self) + sent, line + offset, j, count)
          }
          j &+= lanes
        }
      }
      addStaged(p, phase, block, staged, x + plane &* p.height.source &* p.width.source)
    }
  }

  @inline(__always)
  private static func clearPlanes(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ x: UnsafeMutablePointer<Scalar>, _ chunk: Int
  ) {
    let plane = p.height.source &* p.width.source
    let first = chunk &* plan.planes
    (x + first &* plane).update(repeating: 0, count: min(plan.planes, p.images &- first) &* plane)
  }

  /// How many columns of each window count.
  @inline(__always)
  private static func countColumns(
    _ p: tk_convolution, _ plan: tk_pooling_plan, _ block: PoolingBlock, _ counts: UnsafeMutablePointer<Scalar>
  ) {
    for j in 0..<block.columns {
      counts[j] = Scalar(plan.counts_padding ? p.width.kernel : max(1, p.width.tapsInside(block.column &+ j).count))
    }
  }

  @inline(__always)
  private static func countRows(_ p: tk_convolution, _ plan: tk_pooling_plan, _ row: Int) -> Scalar {
    Scalar(plan.counts_padding ? p.height.kernel : max(1, p.height.tapsInside(row).count))
  }
}
