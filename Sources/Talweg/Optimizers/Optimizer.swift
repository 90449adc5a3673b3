import CIntrinsics
import TalwegKernels

/// Holds parameters in groups and changes them by their gradients, in one pass over the elements of each. A
/// subclass says which states a parameter has (velocities, moments), what numbers a step needs and which kernel
/// makes it; the states live here, made at a parameter's first step.
///
/// Group 0 is there from the start, with the options that the optimizer was made with; `addGroup` makes others.
public class Optimizer {
    /// What files and messages call it.
    public final let name: String
    /// The options that it was made with: those of a new group, unless it has others.
    public final let defaults: OptimizerOptions
    /// The norm of all gradients together that a step does not go beyond; 0: any.
    public final let maxNorm: Double
    /// The magnitude that no element of a gradient goes beyond in a step, after `maxNorm`; 0: any.
    public final let maxValue: Double
    /// What files call the states of a parameter, by number.
    final let stateNames: [String]

    final var groups: [OptimizerOptions]
    final var slots: [ParameterSlot] = []
    private var held = Set<ObjectIdentifier>()
    /// Of the step under way; kept for its memory.
    final var updates = Updates()
    /// How many calls of `step` make one step.
    public private(set) final var accumulation = 1
    /// Calls of `step` since the last step.
    final var pending = 0

    /// - Throws: invalidArgument for options outside their ranges.
    init(
        _ name: String, _ options: OptimizerOptions, states: [String], maxNorm: Double, maxValue: Double
    ) throws(TalwegError) {
        for (name, value) in [("max_norm", maxNorm), ("max_value", maxValue)] {
            guard value >= 0, value.isFinite else {
                throw .invalid("optimizer: \(name) is \(value); it must be finite and 0 or more")
            }
        }
        try options.check()
        self.name = name
        defaults = options
        groups = [options]
        stateNames = states
        self.maxNorm = maxNorm
        self.maxValue = maxValue
    }

    // MARK: Parameters

    public final var parameters: [Tensor] { slots.map(\.parameter) }

    /// The parameters of a group, in the order they were added.
    public final func parameters(group: Int) throws(TalwegError) -> [Tensor] {
        try checkGroup(group)
        return slots.filter { $0.group == group }.map(\.parameter)
    }

    /// Whether a parameter was added.
    public final func holds(_ parameter: Tensor) -> Bool { held.contains(ObjectIdentifier(parameter)) }

    private func check(_ parameter: Tensor) throws(TalwegError) {
        guard parameter.node is Leaf else {
            throw .state("optimizer: the parameter \(parameter.shape) is no leaf that requires a gradient")
        }
        guard parameter.dtype == .float32 || parameter.dtype == .float64 else {
            throw .dtype("optimizer: parameters are float32 or float64, not \(parameter.dtype.name)")
        }
    }

    private func insert(_ parameter: Tensor, group: Int) {
        guard held.insert(ObjectIdentifier(parameter)).inserted else { return }
        slots.append(ParameterSlot(parameter, group: group, stateCount: stateNames.count))
    }

    /// Adds a leaf that requires a gradient to group 0. One that is there already is left alone.
    public final func add(_ parameter: Tensor) throws(TalwegError) {
        try check(parameter)
        insert(parameter, group: 0)
    }

    /// Adds all parameters of a module, here and below, that require a gradient, to group 0: frozen ones are left
    /// out.
    public final func add(_ module: Module) throws(TalwegError) {
        for (_, parameter) in module.namedParameters where parameter.requiresGrad { try add(parameter) }
    }

    /// Adds a group with options of its own; `defaults` are where to start from. The first one takes the place of
    /// group 0 if that is empty.
    /// - Returns: its number.
    /// - Throws: state, with nothing added, for a parameter that is in a group already, or comes twice.
    @discardableResult
    public final func addGroup(_ parameters: [Tensor], _ options: OptimizerOptions? = nil) throws(TalwegError) -> Int {
        guard !parameters.isEmpty else { throw .invalid("add_group: there are no parameters") }
        let options = options ?? defaults
        try options.check()
        var new = Set<ObjectIdentifier>()
        for (place, parameter) in parameters.enumerated() {
            try check(parameter)
            if let slot = slots.first(where: { $0.parameter === parameter }) {
                throw .state(
                    "add_group: parameter \(place) \(parameter.shape) is in group \(slot.group) already")
            }
            guard new.insert(ObjectIdentifier(parameter)).inserted else {
                throw .state("add_group: parameter \(place) \(parameter.shape) comes twice")
            }
        }
        if slots.isEmpty, groups.count == 1 { groups[0] = options } else { groups.append(options) }
        for parameter in parameters { insert(parameter, group: groups.count - 1) }
        return groups.count - 1
    }

    // MARK: Options

    public final var groupCount: Int { groups.count }

    private func checkGroup(_ group: Int) throws(TalwegError) {
        guard groups.indices.contains(group) else {
            throw .index("optimizer: group \(group) is out of range; there are \(groups.count)")
        }
    }

    public final func options(group: Int) throws(TalwegError) -> OptimizerOptions {
        try checkGroup(group)
        return groups[group]
    }

    /// Sets the options of a group, from the next step on.
    public final func setOptions(_ options: OptimizerOptions, group: Int) throws(TalwegError) {
        try checkGroup(group)
        try options.check()
        groups[group] = options
        for slot in slots where slot.group == group { slot.isReady = false }
    }

    /// Sets one option of a group, or of all, from the next step on.
    public final func setOption(_ option: OptimizerOption, _ value: Double, group: Int? = nil) throws(TalwegError) {
        guard defaults.has(option) else { throw .invalid("optimizer: \(name) has no option \(option.name)") }
        if let group { try checkGroup(group) }
        let wanted = group.map { $0...$0 } ?? 0...(groups.count - 1)
        var changed = groups
        for index in wanted {
            changed[index][option] = value
            try changed[index].check()
        }
        groups = changed
        if option == .learningRate { return }
        for slot in slots where wanted.contains(slot.group) { slot.isReady = false }
    }

    /// The learning rate of group 0.
    public final var learningRate: Double { groups[0][.learningRate] }

    /// Sets the learning rate of all groups.
    public final func setLearningRate(_ rate: Double) throws(TalwegError) { try setOption(.learningRate, rate) }

    /// Learning rates that are known to be in range, one a group.
    final func setLearningRates(_ rates: [Double]) {
        for (group, rate) in rates.enumerated() where group < groups.count { groups[group][.learningRate] = rate }
    }

    /// Makes one step of every `calls` calls of `step`, by the mean of the gradients that gathered meanwhile:
    /// `zeroGrad` does nothing in between, so that a loop of zeroGrad, backward and step needs no change.
    public final func accumulate(_ calls: Int) throws(TalwegError) {
        guard calls >= 1, calls <= 1 << 30 else {
            throw .invalid("accumulate: \(calls) calls; it must be 1 or more")
        }
        accumulation = calls
        pending = 0
    }

    /// Goes on with an accumulation.
    final func resume(_ accumulation: Int, _ pending: Int) {
        self.accumulation = accumulation
        self.pending = pending
    }

    // MARK: Steps

    /// Clears the gradients of its parameters; nothing in the midst of an accumulation.
    public final func zeroGrad() {
        guard pending == 0 else { return }
        for index in slots.indices { slots[index].parameter.replaceGrad(nil) }
    }

    /// Forgets velocities and moments, as if no step had been made.
    public func reset() {
        for slot in slots { slot.forget() }
        pending = 0
    }

    /// Changes each parameter that has a gradient. All memory is had before the
    /// first is changed, so a step is made as a whole or not at all.
    /// - Throws: numeric if there is a `maxNorm` and the gradients' norm is not finite, or a `maxValue` and one
    ///   holds NaN.
    public func step() throws(TalwegError) {
        if pending + 1 < accumulation {
            pending += 1
            return
        }
        defer { end() }
        // Loops by number here: iterators are generic, and cost more than a small step.
        var number = 0
        while number < slots.count {
            try prepare(slots[number], number)
            number += 1
        }
        setOptions(scale: try gradientScale())
        try reserve()
        number = 0
        while number < slots.count {
            begin(slots[number])
            number += 1
        }
        pending = 0
        update()
        number = 0
        while number < slots.count {
            let slot = slots[number]
            if let packed = slot.packed { slot.parameter.view.assign(packed) }
            number += 1
        }
    }

    /// Counts a step that nothing can stop any more.
    private func begin(_ slot: ParameterSlot) {
        guard slot.gradient != nil else { return }
        slot.steps += 1
        if hasProduct { slot.product = product(slot.product, step: slot.steps, groups[slot.group]) }
        slot.isFresh = false
        // Tells the tape, too, that the elements change.
        _ = slot.parameter.mutableData()
    }

    /// Lets go of what a step needed.
    private func end() {
        updates.removeAll()
        var number = 0
        while number < slots.count {
            let slot = slots[number]
            if slot.gradient != nil {
                slot.gradient = nil
                slot.packed = nil
            }
            number += 1
        }
        finish()
    }

    /// Makes a step by a function that sets the gradients and gives the loss; it is called once, unless a kind needs
    /// it more often.
    /// - Returns: the loss that it gave first.
    public func step(_ closure: () throws(TalwegError) -> Double) throws(TalwegError) -> Double {
        let loss = try closure()
        try step()
        return loss
    }

    /// Finds a parameter's gradient, and makes its states at its first step.
    private func prepare(_ slot: ParameterSlot, _ number: Int) throws(TalwegError) {
        let parameter = slot.parameter
        guard let given = parameter.grad else { return }
        let shared = given.view.storage === parameter.view.storage
        let gradient = try shared ? given.view.copy() : given.view.contiguous()
        slot.gradient = gradient
        if !parameter.view.isContiguous { slot.packed = try parameter.view.copy() }
        if !slot.isReady { try makeStates(slot) }
        updates.append(
            Update(
                count: parameter.count, dtype: parameter.dtype, slot: number, parameter: slot.target,
                gradient: UnsafeRawPointer(gradient.pointer), first: slot.state(0), second: slot.state(1),
                third: slot.state(2)))
    }

    /// Makes the states that a parameter lacks.
    final func makeStates(_ slot: ParameterSlot) throws(TalwegError) {
        let (options, parameter) = (groups[slot.group], slot.parameter)
        if slot.state(0) == nil { slot.isFresh = true }
        for index in slot.states.indices {
            guard let shape = try stateShape(index, options, parameter.shape) else {
                // What is there from before the options changed begins anew if they change back.
                slot.states[index] = nil
                continue
            }
            guard slot.states[index] == nil else { continue }
            slot.states[index] = try View.full(shape, initialState(index, options), parameter.dtype)
        }
        slot.isReady = true
    }

    /// What the limits make of the gradients' sum.
    private func gradientScale() throws(TalwegError) -> Double {
        let share = 1 / Double(accumulation)
        guard maxNorm > 0 || maxValue > 0 else { return share }
        let norm = try updates.gradientNorm() * share
        if maxNorm > 0 { return try share * clippingScale(norm, to: maxNorm, for: "optimizer") }
        // Infinities have a limit, NaN has none.
        guard !norm.isNaN else { throw .numeric("optimizer: a gradient holds NaN") }
        return share
    }

    /// Gives each piece its options, made anew where they differ from those of the piece before.
    private func setOptions(scale: Double) {
        var last: ParameterSlot?
        var piece = 0
        while piece < updates.pieces.count {
            let slot = slots[updates.pieces[piece].slot]
            piece += 1
            if let last, sharesNumbers(slot, last) {
                updates.setOptions(nil, of: piece - 1)
                continue
            }
            last = slot
            let options = groups[slot.group]
            var numbers = tk_update.plain
            numbers.rate = options[.learningRate]
            numbers.factor = options.isOn(.maximize) ? -scale : scale
            if maxValue > 0 { numbers.limit = maxValue }
            numbers.l1 = options[.l1]
            if options.isOn(.decoupled) {
                numbers.shrink = 1 - options[.learningRate] * options[.weightDecay]
            } else {
                numbers.decay = options[.weightDecay]
            }
            setNumbers(&numbers, options, slot)
            updates.setOptions(numbers, of: piece - 1)
        }
    }

    private func sharesNumbers(_ a: ParameterSlot, _ b: ParameterSlot) -> Bool {
        if a === b { return true }
        return numbersAreShared && a.group == b.group && a.steps == b.steps && a.product == b.product
            && a.isFresh == b.isFresh
    }

    // MARK: What a subclass says

    /// The shape of a state, by number, of a parameter of a shape; nil if it is not needed.
    func stateShape(_ index: Int, _ options: OptimizerOptions, _ shape: Shape) throws(TalwegError) -> Shape? { shape }

    /// What a state's elements are at first.
    func initialState(_ index: Int, _ options: OptimizerOptions) -> Double { 0 }

    /// Whether a parameter's `product` is of its state.
    var hasProduct: Bool { false }

    /// A parameter's product after a step.
    func product(_ product: Double, step: Int, _ options: OptimizerOptions) -> Double { product }

    /// Whether parameters of a group that have made as many steps have the same numbers.
    var numbersAreShared: Bool { true }

    /// Sets the numbers of the step that a parameter is about to make; `steps` were made. What is common to all
    /// optimizers is set already.
    func setNumbers(_ numbers: inout tk_update, _ options: OptimizerOptions, _ slot: ParameterSlot) {}

    /// Has the memory for `update`, after which nothing may fail.
    func reserve() throws(TalwegError) {}

    /// Changes the parameters, as `updates` says.
    func update() {}

    /// After a step, or one that failed.
    func finish() {}

    /// What a kind's state holds beyond each parameter's, by names that begin with the optimizer's.
    func ownState(copying: Bool) throws(TalwegError) -> [(name: String, tensor: Tensor)] { [] }

    /// Reads what `ownState` gave.
    /// - Returns: takes it over; nothing may fail then.
    func readOwnState(_ reader: inout StateReader) throws(TalwegError) -> () -> Void { {} }
}

extension tk_update {
    /// Options that leave a gradient as it is.
    static var plain: tk_update {
        var options = tk_update()
        options.factor = 1
        options.limit = .infinity
        options.shrink = 1
        return options
    }
}
