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

extension Tensor? {
    /// Zeros in the place of a derivative that is none.
    func orZeros(_ shape: Shape, _ dtype: DType) throws(TalwegError) -> Tensor {
        if let self { return self }
        return try .zeros(shape, dtype)
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
            try input.requireDirection(direction, "jvp: tangent", position, "input")
            let before = seeds[ObjectIdentifier(node)]?[input.outputIndex]
            seeds[ObjectIdentifier(node), default: Cotangents()][input.outputIndex] =
                try before.map { held throws(TalwegError) in try held + direction } ?? direction
            first = Swift.min(first, node.sequence)
        }
        let nodes = nodesBetween(first, outputs)
        try withRecording(createGraph) { () throws(TalwegError) in
            for node in nodes {
                try node.restoreSaved(keeping: true)
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
