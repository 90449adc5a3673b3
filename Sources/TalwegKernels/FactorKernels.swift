// Factorisations of panels: the innermost blocks of those of LinearAlgebra/. A panel is row-major; its rows are
// `width` elements long, a multiple of `FactorKernels.lineBytes`, begin on a cache line, and hold zeros beyond the
// n columns, as far as whole lines of `lineBytes`. Elements are finite.

/// (n, A [n, width], width, tolerance) -> the first column whose pivot is not above the tolerance
/// and finite, or n. A = U' U with U upper triangular, in place of A's upper triangle; what is below it is lost.
public typealias CholeskyPanelFunction = @convention(c) (Int, UnsafeMutableRawPointer, Int, Double) -> Int

/// (m, n, A [m, width], width, pivots, workspace of 2 m + width elements) -> the first column without a pivot that
/// is not 0, or n. P A = L U with partial pivoting, in place: row i was exchanged with row pivots[i], for
/// min(m, n) rows in order, and L's unit diagonal is not stored.
public typealias LUPanelFunction = @convention(c) (
  Int, Int, UnsafeMutableRawPointer, Int, UnsafeMutablePointer<Int>, UnsafeMutableRawPointer
) -> Int

/// (m, n, A [m, width], width, tau [n], workspace of 2 m + 2 width elements): A = Q R in place, with R on and above
/// the diagonal and below it the reflectors' vectors v without their leading ones; Q is the product of
/// I - tau v v' of the first min(m, n) columns, and tau 0 where there is none (Golub and Van Loan, 4th ed., 5.1). Signs
/// are LAPACK's. No magnitude is above 2^40; columns may be as small as they like.
public typealias QRPanelFunction = @convention(c) (
  Int, Int, UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer, UnsafeMutableRawPointer
) -> Void

/// (n, columns, T, its row stride, column stride, whether its diagonal counts as ones, X, its row stride,
/// workspace of n lines on a cache line): X = T^-1 X for T lower triangular, n x n. X's rows are contiguous. With negative strides from
/// the last row on, T is upper triangular. A column's bits do not depend on its place.
public typealias SolvePanelFunction = @convention(c) (
  Int, Int, UnsafeRawPointer, Int, Int, Bool, UnsafeMutableRawPointer, Int, UnsafeMutableRawPointer
) -> Void

public struct FactorKernels: Sendable {
  public var cholesky: CholeskyPanelFunction
  public var lu: LUPanelFunction
  public var qr: QRPanelFunction
  public var solve: SolvePanelFunction

  /// Two of the longest vectors.
  public static let lineBytes = 128
}
