import TalwegKernels

/// The lasso and the elastic net: coefficients b and intercept c that minimise
///
///     sum_i w_i (y_i - x_i . b - c)^2 / (2 sum_i w_i) + penalty (l1 |b|_1 + (1 - l1) / 2 |b|^2)
///
/// for each of a path of penalties, as scikit-learn's ElasticNet(alpha: penalty) and glmnet have it. Computed in
/// float64.
public enum ElasticNet {
    /// Fits y to X; neither is changed.
    /// - Parameters:
    ///   - X: [n, p], n >= 1, finite; a 1-d X [n] counts as one column
    ///   - y: [n], finite
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: ElasticNetOptions = ElasticNetOptions())
        throws(TalwegError) -> ElasticNetResult
    {
        try options.check()
        let data = try RegressionData(X, y, weights: options.weights, intercept: options.intercept, "elastic_net")
        let folds = try Folds(data.n, options)
        let problem = try ElasticNetProblem(data, standardize: options.standardize, mode: options.mode)
        let descent = try ElasticNetDescent(problem, options)
        let path = penalties(descent, options)
        let result = try ElasticNetResult(data, count: path.count, dtype: X.dtype)
        try run(problem, descent, path, options, result)
        if let folds { try validate(data, X, y, folds, path, options, result) }
        return result
    }

    /// Descending.
    private static func penalties(_ descent: ElasticNetDescent, _ options: ElasticNetOptions) -> [Double] {
        if let given = options.penalties { return given.sorted(by: >) }
        // Where nothing pulls, any penalty leaves nothing.
        let most = descent.greatestPenalty > 0 ? descent.greatestPenalty : 1
        return grid(most, options.ratio, options.count)
    }

    /// From the greatest down to a share of it, evenly by their logarithms.
    static func grid(_ most: Double, _ ratio: Double, _ count: Int) -> [Double] {
        if count == 1 { return [most] }
        var path: [Double] = []
        for k in 0..<count { path.append(most * power(ratio, Double(k) / Double(count - 1))) }
        return path
    }

    static func power(_ base: Double, _ exponent: Double) -> Double {
        var (x, e, y) = (base, exponent, 0.0)
        guard let kernel = kernels.binary(.power, .float64) else { return .nan }
        kernel(1, &x, 1, &e, 1, &y, 1)
        return y
    }

    private static func run(
        _ problem: ElasticNetProblem, _ descent: ElasticNetDescent, _ path: [Double], _ options: ElasticNetOptions,
        _ result: ElasticNetResult
    ) throws(TalwegError) {
        var last = options.l1Ratio > 0 ? max(descent.greatestPenalty, path[0]) : .infinity
        for (k, penalty) in path.enumerated() {
            try descent.solve(penalty, last: last)
            last = penalty
            result.penalties[k] = penalty
            result.intercepts[k] = problem.restore(descent.b, to: result.coefficients + k * problem.p)
            result.gaps[k] = descent.gap
            result.iterations[k] = Double(descent.iterations)
            result.explained[k] = problem.total > 0 ? 1 - descent.rss / problem.total : .nan
            result.converged = result.converged && descent.converged
            result.count = k + 1
            guard let callback = options.callback else { continue }
            let progress = ElasticNetProgress(
                index: k, count: path.count, penalty: penalty, nonzeros: descent.nonzeros, gap: descent.gap)
            if callback(progress) {
                result.stopReason = .callback
                return
            }
        }
        result.stopReason = result.converged ? .tolerance : .iterations
    }

    /// Mean squared errors of rows that were left out, by penalty and fold.
    private static func validate(
        _ data: RegressionData, _ X: Tensor, _ y: Tensor, _ folds: Folds, _ path: [Double],
        _ options: ElasticNetOptions, _ result: ElasticNetResult
    ) throws(TalwegError) {
        let count = result.count, p = data.p
        let (cells, overflow) = folds.count.multipliedReportingOverflow(by: count)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        let space = try Workspace(byteCount: slabBytes(cells))
        let errors = space.pointer.assumingMemoryBound(to: Double.self)
        var inner = options
        inner.callback = nil
        let settings = inner
        try ThreadPool.run(chunks: folds.count) { fold throws(TalwegError) in
            // The rows that are left out have no weight.
            let weights = try View(uninitialized: Shape([data.n], for: "elastic_net"), .float64)
            let w = weights.pointer(as: Double.self)
            var kept = 0.0
            for i in 0..<data.n {
                w[i] = folds.ofRow[i] == fold ? 0 : data.weights?[i] ?? 1
                kept += w[i]
            }
            guard kept > 0 else { throw .invalid("elastic_net: without fold \(fold) no row has a weight") }
            let part = try RegressionData(
                X, y, weights: Tensor(weights), intercept: settings.intercept, "elastic_net")
            let problem = try ElasticNetProblem(part, standardize: settings.standardize, mode: settings.mode)
            let descent = try ElasticNetDescent(problem, settings)
            let room = try Workspace(byteCount: slabBytes(p, part.width, part.rowStride))
            var slab = Slab(room.pointer)
            let b = slab.doubles(p), row = slab.doubles(part.rowStride)
            var last = settings.l1Ratio > 0 ? max(descent.greatestPenalty, path[0]) : .infinity
            for k in 0..<count {
                try descent.solve(path[k], last: last)
                last = path[k]
                let constant = problem.restore(descent.b, to: b)
                var sum = 0.0, total = 0.0
                for i in 0..<data.n where folds.ofRow[i] == fold {
                    part.convert(rows: i, 1, to: row, p)
                    let error = data.y[i] - constant - kernels.f64.dot(p, row, 1, b, 1)
                    let weight = data.weights?[i] ?? 1
                    sum += weight * error * error
                    total += weight
                }
                errors[fold * count + k] = total > 0 ? sum / total : 0
            }
        }
        result.choose(errors, folds: folds.count)
    }
}

/// Which fold each row is left out with.
final class Folds {
    let count: Int
    let ofRow: UnsafeMutablePointer<Int64>
    private let space: Storage

    /// nil if none are wanted.
    init?(_ n: Int, _ options: ElasticNetOptions) throws(TalwegError) {
        guard let memory = try Folds.memory(n, options) else { return nil }
        space = memory
        ofRow = memory.pointer.assumingMemoryBound(to: Int64.self)
        if let given = options.foldOfRow {
            guard given.rank == 1, given.count == n else {
                throw .shape("elastic_net: fold_of_row \(given.shape) does not fit the \(n) rows of X")
            }
            guard !given.dtype.isFloating else {
                throw .dtype("elastic_net: fold_of_row is \(given.dtype.name); whole numbers are wanted")
            }
            kernels.cast(from: given.dtype, to: .int64)(n, given.view.pointer, given.view.strides[0], ofRow, 1)
            var most: Int64 = 0
            for i in 0..<n {
                guard ofRow[i] >= 0, ofRow[i] < n else {
                    throw .invalid("elastic_net: fold_of_row has \(ofRow[i]) in row \(i); 0 to \(n - 1) are allowed")
                }
                most = max(most, ofRow[i])
            }
            count = Int(most) + 1
            guard count >= 2 else { throw .invalid("elastic_net: fold_of_row has one fold only") }
        } else {
            guard options.folds <= n else {
                throw .invalid("elastic_net: \(options.folds) folds of \(n) rows")
            }
            count = options.folds
            for i in 0..<n { ofRow[i] = Int64(i % count) }
            Generator(seed: options.seed).shuffle(UnsafeMutableBufferPointer(start: ofRow, count: n))
        }
    }

    private static func memory(_ n: Int, _ options: ElasticNetOptions) throws(TalwegError) -> Storage? {
        guard options.folds > 0 || options.foldOfRow != nil else { return nil }
        return try Storage(byteCount: slabBytes(n))
    }
}
