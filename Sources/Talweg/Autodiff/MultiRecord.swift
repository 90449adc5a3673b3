/// A differentiable operation of several inputs and several outputs, whose forward pass is done before it is
/// recorded.
protocol MultiOperation {
    static var name: String { get }
    /// Whether each input, by position, is kept for the pullback.
    func saves(input: Int) -> Bool
    /// Whether each output, by position, is kept too.
    func saves(output: Int) -> Bool
    /// The gradients of the inputs that `wanted` names (others may be nil), of their shapes, given those of the
    /// outputs: nil where nothing depends on one, though never for all.
    func pullback(_ g: [Tensor?], wanted: [Bool], _ record: MultiRecord<Self>) throws(TalwegError) -> [Tensor?]
    /// Lets go of what the forward pass left for the pullback, with what the record saved.
    mutating func release()
}

extension MultiOperation {
    mutating func release() {}
    func saves(output: Int) -> Bool { false }
}

/// The results of an operation whose forward pass is done.
func recorded<O: MultiOperation>(_ operation: O, _ inputs: [Tensor], _ outputs: [View]) throws(TalwegError) -> [Tensor] {
    if ThreadState.current.anomaly { try checkForNaN(O.name, outputs, from: inputs.map(\.view)) }
    var node: Node?
    if inputs.contains(where: \.requiresGrad), ThreadState.current.recording {
        node = MultiRecord(operation, inputs, outputs)
    }
    var results: [Tensor] = []
    var index = 0
    while index < outputs.count {
        results.append(Tensor(outputs[index], node: node, outputIndex: index))
        index += 1
    }
    return results
}

/// What a record keeps of an input.
private struct MultiInput {
    var edge: Edge?
    var saved: Saved?
}

// Loops over numbers, as in Record.swift.
final class MultiRecord<O: MultiOperation>: Node {
    private(set) var operation: O
    private let outputs: [(Shape, DType)]
    private var inputs: [MultiInput]
    private var savedOutputs: [Saved?]

    init(_ operation: O, _ tensors: borrowing [Tensor], _ outputs: [View]) {
        self.operation = operation
        var kinds: [(Shape, DType)] = []
        var saved: [Saved?] = []
        var place = 0
        while place < outputs.count {
            kinds.append((outputs[place].shape, outputs[place].dtype))
            saved.append(operation.saves(output: place) ? Saved(output: outputs[place]) : nil)
            place += 1
        }
        self.outputs = kinds
        savedOutputs = saved
        var last: UInt64 = 0
        var inputs: [MultiInput] = []
        var position = 0
        while position < tensors.count {
            let tensor = tensors[position]
            let edge = Edge(tensor)
            last = max(last, edge?.sequence ?? 0)
            inputs.append(MultiInput(edge: edge, saved: operation.saves(input: position) ? Saved(tensor) : nil))
            position += 1
        }
        self.inputs = inputs
        super.init(after: last)
    }

    deinit {
        releaseSaved()
        var position = 0
        while position < inputs.count {
            Node.release(&inputs[position].edge)
            position += 1
        }
    }

    override var name: String { O.name }

    func input(_ position: Int) throws(TalwegError) -> Tensor {
        guard position < inputs.count, let saved = inputs[position].saved else { throw released }
        return try saved.tensor(O.name)
    }

    func output(_ position: Int) throws(TalwegError) -> Tensor {
        guard position < savedOutputs.count, let saved = savedOutputs[position] else { throw released }
        return try saved.tensor(O.name, output: self, position)
    }

    private var released: TalwegError {
        .state("backward: what \(O.name) saved was released by an earlier backward; pass retain_graph to walk it twice")
    }

    override func forEachInput(_ body: (Edge) -> Void) {
        var position = 0
        while position < inputs.count {
            if let edge = inputs[position].edge { body(edge) }
            position += 1
        }
    }

    override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        var wanted = [Bool](repeating: false, count: inputs.count)
        var position = 0
        while position < inputs.count {
            if let edge = inputs[position].edge { wanted[position] = traversal.wants(edge) }
            position += 1
        }
        var arrived: [Tensor?] = []
        position = 0
        while position < outputs.count {
            arrived.append(cotangents[position])
            position += 1
        }
        let gradients = try operation.pullback(arrived, wanted: wanted, self)
        position = 0
        while position < min(inputs.count, gradients.count) {
            if wanted[position], let edge = inputs[position].edge, let gradient = gradients[position] {
                try traversal.add(gradient, to: edge)
            }
            position += 1
        }
    }

    override var outputCount: Int { outputs.count }
    override func outputKind(_ index: Int) -> (Shape, DType) {
        index < outputs.count ? outputs[index] : (.scalar, .float64)
    }
    /// By transposition: operations of several outputs have no rule of their own.
    override func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents {
        var moving: [(Edge, Tensor)] = []
        for input in inputs {
            if let edge = input.edge, let tangent = tangents[edge] { moving.append((edge, tangent)) }
        }
        return try moving.isEmpty ? Cotangents() : transposedAll(moving)
    }

    override func takeSaved(from other: Node) -> Bool {
        guard let other = other as? MultiRecord<O>, other.inputs.count == inputs.count else { return false }
        for position in inputs.indices { inputs[position].saved = other.inputs[position].saved }
        savedOutputs = other.savedOutputs
        operation = other.operation
        return true
    }

    override func releaseSaved() {
        var position = 0
        while position < inputs.count {
            inputs[position].saved = nil
            position += 1
        }
        savedOutputs = []
        operation.release()
    }
}
