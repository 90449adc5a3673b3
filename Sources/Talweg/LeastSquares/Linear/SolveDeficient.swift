import TalwegKernels

extension LinearSystem {
    /// The solution of least norm where columns depend on each other, with or
    /// without a ridge: a complete orthogonal decomposition (Golub and Van Loan,
    /// 4th ed., 5.5.2). With R [r, p] the rows of the pivoted factor in the
    /// coefficients' own units,
    ///
    ///     R' = Z U,  b = Z u,  min |q - U' u|^2 + ridge |u|^2
    ///
    /// since a part of b outside Z's columns only makes it longer.
    func solveDeficient(_ solution: LinearSolution, _ qr: PivotedQR<Double>, _ factor: UnsafeMutablePointer<Double>)
        throws(TalwegError)
    {
        let r = qr.rank
        solution.condition = .infinity
        solution.interceptVariance = intercept ? 1 / sumOfWeights : .nan
        let free = ridge == 0
        if r == 0 {
            solution.covariance = try CovarianceFactor(columns: p, rank: 0, shared: true)
            if free { solution.variance.update(repeating: .nan, count: p) }
            if !free { solution.condition = 1 }
            return
        }
        let kernels = Talweg.kernels.f64
        let (area, overflow) = p.multipliedReportingOverflow(by: r)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let blockRows = min(p, 256)
        let stackBytes = try StackedQR.bytes(columns: r, width: r, rows: blockRows)
        let arrays = try slabBytes(area, p, p, r, 3 * r, p, 2 * r * r, 2 * r * k, p, r, 2 * r)
        let space = try Storage(byteCount: stackBytes + arrays)
        defer { withExtendedLifetime(space) {} }
        let stack = StackedQR(memory: space.pointer, columns: r, width: r, rows: blockRows)
        var slab = Slab(space.pointer + stackBytes)
        let rows = ColumnMajor(slab.doubles(area), rows: p, columns: r)
        let unit = slab.doubles(p), long = slab.doubles(p)
        let order = slab.integers(r), room = slab.doubles(3 * r), scaling = slab.doubles(p)
        let damped = ColumnMajor(slab.doubles(2 * r * r), rows: 2 * r, columns: r)
        let target = ColumnMajor(slab.doubles(2 * r * k), rows: 2 * r, columns: k)
        let work = slab.doubles(p), short = slab.doubles(r), scratch = slab.doubles(2 * r)

        // Units in which the largest column counts 1: b = unit b', where b' has one unit for all.
        var least = Double.infinity
        for j in 0..<p where factor[j] != 0 { least = min(least, factor[j] * scale[j]) }
        for j in 0..<p { unit[j] = factor[j] == 0 ? 0 : least / (factor[j] * scale[j]) }
        rows.fill(0)
        for j in 0..<p {
            for i in 0...min(j, r - 1) { rows[qr.order[j], i] = qr.a[i, j] * unit[qr.order[j]] }
        }
        for j in 0..<p { unit[j] *= factor[j] }
        let penalty = ridge * least * least

        var begin = 0
        while begin < p {
            let count = min(blockRows, p - begin)
            for i in 0..<r { stack.block.column(i).update(from: rows.column(i) + begin, count: count) }
            stack.absorb(rows: count)
            begin += count
        }
        let u = UpperTriangle(stack.r, size: r)
        guard (0..<r).allSatisfy({ stack.r[$0, $0] != 0 }) else {
            throw .numeric("lstsq: the scales of X's columns differ by more than float64 spans")
        }

        // U' over sqrt(ridge) I, as a triangle S with S' S = U U' + ridge.
        damped.fill(0)
        target.fill(0)
        for t in 0..<k { target.column(t).update(from: qr.b.column(t), count: r) }
        var s = u
        if !free {
            for j in 0..<r {
                for i in j..<r { damped[i, j] = stack.r[j, i] }
                damped[r + j, j] = penalty.squareRoot()
            }
            _ = try PivotedQR(damped, target, order: order, room: room, tolerance: 0, pivoting: false)
            s = UpperTriangle(damped, size: r)
        }
        for t in 0..<k {
            let x = target.column(t)
            if free { u.solveTransposed(x) } else { s.solve(x) }
            short.update(from: x, count: r)
            // Z u = R' U^-1 u: for the shortest solution that is as good as with Z itself (Paige,
            // SIAM J. Numer. Anal. 10, 1973).
            u.solve(short)
            long.update(repeating: 0, count: p)
            for i in 0..<r { kernels.axpy(p, short[i], rows.column(i), long) }
            for j in 0..<p { solution.coefficients[t * p + j] = unit[j] * long[j] }
            if free { continue }
            short.update(from: x, count: r)
            u.multiplyTransposed(short)
            for i in 0..<r {
                let rest = qr.b[i, t] - short[i]
                solution.rss[t] += rest * rest
            }
        }
        let covariance = try CovarianceFactor(columns: p, rank: r, shared: free)
        solution.covariance = covariance
        if free {
            // Of as many columns as there are independent ones, which make up the others.
            NormalFactor(UpperTriangle(qr.a, size: r), order: qr.order, factor: factor, scratch: scratch)
                .setInverse(covariance.hat)
        }
        // Without degrees of freedom there are no standard errors to make of variances.
        let degreesOfFreedom = rowsInUse - r - (intercept ? 1 : 0)
        guard degreesOfFreedom > 0 || !free else {
            solution.variance.update(repeating: .nan, count: p)
            return
        }
        for j in 0..<p {
            scaling[j] = 1 / (kernels.dot(r, rows.pointer + j, p, rows.pointer + j, p) + penalty).squareRoot()
        }
        // Z in place of R'.
        for j in 0..<r {
            for i in 0..<j { kernels.axpy(p, -stack.r[i, j], rows.column(i), rows.column(j)) }
            kernels.scale(p, 1 / stack.r[j, j], rows.column(j), rows.column(j))
        }
        let basis = rows
        if penalty > 0 {
            solution.condition = dampedCondition(basis, u, s, penalty, scaling, work, long, short)
        }

        /// The variance of v' u, for v in `short`; row `row` of the covariance's factors with a ridge.
        func variance(row: Int? = nil) -> Double {
            if free {
                u.solve(short)
            } else {
                s.solveTransposed(short)
                if let row { for i in 0..<r { covariance.hat[row, i] = short[i] } }
                s.solve(short)
                u.multiplyTransposed(short)
            }
            return kernels.dot(r, short, 1, short, 1)
        }
        for j in 0..<p {
            for i in 0..<r { short[i] = basis[j, i] * unit[j] }
            solution.variance[j] = variance(row: j)
            if !free { for i in 0..<r { covariance.spread[j, i] = short[i] } }
        }
        if intercept {
            for j in 0..<p { long[j] = mean[j] * unit[j] }
            for i in 0..<r { short[i] = kernels.dot(p, basis.column(i), 1, long, 1) }
            solution.interceptVariance += variance()
        }
        if free { markDependent(solution, qr, work) }
    }

    /// Variances of coefficients that take part in a dependency are NaN. In R's
    /// order those are the last p - r, and of the others the rows of R11^-1 R12
    /// that are not zero.
    private func markDependent(_ solution: LinearSolution, _ qr: PivotedQR<Double>, _ x: UnsafeMutablePointer<Double>) {
        let r = qr.rank
        let triangle = UpperTriangle(qr.a, size: r)
        for j in r..<p {
            solution.variance[qr.order[j]] = .nan
            x.update(from: qr.a.column(j), count: r)
            triangle.solve(x)
            for i in 0..<r where x[i].magnitude > 1e-8 { solution.variance[qr.order[i]] = .nan }
        }
    }

    /// The condition of [A; sqrt(ridge) I] with columns scaled to norm 1, from
    /// A' A = Z U U' Z' and (A' A + ridge)^-1 = (I - Z Z') / ridge + Z (S' S)^-1 Z'.
    private func dampedCondition(
        _ basis: ColumnMajor, _ u: UpperTriangle, _ s: UpperTriangle, _ penalty: Double,
        _ scaling: UnsafeMutablePointer<Double>, _ work: UnsafeMutablePointer<Double>,
        _ long: UnsafeMutablePointer<Double>, _ short: UnsafeMutablePointer<Double>
    ) -> Double {
        let kernels = Talweg.kernels.f64
        let r = basis.columns
        return estimateCondition(
            size: p, scratch: work,
            multiply: { x in
                for j in 0..<p { x[j] *= scaling[j] }
                for i in 0..<r { short[i] = kernels.dot(p, basis.column(i), 1, x, 1) }
                u.multiplyTransposed(short)
                u.multiply(short)
                for j in 0..<p { x[j] *= penalty }
                for i in 0..<r { kernels.axpy(p, short[i], basis.column(i), x) }
                for j in 0..<p { x[j] *= scaling[j] }
            },
            solve: { x in
                for j in 0..<p { x[j] /= scaling[j] }
                for i in 0..<r { short[i] = kernels.dot(p, basis.column(i), 1, x, 1) }
                long.update(from: x, count: p)
                for i in 0..<r { kernels.axpy(p, -short[i], basis.column(i), long) }
                s.solveTransposed(short)
                s.solve(short)
                for j in 0..<p { x[j] = long[j] / penalty }
                for i in 0..<r { kernels.axpy(p, short[i], basis.column(i), x) }
                for j in 0..<p { x[j] /= scaling[j] }
            })
    }
}
