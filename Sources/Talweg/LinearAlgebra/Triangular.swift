/// Solves with an upper triangular matrix R, the leading rows and columns of
/// `matrix`, whose diagonal has no zero.
struct UpperTriangle {
    let matrix: ColumnMajor
    let size: Int
    private let vectors = MatrixKernels<Double>()

    init(_ matrix: ColumnMajor, size: Int) {
        self.matrix = matrix
        self.size = size
    }

    /// x = R^-1 x, for x zero from `count` on.
    func solve(_ x: UnsafeMutablePointer<Double>, count: Int? = nil) {
        var j = (count ?? size) - 1
        while j >= 0 {
            let column = matrix.column(j)
            x[j] /= column[j]
            vectors.axpy(j, -x[j], column, x)
            j -= 1
        }
    }

    /// The same with one over the diagonal's elements, which rounds once more.
    func solve(_ x: UnsafeMutablePointer<Double>, count: Int, reciprocal: UnsafePointer<Double>) {
        var j = count - 1
        while j >= 0 {
            x[j] *= reciprocal[j]
            vectors.axpy(j, -x[j], matrix.column(j), x)
            j -= 1
        }
    }

    /// x = R^-T x.
    func solveTransposed(_ x: UnsafeMutablePointer<Double>) {
        for j in 0..<size {
            let column = matrix.column(j)
            x[j] = (x[j] - vectors.dot(j, column, x)) / column[j]
        }
    }

    /// x = R^-T x, likewise.
    func solveTransposed(_ x: UnsafeMutablePointer<Double>, reciprocal: UnsafePointer<Double>) {
        for j in 0..<size { x[j] = (x[j] - vectors.dot(j, matrix.column(j), x)) * reciprocal[j] }
    }

    /// x = R x.
    func multiply(_ x: UnsafeMutablePointer<Double>) {
        for j in 0..<size {
            let column = matrix.column(j)
            let value = x[j]
            x[j] = 0
            vectors.axpy(j + 1, value, column, x)
        }
    }

    /// x = R' x.
    func multiplyTransposed(_ x: UnsafeMutablePointer<Double>) {
        var j = size - 1
        while j >= 0 {
            x[j] = vectors.dot(j + 1, matrix.column(j), x)
            j -= 1
        }
    }

    /// Adds to out[i] the square of the norm of row i of R^-1, which is element
    /// (i, i) of (R' R)^-1.
    func addInverseRowSquares(_ out: UnsafeMutablePointer<Double>, scratch x: UnsafeMutablePointer<Double>) {
        for j in 0..<size {
            x.update(repeating: 0, count: size)
            x[j] = 1
            solve(x, count: j + 1)
            for i in 0...j { out[i] += x[i] * x[i] }
        }
    }
}

extension ColumnMajor {
    /// U with A = U' U in place of A's upper triangle, row by row: for a matrix so small that the panel of
    /// `choleskyFactor` would take longer to fill.
    /// - Returns: the first column whose pivot is not above the tolerance and finite, or nil
    func factorSmallCholesky(tolerance: Double) -> Int? {
        for j in 0..<columns {
            let own = column(j)
            for i in 0..<j {
                let other = column(i)
                var sum = own[i]
                for l in 0..<i { sum -= other[l] * own[l] }
                own[i] = sum / other[i]
            }
            var pivot = own[j]
            for l in 0..<j { pivot -= own[l] * own[l] }
            guard pivot > tolerance, pivot.isFinite else { return j }
            own[j] = pivot.squareRoot()
        }
        return nil
    }
}

/// An estimate, from below, of the 2-norm condition number of A: power iteration
/// with A' A for its largest eigenvalue and with the inverse for its smallest
/// (Golub and Van Loan, 4th ed., 8.2), from fixed starting vectors, until a step
/// gains less than half a per cent. Mostly within a few per cent; exact for one
/// column.
/// - Parameters:
///   - multiply: x = A' A x
///   - solve: x = (A' A)^-1 x
///   - x: room for `size` numbers
func estimateCondition(
    size: Int, scratch x: UnsafeMutablePointer<Double>,
    multiply: (UnsafeMutablePointer<Double>) -> Void, solve: (UnsafeMutablePointer<Double>) -> Void
) -> Double {
    if size == 0 { return 1 }
    let largest = largestEigenvalue(size: size, scratch: x, multiply)
    let inverse = largestEigenvalue(size: size, scratch: x, solve)
    let condition = (largest * inverse).squareRoot()
    return condition.isNaN ? .infinity : max(1, condition)
}

/// The largest eigenvalue of a symmetric positive semidefinite matrix, from
/// below: the largest |A x| / |x| on the way, until a step gains less than `gain`.
func largestEigenvalue(
    size: Int, iterations: Int = 16, gain: Double = 0.005, scratch x: UnsafeMutablePointer<Double>,
    _ multiply: (UnsafeMutablePointer<Double>) -> Void
) -> Double {
    let vectors = MatrixKernels<Double>()
    // Signs and sizes without a pattern: the fractional parts of multiples of the golden section.
    var fraction = 0.5
    for i in 0..<size {
        fraction += 0.618_033_988_749_894_9
        if fraction >= 1 { fraction -= 1 }
        x[i] = fraction < 0.5 ? fraction + 0.5 : -fraction
    }
    var norm = vectors.dot(size, x, x).squareRoot()
    var largest = 0.0
    for _ in 0..<iterations {
        guard norm > 0, norm.isFinite else { return norm == 0 ? largest : .infinity }
        vectors.scale(size, 1 / norm, x)
        multiply(x)
        norm = vectors.dot(size, x, x).squareRoot()
        if norm <= largest * (1 + gain) { return max(norm, largest) }
        largest = norm
    }
    return largest
}
