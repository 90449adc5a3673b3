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

  public var losses: LossKernels
  public var normalization: NormalizationKernels
  public var random: RandomKernels
  public var activations: ActivationKernels

  public var updates: UpdateKernels

  /// Rows of softmax(scale Q K^T + masks) V of one head; see `referenceAttention`.
  public var attention: AttentionFunction
  /// The gradients by some keys of one head of keys; see `referenceAttentionBackward`.
  public var attentionBackward: AttentionFunction
  public var attentionWorkspace: AttentionWorkspaceFunction
  public var attentionBackwardWorkspace: AttentionWorkspaceFunction

  public var recurrent: RecurrentKernels

  /// C = alpha A B + beta C for any strides; C is not read if beta is 0, nor A and B if alpha is 0.
  /// The workspace has `gemmWorkspaceBytes` and is aligned to 64 bytes. The order of the sum of each
  /// element of C depends on k alone: splitting rows or columns changes no bit.
  public var gemm: GemmFunction
  /// (the product, workspace): the same with an epilogue.
  public var gemmFinished: GemmFinishedFunction
  /// The same cut into pieces for threads, as a `GemmPlan` says: for each step all pieces of `gemmPack`, in any
  /// order, then all of `gemmPiece`. C's rows are contiguous. The bits are those of `gemm`.
  public var gemmPack: GemmPieceFunction
  public var gemmPiece: GemmPieceFunction
  /// The backward pass of an epilogue's activation and of a bias along the columns: see
  /// `TileVector.activationGradient`.
  public var activationGradient: ActivationGradientFunction
  /// y = alpha A x + beta y. The order of each element's sum depends on the columns' count and A's
  /// strides alone (not on the rows' count), and differs from that of `gemm` with one column.
  public var gemv: GemvFunction
  /// C += X' X where X lies. The order of each element's sum depends on k alone.
  public var gram: GramFunction
  public var gemmBlocks: GemmBlocks
  /// What the factorisations of matrices are made of.
  public var factors: FactorKernels
  public var convolution: ConvolutionKernels
  public var pooling: PoolingKernels

  /// The bytes of workspace that `gemm` needs for C [m, n] and inner size k.
  public func gemmWorkspaceBytes(m: Int, n: Int, k: Int) -> Int { gemmBlocks.workspaceBytes(m: m, n: n, k: k) }
}
