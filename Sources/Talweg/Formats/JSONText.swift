/// Text in JSON (RFC 8259), written piece by piece.
enum JSONText {
    /// A string in quotes, with what must be escaped escaped.
    static func append(_ string: String, to text: inout [UInt8]) {
        text.append(0x22)
        for byte in string.utf8 {
            switch byte {
            case 0x22, 0x5C: text.append(contentsOf: [0x5C, byte])
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                text.append(contentsOf: Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            default: text.append(byte)
            }
        }
        text.append(0x22)
    }

    /// A number with the fewest digits that are read back as the same; JSON has no NaN and no infinity: null.
    static func append(_ number: Double, to text: inout [UInt8]) {
        text.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    }
}
