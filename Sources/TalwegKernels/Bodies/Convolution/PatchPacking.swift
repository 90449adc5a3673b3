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

  /// Packs one panel for some channels. Runs are copied in whole vectors: what goes over a run's end is
  /// overwritten by the next run, the next row or the next panel.
  @inline(__always)
  static func packPatches<Word: SIMD>(
    _ phase: ConvolutionPhase, channels: Int, channelStride: Int, _ staged: UnsafeRawPointer,
    _ runs: UnsafePointer<PatchRun>, _ runCount: Int, _ packed: UnsafeMutableRawPointer, _: Word.Type
  ) {
    let size = MemoryLayout<Vector.Scalar>.size
    let line = columns &* size
    let pitch = phase.stagedWidth.count
    var to = packed
    for channel in 0..<channels {
      let plane = staged + channel &* channelStride &* size
      for y in 0..<phase.height.taps {
        let row = plane + phase.stagedHeight.offset(tap: y) &* pitch &* size
        for x in 0..<phase.width.taps {
          let from = row + phase.stagedWidth.offset(tap: x) &* size
          for i in 0..<runCount {
            let run = runs[i]
            var j = 0
            repeat {
              to.storeBytes(
                of: from.loadUnaligned(fromByteOffset: run.source &+ j, as: Word.self),
                toByteOffset: run.lane &+ j, as: Word.self)
              j &+= MemoryLayout<Word>.size
            } while j < run.count
          }
          to += line
        }
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
    var first = 0
    while first < count {
      let panel = packed + first &* depth
      let found = findRuns(
        phase, gridRows: gridRows, gridColumns: gridColumns, imageStride: imageStride, first: first,
        count: count, runs)
      if count &- first < columns { zeroLines(depth &* columns &* size, panel) }
      if gridColumns &* size <= 16 {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, panel, SIMD16<UInt8>.self)
      } else if gridColumns &* size <= 32 {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, panel, SIMD32<UInt8>.self)
      } else {
        packPatches(
          phase, channels: channels, channelStride: channelStride, staged, runs, found, panel, SIMD64<UInt8>.self)
      }
      first &+= columns
    }
  }
}
