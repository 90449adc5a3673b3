/// The kernels that exist for float32 and float64 only. Scalars are passed as Double and converted.
public struct FloatKernels: Sendable {
  /// Sum of x[i] y[i], in the order of `ReduceOp.sum`.
  public var dot: DotFunction
  /// y += alpha x
  public var axpy: AxpyFunction
  /// y = alpha x
  public var scale: AxpyFunction
  /// (n, x, stride, y): y[0] = sum of x[i]^2
  public var sumOfSquares: ReduceFunction

  /// y = exp(x - max x) / sum exp(x - max x). If x is all -infinity, or has NaN or +infinity, y is NaN.
  public var softmaxRow: RowFunction
  /// y = x - logSumExp(x)
  public var logSoftmaxRow: RowFunction
  /// y[0] = log(sum exp x); -infinity of no elements or of all -infinity.
  public var logSumExp: RowFunction

  /// See `referenceSGD`, `referenceRMSProp`, `referenceAdam`.
  public var sgd: SGDFunction
  public var rmsprop: RMSPropFunction
  public var adam: AdamFunction

  /// C = alpha A B + beta C for any strides; C is not read if beta is 0, nor A and B if alpha is 0.
  /// The workspace has `gemmWorkspaceBytes` and is aligned to 64 bytes. The order of the sum of each
  /// element of C depends on k alone: splitting rows or columns changes no bit.
  public var gemm: GemmFunction
  /// y = alpha A x + beta y. The order of each element's sum depends on the columns' count and A's
  /// strides alone (not on the rows' count), and differs from that of `gemm` with one column.
  public var gemv: GemvFunction
  public var gemmBlocks: GemmBlocks

  /// The bytes of workspace that `gemm` needs for C [m, n] and inner size k.
  public func gemmWorkspaceBytes(m: Int, n: Int, k: Int) -> Int { gemmBlocks.workspaceBytes(m: m, n: n, k: k) }
}

/// The block sizes of a matrix multiply, named as in BLIS (Van Zee, van de Geijn: BLIS, a framework for
/// rapidly instantiating BLAS functionality, ACM TOMS 41, 2015): C is computed in tiles of mr x nr held in
/// registers, from an mc x kc block of A packed to stay in the second-level cache and a kc x nc panel of B
/// packed to stay in the third.
public struct GemmBlocks: Sendable, Equatable {
  public let mr, nr, mc, kc, nc: Int
  public let itemSize: Int

  /// mc is a multiple of mr, nc of nr.
  public init(mr: Int, nr: Int, mc: Int, kc: Int, nc: Int, itemSize: Int) {
    self.mr = mr
    self.nr = nr
    self.mc = mc
    self.kc = kc
    self.nc = nc
    self.itemSize = itemSize
  }

  /// Room for a block of A, then a panel of B, each beginning on a line of 64 bytes; also of the transposed
  /// product, which a kernel may compute instead.
  public func workspaceBytes(m: Int, n: Int, k: Int) -> Int {
    let depth = min(k, kc)
    return max(
      packedABytes(rows: m, depth: depth) + packedBBytes(columns: n, depth: depth),
      packedABytes(rows: n, depth: depth) + packedBBytes(columns: m, depth: depth))
  }

  public func packedABytes(rows: Int, depth: Int) -> Int { lines(roundUp(min(rows, mc), mr) * depth) }
  func packedBBytes(columns: Int, depth: Int) -> Int { lines(roundUp(min(columns, nc), nr) * depth) }

  private func lines(_ elements: Int) -> Int { roundUp(elements * itemSize, 64) }
  private func roundUp(_ x: Int, _ step: Int) -> Int { (x + step - 1) / step * step }
}
