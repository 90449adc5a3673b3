// An optimizer's state as named tensors: numbers are float64 scalars. After a load, steps have the bits that they
// would have had without. The names, with the optimizer's name in front:
//
//     adam.group.0.learning_rate    each option of each group
//     adam.group.0.parameters       how many parameters the group has
//     adam.state.2.step             of each parameter, in the order they were added
//     adam.state.2.exp_avg          if it has made steps

extension Optimizer {
    private func groupName(_ group: Int, _ what: String) -> String { "\(name).group.\(group).\(what)" }
    private func stateName(_ slot: Int, _ what: String) -> String { "\(name).state.\(slot).\(what)" }

    /// All that the next steps depend on, but the parameters themselves and, in the midst of an accumulation, the
    /// gradients so far.
    /// - Parameter copying: tensors of their own, which later steps leave alone.
    public final func state(copying: Bool = true) throws(TalwegError) -> [(name: String, tensor: Tensor)] {
        var found: [(name: String, tensor: Tensor)] = []
        for (number, options) in groups.enumerated() {
            for option in options.all {
                found.append((groupName(number, option.name), try StateReader.scalar(options[option])))
            }
            let count = slots.count { $0.group == number }
            found.append((groupName(number, "parameters"), try StateReader.scalar(Double(count))))
        }
        for (number, slot) in slots.enumerated() {
            found.append((stateName(number, "step"), try StateReader.scalar(Double(slot.steps))))
            guard slot.steps > 0 else { continue }
            if hasProduct { found.append((stateName(number, "mu_product"), try StateReader.scalar(slot.product))) }
            if !slot.isReady { try makeStates(slot) }
            for (state, name) in stateNames.enumerated() {
                guard let view = slot.states[state] else { continue }
                found.append((stateName(number, name), Tensor(copying ? try view.copy() : view)))
            }
        }
        return found + (try ownState(copying: copying))
    }

    /// Takes a state over from an optimizer of the same kind, groups and parameters' shapes, in the same order.
    /// - Throws: invalidArgument, with the optimizer unchanged and every name told that is missing, unexpected or
    ///   differs.
    public final func load(_ entries: [(name: String, tensor: Tensor)]) throws(TalwegError) {
        var reader = try StateReader(entries, for: "optimizer")
        let options = try readGroups(&reader)
        var loaded: [(steps: Int, product: Double, states: [View?])] = []
        for (number, slot) in slots.enumerated() {
            let saved = try reader.count(stateName(number, "step"))
            let steps = saved ?? 0
            var product = 1.0
            var states = [View?](repeating: nil, count: stateNames.count)
            // Where the count is missing, so is the rest.
            if saved != 0 {
                if hasProduct { product = try reader.number(stateName(number, "mu_product")) ?? 1 }
                for (state, name) in stateNames.enumerated() {
                    let parameter = slot.parameter
                    guard let shape = try stateShape(state, options[slot.group], parameter.shape) else { continue }
                    states[state] = try reader.tensor(stateName(number, name), shape, parameter.dtype)
                }
            }
            loaded.append((steps, product, states))
        }
        let own = try readOwnState(&reader)
        try reader.finish()
        for options in options { try options.check() }

        groups = options
        for (slot, (steps, product, states)) in zip(slots, loaded) {
            slot.steps = steps
            slot.product = product
            slot.states = states
            slot.isReady = steps > 0
            slot.isFresh = steps == 0
        }
        pending = 0
        own()
    }

    private func readGroups(_ reader: inout StateReader) throws(TalwegError) -> [OptimizerOptions] {
        var read = groups
        for number in groups.indices {
            for option in groups[number].all {
                if let value = try reader.number(groupName(number, option.name)) { read[number][option] = value }
            }
            let (name, count) = (groupName(number, "parameters"), slots.count { $0.group == number })
            if let saved = try reader.count(name), saved != count {
                reader.refuse("\"\(name)\" is \(saved), \(count) is needed")
            }
        }
        return read
    }

    /// Writes the state to a safetensors file, which is replaced as a whole or not at all.
    public final func save(to path: String) throws(TalwegError) {
        try Safetensors.save(state(copying: false), to: path)
    }

    /// `load` from a file that `save` wrote.
    public final func load(from path: String) throws(TalwegError) { try load(StateReader.entries(of: path)) }
}
