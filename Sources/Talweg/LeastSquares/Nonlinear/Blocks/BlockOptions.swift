/// Whether a parameter block is one that the Schur complement eliminates.
public enum BlockElimination: Int32, Sendable, BitwiseCopyable {
    case automatic = 0
    /// First; no residual block may have two such blocks.
    case first = 1
    case never = 2
}

/// How the steps of a block problem are solved for, all by the normal equations.
public enum BlockSolverKind: Int32, Sendable {
    /// By the problem's size and structure.
    case automatic = 0
    /// Cholesky of the whole matrix.
    case denseCholesky = 1
    /// Cholesky in an order that keeps the factor sparse.
    case sparseCholesky = 2
    /// Blocks that share no residual are eliminated; what is left is dense,
    case denseSchur = 3
    /// or sparse.
    case sparseSchur = 4
}

/// How a block problem is solved.
public struct BlockOptions {
    public var solver = BlockSolverKind.automatic
    public var differences = DifferenceScheme.automatic
    /// Of the relative change of the cost, of the relative size of a step, and of the largest cosine between the
    /// residuals and a column of the Jacobian.
    public var costTolerance = 1e-12
    public var stepTolerance = 1e-14
    public var gradientTolerance = 0.0
    /// When rounding hides the cost's last changes, go on by full steps as long as the gradient shrinks.
    public var polish = true
    /// Steps taken.
    public var maxIterations = 200
    /// Of residuals, those for differences not counted; 0: no limit.
    public var maxEvaluations = 0
    /// Seconds; 0: no limit.
    public var maxSeconds = 0.0
    /// Levenberg and Marquardt's parameter at first, beside a matrix with a diagonal of ones.
    public var firstDamping = 1e-4
    /// Called after each step taken; true stops.
    public var callback: ((NonlinearProgress) -> Bool)?

    public init() {}

    func check() throws(TalwegError) {
        let values = [
            ("cost_tolerance", costTolerance), ("step_tolerance", stepTolerance),
            ("gradient_tolerance", gradientTolerance), ("max_seconds", maxSeconds),
        ]
        for (name, value) in values {
            guard value >= 0 else { throw .invalid("problem: \(name) is \(value); it must not be negative") }
        }
        guard firstDamping > 0, firstDamping <= 1e16 else {
            throw .invalid("problem: first_damping is \(firstDamping); it must be above 0 and at most 1e16")
        }
        for (name, value) in [("max_iterations", maxIterations), ("max_evaluations", maxEvaluations)] {
            guard value >= 0 else { throw .invalid("problem: \(name) is \(value); it must not be negative") }
        }
    }
}

/// How a solve went.
public struct BlockSummary: Sendable {
    public var stop = NonlinearStop.gradient
    public var solver = BlockSolverKind.denseCholesky
    public var initialCost = 0.0
    public var finalCost = 0.0
    /// The largest cosine between the residuals and a column of the Jacobian.
    public var optimality = 0.0
    public var iterations = 0
    /// Of the residuals, those for differences not counted, and of the Jacobian.
    public var evaluations = 0
    public var jacobianEvaluations = 0
    public var seconds = 0.0
    /// How many numbers the residuals and the steps have.
    public var residuals = 0
    public var unknowns = 0
    /// How many of the blocks that move the Schur complement eliminated, and how many it left.
    public var eliminatedBlocks = 0
    public var keptBlocks = 0
    /// How many numbers the factor of what is left has.
    public var factorNonzeros = 0

    public var degreesOfFreedom: Int { residuals - unknowns }

    /// A few lines for people.
    public var text: String {
        let why =
            switch stop {
            case .gradient: "the gradient is as good as zero"
            case .cost: "the cost changes no more"
            case .step: "the steps are as good as zero"
            case .evaluations: "the limit of evaluations was reached"
            case .time: "the time limit was reached"
            case .callback: "the callback asked to stop"
            case .iterations: "the limit of iterations was reached"
            }
        let how =
            switch solver {
            case .automatic, .denseCholesky: "dense Cholesky"
            case .sparseCholesky: "sparse Cholesky"
            case .denseSchur: "dense Schur complement"
            case .sparseSchur: "sparse Schur complement"
            }
        let blocks =
            eliminatedBlocks > 0
            ? "\(eliminatedBlocks) blocks eliminated, \(keptBlocks) kept" : "\(keptBlocks) parameter blocks"
        return """
            residuals    \(residuals)
            unknowns     \(unknowns) in \(blocks)
            solver       \(how), \(factorNonzeros) numbers in the factor
            cost         \(initialCost) at first, \(finalCost) at last
            iterations   \(iterations), \(evaluations) evaluations, \(jacobianEvaluations) Jacobians
            stop         \(why)
            """
    }
}
