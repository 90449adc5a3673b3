import TalwegKernels

extension LinearProblem {
    /// Variance inflation up to which the normal equations do what QR does: they lose about as many digits as it has,
    /// which leaves twelve of the standard errors, and a step of refinement gives the coefficients theirs back.
    private static let mostInflation = 100.0

    /// What `solveQR` finds, for half of its operations and one reading of the data less, where there are more rows
    /// than columns and these are far from dependent: R by Cholesky of A' A, the coefficients corrected once by the
    /// residuals of the data (the method of seminormal equations: Bjorck, Linear Algebra Appl. 88, 1987). nil if the
    /// columns depend on each other too much, or the numbers are such that squares lose digits.
    func solveWellConditioned(rankTolerance: Double) throws(TalwegError) -> LinearSolution? {
        guard ridge == 0, p > 0, n > p else { return nil }
        let gram = try CentredGram(self, measured: false)
        guard !gram.isPoor else { return nil }
        takeMeans(gram)
        let solution = try LinearSolution(p: p, k: k)
        let space = try Workspace(byteCount: slabBytes(p, p, 2 * p, p))
        var slab = Slab(space.pointer)
        let factor = slab.doubles(p), order = slab.integers(p)
        let scratch = slab.doubles(2 * p), inflation = slab.doubles(p)
        for j in 0..<p where isConstant(gram, j) { return nil }
        guard try factorise(gram, factor, order, solution.norms) == nil else { return nil }
        let model = NormalFactor(UpperTriangle(gram.matrix, size: p), order: order, factor: factor, scratch: scratch)
        try model.setVariances(of: solution, self)
        // Element j of diag((A' A)^-1) times the square of column j's norm.
        var all = 0.0
        for j in 0..<p {
            inflation[j] = solution.variance[j] * solution.norms[j] * solution.norms[j]
            guard inflation[j] <= LinearProblem.mostInflation else { return nil }
            all += inflation[j]
        }
        // No pivot of QR is below the least singular value, 1 / sqrt(all) or more.
        guard rankTolerance < 0 || rankTolerance * rankTolerance * all < 1 else { return nil }
        solution.rank = p
        try solve(gram, model, solution)
        return solution
    }

    /// The problem's means are those that a pass found.
    func takeMeans(_ gram: CentredGram) {
        for j in 0..<width { (mean[j], meanRest[j]) = exactSum(gram.shift[j], gram.offset[j]) }
    }

    /// Whether rounding is all that a column has about its mean.
    func isConstant(_ gram: CentredGram, _ j: Int) -> Bool {
        let rounding = 2 * Double.ulpOfOne * mean[j].magnitude
        return gram.matrix[j, j] <= rounding * rounding * sumOfWeights
    }

    /// R' R = D (A' A + ridge) D, in place of A' A, D what scales the diagonal to 1. Returns the column that depends
    /// on those before it, if one does.
    func factorise(
        _ gram: CentredGram, _ factor: UnsafeMutablePointer<Double>, _ order: UnsafeMutablePointer<Int>,
        _ norms: UnsafeMutablePointer<Double>
    ) throws(TalwegError) -> Int? {
        let g = gram.matrix
        for j in 0..<p {
            order[j] = j
            norms[j] = max(0, g[j, j]).squareRoot()
            g[j, j] += ridge * scale[j] * scale[j]
            factor[j] = 1 / g[j, j].squareRoot()
        }
        for j in 0..<p {
            for i in 0...j { g[i, j] *= factor[i] * factor[j] }
            g[j, j] = 1
        }
        if p <= 8 { return g.factorSmallCholesky(tolerance: LinearProblem.gramTolerance(p)) }
        let block = MatrixBlock(g.pointer, rows: p, columns: p, rowStride: 1, columnStride: g.stride, itemSize: 8)
        return try kernels.f64.choleskyFactor(block, tolerance: LinearProblem.gramTolerance(p))
    }

    static func gramTolerance(_ p: Int) -> Double { 64 * Double(p) * Double.ulpOfOne }

    /// The coefficients from the normal equations, then corrected by what the data leave, the sums of squares, and the
    /// intercepts.
    func solve(_ gram: CentredGram, _ model: NormalFactor, _ solution: LinearSolution) throws(TalwegError) {
        for t in 0..<k {
            model.solve(gram.products.column(t), solution.coefficients + t * p)
            solution.total[t] = gram.total[t]
        }
        let pass = try GradientPass(self, gram)
        try pass.run(solution)
        let space = try Workspace(byteCount: slabBytes(p, p))
        var slab = Slab(space.pointer)
        let gradient = slab.doubles(p), correction = slab.doubles(p)
        for t in 0..<k {
            let b = solution.coefficients + t * p, g = pass.gradient(t)
            let common = intercept ? g[p] / sumOfWeights : 0
            for j in 0..<p {
                gradient[j] = g[j] - (intercept ? gram.offset[j] * g[p] : 0) - ridge * scale[j] * scale[j] * b[j]
            }
            model.solve(gradient, correction)
            var gain = intercept ? common * g[p] : 0
            for j in 0..<p {
                gain += gradient[j] * correction[j]
                b[j] += correction[j]
            }
            solution.rss[t] = ridge > 0 ? pass.squares(t) : max(0, pass.squares(t) - gain)
        }
        solution.setIntercepts(self)
    }
}

/// One pass over the data: residuals e = y - A b of the shifted rows, the products [X 1]' e, and e' e.
private struct GradientPass: ~Copyable {
    // The caller's, for as long as this is used.
    private unowned(unsafe) let problem: LinearProblem
    private unowned(unsafe) let gram: CentredGram
    private let m: Int
    private let chunks: Int
    private let perChunk: Int
    private let space: Workspace

    init(_ problem: LinearProblem, _ gram: CentredGram) throws(TalwegError) {
        let m = problem.p + (problem.intercept ? 1 : 0)
        let (products, overflow) = m.multipliedReportingOverflow(by: problem.k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let perChunk = try slabBytes(products, problem.k)
        let space = try Workspace(
            byteCount: try slabBytes(products) + slabBytes(products, problem.k, times: problem.chunks))
        (self.problem, self.gram, self.m, self.perChunk) = (problem, gram, m, perChunk)
        chunks = problem.chunks
        self.space = space
    }

    /// Of the first chunk, to which the others' are added.
    func gradient(_ t: Int) -> UnsafeMutablePointer<Double> { places(0).products + t * m }
    func squares(_ t: Int) -> Double { places(0).squares[t] }

    private func places(_ chunk: Int)
        -> (products: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>)
    {
        var slab = Slab(space.pointer)
        _ = slab.doubles(m * problem.k)
        slab = Slab(slab.rest + chunk * perChunk)
        return (slab.doubles(m * problem.k), slab.doubles(problem.k))
    }

    func run(_ solution: LinearSolution) throws(TalwegError) {
        let p = problem.p, k = problem.k, m = m
        let beta = space.pointer.assumingMemoryBound(to: Double.self)
        for t in 0..<k {
            let from = solution.coefficients + t * p
            (beta + t * m).update(from: from, count: p)
            guard problem.intercept else { continue }
            var constant = gram.offset[p + t]
            for j in 0..<p { constant -= gram.offset[j] * from[j] }
            beta[t * m + p] = constant
        }
        let rows = ShiftedRows(problem, shift: gram.shift)
        let held = gram.block
        let area = held == nil ? try ShiftedRows.area(problem) : 0
        try runTasks(chunks, workspaceBytes: slabBytes(area, rows.rows, rows.rows)) { chunk, workspace in
            var slab = Slab(workspace)
            let block = held ?? slab.doubles(area)
            let roots = slab.doubles(rows.rows), residual = slab.doubles(rows.rows)
            let (products, squares) = places(chunk)
            products.update(repeating: 0, count: m * k)
            squares.update(repeating: 0, count: k)
            problem.forEachBlock(of: chunk) { begin, count in
                if held == nil { rows.load(rows: begin, count, into: block, roots: roots) }
                for t in 0..<k {
                    let y = block + (m + t) * rows.columnStride
                    for i in 0..<count { residual[i] = y[i * rows.rowStride] }
                    kernels.f64.gemv(
                        count, m, -1, block, rows.rowStride, rows.columnStride, beta + t * m, 1, 1, residual, 1)
                    kernels.f64.gemv(
                        m, count, 1, block, rows.columnStride, rows.rowStride, residual, 1, 1, products + t * m, 1)
                    squares[t] += kernels.f64.dot(count, residual, 1, residual, 1)
                }
            }
        }
        let first = places(0)
        for chunk in 1..<max(chunks, 1) {
            let other = places(chunk)
            kernels.f64.axpy(m * k, 1, other.products, first.products)
            kernels.f64.axpy(k, 1, other.squares, first.squares)
        }
    }
}
