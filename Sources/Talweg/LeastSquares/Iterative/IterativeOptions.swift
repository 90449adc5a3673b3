/// How a large system is solved by products with its matrix.
public enum IterativeMethod: Int32, Sendable {
    /// LSQR (Paige and Saunders, ACM TOMS 8, 1982).
    case lsqr = 0
    /// Conjugate gradients on the normal equations (Hestenes and Stiefel 1952; Bjorck, 7.4.1).
    case cgls = 1
}

/// Why it ended; SciPy's numbers.
public enum IterativeStop: Int32, Sendable {
    /// The start is the solution.
    case start = 0
    /// A x = b is solved.
    case solved = 1
    /// The least-squares problem is.
    case leastSquares = 2
    /// The condition number of A seems to be beyond its limit.
    case condition = 3
    case iterations = 7
    case callback = 8
}

public struct IterativeOptions {
    public var method = IterativeMethod.lsqr
    /// d >= 0: |A x - b|^2 + d^2 |x|^2 is made least.
    public var damp = 0.0
    /// The relative errors of A and of b.
    public var matrixTolerance = 1e-12
    public var rightTolerance = 1e-12
    /// 0: no limit.
    public var conditionLimit = 0.0
    /// 0: 4 times the columns and 100 more.
    public var maxIterations = 0
    /// [columns]; nil: zeros.
    public var start: Tensor?
    /// After each iteration, with its number, |A x - b| and |A' (b - A x)| as estimated; true stops.
    public var callback: ((Int, Double, Double) -> Bool)?

    public init() {}

    func check() throws(TalwegError) {
        let numbers = [
            ("damp", damp), ("atol", matrixTolerance), ("btol", rightTolerance), ("condition_limit", conditionLimit),
        ]
        for (name, value) in numbers {
            guard value >= 0, value.isFinite else {
                throw .invalid("lsqr: \(name) is \(value); it must be finite and not negative")
            }
        }
        guard maxIterations >= 0 else {
            throw .invalid("lsqr: max_iterations is \(maxIterations); it must not be negative")
        }
    }
}

/// A solution x [columns], and how it came about.
public struct IterativeResult {
    public let x: Tensor
    public let stop: IterativeStop
    public let iterations: Int
    /// |b - A x|, with the damping sqrt(|b - A x|^2 + d^2 |x|^2), and the norm of the gradient A' (b - A x) - d^2 x.
    public let residualNorm: Double
    public let gradientNorm: Double
    public let solutionNorm: Double
    /// Estimates of the Frobenius norm of [A; d I] and of its condition number; NaN of CGLS.
    public let matrixNorm: Double
    public let condition: Double
}
