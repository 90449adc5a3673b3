import TalwegKernels

/// A covariance of the coefficients that does not take the residuals for independent and alike.
public enum RobustKind: Int32, Sendable {
    /// White's (Econometrica 48, 1980): squares of the residuals for their variances.
    case hc0 = 0
    /// HC0 times n / (degrees of freedom).
    case hc1 = 1
    /// Squares over 1 - leverage (MacKinnon and White, Journal of Econometrics 29, 1985).
    case hc2 = 2
    /// Squares over (1 - leverage)^2.
    case hc3 = 3
    /// Newey and West's (Econometrica 55, 1987): residuals of neighbouring rows may go together, with Bartlett's
    /// weights 1 - lag / (lags + 1).
    case hac = 4
}

extension LeastSquaresResult {
    /// A robust covariance, shaped as `covariance`.
    /// - Parameters:
    ///   - X, y: the rows that were fitted, for `.hac` in the order of time
    ///   - weights: theirs, [n], if the fit has any
    ///   - lags: of `.hac`, fewer than rows; negative: floor(4 (n / 100)^(2/9)), Newey and West's
    ///   - smallSample: of `.hac`: times n / (degrees of freedom)
    public func robustCovariance(
        _ kind: RobustKind, _ X: Tensor, _ y: Tensor, weights: Tensor? = nil, lags: Int = -1,
        smallSample: Bool = false
    ) throws(TalwegError) -> Tensor {
        let rows = try PreparedRows(self, X, y, weights: weights, factor: covarianceFactor.hat, "robust_covariance")
        try rows.checkFitted()
        let n = rows.count
        guard kind != .hac || lags < n else {
            throw .invalid("robust_covariance: \(lags) lags of \(n) rows; there must be fewer lags than rows")
        }
        let root = try CovarianceRoot(self, covarianceFactor.hat)
        let r = rows.coordinates
        let (area, over) = r.multipliedReportingOverflow(by: r)
        let (areas, overflow) = area.multipliedReportingOverflow(by: k)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(areas))
        let sums = space.pointer.assumingMemoryBound(to: Double.self)
        if kind == .hac {
            let chosen = lags < 0 ? min(n - 1, LeastSquaresResult.defaultLags(n)) : lags
            try sumLagged(rows, chosen, sums)
        } else {
            try sumSquares(kind, rows, sums)
        }
        let correction = kind == .hc1 || kind == .hac && smallSample
        let factor = correction ? (freedom > 0 ? Double(observations) / freedom : .nan) : 1
        for i in 0..<areas where !sums[i].isFinite {
            throw .numeric("robust_covariance: X, y or weights has a NaN or infinity, or a row has leverage 1")
        }
        return try covariances { t, out throws(TalwegError) in
            let middle = ColumnMajor(sums + t * area, rows: r, columns: r)
            try root.product(middle, times: factor, target: t, to: out)
        }
    }

    static func defaultLags(_ n: Int) -> Int {
        // Between the powers, whose value at whole numbers may round to just below one.
        var lags = 0
        let limit = Double(n) / 100
        while true {
            let next = Double(lags + 1) / 4
            // next^(9/2) <= n / 100
            guard next * next * next * next * next.squareRoot() <= limit else { return lags }
            lags += 1
        }
    }

    /// sum of u^2 q q' of each target.
    private func sumSquares(_ kind: RobustKind, _ rows: PreparedRows, _ sums: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    {
        let r = rows.coordinates, k = self.k, step = PreparedRows.blockRows
        let (wide, over) = r.multipliedReportingOverflow(by: step)
        let (area, overflow) = r.multipliedReportingOverflow(by: r)
        let (areas, overAreas) = area.multipliedReportingOverflow(by: k)
        guard !over, !overflow, !overAreas else { throw .outOfMemory(bytes: Int.max) }
        let kernels = Talweg.kernels.f64
        let gemm = kernels.gemmWorkspaceBytes(m: r, n: r, k: step)
        let perChunk = (try slabBytes(areas, wide, step) + gemm + 127) & ~63
        let (bytes, overBytes) = perChunk.multipliedReportingOverflow(by: rows.chunks)
        guard !overBytes else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: bytes)
        let memory = space.pointer
        for chunk in 0..<rows.chunks {
            var slab = Slab(memory + chunk * perChunk)
            slab.doubles(areas).update(repeating: 0, count: areas)
        }
        try rows.forEachBlock { block in
            var slab = Slab(memory + block.chunk * perChunk)
            let own = slab.doubles(areas), scaled = slab.doubles(wide), factors = slab.doubles(step)
            for t in 0..<k {
                for i in 0..<block.count {
                    let u = block.residuals[i, t]
                    let left = kind == .hc2 || kind == .hc3 ? 1 - block.q.rowSquare(i) : 1
                    // Where nothing is left of a row, so of its residual: it adds 0, but 0 / 0 is unknown.
                    let root = kind == .hc2 ? max(0, left).squareRoot() : left
                    factors[i] = left > 0x1p-46 ? u / root : .nan
                }
                for j in 0..<r {
                    let column = block.q.column(j)
                    for i in 0..<block.count { scaled[j * step + i] = column[i] * factors[i] }
                }
                kernels.gemm(
                    r, r, block.count, 1, scaled, step, 1, scaled, 1, step, 1, own + t * area, 1, r, slab.rest)
            }
        }
        sums.update(repeating: 0, count: areas)
        for chunk in 0..<rows.chunks {
            var slab = Slab(memory + chunk * perChunk)
            kernels.axpy(areas, 1, slab.doubles(areas), sums)
        }
    }

    /// sum over the lags of Bartlett's weight times (G + G'), G the sum of (u q)_i (u q)_(i - lag)'.
    private func sumLagged(_ rows: PreparedRows, _ lags: Int, _ sums: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    {
        let r = rows.coordinates, k = self.k, n = rows.count, step = 1024
        let (scoreCount, over) = n.multipliedReportingOverflow(by: r)
        let (area, overflow) = r.multipliedReportingOverflow(by: r)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let kernels = Talweg.kernels.f64
        let chunks = min(lags + 1, 16)
        let gemm = kernels.gemmWorkspaceBytes(m: r, n: r, k: step)
        let perChunk = (try slabBytes(area, area) + gemm + 127) & ~63
        let (bytes, overBytes) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overBytes else { throw .outOfMemory(bytes: Int.max) }
        let scoreSpace = try Workspace(byteCount: slabBytes(scoreCount))
        let space = try Workspace(byteCount: bytes)
        let (memory, scores) = (space.pointer, scoreSpace.pointer.assumingMemoryBound(to: Double.self))
        for t in 0..<k {
            try rows.forEachBlock { block in
                for j in 0..<r {
                    let column = block.q.column(j), residuals = block.residuals.column(t)
                    for i in 0..<block.count { scores[j * n + block.begin + i] = column[i] * residuals[i] }
                }
            }
            ThreadPool.run(chunks: chunks) { chunk in
                var slab = Slab(memory + chunk * perChunk)
                let own = slab.doubles(area), product = slab.doubles(area)
                own.update(repeating: 0, count: area)
                for lag in stride(from: chunk, through: lags, by: chunks) {
                    product.update(repeating: 0, count: area)
                    for begin in stride(from: lag, to: n, by: step) {
                        kernels.gemm(
                            r, r, min(step, n - begin), 1, scores + begin, n, 1, scores + (begin - lag), 1, n, 1,
                            product, 1, r, slab.rest)
                    }
                    let weight = 1 - Double(lag) / Double(lags + 1)
                    for i in 0..<r {
                        for j in 0..<r {
                            own[i * r + j] +=
                                lag == 0 ? product[i * r + j] : weight * (product[i * r + j] + product[j * r + i])
                        }
                    }
                }
            }
            let sum = sums + t * area
            sum.update(repeating: 0, count: area)
            for chunk in 0..<chunks {
                var slab = Slab(memory + chunk * perChunk)
                kernels.axpy(area, 1, slab.doubles(area), sum)
            }
        }
    }
}
