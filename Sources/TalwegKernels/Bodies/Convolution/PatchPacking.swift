internal import CIntrinsics
import TalwegKernels

// Patches as panels of B: row k of a panel holds, for neighbouring positions of the grid, the values that
// tap k of the kernel (channel, row, column) meets.

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// The runs of the panel that begins at position `first` of a block of `count` positions.
  @inline(__always)
  static func findRuns(
    _ phase: ConvolutionPhase, gridRows: Int, gridColumns: Int, imageStride: Int,
    first: Int, count: Int, _ runs: UnsafeMutablePointer<PatchRun>
  ) -> Int {
    let size = MemoryLayout<Vector.Scalar>.size
    var row = first / gridColumns
    var column = first &- row &* gridColumns
    var image = row / gridRows
    row &-= image &* gridRows
    var lane = 0, found = 0
    let lanes = min(columns, count &- first)
    while lane < lanes {
      let length = min(gridColumns &- column, lanes &- lane)
      runs[found] = PatchRun(
        lane: lane &* size,
        source: (image &* imageStride &+ row &* phase.stagedWidth.count &+ column) &* size, count: length &* size)
      found &+= 1
      lane &+= length
      column = 0
      row &+= 1
      if row == gridRows { (row, image) = (0, image &+ 1) }
    }
    return found
  }

  /// Calls `body` for each row of a panel, in order, with where the tap of the panel's image 0 is staged.
  @inline(__always)
  private static func forEachRow(
    _ phase: ConvolutionPhase, channels: Int, channelStride: Int, _ staged: UnsafeRawPointer,
    _ body: (UnsafeRawPointer) -> Void
  ) {
    let size = MemoryLayout<Vector.Scalar>.size
    let pitch = phase.stagedWidth.count
    for channel in 0..<channels {
      let plane = staged + channel &* channelStride &* size
      for y in 0..<phase.height.taps {
        let row = plane + phase.stagedHeight.offset(tap: y) &* pitch &* size
        for x in 0..<phase.width.taps { body(row + phase.stagedWidth.offset(tap: x) &* size) }
      }
    }
  }

  /// Packs one panel for some channels. Runs are copied in whole words: what goes over a run's end is
  /// overwritten by the next run, the next row or the next panel.
  @inline(__always)
  static func packPatches<Word: SIMD>(
    _ phase: ConvolutionPhase, channels: Int, channelStride: Int, _ staged: UnsafeRawPointer,
    _ runs: UnsafePointer<PatchRun>, _ runCount: Int, _ longest: Int, _ packed: UnsafeMutableRawPointer,
    _: Word.Type
  ) {
    let line = columns &* MemoryLayout<Vector.Scalar>.size
    let word = MemoryLayout<Word>.size
    var to = packed
    if longest <= word {
      forEachRow(phase, channels: channels, channelStride: channelStride, staged) { from in
        var i = 0
        while i < runCount {
          to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: runs[i].source, as: Word.self), toByteOffset: runs[i].lane,
            as: Word.self)
          i &+= 1
        }
        to += line
      }
    } else if runCount == 1 {
      // A whole line, of a number of words that is known at compile time.
      let source = runs[0].source
      forEachRow(phase, channels: channels, channelStride: channelStride, staged) { from in
        var j = 0
        while j < line {
          to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: source &+ j, as: Word.self), toByteOffset: j, as: Word.self)
          j &+= word
        }
        to += line
      }
    } else {
      forEachRow(phase, channels: channels, channelStride: channelStride, staged) { from in
        var i = 0
        while i < runCount {
          let run = runs[i]
          var j = 0
          repeat {
            to.storeBytes(
              of: from.loadUnaligned(fromByteOffset: run.source &+ j, as: Word.self), toByteOffset: run.lane &+ j,
              as: Word.self)
            j &+= word
          } while j < run.count
          i &+= 1
        }
        to += line
      }
    }
  }

  /// All panels of a block.
  @inline(__always)
  static func packBlock(
    _ phase: ConvolutionPhase, images: Int, gridRows: Int, gridColumns: Int,
    channels: Int, imageStride: Int, channelStride: Int, _ staged: UnsafeRawPointer,
    _ runs: UnsafeMutablePointer<PatchRun>, _ packed: UnsafeMutablePointer<Vector.Scalar>
  ) {
    let size = MemoryLayout<Vector.Scalar>.size
    let count = images &* gridRows &* gridColumns
    let depth = channels &* phase.taps
    let longest = min(gridColumns, columns) &* size
    var first = 0
    while first < count {
      let panel = packed + first &* depth
      let found = findRuns(
        phase, gridRows: gridRows, gridColumns: gridColumns, imageStride: imageStride, first: first, count: count,
        runs)
      if count &- first < columns { zeroLines(depth &* columns &* size, panel) }
      if longest <= 16 {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, longest, panel,
          SIMD16<UInt8>.self)
      } else if longest <= 32 {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, longest, panel,
          SIMD32<UInt8>.self)
      } else {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, longest, panel,
          SIMD64<UInt8>.self)
      }
      first &+= columns
    }
  }
}
