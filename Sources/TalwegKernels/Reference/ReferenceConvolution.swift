public import CIntrinsics

// Convolutions as the plain sums of their definition, a position of the result at a time.

extension ConvolutionKernels {
  static let referenceF32 = ConvolutionKernels(
    packWeights: { referencePackWeights($0.pointee, $2, $3, $4, Float.self) },
    convolve: { p, plan, source, packed, bias, result, chunk, _ in
      referenceConvolve(p.pointee, plan.pointee, source, packed, bias, result, chunk, Float.self)
    },
    weightGradient: { p, plan, source, gradient, sums, chunk, _ in
      referenceWeightGradient(p.pointee, plan.pointee, source, gradient, sums, chunk, Float.self)
    },
    finishWeightGradient: { p, plan, sums, result, chunk in
      referenceFinish(p.pointee, plan.pointee, sums, result, chunk, Float.self)
    })
  static let referenceF64 = ConvolutionKernels(
    packWeights: { referencePackWeights($0.pointee, $2, $3, $4, Double.self) },
    convolve: { p, plan, source, packed, bias, result, chunk, _ in
      referenceConvolve(p.pointee, plan.pointee, source, packed, bias, result, chunk, Double.self)
    },
    weightGradient: { p, plan, source, gradient, sums, chunk, _ in
      referenceWeightGradient(p.pointee, plan.pointee, source, gradient, sums, chunk, Double.self)
    },
    finishWeightGradient: { p, plan, sums, result, chunk in
      referenceFinish(p.pointee, plan.pointee, sums, result, chunk, Double.self)
    })
}

/// The weights as [group, row, channel, height, width]: a chunk is a row.
@inline(__always)
private func referencePackWeights<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ weight: UnsafeRawPointer, _ packed: UnsafeMutableRawPointer, _ chunk: Int, _: T.Type
) {
  let from = weight.assumingMemoryBound(to: T.self)
    + (chunk / p.rows &* p.weight_group &+ chunk % p.rows &* p.weight_row)
  let taps = p.height.kernel &* p.width.kernel
  let to = packed.assumingMemoryBound(to: T.self) + chunk &* p.channels &* taps
  for channel in 0..<p.channels {
    for tap in 0..<taps { to[channel &* taps &+ tap] = from[channel &* p.weight_channel &+ tap] }
  }
}

extension tk_axis {
  /// The source position that position `result` meets at tap k; nil where there is none.
  @inline(__always)
  func source(_ result: Int, _ k: Int, _ transposed: Bool) -> Int? {
    var position: Int
    if transposed {
      let place = result &+ padding &- k &* dilation
      guard place % stride == 0 else { return nil }
      position = place / stride
    } else {
      position = result &* stride &- padding &+ k &* dilation
    }
    return position >= 0 && position < source ? position : nil
  }
}

@inline(__always)
private func referenceConvolve<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_convolution_plan, _ source: UnsafeRawPointer, _ packed: UnsafeRawPointer,
  _ bias: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer, _ chunk: Int, _: T.Type
) {
  let source = source.assumingMemoryBound(to: T.self), packed = packed.assumingMemoryBound(to: T.self)
  let bias = bias?.assumingMemoryBound(to: T.self), result = result.assumingMemoryBound(to: T.self)
  let block = ConvolutionBlock(p, plan, chunk)
  let (stepHeight, stepWidth) = (p.height.spacing(p.transposed), p.width.spacing(p.transposed))
  for image in block.image..<(block.image &+ block.images) {
    for row in block.first..<(block.first &+ block.count) {
      let channel = block.group &* p.rows &+ row
      let weights = packed + channel &* p.channels &* p.height.kernel &* p.width.kernel
      let to = result + (image &* p.groups &* p.rows &+ channel) &* p.height.result &* p.width.result
      let from = source + (image &* p.groups &+ block.group) &* p.channels &* p.height.source &* p.width.source
      let endHeight = min((block.row &+ block.rows) &* stepHeight, p.height.result)
      let endWidth = min((block.column &+ block.columns) &* stepWidth, p.width.result)
      for y in (block.row &* stepHeight)..<endHeight {
        for x in (block.column &* stepWidth)..<endWidth {
          var sum = referencePosition(p, from, weights, y, x)
          if let bias { sum += bias[channel] }
          to[y &* p.width.result &+ x] = sum
        }
      }
    }
  }
}

@inline(__always)
private func referencePosition<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ source: UnsafePointer<T>, _ weights: UnsafePointer<T>, _ y: Int, _ x: Int
) -> T {
  var sum: T = 0
  for channel in 0..<p.channels {
    for ky in 0..<p.height.kernel {
      guard let sy = p.height.source(y, ky, p.transposed) else { continue }
      for kx in 0..<p.width.kernel {
        guard let sx = p.width.source(x, kx, p.transposed) else { continue }
        let weight = weights[(channel &* p.height.kernel &+ ky) &* p.width.kernel &+ kx]
        sum += weight * source[(channel &* p.height.source &+ sy) &* p.width.source &+ sx]
      }
    }
  }
  return sum
}

@inline(__always)
private func referenceWeightGradient<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ source: UnsafeRawPointer, _ gradient: UnsafeRawPointer,
  _ sums: UnsafeMutableRawPointer, _ chunk: Int, _: T.Type
) {
  let source = source.assumingMemoryBound(to: T.self), gradient = gradient.assumingMemoryBound(to: T.self)
  let chunk = WeightGradientChunk(p, plan, chunk)
  let taps = p.height.kernel &* p.width.kernel
  let sums = sums.assumingMemoryBound(to: T.self)
    + (chunk.part &* p.groups &+ chunk.group) &* p.rows &* p.channels &* taps
  for row in 0..<p.rows {
    for channel in chunk.channel..<(chunk.channel &+ chunk.channels) {
      for tap in 0..<taps {
        var sum: T = 0
        for index in chunk.blocks {
          let block = WeightGradientChunk.positions(p, plan, index)
          for image in block.image..<(block.image &+ block.images) {
            let from = source
              + ((image &* p.groups &+ chunk.group) &* p.channels &+ channel) &* p.height.source &* p.width.source
            let to = gradient
              + ((image &* p.groups &+ chunk.group) &* p.rows &+ row) &* p.height.result &* p.width.result
            for y in block.row..<(block.row &+ block.rows) {
              guard let sy = p.height.source(y, tap / p.width.kernel, false) else { continue }
              for x in block.column..<(block.column &+ block.columns) {
                guard let sx = p.width.source(x, tap % p.width.kernel, false) else { continue }
                sum += to[y &* p.width.result &+ x] * from[sy &* p.width.source &+ sx]
              }
            }
          }
        }
        sums[(row &* p.channels &+ channel) &* taps &+ tap] = sum
      }
    }
  }
}

@inline(__always)
private func referenceFinish<T: BinaryFloatingPoint>(
  _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ sums: UnsafeMutableRawPointer,
  _ result: UnsafeMutableRawPointer, _ chunk: Int, _: T.Type
) {
  let sums = sums.assumingMemoryBound(to: T.self), result = result.assumingMemoryBound(to: T.self)
  let count = p.groups &* p.rows &* p.channels &* p.height.kernel &* p.width.kernel
  let first = chunk &* tk_weight_gradient_plan.elementsFinished
  for i in first..<min(count, first &+ tk_weight_gradient_plan.elementsFinished) {
    result[i] = sums[i]
    for part in 1..<plan.parts { result[i] += sums[part &* count &+ i] }
  }
}
