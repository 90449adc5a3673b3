/// Least squares of large systems by products with the matrix alone.
public enum IterativeLeastSquares {
    /// The x of least |A x - b|^2 + d^2 |x|^2.
    /// - Parameter b: [rows], finite
    public static func solve(_ a: any LinearMap, _ b: Tensor, _ options: IterativeOptions = IterativeOptions())
        throws(TalwegError) -> IterativeResult
    {
        try options.check()
        let solver = try IterativeSolver(a, b, options)
        switch options.method {
        case .lsqr: return try solver.lsqr()
        case .cgls: return try solver.cgls()
        }
    }
}

/// The vectors of an iteration.
private final class IterativeSolver {
    let a: any LinearMap
    let options: IterativeOptions
    let m, n, limit: Int
    let x, u, v, w, image, back: UnsafeMutablePointer<Double>
    private let space: Storage
    private let vectors = MatrixKernels<Double>()
    private let rightNorm: Double

    init(_ a: any LinearMap, _ b: Tensor, _ options: IterativeOptions) throws(TalwegError) {
        (self.a, self.options, m, n) = (a, options, a.rows, a.columns)
        guard b.count == m else { throw .shape("lsqr: b has \(b.count) numbers for \(m) rows") }
        // Sizes that there is memory for can be multiplied.
        space = try Storage(byteCount: slabBytes(m, m, n, n, n, n))
        limit = options.maxIterations > 0 ? options.maxIterations : 4 * n + 100
        var slab = Slab(space.pointer)
        (u, image) = (slab.doubles(m), slab.doubles(m))
        (x, v, w, back) = (slab.doubles(n), slab.doubles(n), slab.doubles(n), slab.doubles(n))
        try IterativeSolver.copy(b, to: u, m, "b")
        rightNorm = vectors.norm(m, u)
        x.update(repeating: 0, count: n)
        if let start = options.start {
            guard start.count == n else { throw .shape("lsqr: x0 has \(start.count) numbers for \(n) columns") }
            try IterativeSolver.copy(start, to: x, n, "x0")
            // u = b - A x
            try a.multiply(x, image)
            vectors.axpy(m, -1, image, u)
        }
    }

    private static func copy(_ tensor: Tensor, to target: UnsafeMutablePointer<Double>, _ count: Int, _ name: String)
        throws(TalwegError)
    {
        let values = try tensor.detach().cast(to: .float64).view.contiguous()
        target.update(from: values.pointer(as: Double.self), count: count)
        withExtendedLifetime(values) {}
        for i in 0..<count where !target[i].isFinite { throw .numeric("lsqr: \(name) has \(target[i]) at \(i)") }
    }

    private func finite(_ number: Double) throws(TalwegError) {
        guard number.isFinite else { throw .numeric("lsqr: a product with the matrix is not finite") }
    }

    private func result(
        _ stop: IterativeStop, _ iterations: Int, _ residual: Double, _ gradient: Double, norm: Double = .nan,
        condition: Double = .nan
    ) throws(TalwegError) -> IterativeResult {
        let view = try View(uninitialized: Shape([n]), .float64)
        view.pointer(as: Double.self).update(from: x, count: n)
        return IterativeResult(
            x: Tensor(view), stop: stop, iterations: iterations, residualNorm: residual, gradientNorm: gradient,
            solutionNorm: vectors.norm(n, x), matrixNorm: norm, condition: condition)
    }

    /// Golub and Kahan's bidiagonalisation from u; x moves by the rotations that make it triangular. With a start and
    /// damping, the correction is what is damped.
    func lsqr() throws(TalwegError) -> IterativeResult {
        let damp = options.damp
        var beta = vectors.norm(m, u)
        var alpha = 0.0
        if beta > 0 {
            vectors.scale(m, 1 / beta, u)
            try a.multiplyTransposed(u, v)
            alpha = vectors.norm(n, v)
            try finite(alpha)
        }
        if alpha == 0 || beta == 0 { return try result(.start, 0, beta, 0) }
        vectors.scale(n, 1 / alpha, v)
        w.update(from: v, count: n)
        var (rhoBar, phiBar) = (alpha, beta)
        var (squares, inverseSquares, damped) = (0.0, 0.0, 0.0)
        var (norm, condition, residual, gradient) = (0.0, 0.0, beta, alpha * beta)
        // Of |x|: the rotations from the right.
        var (turn, solutionSquares, z) = (PlaneRotation(c: -1, s: 0), 0.0, 0.0)
        for iteration in 1...limit {
            try a.multiply(v, image)
            vectors.axpy(m, -alpha, u, image)
            u.update(from: image, count: m)
            beta = vectors.norm(m, u)
            try finite(beta)
            squares += alpha * alpha + beta * beta + damp * damp
            norm = squares.squareRoot()
            if beta > 0 {
                vectors.scale(m, 1 / beta, u)
                try a.multiplyTransposed(u, back)
                vectors.axpy(n, -beta, v, back)
                v.update(from: back, count: n)
                alpha = vectors.norm(n, v)
                try finite(alpha)
                if alpha > 0 { vectors.scale(n, 1 / alpha, v) }
            } else {
                alpha = 0
            }
            // The damping goes, then beta.
            let (away, rhoOne) = PlaneRotation.eliminating(rhoBar, damp)
            let psi = away.s * phiBar
            phiBar *= away.c
            let (rotation, rho) = PlaneRotation.eliminating(rhoOne, beta)
            let theta = rotation.s * alpha
            rhoBar = -rotation.c * alpha
            let phi = rotation.c * phiBar
            phiBar *= rotation.s
            let share = vectors.norm(n, w) / rho
            inverseSquares += share * share
            vectors.axpy(n, phi / rho, w, x)
            vectors.scale(n, -theta / rho, w)
            vectors.axpy(n, 1, v, w)

            let delta = turn.s * rho, gammaBar = -turn.c * rho
            let right = phi - delta * z
            let zBar = gammaBar == 0 ? 0 : right / gammaBar
            let size = (solutionSquares + zBar * zBar).squareRoot()
            let gamma = length(gammaBar, theta)
            turn = gamma == 0 ? turn : PlaneRotation(c: gammaBar / gamma, s: theta / gamma)
            z = gamma == 0 ? 0 : right / gamma
            solutionSquares += z * z

            condition = norm * inverseSquares.squareRoot()
            damped += psi * psi
            residual = (phiBar * phiBar + damped).squareRoot()
            gradient = alpha * (rotation.s * phi).magnitude
            if let callback = options.callback, callback(iteration, residual, gradient) {
                return try result(.callback, iteration, residual, gradient, norm: norm, condition: condition)
            }
            let enough = options.rightTolerance * rightNorm + options.matrixTolerance * norm * size
            var stop: IterativeStop?
            if options.conditionLimit > 0, condition >= options.conditionLimit { stop = .condition }
            if gradient <= options.matrixTolerance * norm * residual { stop = .leastSquares }
            if residual <= enough { stop = .solved }
            if let stop { return try result(stop, iteration, residual, gradient, norm: norm, condition: condition) }
        }
        return try result(.iterations, limit, residual, gradient, norm: norm, condition: condition)
    }

    func cgls() throws(TalwegError) -> IterativeResult {
        let d = options.damp * options.damp
        // v = A' r - d x, the descent; w the direction.
        func descent() throws(TalwegError) -> Double {
            try a.multiplyTransposed(u, v)
            vectors.axpy(n, -d, x, v)
            let norm = vectors.norm(n, v)
            try finite(norm)
            return norm
        }
        func residual() -> Double { length(vectors.norm(m, u), options.damp * vectors.norm(n, x)) }
        var gradient = try descent()
        let first = gradient
        if first == 0 { return try result(.start, 0, residual(), 0) }
        w.update(from: v, count: n)
        for iteration in 1...limit {
            try a.multiply(w, image)
            let curvature = vectors.dot(m, image, image) + d * vectors.dot(n, w, w)
            try finite(curvature)
            if curvature == 0 { return try result(.leastSquares, iteration, residual(), gradient) }
            let step = gradient * gradient / curvature
            vectors.axpy(n, step, w, x)
            vectors.axpy(m, -step, image, u)
            let before = gradient
            gradient = try descent()
            let rest = residual()
            if let callback = options.callback, callback(iteration, rest, gradient) {
                return try result(.callback, iteration, rest, gradient)
            }
            if rest <= options.rightTolerance * rightNorm { return try result(.solved, iteration, rest, gradient) }
            if gradient <= options.matrixTolerance * first {
                return try result(.leastSquares, iteration, rest, gradient)
            }
            vectors.scale(n, (gradient / before) * (gradient / before), w)
            vectors.axpy(n, 1, v, w)
        }
        return try result(.iterations, limit, residual(), gradient)
    }
}
