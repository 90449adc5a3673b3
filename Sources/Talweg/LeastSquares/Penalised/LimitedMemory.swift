import TalwegKernels

/// Least values of loss(b) + sum_j r_j / 2 b_j^2 by limited-memory BFGS (Nocedal, Math. Comp. 35, 1980), for more
/// coefficients than a matrix of their squares should be made for.
final class LimitedMemory {
    private let loss: any PenalisedLoss
    private let size: Int
    let b: UnsafeMutablePointer<Double>
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations
    private(set) var objective = Double.infinity
    /// The loss alone.
    private(set) var value = Double.infinity

    private let ridge: UnsafePointer<Double>
    /// About the loss's second derivatives, [size].
    private let curvature: UnsafePointer<Double>
    private let trial, direction, slope, last, change: UnsafeMutablePointer<Double>
    private let space: Storage

    init(
        _ loss: any PenalisedLoss, start: UnsafePointer<Double>, ridge: UnsafePointer<Double>,
        curvature: UnsafePointer<Double>
    ) throws(TalwegError) {
        self.loss = loss
        self.ridge = ridge
        self.curvature = curvature
        size = loss.size
        space = try Storage(byteCount: slabBytes(size, times: 6))
        var slab = Slab(space.pointer)
        b = slab.doubles(size)
        trial = slab.doubles(size)
        direction = slab.doubles(size)
        slope = slab.doubles(size)
        last = slab.doubles(size)
        change = slab.doubles(size)
        b.update(from: start, count: size)
    }

    private func penalty(of b: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for j in 0..<size { sum += ridge[j] * b[j] * b[j] }
        return sum / 2
    }

    private func setSlope() {
        for j in 0..<size { slope[j] = loss.gradient[j] - ridge[j] * b[j] }
    }

    /// - Parameters:
    ///   - tolerance: the share of the objective below which half of what a step promises ends it
    ///   - after: called after each step; true stops
    func run(tolerance: Double, maxIterations: Int, after: () -> Bool) throws(TalwegError) {
        var pairs = try CurvaturePairs(size: size)
        value = try loss.evaluate(b, members: nil, count: 0, start: false)
        objective = value + penalty(of: b)
        guard objective.isFinite else {
            throw .numeric("glm: the deviance of the model of the mean alone is not finite")
        }
        setSlope()
        while true {
            pairs.solve(slope, direction) { vector in
                for j in 0..<size { vector[j] /= max(curvature[j] + ridge[j], 1e-300) }
            }
            let promised = kernels.f64.dot(size, slope, 1, direction, 1)
            guard promised.isFinite else { throw .numeric("glm: a step is not finite in iteration \(iterations + 1)") }
            if promised <= 2 * tolerance * (objective.magnitude + 0.1) {
                reason = .tolerance
                return
            }
            guard iterations < maxIterations else { return }
            guard try search(promised) else {
                // Nothing is gained any more: as far as rounding goes.
                reason = .tolerance
                return
            }
            iterations += 1
            pairs.add(step: direction, change: change)
            if after() {
                reason = .callback
                return
            }
        }
    }

    /// Goes along the direction, by halves until the objective falls; the direction becomes the step.
    private func search(_ promised: Double) throws(TalwegError) -> Bool {
        last.update(from: slope, count: size)
        var share = 1.0
        for _ in 0..<40 {
            for j in 0..<size { trial[j] = b[j] + share * direction[j] }
            let found = try loss.evaluate(trial, members: nil, count: 0, start: false)
            let total = found + penalty(of: trial)
            if total <= objective - 1e-4 * share * promised + 1e-14 * objective.magnitude {
                b.update(from: trial, count: size)
                (value, objective) = (found, total)
                setSlope()
                for j in 0..<size {
                    direction[j] *= share
                    change[j] = last[j] - slope[j]
                }
                return true
            }
            share /= 2
        }
        // The gradient is of the last trial.
        value = try loss.evaluate(b, members: nil, count: 0, start: false)
        return false
    }
}
