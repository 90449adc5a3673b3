import TalwegKernels

/// Levenberg-Marquardt on a block problem, the damping by Nielsen's rule (Madsen, Nielsen and Tingleff, Methods for
/// Non-Linear Least Squares Problems, 2nd ed., 2004, 3.2), in steps that are cut off at the bounds: parameters that
/// lie on one and would leave stay out of the model.
final class BlockSolver {
    private let problem: BlockProblem
    private let options: BlockOptions
    private let structure: BlockStructure
    private let evaluator: BlockEvaluator
    let equations: NormalEquations
    private let count: Int
    /// [values]: where the problem is, and where a step leads.
    private let x, next: PlainArray<Double>
    /// [residuals]: there, and those of x in the weights of the losses.
    private let r, trial, weighted: PlainArray<Double>
    /// [unknowns]: of the scaled parameters, and of a block's own.
    private let step, move: PlainArray<Double>
    private(set) var summary = BlockSummary()
    private var cost = 0.0
    private var cosine = 0.0
    private var damping = 0.0
    private var growth = 2.0
    private var began = 0.0

    init(_ problem: BlockProblem, _ options: BlockOptions) throws(TalwegError) {
        try options.check()
        (self.problem, self.options) = (problem, options)
        structure = try BlockStructure(problem)
        evaluator = try BlockEvaluator(structure)
        equations = try NormalEquations(structure, options.solver)
        count = problem.values.count
        x = try PlainArray(count, filledWith: 0)
        next = try PlainArray(count, filledWith: 0)
        r = try PlainArray(problem.residualCount, filledWith: 0)
        trial = try PlainArray(problem.residualCount, filledWith: 0)
        weighted = try PlainArray(problem.residualCount, filledWith: 0)
        step = try PlainArray(structure.unknowns, filledWith: 0)
        move = try PlainArray(structure.unknowns, filledWith: 0)
        if let values = problem.values.elements.baseAddress { x.pointer.update(from: values, count: count) }
        evaluator.isCentral = options.differences == .central
    }

    /// Of where it is.
    var currentCost: Double { cost }

    /// What the problem's parameters become.
    var parameters: UnsafePointer<Double> { UnsafePointer(x.pointer) }

    func run() throws(TalwegError) {
        began = monotonicSeconds()
        try begin()
        summary.initialCost = cost
        damping = max(options.firstDamping, NormalEquations.leastDamping)
        var stop = try iterate()
        if evaluator.usesDifferences, options.differences == .automatic, stop == .cost || stop == .step {
            // The last digits by better derivatives.
            evaluator.isCentral = true
            try linearise()
            growth = 2
            stop = try iterate()
        }
        if stop == .cost, options.polish { try polish() }
        summary.stop = stop
        summary.finalCost = cost
        summary.optimality = cosine
        summary.solver = equations.plan.solver
        summary.residuals = r.count
        summary.unknowns = structure.unknowns
        summary.eliminatedBlocks = equations.plan.eliminated.count
        summary.keptBlocks = equations.plan.kept.count
        summary.factorNonzeros = equations.factorNonzeros
        summary.seconds = monotonicSeconds() - began
    }

    /// The residuals and the model where the problem is.
    func begin() throws(TalwegError) {
        cost = try evaluator.residuals(x.pointer, r.pointer)
        summary.evaluations += 1
        guard cost.isFinite else { throw evaluator.fault(r.pointer) }
        try linearise()
    }

    private func linearise() throws(TalwegError) {
        summary.jacobianEvaluations += 1
        try evaluator.linearise(
            x.pointer, r.pointer, weighted: weighted.pointer, equations.jacobian.pointer)
        try equations.form(weighted.pointer) { active, number, slope in holds(active, number, slope) }
        let norm = MatrixKernels<Double>().norm(weighted.count, weighted.pointer)
        var largest = 0.0
        for j in 0..<structure.unknowns { largest = max(largest, equations.gradient[j].magnitude) }
        cosine = norm == 0 ? 0 : largest / norm
    }

    /// Whether a parameter may not move, or lies on a bound and the cost falls beyond it.
    private func holds(_ active: Int, _ number: Int, _ slope: Double) -> Bool {
        let block = problem.blocks.elements[Int(structure.blockOf[active])]
        guard block.bounds >= 0 else { return false }
        let limits = problem.bounds.elements, at = x[block.start + number]
        let (low, high) = (limits[block.bounds + number], limits[block.bounds + block.size + number])
        return low == high || (at <= low && slope > 0) || (at >= high && slope < 0)
    }

    /// Where the scaled step leads, within the bounds, and the step cut off in the same way. Gives how far that is and
    /// how far the parameters are from 0.
    private func advance() throws(TalwegError) -> (length: Double, size: Double) {
        let blocks = problem.blocks.elements, limits = problem.bounds.elements
        next.pointer.update(from: x.pointer, count: count)
        for j in 0..<move.count { move[j] = step[j] / equations.scale[j] }
        var (squares, sizes) = (0.0, 0.0)
        for active in 0..<structure.activeCount {
            let block = blocks[Int(structure.blockOf[active])], first = structure.offset[active]
            let (from, to) = (x.pointer + block.start, next.pointer + block.start)
            try problem.manifolds[block.manifold].plus(from, move.pointer + first, to, size: block.size)
            if block.bounds >= 0 {
                for c in 0..<block.size {
                    let inside = min(max(to[c], limits[block.bounds + c]), limits[block.bounds + block.size + c])
                    if inside == to[c] { continue }
                    to[c] = inside
                    step[first + c] = (inside - from[c]) * equations.scale[first + c]
                }
            }
            for c in 0..<block.size {
                squares += (to[c] - from[c]) * (to[c] - from[c])
                sizes += from[c] * from[c]
            }
        }
        return (squares.squareRoot(), sizes.squareRoot())
    }

    /// The step with the damping that there is, or with so much more that it can be solved for.
    private func solve() throws(TalwegError) -> Bool {
        while true {
            if try equations.factorise(damping: damping) {
                for j in 0..<step.count { step[j] = -equations.gradient[j] }
                try equations.solve(step.pointer)
                var nothing = 0.0
                for j in 0..<step.count { nothing += step[j] * 0 }
                if nothing == 0 { return true }
            }
            guard grow() else { return false }
        }
    }

    /// More damping; false where there is no sense in more.
    private func grow() -> Bool {
        damping *= growth
        growth *= 2
        return damping < 1e20
    }

    private func accept(_ newCost: Double) {
        x.pointer.update(from: next.pointer, count: count)
        r.pointer.update(from: trial.pointer, count: r.count)
        cost = newCost
    }

    private func iterate() throws(TalwegError) -> NonlinearStop {
        while true {
            if cost == 0 || structure.unknowns == 0 || cosine <= options.gradientTolerance { return .gradient }
            if summary.iterations >= options.maxIterations { return .iterations }
            var isAccepted = false
            while !isAccepted {
                if options.maxEvaluations > 0, summary.evaluations >= options.maxEvaluations { return .evaluations }
                if options.maxSeconds > 0, monotonicSeconds() - began >= options.maxSeconds { return .time }
                guard try solve() else { return .step }
                let (length, size) = try advance()
                let newCost = try evaluator.residuals(next.pointer, trial.pointer)
                summary.evaluations += 1
                let slope = MatrixKernels<Double>().dot(step.count, step.pointer, equations.gradient.pointer)
                let change = try slope + equations.squaredImage(step.pointer) / 2
                let actual = cost - newCost, before = cost
                let ratio = change < 0 ? actual / -change : 0
                isAccepted = ratio > 1e-4
                if isAccepted {
                    let bend = 2 * ratio - 1
                    damping = max(damping * max(1.0 / 3, 1 - bend * bend * bend), NormalEquations.leastDamping)
                    growth = 2
                    accept(newCost)
                    summary.iterations += 1
                    try linearise()
                    if tell(length) { return .callback }
                }
                if actual.magnitude <= options.costTolerance * before, -change <= options.costTolerance * before {
                    return .cost
                }
                if length <= options.stepTolerance * (size + options.stepTolerance) { return .step }
                if !isAccepted, !grow() { return .step }
            }
        }
    }

    private func tell(_ length: Double) -> Bool {
        guard let callback = options.callback else { return false }
        return callback(
            NonlinearProgress(
                iteration: summary.iterations, evaluations: summary.evaluations, cost: cost, optimality: cosine,
                step: length, parameters: UnsafeBufferPointer(start: x.pointer, count: count)))
    }

    /// Steps as long as the gradient shrinks: rounding hides the cost's last changes, and with them half of the
    /// parameters' digits.
    private func polish() throws(TalwegError) {
        let held = try PlainArray<Double>(count, filledWith: 0), rest = try PlainArray<Double>(r.count, filledWith: 0)
        for _ in 0..<60 {
            let (oldCosine, oldCost) = (cosine, cost)
            guard oldCosine > 1e-15, try solve() else { return }
            let (length, size) = try advance()
            if length <= 4 * Double.ulpOfOne * size { return }
            let newCost = try evaluator.residuals(next.pointer, trial.pointer)
            summary.evaluations += 1
            guard newCost <= cost * (1 + 1e-9) else { return }
            held.pointer.update(from: x.pointer, count: count)
            rest.pointer.update(from: r.pointer, count: r.count)
            accept(newCost)
            try linearise()
            if cosine > oldCosine {
                x.pointer.update(from: held.pointer, count: count)
                r.pointer.update(from: rest.pointer, count: r.count)
                cost = oldCost
                return try linearise()
            }
            if length <= 1e-12 * size || cosine > 0.9 * oldCosine { return }
        }
    }
}

extension BlockProblem {
    /// Moves the parameters to where the sum is least, near where they are. If something fails they stay where they
    /// were; a limit or the callback ends it where it is.
    @discardableResult
    public func solve(_ options: BlockOptions = BlockOptions()) throws(TalwegError) -> BlockSummary {
        let solver = try locked { () throws(TalwegError) in
            let solver = try BlockSolver(self, options)
            try solver.run()
            return solver
        }
        accept(solver.parameters)
        summary = solver.summary
        return solver.summary
    }

    /// The residuals where the parameters are, in the order in which they were added, and the cost: half the sum of
    /// their squares, or of their losses.
    public func residuals() throws(TalwegError) -> (Tensor, cost: Double) {
        try locked { () throws(TalwegError) in
            let evaluator = try BlockEvaluator(BlockStructure(self))
            let view = try View(uninitialized: Shape([residualCount]), .float64)
            var cost = Double.nan
            if let x = values.elements.baseAddress {
                cost = try evaluator.residuals(x, view.pointer(as: Double.self))
            }
            return (Tensor(view), cost)
        }
    }
}
