import TalwegKernels

/// What the elements of a matrix can be: float32 and float64.
protocol MatrixScalar: BinaryFloatingPoint, Sendable {
    static var dtype: DType { get }
}

extension Float: MatrixScalar {
    static var dtype: DType { .float32 }
}

extension Double: MatrixScalar {
    static var dtype: DType { .float64 }
}

typealias ColumnMajor = Columns<Double>

/// A matrix in someone else's memory, its columns contiguous and `stride` elements apart.
struct Columns<Scalar: MatrixScalar> {
    let pointer: UnsafeMutablePointer<Scalar>
    let rows: Int
    let columns: Int
    let stride: Int

    init(_ pointer: UnsafeMutablePointer<Scalar>, rows: Int, columns: Int, stride: Int? = nil) {
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? max(rows, 1)
    }

    @inline(__always) func column(_ j: Int) -> UnsafeMutablePointer<Scalar> { pointer + j * stride }

    @inline(__always) subscript(_ i: Int, _ j: Int) -> Scalar {
        get { pointer[i + j * stride] }
        nonmutating set { pointer[i + j * stride] = newValue }
    }

    /// Some of its rows and columns.
    func part(_ row: Int, _ rows: Int, _ column: Int, _ columns: Int) -> Columns {
        Columns(pointer + row + column * stride, rows: rows, columns: columns, stride: stride)
    }

    func fill(_ value: Scalar) {
        for j in 0..<columns { column(j).update(repeating: value, count: rows) }
    }

    func swapColumns(_ a: Int, _ b: Int) {
        if a == b { return }
        let x = column(a), y = column(b)
        for i in 0..<rows { (x[i], y[i]) = (y[i], x[i]) }
    }

    /// Of the first columns.
    func swapRows(_ a: Int, _ b: Int, columns: Int) {
        if a == b { return }
        for j in 0..<columns {
            let column = column(j)
            (column[a], column[b]) = (column[b], column[a])
        }
    }
}

/// Cuts a block of memory into arrays of doubles, each beginning on a cache line.
struct Slab {
    private var next: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) { next = start }

    mutating func doubles(_ count: Int) -> UnsafeMutablePointer<Double> { elements(count) }

    /// Of a type of at most eight bytes.
    mutating func elements<T>(_ count: Int) -> UnsafeMutablePointer<T> {
        let taken = next.assumingMemoryBound(to: T.self)
        next += Slab.bytes(count)
        return taken
    }

    mutating func integers(_ count: Int) -> UnsafeMutablePointer<Int> { elements(count) }

    /// What has not been given away.
    var rest: UnsafeMutableRawPointer { next }

    /// The bytes that an array of `count` doubles takes here.
    static func bytes(_ count: Int) -> Int { (count * 8 + 63) & ~63 }
}

/// The bytes of several arrays of doubles; throws where they exceed any memory. (A list of arguments of any length would
/// be an array, which takes longer to make than a small fit has.)
func slabBytes(
    _ a: Int, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0, _ e: Int = 0, _ f: Int = 0, _ g: Int = 0, _ h: Int = 0,
    _ i: Int = 0, _ j: Int = 0, _ k: Int = 0, _ l: Int = 0, _ m: Int = 0, _ n: Int = 0, times: Int = 1
) throws(TalwegError) -> Int {
    // Of counts of 2^42 and more, and of negative ones, a bit stays.
    guard a | b | c | d | e | f | g | h | i | j | k | l | m | n < 1 << 42,
        a | b | c | d | e | f | g | h | i | j | k | l | m | n >= 0
    else { throw .outOfMemory(bytes: Int.max) }
    let first = Slab.bytes(a) + Slab.bytes(b) + Slab.bytes(c) + Slab.bytes(d) + Slab.bytes(e) + Slab.bytes(f)
    let second = Slab.bytes(g) + Slab.bytes(h) + Slab.bytes(i) + Slab.bytes(j) + Slab.bytes(k) + Slab.bytes(l)
    // A line more for each: who cuts an array into parts begins each of them on a line.
    let bytes = first + second + Slab.bytes(m) + Slab.bytes(n) + 14 * 64
    let (all, overflow) = bytes.multipliedReportingOverflow(by: times)
    guard bytes < 1 << 46, !overflow else { throw .outOfMemory(bytes: Int.max) }
    return all
}
