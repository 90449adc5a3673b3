#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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
    /// With all its digits.
    mutating func setWhole(_ key: String, _ value: Double) { fields.append((key, value.isFinite ? "\(value)" : "null")) }

    var json: String { "{" + fields.map { "\(Record.quoted($0.key)): \($0.value)" }.joined(separator: ", ") + "}" }

    private static func rounded(_ value: Double) -> String {
        var text = [CChar](repeating: 0, count: 32)
        let length = withVaList([value]) { vsnprintf(&text, text.count, "%.4g", $0) }
        return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
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
