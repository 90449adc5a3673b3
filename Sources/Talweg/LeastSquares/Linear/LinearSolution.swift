import TalwegKernels

/// What a solver finds, in the scaled units of its `LinearSystem`.
final class LinearSolution {
    let p: Int
    let k: Int
    var rank = 0
    /// nil: to be estimated from the covariance's factor.
    var condition: Double?
    /// [k][p], row-major.
    let coefficients: UnsafeMutablePointer<Double>
    /// [k]
    let intercept: UnsafeMutablePointer<Double>
    /// Weighted residual sums of squares, [k].
    let rss: UnsafeMutablePointer<Double>
    /// Weighted sums of squares about the mean, or about 0, [k].
    let total: UnsafeMutablePointer<Double>
    /// Variances of the coefficients for residuals of variance 1, [p].
    let variance: UnsafeMutablePointer<Double>
    /// Variance of the intercept for residuals of variance 1.
    var interceptVariance = Double.nan
    /// Norms of the prepared columns, [p].
    let norms: UnsafeMutablePointer<Double>
    /// Of the prepared matrix in the units of the data, float64 [min(n, p)], of a singular value decomposition.
    var singularValues: View?
    /// nil for a rank of 0.
    var covariance: CovarianceFactor?
    private let space: Workspace

    init(p: Int, k: Int) throws(TalwegError) {
        self.p = p
        self.k = k
        let (area, overflow) = p.multipliedReportingOverflow(by: k)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Workspace(byteCount: slabBytes(area, k, k, k, p, p))
        var slab = Slab(space.pointer)
        coefficients = slab.doubles(area)
        intercept = slab.doubles(k)
        rss = slab.doubles(k)
        total = slab.doubles(k)
        variance = slab.doubles(p)
        norms = slab.doubles(p)
        coefficients.update(repeating: 0, count: area)
        intercept.update(repeating: 0, count: k)
        variance.update(repeating: 0, count: p)
        norms.update(repeating: 0, count: p)
    }

    /// Intercepts that belong to the coefficients: mean of y less the means' part, in twofold arithmetic.
    func setIntercepts(_ problem: LinearSystem) {
        guard problem.intercept else { return }
        for t in 0..<k {
            var sum = Twofold(problem.mean[p + t], problem.meanRest[p + t])
            let b = coefficients + t * p
            for j in 0..<p {
                sum.addProduct(-problem.mean[j], b[j])
                sum.low -= problem.meanRest[j] * b[j]
            }
            intercept[t] = sum.value
        }
    }
}

extension LinearSolution {
    /// Takes a covariance's factor, and the variances from it.
    func setVariances(_ factor: CovarianceFactor, _ problem: LinearSystem) {
        covariance = factor
        factor.variances(variance, p)
        guard problem.intercept else { return }
        interceptVariance = 1 / problem.sumOfWeights + factor.variance(along: problem.mean)
    }
}

/// A triangular factor of the normal equations' matrix: R' R = P' D (A' A + ridge) D P.
struct NormalFactor {
    let triangle: UpperTriangle
    /// Which column each column of R is.
    let order: UnsafeMutablePointer<Int>
    /// D, by A's columns.
    let factor: UnsafeMutablePointer<Double>
    /// Room for 2 p numbers.
    let scratch: UnsafeMutablePointer<Double>

    init(
        _ triangle: UpperTriangle, order: UnsafeMutablePointer<Int>, factor: UnsafeMutablePointer<Double>,
        scratch: UnsafeMutablePointer<Double>
    ) {
        self.triangle = triangle
        self.order = order
        self.factor = factor
        self.scratch = scratch
    }

    /// out = (A' A + ridge)^-1 g
    func solve(_ g: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) {
        gather(g)
        // Divisions that wait for each other take longer than all the rest of a small triangle.
        let size = triangle.size, reciprocal = scratch + size
        for i in 0..<size { reciprocal[i] = 1 / triangle.matrix[i, i] }
        triangle.solveTransposed(scratch, reciprocal: reciprocal)
        triangle.solve(scratch, count: size, reciprocal: reciprocal)
        scatter(to: out)
    }

    /// scratch = P' D g
    func gather(_ g: UnsafePointer<Double>) {
        for j in 0..<triangle.size { scratch[j] = g[order[j]] * factor[order[j]] }
    }

    /// out = D P scratch
    func scatter(to out: UnsafeMutablePointer<Double>) {
        for j in 0..<triangle.size { out[order[j]] = scratch[j] * factor[order[j]] }
    }

    /// Sets the variances for unbiased estimates, diag((A' A)^-1), and the intercept's.
    func setVariances(of solution: LinearSolution, _ problem: LinearSystem) throws(TalwegError) {
        let covariance = try CovarianceFactor(columns: triangle.size, rank: triangle.size, shared: true)
        setInverse(covariance.hat)
        solution.setVariances(covariance, problem)
    }

    /// The condition of R with its columns scaled to norm 1 by `scaling`, in R's order.
    func condition(scaling: UnsafePointer<Double>) -> Double {
        let size = triangle.size
        func scale(_ x: UnsafeMutablePointer<Double>) {
            for j in 0..<size { x[j] *= scaling[j] }
        }
        func unscale(_ x: UnsafeMutablePointer<Double>) {
            for j in 0..<size { x[j] /= scaling[j] }
        }
        return estimateCondition(
            size: size, scratch: scratch,
            multiply: { x in
                scale(x)
                triangle.multiply(x)
                triangle.multiplyTransposed(x)
                scale(x)
            },
            solve: { x in
                unscale(x)
                triangle.solveTransposed(x)
                triangle.solve(x)
                unscale(x)
            })
    }
}
