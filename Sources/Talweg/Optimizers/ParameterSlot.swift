/// What an optimizer has of one parameter.
final class ParameterSlot {
    let parameter: Tensor
    /// The number of its group.
    let group: Int
    /// By number; nil for one that is not made yet, or not needed.
    var states: [View?]
    /// Whether the states that the group's options need are there.
    var isReady = false
    /// Whether no step was made since the first state was.
    var isFresh = true
    var steps = 0
    /// A number that some optimizers carry from step to step.
    var product = 1.0
    /// During a step: the gradient, row-major; nil if the parameter stays as it is.
    var gradient: View?
    /// During a step: a row-major copy of a parameter that is not.
    var packed: View?

    init(_ parameter: Tensor, group: Int, stateCount: Int) {
        self.parameter = parameter
        self.group = group
        states = Array(repeating: nil, count: stateCount)
    }

    /// The parameter's elements in row-major order, for a step to change.
    var target: UnsafeMutableRawPointer { packed?.pointer ?? parameter.view.pointer }

    func state(_ index: Int) -> UnsafeMutableRawPointer? {
        index < states.count ? states[index]?.pointer : nil
    }

    func forget() {
        for index in states.indices { states[index] = nil }
        isReady = false
        isFresh = true
        steps = 0
        product = 1
    }
}
