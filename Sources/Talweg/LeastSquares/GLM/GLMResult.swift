import TalwegKernels

/// What a prediction tells.
public enum GLMPrediction: Int32, Sendable {
    /// The mean, or the classes' probabilities.
    case response = 0
    /// The linear predictor.
    case link = 1
    /// The most probable class.
    case label = 2
}

/// A generalised linear model's fit. Holds copies of all it tells; tensors have the dtype of X (float64 for integers).
/// Those of the multinomial family have a leading axis of classes.
public final class GLMResult: @unchecked Sendable {
    public let family: GLMFamily
    public let link: GLMLink
    /// 1, or the multinomial family's classes.
    public let outputs: Int
    /// -2 (log-likelihood of this less that of the model with a mean for each row).
    public internal(set) var deviance = 0.0
    /// That of the intercept (or, without one, the offset) alone.
    public internal(set) var nullDeviance = 0.0
    public internal(set) var logLikelihood = 0.0
    /// Pearson's statistic over the degrees of freedom for the gaussian and gamma families (NaN without any), else 1.
    public internal(set) var dispersion = 1.0
    /// Rank of X (centred, if an intercept is fitted), as the weighted problem had it.
    public internal(set) var rank = 0
    /// Rows with a weight above 0 less the rank of the whole model.
    public internal(set) var degreesOfFreedom = 0
    public internal(set) var stopReason = StopReason.iterations
    public internal(set) var iterations = 0
    /// Whether a direction was found along which the likelihood rises for ever: no finite coefficients are best, those
    /// here are where the iteration stood, and there are no standard errors.
    public internal(set) var separated = false
    /// Of a fit with an L1 norm: by what share of it a derivative exceeds what it can hold, at most; else NaN.
    public internal(set) var violation = Double.nan

    /// [outputs][p], row-major, and [outputs].
    let coefficients, errors: UnsafeMutablePointer<Double>
    let intercept, interceptErrors: UnsafeMutablePointer<Double>
    /// Columns of X.
    public let features: Int
    let hasIntercept: Bool
    let dtype: DType
    let rows: GLMRows
    /// Rows with a weight above 0.
    public let observations: Int
    /// Pearson's statistic, the sum of w (y - mu)^2 / V(mu); NaN of the multinomial family.
    public internal(set) var pearson = Double.nan
    /// What standard errors at new rows are made of, with the centres and scales of the columns, and a lock for the
    /// memory that it works in; nil without standard errors.
    var step: GLMStep?
    let stepLock = Lock()
    let center, scale: UnsafeMutablePointer<Double>
    private let space: Storage

    init(_ data: RegressionData, _ options: GLMOptions, outputs: Int, dtype: DType) throws(TalwegError) {
        family = options.family
        link = options.link
        self.outputs = outputs
        features = data.p
        let p = data.p
        observations = data.rowsInUse
        hasIntercept = data.intercept
        self.dtype = dtype.isFloating ? dtype : .float64
        rows = GLMRows(options)
        let (area, overflow) = p.multipliedReportingOverflow(by: outputs)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, area, outputs, outputs, p, p))
        var slab = Slab(space.pointer)
        coefficients = slab.doubles(area)
        errors = slab.doubles(area)
        intercept = slab.doubles(outputs)
        interceptErrors = slab.doubles(outputs)
        center = slab.doubles(p)
        scale = slab.doubles(p)
        center.update(from: data.center, count: p)
        scale.update(from: data.scale, count: p)
        coefficients.update(repeating: 0, count: area)
        errors.update(repeating: .nan, count: area)
        intercept.update(repeating: 0, count: outputs)
        interceptErrors.update(repeating: .nan, count: outputs)
    }

    /// Deviances, dispersion and the likelihood of a model with one predictor; the degrees of freedom are set.
    func summarise(_ data: RegressionData, _ family: GLMRows, loss: Double, nullLoss: Double, pearson: Double) {
        deviance = max(2 * loss, 0)
        self.pearson = pearson
        nullDeviance = 2 * nullLoss
        let freedom = Double(degreesOfFreedom)
        let spread = family.family == .gaussian || family.family == .gamma
        dispersion = spread ? (freedom > 0 ? pearson / freedom : .nan) : 1
        // The gaussian's likelihood is taken at its maximum over the variance, as is common.
        let variance = family.family == .gaussian ? deviance / Double(data.rowsInUse) : dispersion
        var saturated = 0.0
        // Of classes 0 and 1 it is 0.
        let classes = family.family == .binomial && GLMRows.areClasses(data.y, data.n)
        for i in 0..<(classes ? 0 : data.n) {
            saturated += family.logLikelihood(data.y[i], data.y[i], data.weights?[i] ?? 1, dispersion: variance)
        }
        logLikelihood = saturated - deviance / (2 * variance)
    }

    /// -2 log-likelihood + 2 (rank + intercepts); of the multinomial family, coefficients of all classes but one.
    public var aic: Double {
        let sets = family == .multinomial ? outputs - 1 : 1
        return -2 * logLikelihood + 2 * Double(sets * (rank + (hasIntercept ? 1 : 0)))
    }

    /// [p] or [classes, p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(coefficients, perFeature: true) }
    /// [] or [classes]; zeros if none was fitted.
    public func interceptTensor() throws(TalwegError) -> Tensor { try tensor(intercept, perFeature: false) }
    /// [p] or [classes, p]: roots of the dispersion times the diagonal of the inverse of Fisher's information; with a
    /// ridge, of the penalised estimate. NaN of columns in a linear dependency, and where `separated`.
    public func standardErrorTensor() throws(TalwegError) -> Tensor { try tensor(errors, perFeature: true) }
    /// [] or [classes]
    public func interceptStandardErrorTensor() throws(TalwegError) -> Tensor {
        try tensor(interceptErrors, perFeature: false)
    }

    private func tensor(_ values: UnsafeMutablePointer<Double>, perFeature: Bool) throws(TalwegError) -> Tensor {
        var dims = family == .multinomial ? [outputs] : []
        if perFeature { dims.append(features) }
        let out = try View(uninitialized: Shape(dims, for: "glm"), dtype)
        kernels.cast(from: .float64, to: dtype)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }

    /// Of rows [m, p], or [m] with one column: [m], or [m, classes] for a multinomial response or link. Labels are
    /// int64, of the binomial family 1 where the mean is above one half.
    /// - Parameter offset: [m], added to the linear predictor
    public func predict(_ X: Tensor, _ kind: GLMPrediction = .response, offset: Tensor? = nil) throws(TalwegError)
        -> Tensor
    {
        let p = features
        guard X.rank == 2 && X.shape[1] == p || X.rank == 1 && p == 1 else {
            throw .shape("predict: X \(X.shape) does not fit the model's \(p) column\(p == 1 ? "" : "s")")
        }
        guard kind != .label || family == .binomial || family == .multinomial else {
            throw .invalid("predict: the \(family.name) family has no classes")
        }
        let m = X.shape[0]
        if let offset, offset.rank != 1 || offset.count != m {
            throw .shape("predict: offset \(offset.shape) does not fit the \(m) rows of X")
        }
        let x = try RegressionData.matrix(X, "predict").cast(to: .float64)
        let many = family == .multinomial
        let out = try View(uninitialized: Shape(many ? [m, outputs] : [m], for: "predict"), .float64)
        let eta = out.pointer(as: Double.self)
        let added = try offset?.view.cast(to: .float64)
        for i in 0..<m {
            let shift = added.map { $0.pointer(as: Double.self)[i * $0.strides[0]] } ?? 0
            for k in 0..<outputs { eta[i * outputs + k] = intercept[k] + shift }
        }
        if m > 0, p > 0 {
            try kernels.f64.multiply(
                MatrixBlock(
                    x.pointer, rows: m, columns: p, rowStride: x.strides[0], columnStride: x.strides[1], itemSize: 8),
                MatrixBlock(coefficients, rows: p, columns: outputs, rowStride: 1, columnStride: p, itemSize: 8),
                adding: 1,
                to: MatrixBlock(eta, rows: m, columns: outputs, rowStride: outputs, itemSize: 8))
        }
        if kind == .label { return try labels(eta, m) }
        if kind == .response {
            if many {
                for i in 0..<m { kernels.f64.softmaxRow(outputs, eta + i * outputs, eta + i * outputs) }
            } else {
                for i in 0..<m { eta[i] = rows.mean(eta[i]) }
            }
        }
        return Tensor(try out.cast(to: X.dtype.isFloating ? X.dtype : .float64))
    }

    private func labels(_ eta: UnsafeMutablePointer<Double>, _ m: Int) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape([m], for: "predict"), .int64)
        let label = out.pointer(as: Int64.self)
        let best = kernels.argmax(.float64)
        for i in 0..<m {
            label[i] = family == .multinomial
                ? Int64(best(outputs, eta + i * outputs, 1)) : (rows.mean(eta[i]) > 0.5 ? 1 : 0)
        }
        return Tensor(out)
    }
}
