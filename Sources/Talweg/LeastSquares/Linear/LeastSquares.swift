import TalwegKernels

/// Linear least squares: the coefficients b and intercept c that minimise
///
///     sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2
///
/// in closed form or by gradient descent, computed in float64.
public enum LeastSquares {
    /// Fits y to X; neither is changed.
    /// - Parameters:
    ///   - X: [n, p], n >= 1, finite; a 1-d X [n] counts as one column
    ///   - y: [n], or [n, k] for k targets at once, finite
    /// - Throws: `.shape` if rows differ or there are none; `.numeric` for a NaN or
    ///   infinity, or a matrix that Cholesky cannot factorise; `.diverged` if the
    ///   descent grew without bound.
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: LeastSquaresOptions = LeastSquaresOptions())
        throws(TalwegError) -> LeastSquaresResult
    {
        try options.check()
        let problem = try LinearProblem(
            X, y, options, measured: options.method == .gradientDescent || options.method == .svd)
        let many = y.rank == 2
        switch options.method {
        case .qr:
            if let solution = try problem.solveWellConditioned(rankTolerance: options.rankTolerance) {
                return try LeastSquaresResult(problem, solution, dtype: X.dtype, manyTargets: many)
            }
            try problem.measure()
            let solution = try problem.solveQR(rankTolerance: options.rankTolerance)
            return try LeastSquaresResult(problem, solution, dtype: X.dtype, manyTargets: many)
        case .cholesky:
            let solution = try problem.solveCholesky()
            return try LeastSquaresResult(problem, solution, dtype: X.dtype, manyTargets: many)
        case .svd:
            let solution = try problem.solveSVD(rankTolerance: options.rankTolerance)
            return try LeastSquaresResult(problem, solution, dtype: X.dtype, manyTargets: many)
        case .gradientDescent:
            let descent = try GradientDescent(problem, options)
            try descent.run()
            // Rank, condition and variances are the data's; the rest is what the descent reached.
            let solution = try problem.solveQR(rankTolerance: options.rankTolerance)
            try problem.replace(solution, by: descent)
            return try LeastSquaresResult(
                problem, solution, dtype: X.dtype, manyTargets: many, stopReason: descent.reason,
                iterations: descent.iterations)
        }
    }
}

extension LinearProblem {
    /// Puts what a descent reached, in the scaled units, in place of a solution's coefficients.
    func replace(_ solution: LinearSolution, by descent: GradientDescent) throws(TalwegError) {
        for t in 0..<k {
            let unit = scale[p + t].exponent
            for j in 0..<p {
                solution.coefficients[t * p + j] = LinearProblem.shift(
                    descent.coefficients[t * p + j], by: unit - scale[j].exponent)
            }
            solution.intercept[t] = LinearProblem.shift(descent.intercept[t], by: unit)
        }
        try setResiduals(solution)
    }
}
