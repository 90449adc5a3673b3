/// How the coefficients are found.
public enum LeastSquaresMethod: Int32, Sendable {
    /// Householder QR with column pivoting, or what is as accurate where columns are far from dependent.
    case qr = 0
    /// Cholesky of the normal equations.
    case cholesky = 1
    case gradientDescent = 2
    /// Singular value decomposition.
    case svd = 3
}

/// Why a fit ended.
public enum StopReason: Int32, Sendable {
    case closedForm = 0
    case tolerance = 1
    case iterations = 2
    case callback = 3
}

/// What a gradient descent tells after an iteration. The pointers are valid
/// during the call.
public struct DescentProgress {
    /// From 1.
    public let iteration: Int
    public let maxIterations: Int
    /// Mean squared error over all rows (with the ridge), after the iteration.
    public let loss: Double
    /// [targets][features], row-major.
    public let coefficients: UnsafeBufferPointer<Double>
    /// [targets]
    public let intercept: UnsafeBufferPointer<Double>
    public let features: Int
    public let targets: Int
}

/// What is fitted, and how.
public struct LeastSquaresOptions {
    public var method = LeastSquaresMethod.qr
    /// Fit an intercept, which is never penalised.
    public var intercept = true
    /// The ridge penalty, 0 or more, in the units of the sum of squares.
    public var ridge = 0.0
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// What is known of y, subtracted first: of y's shape. All that a fit tells is of the difference.
    public var offset: Tensor?
    /// What the weights' logarithms add up to beside `weights`, of rows that were whitened.
    var logarithm = 0.0
    /// Columns whose pivot is below this share of the largest count as
    /// dependent, and so do directions whose singular value is; negative: max(n, p) times the unit roundoff.
    public var rankTolerance = -1.0

    /// Gradient descent: rows a step, 0 for all.
    public var batchSize = 0
    public var learningRate = 0.01
    /// Stop when an iteration changes the loss by less than this.
    public var tolerance = 1e-9
    public var maxIterations = 10_000
    /// Order of the rows, for batches smaller than the data.
    public var seed: UInt64 = 0
    /// Called after each iteration; true stops.
    public var callback: ((DescentProgress) -> Bool)?

    public init() {}

    public init(
        method: LeastSquaresMethod = .qr, intercept: Bool = true, ridge: Double = 0, weights: Tensor? = nil
    ) {
        self.method = method
        self.intercept = intercept
        self.ridge = ridge
        self.weights = weights
    }

    /// Throws for what lies outside its range.
    func check() throws(TalwegError) {
        guard ridge >= 0, ridge.isFinite else {
            throw .invalid("lstsq: ridge is \(ridge); it must be finite and not negative")
        }
        guard !rankTolerance.isNaN, rankTolerance < 1 else {
            throw .invalid("lstsq: rank_tolerance is \(rankTolerance); it must be below 1 (negative: the default)")
        }
        guard method == .gradientDescent else { return }
        guard learningRate > 0, learningRate.isFinite else {
            throw .invalid("lstsq: learning_rate is \(learningRate); it must be finite and above 0")
        }
        guard tolerance >= 0 else { throw .invalid("lstsq: tolerance is \(tolerance); it must not be negative") }
        guard maxIterations >= 0 else {
            throw .invalid("lstsq: max_iterations is \(maxIterations); it must not be negative")
        }
        guard batchSize >= 0 else { throw .invalid("lstsq: batch_size is \(batchSize); it must not be negative") }
    }
}
