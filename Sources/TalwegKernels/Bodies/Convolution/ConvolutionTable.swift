internal import CIntrinsics
import TalwegKernels

extension FloatKernels {
  mutating func setVectorConvolutionF32() {
    convolution.packWeights = { p, plan, weight, packed, chunk in
      packWeightsF32(
        p.pointee, plan.pointee, weight.assumingMemoryBound(to: Float.self),
        packed.assumingMemoryBound(to: Float.self), chunk)
    }
    convolution.convolve = { p, plan, source, packed, bias, result, chunk, workspace in
      convolveF32(
        p.pointee, plan.pointee, source.assumingMemoryBound(to: Float.self),
        packed.assumingMemoryBound(to: Float.self), bias?.assumingMemoryBound(to: Float.self),
        result.assumingMemoryBound(to: Float.self), chunk, workspace)
    }
    convolution.weightGradient = { p, plan, source, gradient, sums, chunk, workspace in
      weightGradientF32(
        p.pointee, plan.pointee, source.assumingMemoryBound(to: Float.self),
        gradient.assumingMemoryBound(to: Float.self), sums.assumingMemoryBound(to: Float.self), chunk, workspace)
    }
    convolution.finishWeightGradient = { p, plan, sums, result, chunk in
      let sums = sums.assumingMemoryBound(to: Float.self), result = result.assumingMemoryBound(to: Float.self)
      if plan.pointee.by_channels {
        TileF32.finishByChannels(p.pointee, plan.pointee, sums, result, chunk)
      } else {
        TileF32.finishWeightGradient(p.pointee, plan.pointee, sums, result, chunk)
      }
    }
  }

  mutating func setVectorConvolutionF64() {
    convolution.packWeights = { p, plan, weight, packed, chunk in
      packWeightsF64(
        p.pointee, plan.pointee, weight.assumingMemoryBound(to: Double.self),
        packed.assumingMemoryBound(to: Double.self), chunk)
    }
    convolution.convolve = { p, plan, source, packed, bias, result, chunk, workspace in
      convolveF64(
        p.pointee, plan.pointee, source.assumingMemoryBound(to: Double.self),
        packed.assumingMemoryBound(to: Double.self), bias?.assumingMemoryBound(to: Double.self),
        result.assumingMemoryBound(to: Double.self), chunk, workspace)
    }
    convolution.weightGradient = { p, plan, source, gradient, sums, chunk, workspace in
      weightGradientF64(
        p.pointee, plan.pointee, source.assumingMemoryBound(to: Double.self),
        gradient.assumingMemoryBound(to: Double.self), sums.assumingMemoryBound(to: Double.self), chunk, workspace)
    }
    convolution.finishWeightGradient = { p, plan, sums, result, chunk in
      let sums = sums.assumingMemoryBound(to: Double.self), result = result.assumingMemoryBound(to: Double.self)
      if plan.pointee.by_channels {
        TileF64.finishByChannels(p.pointee, plan.pointee, sums, result, chunk)
      } else {
        TileF64.finishWeightGradient(p.pointee, plan.pointee, sums, result, chunk)
      }
    }
  }
}

@inline(never)
private func packWeightsF32(
  _ p: tk_convolution, _ plan: tk_convolution_plan, _ weight: UnsafePointer<Float>,
  _ packed: UnsafeMutablePointer<Float>, _ chunk: Int
) { TileF32.packWeights(p, plan, weight, packed, chunk) }

@inline(never)
private func packWeightsF64(
  _ p: tk_convolution, _ plan: tk_convolution_plan, _ weight: UnsafePointer<Double>,
  _ packed: UnsafeMutablePointer<Double>, _ chunk: Int
) { TileF64.packWeights(p, plan, weight, packed, chunk) }

@inline(never)
private func convolveF32(
  _ p: tk_convolution, _ plan: tk_convolution_plan, _ source: UnsafePointer<Float>, _ packed: UnsafePointer<Float>,
  _ bias: UnsafePointer<Float>?, _ result: UnsafeMutablePointer<Float>, _ chunk: Int,
  _ workspace: UnsafeMutableRawPointer
) {
  if plan.by_channels {
    TileF32.convolveByChannels(p, plan, source, packed, bias, result, chunk, workspace)
  } else {
    TileF32.convolve(p, plan, source, packed, bias, result, chunk, workspace)
  }
}

@inline(never)
private func convolveF64(
  _ p: tk_convolution, _ plan: tk_convolution_plan, _ source: UnsafePointer<Double>, _ packed: UnsafePointer<Double>,
  _ bias: UnsafePointer<Double>?, _ result: UnsafeMutablePointer<Double>, _ chunk: Int,
  _ workspace: UnsafeMutableRawPointer
) {
  if plan.by_channels {
    TileF64.convolveByChannels(p, plan, source, packed, bias, result, chunk, workspace)
  } else {
    TileF64.convolve(p, plan, source, packed, bias, result, chunk, workspace)
  }
}

@inline(never)
private func weightGradientF32(
  _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ source: UnsafePointer<Float>,
  _ gradient: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>, _ chunk: Int,
  _ workspace: UnsafeMutableRawPointer
) {
  if plan.by_channels {
    TileF32.weightGradientByChannels(p, plan, source, gradient, sums, chunk, workspace)
  } else {
    TileF32.weightGradient(p, plan, source, gradient, sums, chunk, workspace)
  }
}

@inline(never)
private func weightGradientF64(
  _ p: tk_convolution, _ plan: tk_weight_gradient_plan, _ source: UnsafePointer<Double>,
  _ gradient: UnsafePointer<Double>, _ sums: UnsafeMutablePointer<Double>, _ chunk: Int,
  _ workspace: UnsafeMutableRawPointer
) {
  if plan.by_channels {
    TileF64.weightGradientByChannels(p, plan, source, gradient, sums, chunk, workspace)
  } else {
    TileF64.weightGradient(p, plan, source, gradient, sums, chunk, workspace)
  }
}
