// Checkpointing: what a part of a computation would save for its gradient is dropped, and computed again from the
// part's inputs when a backward pass comes to it (Griewank and Walther, ACM TOMS 26, 2000; Chen, Xu, Zhang and
// Guestrin, "Training deep nets with sublinear memory cost", 2016).
//
// The part's nodes stay on the tape without what they saved. The function then runs a second time, records the same
// operations, and what the second nodes saved goes over to the first ones, one by one in order. So whatever the
// function reaches gets its gradient, its arguments as well as the parameters that it holds.

/// Collects the nodes that a thread makes, and the generators that it draws from.
final class NodeCollector {
    private(set) var nodes: [Node] = []
    /// Each as it was before its first draw.
    fileprivate private(set) var draws: [GeneratorState] = []

    func add(_ node: Node) { nodes.append(node) }

    /// Called before a generator's draws.
    func note(_ generator: Generator) { note(GeneratorState(generator)) }

    private func note(_ state: GeneratorState) {
        if !draws.contains(where: { $0.generator === state.generator }) { draws.append(state) }
    }

    /// Runs `body` and collects the nodes that it makes.
    static func collect<R>(_ body: () throws(TalwegError) -> R) throws(TalwegError) -> (R, NodeCollector) {
        let thread = ThreadState.current.contents
        let collector = NodeCollector()
        collector.note(.shared)
        let outer = thread.pointee.region
        thread.pointee.region = Unmanaged.passUnretained(collector)
        defer {
            thread.pointee.region = outer
            // A part within a part: what it drew, the part around it draws.
            if let outer = outer?.takeUnretainedValue() { for state in collector.draws { outer.note(state) } }
        }
        let result = try withExtendedLifetime(collector, body)
        return (result, collector)
    }
}

/// A generator and where it stood.
private struct GeneratorState {
    let generator: Generator
    private let state: (seed: UInt64, position: UInt64)

    init(_ generator: Generator) {
        self.generator = generator
        state = generator.state
    }

    func restore() { generator.set(seed: state.seed, position: state.position) }
}

/// A part of a computation that is computed twice.
final class CheckpointRegion {
    private let body: ([Tensor]) throws(TalwegError) -> [Tensor]
    private let inputs: [Saved]
    private let mixedPrecision = ThreadState.current.mixedPrecision
    /// The generators that the part draws from, as it found them.
    private var draws: [GeneratorState] = []
    /// How many nodes it makes.
    private var count = 0
    /// What the second run recorded, as far as nobody took it over.
    private var second: [Node?] = []

    fileprivate init(_ body: @escaping ([Tensor]) throws(TalwegError) -> [Tensor], _ inputs: [Tensor]) {
        self.body = body
        self.inputs = inputs.map { Saved($0) }
    }

    fileprivate func own(_ first: NodeCollector) {
        count = first.nodes.count
        draws = first.draws
        for (index, node) in first.nodes.enumerated() where node.leaf == nil {
            node.releaseSaved()
            let extras = node.extras ?? NodeExtras()
            extras.checkpoint = CheckpointState(region: self, index: index)
            node.extras = extras
        }
    }

    /// Gives a node what it saved, after a second run if there was none or it took that already.
    /// - Parameter keeping: whether the second run's nodes keep it too, for the tape of a gradient goes through them.
    fileprivate func restore(_ node: Node, at index: Int, keeping: Bool) throws(TalwegError) {
        if index >= second.count || second[index] == nil { try runAgain() }
        guard let other = second[index] else { return }
        second[index] = nil
        guard node.takeSaved(from: other) else { throw differs() }
        // Nodes that nothing comes to may still lead there.
        if !keeping { other.releaseSaved() }
    }

    private func runAgain() throws(TalwegError) {
        var again: [Tensor] = []
        for input in inputs { again.append(try input.tensor("checkpoint")) }
        let thread = ThreadState.current.contents
        let (before, outer) = (draws.map { GeneratorState($0.generator) }, thread.pointee.recomputing)
        for state in draws { state.restore() }
        let precision = setMixedPrecision(mixedPrecision)
        thread.pointee.recomputing = true
        defer {
            thread.pointee.recomputing = outer
            _ = setMixedPrecision(precision)
            for state in before { state.restore() }
        }
        let (_, collected) = try withRecording(true) { () throws(TalwegError) in
            try NodeCollector.collect { () throws(TalwegError) in try body(again) }
        }
        guard collected.nodes.count == count else { throw differs() }
        second = collected.nodes
    }

    private func differs() -> TalwegError {
        .state("checkpoint: the function did other operations the second time; it must do the same ones each time")
    }
}

/// That a node belongs to such a part, and whether what it saved is gone.
struct CheckpointState {
    let region: CheckpointRegion
    /// Which of the region's nodes it is.
    let index: Int
    var released = true
}

extension Node {
    /// What was saved, again, if a checkpoint dropped it.
    func restoreSaved(keeping: Bool) throws(TalwegError) {
        guard let extras, let checkpoint = extras.checkpoint, checkpoint.released else { return }
        try checkpoint.region.restore(self, at: checkpoint.index, keeping: keeping)
        extras.checkpoint?.released = false
    }

    /// Forgets what was saved, after a backward pass.
    func forgetSaved() {
        releaseSaved()
        extras?.checkpoint?.released = true
    }
}

extension Tensor {
    /// The results of `body`, whose gradients do without what its operations would save: it runs again in each
    /// backward pass that comes to it. Memory for time: about one more forward pass for what lies in between.
    /// - Parameters:
    ///   - inputs: what `body` is given. They must not be changed in place before the backward pass.
    ///   - body: does the same operations whenever it is called with the same inputs. The random numbers that it
    ///     draws, of whatever generator, are the same the second time.
    public static func checkpoint(
        _ inputs: [Tensor], _ body: @escaping ([Tensor]) throws(TalwegError) -> [Tensor]
    ) throws(TalwegError) -> [Tensor] {
        guard ThreadState.current.recording else { return try body(inputs) }
        let region = CheckpointRegion(body, inputs)
        let (outputs, first) = try NodeCollector.collect { () throws(TalwegError) in try body(inputs) }
        region.own(first)
        return outputs
    }
}
