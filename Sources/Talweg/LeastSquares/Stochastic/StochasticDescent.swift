import CIntrinsics
import TalwegKernels

/// Linear models by stochastic gradient descent, a row at a time (Robbins and Monro 1951; Bottou, Neural Networks:
/// Tricks of the Trade, 2012): coefficients b and intercept c that lower
///
///     mean_i w_i loss(x_i . b + c, y_i) + penalty ((1 - l1Ratio) / 2 |b|^2 + l1Ratio |b|_1)
public enum StochasticDescent {
    /// - Parameters:
    ///   - X: [n, p], or [n] with one column
    ///   - y: [n]
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: StochasticOptions) throws(TalwegError)
        -> StochasticResult
    {
        try options.check()
        let result = try StochasticResult(columns: X.rank == 1 ? 1 : X.shape[X.rank - 1], dtype: X.dtype)
        let rows = try DenseRows(X)
        var state = try StochasticState(rows, y, options, result, "X \(X.shape)")
        try state.run(rows)
        return result
    }

    /// The same of the rows of a sparse matrix.
    public static func fit(_ X: SparseMatrix, _ y: Tensor, _ options: StochasticOptions) throws(TalwegError)
        -> StochasticResult
    {
        try options.check()
        let result = try StochasticResult(columns: X.columns, dtype: .float64)
        let rows = SparseRows(X)
        var state = try StochasticState(rows, y, options, result, "X [\(X.rows), \(X.columns)]")
        try state.run(rows)
        return result
    }
}

/// What a descent carries from row to row. The coefficients are `scale` v, so that the squared penalty shrinks all of
/// them at once.
private struct StochasticState {
    private let options: StochasticOptions
    private let result: StochasticResult
    private let n, p: Int
    private let y, weights: UnsafeMutablePointer<Double>
    /// Squares of rows, [n].
    private let lengths: UnsafeMutablePointer<Double>
    private let held: UnsafeMutablePointer<Bool>
    private let order: UnsafeMutablePointer<Int64>
    private let v: UnsafeMutablePointer<Double>
    private var scale = 1.0
    private var intercept: Double
    private var step: Double
    private var rate: Double
    /// |v|^2 and |v|_1; the latter with an L1 penalty only.
    private var squares = 0.0
    private var magnitudes = 0.0
    /// What the L1 penalty could have taken from a coefficient so far, and what it took of each, [p] (Tsuruoka, Tsujii
    /// and Ananiadou, "Stochastic gradient descent training for L1-regularized log-linear models with cumulative
    /// penalty", ACL 2009).
    private var owed = 0.0
    private let paid: UnsafeMutablePointer<Double>
    /// The sum of the coefficients so far is `passed` v - late, where `passed` is the sum of the scales: a row touches
    /// only its own places of either.
    private var passed = 0.0
    private let late: UnsafeMutablePointer<Double>
    private let startAverage: UnsafeMutablePointer<Double>
    private var averageIntercept: Double
    private var averaged = 0.0
    private let hasL1: Bool
    private let learning: Int
    private let space: Storage

    init(
        _ rows: some StochasticRows, _ target: Tensor, _ options: StochasticOptions, _ result: StochasticResult,
        _ shape: String
    ) throws(TalwegError) {
        self.options = options
        self.result = result
        (n, p) = (rows.rows, rows.columns)
        hasL1 = options.penalty > 0 && options.l1Ratio > 0
        guard n > 0 else { throw .shape("stochastic: \(shape) has no rows") }
        space = try Storage(byteCount: slabBytes(n, n, n, n, n, p, hasL1 ? p : 0, p, p))
        var slab = Slab(space.pointer)
        y = slab.doubles(n)
        weights = slab.doubles(n)
        lengths = slab.doubles(n)
        order = slab.elements(n)
        held = slab.elements(n)
        v = slab.doubles(p)
        paid = slab.doubles(hasL1 ? p : 0)
        late = slab.doubles(p)
        startAverage = slab.doubles(p)
        intercept = options.startIntercept
        averageIntercept = options.averageIntercept
        step = options.step
        rate = options.rate
        func copy(_ tensor: Tensor?, _ count: Int, _ what: String, _ out: UnsafeMutablePointer<Double>, _ value: Double)
            throws(TalwegError)
        {
            out.update(repeating: value, count: count)
            guard let tensor else { return }
            guard tensor.rank == 1, tensor.count == count else {
                throw .shape("stochastic: \(what) \(tensor.shape) does not fit \(shape)")
            }
            kernels.cast(from: tensor.dtype, to: .float64)(count, tensor.view.pointer, tensor.view.strides[0], out, 1)
            for i in 0..<count where !out[i].isFinite {
                throw .numeric("stochastic: \(what) has \(out[i]) at \(i)")
            }
        }
        try copy(target, n, "y", y, 0)
        try copy(options.heldBack, n, "held_back", weights, 0)
        var kept = 0
        for i in 0..<n {
            held[i] = weights[i] != 0
            order[i] = Int64(i)
            lengths[i] = rows.squares(i)
            if !held[i] { kept += 1 }
        }
        guard kept > 0 else { throw .invalid("stochastic: all \(n) rows are held back") }
        learning = kept
        try copy(options.weights, n, "weights", weights, 1)
        for i in 0..<n where weights[i] < 0 {
            throw .invalid("stochastic: weights has \(weights[i]) in row \(i); none may be negative")
        }
        try copy(options.coefficients, p, "coefficients", v, 0)
        try copy(options.average, p, "average", startAverage, 0)
        late.update(repeating: 0, count: p)
        if hasL1 { paid.update(repeating: 0, count: p) }
    }

    mutating func run(_ rows: some StochasticRows) throws(TalwegError) {
        let generator = Generator(seed: options.seed)
        var best = options.heldBack == nil ? Double.infinity : -.infinity, waited = 0
        while result.epochs < options.maxEpochs {
            if options.shuffle { generator.shuffle(UnsafeMutableBufferPointer(start: order, count: n)) }
            measure()
            let objective = epoch(rows) / Double(learning)
            result.epochs += 1
            settleScale()
            var finite = intercept.isFinite
            for j in 0..<p where !v[j].isFinite { finite = false }
            guard finite else {
                throw TalwegError(
                    .diverged, "stochastic: the coefficients grew without bound in epoch \(result.epochs); "
                        + "scale the columns, or take a smaller rate")
            }
            let score = options.heldBack == nil ? Double.nan : scoreHeld(rows)
            result.objective = options.heldBack == nil ? objective : .nan
            result.score = score
            let stops = options.callback?(
                StochasticProgress(
                    epoch: result.epochs, maxEpochs: options.maxEpochs, objective: result.objective, score: score))
            if stops == true {
                result.stopReason = .callback
                break
            }
            if options.tolerance >= 0 {
                let gained = options.heldBack == nil
                    ? objective <= best - options.tolerance : score >= best + options.tolerance
                waited = gained ? 0 : waited + 1
            }
            best = options.heldBack == nil ? min(best, objective) : max(best, score)
            guard waited >= options.patience else { continue }
            if options.schedule == .adaptive && rate > 1e-6 {
                rate /= 5
                waited = 0
            } else {
                result.stopReason = .tolerance
                break
            }
        }
        finish()
    }

    /// Goes through the rows once; the sum of their losses and penalties as they were met.
    private mutating func epoch(_ rows: some StochasticRows) -> Double {
        let loss = options.loss, width = options.width, schedule = options.schedule
        let penalty = options.penalty, l1 = options.l1Ratio, counts = options.heldBack == nil
        let passive = schedule.isPassiveAggressive
        // So that the first step is as long as the coefficients are likely to be.
        let origin = schedule == .optimal ? (1 / penalty.squareRoot()).squareRoot() : 1
        let start = 1 / (origin * penalty)
        var sum = 0.0
        for place in 0..<n {
            let i = Int(order[place])
            if held[i] { continue }
            let target = y[i], along = rows.dot(i, v)
            let prediction = scale * along + intercept
            switch schedule {
            case .optimal: rate = 1 / (penalty * (start + step - 1))
            case .inverseScaling: rate = options.rate / tk_libm_pow(step, options.power)
            default: break
            }
            let cost = counts || passive ? loss.value(prediction, target, width) : 0
            sum += cost
            if !passive, penalty > 0 {
                sum += penalty * ((1 - l1) / 2 * scale * scale * squares + (hasL1 ? l1 * scale * magnitudes : 0))
            }
            var move: Double
            let length = lengths[i]
            if passive {
                if schedule == .passiveAggressive1 {
                    if length == 0 { continue }
                    move = min(options.rate, cost / length)
                } else {
                    move = cost / (length + 0.5 / options.rate)
                }
                if loss.isOfClasses ? target <= 0 : target < prediction { move = -move }
            } else {
                move = -rate * max(-1e12, min(1e12, loss.slope(prediction, target, width)))
            }
            move *= (target > 0 ? options.positiveWeight : options.negativeWeight) * weights[i]
            let kept = penalty > 0 && l1 < 1 ? max(0, 1 - (1 - l1) * rate * penalty) : 1
            let left = kept * scale * along
            if kept < 1 { shrink(kept) }
            let averages = options.averageFrom > 0 && step >= Double(options.averageFrom)
            if hasL1 {
                owed += l1 * rate * penalty
                addAndTruncate(rows, i, move / scale, averages)
            } else if move != 0 {
                let factor = move / scale
                squares += 2 * factor * (left / scale) + factor * factor * length
                rows.add(i, factor, to: v)
                if averages { rows.add(i, passed * factor, to: late) }
            }
            if averages { passed += scale }
            if options.intercept { intercept += move * options.interceptRate }
            if averages {
                averaged += 1
                averageIntercept += (intercept - averageIntercept) / (step - Double(options.averageFrom) + 1)
            }
            step += 1
        }
        return sum
    }

    /// v += factor x_i, and of these coefficients what the L1 penalty takes.
    private mutating func addAndTruncate(_ rows: some StochasticRows, _ i: Int, _ factor: Double, _ averages: Bool) {
        let after = passed + (averages ? scale : 0)
        rows.forEach(i) { j, x in
            let old = v[j], moved = old + factor * x
            var new = moved
            if moved > 0 { new = max(0, moved - (owed + paid[j]) / scale) }
            if moved < 0 { new = min(0, moved + (owed - paid[j]) / scale) }
            paid[j] += scale * (new - moved)
            late[j] += passed * factor * x + after * (new - moved)
            squares += (new - old) * (new + old)
            magnitudes += new.magnitude - old.magnitude
            v[j] = new
        }
    }

    private mutating func shrink(_ factor: Double) {
        scale *= factor
        // Smaller scales would cost the average its digits, which is a difference of numbers 1 / scale as large.
        if scale < 1e-3 { settleScale() }
    }

    /// v becomes the coefficients; what it has been so far is in the sum for good.
    private mutating func settleScale() {
        if scale == 1 { return }
        for j in 0..<p {
            late[j] -= passed * v[j]
            v[j] *= scale
        }
        passed = 0
        squares *= scale * scale
        magnitudes *= scale
        scale = 1
    }

    /// The norms afresh, without the rounding of many sums.
    private mutating func measure() {
        squares = kernels.f64.dot(p, v, 1, v, 1)
        magnitudes = 0
        if hasL1 { for j in 0..<p { magnitudes += v[j].magnitude } }
    }

    /// The score of the rows that are held back, of the coefficients as they are.
    private func scoreHeld(_ rows: some StochasticRows) -> Double {
        var total = 0.0, right = 0.0, mean = 0.0
        for i in 0..<n where held[i] {
            total += weights[i]
            mean += weights[i] * y[i]
        }
        mean /= total
        var residual = 0.0, spread = 0.0
        for i in 0..<n where held[i] {
            let prediction = rows.dot(i, v) + intercept
            if (prediction > 0) == (y[i] > 0) { right += weights[i] }
            residual += weights[i] * (y[i] - prediction) * (y[i] - prediction)
            spread += weights[i] * (y[i] - mean) * (y[i] - mean)
        }
        switch options.score {
        case .accuracy: return right / total
        case .rSquared: return spread > 0 ? 1 - residual / spread : residual > 0 ? 0 : 1
        }
    }

    private func finish() {
        result.b.update(from: v, count: p)
        result.intercept = intercept
        result.step = step
        result.averageIntercept = averageIntercept
        // Those of earlier descents, and the sum of this one's.
        let count = step - Double(options.averageFrom)
        for j in 0..<p {
            let own = passed * v[j] - late[j]
            result.average[j] = averaged > 0 ? ((count - averaged) * startAverage[j] + own) / count : startAverage[j]
        }
        withExtendedLifetime(space) {}
    }
}
