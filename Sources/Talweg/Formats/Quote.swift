/// Bytes of a file for a message: in quotes, shortened, without control characters.
func quote(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let limit = 40
    var text = "\""
    for character in String(decoding: bytes.prefix(limit), as: UTF8.self).unicodeScalars {
        text.unicodeScalars.append(character.value < 0x20 || character.value == 0x7F ? "?" : character)
    }
    return text + (bytes.count > limit ? "...\"" : "\"")
}
