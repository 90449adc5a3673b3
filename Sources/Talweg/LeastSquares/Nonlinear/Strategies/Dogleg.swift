/// Powell's dogleg: along the gradient to the model's least value there, then towards the Gauss-Newton step, as far as
/// the trust region's radius (Powell 1970; Nocedal and Wright, Numerical Optimization, 2nd ed., 4.1).
struct Dogleg {
    /// p numbers each.
    let gradient, image: UnsafeMutablePointer<Double>

    func step(_ model: LinearModel, radius: Double, _ w: UnsafeMutablePointer<Double>) {
        let n = model.size, vectors = MatrixKernels<Double>()
        model.gaussNewton(w)
        let full = vectors.norm(n, w)
        if full <= radius { return }
        model.multiplyTransposed(model.q, gradient)
        model.multiply(gradient, image)
        let slope = vectors.norm(n, gradient), curvature = vectors.norm(model.rank, image)
        if slope == 0 { return }
        // Cauchy's step, -t g.
        let t = curvature == 0 ? .infinity : (slope / curvature) * (slope / curvature)
        let length = t * slope
        if length >= radius {
            for j in 0..<n { w[j] = -gradient[j] * (radius / slope) }
            return
        }
        // The point of the second leg, c + b (w - c), on the region's border.
        var along = 0.0, squares = 0.0
        for j in 0..<n {
            let c = -t * gradient[j], leg = w[j] - c
            along += c * leg
            squares += leg * leg
        }
        let rest = radius * radius - length * length
        let root = (along * along + squares * rest).squareRoot()
        let b = along > 0 ? rest / (along + root) : squares > 0 ? (root - along) / squares : 0
        for j in 0..<n {
            let c = -t * gradient[j]
            w[j] = c + b * (w[j] - c)
        }
    }
}
