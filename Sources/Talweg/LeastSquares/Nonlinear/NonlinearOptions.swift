/// How a step is found within the trust region.
public enum TrustRegionMethod: Int32, Sendable {
    /// Levenberg-Marquardt as by More (1978).
    case levenbergMarquardt = 0
    /// Powell's dogleg (1970).
    case dogleg = 1
}

/// Derivatives of residuals that bring none.
public enum DifferenceScheme: Int32, Sendable {
    /// Forward ones on the way, central ones for the last digits and the covariance.
    case automatic = 0
    /// Two evaluations a parameter, an error of the step's square.
    case central = 1
    /// One evaluation a parameter, an error of the step.
    case forward = 2
}

/// Why a nonlinear fit ended.
public enum NonlinearStop: Int32, Sendable {
    /// No column of the Jacobian is less than nearly orthogonal to the residuals, or these are all zero.
    case gradient = 0
    /// A step changed the cost, and was to change it, by less than its tolerance.
    case cost = 1
    /// The steps fell below their tolerance.
    case step = 2
    case evaluations = 3
    case time = 4
    case callback = 5
    /// Of block problems, which count steps too.
    case iterations = 6
}

/// What a nonlinear fit tells after an iteration. The pointer is valid during the call.
public struct NonlinearProgress {
    /// From 1.
    public let iteration: Int
    /// Of residuals, so far.
    public let evaluations: Int
    /// Half the sum of squares, or of losses.
    public let cost: Double
    /// The largest cosine between the residuals and a column of the Jacobian.
    public let optimality: Double
    /// The length of the step, in units of the scaled parameters.
    public let step: Double
    /// [p]
    public let parameters: UnsafeBufferPointer<Double>
}

/// How a nonlinear fit goes.
public struct NonlinearOptions {
    public var method = TrustRegionMethod.levenbergMarquardt
    /// Correct the steps of Levenberg-Marquardt by the residuals' second derivative along them (Transtrum and Sethna,
    /// arXiv:1201.5885): fewer iterations in curved valleys for an evaluation more each.
    public var geodesic = false
    public var differences = DifferenceScheme.automatic
    public var loss = ResidualLoss.linear
    /// The residual beyond which a loss other than linear counts less.
    public var lossScale = 1.0
    /// [p] each; nil: none. Equal ones fix a parameter.
    public var lower: Tensor?
    public var upper: Tensor?
    /// bool [p]: parameters that stay what they are.
    public var fixed: Tensor?
    /// [p]: typical sizes of the parameters; nil: from the Jacobian's columns.
    public var scale: Tensor?
    /// Of the relative change of the cost, of the relative size of a step, and of the largest cosine between the
    /// residuals and a column of the Jacobian.
    public var costTolerance = 1e-12
    public var stepTolerance = 1e-14
    public var gradientTolerance = 0.0
    /// When the cost does not tell better from worse any more, go on by full steps as long as the gradient shrinks.
    public var polish = true
    /// Of residuals, those for differences not counted; 0: 400 (p + 1).
    public var maxEvaluations = 0
    /// Seconds; 0: none.
    public var maxSeconds = 0.0
    /// The first radius of the trust region, in units of the start's scaled length.
    public var firstRadius = 1.0
    /// Called after each iteration; true stops.
    public var callback: ((NonlinearProgress) -> Bool)?

    public init() {}

    func check() throws(TalwegError) {
        let tolerances = [
            ("ftol", costTolerance), ("xtol", stepTolerance), ("gtol", gradientTolerance), ("max_seconds", maxSeconds),
        ]
        for (name, value) in tolerances {
            guard value >= 0 else { throw .invalid("least_squares: \(name) is \(value); it must not be negative") }
        }
        guard lossScale > 0, lossScale.isFinite else {
            throw .invalid("least_squares: loss_scale is \(lossScale); it must be finite and above 0")
        }
        guard firstRadius > 0, firstRadius.isFinite else {
            throw .invalid("least_squares: first_radius is \(firstRadius); it must be finite and above 0")
        }
        guard maxEvaluations >= 0 else {
            throw .invalid("least_squares: max_evaluations is \(maxEvaluations); it must not be negative")
        }
    }
}
