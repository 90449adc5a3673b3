/// A pattern of names: '*' stands for any characters, also none, '?' for one, anything else for itself.
struct Glob {
    private let pattern: [UInt8]

    init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Whether all of a name matches. After a mismatch the last '*' takes one character more, so that the time is at
    /// most the product of the lengths.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (place, at) = (0, 0)
        var star: (place: Int, at: Int)?
        while at < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == name[at] || pattern[place] == UInt8(ascii: "?") {
                (place, at) = (place + 1, at + 1)
            } else if let last = star {
                (place, at) = (last.place + 1, last.at + 1)
                star = (last.place, at)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
