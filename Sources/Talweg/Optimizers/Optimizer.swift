import TalwegKernels

/// Holds parameters and changes them by their gradients. A subclass gives the
/// update of a piece of one parameter; its state (velocities, moments) lives here,
/// made at a parameter's first step.
public class Optimizer {
    public private(set) var learningRate: Double
    /// The norm of all gradients together that a step does not go beyond; 0: any.
    public final let maxNorm: Double

    private var slots: [Slot] = []
    private var held = Set<ObjectIdentifier>()
    private let stateCount: Int
    /// Of the step under way; kept for its memory.
    private var updates = Updates()

    /// What there is of one parameter.
    private final class Slot {
        let parameter: Tensor
        var first: View?
        var second: View?
        var steps = 0
        /// During a step: the gradient, row-major; nil if the parameter stays as it is.
        var gradient: View?
        /// During a step: a row-major copy of a parameter that is not.
        var packed: View?

        init(_ parameter: Tensor) { self.parameter = parameter }
    }

    /// - Parameter stateCount: how many states of its shape each parameter needs, 0 to 2.
    init(learningRate: Double, stateCount: Int, maxNorm: Double) throws(TalwegError) {
        try Optimizer.check(learningRate, "learning_rate", learningRate >= 0, "0 or more")
        try Optimizer.check(maxNorm, "max_norm", maxNorm >= 0, "0 or more")
        self.learningRate = learningRate
        self.stateCount = stateCount
        self.maxNorm = maxNorm
    }

    /// Refuses an option that is not finite or breaks its rule.
    static func check(_ value: Double, _ name: String, _ holds: Bool, _ rule: String) throws(TalwegError) {
        guard holds, value.isFinite else {
            throw .invalid("optimizer: \(name) is \(value); it must be finite and \(rule)")
        }
    }

    /// An epsilon that vanished in float32 would leave 0 / 0 where a gradient is 0.
    static func check(epsilon: Double) throws(TalwegError) {
        try check(epsilon, "epsilon", Float(epsilon) > 0, "positive in float32")
    }

    public final var parameters: [Tensor] { slots.map(\.parameter) }

    /// Whether a parameter was added.
    public final func holds(_ parameter: Tensor) -> Bool { held.contains(ObjectIdentifier(parameter)) }

    public final func setLearningRate(_ rate: Double) throws(TalwegError) {
        try Optimizer.check(rate, "learning_rate", rate >= 0, "0 or more")
        learningRate = rate
    }

    /// Adds a leaf that requires a gradient. One that is there already is left alone.
    public final func add(_ parameter: Tensor) throws(TalwegError) {
        guard parameter.node is Leaf else {
            throw .state("optimizer: the parameter \(parameter.shape) is no leaf that requires a gradient")
        }
        guard parameter.dtype == .float32 || parameter.dtype == .float64 else {
            throw .dtype("optimizer: parameters are float32 or float64, not \(parameter.dtype.name)")
        }
        if held.insert(ObjectIdentifier(parameter)).inserted { slots.append(Slot(parameter)) }
    }

    /// Adds all parameters of a module, here and below, that require a gradient:
    /// frozen ones are left out.
    public final func add(_ module: Module) throws(TalwegError) {
        for (_, parameter) in module.namedParameters where parameter.requiresGrad { try add(parameter) }
    }

    /// Clears the gradients of its parameters.
    public final func zeroGrad() {
        for index in slots.indices { slots[index].parameter.replaceGrad(nil) }
    }

    /// Forgets velocities and moments, as if no step had been made.
    public final func reset() {
        for slot in slots {
            slot.first = nil
            slot.second = nil
            slot.steps = 0
        }
    }

    /// Changes each parameter that has a gradient. All memory is had before the
    /// first is changed, so a step is made as a whole or not at all.
    /// - Throws: numeric if there is a `maxNorm` and the gradients' norm is not finite.
    public final func step() throws(TalwegError) {
        defer {
            updates.removeAll()
            for slot in slots where slot.gradient != nil {
                slot.gradient = nil
                slot.packed = nil
            }
        }
        for slot in slots { try prepare(slot) }
        for slot in slots {
            guard let gradient = slot.gradient else { continue }
            updates.append(
                Update(
                    count: slot.parameter.count, dtype: slot.parameter.dtype, step: slot.steps + 1,
                    parameter: slot.packed?.pointer ?? slot.parameter.view.pointer,
                    gradient: UnsafeRawPointer(gradient.pointer), first: slot.first?.pointer,
                    second: slot.second?.pointer))
        }
        var scale = 1.0
        if maxNorm > 0 { scale = try clippingScale(updates.gradientNorm(), to: maxNorm, for: "optimizer") }
        updates.prepare { corrections(step: $0) }
        for slot in slots where slot.gradient != nil {
            slot.steps += 1
            // Tells the tape, too, that the elements change.
            _ = slot.parameter.mutableData()
        }
        updates.forEachPiece { update($0, gradientScale: scale) }
        for slot in slots {
            if let packed = slot.packed { slot.parameter.view.assign(packed) }
        }
    }

    private func prepare(_ slot: Slot) throws(TalwegError) {
        let parameter = slot.parameter
        guard let gradient = parameter.grad else { return }
        let shared = gradient.view.storage === parameter.view.storage
        slot.gradient = try shared ? gradient.view.copy() : gradient.view.contiguous()
        if !parameter.view.isContiguous { slot.packed = try parameter.view.copy() }
        if stateCount >= 1, slot.first == nil {
            slot.first = try View.full(parameter.shape, 0, parameter.dtype)
        }
        if stateCount >= 2, slot.second == nil {
            slot.second = try View.full(parameter.shape, 0, parameter.dtype)
        }
    }

    /// Numbers that depend on how many steps a parameter has made, once for all pieces of the step.
    func corrections(step: Int) -> (Double, Double) { (1, 1) }

    /// Changes a piece of one parameter, in one pass over its elements, as if the gradients were
    /// `gradientScale` times what they are.
    func update(_ update: Update, gradientScale: Double) {}
}
