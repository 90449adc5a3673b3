/// Nonlinear least squares: the parameters x that minimise
///
///     1/2 sum_i C^2 rho((r_i(x) / C)^2),   rho(z) = z for plain least squares, C the loss' scale,
///
/// within bounds, by a trust-region method.
public enum NonlinearLeastSquares {
    /// - Parameters:
    ///   - function: the residuals
    ///   - start: x [p], finite and within the bounds
    /// - Throws: `.numeric` for residuals that are not finite at the start or a Jacobian that is not finite at a point
    ///   that was reached; `.invalid` for a start outside the bounds; what the function throws. A fit that ends by
    ///   reaching a limit is a result.
    public static func fit(
        _ function: any ResidualFunction, start: Tensor, _ options: NonlinearOptions = NonlinearOptions()
    ) throws(TalwegError) -> NonlinearResult {
        let solver = try NonlinearSolver(function, start, options)
        try solver.run()
        return try NonlinearResult(solver)
    }
}

/// A nonlinear fit. Holds copies of all it tells, in float64.
public final class NonlinearResult: @unchecked Sendable {
    /// [p]
    public let parameters: Tensor
    /// [m]: r at the parameters.
    public let residuals: Tensor
    /// [m, p]: dr/dx there; of a loss other than the linear one, its rows in the loss' weights.
    public let jacobian: Tensor
    /// [p]: the gradient of the cost.
    public let gradient: Tensor
    /// int32 [p]: -1 for a parameter at its lower bound, 1 at its upper, 2 for a fixed one, else 0.
    public let active: Tensor
    /// Half the sum of squares, or of losses.
    public let cost: Double
    /// The largest cosine between the residuals and the column of a parameter that may move.
    public let optimality: Double
    public let iterations: Int
    /// Of the residuals but for differences, and of the Jacobian.
    public let evaluations: Int
    public let jacobianEvaluations: Int
    public let stop: NonlinearStop
    /// How many of the parameters that may move do so independently.
    public let rank: Int
    /// m - the number of parameters that may move.
    public let degreesOfFreedom: Int
    /// [p, p]: (J' J)^-1 of the parameters that may move; zeros for others; NaN if they depend on each other.
    private let inverse: Tensor

    /// - Parameter path: another solver that got there, to tell of; nil: this one
    init(_ s: NonlinearSolver, path: NonlinearSolver? = nil) throws(TalwegError) {
        let (m, p) = (s.m, s.p)
        func vector(_ from: UnsafePointer<Double>, _ dims: [Int]) throws(TalwegError) -> Tensor {
            let view = try View(uninitialized: Shape(dims), .float64)
            view.pointer(as: Double.self).update(from: from, count: view.count)
            return Tensor(view)
        }
        parameters = try vector(s.x, [p])
        residuals = try vector(s.r, [m])
        jacobian = try vector(s.jacobian.pointer, [p, m]).transpose()
        gradient = try vector(s.gradient, [p])
        let way = path ?? s
        (cost, optimality, stop) = (s.cost, way.cosine, way.stop)
        (iterations, evaluations, jacobianEvaluations) = (way.iterations, way.evaluations, way.jacobians)
        rank = s.rank
        degreesOfFreedom = m - s.model.size
        let flags = try View(uninitialized: Shape([p]), .int32)
        for j in 0..<p {
            let flag: Int32 = s.lower[j] == s.upper[j] ? 2 : s.x[j] <= s.lower[j] ? -1 : s.x[j] >= s.upper[j] ? 1 : 0
            flags.pointer(as: Int32.self)[j] = flag
        }
        active = Tensor(flags)
        inverse = try NonlinearResult.inverse(s.model, rank: rank, s.scale, p)
    }

    private static func inverse(_ model: LinearModel, rank: Int, _ scale: UnsafePointer<Double>, _ p: Int)
        throws(TalwegError) -> Tensor
    {
        let result = try View(uninitialized: Shape([p, p]), .float64)
        let c = result.pointer(as: Double.self)
        c.update(repeating: 0, count: p * p)
        let n = model.size
        if rank < n {
            for i in 0..<n { for j in 0..<n { c[model.order[i] * p + model.order[j]] = .nan } }
            return Tensor(result)
        }
        // Columns of R^-1, upper triangular.
        let space = try Workspace(byteCount: slabBytes(p * p))
        let columns = ColumnMajor(space.pointer.assumingMemoryBound(to: Double.self), rows: n, columns: n)
        let triangle = UpperTriangle(model.factor, size: n)
        columns.fill(0)
        for j in 0..<n {
            columns[j, j] = 1
            triangle.solve(columns.column(j), count: j + 1)
        }
        for i in 0..<n {
            for j in i..<n {
                var sum = 0.0
                for q in j..<n { sum += columns[i, q] * columns[j, q] }
                let (a, b) = (model.order[i], model.order[j])
                c[a * p + b] = sum / scale[a] / scale[b]
                c[b * p + a] = c[a * p + b]
            }
        }
        return Tensor(result)
    }

    /// The estimated covariance of the parameters, [p, p]: (J' J)^-1 times the residual variance, the sum of squared
    /// (weighted) residuals over the degrees of freedom; or, if the residuals are in units of their standard
    /// deviations, without it. NaN without degrees of freedom and for parameters that depend on each other.
    public func covariance(absolute: Bool = false) throws(TalwegError) -> Tensor {
        if absolute { return inverse }
        let variance = degreesOfFreedom > 0 ? 2 * cost / Double(degreesOfFreedom) : .nan
        return try inverse * variance
    }

    /// [p]: the roots of the covariance's diagonal.
    public func standardErrors(absolute: Bool = false) throws(TalwegError) -> Tensor {
        try covariance(absolute: absolute).diagonal().sqrt()
    }
}

extension NonlinearLeastSquares {
    /// Fits a named curve y = f(x; b).
    /// - Parameters:
    ///   - x: [m], finite
    ///   - y: [m], finite
    ///   - sigma: the standard deviations of y, [m] or one for all, above 0; nil: ones
    ///   - start: b [p]; nil: from the data
    public static func fit(
        _ model: CurveModel, _ x: Tensor, _ y: Tensor, sigma: Tensor? = nil, start: Tensor? = nil,
        _ options: NonlinearOptions = NonlinearOptions()
    ) throws(TalwegError) -> NonlinearResult {
        let residuals = try CurveResiduals(model, x, y, sigma: sigma)
        if let start {
            guard start.count == model.parameters else {
                throw .shape("curve_fit: the start has \(start.count) parameters, the model \(model.parameters)")
            }
            return try fit(residuals, start: start, options)
        }
        let first = try View(uninitialized: Shape([model.parameters]), .float64)
        try StartingValues(residuals).write(first.pointer(as: Double.self))
        return try fit(residuals, start: clipped(Tensor(first), options), options)
    }

    /// Starting values that were found, within the bounds.
    private static func clipped(_ start: Tensor, _ options: NonlinearOptions) throws(TalwegError) -> Tensor {
        var inside = start
        if let lower = options.lower { inside = try inside.maximum(lower.cast(to: .float64)) }
        if let upper = options.upper { inside = try inside.minimum(upper.cast(to: .float64)) }
        return inside
    }
}
