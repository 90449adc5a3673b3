public import CIntrinsics

// Losses, and the backward passes of softmax. What each computes is written in Reference/ReferenceLosses.swift.

/// (n, columns, stride, x, y): `columns` neighbours, each with n elements that are `stride` apart.
public typealias ColumnsFunction = @convention(c) (
  Int, Int, Int, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (rows, width, y, gradient, gradient of x), contiguous rows.
public typealias RowsBackwardFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (n, columns, stride, y, gradient, gradient of x), as `ColumnsFunction`.
public typealias ColumnsBackwardFunction = @convention(c) (
  Int, Int, Int, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (rows, classes, options, logits, labels, losses, logarithms of the sums of exponentials), contiguous.
public typealias CrossEntropyFunction = @convention(c) (
  Int, Int, UnsafePointer<tk_cross_entropy_options>, UnsafeRawPointer, UnsafePointer<Int64>,
  UnsafeMutableRawPointer, UnsafeMutableRawPointer
) -> Void

/// (rows, classes, options, scale, logits, labels, logarithms of the sums, gradient of the logits), contiguous.
public typealias CrossEntropyBackwardFunction = @convention(c) (
  Int, Int, UnsafePointer<tk_cross_entropy_options>, Double, UnsafeRawPointer, UnsafePointer<Int64>,
  UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

/// (n, a, b) -> a number, contiguous.
public typealias PairFunction = @convention(c) (Int, UnsafeRawPointer, UnsafeRawPointer) -> Double

/// (n, scale, a, b, y), contiguous.
public typealias ScaledPairFunction = @convention(c) (
  Int, Double, UnsafeRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer
) -> Void

public struct LossKernels: Sendable {
  public var softmaxColumns: ColumnsFunction
  public var logSoftmaxColumns: ColumnsFunction
  public var softmaxBackward: RowsBackwardFunction
  public var logSoftmaxBackward: RowsBackwardFunction
  public var softmaxColumnsBackward: ColumnsBackwardFunction
  public var logSoftmaxColumnsBackward: ColumnsBackwardFunction
  public var crossEntropy: CrossEntropyFunction
  public var crossEntropyBackward: CrossEntropyBackwardFunction
  /// Sum of (a - b)^2.
  public var squaredError: PairFunction
  /// y = (a - b) scale
  public var scaledDifference: ScaledPairFunction
}
