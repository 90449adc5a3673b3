import TalwegKernels

/// How a ridge's penalty is chosen.
public enum RidgeCriterion: Int32, Sendable {
    /// Generalised cross-validation (Golub, Heath and Wahba, Technometrics 21, 1979).
    case generalized = 0
    /// Each row left out in turn, in closed form.
    case leaveOneOut = 1
    /// Folds of rows left out in turn.
    case folds = 2
}

/// What is fitted, and how the penalty is chosen.
public struct RidgeOptions {
    /// Taken in descending order; nil: `count` of them from the square of the greatest singular value down to `ratio`
    /// times that, evenly by their logarithms.
    public var penalties: [Double]?
    public var count = 100
    public var ratio = 1e-8
    public var intercept = true
    /// Penalise coefficients of columns divided by their standard deviations; they are told in the data's units.
    public var standardize = false
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    public var criterion = RidgeCriterion.generalized
    public var folds = 5
    public var seed: UInt64 = 0
    public var foldOfRow: Tensor?

    public init() {}

    func check() throws(TalwegError) {
        if let penalties {
            guard !penalties.isEmpty else { throw .invalid("ridge_path: there are no penalties") }
            for value in penalties where !(value >= 0 && value.isFinite) {
                throw .invalid("ridge_path: a penalty is \(value); none may be negative, and all must be finite")
            }
        } else {
            guard count >= 1, count <= 100_000 else {
                throw .invalid("ridge_path: penalty_count is \(count); it must be from 1 to 100000")
            }
            guard ratio > 0, ratio < 1 else {
                throw .invalid("ridge_path: penalty_ratio is \(ratio); it must be above 0 and below 1")
            }
        }
        guard criterion != .folds || foldOfRow != nil || folds >= 2 else {
            throw .invalid("ridge_path: \(folds) folds; at least 2 are wanted")
        }
    }
}

extension ElasticNet {
    /// Ridge regression for a path of penalties from one factorisation: coefficients b and intercept c that minimise
    ///
    ///     sum_i w_i (y_i - x_i . b - c)^2 + penalty |b|^2
    ///
    /// With the singular values s and vectors of the centred, weighted X = U S V', b = V (s / (s^2 + penalty)) U' y;
    /// the triangular factor of X has the same S and V (Golub and Van Loan, 4th ed., 6.1.4).
    public static func ridgePath(_ X: Tensor, _ y: Tensor, _ options: RidgeOptions = RidgeOptions())
        throws(TalwegError) -> ElasticNetResult
    {
        try options.check()
        let data = try RegressionData(X, y, weights: options.weights, intercept: options.intercept, "ridge_path")
        let model = try RidgeModel(X, y, weights: options.weights, options)
        var path: [Double] = []
        if let given = options.penalties {
            path = given.sorted(by: >)
        } else {
            let most = model.rank > 0 && model.singular[0] > 0 ? model.singular[0] * model.singular[0] : 1
            for k in 0..<options.count { path.append(most * share(options.ratio, k, options.count)) }
        }
        let result = try ElasticNetResult(data, count: path.count, dtype: X.dtype)
        for (k, penalty) in path.enumerated() {
            result.penalties[k] = penalty
            result.intercepts[k] = model.solve(penalty, result.coefficients + k * data.p)
            let rss = model.residualSquares(penalty)
            result.explained[k] = model.total > 0 ? 1 - rss / model.total : .nan
            (result.gaps[k], result.iterations[k]) = (0, 0)
        }
        result.count = path.count
        result.stopReason = .closedForm
        switch options.criterion {
        case .generalized:
            let n = Double(data.rowsInUse)
            result.choose { k in
                let freedom = model.degrees(path[k]) + (data.intercept ? 1 : 0)
                let left = 1 - freedom / n
                return left > 1e-12 ? model.residualSquares(path[k]) / data.sumOfWeights / (left * left) : .infinity
            }
        case .leaveOneOut: try leaveOneOut(data, X, model, path, result)
        case .folds: try byFolds(data, X, y, path, options, result)
        }
        return result
    }

    private static func share(_ ratio: Double, _ k: Int, _ count: Int) -> Double {
        count == 1 ? 1 : power(ratio, Double(k) / Double(count - 1))
    }

    /// The error of row i by the fit without it is its residual over 1 - h_i, h_i its leverage.
    private static func leaveOneOut(
        _ data: RegressionData, _ X: Tensor, _ model: RidgeModel, _ path: [Double], _ result: ElasticNetResult
    ) throws(TalwegError) {
        let n = data.n, r = model.rank, count = path.count
        let x = try RegressionData.matrix(X, "ridge_path").cast(to: .float64)
        let (cells, overflow) = n.multipliedReportingOverflow(by: r)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(cells, count, r))
        var slab = Slab(space.pointer)
        let turned = slab.doubles(cells), sums = slab.doubles(count), center = slab.doubles(r)
        // (x - mean) V of all rows.
        if r > 0 {
            try kernels.f64.multiply(
                MatrixBlock(
                    x.pointer, rows: n, columns: data.p, rowStride: x.strides[0], columnStride: x.strides[1],
                    itemSize: 8),
                MatrixBlock(
                    model.vectors, rows: data.p, columns: r, rowStride: 1, columnStride: max(data.p, 1), itemSize: 8),
                adding: 0, to: MatrixBlock(turned, rows: n, columns: r, rowStride: r, itemSize: 8))
        }
        for k in 0..<r { center[k] = kernels.f64.dot(data.p, model.vectors + k * data.p, 1, model.mean, 1) }
        ThreadPool.run(chunks: count) { l in
            var sum = 0.0
            for i in 0..<n {
                let w = data.weights?[i] ?? 1
                if w == 0 { continue }
                let row = turned + i * r
                var fitted = model.meanOfY, leverage = data.intercept ? w / data.sumOfWeights : 0
                for k in 0..<r {
                    let s = model.singular[k], t = row[k] - center[k]
                    let inverse = s > 0 ? 1 / (s * s + path[l]) : 0
                    fitted += t * s * inverse * model.projected[k]
                    leverage += w * t * t * inverse
                }
                let error = (data.y[i] - fitted) / (1 - leverage)
                sum += leverage < 1 - 1e-12 ? w * error * error : .infinity
            }
            sums[l] = sum / data.sumOfWeights
        }
        result.choose { sums[$0] }
        withExtendedLifetime((x, model)) {}
    }

    private static func byFolds(
        _ data: RegressionData, _ X: Tensor, _ y: Tensor, _ path: [Double], _ options: RidgeOptions,
        _ result: ElasticNetResult
    ) throws(TalwegError) {
        var dealt = ElasticNetOptions()
        (dealt.folds, dealt.seed, dealt.foldOfRow) = (options.folds, options.seed, options.foldOfRow)
        guard let folds = try Folds(data.n, dealt) else { return }
        let (cells, overflow) = folds.count.multipliedReportingOverflow(by: path.count)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(cells, data.p, data.p))
        var slab = Slab(space.pointer)
        let errors = slab.doubles(cells), b = slab.doubles(data.p), row = slab.doubles(data.p)
        for fold in 0..<folds.count {
            let weights = try View(uninitialized: Shape([data.n], for: "ridge_path"), .float64)
            let w = weights.pointer(as: Double.self)
            for i in 0..<data.n { w[i] = folds.ofRow[i] == fold ? 0 : data.weights?[i] ?? 1 }
            let model = try RidgeModel(X, y, weights: Tensor(weights), options)
            for (l, penalty) in path.enumerated() {
                let constant = model.solve(penalty, b)
                var sum = 0.0, total = 0.0
                for i in 0..<data.n where folds.ofRow[i] == fold {
                    data.convert(rows: i, 1, to: row, data.p)
                    let error = data.y[i] - constant - kernels.f64.dot(data.p, row, 1, b, 1)
                    sum += (data.weights?[i] ?? 1) * error * error
                    total += data.weights?[i] ?? 1
                }
                errors[fold * path.count + l] = total > 0 ? sum / total : 0
            }
        }
        result.choose(errors, folds: folds.count)
    }
}

/// The singular values and vectors of centred, weighted rows, and what of y they see.
private final class RidgeModel {
    let p: Int
    /// min(n, p), descending, and the right vectors, columns of [p, rank], in units of the data's coefficients.
    let rank: Int
    let singular: UnsafeMutablePointer<Double>
    let vectors: UnsafeMutablePointer<Double>
    /// U' y [rank], and the means of X [p] and y.
    let projected: UnsafeMutablePointer<Double>
    let mean: UnsafeMutablePointer<Double>
    let meanOfY: Double
    /// The squares of y about its mean, and of what X cannot explain.
    let total: Double
    private var tail: Double
    private let intercept: Bool
    private let space: Storage

    init(_ X: Tensor, _ y: Tensor, weights: Tensor?, _ options: RidgeOptions) throws(TalwegError) {
        let linear = LeastSquaresOptions(intercept: options.intercept, weights: weights)
        let problem = try LinearProblem(X, y, linear)
        let small = try Factorisation(problem)
        p = problem.p
        intercept = problem.intercept
        let p = problem.p, m = small.matrix.rows, r = min(m, p)
        rank = r
        let (cells, over) = m.multipliedReportingOverflow(by: p)
        let (area, overflow) = p.multipliedReportingOverflow(by: r)
        let (left, overLeft) = m.multipliedReportingOverflow(by: r)
        guard !over, !overflow, !overLeft else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(byteCount: slabBytes(r, area, r, p))
        var kept = Slab(space.pointer)
        singular = kept.doubles(r)
        vectors = kept.doubles(area)
        projected = kept.doubles(r)
        mean = kept.doubles(p)
        let room = try Workspace(byteCount: slabBytes(cells, left, area, p))
        var slab = Slab(room.pointer)
        let matrix = slab.doubles(cells), u = slab.doubles(left), vh = slab.doubles(area), unit = slab.doubles(p)
        let shift = problem.weightExponent
        for j in 0..<p {
            mean[j] = problem.mean[j] / problem.scale[j]
            let back = LinearProblem.shift(1 / problem.scale[j], by: shift)
            var squares = 0.0
            for i in 0..<m {
                let element = small.matrix[i, j] * back
                matrix[i * p + j] = element
                squares += element * element
            }
            unit[j] = 1
            if options.standardize {
                let deviation = (squares / LinearProblem.shift(problem.sumOfWeights, by: 2 * shift)).squareRoot()
                let noise = 1e-14 * mean[j].magnitude
                unit[j] = deviation > noise ? 1 / deviation : 0
                for i in 0..<m { matrix[i * p + j] *= unit[j] }
            }
        }
        let backY = LinearProblem.shift(1 / problem.scale[p], by: shift)
        meanOfY = problem.mean[p] / problem.scale[p]
        total = small.total[0] * backY * backY
        tail = small.tail[0] * backY * backY
        if r > 0 {
            try SingularValues<Double>(values: singular, u: u, vh: vh, isFull: false).compute(
                StridedMatrix(pointer: matrix, rows: m, columns: p, rowStride: p, columnStride: 1), "ridge_path")
        }
        var seen = 0.0, whole = 0.0
        for i in 0..<m { whole += small.target[i, 0] * small.target[i, 0] * backY * backY }
        // What rounding leaves of a column that depends on others is no direction.
        let least = r > 0 ? singular[0] * Double(max(problem.n, p)) * Double.ulpOfOne : 0
        for k in 0..<r {
            if singular[k] <= least { singular[k] = 0 }
            var sum = 0.0
            for i in 0..<m { sum += u[i * r + k] * small.target[i, 0] * backY }
            projected[k] = singular[k] > 0 ? sum : 0
            seen += projected[k] * projected[k]
            for j in 0..<p { vectors[k * p + j] = vh[k * p + j] * unit[j] }
        }
        tail += max(whole - seen, 0)
        withExtendedLifetime((problem, small)) {}
    }

    /// out = b [p]; the intercept.
    func solve(_ penalty: Double, _ out: UnsafeMutablePointer<Double>) -> Double {
        out.update(repeating: 0, count: p)
        for k in 0..<rank where singular[k] > 0 {
            let s = singular[k]
            kernels.f64.axpy(p, s / (s * s + penalty) * projected[k], vectors + k * p, out)
        }
        return intercept ? meanOfY - kernels.f64.dot(p, mean, 1, out, 1) : 0
    }

    func residualSquares(_ penalty: Double) -> Double {
        var sum = tail
        for k in 0..<rank where singular[k] > 0 {
            let rest = penalty / (singular[k] * singular[k] + penalty) * projected[k]
            sum += rest * rest
        }
        return sum
    }

    /// The trace of what takes y to its fit, without the intercept's.
    func degrees(_ penalty: Double) -> Double {
        var sum = 0.0
        for k in 0..<rank where singular[k] > 0 {
            sum += singular[k] * singular[k] / (singular[k] * singular[k] + penalty)
        }
        return sum
    }
}
