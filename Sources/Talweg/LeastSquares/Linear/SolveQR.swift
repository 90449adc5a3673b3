import TalwegKernels

extension LinearProblem {
    /// By Householder QR, and refined where the condition asks for it.
    func solveQR(rankTolerance: Double) throws(TalwegError) -> LinearSolution {
        try solveQR(Factorisation(self), rankTolerance: rankTolerance) {
            (solution, model) throws(TalwegError) in try refine(solution, solve: model.solve)
        }
    }
}

extension LinearSystem {
    /// By Householder QR with column pivoting of columns scaled to norm 1 (Golub
    /// and Van Loan, 4th ed., 5.4). The ridge is rows sqrt(ridge) I below.
    /// - Parameters:
    ///   - small: what is overwritten
    ///   - refine: improves the solution, by the rows if they are at hand
    func solveQR(
        _ small: Factorisation, rankTolerance: Double,
        refine: (LinearSolution, NormalFactor) throws(TalwegError) -> Void
    ) throws(TalwegError) -> LinearSolution {
        let solution = try LinearSolution(p: p, k: k)
        // Column factors, their order, and the rest for two uses each.
        let space = try Storage(byteCount: slabBytes(p, p, 2 * p, 3 * p))
        var slab = Slab(space.pointer)
        defer { withExtendedLifetime((space, small)) {} }
        let factor = slab.doubles(p), order = slab.integers(p)
        let scratch = slab.doubles(2 * p), room = slab.doubles(3 * p)

        equilibrate(small.matrix, factor, solution.norms)
        let automatic = Double(max(n, p)) * Double.ulpOfOne
        let qr = try PivotedQR(
            small.matrix, small.target, order: order, room: room,
            tolerance: rankTolerance < 0 ? automatic : rankTolerance)
        solution.rank = qr.rank
        for t in 0..<k {
            let rest = small.target.column(t) + qr.rank
            solution.total[t] = small.total[t]
            solution.rss[t] = small.tail[t] + kernels.f64.dot(small.matrix.rows - qr.rank, rest, 1, rest, 1)
        }

        guard qr.rank == p else {
            try solveDeficient(solution, qr, factor)
            solution.setIntercepts(self)
            return solution
        }
        let model: NormalFactor
        var stacked: Storage?
        if ridge == 0 {
            let triangle = UpperTriangle(small.matrix, size: p)
            model = NormalFactor(triangle, order: order, factor: factor, scratch: scratch)
            let ones = room + p
            ones.update(repeating: 1, count: p)
            solution.condition = model.condition(scaling: ones)
            for t in 0..<k {
                scratch.update(from: small.target.column(t), count: p)
                triangle.solve(scratch)
                model.scatter(to: solution.coefficients + t * p)
            }
            try model.setVariances(of: solution, self)
        } else {
            let memory = try Storage(byteCount: StackedQR.bytes(columns: p, width: width, rows: p))
            stacked = memory
            model = try solveRidge(solution, qr, factor, scratch, room + p, memory.pointer)
        }
        solution.setIntercepts(self)
        try refine(solution, model)
        withExtendedLifetime(stacked) {}
        return solution
    }

    /// Scales columns to norm 1, by the factors; to zeros if only rounding is left of them.
    private func equilibrate(
        _ matrix: ColumnMajor, _ factor: UnsafeMutablePointer<Double>, _ norms: UnsafeMutablePointer<Double>
    ) {
        setNorms(matrix, norms)
        for j in 0..<p {
            factor[j] = norms[j] == 0 ? 0 : 1 / norms[j]
            kernels.f64.scale(matrix.rows, factor[j], matrix.column(j), matrix.column(j))
        }
    }

    /// The norms of prepared columns, 0 of those of which only rounding is left.
    func setNorms(_ matrix: ColumnMajor, _ norms: UnsafeMutablePointer<Double>) {
        for j in 0..<p {
            let column = matrix.column(j)
            let norm = kernels.f64.dot(matrix.rows, column, 1, column, 1).squareRoot()
            let constant = 2 * Double.ulpOfOne * mean[j].magnitude * sumOfWeights.squareRoot()
            norms[j] = norm <= constant ? 0 : norm
        }
    }

    /// Full rank with a ridge: [R; sqrt(ridge) I] b = [z; 0].
    private func solveRidge(
        _ solution: LinearSolution, _ qr: PivotedQR<Double>, _ factor: UnsafeMutablePointer<Double>,
        _ scratch: UnsafeMutablePointer<Double>, _ norms: UnsafeMutablePointer<Double>,
        _ memory: UnsafeMutableRawPointer
    ) throws(TalwegError) -> NormalFactor {
        let kernels = Talweg.kernels.f64
        let stack = StackedQR(memory: memory, columns: p, width: width, rows: p)
        stack.block.fill(0)
        let root = ridge.squareRoot()
        for j in 0..<p {
            stack.r.column(j).update(from: qr.a.column(j), count: j + 1)
            // The unknown of the scaled column is the coefficient over both factors.
            stack.block[j, j] = root * scale[qr.order[j]] * factor[qr.order[j]]
        }
        for t in 0..<k { stack.r.column(p + t).update(from: qr.b.column(t), count: p) }
        stack.absorb(rows: p)

        let triangle = UpperTriangle(stack.r, size: p)
        let model = NormalFactor(triangle, order: qr.order, factor: factor, scratch: scratch)
        for j in 0..<p {
            norms[j] = 1 / kernels.dot(j + 1, stack.r.column(j), 1, stack.r.column(j), 1).squareRoot()
        }
        solution.condition = model.condition(scaling: norms)
        for t in 0..<k {
            scratch.update(from: stack.r.column(p + t), count: p)
            triangle.solve(scratch)
            model.scatter(to: solution.coefficients + t * p)
            // The residual without the penalty: |z - R b|^2 more.
            for j in 0..<p {
                kernels.axpy(j + 1, -scratch[j], qr.a.column(j), qr.b.column(t))
            }
            solution.rss[t] += kernels.dot(p, qr.b.column(t), 1, qr.b.column(t), 1)
        }
        let covariance = try CovarianceFactor(columns: p, rank: p, shared: false)
        model.setInverse(covariance.hat)
        // The sandwich (A'A + r)^-1 A'A (A'A + r)^-1 = K K' with K = (A'A + r)^-1 R', column by column.
        for i in 0..<p {
            scratch.update(repeating: 0, count: p)
            for j in i..<p { scratch[j] = qr.a[i, j] }
            triangle.solveTransposed(scratch)
            triangle.solve(scratch)
            model.scatter(to: covariance.spread.column(i))
        }
        solution.setVariances(covariance, self)
        return model
    }
}
