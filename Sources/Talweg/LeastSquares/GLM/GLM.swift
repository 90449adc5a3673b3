import TalwegKernels

/// Generalised linear models: coefficients b and intercept c that maximise the likelihood of y given
/// g(mu) = x . b + c + offset, less ridge / 2 |b|^2, computed in float64.
public enum GLM {
    /// Fits y to X; neither is changed.
    /// - Parameters:
    ///   - X: [n, p], n >= 1, finite; a 1-d X [n] counts as one column
    ///   - y: [n], in the family's range; of the multinomial one, class numbers 0, 1, ...
    /// - Throws: `.shape` if rows differ or there are none; `.numeric` for a NaN or infinity, or where no likelihood
    ///   is finite; `.invalid` for a y out of range, negative weights and options out of theirs.
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: GLMOptions = GLMOptions()) throws(TalwegError)
        -> GLMResult
    {
        let options = try options.checked()
        let data = try RegressionData(
            X, y, weights: options.weights, offset: options.offset, intercept: options.intercept, "glm")
        if options.l1 > 0 {
            return try GLMPenalised(data, options, standardize: false, X.dtype).fit(
                lasso: options.l1, ridge: options.ridge, isFirst: true, after: options.callback)
        }
        if try GLMPenalised.isLarge(data, options) {
            return try GLMPenalised(data, options, standardize: false, curved: false, X.dtype).fitLarge(
                ridge: options.ridge, after: options.callback)
        }
        if options.family == .multinomial { return try Multinomial(data, options).fit(X.dtype) }
        let newton = try GLMNewton(data, options)
        try newton.run()
        let result = try GLMResult(data, options, outputs: 1, dtype: X.dtype)
        result.intercept[0] = data.restore(newton.b, to: result.coefficients)
        result.stopReason = newton.reason
        result.iterations = newton.iterations
        result.separated = newton.separated
        if options.standardErrors { try newton.refresh() }
        result.rank = newton.step.rank - (data.intercept ? 1 : 0)
        try summarise(result, newton)
        if newton.step.rank < newton.width, options.ridge == 0 { try shorten(result, newton, X) }
        return result
    }

    /// Deviances, the likelihood, dispersion and standard errors.
    private static func summarise(_ result: GLMResult, _ newton: GLMNewton) throws(TalwegError) {
        let data = newton.data, options = newton.options
        result.degreesOfFreedom = data.rowsInUse - newton.step.rank
        result.summarise(
            data, newton.family, loss: newton.objective - newton.penalty(of: newton.b),
            nullLoss: try GLMNullModel(data, newton.family).loss(), pearson: newton.pass.pearson)
        guard options.standardErrors, !result.separated else { return }
        let space = try Workspace(byteCount: slabBytes(newton.width))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        newton.step.variances(values)
        for j in 0..<data.p {
            result.errors[j] = (values[j] * result.dispersion).squareRoot() * data.scale[j]
        }
        if newton.step.rank == newton.width { result.step = newton.step }
        guard data.intercept else { return }
        for j in 0..<data.p { values[j] = -data.center[j] }
        values[data.p] = 1
        result.interceptErrors[0] = (newton.step.variance(of: values) * result.dispersion).squareRoot()
    }

    /// Of columns that depend on each other: the shortest coefficients with the same predictors, from the linear
    /// fit of these; NaN for the standard errors of columns in a dependency.
    private static func shorten(_ result: GLMResult, _ newton: GLMNewton, _ X: Tensor) throws(TalwegError) {
        let data = newton.data
        let predictor = try View(uninitialized: Shape([data.n], for: "glm"), .float64)
        let out = predictor.pointer(as: Double.self)
        newton.pass.visit(newton.b) { begin, count, block in
            for i in 0..<count { out[begin + i] = block.eta[i] - block.offset[i] }
        }
        let linear = try LeastSquares.fit(
            X, Tensor(predictor), LeastSquaresOptions(intercept: data.intercept, weights: newton.options.weights))
        try linear.coefficients.write(as: .float64, to: result.coefficients)
        try linear.intercept.write(as: .float64, to: result.intercept)
        let errors = try linear.standardErrors.view.cast(to: .float64).contiguous()
        for j in 0..<data.p where errors.pointer(as: Double.self)[j].isNaN { result.errors[j] = .nan }
        result.rank = linear.rank
    }
}
