import TalwegKernels

/// A smooth, convex loss of coefficients, for a penalty to be added.
protocol PenalisedLoss: AnyObject {
    var size: Int { get }
    /// Less the derivatives of the loss, at the coefficients of the last evaluation, [size].
    var gradient: UnsafeMutablePointer<Double> { get }
    /// Some members' second derivatives, or Fisher's, of the last evaluation that wanted them: both triangles.
    var matrix: UnsafePointer<Double> { get }

    /// The loss at b, infinity where it has none; the gradient is set, and the matrix of `count` members.
    /// - Parameters:
    ///   - members: nil for all, in order
    ///   - count: 0 where no matrix is wanted
    ///   - start: from observations in place of b = 0
    func evaluate(_ b: UnsafePointer<Double>, members: UnsafePointer<Int>?, count: Int, start: Bool)
        throws(TalwegError) -> Double
}

/// Least values of loss(b) + sum_j (l_j |b_j| + r_j / 2 b_j^2) by Newton's method, where each step minimises the
/// loss's quadratic model with the whole penalty by coordinate descent (Friedman, Hastie and Tibshirani, J. Stat.
/// Soft. 33, 2010; Lee, Sun and Saunders, SIAM J. Optim. 24, 2014) over a working set of coefficients, and is halved
/// where it does not lower the objective. What is left out of the set is looked at after every step.
final class ProximalNewton {
    private let loss: any PenalisedLoss
    private let size: Int
    let b: UnsafeMutablePointer<Double>
    /// The penalty of each coefficient, [size].
    let lasso, ridge: UnsafeMutablePointer<Double>
    private(set) var iterations = 0
    private(set) var reason = StopReason.iterations
    private(set) var objective = Double.infinity

    private let trial, local, slope, localLasso, localRidge: UnsafeMutablePointer<Double>
    private let members, order: UnsafeMutablePointer<Int>
    private let isMember: UnsafeMutablePointer<Int>
    private var count = 0
    /// Whether the gradient, and the matrix, are of b and the members.
    private var hasGradient = false
    private var hasMatrix = false
    private let takesAll: Bool
    private let space: Storage

    /// Of up to so many coefficients the working set is all.
    private static let few = 400

    init(_ loss: any PenalisedLoss) throws(TalwegError) {
        self.loss = loss
        size = loss.size
        takesAll = size <= ProximalNewton.few
        space = try Storage(byteCount: slabBytes(size, times: 11))
        var slab = Slab(space.pointer)
        b = slab.doubles(size)
        lasso = slab.doubles(size)
        ridge = slab.doubles(size)
        trial = slab.doubles(size)
        local = slab.doubles(size)
        slope = slab.doubles(size)
        localLasso = slab.doubles(size)
        localRidge = slab.doubles(size)
        members = slab.integers(size)
        order = slab.integers(size)
        isMember = slab.integers(size)
        for pointer in [b, lasso, ridge] { pointer.update(repeating: 0, count: size) }
        isMember.update(repeating: 0, count: size)
        if takesAll {
            for j in 0..<size { members[j] = j }
            count = size
        }
    }

    func penalty(of b: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        for j in 0..<size { sum += lasso[j] * b[j].magnitude + ridge[j] / 2 * b[j] * b[j] }
        return sum
    }

    var nonzeros: Int { (0..<size).count { lasso[$0] > 0 && b[$0] != 0 } }

    /// By how much the last gradient exceeds what the L1 norm may hold, as a share of it, at most over all
    /// coefficients that have one: 0 where the conditions of a least value hold.
    var violation: Double {
        var most = 0.0
        for j in 0..<size where lasso[j] > 0 {
            let pull = loss.gradient[j] - ridge[j] * b[j]
            let excess = b[j] == 0
                ? max(pull.magnitude - lasso[j], 0) : (pull - (b[j] > 0 ? lasso[j] : -lasso[j])).magnitude
            most = max(most, excess / lasso[j])
        }
        return most
    }

    /// From the coefficients as they are to those of least objective.
    /// - Parameters:
    ///   - tolerance: the share of the objective below which half of what a step promises ends it
    ///   - start: see `PenalisedLoss`
    ///   - after: called after each step; true stops
    func solve(tolerance: Double, maxIterations: Int, start: Bool = false, after: () -> Bool) throws(TalwegError) {
        iterations = 0
        last = .infinity
        reason = .iterations
        var starting = start
        if !hasGradient || starting { try look(starting) } else { objective = value + penalty(of: b) }
        guard objective.isFinite || starting else {
            throw .numeric("glm: the deviance of the model of the mean alone is not finite")
        }
        while true {
            try takeIn()
            if !hasMatrix { try look(starting) }
            let promised = try step()
            guard promised.isFinite else {
                throw .numeric("glm: a step is not finite in iteration \(iterations + 1)")
            }
            let isShort = !starting && promised <= 2 * tolerance * (objective.magnitude + 0.1)
            guard isShort || iterations < maxIterations else { return }
            last = promised
            guard try search(promised, starting) else {
                // Nothing is gained any more: as far as rounding goes.
                reason = .tolerance
                return
            }
            starting = false
            // Of the last, short step nothing is told. Fisher's scoring, which is not quadratic, may need more of them.
            if isShort, !isViolated, isNear(tolerance) || promised <= 1e-18 * objective.magnitude {
                reason = .tolerance
                return
            }
            guard iterations < maxIterations else { return }
            iterations += 1
            if after() {
                reason = .callback
                return
            }
        }
    }

    private func isNear(_ tolerance: Double) -> Bool { violation <= max(1e-8, 0.03 * tolerance.squareRoot()) }

    /// The last loss, and what the last step promised.
    private var value = Double.infinity
    private var last = Double.infinity

    /// The loss, its gradient and the members' matrix at b.
    private func look(_ starting: Bool) throws(TalwegError) {
        value = try loss.evaluate(b, members: takesAll ? nil : members, count: count, start: starting)
        objective = value + penalty(of: b)
        hasGradient = true
        hasMatrix = count > 0
    }

    /// Whether coefficients outside the working set are pulled from zero.
    private var isViolated: Bool { !takesAll && (0..<size).contains { isPulled($0) } }

    private func isPulled(_ j: Int) -> Bool {
        isMember[j] == 0
            && (lasso[j] == 0 || b[j] != 0 || loss.gradient[j].magnitude > lasso[j] * (1 + 1e-10))
    }

    /// Takes in coefficients that the gradient pulls from zero, the strongest first and no more than the set has.
    private func takeIn() throws(TalwegError) {
        if takesAll { return }
        var found = 0
        for j in 0..<size where isPulled(j) {
            order[found] = j
            found += 1
        }
        if found == 0 { return }
        let most = max(64, count)
        if found > most {
            var some = UnsafeMutableBufferPointer(start: order, count: found)
            let gradient = loss.gradient
            // What has no L1 norm or is not zero comes first.
            func strength(_ j: Int) -> Double {
                lasso[j] == 0 || b[j] != 0 ? .infinity : gradient[j].magnitude / lasso[j]
            }
            some.sort { strength($0) > strength($1) }
            found = most
        }
        for i in 0..<found {
            members[count] = order[i]
            isMember[order[i]] = 1
            count += 1
        }
        hasMatrix = false
    }

    /// The members' best values by the quadratic model, to `local`; by how much it falls.
    private func step() throws(TalwegError) -> Double {
        for i in 0..<count {
            let j = members[i]
            local[i] = b[j]
            slope[i] = loss.gradient[j]
            localLasso[i] = lasso[j]
            localRidge[i] = ridge[j]
        }
        let descent = CoordinateDescent(
            count: count, matrix: loss.matrix, stride: count, point: local, slope: slope, lasso: localLasso,
            ridge: localRidge)
        // As exact as the next step can make use of, which is as short as this one's square.
        let size = objective.isFinite ? objective.magnitude + 0.1 : 1, share = min(last / size, 1e-2)
        let least = max(1e-6 * share * share, 1e-26) * size
        try descent.run(least: least, sweeps: 2000, order: order)
        // g'd - d'Hd / 2 with H d the change of the slope, and the change of the penalty.
        var fall = 0.0
        for i in 0..<count {
            let j = members[i], old = b[j], new = local[i]
            let d = new - old
            fall += d * (loss.gradient[j] + slope[i]) / 2
            fall -= lasso[j] * (new.magnitude - old.magnitude) + ridge[j] / 2 * (new * new - old * old)
        }
        return fall.isNaN ? .infinity : max(fall, 0)
    }

    /// Goes to `local`, by halves until the objective falls.
    private func search(_ promised: Double, _ starting: Bool) throws(TalwegError) -> Bool {
        let before = objective
        let slack = 1e-12 * (before.magnitude + 1)
        var share = 1.0
        for _ in 0..<50 {
            trial.update(from: b, count: size)
            for i in 0..<count {
                let j = members[i]
                trial[j] = share == 1 ? local[i] : b[j] + share * (local[i] - b[j])
            }
            // Where the set may grow, its matrix waits.
            let found = try loss.evaluate(
                trial, members: takesAll ? nil : members, count: takesAll ? count : 0, start: false)
            let total = found + penalty(of: trial)
            if total.isFinite, starting || total <= before - 1e-4 * share * promised + slack {
                b.update(from: trial, count: size)
                (value, objective) = (found, total)
                hasMatrix = takesAll
                return true
            }
            share /= 2
        }
        if starting { throw .numeric("glm: no coefficients were found that give every row a mean") }
        // The gradient is of the last trial.
        value = try loss.evaluate(b, members: takesAll ? nil : members, count: takesAll ? count : 0, start: false)
        hasMatrix = takesAll
        return false
    }

    /// Chooses other penalties; the coefficients stay.
    func setPenalty(_ body: (Int) -> (lasso: Double, ridge: Double)) {
        for j in 0..<size { (lasso[j], ridge[j]) = body(j) }
    }
}
