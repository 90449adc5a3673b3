import CIntrinsics

/// A fit as a table of text, a target after the other, as R's summary.lm and statsmodels' summary() print it.
struct LeastSquaresSummary: ~Copyable {
    private let fit: LeastSquaresResult
    private let level: Double
    private let critical: Double
    private var table = SummaryTable()

    init(_ fit: LeastSquaresResult, level: Double) throws(TalwegError) {
        self.fit = fit
        self.level = level
        critical = try fit.criticalValue(level)
    }

    /// - Parameters:
    ///   - name: of coefficient j; nil: x0, x1, ...
    ///   - body: gets the bytes, without a NUL
    mutating func write(name: (Int) -> String?, _ body: (UnsafeBufferPointer<UInt8>) throws(TalwegError) -> Void)
        throws(TalwegError)
    {
        for t in 0..<fit.k { try writeTarget(t, name) }
        try body(UnsafeBufferPointer(table.text.elements))
    }

    private mutating func writeTarget(_ t: Int, _ name: (Int) -> String?) throws(TalwegError) {
        let title = fit.manyTargets ? "Least squares, target \(t)" : "Least squares"
        try table.title(title)
        try table.rule("=")
        let condition: Double
        do throws(TalwegError) { condition = try fit.unscaledCondition } catch { condition = .nan }
        try table.pair("Observations", String(fit.observations), "R-squared", table.number(fit.explained[t]))
        try table.pair(
            "Degrees of freedom", String(fit.degreesOfFreedom), "Adjusted R-squared",
            table.number(fit.adjustedRSquared(t)))
        try table.pair("Rank", String(fit.rank), "F-statistic", table.number(fit.fStatistic(t)))
        let deviation = LinearSystem.shift(fit.deviation(t), by: fit.weighting.exponent - fit.unit(t))
        try table.pair(
            "Residual std. error", table.number(deviation), "Prob (F-statistic)", table.number(fit.fPValue(t)))
        let likelihood = fit.logLikelihood(t)
        try table.pair("Log-likelihood", table.number(likelihood), "Condition number", table.number(condition))
        let penalty = Double(fit.parameters)
        try table.pair(
            "AIC", table.number(2 * penalty - 2 * likelihood), "BIC",
            table.number(tk_libm_log(Double(fit.observations)) * penalty - 2 * likelihood))
        try table.rule("=")
        let tail = (1 - level) / 2
        try table.columns(
            "", ["coef", "std err", "t", "P>|t|", "[" + table.plain(tail), table.plain(1 - tail) + "]"])
        try table.rule("-")
        if fit.hasIntercept { try row("intercept", fit.constants[t], fit.constantErrors[t]) }
        for j in 0..<fit.p {
            let place = t * fit.p + j
            try row(name(j) ?? "x\(j)", fit.b[place], fit.errors[place])
        }
        try table.rule("=")
        if fit.ridge { try table.line("With a ridge penalty: the errors are those of the ridge estimate.") }
        if fit.rank < fit.p {
            try table.line("Columns depend on each other: of the solutions this is the shortest.")
        }
    }

    private mutating func row(_ name: String, _ value: Double, _ error: Double) throws(TalwegError) {
        try table.coefficient(name, value, error, critical: critical, pValue: fit.pValue)
    }
}

extension LeastSquaresResult {
    /// The fit as a table: figures of the whole, then each coefficient with its error, t, p and interval.
    /// - Parameters:
    ///   - level: of the intervals
    ///   - name: of coefficient j; nil: x0, x1, ...
    ///   - body: gets the UTF-8 text, without a NUL, for the length of the call
    public func withSummary(
        level: Double = 0.95, name: (Int) -> String? = { _ in nil },
        _ body: (UnsafeBufferPointer<UInt8>) throws(TalwegError) -> Void
    ) throws(TalwegError) {
        var summary = try LeastSquaresSummary(self, level: level)
        try summary.write(name: name, body)
    }
}
