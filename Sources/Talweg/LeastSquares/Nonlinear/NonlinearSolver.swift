import TalwegKernels

/// A trust-region fit of nonlinear residuals (More 1978), in steps that are cut off at the bounds: parameters that lie
/// on one and would leave stay out of the model (Kanzow, Yamashita and Fukushima, J. Comput. Appl. Math. 172, 2004).
final class NonlinearSolver {
    let function: any ResidualFunction
    let options: NonlinearOptions
    let m, p: Int
    /// [p]: the parameters, and where a step leads.
    let x, next: UnsafeMutablePointer<Double>
    /// [m]: the residuals there, and those of x in the weights of the loss.
    let r, trial, weighted: UnsafeMutablePointer<Double>
    /// [m, p], in the weights of the loss.
    let jacobian: ColumnMajor
    /// [p]: the scaled step in the order of the model, the gradient, D, and sizes for differences.
    let w, gradient, scale, size: UnsafeMutablePointer<Double>
    let lower, upper: UnsafeMutablePointer<Double>
    private let image, bend: UnsafeMutablePointer<Double>
    private let free: UnsafeMutablePointer<Int>
    private var freeCount = 0
    var model: LinearModel
    private var marquardt: MarquardtStep
    private let dogleg: Dogleg
    private var differences: Differences
    private let space: Storage
    private let vectors = MatrixKernels<Double>()

    private(set) var cost = 0.0
    private(set) var cosine = 0.0
    private(set) var iterations = 0
    private(set) var evaluations = 0
    private(set) var jacobians = 0
    private(set) var stop = NonlinearStop.evaluations
    private var byDifferences = false
    /// How many columns of the Jacobian at the end are independent, beyond its errors.
    var rank: Int {
        let error = !byDifferences ? 0 : differences.isCentral ? 1e-9 : 1e-6
        let least = error * (model.rank > 0 ? model.factor[0, 0].magnitude : 0)
        return (0..<model.rank).first { model.factor[$0, $0].magnitude <= least } ?? model.rank
    }
    private var radius = 0.0
    /// The trust region's radius in the units of the options' first one.
    var relativeRadius: Double {
        let length = scaledLength()
        return length > 0 && length.isFinite ? radius / length : radius
    }
    private var began = 0.0

    init(_ function: any ResidualFunction, _ start: Tensor, _ options: NonlinearOptions) throws(TalwegError) {
        try options.check()
        (self.function, self.options) = (function, options)
        m = function.count
        p = start.count
        guard start.rank <= 1, p >= 1 else {
            throw .shape("least_squares: the start is \(start.shape); needs a vector of parameters")
        }
        guard m >= 1 else { throw .shape("least_squares: there are no residuals") }
        let (area, overflow) = m.multipliedReportingOverflow(by: p)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        space = try Storage(
            byteCount: slabBytes(area, m, m, m, m, m, p, p, p, p, p, p, p, p) + slabBytes(p, p, p, p, p, p)
                + LinearModel.doubles(m, p) + DampedTriangle.doubles(p))
        var slab = Slab(space.pointer)
        jacobian = ColumnMajor(slab.doubles(area), rows: m, columns: p)
        (r, trial, weighted) = (slab.doubles(m), slab.doubles(m), slab.doubles(m))
        (x, next, w) = (slab.doubles(p), slab.doubles(p), slab.doubles(p))
        (gradient, scale, size) = (slab.doubles(p), slab.doubles(p), slab.doubles(p))
        (lower, upper) = (slab.doubles(p), slab.doubles(p))
        (image, bend, free) = (slab.doubles(p), slab.doubles(p), slab.integers(p))
        differences = Differences(
            isCentral: options.differences == .central, ahead: slab.doubles(m), behind: slab.doubles(m),
            lower: lower, upper: upper)
        dogleg = Dogleg(gradient: slab.doubles(p), image: slab.doubles(p))
        model = LinearModel(m, p, &slab)
        marquardt = MarquardtStep(triangle: DampedTriangle(p, &slab), scratch: slab.doubles(p))
        try take(start)
    }

    /// The start, the bounds and the scale.
    private func take(_ start: Tensor) throws(TalwegError) {
        try copy(start, to: x, "the start")
        lower.update(repeating: -.infinity, count: p)
        upper.update(repeating: .infinity, count: p)
        if let given = options.lower { try copy(given, to: lower, "the lower bounds", infinite: true) }
        if let given = options.upper { try copy(given, to: upper, "the upper bounds", infinite: true) }
        for j in 0..<p {
            guard lower[j] <= upper[j] else {
                throw .invalid("least_squares: parameter \(j): lower bound \(lower[j]) is above upper \(upper[j])")
            }
            guard x[j] >= lower[j], x[j] <= upper[j] else {
                throw .invalid("least_squares: parameter \(j) starts at \(x[j]), outside \(lower[j])...\(upper[j])")
            }
        }
        if let fixed = options.fixed {
            try copy(fixed, to: w, "fixed")
            for j in 0..<p where w[j] != 0 { (lower[j], upper[j]) = (x[j], x[j]) }
        }
        scale.update(repeating: 0, count: p)
        size.update(repeating: 1, count: p)
        if let given = options.scale {
            try copy(given, to: size, "the scale")
            for j in 0..<p {
                guard size[j] > 0 else { throw .invalid("least_squares: the scale of parameter \(j) is \(size[j])") }
                scale[j] = 1 / size[j]
            }
        }
    }

    private func copy(
        _ tensor: Tensor, to target: UnsafeMutablePointer<Double>, _ name: String, infinite: Bool = false
    ) throws(TalwegError) {
        guard tensor.count == p else {
            throw .shape("least_squares: \(name) has shape \(tensor.shape); there are \(p) parameters")
        }
        let values = try tensor.detach().cast(to: .float64).view.contiguous()
        target.update(from: values.pointer(as: Double.self), count: p)
        withExtendedLifetime(values) {}
        for j in 0..<p where infinite ? target[j].isNaN : !target[j].isFinite {
            throw .numeric("least_squares: \(name): element \(j) is \(target[j])")
        }
    }

    func run() throws(TalwegError) {
        began = options.maxSeconds > 0 ? monotonicSeconds() : 0
        try function.residuals(x, r)
        evaluations = 1
        cost = options.loss.cost(r, m, scale: options.lossScale)
        guard cost.isFinite else {
            for i in 0..<m where !r[i].isFinite {
                throw .numeric("least_squares: residual \(i) at the start is \(r[i])")
            }
            throw .numeric("least_squares: the sum of squares at the start is no finite number")
        }
        try linearise()
        radius = options.firstRadius * scaledLength()
        if radius == 0 { radius = options.firstRadius }
        stop = try iterate()
        if byDifferences, options.differences == .automatic {
            differences.isCentral = true
            try linearise()
        }
        if stop == .cost, options.polish { try polish() }
        writeGradient()
    }

    private func scaledLength() -> Double {
        var largest = 0.0, sum = 0.0
        for j in 0..<p { largest = max(largest, (scale[j] * x[j]).magnitude) }
        if largest == 0 || !largest.isFinite { return largest }
        for j in 0..<p {
            let share = scale[j] * x[j] / largest
            sum += share * share
        }
        return largest * sum.squareRoot()
    }

    /// The model at x.
    private func linearise() throws(TalwegError) {
        jacobians += 1
        byDifferences = try !function.jacobian(x, jacobian.pointer)
        if byDifferences {
            try differences.write(function, x, r, size: size, to: jacobian)
        }
        weighted.update(from: r, count: m)
        options.loss.weigh(weighted, m, scale: options.lossScale, jacobian.pointer, p)
        freeCount = 0
        for j in 0..<p {
            let column = jacobian.column(j)
            let norm = vectors.norm(m, column)
            guard norm.isFinite else { throw .numeric("least_squares: the Jacobian of parameter \(j) is not finite") }
            if options.scale == nil { scale[j] = norm == 0 && scale[j] == 0 ? 1 : max(scale[j], norm) }
            if lower[j] < upper[j], !leaves(j) {
                free[freeCount] = j
                freeCount += 1
            }
        }
        try model.factorise(
            jacobian, weighted, scale: scale, free: UnsafeBufferPointer(start: free, count: freeCount))
        cosine = model.cosine(vectors.norm(m, weighted))
    }

    /// Whether a parameter lies on a bound and the cost falls beyond it.
    private func leaves(_ j: Int) -> Bool {
        guard x[j] <= lower[j] || x[j] >= upper[j] else { return false }
        let slope = vectors.dot(m, jacobian.column(j), weighted)
        return x[j] <= lower[j] ? slope > 0 : slope < 0
    }

    /// The gradient of the cost at x.
    private func writeGradient() {
        for j in 0..<p { gradient[j] = vectors.dot(m, jacobian.column(j), weighted) }
    }

    /// Where the step w leads, within the bounds, and w cut off in the same way; its length.
    private func move() -> Double {
        next.update(from: x, count: p)
        for j in 0..<model.size {
            let parameter = model.order[j]
            let target = x[parameter] + w[j] / scale[parameter]
            let inside = min(max(target, lower[parameter]), upper[parameter])
            if inside != target { w[j] = (inside - x[parameter]) * scale[parameter] }
            next[parameter] = inside
        }
        return vectors.norm(model.size, w)
    }

    /// What the step w changes of the cost by the model, and its slope along the step.
    private func predicted() -> (change: Double, slope: Double) {
        model.multiply(w, image)
        let slope = vectors.dot(model.rank, model.q, image)
        return (slope + vectors.dot(model.rank, image, image) / 2, slope)
    }

    private func accept(_ newCost: Double) {
        x.update(from: next, count: p)
        r.update(from: trial, count: m)
        cost = newCost
    }

    private func iterate() throws(TalwegError) -> NonlinearStop {
        let limit = options.maxEvaluations > 0 ? options.maxEvaluations : 400 * (p + 1)
        var isFirst = true
        while true {
            if cost == 0 || model.size == 0 || cosine <= options.gradientTolerance { return .gradient }
            iterations += 1
            var isAccepted = false
            while !isAccepted {
                if evaluations >= limit { return .evaluations }
                if options.maxSeconds > 0, monotonicSeconds() - began >= options.maxSeconds { return .time }
                switch options.method {
                case .levenbergMarquardt: marquardt.step(model, radius: radius, w)
                case .dogleg: dogleg.step(model, radius: radius, w)
                }
                if options.geodesic, options.method == .levenbergMarquardt { try accelerate() }
                let length = move()
                if isFirst { radius = min(radius, length) }
                isFirst = false
                try function.residuals(next, trial)
                evaluations += 1
                let newCost = options.loss.cost(trial, m, scale: options.lossScale)
                let (change, slope) = predicted()
                let actual = cost - newCost
                let ratio = change < 0 ? actual / -change : 0
                adjust(ratio, actual, newCost, slope, length)
                let before = cost
                isAccepted = ratio > 1e-4
                if isAccepted {
                    accept(newCost)
                    try linearise()
                    if let callback = options.callback {
                        let progress = NonlinearProgress(
                            iteration: iterations, evaluations: evaluations, cost: cost, optimality: cosine,
                            step: length, parameters: UnsafeBufferPointer(start: x, count: p))
                        if callback(progress) { return .callback }
                    }
                }
                if actual.magnitude <= options.costTolerance * before, -change <= options.costTolerance * before {
                    return .cost
                }
                if min(radius, length) <= options.stepTolerance * scaledLength() { return .step }
            }
        }
    }

    /// The radius after a step, as by More.
    private func adjust(_ ratio: Double, _ actual: Double, _ newCost: Double, _ slope: Double, _ length: Double) {
        if ratio <= 0.25 {
            var share = 0.5
            if actual < 0 { share = actual.isFinite ? 0.5 * slope / (slope + actual) : 0 }
            if !(share >= 0.1) || newCost * 0.01 >= cost { share = 0.1 }
            radius = share * min(radius, length * 10)
            marquardt.lambda /= share
        } else if marquardt.lambda == 0 || ratio >= 0.75 {
            radius = max(options.method == .dogleg ? radius : 0, 2 * length)
            marquardt.lambda *= 0.5
        }
    }

    /// Bends the step w along the geodesic, where that is a small correction.
    private func accelerate() throws(TalwegError) {
        let h = 0.1
        next.update(from: x, count: p)
        for j in 0..<model.size {
            let parameter = model.order[j]
            next[parameter] = min(
                max(x[parameter] + h * w[j] / scale[parameter], lower[parameter]), upper[parameter])
        }
        try function.residuals(next, trial)
        evaluations += 1
        // 2 / h ((r(x + h s) - r) / h - J s)
        for i in 0..<m { trial[i] = (trial[i] - r[i]) * (2 / (h * h)) }
        for j in 0..<model.size {
            let parameter = model.order[j]
            vectors.axpy(m, -2 / h * w[j] / scale[parameter], jacobian.column(parameter), trial)
        }
        for j in 0..<model.size {
            let parameter = model.order[j]
            bend[j] = vectors.dot(m, jacobian.column(parameter), trial) / scale[parameter]
        }
        marquardt.acceleration(model, bend)
        let size = vectors.norm(model.size, bend)
        if size.isFinite, 4 * size <= 0.75 * vectors.norm(model.size, w) { vectors.axpy(model.size, 1, bend, w) }
    }

    /// Full steps as long as what the model can take away gets less: rounding hides the cost's last changes, and with
    /// them half of the parameters' digits.
    private func polish() throws(TalwegError) {
        let held = try Workspace(byteCount: slabBytes(p, m))
        var slab = Slab(held.pointer)
        let (oldX, oldR) = (slab.doubles(p), slab.doubles(m))
        var before = 0.0
        for _ in 0..<60 {
            let decrement = model.decrement, oldCost = cost
            model.gaussNewton(w)
            _ = move()
            var largest = 0.0
            for j in 0..<p where next[j] != x[j] {
                largest = max(largest, (next[j] - x[j]).magnitude / max(next[j].magnitude, x[j].magnitude))
            }
            if largest <= 4 * Double.ulpOfOne { return }
            try function.residuals(next, trial)
            evaluations += 1
            let newCost = options.loss.cost(trial, m, scale: options.lossScale)
            guard newCost <= cost * (1 + 1e-9) else { return }
            oldX.update(from: x, count: p)
            oldR.update(from: r, count: m)
            accept(newCost)
            try linearise()
            if model.decrement > decrement {
                x.update(from: oldX, count: p)
                r.update(from: oldR, count: m)
                cost = oldCost
                return try linearise()
            }
            // Steps shrink by about the same share each; the next one is foreseen.
            if largest <= 1e-12 || largest * largest <= 1e-13 * before || model.decrement > 0.7 * decrement { return }
            before = largest
        }
    }
}
