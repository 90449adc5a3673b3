public import CIntrinsics

/// (convolution, plan, weight, packed, chunk): packs one of `packing_chunks` parts of the weights.
public typealias PackWeightsFunction = @convention(c) (
  UnsafePointer<tk_convolution>, UnsafePointer<tk_convolution_plan>, UnsafeRawPointer, UnsafeMutableRawPointer, Int
) -> Void

/// (convolution, plan, source, packed weights, bias or nil, result, chunk, workspace): computes one of
/// `chunks` parts of the result.
public typealias ConvolveFunction = @convention(c) (
  UnsafePointer<tk_convolution>, UnsafePointer<tk_convolution_plan>, UnsafeRawPointer, UnsafeRawPointer,
  UnsafeRawPointer?, UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer
) -> Void

/// (convolution, plan, source, gradient of the result, sums, chunk, workspace): one of `chunks` parts of the
/// gradient to the weights. `sums` is the gradient itself if the plan has no sums.
public typealias WeightGradientFunction = @convention(c) (
  UnsafePointer<tk_convolution>, UnsafePointer<tk_weight_gradient_plan>, UnsafeRawPointer, UnsafeRawPointer,
  UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer
) -> Void

/// (convolution, plan, sums, gradient, chunk): one of `finishing_chunks` parts of adding the sums up, which
/// are overwritten.
public typealias FinishWeightGradientFunction = @convention(c) (
  UnsafePointer<tk_convolution>, UnsafePointer<tk_weight_gradient_plan>, UnsafeMutableRawPointer,
  UnsafeMutableRawPointer, Int
) -> Void

/// Convolutions, see `tk_convolution`. Chunks may run on any threads, in any order; a workspace serves one
/// at a time and is aligned to 64 bytes, as are packed weights. The order of the sum of each element depends
/// on the convolution alone.
public struct ConvolutionKernels: Sendable {
  public var packWeights: PackWeightsFunction
  public var convolve: ConvolveFunction
  public var weightGradient: WeightGradientFunction
  public var finishWeightGradient: FinishWeightGradientFunction
}
