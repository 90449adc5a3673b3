internal import CIntrinsics
import TalwegKernels

// A block's part of the source, copied to where every tap of the kernel finds the values of neighbouring
// positions next to each other, with zeros where the kernel reaches over the border.

/// Zeros a number of whole lines of 64 bytes.
@inline(__always)
func zeroLines(_ count: Int, _ to: UnsafeMutableRawPointer) {
  var i = 0
  while i < count {
    to.storeBytes(of: .zero, toByteOffset: i, as: SIMD64<UInt8>.self)
    i &+= 64
  }
}

/// The part of one segment of a staged axis that lies inside the source.
@inline(__always)
func insideSource(_ axis: StagedAxis, _ segment: Int, _ first: Int, _ source: Int)
  -> (position: Int, begin: Int, end: Int)
{
  let position = axis.start &+ segment &* axis.segmentStep &+ first &* axis.step
  if axis.step == 1 {
    return (position, min(max(0, 0 &- position), axis.length), min(max(0, source &- position), axis.length))
  }
  // Elements i with 0 <= position + i step < source.
  let begin = position >= 0 ? 0 : (axis.step &- 1 &- position) / axis.step
  let end = position >= source ? 0 : (source &- 1 &- position) / axis.step &+ 1
  return (position, min(begin, axis.length), min(end, axis.length))
}

/// Stages one plane of the source; what lies outside it is left as it was, zero.
@inline(__always)
func stagePlane<T>(
  _ p: tk_convolution, _ phase: ConvolutionPhase, row: Int, column: Int,
  _ source: UnsafePointer<T>, _ staged: UnsafeMutablePointer<T>
) {
  let pitch = phase.stagedWidth.count
  for b in 0..<phase.stagedWidth.segments {
    let columns = insideSource(phase.stagedWidth, b, column, p.width.source)
    let count = columns.end &- columns.begin
    if count <= 0 { continue }
    let from = source + (columns.position &+ columns.begin &* phase.stagedWidth.step)
    let to = staged + (b &* phase.stagedWidth.length &+ columns.begin)
    for a in 0..<phase.stagedHeight.segments {
      let rows = insideSource(phase.stagedHeight, a, row, p.height.source)
      var line = from + (rows.position &+ rows.begin &* phase.stagedHeight.step) &* p.width.source
      var target = to + (a &* phase.stagedHeight.length &+ rows.begin) &* pitch
      var i = rows.begin
      while i < rows.end {
        switch phase.stagedWidth.step {
        case 1: copyBytes(count &* MemoryLayout<T>.size, line, target)
        case 2: for j in 0..<count { target[j] = line[2 &* j] }
        default: for j in 0..<count { target[j] = line[j &* phase.stagedWidth.step] }
        }
        line += phase.stagedHeight.step &* p.width.source
        target += pitch
        i &+= 1
      }
    }
  }
}
