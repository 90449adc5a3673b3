/// The updates of optimizers: what each computes is written at its plain loop in `ReferenceUpdates`.
public struct UpdateKernels: Sendable {
  public var sgd: UpdateFunction
  public var rmsprop: UpdateFunction
  /// Also AdamW, AMSGrad, NAdam and RAdam.
  public var adam: UpdateFunction
  public var adagrad: UpdateFunction
  public var adadelta: UpdateFunction
  public var adamax: UpdateFunction
  public var lion: UpdateFunction
  /// LAMB's first pass: moments, and the sum of the squares of the update into the third state, a Double.
  public var lambMoments: UpdateFunction
  /// LAMB's second pass.
  public var lamb: UpdateFunction
  /// The gradient with its factor, limit and penalties, into the first state.
  public var penalise: UpdateFunction
  /// Running means of squares: of elements, or over the rows of a matrix.
  public var squares: UpdateFunction
  /// Adafactor: the sum of the squares of the update into the second state, a Double.
  public var factoredSquares: UpdateFunction
  public var factored: UpdateFunction
  /// (n, alpha, x, y): y += alpha (x - y)
  public var blend: AxpyFunction
}
