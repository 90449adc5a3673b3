import TalwegKernels

/// A root of a fit's covariance with the intercept among the parameters, behind the coefficients: T [m, r + 1], where
/// cov = s^2 T T' and a row's coordinates q, whose squares sum to its leverage, are those of `PreparedRows`.
///
///     T = [V, 0; -mean' V, 1 / sqrt(sum of weights)]
struct CovarianceRoot {
    let matrix: ColumnMajor
    private let fit: LeastSquaresResult
    private let space: Storage

    /// - Parameter factor: `spread` or `hat` of the fit's covariance
    init(_ fit: LeastSquaresResult, _ factor: ColumnMajor) throws(TalwegError) {
        let p = fit.p, extra = fit.hasIntercept ? 1 : 0
        let (area, overflow) = (p + extra).multipliedReportingOverflow(by: factor.columns + extra)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(area))
        self.fit = fit
        matrix = ColumnMajor(
            space.pointer.assumingMemoryBound(to: Double.self), rows: p + extra, columns: factor.columns + extra)
        for i in 0..<factor.columns {
            let column = matrix.column(i)
            column.update(from: factor.column(i), count: p)
            if fit.hasIntercept { column[p] = -kernels.f64.dot(p, factor.column(i), 1, fit.mean, 1) }
        }
        guard fit.hasIntercept else { return }
        matrix.column(factor.columns).update(repeating: 0, count: p)
        matrix[p, factor.columns] = 1 / fit.weighting.sum.squareRoot()
    }

    /// The exponent of the power of two by which parameter j's row has to be multiplied.
    func exponent(_ j: Int) -> Int { j < fit.p ? fit.scale[j].exponent : 0 }

    /// Writes T M T' in the data's units, or T T' times a square, row-major. Rows of coefficients in a dependency
    /// become NaN.
    /// - Parameters:
    ///   - middle: M, symmetric, nil for 1
    ///   - factor: what all is multiplied by, in the solver's units of target t
    func product(
        _ middle: ColumnMajor?, times factor: Double, target t: Int, to out: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let m = matrix.rows, r = matrix.columns
        let kernels = Talweg.kernels.f64
        let (area, overflow) = m.multipliedReportingOverflow(by: r)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let bytes = max(
            kernels.gemmWorkspaceBytes(m: m, n: r, k: r), kernels.gemmWorkspaceBytes(m: m, n: m, k: r))
        let workspace = try Workspace(byteCount: slabBytes(area) + bytes)
        var slab = Slab(workspace.pointer)
        let left = slab.doubles(area), rest = slab.rest
        var side = UnsafePointer(matrix.pointer)
        if let middle {
            kernels.gemm(
                m, r, r, 1, matrix.pointer, 1, matrix.stride, middle.pointer, 1, middle.stride, 0, left, 1, m, rest)
            side = UnsafePointer(left)
        }
        kernels.gemm(m, m, r, 1, side, 1, m, matrix.pointer, matrix.stride, 1, 0, out, m, 1, rest)
        let unit = fit.unit(t)
        for i in 0..<m {
            for j in i..<m {
                let known = !isDependent(i) && !isDependent(j)
                let value = LinearSystem.shift(
                    factor * out[i * m + j], by: exponent(i) + exponent(j) - 2 * unit)
                out[i * m + j] = known ? value : .nan
                out[j * m + i] = out[i * m + j]
            }
        }
    }

    private func isDependent(_ j: Int) -> Bool { j < fit.p && fit.variance[j].isNaN }
}

extension LeastSquaresResult {
    /// The parameters' number: coefficients and, behind them, the intercept.
    var covarianceSize: Int { p + (hasIntercept ? 1 : 0) }

    /// The coefficients' covariance s^2 (X' W X)^-1 (with a ridge, the sandwich), the intercept behind them, [m, m] or
    /// [k, m, m] with m = p + 1, or p without an intercept. NaN as in `standardErrors`.
    public var covariance: Tensor {
        get throws(TalwegError) {
            let root = try CovarianceRoot(self, covarianceFactor.spread)
            return try covariances { t, out throws(TalwegError) in
                let s = deviation(t)
                try root.product(nil, times: s * s, target: t, to: out)
            }
        }
    }

    /// A tensor of one covariance a target.
    func covariances(_ body: (Int, UnsafeMutablePointer<Double>) throws(TalwegError) -> Void) throws(TalwegError)
        -> Tensor
    {
        let m = covarianceSize
        let (area, over) = m.multipliedReportingOverflow(by: m)
        let (count, overflow) = area.multipliedReportingOverflow(by: k)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        for t in 0..<k { try body(t, values + t * area) }
        return try tensor(values, manyTargets ? [k, m, m] : [m, m])
    }

    /// By how much the other columns raise the variance of each coefficient: 1 / (1 - R^2) of the column on the
    /// others, which is its squared norm times its element of (X' W X)^-1, of X centred if an intercept is fitted, [p].
    /// Infinite for a column that the others make up, NaN for one that is 0 (constant). With a ridge Marquardt's, of
    /// the ridge estimate (Technometrics 12, 1970).
    public var varianceInflation: Tensor {
        get throws(TalwegError) {
            let space = try Workspace(byteCount: slabBytes(p))
            let values = space.pointer.assumingMemoryBound(to: Double.self)
            for j in 0..<p {
                let norm = norms[j]
                values[j] = norm == 0 ? .nan : variance[j].isNaN ? .infinity : norm * norm * variance[j]
            }
            return try tensor(values, [p])
        }
    }

    /// The 2-norm condition number of X as it is, weighted and with a column of ones for the intercept, from the
    /// singular values of a root of its inverse; infinity if rank deficient. Beside `condition`, of scaled columns, it
    /// tells what units and means make of it. Good to about itself times the unit roundoff.
    public var unscaledCondition: Double {
        get throws(TalwegError) {
            guard rank == p else { return .infinity }
            let root = try CovarianceRoot(self, covarianceFactor.hat)
            let m = root.matrix.rows
            guard m > 0 else { return 1 }
            var greatest = Int.min
            for j in 0..<m { greatest = max(greatest, root.exponent(j)) }
            for i in 0..<m {
                for j in 0..<m {
                    root.matrix[j, i] = LinearSystem.shift(root.matrix[j, i], by: root.exponent(j) - greatest)
                }
            }
            let space = try Workspace(byteCount: slabBytes(m))
            let values = space.pointer.assumingMemoryBound(to: Double.self)
            let given = StridedMatrix<Double>(
                pointer: UnsafePointer(root.matrix.pointer), rows: m, columns: m, rowStride: 1,
                columnStride: root.matrix.stride)
            try SingularValues<Double>(values: values, u: nil, vh: nil, isFull: false).compute(given, "lstsq")
            return values[m - 1] > 0 ? values[0] / values[m - 1] : .infinity
        }
    }
}
