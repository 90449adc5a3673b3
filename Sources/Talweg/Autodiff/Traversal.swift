import TalwegKernels

/// One walk of the tape from an output to what it was made of: reverse-mode
/// differentiation (Linnainmaa, 1970; Griewank and Walther, "Evaluating
/// Derivatives", 2nd ed., 2008, section 3.2).
final class Traversal {
    /// The nodes to visit: those that the output depends on.
    private var cotangents: [ObjectIdentifier: Cotangents] = [:]
    /// Of `gradients(of:wrt:)`: the nodes that lead to what is wanted; nil means all.
    private var leading: Set<ObjectIdentifier>?
    private var targets: [ObjectIdentifier: Cotangents] = [:]
    private let createGraph: Bool

    private init(createGraph: Bool) { self.createGraph = createGraph }

    /// Whether a gradient is of use to anything.
    func wants(_ edge: Edge) -> Bool {
        guard let leading else { return true }
        guard let node = edge.node else { return false }
        return leading.contains(ObjectIdentifier(node))
    }

    /// Adds to the gradient of a node's output.
    func add(_ gradient: Tensor, to edge: Edge) throws(TalwegError) {
        guard let node = edge.node else { return }
        let key = ObjectIdentifier(node)
        var found = cotangents[key] ?? Cotangents()
        if let sum = found[edge.index] {
            found[edge.index] = try sum + gradient
        } else {
            found[edge.index] = gradient
        }
        cotangents[key] = found
    }

    /// All nodes that `root` depends on, results before what they were made of.
    private static func order(from root: Node) -> [Node] {
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var nodes = [root]
        var next = 0
        while next < nodes.count {
            nodes[next].forEachInput { edge in
                if let node = edge.node, seen.insert(ObjectIdentifier(node)).inserted { nodes.append(node) }
            }
            next += 1
        }
        nodes.sort { $0.sequence > $1.sequence }
        return nodes
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

    private func walk(_ nodes: [Node], retain: Bool, _ atLeaf: (Tensor, Tensor) throws(TalwegError) -> Void)
        throws(TalwegError)
    {
        for node in nodes {
            let key = ObjectIdentifier(node)
            guard let arrived = cotangents.removeValue(forKey: key) else { continue }
            if targets[key] != nil { targets[key] = arrived }
            if let leaf = node as? Leaf {
                if let tensor = leaf.tensor, let gradient = arrived.first { try atLeaf(tensor, gradient) }
            } else {
                try withRecording(createGraph) { () throws(TalwegError) in
                    try node.pullback(arrived, into: self)
                }
                if !retain { node.releaseSaved() }
            }
        }
    }

    /// Adds to every leaf the gradient of `output` by it.
    static func backward(_ output: Tensor, gradient: Tensor?, retainGraph: Bool, createGraph: Bool)
        throws(TalwegError)
    {
        let (root, seed) = try seed(output, gradient)
        let traversal = Traversal(createGraph: createGraph)
        traversal.cotangents[ObjectIdentifier(root)] = Traversal.start(output, seed)
        // Gathered first and added when all is well, so that a failure leaves the leaves as they were.
        var sums: [(Tensor, Tensor)] = []
        try traversal.walk(order(from: root), retain: retainGraph || createGraph) { leaf, gradient throws(TalwegError) in
            // A cotangent may be shared with another leaf or be the caller's.
            let sum = try withRecording(createGraph) { () throws(TalwegError) in
                if let held = leaf.grad { try held + gradient } else { try gradient.copy() }
            }
            sums.append((leaf, sum))
        }
        for (leaf, sum) in sums { leaf.replaceGrad(sum) }
    }

    /// The gradients of `output` by `inputs`; nil where it does not depend on one.
    static func gradients(
        of output: Tensor, wrt inputs: [Tensor], gradient: Tensor?, retainGraph: Bool, createGraph: Bool
    ) throws(TalwegError) -> [Tensor?] {
        let (root, seed) = try seed(output, gradient)
        let traversal = Traversal(createGraph: createGraph)
        for (position, input) in inputs.enumerated() {
            guard let node = input.node else {
                throw .state("grad: input \(position) does not require a gradient")
            }
            traversal.targets[ObjectIdentifier(node)] = Cotangents()
        }
        let nodes = order(from: root)
        var leading = Set<ObjectIdentifier>()
        for node in nodes.reversed() {
            var leads = traversal.targets[ObjectIdentifier(node)] != nil
            node.forEachInput { edge in
                if let input = edge.node, leading.contains(ObjectIdentifier(input)) { leads = true }
            }
            if leads { leading.insert(ObjectIdentifier(node)) }
        }
        traversal.leading = leading
        traversal.cotangents[ObjectIdentifier(root)] = Traversal.start(output, seed)
        try traversal.walk(
            nodes.filter { leading.contains(ObjectIdentifier($0)) }, retain: retainGraph || createGraph
        ) { _, _ throws(TalwegError) in }
        // As for leaves: a cotangent may be shared with another input or be the caller's.
        return try withRecording(createGraph) { () throws(TalwegError) in
            var gradients: [Tensor?] = []
            for input in inputs {
                let found = input.node.flatMap { traversal.targets[ObjectIdentifier($0)]?[input.outputIndex] }
                gradients.append(try found?.copy())
            }
            return gradients
        }
    }

    private static func start(_ output: Tensor, _ seed: Tensor) -> Cotangents {
        var cotangents = Cotangents()
        cotangents[output.outputIndex] = seed
        return cotangents
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
