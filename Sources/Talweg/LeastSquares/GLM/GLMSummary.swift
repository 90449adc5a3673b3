import CIntrinsics

/// A generalised linear model as a table of text, a class after the other, like R's summary.glm.
struct GLMSummary: ~Copyable {
    private let fit: GLMResult
    private let level: Double
    private let critical: Double
    private var table = SummaryTable()

    init(_ fit: GLMResult, level: Double) throws(TalwegError) {
        self.fit = fit
        self.level = level
        critical = try fit.criticalValue(level)
    }

    mutating func write(name: (Int) -> String?, _ body: (UnsafeBufferPointer<UInt8>) throws(TalwegError) -> Void)
        throws(TalwegError)
    {
        try table.title("Generalised linear model")
        try table.rule("=")
        try table.pair("Family", fit.family.name, "Link", fit.link.name)
        try table.pair("Observations", String(fit.observations), "Rank", String(fit.rank))
        try table.pair("Deviance", table.number(fit.deviance), "Degrees of freedom", String(fit.degreesOfFreedom))
        try table.pair(
            "Null deviance", table.number(fit.nullDeviance), "of the null model", String(fit.nullDegreesOfFreedom))
        try table.pair("Log-likelihood", table.number(fit.logLikelihood), "Dispersion", table.number(fit.dispersion))
        try table.pair("AIC", table.number(fit.aic), "BIC", table.number(fit.bic))
        try table.pair(
            "Pearson's chi-squared", table.number(fit.pearson), "Iterations", String(fit.iterations))
        for k in 0..<fit.outputs where !fit.isReference(k) { try writeSet(k, name) }
        if fit.separated { try table.line("The classes are separated: no finite coefficients are best.") }
        if !fit.violation.isNaN { try table.line("With an L1 norm: there are no standard errors.") }
        try body(UnsafeBufferPointer(table.text.elements))
    }

    private mutating func writeSet(_ k: Int, _ name: (Int) -> String?) throws(TalwegError) {
        try table.rule("=")
        let letter = fit.estimatesDispersion ? "t" : "z", tail = (1 - level) / 2
        let heading = fit.family == .multinomial ? "class \(k)" : ""
        try table.columns(
            heading,
            ["coef", "std err", letter, "P>|\(letter)|", "[" + table.plain(tail), table.plain(1 - tail) + "]"])
        try table.rule("-")
        if fit.hasIntercept { try row("intercept", fit.intercept[k], fit.interceptErrors[k]) }
        for j in 0..<fit.features {
            let place = k * fit.features + j
            try row(name(j) ?? "x\(j)", fit.coefficients[place], fit.errors[place])
        }
        try table.rule("=")
    }

    private mutating func row(_ name: String, _ value: Double, _ error: Double) throws(TalwegError) {
        try table.coefficient(name, value, error, critical: critical, pValue: fit.pValue)
    }
}

extension GLMResult {
    /// The fit as a table: figures of the whole, then each coefficient with its error, t or z, p and interval.
    /// - Parameters:
    ///   - level: of the intervals
    ///   - name: of coefficient j; nil: x0, x1, ...
    ///   - body: gets the UTF-8 text, without a NUL, for the length of the call
    public func withSummary(
        level: Double = 0.95, name: (Int) -> String? = { _ in nil },
        _ body: (UnsafeBufferPointer<UInt8>) throws(TalwegError) -> Void
    ) throws(TalwegError) {
        var summary = try GLMSummary(self, level: level)
        try summary.write(name: name, body)
    }
}
