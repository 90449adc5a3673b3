public import CIntrinsics

extension tk_pooling_plan {
  public init(_ p: tk_convolution, itemSize: Int, countsPadding: Bool) {
    self.init()
    (_, height, width) = tk_convolution_plan.block(1, p.height.result, p.width.result, 2048, 1)
    planes = max(1, (1 << 15) / max(1, p.height.source &* p.width.source &+ p.height.result &* p.width.result))
    chunks = ceilingOf(p.images, planes)
    counts_padding = countsPadding
    let phase = ConvolutionPhase(p, 0, 0, gridRows: height, gridColumns: width)
    columns_offset = roundedUp(phase.plane &* itemSize, 64)
    workspace_bytes = columns_offset &+ width &* itemSize
  }
}

extension tk_axis {
  /// The taps of a direct convolution that lie inside the source, at a position of the result.
  public func tapsInside(_ position: Int) -> Range<Int> {
    let first = position &* stride &- padding
    let begin = first >= 0 ? 0 : ceilingOf(0 &- first, dilation)
    let end = first >= source ? 0 : min(kernel, ceilingOf(source &- first, dilation))
    return min(begin, end)..<end
  }
}
