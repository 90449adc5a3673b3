import TalwegKernels

/// Of what an interval at a new row tells.
public enum IntervalKind: Int32, Sendable {
    /// Of the mean of y there: the coefficients' uncertainty alone.
    case confidence = 0
    /// Of a new y there: the residual's own variance, s^2 over its weight, on top.
    case prediction = 1
}

extension LeastSquaresResult {
    /// Standard errors of the means x b + c at rows of X [m, p], or of new observations there, [m] or [m, k].
    /// - Parameter weights: of new observations, [m]; nil: all 1
    public func predictionErrors(_ X: Tensor, kind: IntervalKind = .confidence, weights: Tensor? = nil)
        throws(TalwegError) -> Tensor
    {
        let m = try predictionRows(X)
        let (count, overflow) = m.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        try predictionErrors(X, kind, weights, values)
        return try tensor(values, manyTargets ? [m, k] : [m])
    }

    /// Intervals that hold the mean of y, or a new y, at rows of X [m, p] with probability `level`, [m, 2] or
    /// [m, k, 2]. `.numeric` where columns depend on each other: what lies off the rows that were fitted is unknown.
    public func predictionIntervals(
        _ X: Tensor, level: Double = 0.95, kind: IntervalKind = .confidence, weights: Tensor? = nil
    ) throws(TalwegError) -> Tensor {
        let m = try predictionRows(X)
        let critical = try criticalValue(level)
        let (count, overflow) = m.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(count))
        let half = space.pointer.assumingMemoryBound(to: Double.self)
        try predictionErrors(X, kind, weights, half)
        let means = try predict(X, dtype: .float64).view
        let middle = means.pointer(as: Double.self)
        let result = try intervals(count, manyTargets ? [m, k, 2] : [m, 2]) { (middle[$0], critical * half[$0]) }
        withExtendedLifetime(means) {}
        return result
    }

    private func predictionRows(_ X: Tensor) throws(TalwegError) -> Int {
        guard rank == p || ridge else {
            throw .numeric("predict: rank \(rank) of \(p) columns: the variance at new rows is not determined")
        }
        guard X.rank == 1 || X.rank == 2 else { throw .shape("predict: X \(X.shape) has \(X.rank) axes") }
        return X.shape[0]
    }

    private func predictionErrors(
        _ X: Tensor, _ kind: IntervalKind, _ weights: Tensor?, _ out: UnsafeMutablePointer<Double>
    ) throws(TalwegError) {
        let k = self.k, exponent = weighting.exponent
        let rows = try PreparedRows(self, X, factor: covarianceFactor.spread, "predict")
        // Of the means: rows of weight 1 in the data's units.
        try rows.forEachBlock { block in
            for t in 0..<k {
                let s = LinearSystem.shift(deviation(t), by: -unit(t))
                for i in 0..<block.count {
                    out[(block.begin + i) * k + t] = s * block.q.rowNorm(i)
                }
            }
        }
        guard kind == .prediction else { return }
        let variances = try PreparedRows(self, X, weights: weights, factor: covarianceFactor.spread, "predict")
        try variances.forEachBlock { block in
            for t in 0..<k {
                let s = LinearSystem.shift(deviation(t), by: exponent - unit(t))
                for i in 0..<block.count {
                    let root = weights == nil ? 1 : LinearSystem.shift(block.roots[i], by: exponent)
                    let own = s / root
                    let mean = out[(block.begin + i) * k + t]
                    out[(block.begin + i) * k + t] = (mean * mean + own * own).squareRoot()
                }
            }
        }
    }
}

extension Columns where Scalar == Double {
    /// The square of the norm of a row.
    func rowSquare(_ i: Int) -> Double {
        var sum = 0.0
        for j in 0..<columns { sum += self[i, j] * self[i, j] }
        return sum
    }

    func rowNorm(_ i: Int) -> Double { rowSquare(i).squareRoot() }
}
