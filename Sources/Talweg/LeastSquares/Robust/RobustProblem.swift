import TalwegKernels

/// The data of a robust fit as float64: X [n, p], y and weights [n], checked, and the residuals of what was
/// fitted last.
final class RobustProblem {
    let X: Tensor
    let n: Int
    let p: Int
    let intercept: Bool
    let name: String
    let y: UnsafeMutablePointer<Double>
    /// [n]
    let prior: UnsafeMutablePointer<Double>
    let rowsInUse: Int
    /// Coefficients [p]; residuals and room, [n] each.
    let b: UnsafeMutablePointer<Double>
    var c = 0.0
    let residual: UnsafeMutablePointer<Double>
    let scratch: UnsafeMutablePointer<Double>
    private(set) var rank = 0
    private let space: Storage

    init(_ given: Tensor, _ y: Tensor, weights: Tensor?, intercept: Bool, _ name: String) throws(TalwegError) {
        let data = try RegressionData(given, y, weights: weights, intercept: intercept, name)
        n = data.n
        p = data.p
        self.intercept = intercept
        self.name = name
        rowsInUse = data.rowsInUse
        X = Tensor(try RegressionData.matrix(given, name).cast(to: .float64))
        space = try Storage(byteCount: slabBytes(n, n, p, n, n))
        var slab = Slab(space.pointer)
        self.y = slab.doubles(n)
        prior = slab.doubles(n)
        b = slab.doubles(p)
        residual = slab.doubles(n)
        scratch = slab.doubles(n)
        self.y.update(from: data.y, count: n)
        for i in 0..<n { prior[i] = data.weights?[i] ?? 1 }
    }

    /// The weighted least-squares fit of a target [n].
    func linear(_ target: UnsafePointer<Double>, _ weights: UnsafePointer<Double>) throws(TalwegError)
        -> LeastSquaresResult
    {
        let y = try View(uninitialized: Shape([n], for: name), .float64)
        let w = try View(uninitialized: Shape([n], for: name), .float64)
        y.pointer(as: Double.self).update(from: target, count: n)
        w.pointer(as: Double.self).update(from: weights, count: n)
        let fit = try LeastSquares.fit(
            X, Tensor(y), LeastSquaresOptions(intercept: intercept, weights: Tensor(w)))
        rank = fit.rank
        return fit
    }

    /// Takes a fit's coefficients, and sets the residuals.
    func take(_ fit: LeastSquaresResult) throws(TalwegError) {
        try fit.coefficients.write(as: .float64, to: b)
        c = try fit.intercept.item()
        try setResiduals()
    }

    func setResiduals() throws(TalwegError) {
        try predict(b, c, residual)
        for i in 0..<n { residual[i] = y[i] - residual[i] }
    }

    /// out = X b + c
    func predict(_ b: UnsafeMutablePointer<Double>, _ c: Double, _ out: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    {
        out.update(repeating: c, count: n)
        guard p > 0 else { return }
        try kernels.f64.multiply(
            MatrixBlock(
                X.view.pointer, rows: n, columns: p, rowStride: X.view.strides[0], columnStride: X.view.strides[1],
                itemSize: 8),
            MatrixBlock(b, rows: p, columns: 1, rowStride: 1, itemSize: 8), adding: 1,
            to: MatrixBlock(out, rows: n, columns: 1, rowStride: 1, itemSize: 8))
    }

    /// The median magnitude of the residuals of rows with a weight, over 0.6745 (the normal distribution's).
    func deviation() -> Double {
        var count = 0
        for i in 0..<n where prior[i] > 0 {
            scratch[count] = residual[i].magnitude
            count += 1
        }
        return median(scratch, count) / 0.674_489_750_196_081_7
    }
}

/// Sorts the values; the mean of the middle ones of an even number.
func median(_ values: UnsafeMutablePointer<Double>, _ count: Int) -> Double {
    if count == 0 { return .nan }
    var buffer = UnsafeMutableBufferPointer(start: values, count: count)
    buffer.sort()
    return count % 2 == 1 ? values[count / 2] : values[count / 2 - 1] / 2 + values[count / 2] / 2
}

/// A robust fit. Holds copies of all it tells; tensors have the dtype of X (float64 for integers).
public final class RobustResult: @unchecked Sendable {
    /// Of the residuals; of a quantile regression the mean loss, of RANSAC its threshold.
    public internal(set) var scale = Double.nan
    /// The sum that was minimised, in the units of the data; NaN of Theil and Sen's estimate.
    public internal(set) var objective = Double.nan
    /// Rank of X (centred, if an intercept is fitted), as the last weighted problem had it.
    public internal(set) var rank = 0
    public internal(set) var stopReason = StopReason.tolerance
    public internal(set) var iterations = 0
    public internal(set) var intercept = 0.0
    public internal(set) var interceptStandardError = Double.nan
    let b, errors, weights: UnsafeMutablePointer<Double>
    private let n: Int
    private let p: Int
    private let dtype: DType
    private let space: Storage

    convenience init(_ problem: RobustProblem, dtype: DType) throws(TalwegError) {
        try self.init(rows: problem.n, columns: problem.p, dtype: dtype, rank: problem.rank)
        b.update(from: problem.b, count: p)
        intercept = problem.c
    }

    init(rows n: Int, columns p: Int, dtype: DType, rank: Int) throws(TalwegError) {
        self.n = n
        self.p = p
        self.dtype = dtype.isFloating ? dtype : .float64
        self.rank = rank
        space = try Storage(byteCount: slabBytes(p, p, n))
        var slab = Slab(space.pointer)
        b = slab.doubles(p)
        errors = slab.doubles(p)
        weights = slab.doubles(n)
        errors.update(repeating: .nan, count: p)
        weights.update(repeating: .nan, count: n)
    }

    /// [p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(b, [p]) }
    /// []
    public func interceptTensor() throws(TalwegError) -> Tensor { try scalar(intercept) }
    /// [p]; NaN where there are none.
    public func standardErrorTensor() throws(TalwegError) -> Tensor { try tensor(errors, [p]) }
    /// []
    public func interceptStandardErrorTensor() throws(TalwegError) -> Tensor { try scalar(interceptStandardError) }
    /// [n]: what each row counted in the last weighted problem (without its own weight), from 0 to 1; of RANSAC 1
    /// for inliers and 0 for others, of a quantile regression 1 where the plane goes through the row.
    public func weightTensor() throws(TalwegError) -> Tensor { try tensor(weights, [n]) }

    private func scalar(_ value: Double) throws(TalwegError) -> Tensor {
        var value = value
        return try tensor(&value, [])
    }

    private func tensor(_ values: UnsafeMutablePointer<Double>, _ dims: [Int]) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape(dims, for: "robust"), dtype)
        kernels.cast(from: .float64, to: dtype)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }

    /// X b + c for rows [m, p], or [m] with one column: [m].
    public func predict(_ X: Tensor) throws(TalwegError) -> Tensor {
        try predictLinear(X, b, p: p, intercept, dtype: X.dtype.isFloating ? X.dtype : .float64)
    }
}
