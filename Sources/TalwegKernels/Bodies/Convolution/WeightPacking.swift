internal import CIntrinsics
import TalwegKernels

extension RegisterTile where Rows.Line == Wide<Vector> {
  /// Packs one panel of rows of the weights, or of columns by channels, for every phase and pass of a convolution.
  @inline(__always)
  static func packWeights(
    _ p: tk_convolution, _ plan: tk_convolution_plan, _ weight: UnsafePointer<Vector.Scalar>,
    _ packed: UnsafeMutablePointer<Vector.Scalar>, _ chunk: Int
  ) {
    let rows = plan.by_channels ? columns : rows
    let panels = ceilingOf(p.rows, rows)
    let group = chunk / panels
    let panel = chunk &- group &* panels
    let height = min(rows, p.rows &- panel &* rows)
    let from = weight + (group &* p.weight_group &+ panel &* rows &* p.weight_row)
    let padded = panels &* rows
    var to = packed + group &* padded &* p.channels &* p.height.kernel &* p.width.kernel
    for phaseHeight in 0..<p.height.phases(p.transposed) {
      for phaseWidth in 0..<p.width.phases(p.transposed) {
        let phase = ConvolutionPhase(p, phaseHeight, phaseWidth, gridRows: 1, gridColumns: 1)
        if phase.taps == 0 { continue }
        let step = phase.channels(p, depth: plan.depth)
        let isWhole = !p.transposed && p.weight_channel == phase.taps
        var channel = 0
        while channel < p.channels {
          let channels = min(step, p.channels &- channel)
          let depth = channels &* phase.taps
          let place = to + panel &* rows &* depth
          if isWhole {
            Vector.pack(height, depth, from + channel &* p.weight_channel, p.weight_row, 1, rows, place)
          } else {
            packTaps(p, phase, height, rows, channels, from + channel &* p.weight_channel, place)
          }
          to += padded &* depth
          channel &+= step
        }
      }
    }
  }

  /// The same panel, tap by tap.
  @inline(__always)
  private static func packTaps(
    _ p: tk_convolution, _ phase: ConvolutionPhase, _ height: Int, _ rows: Int, _ channels: Int,
    _ from: UnsafePointer<Vector.Scalar>, _ packed: UnsafeMutablePointer<Vector.Scalar>
  ) {
    var to = packed
    for channel in 0..<channels {
      for y in 0..<phase.height.taps {
        let row = (phase.height.kernelFirst &+ y &* phase.height.kernelStep) &* p.width.kernel
        for x in 0..<phase.width.taps {
          let tap = row &+ phase.width.kernelFirst &+ x &* phase.width.kernelStep
          let line = from + (channel &* p.weight_channel &+ tap)
          for i in 0..<height { to[i] = line[i &* p.weight_row] }
          for i in height..<rows { to[i] = 0 }
          to += rows
        }
      }
    }
  }
}
