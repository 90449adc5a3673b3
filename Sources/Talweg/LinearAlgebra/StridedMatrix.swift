import TalwegKernels

/// A power of two that the numbers of a matrix are divided by, so that the largest is about 1 and no square of
/// one that counts overflows or underflows: what is computed from the quotient is the same to the last bit.
struct UnitScale<T: MatrixScalar> {
    /// Its exponent, in two halves: the whole may be beyond the numbers of the type.
    private let first: Double
    private let second: Double

    /// - Parameter largest: the largest magnitude, finite
    init(_ largest: T) {
        let exponent = largest == 0 ? 0 : Int(largest.exponent)
        first = Double(sign: .plus, exponent: exponent / 2, significand: 1)
        second = Double(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
    }

    func divide(_ x: T) -> T { T(Double(x) / first / second) }
    func multiply(_ x: Double) -> T { T(x * first * second) }
}

/// A matrix of any strides.
struct StridedMatrix<T: MatrixScalar> {
    let pointer: UnsafePointer<T>
    let rows: Int
    let columns: Int
    let rowStride: Int
    let columnStride: Int

    var transposed: StridedMatrix {
        StridedMatrix(
            pointer: pointer, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride)
    }

    /// The largest magnitude; NaN if an element is not finite.
    /// - Parameter lower: whether the elements above the diagonal do not count
    func largest(lower: Bool = false) -> T {
        var largest: T = 0
        var nothing: T = 0
        // Along the rows, or along the columns, as they lie.
        let byRows = columnStride.magnitude <= rowStride.magnitude
        for i in 0..<(byRows ? rows : columns) {
            let line = pointer + i * (byRows ? rowStride : columnStride)
            let step = byRows ? columnStride : rowStride
            let from = lower && !byRows ? i : 0
            let end = lower && byRows ? min(i + 1, columns) : byRows ? columns : rows
            for j in from..<max(end, from) {
                let x = line[j * step]
                largest = max(largest, x.magnitude)
                nothing += x * 0
            }
        }
        return nothing == 0 ? largest : .nan
    }

    /// Copies the matrix, divided, square by square.
    /// - Parameter lower: whether the elements above the diagonal are those below it
    func copy(to target: Columns<T>, _ scale: UnitScale<T>, lower: Bool = false) {
        let tile = 32
        ThreadPool.run(chunks: (columns + tile - 1) / tile) { chunk in
            let first = chunk * tile, last = min(columns, first + tile)
            var row = lower ? first : 0
            while row < rows {
                let stop = min(rows, row + tile)
                for j in first..<last {
                    let to = target.column(j), from = pointer + j * columnStride
                    for i in row..<stop where !lower || i >= j { to[i] = scale.divide(from[i * rowStride]) }
                }
                row = stop
            }
        }
    }
}

extension Columns {
    /// Writes the transpose, column by column row-major: out[i step + j] = self[i, order(j)].
    func copy(toRows out: UnsafeMutablePointer<Scalar>, step: Int, order: UnsafePointer<Int>? = nil) {
        let tile = 32
        ThreadPool.run(chunks: (rows + tile - 1) / tile) { chunk in
            let first = chunk * tile, last = min(rows, first + tile)
            var column = 0
            while column < columns {
                let stop = min(columns, column + tile)
                for i in first..<last {
                    let to = out + i * step
                    for j in column..<stop { to[j] = self[i, order?[j] ?? j] }
                }
                column = stop
            }
        }
    }
}
