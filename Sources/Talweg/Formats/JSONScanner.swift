/// A pull scanner of JSON text (RFC 8259): the caller asks for what it expects.
/// Strings are unescaped in place, so that nothing is allocated; the text must
/// be valid UTF-8, and then every string is. It needs no stack for nested text.
struct JSONScanner {
    /// A string's bytes, from the start of the text on.
    struct Slice: BitwiseCopyable {
        var start: UInt32
        var count: UInt32
    }

    private let bytes: UnsafeMutableBufferPointer<UInt8>
    /// What stands before the place in messages.
    private let label: String
    private(set) var position: Int

    init(_ bytes: UnsafeMutableBufferPointer<UInt8>, at position: Int = 0, label: String) {
        self.bytes = bytes
        self.label = label
        self.position = position
    }

    func error(_ reason: String) -> TalwegError { .format("\(label), byte \(position): \(reason)") }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Takes a character if it comes next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard let byte = current, UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(TalwegError) {
        guard take(character) else { throw error("'\(character)' was expected") }
    }

    mutating func expectEnd() throws(TalwegError) {
        skipBlanks()
        guard position == bytes.count else { throw error("more follows the end") }
    }

    /// Goes through the members of an object; `body` is given a key and reads its value.
    mutating func object(
        _ body: (inout JSONScanner, Slice) throws(TalwegError) -> Void
    ) throws(TalwegError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try body(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Goes through an array; `body` reads an element.
    mutating func array(_ body: (inout JSONScanner) throws(TalwegError) -> Void) throws(TalwegError) {
        try expect("[")
        if take("]") { return }
        repeat { try body(&self) } while take(",")
        try expect("]")
    }

    /// A whole number from 0 to 2^64 - 1.
    mutating func unsigned() throws(TalwegError) -> UInt64 {
        skipBlanks()
        let start = position
        var value: UInt64 = 0
        while let byte = current, byte >= 0x30, byte <= 0x39 {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, above) = tens.addingReportingOverflow(UInt64(byte - 0x30))
            guard !over, !above else { throw error("the number is above 2^64 - 1") }
            value = sum
            position += 1
        }
        let digits = position - start
        let isFraction = current == 0x2E || current == 0x65 || current == 0x45
        guard digits > 0, !isFraction, digits == 1 || bytes[start] != 0x30 else {
            throw error("a whole number, 0 or more, was expected")
        }
        return value
    }

    /// A string, without its quotes and escapes.
    mutating func string() throws(TalwegError) -> Slice {
        guard take("\"") else { throw error("a string was expected") }
        let start = position
        var end = position
        while let byte = current {
            position += 1
            switch byte {
            case 0x22: return Slice(start: UInt32(start), count: UInt32(end - start))
            case 0x5C: try unescape(&end)
            case 0..<0x20: throw error("a control character in a string")
            default:
                bytes[end] = byte
                end += 1
            }
        }
        throw error("the string has no end")
    }

    /// After a backslash. What is written is never longer than what was read.
    private mutating func unescape(_ end: inout Int) throws(TalwegError) {
        guard let byte = current else { throw error("the string has no end") }
        position += 1
        let plain: UInt8
        switch byte {
        case 0x22, 0x2F, 0x5C: plain = byte
        case 0x62: plain = 0x08
        case 0x66: plain = 0x0C
        case 0x6E: plain = 0x0A
        case 0x72: plain = 0x0D
        case 0x74: plain = 0x09
        case 0x75:
            let first = try hexadecimal()
            var value = UInt32(first)
            if first >= 0xD800, first < 0xDC00 {
                guard position + 1 < bytes.count, bytes[position] == 0x5C, bytes[position + 1] == 0x75 else {
                    throw error("half a surrogate pair in a string")
                }
                position += 2
                let second = UInt32(try hexadecimal())
                guard second >= 0xDC00, second < 0xE000 else { throw error("half a surrogate pair in a string") }
                value = 0x10000 + (value - 0xD800) << 10 + (second - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw error("half a surrogate pair in a string") }
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                bytes[end] = unit
                end += 1
            }
            return
        default: throw error("an unknown escape in a string")
        }
        bytes[end] = plain
        end += 1
    }

    private mutating func hexadecimal() throws(TalwegError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw error("the string has no end") }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw error("four hexadecimal digits were expected")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    /// Reads over any value. Open containers are bits of a word, so that a file
    /// of brackets costs no stack; more of them than the word holds are refused.
    mutating func skipValue() throws(TalwegError) {
        var depth = 0
        var objects: UInt64 = 0
        repeat {
            skipBlanks()
            var opened = false
            switch current {
            case 0x7B, 0x5B:
                let isObject = current == 0x7B
                position += 1
                if !take(isObject ? "}" : "]") {
                    guard depth < 64 else { throw error("values are nested deeper than 64") }
                    objects = isObject ? objects | 1 << UInt64(depth) : objects & ~(1 << UInt64(depth))
                    depth += 1
                    if isObject { try key() }
                    opened = true
                }
            case 0x22: _ = try string()
            case 0x74: try literal("true")
            case 0x66: try literal("false")
            case 0x6E: try literal("null")
            default: try number()
            }
            while !opened, depth > 0 {
                let isObject = objects >> UInt64(depth - 1) & 1 == 1
                if take(",") {
                    if isObject { try key() }
                    opened = true
                } else {
                    try expect(isObject ? "}" : "]")
                    depth -= 1
                }
            }
        } while depth > 0
    }

    private mutating func key() throws(TalwegError) {
        _ = try string()
        try expect(":")
    }

    private mutating func literal(_ word: StaticString) throws(TalwegError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard current == word.utf8Start[offset] else { throw error("a value was expected") }
            position += 1
        }
    }

    private mutating func number() throws(TalwegError) {
        if current == 0x2D { position += 1 }
        if current == 0x30 { position += 1 } else { try digits() }
        if current == 0x2E {
            position += 1
            try digits()
        }
        if current == 0x65 || current == 0x45 {
            position += 1
            if current == 0x2B || current == 0x2D { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(TalwegError) {
        let start = position
        while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
        guard position > start else { throw error("a value was expected") }
    }
}
