public import CIntrinsics

/// (windows, plan, x, y, taps, chunk, workspace). Of windows that are described as a direct convolution, x is
/// the source's side and y the result's, whichever is read. `taps` has for each position of the result the
/// number of the window's element, row by row, that is the greatest, as an element of the same type.
public typealias PoolFunction = @convention(c) (
  UnsafePointer<tk_convolution>, UnsafePointer<tk_pooling_plan>, UnsafeMutableRawPointer, UnsafeMutableRawPointer,
  UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer
) -> Void

/// Pooling. Each chunk has planes of its own; the plan's `chunks` may run on any threads.
public struct PoolingKernels: Sendable {
  /// y = the greatest of each window, and its tap unless `taps` is nil. Of equals the first, NaN before all.
  public var maximum: PoolFunction
  /// y = the element at each window's tap.
  public var gather: PoolFunction
  /// x = for each of its elements the sum of y over the windows that have their tap there.
  public var scatter: PoolFunction
  /// y = the mean of each window.
  public var mean: PoolFunction
  /// x = the transpose of `mean`: y shared out evenly over each window.
  public var spread: PoolFunction
}
