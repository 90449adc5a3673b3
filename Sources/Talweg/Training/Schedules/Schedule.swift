/// Sets the learning rates of an optimizer's groups step by step, from those that they have when it is attached.
public class Schedule {
    /// What the rates are; nil if they depend on more than the step.
    public final let function: RateFunction?
    public private(set) final var optimizer: Optimizer?
    /// The step whose rates the optimizer has.
    public final internal(set) var lastStep = 0
    /// The rates of the groups to start from.
    final var base: [Double] = []

    /// - Throws: invalidArgument for numbers outside their ranges.
    public init(_ function: RateFunction) throws(TalwegError) {
        try function.check()
        self.function = function
    }

    /// One that says its rates itself.
    init() { function = nil }

    /// What messages and files call it.
    var name: String { function?.name ?? "schedule" }

    /// The rate at a step, from 0 on, where a group starts from `base`.
    /// - Throws: unsupported if it depends on more than the step.
    public final func rate(at step: Int, from base: Double) throws(TalwegError) -> Double {
        guard let function else {
            throw .unsupported("schedule: the rates of \(name) depend on more than the step")
        }
        guard step >= 0 else { throw .index("schedule: step \(step) is negative") }
        return try Schedule.checked(function.rate(at: step, from: base), step)
    }

    private static func checked(_ rate: Double, _ step: Int) throws(TalwegError) -> Double {
        guard rate >= 0, rate.isFinite else {
            throw .numeric("schedule: the rate at step \(step) is \(rate); it must be finite and 0 or more")
        }
        return rate
    }

    /// Takes an optimizer's rates to start from, and sets those of step 0.
    /// - Throws: state, with nothing changed, if the schedule sets a momentum and the optimizer has none.
    public final func attach(_ optimizer: Optimizer) throws(TalwegError) {
        if let function, function.hasMomentum { _ = try Schedule.momentumOption(optimizer) }
        let base = optimizer.groups.map { $0[.learningRate] }
        let rates = try rates(at: 0, from: base)
        self.optimizer = optimizer
        self.base = base
        lastStep = 0
        set(rates, at: 0)
        begin()
    }

    private static func momentumOption(_ optimizer: Optimizer) throws(TalwegError) -> OptimizerOption {
        for option in [OptimizerOption.momentum, .beta1] where optimizer.defaults.has(option) { return option }
        throw .state("schedule: the optimizer \(optimizer.name) has no momentum to cycle")
    }

    /// The rates of all groups.
    private func rates(at step: Int, from base: [Double]) throws(TalwegError) -> [Double] {
        guard let function else { return base }
        var rates: [Double] = []
        for base in base { rates.append(try Schedule.checked(function.rate(at: step, from: base), step)) }
        return rates
    }

    private func set(_ rates: [Double], at step: Int) {
        guard let optimizer else { return }
        optimizer.setLearningRates(rates)
        guard let momentum = function?.momentum(at: step),
            let option = try? Schedule.momentumOption(optimizer)
        else { return }
        for group in optimizer.groups.indices { optimizer.groups[group][option] = momentum }
    }

    /// The optimizer, with the rates of groups that came later among the base.
    final func attached() throws(TalwegError) -> Optimizer {
        guard let optimizer else { throw .state("schedule: it is attached to no optimizer") }
        for group in optimizer.groups.dropFirst(base.count) { base.append(group[.learningRate]) }
        return optimizer
    }

    /// Sets the rates of the next step.
    /// - Parameter metric: what a schedule that depends on one looks at.
    /// - Throws: state if it is attached to no optimizer; the error of a callback, with nothing changed.
    public func step(metric: Double? = nil) throws(TalwegError) {
        _ = try attached()
        let next = try following()
        let rates = try rates(at: next, from: base)
        lastStep = next
        set(rates, at: next)
    }

    final func following() throws(TalwegError) -> Int {
        guard lastStep < 1 << 50 else { throw .invalid("schedule: step \(lastStep) is the last") }
        return lastStep + 1
    }

    /// At the start, when the optimizer has the rates of step 0.
    func begin() {}

    // MARK: State

    /// What its state holds beyond the step and the rates to start from, by name.
    func ownNumbers() -> [(name: String, value: Double)] { [] }

    /// Takes over what `ownNumbers` gave, in its order.
    func setOwnNumbers(_ values: [Double]) {}

    /// All that the next steps depend on, as float64 scalars.
    public final func state() throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        var found: [(name: String, tensor: Tensor)] = []
        func add(_ name: String, _ value: Double) throws(TalwegError) {
            found.append(("schedule.\(self.name).\(name)", try StateReader.scalar(value)))
        }
        try add("step", Double(lastStep))
        for (group, rate) in base.enumerated() { try add("base.\(group)", rate) }
        for (name, value) in ownNumbers() { try add(name, value) }
        return found
    }

    /// Takes over the state of a schedule of the same kind for as many groups, and sets its rates.
    /// - Throws: invalidArgument, with nothing changed and every name told, if it is of another.
    public final func load(_ entries: [(name: String, tensor: Tensor)]) throws(TalwegError) {
        if optimizer != nil { _ = try attached() }
        var reader = try StateReader(entries, for: "schedule")
        let step = try reader.count("schedule.\(name).step") ?? 0
        var base = self.base
        for group in base.indices {
            base[group] = try reader.number("schedule.\(name).base.\(group)") ?? 0
        }
        var values: [Double] = []
        for (own, _) in ownNumbers() { values.append(try reader.number("schedule.\(name).\(own)") ?? 0) }
        try reader.finish()
        for rate in base { try OptimizerOption.learningRate.check(rate) }
        let rates = try rates(at: step, from: base)
        lastStep = step
        self.base = base
        setOwnNumbers(values)
        if function != nil { set(rates, at: step) }
    }

    /// Writes the state to a safetensors file, which is replaced as a whole or not at all.
    public final func save(to path: String) throws(TalwegError) { try Safetensors.save(state(), to: path) }

    /// `load` from a file that `save` wrote.
    public final func load(from path: String) throws(TalwegError) { try load(StateReader.entries(of: path)) }
}
