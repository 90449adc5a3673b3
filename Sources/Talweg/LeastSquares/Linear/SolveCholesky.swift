import TalwegKernels

extension LinearProblem {
    /// By the normal equations: A' A + ridge = R' R of columns scaled to norm 1.
    func solveCholesky() throws(TalwegError) -> LinearSolution {
        if ridge == 0, p > n {
            throw .numeric("lstsq: Cholesky of \(p) columns from \(n) rows: the columns depend on each other; use QR")
        }
        var gram = try CentredGram(self, measured: false)
        if gram.isPoor {
            try measure()
            gram = try CentredGram(self, measured: true)
        }
        takeMeans(gram)
        let solution = try LinearSolution(p: p, k: k)
        let space = try Workspace(byteCount: slabBytes(p, p, 2 * p, p))
        var slab = Slab(space.pointer)
        let factor = slab.doubles(p), order = slab.integers(p)
        let scratch = slab.doubles(2 * p), ones = slab.doubles(p)

        solution.rank = ridge == 0 ? p : try rank(of: gram)
        for j in 0..<p {
            ones[j] = 1
            if isConstant(gram, j), ridge * scale[j] * scale[j] == 0 {
                throw .numeric(
                    "lstsq: Cholesky: column \(j) of X is \(intercept ? "constant" : "zero"); use QR, or a ridge")
            }
        }
        if let column = try factorise(gram, factor, order, solution.norms) {
            throw .numeric(
                "lstsq: Cholesky: column \(column) of X depends on those before it, or nearly so; use QR, or a ridge")
        }
        let model = NormalFactor(UpperTriangle(gram.matrix, size: p), order: order, factor: factor, scratch: scratch)
        solution.condition = model.condition(scaling: ones)
        if ridge == 0 {
            try model.setVariances(of: solution, self)
        } else {
            try setRidgeVariances(solution, model)
        }
        try solve(gram, model, solution)
        return solution
    }

    /// The rank of A, as far as A' A tells it: with columns scaled to norm 1.
    private func rank(of gram: CentredGram) throws(TalwegError) -> Int {
        let (area, overflow) = p.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(area, p, p, 3 * p))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let copy = ColumnMajor(slab.doubles(area), rows: p, columns: p)
        let factor = slab.doubles(p)
        for j in 0..<p {
            factor[j] = isConstant(gram, j) ? 0 : 1 / gram.matrix[j, j].squareRoot()
        }
        for j in 0..<p {
            for i in 0...j {
                copy[i, j] = gram.matrix[i, j] * factor[i] * factor[j]
                copy[j, i] = copy[i, j]
            }
        }
        return try PivotedQR(
            copy, ColumnMajor(factor, rows: p, columns: 0), order: slab.integers(p), room: slab.doubles(3 * p),
            tolerance: LinearProblem.gramTolerance(p)
        ).rank
    }

    /// Of B = A'A + P, P the penalty's diagonal, B^-1 = H H': the variances are those of B^-1 A'A B^-1 =
    /// H (I - H' P H) H', with V = H G' for G' G the middle, which is semidefinite: a pivot lost to rounding is 0.
    private func setRidgeVariances(_ solution: LinearSolution, _ model: NormalFactor) throws(TalwegError) {
        let covariance = try CovarianceFactor(columns: p, rank: p, shared: false)
        model.setInverse(covariance.hat)
        let (area, overflow) = p.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(area, area))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let kernels = Talweg.kernels.f64
        let h = covariance.hat
        let damped = ColumnMajor(slab.doubles(area), rows: p, columns: p)
        let g = ColumnMajor(slab.doubles(area), rows: p, columns: p)
        let root = ridge.squareRoot()
        for j in 0..<p {
            for i in 0..<p { damped[i, j] = root * scale[i] * h[i, j] }
            for i in 0...j { g[i, j] = (i == j ? 1 : 0) - kernels.dot(p, damped.column(i), 1, damped.column(j), 1) }
        }
        // G by columns, in place; the part below the diagonal is not read.
        let least = 4 * Double(p) * Double.ulpOfOne
        for j in 0..<p {
            for i in 0..<j {
                let rest = g[i, j] - kernels.dot(i, g.column(i), 1, g.column(j), 1)
                g[i, j] = g[i, i] == 0 ? 0 : rest / g[i, i]
            }
            let square = g[j, j] - kernels.dot(j, g.column(j), 1, g.column(j), 1)
            g[j, j] = square > least ? square.squareRoot() : 0
        }
        for i in 0..<p {
            let column = covariance.spread.column(i)
            for j in i..<p { kernels.axpy(p, g[i, j], h.column(j), column) }
        }
        solution.setVariances(covariance, self)
    }
}
