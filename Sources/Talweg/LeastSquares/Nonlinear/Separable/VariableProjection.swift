/// Separable nonlinear least squares, y ~ sum_k c_k phi_k(alpha), by variable projection: for each alpha the best c is
/// found by linear least squares, and what is left is a function of alpha alone (Golub and Pereyra, "The
/// differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate", SIAM J. Numer.
/// Anal. 10, 1973).
public enum VariableProjection {
    /// - Parameters:
    ///   - y: as many numbers as the basis has points
    ///   - sigma: their standard deviations, as many or one; nil: ones
    ///   - start: alpha [p]
    ///   - options: of alpha; the loss must be the linear one
    ///   - simplified: with Kaufman's Jacobian (BIT 15, 1975), cheaper and nearly as good where residuals are small
    /// - Returns: the fit of all parameters, alpha [p] and behind it c: their covariance is that of the whole problem
    public static func fit(
        _ basis: any BasisFunctions, _ y: Tensor, sigma: Tensor? = nil, start: Tensor,
        _ options: NonlinearOptions = NonlinearOptions(), simplified: Bool = false
    ) throws(TalwegError) -> NonlinearResult {
        guard options.loss == .linear else {
            throw .unsupported("variable_projection: a loss other than the linear one")
        }
        let p = start.count, n = basis.functions
        let data = try SeparableData(basis, y, sigma: sigma, parameters: p, options)
        let projected = try ProjectedResiduals(data, simplified: simplified)
        let solver = try NonlinearSolver(projected, start, options)
        try solver.run()
        // The whole problem where that ended.
        let point = try View(uninitialized: Shape([p + n]), .float64)
        let x = point.pointer(as: Double.self)
        x.update(from: solver.x, count: p)
        try projected.coefficients(solver.x, x + p)
        var whole = NonlinearOptions()
        whole.maxEvaluations = 1
        whole.polish = false
        whole.lower = try extended(options.lower, by: n, -.infinity)
        whole.upper = try extended(options.upper, by: n, .infinity)
        whole.fixed = try extended(options.fixed, by: n, 0)
        let end = try NonlinearSolver(SeparableResiduals(data), Tensor(point), whole)
        try end.run()
        return try NonlinearResult(end, path: solver)
    }

    private static func extended(_ tensor: Tensor?, by n: Int, _ value: Double) throws(TalwegError) -> Tensor? {
        guard let tensor else { return nil }
        let own = try tensor.detach().cast(to: .float64).reshape([tensor.count])
        return try Tensor.concatenate([own, Tensor.full(Shape([n]), value, .float64)], axis: 0)
    }
}

/// phi(alpha) c(alpha) - y with the best c, as a function of alpha.
private final class ProjectedResiduals: ResidualFunction {
    private let data: SeparableData
    private let simplified: Bool
    private let order: UnsafeMutablePointer<Int>
    private let c, room, target, part, r: UnsafeMutablePointer<Double>
    private let space: Storage

    var count: Int { data.m }

    init(_ data: SeparableData, simplified: Bool) throws(TalwegError) {
        (self.data, self.simplified) = (data, simplified)
        let n = data.n
        space = try Storage(byteCount: slabBytes(n, n, n, n, n, n, data.m, data.m))
        var slab = Slab(space.pointer)
        (c, order, room, part) = (slab.doubles(n), slab.integers(n), slab.doubles(3 * n), slab.doubles(n))
        (target, r) = (slab.doubles(data.m), slab.doubles(data.m))
    }

    /// The factors of phi, which they take the place of, and c; nil where phi is not finite.
    private func solve(_ alpha: UnsafePointer<Double>) throws(TalwegError) -> PivotedQR<Double>? {
        guard try data.evaluate(alpha) else { return nil }
        let m = data.m, n = data.n
        target.update(from: data.y, count: m)
        let qr = try PivotedQR(
            data.phi, ColumnMajor(target, rows: m, columns: 1), order: order, room: room,
            tolerance: Double(max(m, n)) * Double.ulpOfOne)
        part.update(from: target, count: min(m, n))
        UpperTriangle(data.phi, size: qr.rank).solve(part)
        // Of functions that depend on each other the last ones count nothing.
        for k in 0..<n { c[order[k]] = k < qr.rank ? part[k] : 0 }
        return qr
    }

    func coefficients(_ alpha: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) throws(TalwegError) {
        guard try solve(alpha) != nil else {
            throw .numeric("variable_projection: the basis is not finite where the fit ended")
        }
        out.update(from: c, count: data.n)
    }

    func residuals(_ alpha: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        guard try solve(alpha) != nil, try data.evaluate(alpha) else {
            return r.update(repeating: .nan, count: data.m)
        }
        data.residuals(c, r)
    }

    func jacobian(_ alpha: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        try data.derive(alpha)
        try residuals(alpha, r)
        guard let qr = try solve(alpha) else {
            columns.update(repeating: .nan, count: data.m * data.p)
            return true
        }
        let m = data.m, triangle = UpperTriangle(data.phi, size: qr.rank)
        for j in 0..<data.p {
            // P' D_j c, off the columns of phi,
            let own = columns + j * m
            data.slope(j, c, own)
            qr.applyTransposed(own)
            own.update(repeating: 0, count: qr.rank)
            if !simplified {
                // and - (phi^+)' D_j' r, along them.
                data.slopeTransposed(j, r, part)
                for k in 0..<qr.rank { own[k] = part[order[k]] }
                triangle.solveTransposed(own)
                for k in 0..<qr.rank { own[k] = -own[k] }
            }
            qr.applyQ(own)
        }
        return true
    }
}

/// phi(alpha) c - y as a function of alpha and c.
private final class SeparableResiduals: ResidualFunction {
    private let data: SeparableData

    var count: Int { data.m }

    init(_ data: SeparableData) { self.data = data }

    func residuals(_ x: UnsafePointer<Double>, _ r: UnsafeMutablePointer<Double>) throws(TalwegError) {
        guard try data.evaluate(x) else { return r.update(repeating: .nan, count: data.m) }
        data.residuals(x + data.p, r)
    }

    func jacobian(_ x: UnsafePointer<Double>, _ columns: UnsafeMutablePointer<Double>) throws(TalwegError) -> Bool {
        try data.derive(x)
        _ = try data.evaluate(x)
        for j in 0..<data.p { data.slope(j, x + data.p, columns + j * data.m) }
        for k in 0..<data.n { (columns + (data.p + k) * data.m).update(from: data.phi.column(k), count: data.m) }
        return true
    }
}
