import TalwegKernels

/// A path of elastic-net fits, by descending penalties. Holds copies of all it tells; tensors have the dtype of X
/// (float64 for integers).
public final class ElasticNetResult: @unchecked Sendable {
    /// How many penalties there are: fewer than were asked for if the callback stopped.
    public internal(set) var count = 0
    public internal(set) var stopReason = StopReason.tolerance
    /// Whether every penalty's gap came below the tolerance.
    var converged = true
    /// The penalty of least error of rows left out, and the greatest whose error is within one standard error of
    /// it; without folds the last one.
    public private(set) var best: Int { get { chosen ?? max(count - 1, 0) } set { chosen = newValue } }
    public private(set) var bestWithinError: Int { get { simple ?? max(count - 1, 0) } set { simple = newValue } }
    private var chosen: Int?
    private var simple: Int?

    // Doubles: [count][p], then [count] each.
    let coefficients, intercepts, penalties, gaps, iterations, explained: UnsafeMutablePointer<Double>
    private let errors, errorErrors: UnsafeMutablePointer<Double>
    private let p: Int
    private let dtype: DType
    private let space: Storage

    init(_ data: RegressionData, count: Int, dtype: DType) throws(TalwegError) {
        p = data.p
        self.dtype = dtype.isFloating ? dtype : .float64
        let (area, overflow) = p.multipliedReportingOverflow(by: count)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area, count, count, count, count, count, count, count))
        var slab = Slab(space.pointer)
        coefficients = slab.doubles(area)
        intercepts = slab.doubles(count)
        penalties = slab.doubles(count)
        gaps = slab.doubles(count)
        iterations = slab.doubles(count)
        explained = slab.doubles(count)
        errors = slab.doubles(count)
        errorErrors = slab.doubles(count)
        errors.update(repeating: .nan, count: count)
        errorErrors.update(repeating: .nan, count: count)
    }

    /// Means and standard errors over the folds of [folds][count] errors, and the choice by them.
    func choose(_ each: UnsafePointer<Double>, folds: Int) {
        for k in 0..<count {
            var sum = 0.0, squares = 0.0
            for fold in 0..<folds { sum += each[fold * count + k] }
            let mean = sum / Double(folds)
            for fold in 0..<folds {
                let difference = each[fold * count + k] - mean
                squares += difference * difference
            }
            errors[k] = mean
            errorErrors[k] = (squares / Double(folds - 1) / Double(folds)).squareRoot()
        }
        var least = 0
        for k in 0..<count where errors[k] < errors[least] { least = k }
        best = least
        var first = least
        while first > 0, errors[first - 1] <= errors[least] + errorErrors[least] { first -= 1 }
        bestWithinError = first
    }

    /// The choice by one error for each penalty, without standard errors.
    func choose(_ error: (Int) -> Double) {
        var least = 0
        for k in 0..<count {
            errors[k] = error(k)
            if errors[k] < errors[least] { least = k }
        }
        best = least
        bestWithinError = least
    }

    /// [count, p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(coefficients, [count, p], dtype) }
    /// [count]
    public func interceptTensor() throws(TalwegError) -> Tensor { try tensor(intercepts, [count], dtype) }
    /// float64 [count], descending.
    public func penaltyTensor() throws(TalwegError) -> Tensor { try tensor(penalties, [count], .float64) }
    /// float64 [count]: duality gaps, in the units of the objective.
    public func gapTensor() throws(TalwegError) -> Tensor { try tensor(gaps, [count], .float64) }
    /// int64 [count]: sweeps.
    public func iterationTensor() throws(TalwegError) -> Tensor { try tensor(iterations, [count], .int64) }
    /// float64 [count]: R^2 of the rows that were fitted.
    public func rSquaredTensor() throws(TalwegError) -> Tensor { try tensor(explained, [count], .float64) }
    /// float64 [count]: mean squared errors of rows left out, means over the folds; NaN without folds.
    public func errorTensor() throws(TalwegError) -> Tensor { try tensor(errors, [count], .float64) }
    /// float64 [count]: their standard errors.
    public func errorErrorTensor() throws(TalwegError) -> Tensor { try tensor(errorErrors, [count], .float64) }

    private func tensor(_ values: UnsafeMutablePointer<Double>, _ dims: [Int], _ type: DType) throws(TalwegError)
        -> Tensor
    {
        let out = try View(uninitialized: Shape(dims, for: "elastic_net"), type)
        kernels.cast(from: .float64, to: type)(out.count, values, 1, out.pointer, 1)
        return Tensor(out)
    }

    /// X b + c of one penalty for rows [m, p], or [m] with one column: [m].
    public func predict(_ X: Tensor, at index: Int) throws(TalwegError) -> Tensor {
        guard index >= 0, index < count else {
            throw .index("predict: penalty \(index) of \(count)")
        }
        return try predictLinear(
            X, coefficients + index * p, p: p, intercepts[index], dtype: X.dtype.isFloating ? X.dtype : .float64)
    }
}

/// X b + c for rows [m, p], or [m] with one column, in a dtype: [m].
func predictLinear(_ X: Tensor, _ b: UnsafeMutablePointer<Double>, p: Int, _ c: Double, dtype: DType)
    throws(TalwegError) -> Tensor
{
    guard X.rank == 2 && X.shape[1] == p || X.rank == 1 && p == 1 else {
        throw .shape("predict: X \(X.shape) does not fit the model's \(p) column\(p == 1 ? "" : "s")")
    }
    let m = X.shape[0]
    let x = try RegressionData.matrix(X, "predict").cast(to: .float64)
    let out = try View.full(Shape([m], for: "predict"), c, .float64)
    if m > 0, p > 0 {
        try kernels.f64.multiply(
            MatrixBlock(
                x.pointer, rows: m, columns: p, rowStride: x.strides[0], columnStride: x.strides[1], itemSize: 8),
            MatrixBlock(b, rows: p, columns: 1, rowStride: 1, columnStride: p, itemSize: 8), adding: 1,
            to: MatrixBlock(out.pointer, rows: m, columns: 1, rowStride: 1, itemSize: 8))
    }
    return Tensor(try out.cast(to: dtype))
}
