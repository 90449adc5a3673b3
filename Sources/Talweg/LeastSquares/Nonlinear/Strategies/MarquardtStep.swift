/// The step of least |R w + q| with |w| within a tenth of the trust region's radius, by the parameter lambda that gives
/// it: Newton's iteration on 1 / |w(lambda)|, kept between bounds (More 1978, algorithm 5.5; Hebden 1973).
struct MarquardtStep {
    let triangle: DampedTriangle
    /// p numbers.
    let scratch: UnsafeMutablePointer<Double>
    /// The last one's parameter; the next search begins there.
    var lambda = 0.0

    mutating func step(_ model: LinearModel, radius: Double, _ w: UnsafeMutablePointer<Double>) {
        let n = model.size, vectors = MatrixKernels<Double>()
        model.gaussNewton(w)
        var length = vectors.norm(n, w)
        var excess = length - radius
        if excess <= 0.1 * radius {
            lambda = 0
            return
        }
        var low = 0.0
        if model.rank == n {
            scratch.update(from: w, count: n)
            vectors.scale(n, 1 / length, scratch)
            UpperTriangle(model.factor, size: n).solveTransposed(scratch)
            let slope = vectors.norm(n, scratch)
            low = excess / radius / (slope * slope)
        }
        model.multiplyTransposed(model.q, scratch)
        let gradient = vectors.norm(n, scratch)
        var high = gradient / radius
        if high == 0 { high = Double.leastNormalMagnitude / min(radius, 0.1) }
        lambda = min(max(lambda, low), high)
        if lambda == 0 { lambda = gradient / length }
        for _ in 0..<12 {
            if lambda == 0 { lambda = max(.leastNormalMagnitude, 1e-3 * high) }
            triangle.solve(model, lambda, w)
            length = vectors.norm(n, w)
            let before = excess
            excess = length - radius
            // Within a tenth; or it is too short and, with no smaller parameter to take, gets shorter.
            if excess.magnitude <= 0.1 * radius || (low == 0 && excess <= before && before < 0) { return }
            if length == 0 { return }
            scratch.update(from: w, count: n)
            vectors.scale(n, 1 / length, scratch)
            triangle.solveTransposed(n, scratch)
            let slope = vectors.norm(n, scratch)
            let correction = excess / radius / (slope * slope)
            if excess > 0 { low = max(low, lambda) } else { high = min(high, lambda) }
            lambda = max(low, lambda + correction)
        }
    }

    /// The correction of the last step by half the acceleration, of least |J a + r''|^2 + lambda |a|^2, r'' the second
    /// derivative of the residuals along the step. `a` is P' D^-1 J' r'' before.
    func acceleration(_ model: LinearModel, _ a: UnsafeMutablePointer<Double>) {
        let n = model.size
        if lambda > 0 {
            triangle.solveTransposed(n, a)
            triangle.solveUpper(n, a)
        } else {
            for j in model.rank..<max(n, model.rank) { a[j] = 0 }
            let r = UpperTriangle(model.factor, size: model.rank)
            r.solveTransposed(a)
            r.solve(a)
        }
        for j in 0..<n { a[j] *= -0.5 }
    }
}
