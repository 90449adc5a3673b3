import CIntrinsics
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
        let data = newton.data, family = newton.family, options = newton.options
        var loss = newton.objective
        var squares = 0.0
        for j in 0..<data.p { squares += result.coefficients[j] * result.coefficients[j] }
        loss -= options.ridge / 2 * squares
        result.deviance = max(2 * loss, 0)
        result.degreesOfFreedom = data.rowsInUse - newton.step.rank
        let freedom = Double(result.degreesOfFreedom), used = Double(data.rowsInUse)
        let spread = options.family == .gaussian || options.family == .gamma
        result.dispersion = spread ? (freedom > 0 ? newton.pass.pearson / freedom : .nan) : 1
        // The gaussian's likelihood is taken at its maximum over the variance, as is common.
        let dispersion = options.family == .gaussian ? result.deviance / used : result.dispersion
        var saturated = 0.0
        // Of classes 0 and 1 it is 0.
        let classes = options.family == .binomial && (0..<data.n).allSatisfy { data.y[$0] == 0 || data.y[$0] == 1 }
        for i in 0..<(classes ? 0 : data.n) {
            saturated += family.logLikelihood(data.y[i], data.y[i], data.weights?[i] ?? 1, dispersion: dispersion)
        }
        result.logLikelihood = saturated - result.deviance / (2 * dispersion)
        result.nullDeviance = 2 * (try NullModel(data, family).loss())
        guard options.standardErrors, !result.separated else { return }
        let space = try Workspace(byteCount: slabBytes(newton.width))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        newton.step.variances(values)
        for j in 0..<data.p {
            result.errors[j] = (values[j] * result.dispersion).squareRoot() * data.scale[j]
        }
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

/// The model of the mean alone, or without an intercept of the offset.
private struct NullModel {
    private let data: RegressionData
    private let family: GLMRows
    private let block: GLMRows.Block
    private let space: Storage
    private static let rows = 512

    init(_ data: RegressionData, _ family: GLMRows) throws(TalwegError) {
        self.data = data
        self.family = family
        let rows = NullModel.rows
        space = try Storage(byteCount: slabBytes(rows, rows, rows, rows, rows, rows, rows))
        var slab = Slab(space.pointer)
        block = GLMRows.Block(
            y: slab.doubles(rows), prior: slab.doubles(rows), offset: slab.doubles(rows), eta: slab.doubles(rows),
            score: slab.doubles(rows), weight: slab.doubles(rows), mean: slab.doubles(rows))
    }

    func loss() throws(TalwegError) -> Double {
        guard data.intercept else { return totals(0).loss }
        var sum = 0.0, least = Double.infinity, most = -Double.infinity
        for i in 0..<data.n {
            let w = data.weights?[i] ?? 1
            if w == 0 { continue }
            sum += w * data.y[i]
            least = min(least, data.y[i])
            most = max(most, data.y[i])
        }
        let mean = sum / data.sumOfWeights
        if least == most, data.offset == nil { return 0 }
        if family.family == .binomial, data.offset == nil, least == 0, most == 1, isClasses {
            return -data.sumOfWeights * (mean * tk_libm_log(mean) + (1 - mean) * tk_libm_log1p(-mean))
        }
        var c = family.predictor(mean)
        var current = totals(c)
        guard data.offset != nil else { return current.loss }
        // Newton's method with one unknown.
        for _ in 0..<50 where current.weight > 0 {
            var step = current.score / current.weight
            var next = totals(c + step)
            for _ in 0..<30 where !(next.loss <= current.loss) {
                step /= 2
                next = totals(c + step)
            }
            guard next.loss <= current.loss else { break }
            c += step
            current = next
            if step.magnitude <= 1e-12 * max(1, c.magnitude) { break }
        }
        return current.loss
    }

    private var isClasses: Bool { (0..<data.n).allSatisfy { data.y[$0] == 0 || data.y[$0] == 1 } }

    private func totals(_ c: Double) -> (loss: Double, score: Double, weight: Double) {
        var total = (loss: 0.0, score: 0.0, weight: 0.0)
        var begin = 0
        while begin < data.n {
            let count = min(NullModel.rows, data.n - begin)
            for i in 0..<count {
                block.y[i] = data.y[begin + i]
                block.prior[i] = data.weights?[begin + i] ?? 1
                block.offset[i] = data.offset?[begin + i] ?? 0
                block.eta[i] = c + block.offset[i]
            }
            total.loss += family.evaluate(count, block, start: false)
            for i in 0..<count {
                total.score += block.score[i]
                total.weight += block.weight[i]
            }
            begin += count
        }
        return total
    }
}
