import Synchronization
import TalwegKernels

/// What a traversal knows of a node.
struct Visit {
    /// The gradients of its outputs, as far as they have arrived.
    var cotangents = Cotangents()
    /// Of `gradients(of:wrt:)`: whether its gradients are kept when they have arrived, and whether it leads
    /// to such a node.
    var isTarget = false
    var leads = false
}

/// One walk of the tape from an output to what it was made of: reverse-mode
/// differentiation (Linnainmaa, 1970; Griewank and Walther, "Evaluating
/// Derivatives", 2nd ed., 2008, section 3.2).
///
/// What it knows of a node lies in the node, which it claims by its number. Nodes that
/// another traversal has meanwhile (graphs of several threads may share a part) are
/// in a table instead.
final class Traversal {
    private let number = Traversal.counter.wrappingAdd(1, ordering: .relaxed).newValue
    private static let counter = Atomic<UInt>(0)

    /// All nodes that the output depends on, results before what they were made of.
    /// The root is held by the caller, and holds the others.
    private var nodes: [(sequence: UInt64, node: Unmanaged<Node>)] = []
    private var elsewhere: [ObjectIdentifier: Visit] = [:]
    /// Whether only what leads to a target is visited.
    private var selective = false
    private let createGraph: Bool
    /// In anomaly mode: the operation whose pullback runs, if it was given no NaN.
    private var suspect: String?

    private init(createGraph: Bool) {
        self.createGraph = createGraph
        nodes.reserveCapacity(32)
    }

    /// Whether a gradient is of use to anything.
    func wants(_ edge: Edge) -> Bool {
        guard selective else { return true }
        guard let node = edge.node else { return false }
        return withVisit(node) { $0.leads }
    }

    /// Adds to the gradient of a node's output.
    func add(_ gradient: Tensor, to edge: Edge) throws(TalwegError) {
        guard let node = edge.node else { return }
        if let suspect { try checkGradientForNaN(suspect, gradient.view) }
        var held: Tensor?
        withVisit(node) { visit in
            held = visit.cotangents.take(edge.index)
            if held == nil { visit.cotangents[edge.index] = gradient }
        }
        if held == nil { return }
        let sum = if createGraph, let held { try held + gradient } else { try Tensor.sum(&held, gradient) }
        withVisit(node) { $0.cotangents[edge.index] = sum }
    }

    @inline(__always)
    private func withVisit<R>(_ node: Node, _ body: (inout Visit) -> R) -> R {
        if node.visitor.load(ordering: .relaxed) == number { return body(&node.visit) }
        return body(&elsewhere[ObjectIdentifier(node), default: Visit()])
    }

    /// Makes the node this traversal's; false if it is already.
    private func claim(_ node: Node) -> Bool {
        if node.visitor.load(ordering: .relaxed) == number { return false }
        if !elsewhere.isEmpty, elsewhere[ObjectIdentifier(node)] != nil { return false }
        if !node.visitor.compareExchange(expected: 0, desired: number, ordering: .acquiring).exchanged {
            elsewhere[ObjectIdentifier(node)] = Visit()
        }
        nodes.append((node.sequence, Unmanaged.passUnretained(node)))
        return true
    }

    private func gather(from root: Node) {
        _ = claim(root)
        var next = 0
        while next < nodes.count {
            nodes[next].node._withUnsafeGuaranteedRef { node in
                node.forEachInput { edge in if let input = edge.node { _ = claim(input) } }
            }
            next += 1
        }
        nodes.sort { $0.sequence > $1.sequence }
    }

    /// Leaves the nodes to other traversals.
    private func finish() {
        for (_, node) in nodes {
            node._withUnsafeGuaranteedRef { node in
                guard node.visitor.load(ordering: .relaxed) == number else { return }
                node.visit = Visit()
                node.visitor.store(0, ordering: .releasing)
            }
        }
    }

    private static func seed(_ output: Tensor, _ gradient: Tensor?) throws(TalwegError) -> (Node, Tensor) {
        guard let node = output.node else {
            throw .state(
                "backward: the tensor does not depend on any that requires a gradient, or recording was off")
        }
        if let gradient {
            guard gradient.shape == output.shape else {
                throw .shape("backward: the gradient has shape \(gradient.shape), the output \(output.shape)")
            }
            guard gradient.dtype == output.dtype else {
                throw .dtype("backward: the gradient is \(gradient.dtype.name), the output \(output.dtype.name)")
            }
            return (node, gradient)
        }
        guard output.count == 1 else {
            throw .shape("backward: an output of shape \(output.shape) needs its gradient; only one element does not")
        }
        return (node, Tensor(try View.full(output.shape, 1, output.dtype)))
    }

    /// Visits the nodes in order; `atLeaf` gets each leaf with its gradient.
    private func walk(retain: Bool, _ atLeaf: (Leaf, inout Tensor?) throws(TalwegError) -> Void) throws(TalwegError) {
        try withRecording(createGraph) { () throws(TalwegError) in
            for index in nodes.indices {
                let node = nodes[index].node.takeUnretainedValue()
                var arrived = Cotangents()
                withVisit(node) { visit in
                    if selective, !visit.leads { return }
                    if visit.isTarget { arrived = visit.cotangents } else { swap(&arrived, &visit.cotangents) }
                }
                if arrived.isEmpty { continue }
                if node.extras != nil {
                    arrived = try node.hooked(arrived)
                    withVisit(node) { if $0.isTarget { $0.cotangents = arrived } }
                    try node.restoreSaved(keeping: retain || createGraph)
                }
                if let leaf = node.leaf {
                    try atLeaf(leaf, &arrived.first)
                } else {
                    if ThreadState.current.anomaly {
                        try pullbackWatched(node, arrived)
                    } else {
                        try node.pullback(arrived, into: self)
                    }
                    if !retain { node.forgetSaved() }
                }
            }
        }
    }

    /// A pullback in anomaly mode: what it makes is searched, not each step on the way, which would be named instead.
    private func pullbackWatched(_ node: Node, _ arrived: Cotangents) throws(TalwegError) {
        var given = false
        for index in 0..<node.outputCount {
            if let g = arrived[index], try firstNaN(g.view) != nil { given = true }
        }
        suspect = given ? nil : node.name
        let state = ThreadState.current
        state.anomaly = false
        defer {
            state.anomaly = true
            suspect = nil
        }
        try node.pullback(arrived, into: self)
    }

    /// One step alone: the gradients of a node's inputs, of which some are wanted, given those of its outputs.
    static func step(_ node: Node, _ cotangents: Cotangents, wanted: [Edge]) throws(TalwegError) -> [Tensor?] {
        let traversal = Traversal(createGraph: true)
        traversal.selective = true
        defer { withExtendedLifetime(node) { traversal.finish() } }
        for edge in wanted {
            guard let input = edge.node else { continue }
            _ = traversal.claim(input)
            traversal.withVisit(input) { $0.leads = true }
        }
        try node.pullback(cotangents, into: traversal)
        return wanted.map { edge in
            guard let input = edge.node else { return nil }
            return traversal.withVisit(input) { $0.cotangents[edge.index] }
        }
    }

    /// Adds to every leaf the gradient of `output` by it.
    static func backward(_ output: Tensor, gradient: Tensor?, retainGraph: Bool, createGraph: Bool)
        throws(TalwegError)
    {
        let (root, seed) = try seed(output, gradient)
        let traversal = Traversal(createGraph: createGraph)
        defer { withExtendedLifetime(root) { traversal.finish() } }
        traversal.gather(from: root)
        traversal.withVisit(root) { $0.cotangents[output.outputIndex] = seed }
        // Gathered first and added when all is well, so that a failure leaves the leaves as they were.
        var sums: [(GradientSlot, Tensor)] = []
        try traversal.walk(retain: retainGraph || createGraph) { leaf, gradient throws(TalwegError) in
            if let held = leaf.slot.gradient, let gradient {
                sums.append((leaf.slot, try held + gradient))
            } else if let gradient = try Tensor.owned(&gradient) {
                sums.append((leaf.slot, gradient))
            }
        }
        for (slot, sum) in sums { slot.replace(sum) }
    }

    /// The gradients of `output` by `inputs`; nil where it does not depend on one.
    static func gradients(
        of output: Tensor, wrt inputs: [Tensor], gradient: Tensor?, retainGraph: Bool, createGraph: Bool
    ) throws(TalwegError) -> [Tensor?] {
        let (root, seed) = try seed(output, gradient)
        let traversal = Traversal(createGraph: createGraph)
        traversal.selective = true
        defer { withExtendedLifetime(root) { traversal.finish() } }
        traversal.gather(from: root)
        for (position, input) in inputs.enumerated() {
            guard let node = input.node else {
                throw .state("grad: input \(position) does not require a gradient")
            }
            if traversal.reaches(node) { traversal.withVisit(node) { $0.isTarget = true } }
        }
        for (_, node) in traversal.nodes.reversed() {
            node._withUnsafeGuaranteedRef { node in
                var leads = traversal.withVisit(node) { $0.isTarget }
                node.forEachInput { edge in if traversal.wants(edge) { leads = true } }
                traversal.withVisit(node) { $0.leads = leads }
            }
        }
        traversal.withVisit(root) { $0.cotangents[output.outputIndex] = seed }
        try traversal.walk(retain: retainGraph || createGraph) { _, _ throws(TalwegError) in }
        // As for leaves: a cotangent may be shared with another input or be the caller's.
        return try withRecording(createGraph) { () throws(TalwegError) in
            var gradients: [Tensor?] = []
            for input in inputs {
                guard let node = input.node, traversal.reaches(node) else {
                    gradients.append(nil)
                    continue
                }
                let found = traversal.withVisit(node) { $0.cotangents[input.outputIndex] }
                gradients.append(try found?.copy())
            }
            return gradients
        }
    }

    /// Whether the output depends on a node.
    private func reaches(_ node: Node) -> Bool {
        node.visitor.load(ordering: .relaxed) == number || elsewhere[ObjectIdentifier(node)] != nil
    }
}

extension Tensor {
    /// Adds to every leaf the gradient of this tensor by it.
    /// - Parameters:
    ///   - gradient: of this tensor, of its shape; nil: 1, for one element.
    ///   - retainGraph: keep what was saved, so that the tape can be walked again.
    ///   - createGraph: record the gradients' own computation, for second derivatives.
    public func backward(gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false)
        throws(TalwegError)
    {
        try Traversal.backward(self, gradient: gradient, retainGraph: retainGraph, createGraph: createGraph)
    }

    /// The gradients of this tensor by `inputs`; nil where it does not depend on one.
    public func gradients(
        wrt inputs: [Tensor], gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false
    ) throws(TalwegError) -> [Tensor?] {
        try Traversal.gradients(
            of: self, wrt: inputs, gradient: gradient, retainGraph: retainGraph, createGraph: createGraph)
    }
}
