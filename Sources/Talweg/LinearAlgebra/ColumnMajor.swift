/// A matrix of doubles in someone else's memory, its columns contiguous and
/// `stride` elements apart.
struct ColumnMajor {
    let pointer: UnsafeMutablePointer<Double>
    let rows: Int
    let columns: Int
    let stride: Int

    init(_ pointer: UnsafeMutablePointer<Double>, rows: Int, columns: Int, stride: Int? = nil) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? max(rows, 1)
    }

    @inline(__always) func column(_ j: Int) -> UnsafeMutablePointer<Double> { pointer + j * stride }

    @inline(__always) subscript(_ i: Int, _ j: Int) -> Double {
        get { pointer[i + j * stride] }
        nonmutating set { pointer[i + j * stride] = newValue }
    }

    func fill(_ value: Double) {
        for j in 0..<columns { column(j).update(repeating: value, count: rows) }
    }

    func swapColumns(_ a: Int, _ b: Int) {
        if a == b { return }
        let x = column(a), y = column(b)
        for i in 0..<rows { (x[i], y[i]) = (y[i], x[i]) }
    }
}

/// Cuts a block of memory into arrays of doubles, each beginning on a cache line.
struct Slab {
    private var next: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) { next = start }

    mutating func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
        let taken = next.assumingMemoryBound(to: Double.self)
        next += Slab.bytes(count)
        return taken
    }

    mutating func integers(_ count: Int) -> UnsafeMutablePointer<Int> {
        let taken = next.assumingMemoryBound(to: Int.self)
        next += Slab.bytes(count)
        return taken
    }

    /// What has not been given away.
    var rest: UnsafeMutableRawPointer { next }

    /// The bytes that an array of `count` doubles takes here.
    static func bytes(_ count: Int) -> Int { (count * 8 + 63) & ~63 }
}

/// The bytes of several arrays of doubles; throws where they exceed any memory.
func slabBytes(_ counts: Int..., times: Int = 1) throws(TalwegError) -> Int {
    var total = 0
    for count in counts {
        let (next, overflow) = total.addingReportingOverflow(count)
        guard !overflow, count >= 0, count < 1 << 42, next < 1 << 42 else { throw .outOfMemory(bytes: Int.max) }
        total = next
    }
    let bytes = total * 8 + counts.count * 64
    let (all, overflow) = bytes.multipliedReportingOverflow(by: times)
    guard !overflow else { throw .outOfMemory(bytes: Int.max) }
    return all
}
