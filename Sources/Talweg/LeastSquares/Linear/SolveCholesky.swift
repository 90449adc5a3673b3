import TalwegKernels

extension LinearProblem {
    /// By the normal equations: A' A + ridge = R' R of columns scaled to norm 1.
    func solveCholesky() throws(TalwegError) -> LinearSolution {
        if ridge == 0, p > n {
            throw .numeric("lstsq: Cholesky of \(p) columns from \(n) rows: the columns depend on each other; use QR")
        }
        let solution = try LinearSolution(p: p, k: k)
        let gram = try GramMatrix(self)
        let space = try Storage(byteCount: slabBytes(p, p, 2 * p, p))
        defer { withExtendedLifetime((space, gram)) {} }
        var slab = Slab(space.pointer)
        let factor = slab.doubles(p), order = slab.integers(p)
        let scratch = slab.doubles(2 * p), ones = slab.doubles(p)

        let g = gram.matrix
        solution.rank = ridge == 0 ? p : try rank(of: g)
        for j in 0..<p {
            order[j] = j
            ones[j] = 1
            let diagonal = g[j, j]
            let penalty = ridge * scale[j] * scale[j]
            let rounding = 2 * Double.ulpOfOne * mean[j].magnitude
            if diagonal <= rounding * rounding * sumOfWeights, penalty == 0 {
                throw .numeric(
                    "lstsq: Cholesky: column \(j) of X is \(intercept ? "constant" : "zero"); use QR, or a ridge")
            }
            g[j, j] += penalty
            factor[j] = 1 / g[j, j].squareRoot()
            solution.norms[j] = max(0, diagonal).squareRoot()
        }
        for j in 0..<p {
            for i in 0...j { g[i, j] *= factor[i] * factor[j] }
            g[j, j] = 1
        }
        let block = MatrixBlock(g.pointer, rows: p, columns: p, rowStride: 1, columnStride: g.stride, itemSize: 8)
        if let column = try kernels.f64.choleskyFactor(block, tolerance: LinearProblem.gramTolerance(p)) {
            throw .numeric(
                "lstsq: Cholesky: column \(column) of X depends on those before it, or nearly so; use QR, or a ridge")
        }
        let triangle = UpperTriangle(g, size: p)
        let model = NormalFactor(triangle, order: order, factor: factor, scratch: scratch)
        solution.condition = model.condition(scaling: ones)
        for t in 0..<k {
            model.solve(gram.products.column(t), solution.coefficients + t * p)
            solution.total[t] = gram.total[t]
        }
        if ridge == 0 {
            try model.setVariances(of: solution, self)
        } else {
            try setRidgeVariances(solution, model)
        }
        try setPreparedResiduals(solution)
        solution.setIntercepts(self)
        return solution
    }

    /// The rank of A, as far as A' A tells it: with columns scaled to norm 1.
    private func rank(of gram: ColumnMajor) throws(TalwegError) -> Int {
        let (area, overflow) = p.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(byteCount: slabBytes(area, p, p, 3 * p))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let copy = ColumnMajor(slab.doubles(area), rows: p, columns: p)
        let factor = slab.doubles(p)
        for j in 0..<p {
            let rounding = 2 * Double.ulpOfOne * mean[j].magnitude
            factor[j] = gram[j, j] <= rounding * rounding * sumOfWeights ? 0 : 1 / gram[j, j].squareRoot()
        }
        for j in 0..<p {
            for i in 0...j {
                copy[i, j] = gram[i, j] * factor[i] * factor[j]
                copy[j, i] = copy[i, j]
            }
        }
        return try PivotedQR(
            copy, ColumnMajor(factor, rows: p, columns: 0), order: slab.integers(p), room: slab.doubles(3 * p),
            tolerance: LinearProblem.gramTolerance(p)
        ).rank
    }

    private static func gramTolerance(_ p: Int) -> Double { 64 * Double(p) * Double.ulpOfOne }

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

    /// Weighted residual sums of squares from the prepared data: y - A b.
    private func setPreparedResiduals(_ solution: LinearSolution) throws(TalwegError) {
        let stride = StackedQR.stride(rows: blockRows)
        let (area, overflow) = stride.multipliedReportingOverflow(by: width)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let perChunk = try slabBytes(area, stride, k)
        let space = try Storage(byteCount: perChunk * chunks)
        defer { withExtendedLifetime(space) {} }
        let memory = space.pointer
        let rows = blockRows
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let block = ColumnMajor(slab.doubles(area), rows: rows, columns: width, stride: stride)
            let roots = slab.doubles(stride), sums = slab.doubles(k)
            sums.update(repeating: 0, count: k)
            forEachBlock(of: chunk) { begin, count in
                load(.prepared, rows: begin, count, into: block, roots: roots)
                for t in 0..<k {
                    let y = block.column(p + t)
                    kernels.f64.gemv(count, p, -1, block.pointer, 1, stride, solution.coefficients + t * p, 1, 1, y, 1)
                    sums[t] += kernels.f64.dot(count, y, 1, y, 1)
                }
            }
        }
        for t in 0..<k {
            var sum = Twofold()
            for chunk in 0..<chunks {
                var slab = Slab(memory + chunk * perChunk)
                _ = slab.doubles(area)
                _ = slab.doubles(stride)
                sum.add(slab.doubles(k)[t])
            }
            solution.rss[t] = sum.value
        }
    }
}

/// A' A (its upper triangle), A' y and the squares of y, of the prepared data,
/// chunk by chunk and added in order.
private final class GramMatrix {
    let matrix: ColumnMajor
    let products: ColumnMajor
    let total: UnsafeMutablePointer<Double>
    private let space: Storage

    private static let blockColumns = 64

    init(_ problem: LinearProblem) throws(TalwegError) {
        let p = problem.p, k = problem.k, width = problem.width
        let rows = problem.blockRows
        let stride = StackedQR.stride(rows: rows)
        let (area, over) = stride.multipliedReportingOverflow(by: width)
        let (square, overSquare) = p.multipliedReportingOverflow(by: width)
        guard !over, !overSquare else { throw .outOfMemory(bytes: Int.max) }
        let gemmBytes = kernels.f64.gemmWorkspaceBytes(m: p, n: GramMatrix.blockColumns, k: rows)
        let perChunk = (try slabBytes(square, k, area, stride) + gemmBytes + 63) & ~63
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: problem.chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes)
        let memory = space.pointer

        ThreadPool.run(chunks: problem.chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let sums = ColumnMajor(slab.doubles(square), rows: p, columns: width)
            let total = slab.doubles(k)
            let block = ColumnMajor(slab.doubles(area), rows: rows, columns: width, stride: stride)
            let roots = slab.doubles(stride)
            sums.fill(0)
            total.update(repeating: 0, count: k)
            problem.forEachBlock(of: chunk) { begin, count in
                problem.load(.prepared, rows: begin, count, into: block, roots: roots)
                var j = 0
                while j < width {
                    let end = min(j + GramMatrix.blockColumns, width)
                    // Down to the diagonal, and all of the columns of y.
                    kernels.f64.gemm(
                        min(end, p), end - j, count, 1, block.pointer, stride, 1, block.column(j), 1, stride,
                        1, sums.column(j), 1, sums.stride, slab.rest)
                    j = end
                }
                for t in 0..<k {
                    let y = block.column(p + t)
                    total[t] += kernels.f64.dot(count, y, 1, y, 1)
                }
            }
        }
        var slab = Slab(memory)
        let sums = slab.doubles(square)
        total = slab.doubles(k)
        for chunk in 1..<max(problem.chunks, 1) {
            var other = Slab(memory + chunk * perChunk)
            kernels.f64.axpy(square, 1, other.doubles(square), sums)
            kernels.f64.axpy(k, 1, other.doubles(k), total)
        }
        matrix = ColumnMajor(sums, rows: p, columns: p)
        products = ColumnMajor(matrix.pointer + p * matrix.stride, rows: p, columns: k)
    }
}
