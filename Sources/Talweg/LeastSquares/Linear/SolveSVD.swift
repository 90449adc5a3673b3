import TalwegKernels

extension LinearProblem {
    /// By the singular value decomposition, and refined where the condition asks for it.
    func solveSVD(rankTolerance: Double) throws(TalwegError) -> LinearSolution {
        try solveSVD(Factorisation(self), rankTolerance: rankTolerance) {
            (solution, solve) throws(TalwegError) in try refine(solution, solve: solve)
        }
    }
}

extension LinearSystem {
    /// By the singular value decomposition of the small matrix M = U S V' in one unit for all coefficients: of what
    /// minimises the squares the shortest, b = V S / (S^2 + ridge) U' z over the singular values above a share of the
    /// largest (Golub and Van Loan, 4th ed., 5.5).
    /// - Parameters:
    ///   - small: what is overwritten
    ///   - refine: improves the solution, with a function that multiplies by (A' A + ridge)^-1
    func solveSVD(
        _ small: Factorisation, rankTolerance: Double,
        refine: (LinearSolution, (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void) throws(TalwegError)
            -> Void
    ) throws(TalwegError) -> LinearSolution {
        let solution = try LinearSolution(p: p, k: k)
        let kernels = Talweg.kernels.f64
        let matrix = small.matrix, m = matrix.rows, q = min(m, p)
        setNorms(matrix, solution.norms)
        for j in 0..<p where solution.norms[j] == 0 { matrix.column(j).update(repeating: 0, count: m) }
        let unit = useOneUnit(matrix)
        let penalty = LinearSystem.shift(ridge, by: 2 * unit)
        let (left, over) = m.multipliedReportingOverflow(by: q)
        let (right, overflow) = p.multipliedReportingOverflow(by: q)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(left, right, q, q, p, p, p, p))
        defer { withExtendedLifetime((space, small)) {} }
        var slab = Slab(space.pointer)
        let u = slab.doubles(left), v = slab.doubles(right)
        let short = slab.doubles(q), values = try View(uninitialized: Shape([q], for: "lstsq"), .float64)
        let inverse = slab.doubles(q), turn = slab.doubles(p)
        let scaling = slab.doubles(p), scratch = slab.doubles(p), long = slab.doubles(p)
        let s = values.pointer(as: Double.self)
        try SingularValues(values: s, u: u, vh: v, isFull: false).compute(
            StridedMatrix(pointer: matrix.pointer, rows: m, columns: p, rowStride: 1, columnStride: matrix.stride),
            "lstsq")

        let least = (rankTolerance < 0 ? Double(max(n, p)) * .ulpOfOne : rankTolerance) * (q > 0 ? s[0] : 0)
        var rank = 0
        while rank < q, s[rank] > least { rank += 1 }
        solution.rank = rank
        for i in 0..<rank { inverse[i] = 1 / (s[i] * s[i] + penalty) }
        // From the one unit to the columns' own.
        for j in 0..<p { turn[j] = LinearSystem.power(unit - Int(scale[j].exponent)) }

        for t in 0..<k {
            let z = small.target.column(t), b = solution.coefficients + t * p
            solution.total[t] = small.total[t]
            kernels.gemv(rank, m, 1, u, 1, q, z, 1, 0, short, 1)
            for i in 0..<rank {
                let share = short[i] * s[i] * inverse[i]
                kernels.axpy(p, share, v + i * p, b)
                for row in 0..<m { z[row] -= share * s[i] * u[row * q + i] }
            }
            for j in 0..<p { b[j] *= turn[j] }
            solution.rss[t] = small.tail[t] + kernels.dot(m, z, 1, z, 1)
        }
        try setCovariance(solution, v, s, inverse, turn)

        /// out = V S' V' x, and what lies beside V times `rest`.
        func multiply(
            _ x: UnsafePointer<Double>, by s: (Int) -> Double, rest: Double, _ out: UnsafeMutablePointer<Double>
        ) {
            kernels.gemv(rank, p, 1, v, p, 1, x, 1, 0, short, 1)
            for j in 0..<p { out[j] = rest * x[j] }
            for i in 0..<rank { kernels.axpy(p, short[i] * (s(i) - rest), v + i * p, out) }
        }
        solution.condition = .infinity
        if rank == p || penalty > 0 {
            for j in 0..<p {
                let norm = solution.norms[j] * turn[j]
                let length = (norm * norm + penalty).squareRoot()
                scaling[j] = length > 0 ? 1 / length : 1
            }
            solution.condition = estimateCondition(
                size: p, scratch: scratch,
                multiply: { x in
                    for j in 0..<p { x[j] *= scaling[j] }
                    multiply(x, by: { s[$0] * s[$0] + penalty }, rest: penalty, long)
                    for j in 0..<p { x[j] = long[j] * scaling[j] }
                },
                solve: { x in
                    for j in 0..<p { x[j] /= scaling[j] }
                    multiply(x, by: { inverse[$0] }, rest: penalty > 0 ? 1 / penalty : 0, long)
                    for j in 0..<p { x[j] = long[j] / scaling[j] }
                })
        }
        solution.setIntercepts(self)
        try refine(solution) { gradient, out in
            for j in 0..<p { long[j] = gradient[j] * turn[j] }
            multiply(long, by: { inverse[$0] }, rest: 0, out)
            for j in 0..<p { out[j] *= turn[j] }
        }
        for i in 0..<q { s[i] = LinearSystem.shift(s[i], by: weightExponent - unit) }
        solution.singularValues = values
        return solution
    }

    /// (A' A + ridge)^-1 = V (S^2 + ridge)^-1 V' where it acts on the rows, and with it the variances; NaN of columns
    /// that depend on others.
    private func setCovariance(
        _ solution: LinearSolution, _ v: UnsafePointer<Double>, _ s: UnsafePointer<Double>,
        _ inverse: UnsafePointer<Double>, _ turn: UnsafePointer<Double>
    ) throws(TalwegError) {
        let rank = solution.rank, isFree = ridge == 0
        let covariance = try CovarianceFactor(columns: p, rank: rank, shared: isFree)
        for i in 0..<rank {
            let hat = covariance.hat.column(i), spread = covariance.spread.column(i)
            let root = inverse[i].squareRoot()
            for j in 0..<p {
                let value = v[i * p + j] * turn[j]
                hat[j] = value * root
                if !isFree { spread[j] = value * s[i] * inverse[i] }
            }
        }
        solution.setVariances(covariance, self)
        guard isFree, rank < p else { return }
        for j in 0..<p {
            var rest = 1.0
            for i in 0..<rank { rest -= v[i * p + j] * v[i * p + j] }
            if rest > 1e-12 { solution.variance[j] = .nan }
        }
    }

    /// Takes prepared columns from units of their own to the one of the largest; returns its exponent.
    func useOneUnit(_ matrix: ColumnMajor) -> Int {
        var unit = Int.max
        for j in 0..<p where (0..<matrix.rows).contains(where: { matrix[$0, j] != 0 }) {
            unit = min(unit, Int(scale[j].exponent))
        }
        if unit == Int.max { unit = 0 }
        for j in 0..<p {
            let shift = unit - Int(scale[j].exponent)
            let column = matrix.column(j)
            for i in 0..<matrix.rows { column[i] = LinearSystem.shift(column[i], by: shift) }
        }
        return unit
    }
}
