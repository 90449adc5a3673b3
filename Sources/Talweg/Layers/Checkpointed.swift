/// A module whose forward pass keeps nothing for the gradient but its inputs: the backward pass computes it again
/// (Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost", 2016). Memory for time; outputs and
/// gradients are the same to the last bit, dropout masks too, and running statistics move once. The inputs must not be
/// changed in place before the backward pass. Its one child is "module".
public final class Checkpointed: Module, SequenceBlock {
    public init(_ module: Module) throws(TalwegError) {
        super.init()
        try setChild("module", module)
    }

    private func module() throws(TalwegError) -> Module {
        guard let module = child("module") else { throw .state("\(typeName): its module was removed") }
        return module
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        let module = try module()
        return try first(run(module, [x]) { inputs throws(TalwegError) in [try module.forward(inputs[0])] })
    }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        let module = try module()
        return try run(module, inputs.compactMap { $0 }) { given throws(TalwegError) in
            var left = given[...]
            return try module.forward(inputs.map { $0 == nil ? nil : left.popFirst() })
        }
    }

    public func forward(_ x: Tensor, memory: Tensor?, _ context: AttentionContext) throws(TalwegError) -> Tensor {
        let module = try module()
        guard let block = module as? SequenceBlock else {
            throw .invalid("\(typeName): a \(module.typeName) is no layer of a transformer")
        }
        // What is remembered for decoding would be appended a second time.
        if context.cache != nil { return try block.forward(x, memory: memory, context) }
        return try first(
            run(module, [x] + (memory.map { [$0] } ?? [])) { given throws(TalwegError) in
                [try block.forward(given[0], memory: given.count > 1 ? given[1] : nil, context)]
            })
    }

    private func first(_ outputs: [Tensor]) throws(TalwegError) -> Tensor {
        guard let output = outputs.first else { throw .internal("\(typeName): no output") }
        return output
    }

    /// The second run is in the mode, training or evaluation, of the first.
    private func run(
        _ module: Module, _ inputs: [Tensor], _ body: @escaping ([Tensor]) throws(TalwegError) -> [Tensor]
    ) throws(TalwegError) -> [Tensor] {
        guard ThreadState.current.recording else { return try body(inputs) }
        let modes = module.modules.map { ($0.module, $0.module.isTraining) }
        return try Tensor.checkpoint(inputs) { given throws(TalwegError) in
            guard ThreadState.current.recomputing else { return try body(given) }
            let current = modes.map(\.0.isTraining)
            for (module, mode) in modes { module.isTraining = mode }
            defer { for ((module, _), mode) in zip(modes, current) { module.isTraining = mode } }
            return try body(given)
        }
    }
}
