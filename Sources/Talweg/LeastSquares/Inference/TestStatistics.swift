import CIntrinsics
import TalwegKernels

// Figures of a fit that need no rows. Those of statsmodels' OLS and WLS, to which names and definitions follow; rows
// without weight are not counted, as in R.

extension LeastSquaresResult {
    /// Coefficients over their standard errors, [p] or [k, p].
    public var tValues: Tensor {
        get throws(TalwegError) { try eachCoefficient { t, j in b[t * p + j] / errors[t * p + j] } }
    }

    /// P(|T| > |t|) for Student's t with the fit's degrees of freedom, [p] or [k, p].
    public var pValues: Tensor {
        get throws(TalwegError) { try eachCoefficient { t, j in pValue(b[t * p + j] / errors[t * p + j]) } }
    }

    /// Of the intercept, [] or [k]; NaN if none was fitted.
    public var interceptTValue: Tensor {
        get throws(TalwegError) { try eachTarget { constants[$0] / constantErrors[$0] } }
    }

    public var interceptPValue: Tensor {
        get throws(TalwegError) { try eachTarget { pValue(constants[$0] / constantErrors[$0]) } }
    }

    /// Intervals that hold the coefficients with probability `level`, [p, 2] or [k, p, 2].
    public func confidenceIntervals(_ level: Double = 0.95) throws(TalwegError) -> Tensor {
        let half = try criticalValue(level)
        let (count, overflow) = p.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        return try intervals(count, manyTargets ? [k, p, 2] : [p, 2]) { (b[$0], half * errors[$0]) }
    }

    /// [2] or [k, 2]
    public func interceptConfidenceInterval(_ level: Double = 0.95) throws(TalwegError) -> Tensor {
        let half = try criticalValue(level)
        return try intervals(k, manyTargets ? [k, 2] : [2]) { (constants[$0], half * constantErrors[$0]) }
    }

    /// 1 - (1 - R^2) (n - 1) / (degrees of freedom), with n for n - 1 without an intercept, [] or [k].
    public var adjustedRSquared: Tensor {
        get throws(TalwegError) { try eachTarget { adjustedRSquared($0) } }
    }

    /// s^2: the weighted residual sum of squares over the degrees of freedom, [] or [k].
    public var residualVariance: Tensor {
        get throws(TalwegError) { try eachTarget { freedom > 0 ? squares[$0] / freedom : .nan } }
    }

    /// F of the hypothesis that all coefficients are 0, the intercept left out, [] or [k].
    public var fStatistic: Tensor { get throws(TalwegError) { try eachTarget { fStatistic($0) } } }

    /// P(F > f) with (rank, degrees of freedom), [] or [k].
    public var fPValue: Tensor { get throws(TalwegError) { try eachTarget { fPValue($0) } } }

    /// The logarithm of the normal density of y at its greatest over the variance, [] or [k].
    public var logLikelihood: Tensor { get throws(TalwegError) { try eachTarget { logLikelihood($0) } } }

    /// -2 log-likelihood + 2 (rank + 1 with an intercept), [] or [k].
    public var aic: Tensor {
        get throws(TalwegError) { try eachTarget { 2 * Double(parameters) - 2 * logLikelihood($0) } }
    }

    /// -2 log-likelihood + ln n (rank + 1 with an intercept), [] or [k].
    public var bic: Tensor {
        get throws(TalwegError) {
            try eachTarget { tk_libm_log(Double(observations)) * Double(parameters) - 2 * logLikelihood($0) }
        }
    }

    /// Coefficients that the data determine, the intercept among them.
    var parameters: Int { rank + (hasIntercept ? 1 : 0) }

    var freedom: Double { Double(degreesOfFreedom) }

    /// s in the solver's units; NaN without degrees of freedom.
    func deviation(_ t: Int) -> Double { freedom > 0 ? (scaledSquares[t] / freedom).squareRoot() : .nan }

    /// The power of two that target t was multiplied by.
    func unit(_ t: Int) -> Int { scale[p + t].exponent }

    func pValue(_ t: Double) -> Double { degreesOfFreedom > 0 ? StudentT(freedom).twoSided(t) : .nan }

    func adjustedRSquared(_ t: Int) -> Double {
        guard freedom > 0 else { return .nan }
        return 1 - Double(observations - (hasIntercept ? 1 : 0)) / freedom * unexplained[t]
    }

    func fStatistic(_ t: Int) -> Double {
        guard freedom > 0, rank > 0 else { return .nan }
        return (1 - unexplained[t]) / unexplained[t] * (freedom / Double(rank))
    }

    func fPValue(_ t: Int) -> Double {
        guard freedom > 0, rank > 0 else { return .nan }
        return FisherF(Double(rank), freedom).survival(fStatistic(t))
    }

    func logLikelihood(_ t: Int) -> Double {
        let n = Double(observations)
        let logarithm =
            tk_libm_log(scaledSquares[t] / n) + 2 * Double(weighting.exponent - unit(t)) * 0.693_147_180_559_945_309_42
        return 0.5 * (weighting.logarithms - n * (logarithm + 1)) - n * halfLogTau
    }

    /// The t that |T| exceeds with probability 1 - level.
    func criticalValue(_ level: Double) throws(TalwegError) -> Double {
        guard level > 0, level < 1 else {
            throw .invalid("lstsq: level is \(level); it must lie between 0 and 1")
        }
        return degreesOfFreedom > 0 ? StudentT(freedom).upperQuantile((1 - level) / 2) : .nan
    }

    /// `middle` less and more `half`, as a tensor of the result's dtype.
    func intervals(_ count: Int, _ dims: [Int], _ body: (Int) -> (middle: Double, half: Double)) throws(TalwegError)
        -> Tensor
    {
        let space = try Workspace(byteCount: slabBytes(count, count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        for i in 0..<count {
            let (middle, half) = body(i)
            values[2 * i] = middle - half
            values[2 * i + 1] = middle + half
        }
        return try tensor(values, dims)
    }

    private func eachCoefficient(_ body: (Int, Int) -> Double) throws(TalwegError) -> Tensor {
        let (count, overflow) = p.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        for t in 0..<k {
            for j in 0..<p { values[t * p + j] = body(t, j) }
        }
        return try perFeature(values)
    }

    private func eachTarget(_ body: (Int) -> Double) throws(TalwegError) -> Tensor {
        let space = try Workspace(byteCount: slabBytes(k))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        for t in 0..<k { values[t] = body(t) }
        return try perTarget(values)
    }
}
