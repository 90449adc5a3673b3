import TalwegKernels

/// An operation whose forward and backward passes are the caller's.
public struct CustomOperation {
    /// For messages.
    public let name: String
    /// The outputs, given the inputs. What it does is not recorded.
    public let forward: ([Tensor]) throws(TalwegError) -> [Tensor]
    /// The gradients of the inputs, of their shapes: nil for one that has none. Made of operations on tensors, it has
    /// a derivative in turn.
    public let backward: (CustomPass) throws(TalwegError) -> [Tensor?]
    /// The tangents of the outputs, given those of the inputs in the place of gradients; nil: by transposing
    /// `backward`, which must then be made of operations on tensors.
    public let tangent: ((CustomPass) throws(TalwegError) -> [Tensor?])?

    public init(
        name: String, forward: @escaping ([Tensor]) throws(TalwegError) -> [Tensor],
        backward: @escaping (CustomPass) throws(TalwegError) -> [Tensor?],
        tangent: ((CustomPass) throws(TalwegError) -> [Tensor?])? = nil
    ) {
        self.name = name
        self.forward = forward
        self.backward = backward
        self.tangent = tangent
    }

    /// The outputs for some inputs.
    public func callAsFunction(_ inputs: [Tensor]) throws(TalwegError) -> [Tensor] {
        let outputs = try withRecording(false) { () throws(TalwegError) in try forward(inputs) }
        if ThreadState.current.anomaly { try checkForNaN(name, outputs.map(\.view), from: inputs.map(\.view)) }
        guard inputs.contains(where: \.requiresGrad), ThreadState.current.recording else {
            return outputs.map { $0.detach() }
        }
        let node = CustomRecord(self, inputs, outputs)
        return outputs.enumerated().map { index, output in
            Tensor(output.view, node: output.dtype.isFloating ? node : nil, outputIndex: index)
        }
    }
}

/// What a custom operation's backward pass is given.
public struct CustomPass {
    /// The inputs and the outputs, each in its place on the tape.
    public let inputs: [Tensor]
    public let outputs: [Tensor]
    /// The gradients of the outputs; nil for one that nothing depends on. Of `tangent`: the inputs' tangents.
    public let gradients: [Tensor?]
    /// Which gradients are of use.
    public let wanted: [Bool]
}

private final class CustomRecord: Node {
    private let operation: CustomOperation
    private var edges: [Edge?]
    private let inputShapes: [(Shape, DType)]
    private let outputs: [(Shape, DType)]
    private var savedInputs: [Saved]
    private var savedOutputs: [Saved]

    init(_ operation: CustomOperation, _ inputs: borrowing [Tensor], _ outputs: borrowing [Tensor]) {
        var last: UInt64 = 0
        var edges: [Edge?] = []
        var inputShapes: [(Shape, DType)] = []
        var savedInputs: [Saved] = []
        for position in inputs.indices {
            let input = inputs[position]
            let edge = Edge(input)
            last = max(last, edge?.sequence ?? 0)
            edges.append(edge)
            inputShapes.append((input.shape, input.dtype))
            savedInputs.append(Saved(input))
        }
        var outputShapes: [(Shape, DType)] = []
        var savedOutputs: [Saved] = []
        for position in outputs.indices {
            outputShapes.append((outputs[position].shape, outputs[position].dtype))
            savedOutputs.append(Saved(output: outputs[position].view))
        }
        self.operation = operation
        self.edges = edges
        self.inputShapes = inputShapes
        self.outputs = outputShapes
        self.savedInputs = savedInputs
        self.savedOutputs = savedOutputs
        super.init(after: last)
    }

    deinit {
        releaseSaved()
        for position in edges.indices { Node.release(&edges[position]) }
    }

    override var name: String { operation.name }
    override var outputCount: Int { outputs.count }
    override func outputKind(_ index: Int) -> (Shape, DType) {
        index < outputs.count ? outputs[index] : (.scalar, .float64)
    }

    override func forEachInput(_ body: (Edge) -> Void) {
        for edge in edges { if let edge { body(edge) } }
    }

    override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        let wanted = edges.map { edge in edge.map { traversal.wants($0) } ?? false }
        guard wanted.contains(true) else { return }
        let arrived = outputs.indices.map { cotangents[$0] }
        let gradients = try operation.backward(pass(arrived, wanted))
        guard gradients.count == edges.count else {
            throw .invalid(
                "\(name): its backward gave \(gradients.count) gradients for \(edges.count) inputs")
        }
        for (position, gradient) in gradients.enumerated() where wanted[position] {
            guard let gradient, let edge = edges[position] else { continue }
            try fits(gradient, inputShapes[position], "gradient \(position)", "the input")
            try traversal.add(gradient, to: edge)
        }
    }

    override func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents {
        let arrived = edges.map { tangents[$0] }
        if arrived.allSatisfy({ $0 == nil }) { return Cotangents() }
        guard let tangent = operation.tangent else {
            let moving = zip(edges, arrived).compactMap { edge, t in edge.flatMap { e in t.map { (e, $0) } } }
            let found = try transposedAll(moving)
            guard !found.isEmpty else {
                throw .state(
                    "\(name): its backward is not made of recorded operations; forward mode needs its tangent function")
            }
            return found
        }
        let given = try tangent(pass(arrived, [Bool](repeating: true, count: edges.count)))
        guard given.count == outputs.count else {
            throw .invalid("\(name): its tangent function gave \(given.count) tangents for \(outputs.count) outputs")
        }
        var found = Cotangents()
        for (index, tangent) in given.enumerated() {
            guard let tangent else { continue }
            try fits(tangent, outputs[index], "tangent \(index)", "the output")
            found[index] = tangent
        }
        return found
    }

    override func releaseSaved() {
        savedInputs = []
        savedOutputs = []
    }

    override func takeSaved(from other: Node) -> Bool {
        guard let other = other as? CustomRecord, other.name == name, other.edges.count == edges.count else { return false }
        savedInputs = other.savedInputs
        savedOutputs = other.savedOutputs
        return true
    }

    private func pass(_ arrived: [Tensor?], _ wanted: [Bool]) throws(TalwegError) -> CustomPass {
        guard savedInputs.count == edges.count, savedOutputs.count == outputs.count else {
            throw .state(
                "backward: what \(name) saved was released by an earlier backward; pass retain_graph to walk it twice")
        }
        var inputs: [Tensor] = []
        for saved in savedInputs { inputs.append(try saved.tensor(name)) }
        var results: [Tensor] = []
        for (index, saved) in savedOutputs.enumerated() {
            let plain = try saved.tensor(name)
            let recorded = ThreadState.current.recording && plain.dtype.isFloating
            results.append(recorded ? Tensor(plain.view, node: self, outputIndex: index) : plain)
        }
        return CustomPass(inputs: inputs, outputs: results, gradients: arrived, wanted: wanted)
    }

    private func fits(_ given: Tensor, _ wanted: (Shape, DType), _ what: String, _ whose: String) throws(TalwegError) {
        guard given.shape == wanted.0 else {
            throw .shape("\(name): \(what) has shape \(given.shape), \(whose) \(wanted.0)")
        }
        guard given.dtype == wanted.1 else {
            throw .dtype("\(name): \(what) is \(given.dtype.name), \(whose) \(wanted.1.name)")
        }
    }
}
