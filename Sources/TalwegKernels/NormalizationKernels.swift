public import CIntrinsics

// Normalisation of rows (layer norm, RMS norm) and of channels (batch norm). What each computes is written
// in Reference/ReferenceNormalization.swift.

/// (rows, width, epsilon, centered, x, residual or nil, weight or nil, bias or nil, y, means, reciprocal deviations):
/// contiguous rows; weight and bias have `width` elements, the last two one for each row. The means are not
/// written if `centered` is false.
public typealias RowNormFunction = @convention(c) (
  Int, Int, Double, Bool, UnsafeRawPointer, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?,
  UnsafeMutableRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer
) -> Void

/// (rows, width, centered, gradient, x, residual or nil, weight or nil, means, reciprocal deviations,
///  gradient of x, of weight or nil, of bias or nil): the last two are of these rows alone.
public typealias RowNormBackwardFunction = @convention(c) (
  Int, Int, Bool, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer,
  UnsafeRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
) -> Void

/// (layout, x, mean, variance): of one channel, the variance over the count.
public typealias ChannelMomentsFunction = @convention(c) (
  UnsafePointer<tk_channel_layout>, UnsafeRawPointer, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
) -> Void

/// (layout, mean, scale, shift, relu, x, residual or nil, y): y = (x - mean) scale + shift, + residual, and
/// the greater of that and 0 if `relu`.
public typealias ChannelNormFunction = @convention(c) (
  UnsafePointer<tk_channel_layout>, Double, Double, Double, Bool, UnsafeRawPointer, UnsafeRawPointer?,
  UnsafeMutableRawPointer
) -> Void

/// (layout, mean, gradient, y or nil, x, sum of gradients, sum of gradients times (x - mean)): where y is
/// given, gradients count where it is positive.
public typealias ChannelGradientSumsFunction = @convention(c) (
  UnsafePointer<tk_channel_layout>, Double, UnsafeRawPointer, UnsafeRawPointer?, UnsafeRawPointer,
  UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
) -> Void

/// (layout, mean, a, b, c, gradient, y or nil, x, gradient of x, gradient of the residual or nil):
/// with g the gradient, 0 where y is given and not positive: a g + b (x - mean) + c, and g.
public typealias ChannelBackwardFunction = @convention(c) (
  UnsafePointer<tk_channel_layout>, Double, Double, Double, Double, UnsafeRawPointer, UnsafeRawPointer?,
  UnsafeRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer?
) -> Void

public struct NormalizationKernels: Sendable {
  public var rows: RowNormFunction
  public var rowsBackward: RowNormBackwardFunction
  public var channelMoments: ChannelMomentsFunction
  public var channels: ChannelNormFunction
  public var channelGradientSums: ChannelGradientSumsFunction
  public var channelsBackward: ChannelBackwardFunction
}
