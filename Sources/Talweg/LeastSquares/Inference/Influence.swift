import TalwegKernels

/// What a row does to a fit, or the fit leaves of it.
public enum InfluenceKind: Int32, Sendable {
    /// sqrt(w) e over s sqrt(1 - h): internally studentised.
    case studentized = 0
    /// The same with the s of the fit without the row: externally studentised, as Student's t with one degree of
    /// freedom less.
    case studentizedExternally = 1
    /// Cook's distance: how far all coefficients move without the row (Cook, Technometrics 19, 1977).
    case cooksDistance = 2
    /// How far the row's own mean moves without it, in its standard errors (Belsley, Kuh and Welsch, 1980).
    case dffits = 3
}

extension LeastSquaresResult {
    /// y - X b - c, without the weights, [n] or [n, k].
    public func residuals(_ X: Tensor, _ y: Tensor) throws(TalwegError) -> Tensor {
        let rows = try PreparedRows(self, X, y, factor: covarianceFactor.hat, "residuals")
        return try perRow(rows) { block, i, t in LinearSystem.shift(block.residuals[i, t], by: -unit(t)) }
    }

    /// The diagonal of the hat matrix, sqrt(W) A (A' W A + ridge)^-1 A' sqrt(W) with A = [X 1], [n].
    /// - Parameters:
    ///   - X: the rows that were fitted, [n, p]
    ///   - weights: theirs, [n], if the fit has any
    public func leverage(_ X: Tensor, weights: Tensor? = nil) throws(TalwegError) -> Tensor {
        let rows = try PreparedRows(self, X, weights: weights, factor: covarianceFactor.hat, "leverage")
        try rows.checkFitted()
        let space = try Workspace(byteCount: slabBytes(rows.count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        try rows.forEachBlock { block in
            for i in 0..<block.count { values[block.begin + i] = block.q.rowSquare(i) }
        }
        return try tensor(values, [rows.count])
    }

    /// A figure of each row, [n] or [n, k]; NaN for a row of leverage 1, which the fit passes through whatever it is.
    /// - Parameters:
    ///   - X, y: the rows that were fitted
    ///   - weights: theirs, [n], if the fit has any
    public func influence(_ kind: InfluenceKind, _ X: Tensor, _ y: Tensor, weights: Tensor? = nil)
        throws(TalwegError) -> Tensor
    {
        let rows = try PreparedRows(self, X, y, weights: weights, factor: covarianceFactor.hat, "influence")
        try rows.checkFitted()
        let count = Double(parameters)
        return try perRow(rows) { block, i, t in
            let h = block.q.rowSquare(i)
            // Of leverage 1 rounding alone is left.
            let left = 1 - h
            guard left > 0x1p-46 else { return .nan }
            let r = block.residuals[i, t] / (deviation(t) * left.squareRoot())
            switch kind {
            case .studentized: return r
            case .cooksDistance: return r * r / count * (h / left)
            case .studentizedExternally: return externally(r)
            case .dffits: return externally(r) * (h / left).squareRoot()
            }
        }
    }

    /// r sqrt((f - 1) / (f - r^2)) for f degrees of freedom.
    private func externally(_ r: Double) -> Double {
        guard degreesOfFreedom > 1 else { return .nan }
        let rest = freedom - r * r
        return r * ((freedom - 1) / max(rest, 0)).squareRoot()
    }

    private func perRow(_ rows: PreparedRows, _ body: (PreparedRows.Block, Int, Int) -> Double) throws(TalwegError)
        -> Tensor
    {
        let k = self.k
        let (count, overflow) = rows.count.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(count))
        let values = space.pointer.assumingMemoryBound(to: Double.self)
        try rows.forEachBlock { block in
            for i in 0..<block.count {
                for t in 0..<k { values[(block.begin + i) * k + t] = body(block, i, t) }
            }
        }
        return try tensor(values, manyTargets ? [rows.count, k] : [rows.count])
    }
}
