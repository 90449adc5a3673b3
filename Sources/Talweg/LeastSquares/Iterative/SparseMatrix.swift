/// A sparse matrix in compressed rows, beside them its transpose's, so that both products go row by row on all threads.
public final class SparseMatrix: LinearMap, @unchecked Sendable {
    public let rows: Int
    public let columns: Int
    public let count: Int
    private let matrix, transpose: Compressed

    /// Copies a matrix.
    /// - Parameters:
    ///   - offsets: rows + 1 of them: where each row's elements begin, and at last their count
    ///   - places: the column of each element; those of a row in any order, and what is there twice is summed
    ///   - values: the elements, finite
    public init(
        rows: Int, columns: Int, offsets: UnsafePointer<Int64>, places: UnsafePointer<Int64>,
        values: UnsafePointer<Double>
    ) throws(TalwegError) {
        guard rows >= 1, columns >= 1, columns <= Int(Int32.max), rows <= Int(Int32.max) else {
            throw .invalid("sparse matrix: \(rows) x \(columns); both must be from 1 to \(Int32.max)")
        }
        guard offsets[0] == 0 else { throw .invalid("sparse matrix: the first row begins at \(offsets[0]), not 0") }
        for i in 0..<rows where offsets[i + 1] < offsets[i] {
            throw .invalid("sparse matrix: row \(i) begins at \(offsets[i]) and ends at \(offsets[i + 1])")
        }
        let count = Int(offsets[rows])
        for k in 0..<count {
            guard places[k] >= 0, places[k] < columns else {
                throw .index("sparse matrix: element \(k) is in column \(places[k]) of \(columns)")
            }
            guard values[k].isFinite else { throw .numeric("sparse matrix: element \(k) is \(values[k])") }
        }
        (self.rows, self.columns, self.count) = (rows, columns, count)
        matrix = try Compressed(rows, count)
        transpose = try Compressed(columns, count)
        for i in 0...rows { matrix.offsets[i] = Int(offsets[i]) }
        for k in 0..<count {
            matrix.places[k] = Int32(places[k])
            matrix.values[k] = values[k]
        }
        // A counting sort by columns; rows stay in order.
        let next = transpose.offsets
        next.update(repeating: 0, count: columns + 1)
        for k in 0..<count { next[Int(places[k]) + 1] += 1 }
        for j in 0..<columns { next[j + 1] += next[j] }
        for i in 0..<rows {
            for k in Int(offsets[i])..<Int(offsets[i + 1]) {
                let j = Int(places[k]), to = next[j]
                transpose.places[to] = Int32(i)
                transpose.values[to] = values[k]
                next[j] = to + 1
            }
        }
        // Each column's begin has become its end.
        var j = columns
        while j > 0 {
            next[j] = next[j - 1]
            j -= 1
        }
        next[0] = 0
    }

    /// Where each row's elements begin and end, and their columns and values; valid as long as the matrix is.
    var elements: (UnsafePointer<Int>, UnsafePointer<Int32>, UnsafePointer<Double>) {
        (UnsafePointer(matrix.offsets), UnsafePointer(matrix.places), UnsafePointer(matrix.values))
    }

    public func multiply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) throws(TalwegError) {
        matrix.multiply(x, y)
    }

    public func multiplyTransposed(_ y: UnsafePointer<Double>, _ x: UnsafeMutablePointer<Double>) throws(TalwegError) {
        transpose.multiply(y, x)
    }
}

/// Rows of elements, each with its place.
private struct Compressed: @unchecked Sendable {
    let rows: Int
    let offsets: UnsafeMutablePointer<Int>
    let values: UnsafeMutablePointer<Double>
    let places: UnsafeMutablePointer<Int32>
    private let space: Storage

    init(_ rows: Int, _ count: Int) throws(TalwegError) {
        self.rows = rows
        space = try Storage(byteCount: slabBytes(rows + 1, count, count))
        var slab = Slab(space.pointer)
        offsets = slab.integers(rows + 1)
        values = slab.doubles(count)
        places = slab.elements(count)
    }

    func multiply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
        let each = 1024
        ThreadPool.run(chunks: (rows + each - 1) / each) { chunk in
            var k = offsets[chunk * each]
            for i in (chunk * each)..<min(rows, (chunk + 1) * each) {
                let end = offsets[i + 1]
                var sums = (0.0, 0.0)
                while k + 1 < end {
                    sums.0 += values[k] * x[Int(places[k])]
                    sums.1 += values[k + 1] * x[Int(places[k + 1])]
                    k += 2
                }
                if k < end { sums.0 += values[k] * x[Int(places[k])] }
                k = end
                y[i] = sums.0 + sums.1
            }
        }
    }
}
