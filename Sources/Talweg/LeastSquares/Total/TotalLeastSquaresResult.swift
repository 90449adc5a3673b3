import TalwegKernels

/// A fit by total least squares. Holds copies of all it tells; tensors have the dtype of X (float64 for integers) and,
/// for a y of [n], no axis of targets.
public final class TotalLeastSquaresResult: @unchecked Sendable {
    /// Of X, with the columns of zeros and of copies that a change as small as the fit's could make of it left out.
    public internal(set) var rank = 0
    /// The root of the sum of squares of all changes, of X and of y, weighted.
    public private(set) var correctionNorm = 0.0
    let p, k, exact: Int
    private let b, constants, values: UnsafeMutablePointer<Double>
    private let dtype: DType
    private let manyTargets: Bool
    private let space: Storage

    init(p: Int, k: Int, exact: Int, dtype: DType, manyTargets: Bool) throws(TalwegError) {
        (self.p, self.k, self.exact, self.manyTargets) = (p, k, exact, manyTargets)
        self.dtype = dtype.isFloating ? dtype : .float64
        let (area, overflow) = p.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, k, p - exact + k))
        var slab = Slab(space.pointer)
        b = slab.doubles(area)
        constants = slab.doubles(k)
        values = slab.doubles(p - exact + k)
    }

    /// Takes the solution [p, k] and the singular values, in units of 2^-unit, to the data's.
    func write(
        _ problem: LinearProblem, _ unit: Int, _ solution: ColumnMajor, _ singular: UnsafePointer<Double>
    ) {
        let count = p - exact + k
        var squares = 0.0
        for i in 0..<count {
            if i >= p - exact { squares += singular[i] * singular[i] }
            values[i] = LinearProblem.shift(singular[i], by: problem.weightExponent - unit)
        }
        correctionNorm = LinearProblem.shift(squares.squareRoot(), by: problem.weightExponent - unit)
        for t in 0..<k {
            (b + t * p).update(from: solution.column(t), count: p)
            let scale = problem.scale[p + t].exponent
            var constant = Twofold(problem.mean[p + t], problem.meanRest[p + t])
            for j in 0..<p {
                let own = LinearProblem.shift(solution[j, t], by: scale - problem.scale[j].exponent)
                constant.addProduct(-problem.mean[j], own)
                constant.low -= problem.meanRest[j] * own
            }
            constants[t] = problem.intercept ? LinearProblem.shift(constant.value, by: -scale) : 0
        }
    }

    /// [p] or [k, p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(b, manyTargets ? [k, p] : [p]) }
    /// [] or [k]; zeros if none was fitted.
    public func interceptTensor() throws(TalwegError) -> Tensor { try tensor(constants, manyTargets ? [k] : []) }
    /// Of X's columns with errors and y's, without what the others explain, descending.
    public func singularValueTensor() throws(TalwegError) -> Tensor { try tensor(values, [p - exact + k]) }

    private func tensor(_ values: UnsafeMutablePointer<Double>, _ dims: [Int]) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape(dims, for: "total_least_squares"), dtype)
        kernels.cast(from: .float64, to: dtype)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }

    /// X b + c for rows [m, p], or [m] with one column: [m] or [m, k].
    public func predict(_ X: Tensor) throws(TalwegError) -> Tensor {
        try predictLinear(
            X, b, p: p, constants, k: k, manyTargets: manyTargets, dtype: X.dtype.isFloating ? X.dtype : .float64)
    }
}
