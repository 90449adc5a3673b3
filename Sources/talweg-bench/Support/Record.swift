/// The fields of one line of output, in the order they were set.
struct Record {
    private var fields: [(key: String, value: String)]

    init(suite: String, name: String, threads: Int) {
        fields = [("suite", Record.quoted(suite)), ("name", Record.quoted(name)), ("threads", "\(threads)")]
    }

    mutating func set(_ key: String, _ value: Int) { fields.append((key, "\(value)")) }
    mutating func set(_ key: String, _ value: String) { fields.append((key, Record.quoted(value))) }
    /// With four digits, or null where there is no number to write.
    mutating func set(_ key: String, _ value: Double) {
        fields.append((key, value.isFinite ? Record.rounded(value) : "null"))
    }

    var json: String { "{" + fields.map { "\(Record.quoted($0.key)): \($0.value)" }.joined(separator: ", ") + "}" }

    /// Four significant digits.
    private static func rounded(_ value: Double) -> String {
        guard value != 0 else { return "0" }
        var unit = 1.0
        while value.magnitude / unit >= 10_000 { unit *= 10 }
        while value.magnitude / unit < 1_000 { unit /= 10 }
        // A division by a power of ten rounds to the double whose shortest text has these digits.
        let digits = (value / unit).rounded()
        return unit >= 1 ? "\(digits * unit)" : "\(digits / (1 / unit).rounded())"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
