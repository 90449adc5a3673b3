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
    /// The tangent of the output given that of the input. Left out, it is the pullback's transpose; see Tangents.swift.
    func tangent(_ t: Tensor, _ record: UnaryRecord<Self>) throws(TalwegError) -> Tensor
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
    /// The tangent of the output, of its shape, given those of the inputs: nil where an input does not move, though
    /// never for both.
    func tangent(_ ta: Tensor?, _ tb: Tensor?, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor
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
    /// The tangent of the output given those of the inputs: nil where one does not move, though never for all.
    func tangent(_ tangents: [Tensor?], _ record: VariadicRecord<Self>) throws(TalwegError) -> Tensor
    /// Lets go of what the forward pass left for the pullback, with what the record saved.
    mutating func release()
}

extension VariadicOperation {
    mutating func release() {}
}

func apply<O: UnaryOperation>(_ operation: O, _ x: Tensor) throws(TalwegError) -> Tensor {
    let y = try operation.forward(x.view)
    if ThreadState.current.anomaly { try checkForNaN(O.name, y, from: x.view) }
    guard let edge = Edge(x), y.dtype.isFloating, ThreadState.current.recording else { return Tensor(y) }
    return Tensor(y, node: UnaryRecord(operation, x, edge, y))
}

func apply<O: BinaryOperation>(_ operation: O, _ a: Tensor, _ b: Tensor) throws(TalwegError) -> Tensor {
    let y = try operation.forward(a.view, b.view)
    if ThreadState.current.anomaly { try checkForNaN(O.name, y, from: a.view, b.view) }
    guard a.requiresGrad || b.requiresGrad, y.dtype.isFloating, ThreadState.current.recording else {
        return Tensor(y)
    }
    return Tensor(y, node: BinaryRecord(operation, a, b, y))
}

func apply<O: VariadicOperation>(_ operation: O, _ inputs: [Tensor]) throws(TalwegError) -> Tensor {
    let y = try operation.forward(inputs.map(\.view))
    return try recorded(operation, inputs, y)
}

/// The result of an operation whose forward pass is done already, because what it computed beside the
/// result belongs to the operation.
func recorded<O: VariadicOperation>(_ operation: O, _ inputs: [Tensor], _ y: View) throws(TalwegError) -> Tensor {
    if ThreadState.current.anomaly { try checkForNaN(O.name, [y], from: inputs.map(\.view)) }
    guard inputs.contains(where: \.requiresGrad), y.dtype.isFloating, ThreadState.current.recording else {
        return Tensor(y)
    }
    return Tensor(y, node: VariadicRecord(operation, inputs, y))
}

// The records. What does not depend on the operation lies in classes that are not generic:
// a generic class's methods are compiled once, for any operation, and look types up at
// run time.

/// What a record keeps of an operation of one input.
class RecordOfOne: Node {
    final let inputShape: Shape
    final let outputShape: Shape
    private let outputDType: DType
    private var edge: Edge
    private var savedInput: Saved?
    private var savedOutput: Saved?

    init(_ saves: Saves, _ x: borrowing Tensor, _ edge: consuming Edge, _ y: borrowing View) {
        let last = edge.sequence
        self.edge = edge
        inputShape = x.shape
        outputShape = y.shape
        outputDType = y.dtype
        savedInput = saves.contains(.first) ? Saved(x) : nil
        savedOutput = saves.contains(.output) ? Saved(output: y) : nil
        super.init(after: last)
    }

    deinit {
        releaseSaved()
        Node.release(&edge.node)
    }

    /// The input, if the operation saves it.
    final var x: Tensor { get throws(TalwegError) { try saved(savedInput, name, nil) } }
    /// The output, if the operation saves it.
    final var y: Tensor { get throws(TalwegError) { try saved(savedOutput, name, self) } }

    /// The gradient of the input, and the tangent of the output.
    func gradient(_ g: Tensor) throws(TalwegError) -> Tensor { g }
    func tangent(_ t: Tensor) throws(TalwegError) -> Tensor { t }
    final func transposed(_ t: Tensor) throws(TalwegError) -> Tensor { try transposed([(edge, t)]) }

    final override func forEachInput(_ body: (Edge) -> Void) { body(edge) }

    final override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first, traversal.wants(edge) else { return }
        try traversal.add(gradient(g), to: edge)
    }

    final override func outputKind(_ index: Int) -> (Shape, DType) { (outputShape, outputDType) }
    final override func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents {
        guard let t = tangents[edge] else { return Cotangents() }
        return try Cotangents(tangent(t))
    }

    final override func releaseSaved() {
        savedInput = nil
        savedOutput = nil
    }

    final override func takeSaved(from other: Node) -> Bool {
        guard let other = other as? RecordOfOne, other.name == name, other.outputShape == outputShape else { return false }
        savedInput = other.savedInput
        savedOutput = other.savedOutput
        return true
    }
}

final class UnaryRecord<O: UnaryOperation>: RecordOfOne {
    let operation: O

    init(_ operation: O, _ x: borrowing Tensor, _ edge: consuming Edge, _ y: borrowing View) {
        self.operation = operation
        super.init(O.saves, x, edge, y)
    }

    override var name: String { O.name }
    override func gradient(_ g: Tensor) throws(TalwegError) -> Tensor { try operation.pullback(g, self) }
    override func tangent(_ t: Tensor) throws(TalwegError) -> Tensor { try operation.tangent(t, self) }
}

/// What a record keeps of an operation of two inputs.
class RecordOfTwo: Node {
    final let firstShape: Shape
    final let secondShape: Shape
    final let outputShape: Shape
    private let outputDType: DType
    private var firstEdge: Edge?
    private var secondEdge: Edge?
    private var savedFirst: Saved?
    private var savedSecond: Saved?
    private var savedOutput: Saved?

    init(_ saves: Saves, _ a: borrowing Tensor, _ b: borrowing Tensor, _ y: borrowing View) {
        firstShape = a.shape
        secondShape = b.shape
        outputShape = y.shape
        outputDType = y.dtype
        firstEdge = Edge(a)
        secondEdge = Edge(b)
        savedFirst = saves.contains(.first) ? Saved(a) : nil
        savedSecond = saves.contains(.second) ? Saved(b) : nil
        savedOutput = saves.contains(.output) ? Saved(output: y) : nil
        super.init(after: max(a.node?.sequence ?? 0, b.node?.sequence ?? 0))
    }

    deinit {
        releaseSaved()
        Node.release(&firstEdge)
        Node.release(&secondEdge)
    }

    /// The inputs and the output, if the operation saves them.
    final var a: Tensor { get throws(TalwegError) { try saved(savedFirst, name, nil) } }
    final var b: Tensor { get throws(TalwegError) { try saved(savedSecond, name, nil) } }
    final var y: Tensor { get throws(TalwegError) { try saved(savedOutput, name, self) } }

    /// The gradients of the inputs, and the tangent of the output.
    func gradientOfFirst(_ g: Tensor) throws(TalwegError) -> Tensor { g }
    func gradientOfSecond(_ g: Tensor) throws(TalwegError) -> Tensor { g }
    func tangent(_ ta: Tensor?, _ tb: Tensor?) throws(TalwegError) -> Tensor { try transposed(ta, tb) }
    final func transposed(_ ta: Tensor?, _ tb: Tensor?) throws(TalwegError) -> Tensor {
        var moving: [(Edge, Tensor)] = []
        if let firstEdge, let ta { moving.append((firstEdge, ta)) }
        if let secondEdge, let tb { moving.append((secondEdge, tb)) }
        return try transposed(moving)
    }

    final override func forEachInput(_ body: (Edge) -> Void) {
        if let firstEdge { body(firstEdge) }
        if let secondEdge { body(secondEdge) }
    }

    final override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first else { return }
        if let edge = firstEdge, traversal.wants(edge) {
            try traversal.add(gradientOfFirst(g).summed(to: firstShape), to: edge)
        }
        if let edge = secondEdge, traversal.wants(edge) {
            try traversal.add(gradientOfSecond(g).summed(to: secondShape), to: edge)
        }
    }

    final override func outputKind(_ index: Int) -> (Shape, DType) { (outputShape, outputDType) }
    final override func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents {
        let (ta, tb) = (tangents[firstEdge], tangents[secondEdge])
        if ta == nil && tb == nil { return Cotangents() }
        return try Cotangents(tangent(ta, tb))
    }

    final override func releaseSaved() {
        savedFirst = nil
        savedSecond = nil
        savedOutput = nil
    }

    final override func takeSaved(from other: Node) -> Bool {
        guard let other = other as? RecordOfTwo, other.name == name, other.outputShape == outputShape else { return false }
        savedFirst = other.savedFirst
        savedSecond = other.savedSecond
        savedOutput = other.savedOutput
        return true
    }
}

final class BinaryRecord<O: BinaryOperation>: RecordOfTwo {
    let operation: O

    init(_ operation: O, _ a: borrowing Tensor, _ b: borrowing Tensor, _ y: borrowing View) {
        self.operation = operation
        super.init(O.saves, a, b, y)
    }

    override var name: String { O.name }
    override func gradientOfFirst(_ g: Tensor) throws(TalwegError) -> Tensor { try operation.pullbackFirst(g, self) }
    override func gradientOfSecond(_ g: Tensor) throws(TalwegError) -> Tensor { try operation.pullbackSecond(g, self) }
    override func tangent(_ ta: Tensor?, _ tb: Tensor?) throws(TalwegError) -> Tensor { try operation.tangent(ta, tb, self) }
}

/// What a record keeps of an operation of any number of inputs.
class RecordOfMany: Node {
    private var inputs: [Input]
    private var savedOutput: Saved?
    final let outputShape: Shape
    private let outputDType: DType

    struct Input {
        let shape: Shape
        var edge: Edge?
        var saved: Saved?
    }

    init(_ inputs: [Input], _ y: borrowing View, savedOutput: Saved?) {
        var last: UInt64 = 0
        for position in inputs.indices { last = max(last, inputs[position].edge?.sequence ?? 0) }
        self.inputs = inputs
        self.savedOutput = savedOutput
        outputShape = y.shape
        outputDType = y.dtype
        super.init(after: last)
    }

    deinit {
        releaseTensors()
        for position in inputs.indices { Node.release(&inputs[position].edge) }
    }

    /// The inputs' shapes.
    final var shapes: [Shape] { inputs.map(\.shape) }
    final func input(_ position: Int) throws(TalwegError) -> Tensor {
        try saved(position < inputs.count ? inputs[position].saved : nil, name, nil)
    }
    final var y: Tensor { get throws(TalwegError) { try saved(savedOutput, name, self) } }

    /// The gradients of the inputs that are wanted, and the tangent of the output.
    func gradients(_ g: Tensor, wanted: [Bool]) throws(TalwegError) -> [Tensor?] { [] }
    func tangent(_ tangents: [Tensor?]) throws(TalwegError) -> Tensor { try transposed(tangents) }
    final func transposed(_ tangents: [Tensor?]) throws(TalwegError) -> Tensor {
        var moving: [(Edge, Tensor)] = []
        for (input, tangent) in zip(inputs, tangents) {
            if let edge = input.edge, let tangent { moving.append((edge, tangent)) }
        }
        return try transposed(moving)
    }

    final override func forEachInput(_ body: (Edge) -> Void) {
        for position in inputs.indices { if let edge = inputs[position].edge { body(edge) } }
    }

    final override func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {
        guard let g = cotangents.first else { return }
        var wanted = [Bool](repeating: false, count: inputs.count)
        for position in inputs.indices {
            if let edge = inputs[position].edge { wanted[position] = traversal.wants(edge) }
        }
        let gradients = try gradients(g, wanted: wanted)
        for position in 0..<min(inputs.count, gradients.count) where wanted[position] {
            guard let edge = inputs[position].edge, let gradient = gradients[position] else { continue }
            try traversal.add(gradient.summed(to: inputs[position].shape), to: edge)
        }
    }

    final override func outputKind(_ index: Int) -> (Shape, DType) { (outputShape, outputDType) }
    final override func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents {
        let arrived = inputs.map { tangents[$0.edge] }
        if arrived.allSatisfy({ $0 == nil }) { return Cotangents() }
        return try Cotangents(tangent(arrived))
    }

    fileprivate final func releaseTensors() {
        for position in inputs.indices { inputs[position].saved = nil }
        savedOutput = nil
    }

    override func takeSaved(from other: Node) -> Bool {
        guard let other = other as? RecordOfMany, other.name == name, other.outputShape == outputShape,
            other.inputs.count == inputs.count
        else { return false }
        for position in inputs.indices { inputs[position].saved = other.inputs[position].saved }
        savedOutput = other.savedOutput
        return true
    }
}

final class VariadicRecord<O: VariadicOperation>: RecordOfMany {
    private(set) var operation: O

    init(_ operation: O, _ tensors: [Tensor], _ y: borrowing View) {
        self.operation = operation
        var inputs: [Input] = []
        inputs.reserveCapacity(tensors.count)
        for position in 0..<tensors.count {
            let tensor = tensors[position]
            inputs.append(
                Input(
                    shape: tensor.shape, edge: Edge(tensor),
                    saved: operation.saves(input: position) ? Saved(tensor) : nil))
        }
        super.init(inputs, y, savedOutput: O.savesOutput ? Saved(output: y) : nil)
    }

    override var name: String { O.name }
    override func gradients(_ g: Tensor, wanted: [Bool]) throws(TalwegError) -> [Tensor?] {
        try operation.pullback(g, wanted: wanted, self)
    }
    override func tangent(_ tangents: [Tensor?]) throws(TalwegError) -> Tensor { try operation.tangent(tangents, self) }

    override func releaseSaved() {
        releaseTensors()
        operation.release()
    }

    override func takeSaved(from other: Node) -> Bool {
        guard let record = other as? VariadicRecord<O>, super.takeSaved(from: other) else { return false }
        operation = record.operation
        return true
    }
}

private func saved(_ saved: Saved?, _ name: @autoclosure () -> String, _ output: Node?) throws(TalwegError) -> Tensor {
    guard let saved else {
        throw .state(
            "backward: what \(name()) saved was released by an earlier backward; pass retain_graph to walk it twice")
    }
    return try saved.tensor(name(), output: output)
}
