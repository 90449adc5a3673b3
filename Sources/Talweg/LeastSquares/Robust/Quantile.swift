import TalwegKernels

extension Robust {
    /// Quantile regression (Koenker and Bassett, Econometrica 46, 1978; at 1/2, least absolute deviations): b, c that
    /// minimise sum_i w_i r_i (quantile - [r_i < 0]), r_i = y_i - x_i . b - c, by the interior-point method of Portnoy
    /// and Koenker (Statistical Science 12, 1997) on the bounded dual problem, with Mehrotra's corrector; then by the
    /// plane through the nearest rows, where that is a solution too.
    public static func quantile(
        _ X: Tensor, _ y: Tensor, quantile tau: Double = 0.5, intercept: Bool = true, weights: Tensor? = nil,
        tolerance: Double = 1e-10, maxIterations: Int = 100
    ) throws(TalwegError) -> RobustResult {
        guard tau > 0, tau < 1 else {
            throw .invalid("quantile: the quantile is \(tau); it must be above 0 and below 1")
        }
        guard tolerance >= 0 else { throw .invalid("quantile: tolerance is \(tolerance); it must not be negative") }
        guard maxIterations >= 0 else {
            throw .invalid("quantile: max_iterations is \(maxIterations); it must not be negative")
        }
        let problem = try RobustProblem(X, y, weights: weights, intercept: intercept, "quantile")
        let solver = try QuantileSolver(problem, tau)
        try solver.run(tolerance, maxIterations)
        try solver.toVertex()
        let result = try RobustResult(problem, dtype: X.dtype)
        result.iterations = solver.iterations
        result.stopReason = solver.reason
        result.objective = solver.loss()
        var total = 0.0, size = 0.0
        for i in 0..<problem.n {
            total += problem.prior[i]
            size = max(size, problem.y[i].magnitude)
        }
        result.scale = result.objective / total
        for i in 0..<problem.n { result.weights[i] = problem.residual[i].magnitude <= 1e-10 * size ? 1 : 0 }
        return result
    }
}

/// The dual: maximise y' x over X' x = (1 - tau) X' w, 0 <= x <= w, whose multipliers are the coefficients.
private final class QuantileSolver {
    private let problem: RobustProblem
    private let tau: Double
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations
    /// The dual variables, what they are below their bounds, both's multipliers, and what belongs to a step; [n] each.
    private let x, s, z, w, dx, dz, dw, q, target, along, cross: UnsafeMutablePointer<Double>
    private let step: UnsafeMutablePointer<Double>
    private let space: Storage

    init(_ problem: RobustProblem, _ tau: Double) throws(TalwegError) {
        self.problem = problem
        self.tau = tau
        let n = problem.n
        space = try Storage(byteCount: slabBytes(n, n, n, n, n, n, n, n, n, n, n, problem.p))
        var slab = Slab(space.pointer)
        x = slab.doubles(n)
        s = slab.doubles(n)
        z = slab.doubles(n)
        w = slab.doubles(n)
        dx = slab.doubles(n)
        dz = slab.doubles(n)
        dw = slab.doubles(n)
        q = slab.doubles(n)
        target = slab.doubles(n)
        along = slab.doubles(n)
        cross = slab.doubles(n)
        step = slab.doubles(problem.p)
    }

    /// The loss of the present residuals.
    func loss() -> Double {
        var sum = 0.0
        for i in 0..<problem.n {
            let r = problem.residual[i]
            sum += problem.prior[i] * (r >= 0 ? tau * r : (tau - 1) * r)
        }
        return sum
    }

    func run(_ tolerance: Double, _ most: Int) throws(TalwegError) {
        let n = problem.n
        try problem.take(problem.linear(problem.y, problem.prior))
        var size = 0.0, total = 0.0
        for i in 0..<n {
            size += problem.prior[i] * problem.residual[i].magnitude
            total += problem.prior[i]
        }
        let spread = size / total
        if spread == 0 {
            reason = .tolerance
            return
        }
        for i in 0..<n {
            let bound = problem.prior[i]
            x[i] = (1 - tau) * bound
            s[i] = tau * bound
            // The residual's parts of either sign, kept off zero.
            let r = -problem.residual[i]
            z[i] = max(r, 0) + 1e-3 * spread
            w[i] = max(-r, 0) + 1e-3 * spread
        }
        while iterations < most {
            var gap = 0.0
            for i in 0..<n where problem.prior[i] > 0 { gap += z[i] * x[i] + w[i] * s[i] }
            if gap <= tolerance * size {
                reason = .tolerance
                return
            }
            iterations += 1
            for i in 0..<n {
                let used = problem.prior[i] > 0
                q[i] = used ? 1 / (z[i] / x[i] + w[i] / s[i]) : 0
                target[i] = z[i] - w[i]
            }
            // In multiplier's sign: coefficients are minus the dual's, so that r = -(y - X b).
            try solve()
            for i in 0..<n where problem.prior[i] > 0 {
                dx[i] = q[i] * (along[i] - target[i])
                dz[i] = -z[i] * (1 + dx[i] / x[i])
                dw[i] = -w[i] * (1 - dx[i] / s[i])
            }
            var (primal, dual) = lengths()
            if min(primal, dual) < 1 {
                var next = 0.0, count = 0.0
                for i in 0..<n where problem.prior[i] > 0 {
                    next += (z[i] + dual * dz[i]) * (x[i] + primal * dx[i])
                    next += (w[i] + dual * dw[i]) * (s[i] - primal * dx[i])
                    count += 2
                }
                let share = next / gap
                let mu = gap * share * share * share / count
                for i in 0..<n where problem.prior[i] > 0 {
                    // dx dz / x - ds dw / s less the centring.
                    cross[i] = dx[i] * dz[i] / x[i] + dx[i] * dw[i] / s[i] - mu * (1 / x[i] - 1 / s[i])
                    target[i] += cross[i]
                }
                try solve()
                for i in 0..<n where problem.prior[i] > 0 {
                    let (first, second) = (dx[i] * dz[i], -dx[i] * dw[i])
                    dx[i] = q[i] * (along[i] - target[i])
                    dz[i] = (mu - first - z[i] * dx[i]) / x[i] - z[i]
                    dw[i] = (mu - second + w[i] * dx[i]) / s[i] - w[i]
                }
                (primal, dual) = lengths()
            }
            for i in 0..<n where problem.prior[i] > 0 {
                x[i] += primal * dx[i]
                s[i] -= primal * dx[i]
                z[i] += dual * dz[i]
                w[i] += dual * dw[i]
                guard x[i] > 0, s[i] > 0, z[i] >= 0, w[i] >= 0 else { return try settle(dual) }
            }
            try settle(dual)
            guard gap.isFinite else { throw .numeric("quantile: a step is not finite in iteration \(iterations)") }
        }
    }

    /// Takes the step of the coefficients.
    private func settle(_ share: Double) throws(TalwegError) {
        for j in 0..<problem.p { problem.b[j] -= share * step[j] }
        problem.c -= share * stepOfIntercept
        try problem.setResiduals()
    }

    private var stepOfIntercept = 0.0

    /// The weighted least-squares fit of the target: the step, and X step in `along`.
    private func solve() throws(TalwegError) {
        let fit = try problem.linear(target, q)
        try fit.coefficients.write(as: .float64, to: step)
        stepOfIntercept = try fit.intercept.item()
        try problem.predict(step, stepOfIntercept, along)
    }

    /// How far the step may go, of the dual variables and of their multipliers.
    private func lengths() -> (Double, Double) {
        var primal = 1 / 0.9995, dual = 1 / 0.9995
        for i in 0..<problem.n where problem.prior[i] > 0 {
            if dx[i] < 0 { primal = min(primal, -x[i] / dx[i]) }
            if dx[i] > 0 { primal = min(primal, s[i] / dx[i]) }
            if dz[i] < 0 { dual = min(dual, -z[i] / dz[i]) }
            if dw[i] < 0 { dual = min(dual, -w[i] / dw[i]) }
        }
        return (min(0.9995 * primal, 1), min(0.9995 * dual, 1))
    }

    /// A solution goes through as many rows as there are unknowns: the nearest ones give it to the last digit.
    func toVertex() throws(TalwegError) {
        let n = problem.n, unknowns = problem.rank + (problem.intercept ? 1 : 0)
        guard n > unknowns, unknowns > 0 else { return }
        let before = loss()
        let kept = try Workspace(byteCount: slabBytes(problem.p, n))
        var slab = Slab(kept.pointer)
        let b = slab.doubles(problem.p), order = slab.integers(n)
        b.update(from: problem.b, count: problem.p)
        let c = problem.c
        for i in 0..<n { order[i] = i }
        var sorted = UnsafeMutableBufferPointer(start: order, count: n)
        sorted.sort { problem.residual[$0].magnitude < problem.residual[$1].magnitude }
        q.update(repeating: 0, count: n)
        var taken = 0
        for i in 0..<n where taken < unknowns && problem.prior[order[i]] > 0 {
            q[order[i]] = 1
            taken += 1
        }
        let fit = try problem.linear(problem.y, q)
        try problem.take(fit)
        if fit.rank == unknowns - (problem.intercept ? 1 : 0), loss() <= before + 1e-9 * before.magnitude { return }
        problem.b.update(from: b, count: problem.p)
        problem.c = c
        try problem.setResiduals()
    }
}
