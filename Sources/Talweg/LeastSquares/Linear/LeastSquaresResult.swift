import TalwegKernels

/// A linear least-squares fit. Holds copies of all it tells; tensors have the
/// dtype of X (float64 for integers) and, for a y of [n], no axis of targets.
public final class LeastSquaresResult: @unchecked Sendable {
    /// Rank of X (centred, if an intercept is fitted).
    public let rank: Int
    /// n - rank - (1 with an intercept).
    public let degreesOfFreedom: Int
    /// An estimate of the 2-norm condition number of X (centred, weighted, columns
    /// scaled to norm 1; with the ridge), by power and inverse iteration; infinity
    /// if rank deficient.
    public var condition: Double { knownCondition ?? estimatedCondition }
    private let knownCondition: Double?
    public let stopReason: StopReason
    /// 0 for a closed form.
    public let iterations: Int

    let hasIntercept: Bool
    let ridge: Bool
    /// All of them, and those with a weight above 0.
    let rows: Int
    var observations: Int { weighting.rowsInUse }
    let weighting: Weighting
    let covarianceFactor: CovarianceFactor
    private let singular: View?

    let dtype: DType
    let p: Int
    let k: Int
    /// Whether y was [n, k].
    let manyTargets: Bool
    private let storage: Workspace
    // In the storage, as doubles: [k][p] twice, then seven of [k].
    let b: UnsafeMutablePointer<Double>
    let errors: UnsafeMutablePointer<Double>
    let constants: UnsafeMutablePointer<Double>
    let constantErrors: UnsafeMutablePointer<Double>
    let squares: UnsafeMutablePointer<Double>
    let explained: UnsafeMutablePointer<Double>
    /// The same squares in the solver's units, and as a share of those about the mean, or about 0.
    let scaledSquares: UnsafeMutablePointer<Double>
    let unexplained: UnsafeMutablePointer<Double>
    /// The scale and the mean of X's and y's columns, [p + k], as the solver had them.
    let scale: UnsafeMutablePointer<Double>
    let mean: UnsafeMutablePointer<Double>
    /// Norms of the prepared columns, and variances for residuals of variance 1, in scaled units, [p].
    let norms: UnsafeMutablePointer<Double>
    let variance: UnsafeMutablePointer<Double>
    private let conditionScratch: UnsafeMutablePointer<Double>

    /// Takes a solution back to the units of the data.
    init(
        _ problem: LinearSystem, _ solution: LinearSolution, dtype: DType, manyTargets: Bool,
        stopReason: StopReason = .closedForm, iterations: Int = 0
    ) throws(TalwegError) {
        p = problem.p
        k = problem.k
        self.dtype = dtype.isFloating ? dtype : .float64
        self.manyTargets = manyTargets
        self.stopReason = stopReason
        self.iterations = iterations
        hasIntercept = problem.intercept
        ridge = problem.ridge > 0
        rows = problem.n
        weighting = problem.weighting
        guard let factor = solution.covariance else { throw .internal("lstsq: no covariance") }
        covarianceFactor = factor
        singular = solution.singularValues
        rank = solution.rank
        knownCondition = solution.condition
        degreesOfFreedom = problem.rowsInUse - solution.rank - (problem.intercept ? 1 : 0)
        let (area, overflow) = p.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let width = p + k
        storage = try Workspace(byteCount: slabBytes(area, area, k, k, k, k, k, k, width, width, p, p, 2 * p))
        var slab = Slab(storage.pointer)
        b = slab.doubles(area)
        errors = slab.doubles(area)
        constants = slab.doubles(k)
        constantErrors = slab.doubles(k)
        squares = slab.doubles(k)
        explained = slab.doubles(k)
        scaledSquares = slab.doubles(k)
        unexplained = slab.doubles(k)
        scale = slab.doubles(width)
        mean = slab.doubles(width)
        norms = slab.doubles(p)
        variance = slab.doubles(p)
        conditionScratch = slab.doubles(2 * p)
        scale.update(from: problem.scale, count: width)
        mean.update(from: problem.mean, count: width)
        norms.update(from: solution.norms, count: p)
        variance.update(from: solution.variance, count: p)
        for t in 0..<k {
            let unit = problem.scale[p + t].exponent
            let rss = solution.rss[t], all = solution.total[t]
            let freedom = Double(degreesOfFreedom)
            let deviation = degreesOfFreedom > 0 ? (rss / freedom).squareRoot() : .nan
            for j in 0..<p {
                let exponent = problem.scale[j].exponent - unit
                b[t * p + j] = LinearProblem.shift(solution.coefficients[t * p + j], by: exponent)
                errors[t * p + j] = LinearProblem.shift(deviation * solution.variance[j].squareRoot(), by: exponent)
            }
            constants[t] = LinearProblem.shift(solution.intercept[t], by: -unit)
            constantErrors[t] = problem.intercept
                ? LinearProblem.shift(deviation * solution.interceptVariance.squareRoot(), by: -unit) : .nan
            squares[t] = LinearProblem.shift(rss, by: 2 * (problem.weightExponent - unit))
            scaledSquares[t] = rss
            unexplained[t] = all > 0 ? rss / all : .nan
            explained[t] = 1 - unexplained[t]
        }
    }

    /// From H = N^-1 R^-1, upper triangular, N the norms of the columns that R is scaled by.
    private var estimatedCondition: Double {
        let inverse = UpperTriangle(covarianceFactor.hat, size: p)
        func unscale(_ x: UnsafeMutablePointer<Double>) { for j in 0..<p { x[j] /= norms[j] } }
        func scale(_ x: UnsafeMutablePointer<Double>) { for j in 0..<p { x[j] *= norms[j] } }
        return estimateCondition(
            size: p, scratch: conditionScratch,
            multiply: { x in
                unscale(x)
                inverse.solve(x)
                inverse.solveTransposed(x)
                unscale(x)
            },
            solve: { x in
                scale(x)
                inverse.multiplyTransposed(x)
                inverse.multiply(x)
                scale(x)
            })
    }

    /// Columns of X.
    public var features: Int { p }

    /// [p] or [k, p]
    public var coefficients: Tensor { get throws(TalwegError) { try perFeature(b) } }
    /// [] or [k]; zeros if none was fitted.
    public var intercept: Tensor { get throws(TalwegError) { try perTarget(constants) } }
    /// [p] or [k, p]: s sqrt(diag((X' W X)^-1)), s^2 the weighted residual sum of
    /// squares over the degrees of freedom; with a ridge, of the ridge estimate.
    /// NaN without degrees of freedom, and of columns in a linear dependency.
    public var standardErrors: Tensor { get throws(TalwegError) { try perFeature(errors) } }
    /// [] or [k]; NaN if no intercept was fitted.
    public var interceptStandardError: Tensor { get throws(TalwegError) { try perTarget(constantErrors) } }
    /// Weighted residual sums of squares, [] or [k].
    public var residualSumOfSquares: Tensor { get throws(TalwegError) { try perTarget(squares) } }
    /// [] or [k]; NaN where y does not vary.
    public var rSquared: Tensor { get throws(TalwegError) { try perTarget(explained) } }

    /// Singular values of X (centred, if an intercept is fitted, and weighted), descending, [min(n, p)]; of `.svd`.
    public var singularValues: Tensor {
        get throws(TalwegError) {
            guard let singular else { throw .state("singular_values: the fit was not made by SVD") }
            return Tensor(try singular.cast(to: dtype).copy())
        }
    }

    /// X b + c for rows [m, p], or [m] with one column: [m] or [m, k].
    public func predict(_ X: Tensor) throws(TalwegError) -> Tensor {
        try predict(X, dtype: X.dtype.isFloating ? X.dtype : .float64)
    }

    func predict(_ X: Tensor, dtype: DType) throws(TalwegError) -> Tensor {
        try predictLinear(X, b, p: p, constants, k: k, manyTargets: manyTargets, dtype: dtype)
    }

    func perFeature(_ values: UnsafeMutablePointer<Double>) throws(TalwegError) -> Tensor {
        try tensor(values, manyTargets ? [k, p] : [p])
    }

    func perTarget(_ values: UnsafeMutablePointer<Double>) throws(TalwegError) -> Tensor {
        try tensor(values, manyTargets ? [k] : [])
    }

    /// A copy, rounded to the result's dtype.
    func tensor(_ values: UnsafeMutablePointer<Double>, _ dims: [Int]) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape(dims, for: "lstsq"), dtype)
        kernels.cast(from: .float64, to: dtype)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }
}
