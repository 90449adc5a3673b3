/// Several modules on one input: children "0", "1", ... Called with several outputs, it gives theirs one by one; with
/// one, what they are combined to.
public final class Parallel: Module {
    public enum Combination: Sendable, Equatable {
        case sum
        case mean
        /// joined along an axis, as `Tensor.concatenate`
        case concatenation(axis: Int)
        /// none: an output for each child
        case separate
    }

    public let combination: Combination

    /// - Throws: invalidArgument for no modules.
    public init(_ modules: [Module], _ combination: Combination = .sum) throws(TalwegError) {
        guard !modules.isEmpty else { throw .invalid("parallel: there are no modules; one or more are needed") }
        self.combination = combination
        super.init()
        for (number, module) in modules.enumerated() { try setChild(String(number), module) }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let outputs = try separate(x)
        guard let first = outputs.first else { throw .state("parallel: its modules were removed") }
        switch combination {
        case .sum: return try sum(outputs, first)
        case .mean: return try sum(outputs, first) / Double(outputs.count)
        case .concatenation(let axis): return try .concatenate(outputs, axis: axis)
        case .separate:
            guard outputs.count == 1 else {
                throw .state("parallel: it gives \(outputs.count) outputs, which are not combined; ask for all of them")
            }
            return first
        }
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard inputs.count == 1, let x = inputs[0] else {
            throw .invalid("parallel: one input goes to all modules; there are \(inputs.count)")
        }
        return combination == .separate ? try separate(x) : [try forward(x)]
    }

    private func separate(_ x: Tensor) throws(TalwegError) -> [Tensor] {
        var outputs: [Tensor] = []
        for (_, module) in children { outputs.append(try module(x)) }
        return outputs
    }

    private func sum(_ outputs: [Tensor], _ first: Tensor) throws(TalwegError) -> Tensor {
        var total = first
        for output in outputs.dropFirst() {
            guard output.shape == total.shape else {
                throw .shape("parallel: outputs \(total.shape) and \(output.shape) are to be added; they must agree")
            }
            total = try total + output
        }
        return total
    }
}
