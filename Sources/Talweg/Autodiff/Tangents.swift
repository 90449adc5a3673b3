import TalwegKernels

// Forward mode: how the results move when the inputs move along given directions, by one walk along the tape from
// the inputs to the results (Wengert, CACM 7, 1964; Griewank and Walther, "Evaluating Derivatives", section 3.1).

/// The tangents of what has moved so far.
struct Tangents {
    private var found: [ObjectIdentifier: Cotangents] = [:]

    /// Nil for what does not move.
    subscript(edge: Edge?) -> Tensor? {
        guard let edge, let node = edge.node else { return nil }
        return found[ObjectIdentifier(node)]?[edge.index]
    }

    subscript(node: Node) -> Cotangents? {
        get { found[ObjectIdentifier(node)] }
        set { found[ObjectIdentifier(node)] = newValue }
    }
}

/// An operation whose Jacobian is symmetric, so that tangents go forward as gradients go back: element-by-element
/// functions, whose Jacobian is diagonal, and a few others.
protocol SymmetricOperation: UnaryOperation {}
extension SymmetricOperation {
    func tangent(_ t: Tensor, _ record: UnaryRecord<Self>) throws(TalwegError) -> Tensor { try pullback(t, record) }
}

/// A linear operation: what it does to its input it does to the tangent.
protocol LinearOperation: UnaryOperation {}
extension LinearOperation {
    func tangent(_ t: Tensor, _ record: UnaryRecord<Self>) throws(TalwegError) -> Tensor { try apply(self, t) }
}

/// An element-by-element operation of two inputs that broadcast.
protocol ElementwiseOperation: BinaryOperation {}
extension ElementwiseOperation {
    func tangent(_ ta: Tensor?, _ tb: Tensor?, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor {
        let first = try ta.map { t throws(TalwegError) in
            try pullbackFirst(t.broadcast(to: record.outputShape), record)
        }
        let second = try tb.map { t throws(TalwegError) in
            try pullbackSecond(t.broadcast(to: record.outputShape), record)
        }
        return try sum(first, second)
    }
}

/// An operation that is linear in each of its two inputs, both of which it saves: the product rule.
protocol BilinearOperation: BinaryOperation {}
extension BilinearOperation {
    func tangent(_ ta: Tensor?, _ tb: Tensor?, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor {
        let first = try ta.map { t throws(TalwegError) in try apply(self, t, record.b) }
        let second = try tb.map { t throws(TalwegError) in try apply(self, record.a, t) }
        return try sum(first, second)
    }
}

/// The sum of what is there, one at least.
private func sum(_ a: Tensor?, _ b: Tensor?) throws(TalwegError) -> Tensor {
    if let a, let b { return try a + b }
    guard let one = a ?? b else { throw .internal("tangent: nothing moves") }
    return one
}

// Any other operation: the pullback is linear in the gradient that it is given, so differentiating it once more,
// by that gradient, turns it round, whatever the operation.
extension UnaryOperation {
    func tangent(_ t: Tensor, _ record: UnaryRecord<Self>) throws(TalwegError) -> Tensor { try record.transposed(t) }
}
extension BinaryOperation {
    func tangent(_ ta: Tensor?, _ tb: Tensor?, _ record: BinaryRecord<Self>) throws(TalwegError) -> Tensor {
        try record.transposed(ta, tb)
    }
}
extension VariadicOperation {
    func tangent(_ tangents: [Tensor?], _ record: VariadicRecord<Self>) throws(TalwegError) -> Tensor {
        try record.transposed(tangents)
    }
}

extension Tensor? {
    /// Zeros in the place of a derivative that is none.
    func orZeros(_ shape: Shape, _ dtype: DType) throws(TalwegError) -> Tensor {
        if let self { return self }
        return try .zeros(shape, dtype)
    }
}

extension Node {
    /// The tangent of the one output.
    final func transposed(_ moving: [(Edge, Tensor)]) throws(TalwegError) -> Tensor {
        let (shape, dtype) = outputKind(0)
        return try transposedAll(moving).first.orZeros(shape, dtype)
    }

    /// The tangents of the outputs by the pullback's transpose, given those of some inputs.
    final func transposedAll(_ moving: [(Edge, Tensor)]) throws(TalwegError) -> Cotangents {
        // An input that is there twice has one gradient, which is the sum.
        var distinct: [(edge: Edge, tangent: Tensor)] = []
        for (edge, tangent) in moving {
            let known = distinct.contains { $0.edge.node === edge.node && $0.edge.index == edge.index }
            if !known { distinct.append((edge, tangent)) }
        }
        let createGraph = ThreadState.current.recording
        return try withRecording(true) { () throws(TalwegError) in
            var given = Cotangents()
            var leaves: [Tensor] = []
            for index in 0..<outputCount {
                let (shape, dtype) = outputKind(index)
                let leaf = try Tensor.zeros(.scalar, dtype).broadcast(to: shape).detach()
                try leaf.setRequiresGrad(true)
                given[index] = leaf
                leaves.append(leaf)
            }
            let gradients = try Traversal.step(self, given, wanted: distinct.map(\.edge))
            var tangents = Cotangents()
            for (gradient, pair) in zip(gradients, distinct) {
                guard let gradient, gradient.requiresGrad else { continue }
                let parts = try gradient.gradients(
                    wrt: leaves, gradient: pair.tangent, retainGraph: true, createGraph: createGraph)
                for (index, part) in parts.enumerated() {
                    guard let part else { continue }
                    tangents[index] = try tangents[index].map { held throws(TalwegError) in try held + part } ?? part
                }
            }
            return tangents
        }
    }
}

extension Tensor {
    /// How `outputs` move when each of `inputs`, leaves or results, moves along its tangent: the product of the
    /// Jacobian with the tangents (forward mode). What was recorded is kept.
    /// - Parameter createGraph: record the tangents' own computation.
    /// - Returns: for each output its tangent, of its shape; nil where it does not depend on the inputs.
    public static func tangents(
        of outputs: [Tensor], wrt inputs: [Tensor], along directions: [Tensor], createGraph: Bool = false
    ) throws(TalwegError) -> [Tensor?] {
        guard inputs.count == directions.count else {
            throw .invalid("jvp: \(inputs.count) inputs and \(directions.count) tangents")
        }
        var tangents = Tangents()
        var first = UInt64.max
        var seeds: [ObjectIdentifier: Cotangents] = [:]
        for (position, input) in inputs.enumerated() {
            let direction = directions[position]
            guard let node = input.node else { throw .state("jvp: input \(position) does not require a gradient") }
            guard direction.shape == input.shape, direction.dtype == input.dtype else {
                throw .shape(
                    "jvp: tangent \(position) is \(direction.dtype.name) \(direction.shape), its input "
                        + "\(input.dtype.name) \(input.shape)")
            }
            let before = seeds[ObjectIdentifier(node)]?[input.outputIndex]
            seeds[ObjectIdentifier(node), default: Cotangents()][input.outputIndex] =
                try before.map { held throws(TalwegError) in try held + direction } ?? direction
            first = Swift.min(first, node.sequence)
        }
        let nodes = nodesBetween(first, outputs)
        try withRecording(createGraph) { () throws(TalwegError) in
            for node in nodes {
                try node.restoreSaved()
                var moved = try node.pushforward(tangents)
                if let seeded = seeds[ObjectIdentifier(node)] {
                    for index in 0..<node.outputCount where seeded[index] != nil { moved[index] = seeded[index] }
                }
                if !moved.isEmpty { tangents[node] = moved }
            }
        }
        return outputs.map { tangents[Edge($0)] }
    }

    /// All nodes that the outputs depend on and that were made from `first` on, in the order in which they were made:
    /// earlier ones depend on no input.
    private static func nodesBetween(_ first: UInt64, _ outputs: [Tensor]) -> [Node] {
        var nodes: [Node] = []
        var seen: Set<ObjectIdentifier> = []
        func reach(_ node: Node?) {
            guard let node, node.sequence >= first, seen.insert(ObjectIdentifier(node)).inserted else { return }
            nodes.append(node)
        }
        for output in outputs { reach(output.node) }
        var next = 0
        while next < nodes.count {
            nodes[next].forEachInput { reach($0.node) }
            next += 1
        }
        nodes.sort { $0.sequence < $1.sequence }
        return nodes
    }
}
