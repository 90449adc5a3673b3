import TalwegKernels

/// The penalties of a path.
public struct GLMPathOptions {
    /// The L1 norm's share of the penalty, above 0 and up to 1.
    public var l1Ratio = 1.0
    /// Penalties, which are taken in descending order. nil: `count` of them from the least that leaves no coefficient
    /// down to `ratio` times that, evenly by their logarithms.
    public var penalties: [Double]?
    public var count = 100
    public var ratio = 1e-3
    /// Penalise coefficients of columns divided by their standard deviations; they are told in the data's units.
    public var standardize = false

    public init() {}

    /// Throws for what lies outside its range.
    func check() throws(TalwegError) {
        guard l1Ratio > 0, l1Ratio <= 1 else {
            throw .invalid("glm_path: l1_ratio is \(l1Ratio); it must be above 0 and up to 1")
        }
        guard count >= 1, count <= 100_000 else {
            throw .invalid("glm_path: penalty_count is \(count); it must be from 1 to 100000")
        }
        guard ratio > 0, ratio < 1 else {
            throw .invalid("glm_path: penalty_ratio is \(ratio); it must be above 0 and below 1")
        }
        guard let penalties else { return }
        guard !penalties.isEmpty else { throw .invalid("glm_path: there are no penalties") }
        for value in penalties {
            guard value > 0, value.isFinite else {
                throw .invalid("glm_path: a penalty is \(value); all must be above 0 and finite")
            }
        }
    }
}

/// A path of penalised fits, by descending penalties.
public final class GLMPathResult: @unchecked Sendable {
    /// Fewer than were asked for if the callback stopped.
    public let fits: [GLMResult]
    public let penalties: [Double]
    public let stopReason: StopReason

    init(_ fits: [GLMResult], _ penalties: [Double], _ stopReason: StopReason) {
        self.fits = fits
        self.penalties = penalties
        self.stopReason = stopReason
    }

    /// The fit of one penalty.
    public func fit(at index: Int) throws(TalwegError) -> GLMResult {
        guard index >= 0, index < fits.count else { throw .index("fit: penalty \(index) of \(fits.count)") }
        return fits[index]
    }

    /// [count, p] or [count, classes, p]
    public func coefficientTensor() throws(TalwegError) -> Tensor {
        try stack { fit throws(TalwegError) in try fit.coefficientTensor() }
    }

    /// [count] or [count, classes]
    public func interceptTensor() throws(TalwegError) -> Tensor {
        try stack { fit throws(TalwegError) in try fit.interceptTensor() }
    }

    /// float64 [count]
    public func penaltyTensor() throws(TalwegError) -> Tensor { try numbers { penalties[$0] } }
    /// float64 [count]
    public func devianceTensor() throws(TalwegError) -> Tensor { try numbers { fits[$0].deviance } }

    private func stack(_ part: (GLMResult) throws(TalwegError) -> Tensor) throws(TalwegError) -> Tensor {
        var parts: [Tensor] = []
        for fit in fits { parts.append(try part(fit)) }
        return try Tensor.stack(parts)
    }

    private func numbers(_ value: (Int) -> Double) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape([fits.count], for: "glm_path"), .float64)
        for k in 0..<fits.count { out.pointer(as: Double.self)[k] = value(k) }
        return Tensor(out)
    }
}

extension GLM {
    /// Fits y to X for each of a path of penalties: coefficients that minimise
    ///
    ///     sum_i w_i D(y_i, mu_i) / (2 sum_i w_i) + penalty (l1 |b|_1 + (1 - l1) / 2 |b|^2)
    ///
    /// each from those of the penalty before.
    public static func path(
        _ X: Tensor, _ y: Tensor, _ options: GLMOptions = GLMOptions(), _ path: GLMPathOptions = GLMPathOptions()
    ) throws(TalwegError) -> GLMPathResult {
        let options = try options.checked()
        try path.check()
        guard options.l1 == 0, options.ridge == 0 else {
            throw .invalid("glm_path: l1 is \(options.l1) and ridge \(options.ridge); the path has its own penalties")
        }
        let data = try RegressionData(
            X, y, weights: options.weights, offset: options.offset, intercept: options.intercept, "glm_path")
        let model = try GLMPenalised(data, options, standardize: path.standardize, X.dtype)
        let most = try model.greatestPenalty(l1Ratio: path.l1Ratio)
        // Where nothing pulls, any penalty leaves nothing.
        let penalties = path.penalties?.sorted(by: >) ?? ElasticNet.grid(most > 0 ? most : 1, path.ratio, path.count)
        var fits: [GLMResult] = []
        var reason = StopReason.tolerance
        for (k, penalty) in penalties.enumerated() {
            let whole = penalty * data.sumOfWeights
            let fit = try model.fit(
                lasso: whole * path.l1Ratio, ridge: whole * (1 - path.l1Ratio), isFirst: false, after: nil)
            fits.append(fit)
            if fit.stopReason == .iterations { reason = .iterations }
            guard let callback = options.callback else { continue }
            let progress = GLMProgress(
                iteration: k + 1, maxIterations: penalties.count, objective: fit.deviance,
                coefficients: UnsafeBufferPointer(start: fit.coefficients, count: data.p * fit.outputs),
                intercept: UnsafeBufferPointer(start: fit.intercept, count: fit.outputs), features: data.p,
                outputs: fit.outputs)
            if callback(progress) {
                reason = .callback
                break
            }
        }
        return GLMPathResult(fits, Array(penalties[..<fits.count]), reason)
    }
}
