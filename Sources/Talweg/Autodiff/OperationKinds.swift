// How tangents go through an operation, by its kind.

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
