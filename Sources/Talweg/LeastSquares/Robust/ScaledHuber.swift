import TalwegKernels

/// What Huber's estimate with its scale takes.
public struct ScaledHuberOptions {
    /// Residuals up to this many scales count by their squares, above by their magnitudes; 1 or more.
    public var epsilon = 1.35
    /// Times |b|^2.
    public var penalty = 0.0
    public var intercept = true
    /// Row weights [n], 0 or more; nil: all 1.
    public var weights: Tensor?
    /// Stop when a step promises less than this share of the objective.
    public var tolerance = 1e-13
    public var maxIterations = 100

    public init() {}

    func check() throws(TalwegError) {
        guard epsilon >= 1, epsilon.isFinite else {
            throw .invalid("huber: epsilon is \(epsilon); it must be finite and 1 or more")
        }
        guard penalty >= 0, penalty.isFinite else {
            throw .invalid("huber: penalty is \(penalty); it must be finite and not negative")
        }
        guard tolerance >= 0 else { throw .invalid("huber: tolerance is \(tolerance); it must not be negative") }
        guard maxIterations >= 0 else {
            throw .invalid("huber: max_iterations is \(maxIterations); it must not be negative")
        }
    }
}

extension Robust {
    /// Huber's estimate of coefficients and scale at once (Huber, Robust Statistics, 1981, 7.7; with the penalty of
    /// Owen, "A robust hybrid of lasso and ridge regression", Contemporary Mathematics 443, 2007): b, c and s that
    /// minimise
    ///
    ///     sum_i w_i (s + s h(r_i / s)) + penalty |b|^2,  h(z) = z^2 for |z| <= epsilon, else 2 epsilon |z| - epsilon^2
    ///
    /// which is convex, by Newton's method: in each iteration the rows within epsilon s make the curvature.
    public static func scaledHuber(_ X: Tensor, _ y: Tensor, _ options: ScaledHuberOptions = ScaledHuberOptions())
        throws(TalwegError) -> RobustResult
    {
        try options.check()
        // Weights of its own, which the iterations change.
        let ones = try View.full(Shape([y.count], for: "huber"), 1, .float64)
        let data = try RegressionData(
            X, y, weights: options.weights ?? Tensor(ones), intercept: options.intercept, "huber")
        let solver = try ScaledHuberSolver(data, options)
        try solver.run()
        let result = try RobustResult(
            rows: data.n, columns: data.p, dtype: X.dtype, rank: solver.step.rank - (data.intercept ? 1 : 0))
        result.intercept = data.restore(solver.b, to: result.b)
        result.scale = solver.scale
        result.objective = solver.objective(solver.scale, 0, solver.b)
        result.iterations = solver.iterations
        result.stopReason = solver.reason
        for i in 0..<data.n {
            let size = solver.residual[i].magnitude, corner = options.epsilon * solver.scale
            result.weights[i] = size <= corner ? 1 : corner / size
        }
        return result
    }
}

private final class ScaledHuberSolver {
    let data: RegressionData
    let options: ScaledHuberOptions
    let pass: GLMPass
    let step: GLMStep
    /// Of columns as they are read, [width].
    let b: UnsafeMutablePointer<Double>
    private(set) var scale = 0.0
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations
    /// y - X b; X d of a step; row weights as given: [n] each.
    let residual: UnsafeMutablePointer<Double>
    private let along, prior, weights: UnsafeMutablePointer<Double>
    /// Vectors of a step, [width] each.
    private let pull, cross, u, v, d, trial: UnsafeMutablePointer<Double>
    /// A row as it is read.
    private let row: UnsafeMutablePointer<Double>
    private let isInner: UnsafeMutablePointer<Bool>
    /// Whether the pass's matrix is of the inner rows.
    private var matrixIsInner = false
    private var total = 0.0
    private var value = 0.0
    private let space: Storage
    /// As scikit-learn's, so that rows on a plane end there too.
    private static let leastScale = 10 * Double.ulpOfOne

    init(_ data: RegressionData, _ options: ScaledHuberOptions) throws(TalwegError) {
        self.data = data
        self.options = options
        guard let weights = data.weights else { throw TalwegError(.internal, "huber: the weights are not there") }
        self.weights = weights
        var gaussian = GLMOptions()
        gaussian.link = .identity
        pass = try GLMPass(data, GLMRows(gaussian), capacity: data.width)
        step = try GLMStep(width: data.width)
        let n = data.n, width = data.width
        space = try Storage(
            byteCount: slabBytes(
                n, n, n, n, width, width, width, width, width, width, width, data.rowStride))
        var slab = Slab(space.pointer)
        residual = slab.doubles(n)
        along = slab.doubles(n)
        prior = slab.doubles(n)
        isInner = slab.elements(n)
        b = slab.doubles(width)
        pull = slab.doubles(width)
        cross = slab.doubles(width)
        u = slab.doubles(width)
        v = slab.doubles(width)
        d = slab.doubles(width)
        trial = slab.doubles(width)
        row = slab.doubles(data.rowStride)
        prior.update(from: weights, count: n)
        for i in 0..<n { total += prior[i] }
        isInner.update(repeating: false, count: n)
        b.update(repeating: 0, count: width)
        residual.update(from: data.y, count: n)
    }

    func run() throws(TalwegError) {
        let n = data.n, width = data.width
        // From least squares.
        setPenalty(1)
        try factorise(u)
        b.update(from: u, count: width)
        try setAlong(b)
        var squares = 0.0
        for i in 0..<n {
            residual[i] = data.y[i] - along[i]
            squares += prior[i] * residual[i] * residual[i]
        }
        guard squares.isFinite else { throw .numeric("huber: the squares of the residuals are beyond float64") }
        scale = max((squares / total).squareRoot(), ScaledHuberSolver.leastScale)
        value = objective(scale, 0, b)
        while iterations < options.maxIterations {
            iterations += 1
            let before = value
            let (promise, share) = try newton()
            // Near an epsilon of 1 the scale may go to 0, and with it the rows that bend the objective.
            if share < 0.25 { try reweight() }
            if value >= before || max(promise * share / 2, before - value) <= options.tolerance * value.magnitude {
                reason = .tolerance
                return
            }
        }
    }

    /// A step of Newton's method, or as much of it as lowers the objective: what it promised, and that share.
    private func newton() throws(TalwegError) -> (Double, Double) {
        let n = data.n, width = data.width, epsilon = options.epsilon, corner = epsilon * scale
        // psi of all rows is the pull on the coefficients; the inner rows alone bend the objective.
        var inner = 0.0, outer = 0.0
        for i in 0..<n {
            let size = residual[i].magnitude
            if size <= corner { inner += prior[i] * size * size } else { outer += prior[i] }
        }
        setPenalty(scale)
        try factorise(d, matrix: setInner(corner))
        for j in 0..<width {
            pull[j] = pass.gradient[j] - step.penalty[j] * b[j]
            cross[j] = pass.gradient[j] / scale
        }
        for i in 0..<n where residual[i].magnitude > corner && prior[i] > 0 {
            data.load(rows: i, 1, into: row)
            kernels.f64.axpy(width, residual[i] > 0 ? prior[i] * corner : -prior[i] * corner, row, pull)
        }
        step.solve(pull, u)
        step.solve(cross, v)
        // The equation of the scale, with the coefficients eliminated.
        let gain = (inner - scale * scale * (total - epsilon * epsilon * outer)) / 2
        let dot = kernels.f64.dot
        let bend = inner / scale - scale * dot(width, cross, 1, v, 1)
        var change = bend > 1e-10 * inner / scale
            ? (gain - scale * dot(width, cross, 1, u, 1)) / bend : gain > 0 ? scale : -scale
        change = min(max(change, -0.5 * scale), 9 * scale)
        if scale + change < ScaledHuberSolver.leastScale { change = ScaledHuberSolver.leastScale - scale }
        for j in 0..<width { d[j] = u[j] - change * v[j] }
        let promise = 2 / scale * dot(width, pull, 1, d, 1) + 2 * gain * change / (scale * scale)
        guard promise.isFinite else { throw .numeric("huber: a step is not finite in iteration \(iterations)") }
        try setAlong(d)
        var share = 1.0, next = moved(share, change)
        while !(next <= value - 1e-4 * share * promise), share > 1e-10 {
            share /= 2
            next = moved(share, change)
        }
        guard next <= value else { return (promise, 0) }
        take(share)
        scale += share * change
        value = next
        return (promise, share)
    }

    /// A step of iteratively reweighted least squares, which lowers the objective at the scale as it is, and the
    /// scale that is best then.
    private func reweight() throws(TalwegError) {
        let corner = options.epsilon * scale
        for i in 0..<data.n {
            let size = residual[i].magnitude
            weights[i] = size <= corner ? prior[i] : prior[i] * corner / size
        }
        setPenalty(scale)
        try factorise(d)
        matrixIsInner = false
        try setAlong(d)
        for j in 0..<data.width { trial[j] = b[j] + d[j] }
        // Not far at once: rows far out would never come back.
        let best = bestScale(from: max(scale / 2, ScaledHuberSolver.leastScale))
        let next = objective(best, 1, trial)
        guard next < value else { return }
        take(1)
        scale = best
        value = next
    }

    /// The best scale of the residuals after the whole step, or the least that is allowed: the objective's derivative
    /// by the scale rises with it.
    private func bestScale(from least: Double) -> Double {
        var low = least, high = 2 * least
        while derivative(high) < 0, high < 1e300 { (low, high) = (high, 2 * high) }
        for _ in 0..<52 {
            let middle = (low + high) / 2
            if derivative(middle) < 0 { low = middle } else { high = middle }
        }
        return high
    }

    /// By a scale, of the residuals after the whole step.
    private func derivative(_ scale: Double) -> Double {
        let epsilon = options.epsilon
        var inner = 0.0, outer = 0.0
        for i in 0..<data.n {
            let size = (residual[i] - along[i]).magnitude / scale
            if size <= epsilon { inner += prior[i] * size * size } else { outer += prior[i] }
        }
        return total - epsilon * epsilon * outer - inner
    }

    /// Gives the rows up to the corner their weights, and the others none. Where few rows changed sides since the last
    /// time, their products are added to the matrix or taken off; else it is to be made anew.
    private func setInner(_ corner: Double) -> Bool {
        let n = data.n, width = data.width
        var changed = 0
        for i in 0..<n where (residual[i].magnitude <= corner) != isInner[i] { changed += 1 }
        let anew = !matrixIsInner || changed > n / 8
        for i in 0..<n {
            let inside = residual[i].magnitude <= corner
            weights[i] = inside ? prior[i] : 0
            guard inside != isInner[i] else { continue }
            isInner[i] = inside
            if anew || prior[i] == 0 { continue }
            data.load(rows: i, 1, into: row)
            for j in 0..<width {
                let factor = (inside ? prior[i] : -prior[i]) * row[j]
                kernels.f64.axpy(j + 1, factor, row, pass.matrix + j * width)
            }
        }
        matrixIsInner = true
        return anew
    }

    private func take(_ share: Double) {
        for j in 0..<data.width { b[j] += share * d[j] }
        for i in 0..<data.n { residual[i] -= share * along[i] }
    }

    private func moved(_ share: Double, _ change: Double) -> Double {
        for j in 0..<data.width { trial[j] = b[j] + share * d[j] }
        return objective(scale + share * change, share, trial)
    }

    /// At residuals less `share` of the step's.
    func objective(_ scale: Double, _ share: Double, _ b: UnsafePointer<Double>) -> Double {
        let epsilon = options.epsilon
        var inner = 0.0, linear = 0.0, outer = 0.0
        for i in 0..<data.n {
            let size = share == 0 ? residual[i].magnitude : (residual[i] - share * along[i]).magnitude
            if size <= epsilon * scale {
                inner += prior[i] * size * size
            } else {
                linear += prior[i] * size
                outer += prior[i]
            }
        }
        var norm = 0.0
        for j in 0..<data.p { norm += b[j] * b[j] * data.scale[j] * data.scale[j] }
        return scale * (total - epsilon * epsilon * outer) + inner / scale + 2 * epsilon * linear
            + options.penalty * norm
    }

    /// The penalty's part of the equations, which are those of the squares: times the scale, in the columns' units.
    private func setPenalty(_ scale: Double) {
        for j in 0..<data.width {
            step.penalty[j] = j < data.p ? options.penalty * scale * data.scale[j] * data.scale[j] : 0
        }
    }

    /// Of the rows by their present weights; sets X' W (y - X b) in the pass, and the step to the squares' least.
    private func factorise(_ least: UnsafeMutablePointer<Double>, matrix: Bool = true) throws(TalwegError) {
        _ = pass.run(b, matrix: matrix)
        if try step.factorise(pass) {
            for j in 0..<data.width { trial[j] = pass.gradient[j] - step.penalty[j] * b[j] }
            step.solve(trial, least)
        } else {
            _ = try step.factoriseRows(pass, b, start: false, least)
        }
    }

    /// X by coefficients of columns as they are read.
    private func setAlong(_ b: UnsafePointer<Double>) throws(TalwegError) {
        guard data.isPlain, data.p > 0 else {
            pass.visit(b) { begin, count, block in along.advanced(by: begin).update(from: block.eta, count: count) }
            return
        }
        along.update(repeating: data.restore(b, to: row), count: data.n)
        let x = data.x
        try kernels.f64.multiply(
            MatrixBlock(
                x.pointer, rows: data.n, columns: data.p, rowStride: x.strides[0], columnStride: x.strides[1],
                itemSize: 8),
            MatrixBlock(row, rows: data.p, columns: 1, rowStride: 1, itemSize: 8), adding: 1,
            to: MatrixBlock(along, rows: data.n, columns: 1, rowStride: 1, itemSize: 8))
    }
}
