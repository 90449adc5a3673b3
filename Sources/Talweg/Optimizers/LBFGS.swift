/// When a step of L-BFGS ends, and what it remembers.
public struct LBFGSOptions: Sendable {
    /// Of a step.
    public var maxIterations = 20
    /// Of the closure, in a step; 0: a quarter more than iterations.
    public var evaluationLimit = 0
    /// Of the largest magnitude in the gradient.
    public var gradientTolerance = 1e-7
    /// Of the loss and of the largest magnitude in an iteration's change of the parameters.
    public var changeTolerance = 1e-9
    /// How many changes of the parameters and the gradient are remembered.
    public var historySize = 100

    public init() {}

    var maxEvaluations: Int { evaluationLimit > 0 ? evaluationLimit : max(maxIterations / 4 * 5, maxIterations + 1) }

    func check() throws(TalwegError) {
        for (name, value) in [("tolerance_grad", gradientTolerance), ("tolerance_change", changeTolerance)] {
            guard value >= 0, value.isFinite else {
                throw .invalid("lbfgs: \(name) is \(value); it must be finite and 0 or more")
            }
        }
        for (name, value, least) in [
            ("max_iter", maxIterations, 1), ("max_eval", evaluationLimit, 0), ("history_size", historySize, 1),
        ] {
            guard value >= least, value <= 1 << 30 else {
                throw .invalid("lbfgs: \(name) is \(value); it must be \(least) or more")
            }
        }
    }
}

/// L-BFGS with a line search for the strong Wolfe conditions: see `LimitedMemoryDescent` and `WolfeSearch`. A step is
/// many iterations and evaluates the loss as often as they need, so it is made with a closure; what it learned of the
/// curvature stays for the next step. It is for losses that do not change between evaluations: whole batches.
///
/// The learning rate is the first trial step of each line search, 1 for the method as it is written.
public final class LBFGS: Optimizer {
    public static let defaultOptions = OptimizerOptions([.learningRate: 1])
    public let limits: LBFGSOptions
    /// Of the last step.
    public private(set) var iterations = 0
    public private(set) var evaluations = 0
    private var descent: LimitedMemoryDescent?

    /// - Throws: invalidArgument for options outside their ranges.
    public init(learningRate: Double = 1, _ limits: LBFGSOptions = LBFGSOptions()) throws(TalwegError) {
        try limits.check()
        self.limits = limits
        var options = LBFGS.defaultOptions
        options[.learningRate] = learningRate
        try super.init("lbfgs", options, states: [], maxNorm: 0, maxValue: 0)
    }

    public override func step() throws(TalwegError) {
        throw .state("lbfgs: a step evaluates the loss several times: it needs a closure (tw_optimizer_step_with)")
    }

    /// After a failure of the closure the parameters are what they were before the step.
    /// - Returns: the loss at the start of the step.
    /// - Throws: numeric if the loss or its gradient is not finite there; what the closure throws.
    public override func step(_ closure: () throws(TalwegError) -> Double) throws(TalwegError) -> Double {
        guard groupCount == 1 else { throw .state("lbfgs: there are \(groupCount) groups; it has one") }
        guard accumulation == 1 else { throw .state("lbfgs: it does not accumulate gradients; evaluate whole batches") }
        let found = try current()
        let done = try found.run(limits, rate: learningRate, closure)
        (iterations, evaluations) = (done.iterations, done.evaluations)
        return done.loss
    }

    /// The descent on the parameters that there are.
    private func current() throws(TalwegError) -> LimitedMemoryDescent {
        let all = parameters
        if let descent, descent.isOf(all) { return descent }
        guard !all.isEmpty else { throw .state("lbfgs: it holds no parameters") }
        let made = try LimitedMemoryDescent(all, history: limits.historySize)
        descent = made
        return made
    }

    public override func reset() {
        super.reset()
        descent?.reset()
    }

    override func ownState(copying: Bool) throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        let pairs = descent?.pairs
        var found = [("lbfgs.curvature.pairs", try StateReader.scalar(Double(pairs?.count ?? 0)))]
        if let pairs, pairs.count > 0 {
            let (steps, changes) = try pairs.tensors()
            found.append(("lbfgs.curvature.steps", steps))
            found.append(("lbfgs.curvature.changes", changes))
        }
        return found.map { (name: $0.0, tensor: $0.1) }
    }

    override func readOwnState(_ reader: inout StateReader) throws(TalwegError) -> () -> Void {
        let count = try reader.count("lbfgs.curvature.pairs") ?? 0
        if count > limits.historySize {
            reader.refuse("\"lbfgs.curvature.pairs\" is \(count), the history holds \(limits.historySize)")
            return {}
        }
        guard !parameters.isEmpty else { return {} }
        let descent = try current()
        var pairs = try CurvaturePairs(size: descent.size, most: limits.historySize, growing: true)
        if count > 0 {
            let shape = try Shape([count, descent.size])
            if let steps = try reader.tensor("lbfgs.curvature.steps", shape, .float64),
                let changes = try reader.tensor("lbfgs.curvature.changes", shape, .float64)
            {
                try pairs.load(count, steps.pointer(as: Double.self), changes.pointer(as: Double.self))
                withExtendedLifetime((steps, changes)) {}
            }
        }
        return { descent.restore(pairs) }
    }
}
