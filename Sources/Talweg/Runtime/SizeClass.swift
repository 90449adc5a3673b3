/// The sizes that blocks of memory come in: whole cache lines up to 16 of them,
/// then eight sizes to each doubling. A block is at most an eighth larger than what
/// was asked for, and powers of two are exact.
struct SizeClass: Equatable {
    /// The size of a cache line, and the alignment of every block.
    static let line = 64
    /// Up to 2^47 bytes.
    static let count = 16 + 37 * 8
    /// Up to 32 KiB: what threads keep for themselves.
    static let smallCount = 16 + 5 * 8

    let index: Int

    /// The smallest that holds `byteCount` bytes, of 0...2^47.
    @inline(__always)
    init(holding byteCount: Int) {
        let last = (max(byteCount, 1) &- 1) / SizeClass.line
        if last < 16 {
            index = last
        } else {
            let doubling = Int.bitWidth &- 1 &- last.leadingZeroBitCount
            index = 16 &+ (doubling &- 4) &* 8 &+ ((last &>> (doubling &- 3)) & 7)
        }
    }

    init(index: Int) { self.index = index }

    @inline(__always)
    var byteCount: Int {
        if index < 16 { return (index &+ 1) &* SizeClass.line }
        let doubling = (index &- 16) / 8 &+ 4
        return ((((index &- 16) & 7) &+ 9) &<< (doubling &- 3)) &* SizeClass.line
    }

    @inline(__always)
    var isSmall: Bool { index < SizeClass.smallCount }
}
