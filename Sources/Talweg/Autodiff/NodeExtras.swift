/// What few nodes have, so that the others pay one word for it.
final class NodeExtras {
    var hooks: [GradientHook] = []
    var checkpoint: CheckpointState?
}

/// What is done with the gradient of one of a node's outputs when all of it has arrived.
struct GradientHook {
    let number: UInt64
    let output: Int
    let body: (Tensor) throws(TalwegError) -> Tensor?
}

extension Node {
    /// The gradients of the outputs after the hooks on them.
    func hooked(_ cotangents: Cotangents) throws(TalwegError) -> Cotangents {
        guard let hooks = extras?.hooks, !hooks.isEmpty else { return cotangents }
        var cotangents = cotangents
        for hook in hooks {
            guard let g = cotangents[hook.output], let replaced = try hook.body(g) else { continue }
            guard replaced.shape == g.shape, replaced.dtype == g.dtype else {
                throw .shape(
                    "hook: the gradient is \(g.dtype.name) \(g.shape), what the hook gave "
                        + "\(replaced.dtype.name) \(replaced.shape)")
            }
            cotangents[hook.output] = replaced
        }
        return cotangents
    }
}

extension Tensor {
    /// Has `body` called with this tensor's gradient whenever a backward pass has all of it: before a leaf gathers it,
    /// and before it goes on to what the tensor was made of. What it gives, if anything, takes the gradient's place.
    /// Hooks run in the order in which they were added, and live as long as the tensor's place on the tape.
    /// - Returns: a number for `removeGradientHook`.
    /// - Throws: state if the tensor requires no gradient.
    public func addGradientHook(_ body: @escaping (Tensor) throws(TalwegError) -> Tensor?) throws(TalwegError) -> UInt64 {
        guard let node else { throw .state("hook: the tensor requires no gradient") }
        let extras = node.extras ?? NodeExtras()
        let number = (extras.hooks.last?.number ?? 0) + 1
        extras.hooks.append(GradientHook(number: number, output: outputIndex, body: body))
        node.extras = extras
        return number
    }

    /// Takes a hook away again; one that is gone already is no error.
    public func removeGradientHook(_ number: UInt64) {
        node?.extras?.hooks.removeAll { $0.number == number && $0.output == outputIndex }
    }
}
