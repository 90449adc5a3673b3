/// Lines of a summary, all of one width.
struct SummaryTable: ~Copyable {
    private(set) var text = GrowingBuffer<UInt8>()

    private static let width = 78
    private static let nameWidth = 16

    mutating func title(_ title: String) throws(TalwegError) {
        try line(String(repeating: " ", count: max((Self.width - title.utf8.count) / 2, 0)) + title)
    }

    mutating func columns(_ name: String, _ cells: [String]) throws(TalwegError) {
        var line = padded(name, Self.nameWidth, right: false)
        for (position, cell) in cells.enumerated() { line += padded(cell, position == 0 ? 13 : 10, right: true) }
        try self.line(line)
    }

    /// A coefficient with its error, t or z, p and interval.
    /// - Parameter critical: half an interval in errors
    mutating func coefficient(
        _ name: String, _ value: Double, _ error: Double, critical: Double, pValue: (Double) -> Double
    ) throws(TalwegError) {
        let ratio = value / error
        try columns(
            name,
            [
                number(value, 6), number(error), number(ratio), number(pValue(ratio), 3),
                number(value - critical * error), number(value + critical * error),
            ])
    }

    mutating func pair(_ left: String, _ a: String, _ right: String, _ b: String) throws(TalwegError) {
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

    mutating func rule(_ mark: String) throws(TalwegError) {
        try line(String(repeating: mark, count: Self.width))
    }

    mutating func line(_ line: String) throws(TalwegError) {
        for byte in line.utf8 { try text.append(byte) }
        try text.append(0x0A)
    }

    /// With at most three digits.
    func plain(_ share: Double) -> String {
        var text = significant(share, 3)
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    func number(_ value: Double, _ digits: Int = 4) -> String { significant(value, digits) }
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
