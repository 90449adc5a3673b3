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
