/// The CTC loss by operations of the tape, for the derivatives of its gradient.
struct CTCByParts {
    private let x: Tensor
    private let states: Int
    /// [n, states]: each state's class; whether it may be come to by a skip.
    private let classes, skips: Tensor
    /// [n, 1]: steps of the input, and the last state.
    private let steps, last: Tensor
    private let finite: Tensor
    /// A logarithm of nothing that can be subtracted from itself.
    private static let nothing = -1e30

    /// - Parameter finite: bool [n]; other losses are 0
    init(_ labels: CTCLabels, _ x: Tensor, finite: Tensor) throws(TalwegError) {
        self.x = x
        self.finite = finite
        states = labels.states
        let n = x.shape[1]
        let shape = try Shape([n, states])
        let classes = try View.full(shape, 0, .int64), skips = try View.full(shape, 0, .bool)
        let steps = try View(uninitialized: Shape([n, 1]), .int64)
        let last = try View(uninitialized: Shape([n, 1]), .int64)
        for row in 0..<n {
            let sequence = labels.sequence(row)
            steps.pointer(as: Int64.self)[row] = Int64(sequence.steps)
            last.pointer(as: Int64.self)[row] = Int64(sequence.states - 1)
            for state in 0..<sequence.states {
                classes.pointer(as: Int64.self)[row * states + state] = Int64(sequence.label(state))
                skips.pointer(as: UInt8.self)[row * states + state] = sequence.skips(to: state) ? 1 : 0
            }
        }
        (self.classes, self.skips) = (Tensor(classes), Tensor(skips))
        (self.steps, self.last) = (Tensor(steps), Tensor(last))
    }

    /// [n]
    func loss() throws(TalwegError) -> Tensor {
        let none = try x.scalar(CTCByParts.nothing)
        let bounded = try x.maximum(none)
        let scores = try bounded.takeAlongAxis(classes.expandDims(0), axis: 2)
        let place = try Tensor.arange(from: 0, to: Int64(states), by: 1, .int64)
        let two = try Tensor.full(.scalar, 2, .int64)
        var alpha = try Tensor.select(place.isLess(two), scores.select(axis: 0, index: 0), none)
        for step in 1..<max(x.shape[0], 1) {
            let one = try shifted(alpha, by: 1, none)
            let jump = try Tensor.select(skips, shifted(alpha, by: 2, none), none)
            let next = try logSum([alpha, one, jump]) + scores.select(axis: 0, index: step)
            // A sequence that is over stays as it is.
            alpha = try Tensor.select(steps.isGreater(.full(.scalar, Double(step), .int64)), next, alpha)
        }
        let end = try alpha.gather(axis: 1, last)
        let one = try Tensor.full(.scalar, 1, .int64), zero = try Tensor.zeros(.scalar, .int64)
        let before = try Tensor.select(
            last.isGreater(zero), alpha.gather(axis: 1, (last - one).maximum(zero)), none)
        let losses = try (logSum([end, before]) * -1).squeeze(1)
        return try .select(finite, losses, x.scalar(0))
    }

    private func shifted(_ alpha: Tensor, by count: Int, _ fill: Tensor) throws(TalwegError) -> Tensor {
        let width = min(count, states)
        let left = try fill.broadcast(to: Shape([alpha.shape[0], width]))
        return try .concatenate([left, alpha.slice(axis: 1, from: 0, to: states - width)], axis: 1)
    }

    private func logSum(_ parts: [Tensor]) throws(TalwegError) -> Tensor {
        let all = try Tensor.stack(parts, axis: 0)
        let most = try all.detach().max(axes: [0], keepdims: true)
        return try (all - most).exp().sum(axes: [0]).log() + most.squeeze(0)
    }
}
