/// What an operation saves for its pullback.
struct Saves: OptionSet {
    let rawValue: Int
    static let first = Saves(rawValue: 1)
    static let second = Saves(rawValue: 2)
    static let output = Saves(rawValue: 4)
    static let inputs: Saves = [.first, .second]
}

/// A differentiable operation of one input. The forward pass works on elements;
/// the pullback is made of recorded operations, so that it has a derivative too.
protocol UnaryOperation {
    static var name: String { get }
    static var saves: Saves { get }
    func forward(_ x: View) throws(TalwegError) -> View
    /// The gradient of the input, of its shape, given that of the output.
    func pullback(_ g: Tensor, _ record: UnaryRecord<Self>) throws(TalwegError) -> Tensor
}

/// A differentiable operation of two inputs.
protocol BinaryOperation {
    static var name: String { get }
    static var saves: Saves { get }
    func forward(_ a: View, _ b: View) throws(TalwegError) -> View
    /// The gradient of each input given that of the output. Of an operation
    /// that broadcasts it may have the output's shape: it is summed afterwards.
    func pullbackFirst(_ g: Tensor, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor
    func pullbackSecond(_ g: Tensor, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor
}

/// A differentiable operation of any number of inputs.
protocol VariadicOperation {
    static var name: String { get }
    /// Whether each input, by position, and the output are kept for the pullback.
    func saves(input: Int) -> Bool
    static var savesOutput: Bool { get }
    func forward(_ inputs: [View]) throws(TalwegError) -> View
    /// The gradients of the inputs that `wanted` names (others may be nil), in
    /// the output's shape where the operation broadcasts.
    func pullback(_ g: Tensor, wanted: [Bool], _ record: VariadicRecord<Self>) throws(TalwegError) -> [Tensor?]
}

func apply<O: UnaryOperation>(_ operation: O, _ x: Tensor) throws(TalwegError) -> Tensor {
    let y = try operation.forward(x.view)
    guard let edge = Edge(x), y.dtype.isFloating, ThreadState.current.recording else { return Tensor(y) }
    return Tensor(y, node: UnaryRecord(operation, x, edge, y))
}

func apply<O: BinaryOperation>(_ operation: O, _ a: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
    let y = try operation.forward(a.view, b.view)
    guard a.requiresGrad || b.requiresGrad, y.dtype.isFloating, ThreadState.current.recording else {
        return Tensor(y)
    }
    return Tensor(y, node: BinaryRecord(operation, a, b, y))
}

func apply<O: VariadicOperation>(_ operation: O, _ inputs: [Tensor]) throws(TalwegError) -> Tensor {
    try recorded(operation, inputs, operation.forward(inputs.map(\.view)))
}

/// The result of an operation whose forward pass is done already, because what it computed beside the
/// result belongs to the operation.
func recorded<O: VariadicOperation>(_ operation: O, _ inputs: [Tensor], _ y: View) -> Tensor {
    guard inputs.contains(where: \.requiresGrad), y.dtype.isFloating, ThreadState.current.recording else {
        return Tensor(y)
    }
    return Tensor(y, node: VariadicRecord(operation, inputs, y))
}

final class UnaryRecord<O: UnaryOperation>: Node {
    let operation: O
    let inputShape: Shape
    let outputShape: Shape
    private var edge: Edge
    private var savedInput: Saved?
    private var savedOutput: Saved?

    init(_ operation: O, _ x: borrowing Tensor, _ edge: consuming Edge, _ y: borrowing View) {
        self.operation = operation
        self.edge = edge
        inputShape = x.shape
        outputShape = y.shape
        savedInput = O.saves.contains(.first) ? Saved(x) : nil
        savedOutput = O.saves.contains(.output) ? Saved(output: y) : nil
        super.init(after: edge.sequence)
    }

    deinit {
        releaseSaved()
        Node.release(&edge.node)
    }

    override var name: String { O.name }

    /// The input, if the operation saves it.
    var x: Tensor { get throws(TalwegError) { try saved(savedInput, O.name, nil) } }
    /// The output, if the operation saves it.
    var y: Tensor { get throws(TalwegError) { try saved(savedOutput, O.name, self) } }

    override func forEachInput(_ body: (Edge) -> Void) { body(edge) }

    override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first, traversal.wants(edge) else { return }
        try traversal.add(operation.pullback(g, self), to: edge)
    }

    override func releaseSaved() {
        savedInput = nil
        savedOutput = nil
    }
}

final class BinaryRecord<O: BinaryOperation>: Node {
    let operation: O
    let firstShape: Shape
    let secondShape: Shape
    private var firstEdge: Edge?
    private var secondEdge: Edge?
    private var savedFirst: Saved?
    private var savedSecond: Saved?
    private var savedOutput: Saved?

    init(_ operation: O, _ a: borrowing Tensor, _ b: borrowing Tensor, _ y: borrowing View) {
        self.operation = operation
        firstShape = a.shape
        secondShape = b.shape
        let edges = (Edge(a), Edge(b))
        firstEdge = edges.0
        secondEdge = edges.1
        savedFirst = O.saves.contains(.first) ? Saved(a) : nil
        savedSecond = O.saves.contains(.second) ? Saved(b) : nil
        savedOutput = O.saves.contains(.output) ? Saved(output: y) : nil
        super.init(after: max(edges.0?.sequence ?? 0, edges.1?.sequence ?? 0))
    }

    deinit {
        releaseSaved()
        Node.release(&firstEdge)
        Node.release(&secondEdge)
    }

    override var name: String { O.name }

    var a: Tensor { get throws(TalwegError) { try saved(savedFirst, O.name, nil) } }
    var b: Tensor { get throws(TalwegError) { try saved(savedSecond, O.name, nil) } }
    var y: Tensor { get throws(TalwegError) { try saved(savedOutput, O.name, self) } }

    override func forEachInput(_ body: (Edge) -> Void) {
        if let firstEdge { body(firstEdge) }
        if let secondEdge { body(secondEdge) }
    }

    override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first else { return }
        if let edge = firstEdge, traversal.wants(edge) {
            try traversal.add(operation.pullbackFirst(g, self).summed(to: firstShape), to: edge)
        }
        if let edge = secondEdge, traversal.wants(edge) {
            try traversal.add(operation.pullbackSecond(g, self).summed(to: secondShape), to: edge)
        }
    }

    override func releaseSaved() {
        savedFirst = nil
        savedSecond = nil
        savedOutput = nil
    }
}

/// What a record of any number of inputs keeps of one.
private struct RecordedInput {
    let shape: Shape
    var edge: Edge?
    var saved: Saved?
}

// Loops over numbers: what the library has for sequences is not specialised inside a
// generic class, and looks its types up at run time.
final class VariadicRecord<O: VariadicOperation>: Node {
    let operation: O
    private var inputs: [RecordedInput]
    private var savedOutput: Saved?

    init(_ operation: O, _ tensors: borrowing [Tensor], _ y: borrowing View) {
        self.operation = operation
        var last: UInt64 = 0
        var inputs: [RecordedInput] = []
        inputs.reserveCapacity(tensors.count)
        var position = 0
        while position < tensors.count {
            let tensor = tensors[position]
            let edge = Edge(tensor)
            last = max(last, edge?.sequence ?? 0)
            inputs.append(
                RecordedInput(
                    shape: tensor.shape, edge: edge, saved: operation.saves(input: position) ? Saved(tensor) : nil))
            position += 1
        }
        self.inputs = inputs
        savedOutput = O.savesOutput ? Saved(output: y) : nil
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

    /// The inputs' shapes.
    var shapes: [Shape] { inputs.map(\.shape) }
    func shape(_ position: Int) -> Shape { inputs[position].shape }
    func input(_ position: Int) throws(TalwegError) -> Tensor {
        try saved(position < inputs.count ? inputs[position].saved : nil, O.name, nil)
    }
    var y: Tensor { get throws(TalwegError) { try saved(savedOutput, O.name, self) } }

    override func forEachInput(_ body: (Edge) -> Void) {
        var position = 0
        while position < inputs.count {
            if let edge = inputs[position].edge { body(edge) }
            position += 1
        }
    }

    override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first else { return }
        var wanted = [Bool](repeating: false, count: inputs.count)
        var position = 0
        while position < inputs.count {
            if let edge = inputs[position].edge { wanted[position] = traversal.wants(edge) }
            position += 1
        }
        let gradients = try operation.pullback(g, wanted: wanted, self)
        position = 0
        while position < min(inputs.count, gradients.count) {
            if wanted[position], let edge = inputs[position].edge, let gradient = gradients[position] {
                try traversal.add(gradient.summed(to: inputs[position].shape), to: edge)
            }
            position += 1
        }
    }

    override func releaseSaved() {
        var position = 0
        while position < inputs.count {
            inputs[position].saved = nil
            position += 1
        }
        savedOutput = nil
    }
}

private func saved(_ saved: Saved?, _ name: String, _ output: Node?) throws(TalwegError) -> Tensor {
    guard let saved else {
        throw .state(
            "backward: what \(name) saved was released by an earlier backward; pass retain_graph to walk it twice")
    }
    return try saved.tensor(name, output: output)
}
