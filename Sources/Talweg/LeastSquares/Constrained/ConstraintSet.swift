import TalwegKernels

/// The constraints of a fit as float64, checked, in the data's units: bounds of p coefficients and of the slacks
/// s = h - G b >= 0 behind them, and the equalities of both, rows of norm 1:
///
///     [C 0] [b]   [d]
///     [G I] [s] = [h]
final class ConstraintSet {
    let p: Int
    /// Rows of C and of G.
    let equalities: Int
    let inequalities: Int
    /// p and the slacks.
    var width: Int { p + inequalities }
    var rows: Int { equalities + inequalities }
    /// [width]
    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    /// [rows, width] and [rows].
    let matrix: ColumnMajor
    let values: UnsafeMutablePointer<Double>
    /// What each row was divided by.
    let norms: UnsafeMutablePointer<Double>
    /// Whether there is a bound or an inequality.
    private(set) var isBounded = false
    private let space: Storage

    init(_ options: ConstrainedOptions, columns p: Int) throws(TalwegError) {
        self.p = p
        equalities = try ConstraintSet.count(options.equality, p, "equality")
        inequalities = try ConstraintSet.count(options.inequality, p, "inequality")
        let (rows, over) = equalities.addingReportingOverflow(inequalities)
        let (width, overflow) = p.addingReportingOverflow(inequalities)
        let (area, excess) = rows.multipliedReportingOverflow(by: width)
        guard !over, !overflow, !excess else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(width, width, area, rows, rows))
        var slab = Slab(space.pointer)
        lower = slab.doubles(width)
        upper = slab.doubles(width)
        matrix = ColumnMajor(slab.doubles(area), rows: rows, columns: width)
        values = slab.doubles(rows)
        norms = slab.doubles(rows)
        try setBounds(options.lower, lower, -.infinity, "lower")
        try setBounds(options.upper, upper, .infinity, "upper")
        for j in 0..<p {
            guard lower[j] <= upper[j], lower[j] < .infinity, upper[j] > -.infinity else {
                throw .invalid("constrained: coefficient \(j) has the bounds \(lower[j]) and \(upper[j])")
            }
            if lower[j] > -.infinity || upper[j] < .infinity { isBounded = true }
        }
        matrix.fill(0)
        try copy(options.equality, at: 0, "equality")
        try copy(options.inequality, at: equalities, "inequality")
        for i in 0..<inequalities {
            isBounded = true
            (lower[p + i], upper[p + i]) = (0, .infinity)
        }
    }

    private static func count(_ pair: (matrix: Tensor, values: Tensor)?, _ p: Int, _ name: String)
        throws(TalwegError) -> Int
    {
        guard let pair else { return 0 }
        let shape = pair.matrix.shape
        guard pair.matrix.rank == 2, shape[1] == p else {
            throw .shape("constrained: \(name) matrix \(shape) does not fit the \(p) coefficients; [rows, \(p)] would")
        }
        guard pair.values.rank == 1, pair.values.count == shape[0] else {
            throw .shape("constrained: \(name) values \(pair.values.shape) do not fit the matrix \(shape)")
        }
        return shape[0]
    }

    private func setBounds(
        _ given: Tensor?, _ out: UnsafeMutablePointer<Double>, _ absent: Double, _ name: String
    ) throws(TalwegError) {
        out.update(repeating: absent, count: p)
        guard let given else { return }
        guard given.rank == 0 || given.rank == 1 && given.count == p else {
            throw .shape("constrained: \(name) \(given.shape) does not fit the \(p) coefficients; [\(p)] or [] would")
        }
        let stride = given.rank == 0 ? 0 : given.view.strides[0]
        kernels.cast(from: given.dtype, to: .float64)(p, given.view.pointer, stride, out, 1)
        for j in 0..<p where out[j].isNaN { throw .numeric("constrained: \(name) has \(out[j]) for coefficient \(j)") }
    }

    /// A block of rows, each divided by its norm, with slacks if they are inequalities.
    private func copy(_ pair: (matrix: Tensor, values: Tensor)?, at first: Int, _ name: String) throws(TalwegError) {
        guard let pair else { return }
        let source = pair.matrix.view, count = pair.values.count
        let size = source.dtype.itemSize
        kernels.cast(from: pair.values.dtype, to: .float64)(
            count, pair.values.view.pointer, pair.values.view.strides[0], values + first, 1)
        for j in 0..<p {
            kernels.cast(from: source.dtype, to: .float64)(
                count, source.pointer + j * source.strides[1] * size, source.strides[0], matrix.column(j) + first, 1)
        }
        for i in first..<(first + count) {
            guard values[i].isFinite else {
                throw .numeric("constrained: \(name) values have \(values[i]) in row \(i - first)")
            }
            var largest = 0.0
            for j in 0..<p {
                guard matrix[i, j].isFinite else {
                    throw .numeric(
                        "constrained: \(name) matrix has \(matrix[i, j]) in row \(i - first), column \(j)")
                }
                largest = max(largest, matrix[i, j].magnitude)
            }
            // A row of zeros says something of no coefficient.
            norms[i] = 1
            if largest > 0 {
                var squares = 0.0
                for j in 0..<p { squares += (matrix[i, j] / largest) * (matrix[i, j] / largest) }
                norms[i] = largest * squares.squareRoot()
            }
            for j in 0..<p { matrix[i, j] /= norms[i] }
            values[i] /= norms[i]
            if first == equalities && name == "inequality" { matrix[i, p + i - first] = 1 }
        }
    }
}
