import CIntrinsics

/// A fit as a table of text, a target after the other, as R's summary.lm and statsmodels' summary() print it.
struct LeastSquaresSummary: ~Copyable {
    private let fit: LeastSquaresResult
    private let level: Double
    private let critical: Double
    private var text = GrowingBuffer<UInt8>()

    private static let width = 78
    private static let nameWidth = 16

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
        try body(UnsafeBufferPointer(text.elements))
    }

    private mutating func writeTarget(_ t: Int, _ name: (Int) -> String?) throws(TalwegError) {
        let title = fit.manyTargets ? "Least squares, target \(t)" : "Least squares"
        try line(String(repeating: " ", count: (Self.width - title.utf8.count) / 2) + title)
        try rule("=")
        let condition: Double
        do throws(TalwegError) { condition = try fit.unscaledCondition } catch { condition = .nan }
        try pair("Observations", String(fit.observations), "R-squared", number(fit.explained[t]))
        try pair(
            "Degrees of freedom", String(fit.degreesOfFreedom), "Adjusted R-squared", number(fit.adjustedRSquared(t)))
        try pair("Rank", String(fit.rank), "F-statistic", number(fit.fStatistic(t)))
        let deviation = LinearSystem.shift(fit.deviation(t), by: fit.weighting.exponent - fit.unit(t))
        try pair("Residual std. error", number(deviation), "Prob (F-statistic)", number(fit.fPValue(t)))
        let likelihood = fit.logLikelihood(t)
        try pair("Log-likelihood", number(likelihood), "Condition number", number(condition))
        let penalty = Double(fit.parameters)
        try pair(
            "AIC", number(2 * penalty - 2 * likelihood), "BIC",
            number(tk_libm_log(Double(fit.observations)) * penalty - 2 * likelihood))
        try rule("=")
        let tail = (1 - level) / 2
        try columns(
            "", ["coef", "std err", "t", "P>|t|", "[" + plain(tail), plain(1 - tail) + "]"])
        try rule("-")
        if fit.hasIntercept { try row("intercept", fit.constants[t], fit.constantErrors[t]) }
        for j in 0..<fit.p {
            let place = t * fit.p + j
            try row(name(j) ?? "x\(j)", fit.b[place], fit.errors[place])
        }
        try rule("=")
        if fit.ridge { try line("With a ridge penalty: the errors are those of the ridge estimate.") }
        if fit.rank < fit.p {
            try line("Columns depend on each other: of the solutions this is the shortest.")
        }
    }

    private mutating func row(_ name: String, _ value: Double, _ error: Double) throws(TalwegError) {
        let ratio = value / error
        try columns(
            name,
            [
                number(value, 6), number(error), number(ratio), number(fit.pValue(ratio), 3),
                number(value - critical * error), number(value + critical * error),
            ])
    }

    private mutating func columns(_ name: String, _ cells: [String]) throws(TalwegError) {
        var line = padded(name, Self.nameWidth, right: false)
        for (position, cell) in cells.enumerated() { line += padded(cell, position == 0 ? 13 : 10, right: true) }
        try self.line(line)
    }

    private mutating func pair(_ left: String, _ a: String, _ right: String, _ b: String) throws(TalwegError) {
        let half = Self.width / 2 - 1
        try line(
            left + ":" + padded(a, half - left.utf8.count - 1, right: true) + "  " + right + ":"
                + padded(b, half - right.utf8.count - 1, right: true))
    }

    /// At least one blank before what is too wide.
    private func padded(_ text: String, _ width: Int, right: Bool) -> String {
        let blanks = String(repeating: " ", count: max(right ? 1 : 0, width - text.unicodeScalars.count))
        return right ? blanks + text : text + blanks
    }

    private mutating func rule(_ mark: String) throws(TalwegError) {
        try line(String(repeating: mark, count: Self.width))
    }

    private mutating func line(_ line: String) throws(TalwegError) {
        for byte in line.utf8 { try text.append(byte) }
        try text.append(0x0A)
    }

    /// With at most three digits.
    private func plain(_ share: Double) -> String {
        var text = significant(share, 3)
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    private func number(_ value: Double, _ digits: Int = 4) -> String { significant(value, digits) }
}

/// A number rounded to so many significant digits, as C's %.*g writes it but for its zeros, which stay.
func significant(_ value: Double, _ digits: Int) -> String {
    if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let decimal = DecimalText(value, fractionDigits: digits - 1, keepsZeros: true)
    let figures = String(decimal.significand)
    let sign = decimal.isNegative && value != 0 ? "-" : ""
    if value == 0 { return digits > 1 ? "0." + String(repeating: "0", count: digits - 1) : "0" }
    let exponent = decimal.exponent + figures.utf8.count - 1
    if exponent < -4 || exponent >= max(digits, 6) {
        let rest = figures.dropFirst()
        let mantissa = figures.prefix(1) + (rest.isEmpty ? "" : "." + rest)
        return sign + mantissa + String(decoding: DecimalText.exponentText(exponent, digits: 2), as: UTF8.self)
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + figures }
    if exponent + 1 >= figures.utf8.count {
        return sign + figures + String(repeating: "0", count: exponent + 1 - figures.utf8.count)
    }
    return sign + figures.prefix(exponent + 1) + "." + figures.dropFirst(exponent + 1)
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
