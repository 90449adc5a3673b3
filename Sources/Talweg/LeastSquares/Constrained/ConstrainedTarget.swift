import TalwegKernels

/// One target's solution.
final class ConstrainedTarget {
    private let problem: LinearProblem
    private let small: SmallProblem
    private let set: ConstraintSet
    private let target: Int
    private let tolerance: Double
    private let limit: Int
    private(set) var iterations = 0
    /// Coefficients and slacks, their bounds, the gradient of half the squares and the bounds' multipliers, [width].
    private let x, lower, upper, gradient, push: UnsafeMutablePointer<Double>
    /// -1 at the lower bound, 1 at the upper, else 0.
    private let active: UnsafeMutablePointer<Int8>
    /// Of the equalities and inequalities: values and multipliers, [rows].
    private let values, multipliers: UnsafeMutablePointer<Double>
    private let residual: UnsafeMutablePointer<Double>
    private let columns: UnsafeMutablePointer<Int>
    private let vectors = MatrixKernels<Double>()
    private let space: Storage

    init(
        _ problem: LinearProblem, _ small: SmallProblem, _ set: ConstraintSet, target: Int, tolerance: Double,
        limit: Int
    ) throws(TalwegError) {
        (self.problem, self.small, self.set, self.target) = (problem, small, set, target)
        (self.tolerance, self.limit) = (tolerance, limit)
        let width = set.width, rows = set.rows
        space = try Storage(
            byteCount: slabBytes(width, width, width, width, width, width, rows, rows, small.damped.rows, width))
        var slab = Slab(space.pointer)
        x = slab.doubles(width)
        lower = slab.doubles(width)
        upper = slab.doubles(width)
        gradient = slab.doubles(width)
        push = slab.doubles(width)
        active = slab.elements(width)
        values = slab.doubles(rows)
        multipliers = slab.doubles(rows)
        residual = slab.doubles(small.damped.rows)
        columns = slab.integers(width)
        for j in 0..<width {
            lower[j] = LinearProblem.shift(set.lower[j], by: unit)
            upper[j] = LinearProblem.shift(set.upper[j], by: unit)
            (x[j], active[j], columns[j]) = (0, 0, j)
            (gradient[j], push[j]) = (0, 0)
        }
        for i in 0..<rows {
            values[i] = LinearProblem.shift(set.values[i], by: unit)
            multipliers[i] = 0
        }
    }

    /// A coefficient here is 2^unit times the data's.
    private var unit: Int { Int(problem.scale[problem.p + target].exponent) - small.exponent }

    /// The damped problem's target.
    private var z: UnsafeMutablePointer<Double> { small.dampedTarget.column(target) }

    func solve() throws(TalwegError) -> StopReason {
        let p = problem.p
        if p == 0 {
            for i in 0..<set.rows where values[i] < 0 || i < set.equalities && values[i] != 0 {
                throw .numeric("constrained: no coefficients meet the constraints: there are none")
            }
            return .closedForm
        }
        if set.rows == 0 {
            let isSure = try solveFree()
            if fits() {
                setGradient()
                return .closedForm
            }
            return try solveBounded(from: isSure ? x : nil)
        }
        let active = try ConstrainedActiveSet(
            small.damped, z, set.matrix, values, lower: lower, upper: upper, tolerance: tolerance)
        let isDone = try active.solve(limit: limit, isBounded: set.isBounded)
        iterations = active.iterations
        x.update(from: active.x, count: set.width)
        for j in 0..<set.width { self.active[j] = active.places[j] }
        multipliers.update(from: active.multipliers, count: set.rows)
        setGradient()
        return !set.isBounded ? .closedForm : isDone ? .tolerance : .iterations
    }

    /// Without any constraint. A triangle whose columns are clearly independent is solved at once, and then it is true:
    /// the solution is one to start from.
    private func solveFree() throws(TalwegError) -> Bool {
        let matrix = small.damped, p = problem.p
        let isTriangle = matrix.rows == p && (problem.n > p || problem.ridge > 0)
        if isTriangle,
            (0..<p).allSatisfy({ matrix[$0, $0].magnitude > 1e-6 * vectors.norm($0 + 1, matrix.column($0)) })
        {
            x.update(from: z, count: p)
            UpperTriangle(matrix, size: p).solve(x)
            return true
        }
        let step = try EqualityStep(rows: matrix.rows, columns: p, equalities: 0)
        try step.solve(matrix, set.matrix, columns: columns, count: p, residual: z, values: values)
        x.update(from: step.step, count: p)
        return false
    }

    private func fits() -> Bool {
        for j in 0..<problem.p where !(x[j] >= lower[j] && x[j] <= upper[j]) { return false }
        for j in 0..<problem.p { active[j] = x[j] == lower[j] ? -1 : x[j] == upper[j] ? 1 : 0 }
        return true
    }

    private func solveBounded(from guess: UnsafePointer<Double>?) throws(TalwegError) -> StopReason {
        let solver = try BoundedSolver(
            small.damped, z, lower: lower, upper: upper, guess: guess, tolerance: tolerance)
        let isDone = try solver.solve(limit: limit)
        iterations = solver.iterations
        x.update(from: solver.x, count: problem.p)
        for j in 0..<problem.p {
            let place = solver.place(j)
            active[j] = place == .idle ? 0 : place.rawValue
        }
        setGradient()
        return isDone ? .tolerance : .iterations
    }

    /// From the data's own factor, not from what the iteration made of it.
    private func setGradient() {
        let m = small.matrix.rows, p = problem.p
        residual.update(from: small.target.column(target), count: m)
        for j in 0..<p where x[j] != 0 { vectors.axpy(m, -x[j], small.matrix.column(j), residual) }
        for j in 0..<p {
            gradient[j] = small.penalty * x[j] - vectors.dot(m, small.matrix.column(j), residual)
        }
        for j in p..<set.width { gradient[j] = 0 }
        for j in 0..<set.width { push[j] = gradient[j] + vectors.dot(set.rows, set.matrix.column(j), multipliers) }
    }

    /// Takes the solution to the units of the data.
    func write(to result: ConstrainedResult) {
        let p = problem.p, m = small.matrix.rows, t = target
        let unit = self.unit, targetUnit = Int(problem.scale[p + t].exponent)
        let rootUnit = problem.weightExponent - targetUnit
        let force = 2 * rootUnit + unit
        var rss = small.tail[t]
        if p == 0 {
            rss += vectors.dot(m, small.target.column(t), small.target.column(t))
        } else {
            rss += vectors.dot(m, residual, residual)
        }
        result.squares[t] = LinearProblem.shift(rss, by: 2 * rootUnit)
        let b = result.b + t * p
        var constant = Twofold(problem.mean[p + t], problem.meanRest[p + t])
        var off = 0.0
        for j in 0..<set.width {
            // What stands at a bound pushes against it; what does not feels no force.
            let isFixed = set.lower[j] == set.upper[j]
            let rest = active[j] == 0 ? push[j].magnitude
                : isFixed ? 0 : active[j] < 0 ? max(0, -push[j]) : max(0, push[j])
            off = max(off, rest)
        }
        result.optimality[t] = LinearProblem.shift(off, by: force)
        for j in 0..<p {
            let own = LinearProblem.shift(x[j], by: small.exponent - Int(problem.scale[j].exponent))
            constant.addProduct(-problem.mean[j], own)
            constant.low -= problem.meanRest[j] * own
            b[j] = active[j] < 0 ? set.lower[j] : active[j] > 0 ? set.upper[j] : LinearProblem.shift(x[j], by: -unit)
            result.places[t * p + j] = Double(active[j])
            result.pushes[t * p + j] = active[j] == 0 ? 0 : LinearProblem.shift(push[j], by: force)
        }
        result.constants[t] = problem.intercept ? LinearProblem.shift(constant.value, by: -targetUnit) : 0
        for i in 0..<set.rows {
            let value = LinearProblem.shift(multipliers[i], by: force) / set.norms[i]
            if i < set.equalities {
                result.equalityMultipliers[t * set.equalities + i] = value
            } else {
                // Of an inequality that is not met with equality it is rounding.
                let slack = set.p + i - set.equalities
                result.inequalityMultipliers[t * set.inequalities + i - set.equalities] = active[slack] == 0 ? 0 : value
            }
        }
    }
}
