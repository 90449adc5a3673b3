import TalwegKernels

/// What is fitted by total least squares.
public struct TotalLeastSquaresOptions {
    public var intercept = true
    /// How many of X's first columns are known without error.
    public var exactColumns = 0
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// Singular values that exceed the k-th from the end by less than twice this share of the largest count as equal
    /// to it; negative: max(n, p + k) times the unit roundoff. A large one truncates.
    public var rankTolerance = -1.0

    public init() {}
}

/// Total least squares, where X has errors as y has: B and c of (X + E) B + c = Y + F with the least |[E F]|.
///
/// Columns without error, and that of the intercept, are eliminated by QR first; of what is left, [A Z] = U S V', the
/// solution is -V12 V22^-1, V12 and V22 the rows of the singular vectors that belong to the smallest values (Golub and
/// Van Loan, SIAM J. Numer. Anal. 17, 1980; Van Huffel and Vandewalle, The Total Least Squares Problem, 1991).
public enum TotalLeastSquares {
    /// - Parameters:
    ///   - X: [n, p], n >= 1, finite; a 1-d X [n] counts as one column
    ///   - y: [n], or [n, k] for k targets, which share the errors of X
    /// - Throws: `.numeric` where there is no solution: the nearest rows that a plane fits have one parallel to y.
    public static func fit(
        _ X: Tensor, _ y: Tensor, _ options: TotalLeastSquaresOptions = TotalLeastSquaresOptions()
    ) throws(TalwegError) -> TotalLeastSquaresResult {
        let name = "total_least_squares"
        guard X.rank == 1 || X.rank == 2 else {
            throw .shape("\(name): X \(X.shape) has \(X.rank) axes; [n, p] or [n] was expected")
        }
        guard y.rank == 1 || y.rank == 2 else {
            throw .shape("\(name): y \(y.shape) has \(y.rank) axes; [n] or [n, k] was expected")
        }
        let x = try LinearProblem.matrix(X, name), target = try LinearProblem.matrix(y, name)
        let n = x.shape[0], p = x.shape[1], k = target.shape[1], exact = options.exactColumns
        guard target.shape[0] == n else {
            throw .shape("\(name): X \(X.shape) has \(n) rows, y \(y.shape) has \(target.shape[0])")
        }
        guard exact >= 0, exact <= p else {
            throw .invalid("\(name): exact_columns is \(exact); X has \(p) columns")
        }
        guard options.rankTolerance < 1 else {
            throw .invalid("\(name): rank_tolerance is \(options.rankTolerance); it must be below 1")
        }
        guard k > 0 else { throw .shape("\(name): y \(y.shape) has no targets") }
        guard n > 0 else { throw .shape("\(name): X \(X.shape) has no rows") }
        // The columns of X and y together, without a target.
        let joined = try View(uninitialized: Shape([n, p + k], for: name), .float64)
        let width = p + k
        for (source, first) in [(x, 0), (target, p)] {
            for j in 0..<source.shape[1] {
                kernels.cast(from: source.dtype, to: .float64)(
                    n, source.pointer + j * source.strides[1] * source.dtype.itemSize, source.strides[0],
                    joined.pointer + (first + j) * 8, width)
            }
        }
        let nothing = Tensor(try View.full(Shape([n], for: name), 0, .float64))
        let problem = try LinearProblem(
            Tensor(joined), nothing, LeastSquaresOptions(intercept: options.intercept, weights: options.weights), name)
        let small = try Factorisation(problem)
        let result = try TotalLeastSquaresResult(p: p, k: k, exact: exact, dtype: X.dtype, manyTargets: y.rank == 2)
        try solve(problem, small, result, options.rankTolerance, name)
        withExtendedLifetime(small) {}
        return result
    }

    private static func solve(
        _ problem: LinearProblem, _ small: Factorisation, _ result: TotalLeastSquaresResult, _ given: Double,
        _ name: String
    ) throws(TalwegError) {
        let p = result.p, k = result.k, exact = result.exact
        let width = p + k, m = small.matrix.rows, free = width - exact
        let unit = problem.useOneUnit(small.matrix)
        let tolerance = given < 0 ? Double(max(problem.n, width)) * .ulpOfOne : given
        // A row for each column at least, so that V has a vector for each: rows of zeros change nothing.
        let rows = max(m - min(m, exact), free)
        let (area, over) = rows.multipliedReportingOverflow(by: free)
        let (square, overflow) = width.multipliedReportingOverflow(by: width)
        guard !over, !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Storage(
            byteCount: slabBytes(area, area, square, free, width, width, 3 * width, square, width, width * k))
        defer { withExtendedLifetime(space) {} }
        var slab = Slab(space.pointer)
        let rest = ColumnMajor(slab.doubles(area), rows: rows, columns: free)
        let u = slab.doubles(area), vh = slab.doubles(square)
        let values = slab.doubles(free), order = slab.integers(width), knownOrder = slab.integers(width)
        let room = slab.doubles(3 * width)
        let corner = ColumnMajor(slab.doubles(square), rows: width, columns: width)
        let work = slab.doubles(width)
        let solution = ColumnMajor(slab.doubles(width * k), rows: width, columns: k)

        // The columns without error first: their reflectors on all the others.
        let known = ColumnMajor(small.matrix.pointer, rows: m, columns: exact, stride: small.matrix.stride)
        let others = small.matrix.part(0, m, exact, free)
        let qr = try PivotedQR(known, others, order: knownOrder, room: room, tolerance: tolerance)
        guard qr.rank == exact else {
            throw .numeric("\(name): the columns without error depend on each other")
        }
        rest.fill(0)
        for j in 0..<free {
            rest.column(j).update(from: others.column(j) + exact, count: m - exact)
        }
        try SingularValues(values: values, u: u, vh: vh, isFull: false).compute(
            StridedMatrix(pointer: rest.pointer, rows: rows, columns: free, rowStride: 1, columnStride: rest.stride),
            name)

        // The vectors of the k smallest, and of those that are equal to the largest of them.
        let q = free - k
        let threshold = values[q] + 2 * tolerance * values[0]
        var first = q
        while first > 0, values[first - 1] <= threshold { first -= 1 }
        result.rank = first + exact
        let count = free - first
        // V22' [count, k] by its own QR: of least norm, -V12 V22^+.
        let lower = ColumnMajor(corner.pointer, rows: count, columns: k, stride: width)
        for i in 0..<count {
            for t in 0..<k { lower[i, t] = vh[(first + i) * free + q + t] }
        }
        let none = ColumnMajor(lower.pointer, rows: count, columns: 0)
        let basis = try PivotedQR(lower, none, order: order, room: room, tolerance: 0)
        let least = tolerance.squareRoot()
        guard basis.rank == k, lower[k - 1, k - 1].magnitude > least else {
            throw .numeric(
                "\(name): there is no solution: a change of X alone that is as small makes its columns depend on each "
                    + "other (the problem is not generic)")
        }
        // V22^+ e_t = Q R'^-1 P' e_t.
        let triangle = UpperTriangle(lower, size: k), knownTriangle = UpperTriangle(known, size: exact)
        for t in 0..<k {
            work.update(repeating: 0, count: count)
            for i in 0..<k { work[i] = order[i] == t ? 1 : 0 }
            triangle.solveTransposed(work)
            basis.applyQ(work)
            let b = solution.column(t) + exact
            for j in 0..<q {
                b[j] = 0
                for i in 0..<count { b[j] -= vh[(first + i) * free + j] * work[i] }
            }
            // R11 b1 = z1 - R12 b2
            for i in 0..<exact {
                work[i] = others[i, q + t]
                for j in 0..<q { work[i] -= others[i, j] * b[j] }
            }
            knownTriangle.solve(work)
            for i in 0..<exact { solution[knownOrder[i], t] = work[i] }
        }
        result.write(problem, unit, solution, values)
    }
}
