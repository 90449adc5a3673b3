import CIntrinsics
import TalwegKernels

/// What a residual of a row is.
public enum GLMResidual: Int32, Sendable {
    /// y - mu
    case response = 0
    /// sqrt(w) (y - mu) / sqrt(V(mu))
    case pearson = 1
    /// The root of what the row adds to the deviance, with the sign of y - mu.
    case deviance = 2
    /// (y - mu) d eta / d mu
    case working = 3
}

// Tests and intervals of a fit, as R's summary.glm has them: by Student's t where the dispersion is estimated, else by
// the normal distribution.

extension GLMResult {
    /// Whether the dispersion is estimated.
    var estimatesDispersion: Bool { family == .gaussian || family == .gamma }

    private var distribution: StudentT { StudentT(estimatesDispersion ? Double(degreesOfFreedom) : .infinity) }

    func pValue(_ ratio: Double) -> Double {
        estimatesDispersion && degreesOfFreedom <= 0 ? .nan : distribution.twoSided(ratio)
    }

    /// The half of an interval of so many standard errors.
    func criticalValue(_ level: Double) throws(TalwegError) -> Double {
        guard level > 0, level < 1 else { throw .invalid("glm: level is \(level); it must lie between 0 and 1") }
        if estimatesDispersion, degreesOfFreedom <= 0 { return .nan }
        return distribution.upperQuantile((1 - level) / 2)
    }

    /// Coefficients over their standard errors, [p] or [classes, p].
    public func statisticTensor() throws(TalwegError) -> Tensor {
        try made(perFeature: true) { coefficients[$0] / errors[$0] }
    }

    public func pValueTensor() throws(TalwegError) -> Tensor {
        try made(perFeature: true) { pValue(coefficients[$0] / errors[$0]) }
    }

    /// [] or [classes]
    public func interceptStatisticTensor() throws(TalwegError) -> Tensor {
        try made(perFeature: false) { intercept[$0] / interceptErrors[$0] }
    }

    public func interceptPValueTensor() throws(TalwegError) -> Tensor {
        try made(perFeature: false) { pValue(intercept[$0] / interceptErrors[$0]) }
    }

    /// Wald's intervals, [p, 2] or [classes, p, 2].
    public func confidenceIntervalTensor(_ level: Double) throws(TalwegError) -> Tensor {
        let half = try criticalValue(level)
        return try made(perFeature: true, ends: true) {
            coefficients[$0 / 2] + ($0 % 2 == 0 ? -half : half) * errors[$0 / 2]
        }
    }

    /// [2] or [classes, 2]
    public func interceptIntervalTensor(_ level: Double) throws(TalwegError) -> Tensor {
        let half = try criticalValue(level)
        return try made(perFeature: false, ends: true) {
            intercept[$0 / 2] + ($0 % 2 == 0 ? -half : half) * interceptErrors[$0 / 2]
        }
    }

    private func made(perFeature: Bool, ends: Bool = false, _ value: (Int) -> Double) throws(TalwegError) -> Tensor {
        var dims = family == .multinomial ? [outputs] : []
        if perFeature { dims.append(features) }
        if ends { dims.append(2) }
        let out = try View(uninitialized: Shape(dims, for: "glm"), .float64)
        for i in 0..<out.count { out.pointer(as: Double.self)[i] = value(i) }
        return Tensor(try out.cast(to: dtype))
    }

    /// Whether class k is the one that the others are told against.
    func isReference(_ k: Int) -> Bool {
        family == .multinomial && k == 0 && intercept[0] == 0 && (0..<features).allSatisfy { coefficients[$0] == 0 }
    }

    /// Sets of coefficients that are free.
    private var sets: Int { family == .multinomial ? outputs - 1 : 1 }

    /// -2 log-likelihood + ln(rows in use) (rank + intercepts).
    public var bic: Double {
        -2 * logLikelihood + tk_libm_log(Double(observations)) * Double(sets * (rank + (hasIntercept ? 1 : 0)))
    }

    /// Of the model that the null deviance is of.
    public var nullDegreesOfFreedom: Int { observations - (hasIntercept ? sets : 0) }

    /// Of rows [m, p] with y [m]: [m].
    /// - Parameters:
    ///   - weights: [m], as in the fit; nil: all 1
    ///   - offset: [m], added to the linear predictor
    public func residuals(
        _ X: Tensor, _ y: Tensor, _ kind: GLMResidual, weights: Tensor? = nil, offset: Tensor? = nil
    ) throws(TalwegError) -> Tensor {
        guard family != .multinomial else {
            throw .invalid("residuals: a row of the multinomial family has no single one")
        }
        let data = try RegressionData(X, y, weights: weights, offset: offset, intercept: true, "residuals")
        guard data.p == features else {
            throw .shape("residuals: X \(X.shape) does not fit the model, of \(features) columns")
        }
        try rows.check(data)
        let predictor = try predict(X.cast(to: .float64), .link, offset: offset)
        let eta = try predictor.view.contiguous()
        let out = try View(uninitialized: Shape([data.n], for: "residuals"), .float64)
        let space = try Workspace(byteCount: slabBytes(8, 8, 8, 8, 8, 8, 8))
        var slab = Slab(space.pointer)
        let row = GLMRows.Block(
            y: slab.doubles(8), prior: slab.doubles(8), offset: slab.doubles(8), eta: slab.doubles(8),
            score: slab.doubles(8), weight: slab.doubles(8), mean: slab.doubles(8))
        for i in 0..<data.n {
            row.y[0] = data.y[i]
            row.prior[0] = data.weights?[i] ?? 1
            row.offset[0] = 0
            row.eta[0] = eta.pointer(as: Double.self)[i]
            let loss = rows.evaluate(1, row, start: false)
            let error = row.y[0] - row.mean[0]
            switch kind {
            case .response: out.pointer(as: Double.self)[i] = loss.isFinite ? error : .nan
            case .pearson: out.pointer(as: Double.self)[i] = row.score[0] / row.weight[0].squareRoot()
            case .deviance:
                let root = max(2 * loss, 0).squareRoot()
                out.pointer(as: Double.self)[i] = error < 0 ? -root : root
            case .working: out.pointer(as: Double.self)[i] = row.score[0] / row.weight[0]
            }
            // Of a row that does not count, or where the variance vanishes with the error.
            if kind != .response, kind != .working, error == 0 || row.prior[0] == 0 {
                out.pointer(as: Double.self)[i] = 0
            }
        }
        return Tensor(try out.cast(to: dtype))
    }

    /// Standard errors at rows [m, p], or [m] with one column, of the linear predictor, or of the mean by its
    /// derivative: [m].
    public func predictionErrors(_ X: Tensor, _ kind: GLMPrediction = .response, offset: Tensor? = nil)
        throws(TalwegError) -> Tensor
    {
        guard family != .multinomial, kind != .label else {
            throw .invalid("predict_error: the \(family.name) family's classes have no standard errors here")
        }
        guard let step else {
            throw .numeric("predict_error: the fit has no standard errors, or columns that depend on each other")
        }
        let predictor = try predict(X.cast(to: .float64), .link, offset: offset)
        let eta = try predictor.view.contiguous(), m = eta.count
        let x = try RegressionData.matrix(X, "predict_error").cast(to: .float64)
        let out = try View(uninitialized: Shape([m], for: "predict_error"), .float64)
        let width = features + (hasIntercept ? 1 : 0)
        let space = try Workspace(byteCount: slabBytes(width, 8, 8, 8, 8, 8, 8, 8))
        var slab = Slab(space.pointer)
        let v = slab.doubles(width)
        let row = GLMRows.Block(
            y: slab.doubles(8), prior: slab.doubles(8), offset: slab.doubles(8), eta: slab.doubles(8),
            score: slab.doubles(8), weight: slab.doubles(8), mean: slab.doubles(8))
        stepLock.lock()
        defer { stepLock.unlock() }
        for i in 0..<m {
            for j in 0..<features {
                let value = x.pointer(as: Double.self)[i * x.strides[0] + j * x.strides[1]]
                v[j] = value * scale[j] - center[j]
            }
            if hasIntercept { v[features] = 1 }
            var error = (step.variance(of: v) * dispersion).squareRoot()
            if kind == .response {
                row.eta[0] = eta.pointer(as: Double.self)[i]
                (row.y[0], row.prior[0], row.offset[0]) = (rows.mean(row.eta[0]), 1, 0)
                _ = rows.evaluate(1, row, start: false)
                // The weight is d^2 / V.
                error *= (row.weight[0] * rows.variance(row.mean[0])).squareRoot()
            }
            out.pointer(as: Double.self)[i] = error
        }
        return Tensor(try out.cast(to: X.dtype.isFloating ? X.dtype : .float64))
    }
}
