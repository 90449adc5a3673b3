import CIntrinsics
import TalwegKernels

/// Robust regression in float64: M-estimates, quantile regression, RANSAC, Theil and Sen's estimate.
public enum Robust {
    /// The M-estimate: b, c that minimise sum_i w_i rho((y_i - x_i . b - c) / s) by iteratively reweighted least
    /// squares (Holland and Welsch, Comm. Stat. A6, 1977), with the scale s estimated again in each iteration.
    ///
    /// It starts from least squares; losses that redescend, which have several minima, from Huber's estimate, which
    /// is unique.
    public static func fit(_ X: Tensor, _ y: Tensor, _ options: RobustOptions = RobustOptions()) throws(TalwegError)
        -> RobustResult
    {
        try options.check()
        let problem = try RobustProblem(X, y, weights: options.weights, intercept: options.intercept, "robust")
        try problem.take(problem.linear(problem.y, problem.prior))
        let space = try Storage(byteCount: slabBytes(problem.n, problem.n, problem.p))
        var slab = Slab(space.pointer)
        let weights = slab.doubles(problem.n), last = slab.doubles(problem.n), shown = slab.doubles(problem.p)
        var iteration = Iteration(problem, options, weights, last, shown)
        if options.loss.redescends {
            var start = options
            (start.loss, start.tuning, start.callback, start.tolerance) = (.huber, nil, nil, 1e-4)
            var first = Iteration(problem, start, weights, last, shown)
            try first.run()
            iteration.scale = first.scale
        }
        try iteration.run()
        let result = try RobustResult(problem, dtype: X.dtype)
        result.weights.update(from: weights, count: problem.n)
        result.scale = iteration.scale
        result.iterations = iteration.count
        result.stopReason = iteration.reason
        try iteration.summarise(result)
        withExtendedLifetime(space) {}
        return result
    }

    private struct Iteration {
        let problem: RobustProblem
        let options: RobustOptions
        let tuning: Double
        let weights, last, shown: UnsafeMutablePointer<Double>
        var scale = 0.0
        var count = 0
        var reason = StopReason.iterations

        init(
            _ problem: RobustProblem, _ options: RobustOptions, _ weights: UnsafeMutablePointer<Double>,
            _ last: UnsafeMutablePointer<Double>, _ shown: UnsafeMutablePointer<Double>
        ) {
            self.problem = problem
            self.options = options
            tuning = options.tuning ?? options.loss.tuning
            (self.weights, self.last, self.shown) = (weights, last, shown)
        }

        mutating func run() throws(TalwegError) {
            let n = problem.n
            if scale == 0 { scale = options.scaleEstimate == .given ? options.scale : problem.deviation() }
            var size = 0.0
            for i in 0..<n { size = max(size, problem.y[i].magnitude) }
            while true {
                setScale()
                // More than half of the rows lie on a plane: nothing is left to estimate a scale by.
                guard scale > 1e-14 * size else {
                    for i in 0..<n { weights[i] = problem.residual[i].magnitude <= 1e-13 * size ? 1 : 0 }
                    reason = .tolerance
                    return
                }
                var used = 0.0
                for i in 0..<n {
                    weights[i] = options.loss.weight(problem.residual[i] / scale, tuning)
                    used += weights[i] * problem.prior[i]
                }
                if count >= options.maxIterations { return }
                guard used > 0 else {
                    throw .numeric(
                        "robust: no row has a weight any more in iteration \(count + 1); take a larger tuning")
                }
                last.update(from: problem.residual, count: n)
                for i in 0..<n { problem.scratch[i] = weights[i] * problem.prior[i] }
                try problem.take(problem.linear(problem.y, problem.scratch))
                count += 1
                var moved = 0.0
                for i in 0..<n { moved = max(moved, (problem.residual[i] - last[i]).magnitude) }
                if let callback = options.callback {
                    shown.update(from: problem.b, count: problem.p)
                    let progress = RobustProgress(
                        iteration: count, maxIterations: options.maxIterations, scale: scale,
                        coefficients: UnsafeBufferPointer(start: shown, count: problem.p), intercept: problem.c)
                    if callback(progress) {
                        reason = .callback
                        return
                    }
                }
                if moved <= options.tolerance * scale {
                    setScale()
                    reason = .tolerance
                    return
                }
            }
        }

        private mutating func setScale() {
            switch options.scaleEstimate {
            case .given: scale = options.scale
            case .mad: scale = problem.deviation()
            case .proposal2:
                // E min(u^2, d^2) of a standard normal u.
                let d = options.proposalConstant
                let inside = 2 * GLMRows.normalCDF(d) - 1
                let density = tk_libm_exp(-d * d / 2) * 0.398_942_280_401_432_7
                let expected = inside + d * d * (1 - inside) - 2 * d * density
                let freedom = max(problem.rowsInUse - problem.rank - (problem.intercept ? 1 : 0), 1)
                for _ in 0..<60 where scale > 0 {
                    var sum = 0.0
                    for i in 0..<problem.n where problem.prior[i] > 0 {
                        sum += min(problem.residual[i] * problem.residual[i], d * d * scale * scale)
                    }
                    let next = (sum / (Double(freedom) * expected)).squareRoot()
                    let done = (next - scale).magnitude <= 1e-12 * scale
                    scale = next
                    if done { break }
                }
            }
        }

        /// The objective, and standard errors by Huber's first formula (Robust Statistics, 1981, 7.6):
        /// k^2 sum psi^2 / (n - p) s^2 / mean(psi')^2 (X' X)^-1, k = 1 + p var(psi') / (n mean(psi')^2).
        func summarise(_ result: RobustResult) throws(TalwegError) {
            let n = Double(problem.rowsInUse)
            let unknowns = problem.rank + (problem.intercept ? 1 : 0)
            let freedom = n - Double(unknowns)
            guard scale > 0 else {
                result.objective = 0
                return
            }
            var squares = 0.0, mean = 0.0, second = 0.0, sum = 0.0
            for i in 0..<problem.n where problem.prior[i] > 0 {
                let u = problem.residual[i] / scale
                let psi = u * options.loss.weight(u, tuning), slope = options.loss.curvature(u, tuning)
                squares += psi * psi
                mean += slope
                second += slope * slope
                sum += problem.prior[i] * options.loss.rho(u, tuning)
            }
            result.objective = sum * scale * scale
            mean /= n
            let variance = max(second / n - mean * mean, 0)
            guard freedom > 0, mean > 0 else { return }
            let factor = 1 + Double(unknowns) * variance / (n * mean * mean)
            let deviation = factor * (squares / freedom).squareRoot() * scale / mean
            // (X' X)^-1 from the standard errors of the plain fit.
            let plain = try problem.linear(problem.residual, problem.prior)
            let rss = try plain.residualSumOfSquares.item()
            guard plain.degreesOfFreedom > 0, rss > 0 else { return }
            let unit = (rss / Double(plain.degreesOfFreedom)).squareRoot()
            try plain.standardErrors.write(as: .float64, to: result.errors)
            for j in 0..<problem.p { result.errors[j] *= deviation / unit }
            if problem.intercept {
                result.interceptStandardError = try plain.interceptStandardError.item() * deviation / unit
            }
        }
    }
}
