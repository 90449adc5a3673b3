import TalwegKernels

/// Rows of X, and maybe y and weights, in the units and the basis of a fit, block by block:
///
///     q = (H' a, sqrt(w / sum of weights)),   a = sqrt(w) (x - mean),   e = sqrt(w) (y - x b - c)
///
/// so that |q|^2 is a row's leverage. Chunks of rows go to the pool's threads; their bounds depend on sizes alone.
struct PreparedRows {
    let fit: LeastSquaresResult
    let count: Int
    private let x: View
    private let y: View?
    private let weights: View?
    private let factor: ColumnMajor
    private let name: String

    static let blockRows = 256
    private static let most = 16

    /// Columns of q.
    var coordinates: Int { factor.columns + (fit.hasIntercept ? 1 : 0) }
    /// How many chunks there are.
    let chunks: Int

    /// What there is of some rows.
    struct Block {
        let chunk: Int
        let begin: Int
        let count: Int
        /// [count, coordinates]
        let q: ColumnMajor
        /// [count, k]; without y nothing.
        let residuals: ColumnMajor
        /// Square roots of the weights, in the solver's units, [count].
        let roots: UnsafeMutablePointer<Double>
    }

    /// - Parameters:
    ///   - factor: H: `spread` or `hat` of the fit's covariance
    ///   - name: the caller's, for messages
    init(
        _ fit: LeastSquaresResult, _ X: Tensor, _ y: Tensor? = nil, weights: Tensor? = nil, factor: ColumnMajor,
        _ name: String
    ) throws(TalwegError) {
        let p = fit.p, k = fit.k
        guard X.rank == 2 && X.shape[1] == p || X.rank == 1 && p == 1 else {
            throw .shape("\(name): X \(X.shape) does not fit the model's \(p) column\(p == 1 ? "" : "s")")
        }
        self.fit = fit
        self.name = name
        self.factor = factor
        x = try LinearProblem.matrix(X)
        count = x.shape[0]
        chunks = min(PreparedRows.most, max(1, (count + 1023) / 1024))
        if let y {
            guard y.rank == 2 && fit.manyTargets && y.shape[1] == k || y.rank == 1 && !fit.manyTargets else {
                let targets = fit.manyTargets ? "\(k) targets" : "one target"
                throw .shape("\(name): y \(y.shape) does not fit the model's \(targets)")
            }
            self.y = try LinearProblem.matrix(y)
            guard y.shape[0] == count else {
                throw .shape("\(name): X \(X.shape) has \(count) rows, y \(y.shape) has \(y.shape[0])")
            }
        } else {
            self.y = nil
        }
        guard let weights else {
            self.weights = nil
            return
        }
        guard weights.rank == 1, weights.count == count else {
            throw .shape("\(name): weights \(weights.shape) do not fit the \(count) rows of X \(X.shape)")
        }
        self.weights = weights.view
        let convert = kernels.cast(from: weights.dtype, to: .float64)
        for i in 0..<count {
            var value = 0.0
            convert(1, weights.view.pointer + i * weights.view.strides[0] * weights.dtype.itemSize, 1, &value, 1)
            guard value.isFinite else { throw .numeric("\(name): weights has \(value) in row \(i)") }
            guard value >= 0 else {
                throw .invalid("\(name): weights has \(value) in row \(i); none may be negative")
            }
        }
    }

    /// The rows that the fit was made of, as far as their number and their weights tell.
    func checkFitted() throws(TalwegError) {
        guard count == fit.rows else {
            throw .shape("\(name): X has \(count) rows, but the fit was made of \(fit.rows)")
        }
        guard weights != nil || !fit.weighting.isGiven else {
            throw .invalid("\(name): the fit has weights; they are needed again")
        }
    }

    /// Calls `body` for each block, the blocks of a chunk in order on one thread.
    func forEachBlock(_ body: (Block) -> Void) throws(TalwegError) {
        let p = fit.p, k = y == nil ? 0 : fit.k, r = coordinates
        let rows = PreparedRows.blockRows
        let kernels = Talweg.kernels.f64
        let (area, over) = p.multipliedReportingOverflow(by: rows)
        let (wide, overflow) = r.multipliedReportingOverflow(by: rows)
        let (targets, overTargets) = k.multipliedReportingOverflow(by: rows)
        guard !over, !overflow, !overTargets else { throw .outOfMemory(bytes: Int.max) }
        let gemm = kernels.gemmWorkspaceBytes(m: rows, n: max(factor.columns, 1), k: max(p, 1))
        let perChunk = (try slabBytes(area, wide, targets, rows, p, fit.k) + gemm + 127) & ~63
        let (bytes, overBytes) = perChunk.multipliedReportingOverflow(by: chunks)
        guard !overBytes else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: bytes)
        let memory = space.pointer
        let share = ((count + chunks - 1) / chunks + rows - 1) / rows * rows
        ThreadPool.run(chunks: chunks) { chunk in
            var slab = Slab(memory + chunk * perChunk)
            let block = ColumnMajor(slab.doubles(area), rows: rows, columns: p)
            let q = ColumnMajor(slab.doubles(wide), rows: rows, columns: r)
            let residuals = ColumnMajor(slab.doubles(targets), rows: rows, columns: k)
            let roots = slab.doubles(rows)
            let b = slab.doubles(p)
            let rest = slab.doubles(fit.k)
            var begin = min(count, chunk * share)
            let end = min(count, begin + share)
            while begin < end {
                let some = min(rows, end - begin)
                readRoots(begin, some, roots)
                read(x, begin, some, block, scale: fit.scale, mean: fit.mean)
                weigh(block, some, roots)
                if factor.columns > 0 {
                    kernels.gemm(
                        some, factor.columns, p, 1, block.pointer, 1, rows, factor.pointer, 1, factor.stride, 0,
                        q.pointer, 1, rows, slab.rest)
                }
                if fit.hasIntercept {
                    let share = 1 / fit.weighting.sum.squareRoot()
                    for i in 0..<some { q[i, r - 1] = roots[i] * share }
                }
                if let y {
                    read(y, begin, some, residuals, scale: fit.scale + p, mean: fit.mean + p)
                    weigh(residuals, some, roots)
                    for t in 0..<k {
                        rest[t] = coefficients(t, b)
                        let column = residuals.column(t)
                        kernels.gemv(some, p, -1, block.pointer, 1, rows, b, 1, 1, column, 1)
                        for i in 0..<some { column[i] += rest[t] * roots[i] }
                    }
                }
                body(Block(chunk: chunk, begin: begin, count: some, q: q, residuals: residuals, roots: roots))
                begin += some
            }
        }
    }

    /// Target t's coefficients in the solver's units; returns what the means leave of the intercept.
    private func coefficients(_ t: Int, _ b: UnsafeMutablePointer<Double>) -> Double {
        let p = fit.p, unit = fit.unit(t)
        var rest = Twofold(fit.mean[p + t])
        rest.add(-LinearSystem.shift(fit.constants[t], by: unit))
        for j in 0..<p {
            b[j] = LinearSystem.shift(fit.b[t * p + j], by: unit - fit.scale[j].exponent)
            rest.addProduct(-fit.mean[j], b[j])
        }
        return rest.value
    }

    private func readRoots(_ begin: Int, _ some: Int, _ roots: UnsafeMutablePointer<Double>) {
        guard let weights else {
            roots.update(repeating: 1, count: some)
            return
        }
        let place = weights.pointer + begin * weights.strides[0] * weights.dtype.itemSize
        kernels.cast(from: weights.dtype, to: .float64)(some, place, weights.strides[0], roots, 1)
        for i in 0..<some {
            roots[i] = LinearSystem.shift(roots[i].squareRoot(), by: -fit.weighting.exponent)
        }
    }

    /// Columns of a matrix, scaled and centred.
    private func read(
        _ source: View, _ begin: Int, _ some: Int, _ out: ColumnMajor, scale: UnsafeMutablePointer<Double>,
        mean: UnsafeMutablePointer<Double>
    ) {
        let convert = kernels.cast(from: source.dtype, to: .float64)
        for j in 0..<out.columns {
            let first = begin * source.strides[0] + j * source.strides[1]
            let column = out.column(j)
            convert(some, source.pointer + first * source.dtype.itemSize, source.strides[0], column, 1)
            let (factor, shift) = (scale[j], mean[j])
            for i in 0..<some { column[i] = column[i] * factor - shift }
        }
    }

    private func weigh(_ block: ColumnMajor, _ some: Int, _ roots: UnsafeMutablePointer<Double>) {
        if weights == nil { return }
        for j in 0..<block.columns {
            let column = block.column(j)
            for i in 0..<some { column[i] *= roots[i] }
        }
    }
}
