import TalwegKernels

extension LinearProblem {
    /// Condition numbers above this leave digits to gain.
    private static let refinedAbove = 100.0
    private static let mostRounds = 5

    /// Improves a solution by refinement with a factor of A' A + ridge: the gradient
    /// g = A' W (y - X b - c) - ridge b is summed as if in twice the precision,
    /// from the data as they were given, and (A' A + ridge) d = g is the correction. With
    /// residuals that exact it converges to full precision if the condition number
    /// squared is below 1 / roundoff, large residuals or not (Bjorck, "Stability
    /// analysis of the method of seminormal equations", Linear Algebra Appl. 88, 1987).
    func refine(
        _ solution: LinearSolution, solve: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
    ) throws(TalwegError) {
        guard let condition = solution.condition, condition > LinearProblem.refinedAbove, condition.isFinite else {
            return
        }
        let pass = try ResidualPass(self)
        let space = try Storage(byteCount: slabBytes(p, p, k))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let gradient = slab.doubles(p), correction = slab.doubles(p), last = slab.doubles(k)
        last.update(repeating: .infinity, count: k)
        for _ in 0..<LinearProblem.mostRounds {
            pass.run(solution)
            var improved = false
            for t in 0..<k {
                solution.rss[t] = pass.rss(t)
                let b = solution.coefficients + t * p
                let common = pass.gradient(t, p)
                for j in 0..<p {
                    var sum = pass.gradient(t, j)
                    if intercept {
                        sum.addProduct(-mean[j], common.high)
                        sum.low -= mean[j] * common.low + meanRest[j] * common.high
                    }
                    sum.addProduct(-ridge * scale[j] * scale[j], b[j])
                    gradient[j] = sum.value
                }
                solve(gradient, correction)
                // |A d|: no longer shrinking means that rounding is all that is left.
                let size = kernels.f64.dot(p, gradient, 1, correction, 1)
                guard size < 0.25 * last[t] else { continue }
                last[t] = size
                var shift = common.value / sumOfWeights
                for j in 0..<p {
                    let next = b[j] + correction[j]
                    if next != b[j] { improved = true }
                    b[j] = next
                    shift -= mean[j] * correction[j]
                }
                if intercept {
                    if solution.intercept[t] + shift != solution.intercept[t] { improved = true }
                    solution.intercept[t] += shift
                }
            }
            if !improved { return }
        }
    }
}

extension LinearProblem {
    /// Sets the weighted residual sums of squares of any coefficients and intercepts.
    func setResiduals(_ solution: LinearSolution) throws(TalwegError) {
        let pass = try ResidualPass(self)
        pass.run(solution)
        for t in 0..<k { solution.rss[t] = pass.rss(t) }
    }
}

/// One pass over the data: residuals e = y - X b - c in twofold arithmetic, the
/// products X' W e and 1' W e, and e' W e.
private final class ResidualPass {
    private let problem: LinearProblem
    private let perChunk: Int
    private let space: Storage
    private let p: Int
    private let k: Int

    /// Where a chunk keeps what.
    private struct Places {
        let block: ColumnMajor
        /// Residuals times weights in two parts, and the unweighted residual.
        let high: UnsafeMutablePointer<Double>
        let low: UnsafeMutablePointer<Double>
        let roots: UnsafeMutablePointer<Double>
        /// [k][p + 1] products, and sums of squares [k], in two parts.
        let sums: UnsafeMutablePointer<Double>
        let rests: UnsafeMutablePointer<Double>
        let squares: UnsafeMutablePointer<Double>
    }

    init(_ problem: LinearProblem) throws(TalwegError) {
        self.problem = problem
        p = problem.p
        k = problem.k
        let stride = StackedQR.stride(rows: problem.blockRows)
        let (area, over) = stride.multipliedReportingOverflow(by: problem.width)
        let (products, overProducts) = (p + 1).multipliedReportingOverflow(by: k)
        guard !over, !overProducts else { throw .outOfMemory(bytes: Int.max) }
        perChunk = (try slabBytes(area, stride, stride, stride, products, products, k) + 63) & ~63
        let (bytes, overflow) = perChunk.multipliedReportingOverflow(by: problem.chunks)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: bytes)
    }

    private func places(_ chunk: Int) -> Places {
        var slab = Slab(space.pointer + chunk * perChunk)
        let rows = problem.blockRows
        let stride = StackedQR.stride(rows: rows)
        return Places(
            block: ColumnMajor(slab.doubles(stride * (p + k)), rows: rows, columns: p + k, stride: stride),
            high: slab.doubles(stride), low: slab.doubles(stride), roots: slab.doubles(stride),
            sums: slab.doubles((p + 1) * k), rests: slab.doubles((p + 1) * k), squares: slab.doubles(k))
    }

    func run(_ solution: LinearSolution) {
        ThreadPool.run(chunks: problem.chunks) { chunk in
            let at = places(chunk)
            at.sums.update(repeating: 0, count: (p + 1) * k)
            at.rests.update(repeating: 0, count: (p + 1) * k)
            at.squares.update(repeating: 0, count: k)
            problem.forEachBlock(of: chunk) { begin, count in
                problem.load(.scaled, rows: begin, count, into: at.block, roots: at.roots)
                for t in 0..<k {
                    residuals(at, count, t, solution)
                    at.squares[t] += weigh(at, begin, count)
                    addProducts(at, count, t)
                }
            }
        }
    }

    /// The product of target t's residuals with column j of X, or with ones for j = p.
    func gradient(_ t: Int, _ j: Int) -> Twofold {
        var sum = Twofold()
        for chunk in 0..<problem.chunks {
            let at = places(chunk)
            sum.add(Twofold(at.sums[t * (p + 1) + j], at.rests[t * (p + 1) + j]))
        }
        return sum
    }

    func rss(_ t: Int) -> Double {
        var sum = Twofold()
        for chunk in 0..<problem.chunks { sum.add(places(chunk).squares[t]) }
        return sum.value
    }

    /// e = y - c - X b, eight rows at a time.
    private func residuals(_ at: Places, _ count: Int, _ t: Int, _ solution: LinearSolution) {
        let b = solution.coefficients + t * p
        let y = at.block.column(p + t)
        let shift = SIMD4<Double>(repeating: -solution.intercept[t])
        var i = 0
        while i < count {
            var first = TwofoldLanes(lanes(y + i), .zero), second = TwofoldLanes(lanes(y + i + 4), .zero)
            first.add(shift)
            second.add(shift)
            for j in 0..<p {
                let factor = TwofoldLanes.Halves(SIMD4(repeating: -b[j]))
                let column = at.block.column(j) + i
                first.addProduct(.init(lanes(column)), factor)
                second.addProduct(.init(lanes(column + 4)), factor)
            }
            first.store(at.high + i, at.low + i)
            second.store(at.high + i + 4, at.low + i + 4)
            i += 8
        }
        let padded = (count + 7) & ~7
        for i in count..<padded { (at.high[i], at.low[i]) = (0, 0) }
    }

    /// Multiplies the residuals by the weights; returns their weighted squares.
    private func weigh(_ at: Places, _ begin: Int, _ count: Int) -> Double {
        let high = at.high, low = at.low
        guard let weights = problem.weights else { return kernels.f64.dot(count, high, 1, high, 1) }
        let w = weights + begin
        for i in 0..<count {
            at.roots[i] = w[i].squareRoot() * high[i]
            var product = Twofold()
            product.addProduct(w[i], high[i])
            low[i] = product.low + w[i] * low[i]
            high[i] = product.high
        }
        return kernels.f64.dot(count, at.roots, 1, at.roots, 1)
    }

    private func addProducts(_ at: Places, _ count: Int, _ t: Int) {
        for j in 0...p {
            var a = TwofoldLanes(), b = TwofoldLanes()
            var i = 0
            if j == p {
                while i < count {
                    a.add(lanes(at.high + i))
                    b.add(lanes(at.high + i + 4))
                    a.low += lanes(at.low + i)
                    b.low += lanes(at.low + i + 4)
                    i += 8
                }
            } else {
                let column = at.block.column(j)
                while i < count {
                    let x = lanes(column + i), z = lanes(column + i + 4)
                    a.addProduct(.init(x), .init(lanes(at.high + i)))
                    b.addProduct(.init(z), .init(lanes(at.high + i + 4)))
                    a.low += x * lanes(at.low + i)
                    b.low += z * lanes(at.low + i + 4)
                    i += 8
                }
            }
            let place = t * (p + 1) + j
            var sum = Twofold(at.sums[place], at.rests[place])
            sum.add(a.total)
            sum.add(b.total)
            (at.sums[place], at.rests[place]) = (sum.high, sum.low)
        }
    }
}
