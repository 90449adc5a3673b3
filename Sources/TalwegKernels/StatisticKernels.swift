/// (n, m, x, stride, step, y): output i of m from the n elements `stride` apart that begin at x + i * step.
/// Across rows (see `reducesAlong`), n is at most 2^20.
public typealias ReduceManyFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutableRawPointer
) -> Void

/// (n, m, x, stride, step, index, value): as `ReduceManyFunction`, the position of each extreme and its value.
/// n is at least 1.
public typealias IndexManyFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutablePointer<Int64>, UnsafeMutableRawPointer
) -> Void

/// As `ReduceManyFunction`, with two outputs in double each.
public typealias MomentsFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
) -> Void

/// (m, n of A, mean A, squares A, n of B, mean B, squares B): A becomes the moments of both.
public typealias MergeMomentsFunction = @convention(c) (
  Int, Double, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>,
  Double, UnsafePointer<Double>, UnsafePointer<Double>
) -> Void

/// Statistics of float32 and float64, accumulated in double, so that parts can be put together.
public struct StatisticKernels: Sendable {
  /// Sum of x^2, as double. It does not overflow in float32, and may in float64.
  public var squares: ReduceManyFunction
  /// The mean, and the sum of (x - mean)^2 in a second pass over the row, without cancellation.
  public var moments: MomentsFunction
  /// log(sum exp x), as double; -infinity of no elements or of all -infinity.
  public var logSumExp: ReduceManyFunction
  /// Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979.
  public var mergeMoments: MergeMomentsFunction
}
