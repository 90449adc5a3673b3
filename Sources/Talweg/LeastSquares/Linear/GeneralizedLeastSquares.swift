import CIntrinsics
import TalwegKernels

/// Least squares of rows whose errors have a known covariance S, up to a factor: b that minimises
/// (y - X b)' S^-1 (y - X b), by rows whitened with Cholesky's factor of S (Aitken 1935).
public enum GeneralizedLeastSquares {
    /// - Parameters:
    ///   - covariance: [n, n], symmetric positive definite, of which the lower triangle is read, or [n], its diagonal
    ///   - options: without an intercept, which is a column of ones of X here, and without weights
    public static func fit(_ X: Tensor, _ y: Tensor, covariance: Tensor, _ options: LeastSquaresOptions)
        throws(TalwegError) -> LeastSquaresResult
    {
        guard !options.intercept else {
            throw .invalid("gls: whitened rows have no intercept; give X a column of ones instead")
        }
        guard options.weights == nil else {
            throw .invalid("gls: weights were given, too; divide the covariance by them")
        }
        let whitening = try Whitening(covariance)
        var whitened = options
        whitened.logarithm = -whitening.logDeterminant
        if let offset = options.offset { whitened.offset = try whitening.apply(offset, "offset") }
        let rows = try whitening.apply(X, "X")
        return try LeastSquares.fit(rows, whitening.apply(y, "y"), whitened)
    }

    /// L^-1 of rows [n] or [n, m], L L' the covariance: float64.
    public static func whiten(_ rows: Tensor, covariance: Tensor) throws(TalwegError) -> Tensor {
        try Whitening(covariance).apply(rows, "rows")
    }
}

/// The factor of a covariance.
private struct Whitening {
    /// [n, n], or [n] of a diagonal one.
    private let factor: Tensor
    private let n: Int
    let logDeterminant: Double

    init(_ covariance: Tensor) throws(TalwegError) {
        n = covariance.rank > 0 ? covariance.shape[0] : 0
        guard covariance.rank == 1 || covariance.rank == 2 && covariance.shape[1] == n, n > 0 else {
            throw .shape("gls: covariance \(covariance.shape); [n, n] or [n] was expected")
        }
        let values = try covariance.view.cast(to: .float64).copy()
        let numbers = values.pointer(as: Double.self)
        for i in 0..<values.count where !numbers[i].isFinite {
            throw .numeric("gls: covariance has \(numbers[i]) in row \(values.rank == 1 ? i : i / n)")
        }
        let step = values.rank == 1 ? 1 : n + 1
        for i in 0..<n where !(numbers[i * step] > 0) {
            throw .numeric("gls: row \(i) has the variance \(numbers[i * step]); it must be above 0")
        }
        factor = values.rank == 1 ? try Tensor(values).sqrt() : try Tensor(values).cholesky()
        let root = try factor.view.contiguous()
        var sum = 0.0
        for i in 0..<n { sum += tk_libm_log(root.pointer(as: Double.self)[i * step]) }
        logDeterminant = 2 * sum
    }

    func apply(_ rows: Tensor, _ name: String) throws(TalwegError) -> Tensor {
        guard rows.rank == 1 || rows.rank == 2, rows.shape[0] == n else {
            throw .shape("gls: \(name) \(rows.shape) does not fit a covariance of \(n) rows")
        }
        let values = Tensor(try rows.view.cast(to: .float64))
        let columns = rows.rank == 2 ? values : try values.reshape([n, 1])
        let white = factor.rank == 1
            ? try columns / factor.reshape([n, 1]) : try factor.solveTriangular(columns, upper: false)
        return rows.rank == 2 ? white : try white.reshape([n])
    }
}
