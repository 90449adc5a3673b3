import TalwegKernels

/// Linear least squares under constraints, in float64.
public enum Constrained {
    /// The coefficients b and intercept c that minimise
    ///
    ///     sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2
    ///
    /// with lower <= b <= upper, C b = d and G b <= h. X is made small by a QR factorisation first, so that the
    /// iteration costs the same for any number of rows.
    /// - Throws: `.numeric` if no coefficients meet the constraints.
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: ConstrainedOptions = ConstrainedOptions())
        throws(TalwegError) -> ConstrainedResult
    {
        try options.check()
        var plain = LeastSquaresOptions(intercept: options.intercept, ridge: options.ridge, weights: options.weights)
        plain.offset = options.offset
        let problem = try LinearProblem(X, y, plain, "constrained")
        let set = try ConstraintSet(options, columns: problem.p)
        let small = try SmallProblem(problem, Factorisation(problem))
        let result = try ConstrainedResult(problem, set, dtype: X.dtype, manyTargets: y.rank == 2)
        let tolerance = options.tolerance < 0
            ? 10 * Double(max(problem.n, problem.p)) * .ulpOfOne : options.tolerance
        let (bound, overflow) = set.width.multipliedReportingOverflow(by: 10)
        let limit = options.maxIterations > 0 ? options.maxIterations : overflow ? Int.max : bound + 100
        // Many targets side by side, a chunk a worker.
        let chunks = min(problem.k, 64)
        let progress = try Storage(byteCount: slabBytes(chunks, chunks))
        defer { withExtendedLifetime(progress) {} }
        var slab = Slab(progress.pointer)
        let counts = slab.integers(chunks), ends = slab.integers(chunks)
        try ThreadPool.run(chunks: chunks) { chunk throws(TalwegError) in
            (counts[chunk], ends[chunk]) = (0, Int(StopReason.closedForm.rawValue))
            var target = chunk
            while target < problem.k {
                let solver = try ConstrainedTarget(
                    problem, small, set, target: target, tolerance: tolerance, limit: limit)
                let reason = try solver.solve()
                counts[chunk] = max(counts[chunk], solver.iterations)
                // Iterations that ran out say more than a tolerance met, and that more than a closed form.
                ends[chunk] = max(ends[chunk], Int(reason.rawValue))
                solver.write(to: result)
                target += chunks
            }
        }
        for chunk in 0..<chunks {
            result.iterations = max(result.iterations, counts[chunk])
            let reason = StopReason(rawValue: Int32(ends[chunk])) ?? .closedForm
            if reason.rawValue > result.stopReason.rawValue { result.stopReason = reason }
        }
        return result
    }
}

/// A problem made small, in one unit for all coefficients: |y - A b|^2 = |z - M b|^2 + tail.
struct SmallProblem {
    /// [m, p], as the data has it.
    let matrix: ColumnMajor
    /// With the rows of the ridge, if there is one; else the same.
    let damped: ColumnMajor
    /// [m, k] and, beside `damped`, with 0 for the rows of the ridge.
    let target: ColumnMajor
    let dampedTarget: ColumnMajor
    let tail: UnsafeMutablePointer<Double>
    /// The exponent that all coefficients' units have in common.
    let exponent: Int
    /// The ridge in this unit.
    let penalty: Double
    private let factor: Factorisation
    private let space: Storage?

    /// Takes the factor over.
    init(_ problem: LinearProblem, _ factor: Factorisation) throws(TalwegError) {
        let p = problem.p, m = factor.matrix.rows
        exponent = problem.useOneUnit(factor.matrix)
        (matrix, target, tail) = (factor.matrix, factor.target, factor.tail)
        self.factor = factor
        penalty = LinearProblem.shift(problem.ridge, by: 2 * exponent)
        guard problem.ridge > 0, p > 0 else {
            (damped, dampedTarget, space) = (matrix, target, nil)
            return
        }
        let bytes = try StackedQR.bytes(columns: p, width: problem.width, rows: m + p)
        let memory = try Storage(byteCount: bytes)
        let stack = StackedQR(memory: memory.pointer, columns: p, width: problem.width, rows: m + p)
        stack.block.fill(0)
        for j in 0..<p {
            stack.block.column(j).update(from: matrix.column(j), count: m)
            stack.block[m + j, j] = penalty.squareRoot()
        }
        for t in 0..<problem.k { stack.block.column(p + t).update(from: target.column(t), count: m) }
        stack.absorb(rows: m + p)
        damped = ColumnMajor(stack.r.pointer, rows: p, columns: p, stride: stack.r.stride)
        dampedTarget = ColumnMajor(stack.r.column(p), rows: p, columns: problem.k, stride: stack.r.stride)
        space = memory
    }
}
