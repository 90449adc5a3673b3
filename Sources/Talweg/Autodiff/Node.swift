import Synchronization

/// A place on the tape: a leaf, whose tensor gathers a gradient, or the record of
/// an operation. Nodes point to those that made their inputs, so a tensor keeps
/// alive just what its gradient needs.
class Node {
    /// Larger than those of the nodes that made the inputs, and than those of
    /// all nodes that the same thread made before.
    let sequence: UInt64

    /// The number of the traversal that `visit` belongs to; 0: of none.
    let visitor = Atomic<UInt>(0)
    /// What that traversal knows of the node.
    var visit = Visit()

    /// What few nodes have; see NodeExtras.swift.
    var extras: NodeExtras?

    /// The next of the nodes that wait to be released.
    private var waiting: Unmanaged<Node>?

    /// - Parameter after: the largest sequence among the inputs.
    init(after: UInt64) {
        let thread = ThreadState.current.contents
        sequence = max(after, thread.pointee.lastSequence) &+ 1
        thread.pointee.lastSequence = sequence
        thread.pointee.region?._withUnsafeGuaranteedRef { $0.add(self) }
    }

    /// The operation's name, for messages.
    var name: String { "node" }

    /// Itself, if it is a leaf.
    var leaf: Leaf? { nil }

    /// Calls `body` with every input that is on the tape.
    func forEachInput(_ body: (Edge) -> Void) {}

    /// Hands the traversal the gradient of each input that it wants, given
    /// those of the outputs (nil where nothing depends on one).
    func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {}

    /// The tangents of the outputs given those of the inputs.
    func pushforward(_ tangents: Tangents) throws(TalwegError) -> Cotangents { Cotangents() }

    /// How many outputs there are, and what each is.
    var outputCount: Int { 1 }
    func outputKind(_ index: Int) -> (Shape, DType) { (.scalar, .float64) }

    /// Forgets what was saved for the pullback.
    func releaseSaved() {}

    /// Takes over what another record of the same operation saved; false if it is of another.
    func takeSaved(from other: Node) -> Bool { false }

    /// Gives up a reference to a node. A chain of nodes would be released by
    /// recursion, and a long one would overflow the host's stack: so the last
    /// reference is put on a list that the outermost call works off.
    static func release(_ node: inout Node?) {
        guard node != nil else { return }
        guard isKnownUniquelyReferenced(&node), let last = taken(&node) else {
            node = nil
            return
        }
        let thread = ThreadState.current.contents
        last._withUnsafeGuaranteedRef { $0.waiting = thread.pointee.released }
        thread.pointee.released = last
        guard !thread.pointee.releasing else { return }
        thread.pointee.releasing = true
        while let next = thread.pointee.released {
            thread.pointee.released = next._withUnsafeGuaranteedRef { $0.waiting }
            next.release()
        }
        thread.pointee.releasing = false
    }

    /// Gives up an edge.
    static func release(_ edge: inout Edge?) {
        guard var last = edge.take() else { return }
        release(&last.node)
    }

    /// The reference itself, which is then the caller's to release.
    private static func taken(_ node: inout Node?) -> Unmanaged<Node>? {
        withUnsafeMutablePointer(to: &node) { place in
            place.withMemoryRebound(to: Unmanaged<Node>?.self, capacity: 1) { place in
                let found = place.pointee
                place.pointee = nil
                return found
            }
        }
    }
}

/// An output of a node.
struct Edge {
    var node: Node?
    let index: Int

    /// The place of a tensor on the tape; nil off it.
    init?(_ tensor: borrowing Tensor) {
        guard let node = tensor.node else { return nil }
        self.node = node
        index = tensor.outputIndex
    }

    /// That of the node; 0 where there is none.
    var sequence: UInt64 { node?.sequence ?? 0 }
}

/// The gradients of a node's outputs.
struct Cotangents {
    /// Of output 0, which nearly all operations have alone.
    var first: Tensor?
    private var others: Others?

    private final class Others {
        var values: [Int: Tensor]
        init(_ values: [Int: Tensor]) { self.values = values }
    }

    init(_ first: Tensor? = nil) { self.first = first }

    subscript(index: Int) -> Tensor? {
        get { index == 0 ? first : others?.values[index] }
        set {
            if index == 0 {
                first = newValue
            } else {
                var values = others?.values ?? [:]
                values[index] = newValue
                others = Others(values)
            }
        }
    }

    /// Takes one out.
    mutating func take(_ index: Int) -> Tensor? {
        if index == 0 { return first.take() }
        guard let found = self[index] else { return nil }
        self[index] = nil
        return found
    }

    var isEmpty: Bool { first == nil && others == nil }
}

/// The place of a tensor that requires a gradient and was not made by a recorded
/// operation. It holds the place where the gradient goes, not the tensor: else one
/// whose gradient has a tape of its own (`createGraph`) would keep itself alive.
final class Leaf: Node {
    let slot: GradientSlot

    init(_ slot: GradientSlot) {
        self.slot = slot
        super.init(after: 0)
    }

    override var name: String { "leaf" }

    override var leaf: Leaf? { self }
}

/// Where a leaf's gradient lies. Graphs of several threads may meet in one leaf.
final class GradientSlot: @unchecked Sendable {
    private var held: Tensor?
    /// Whether the tensor is still there.
    private var open = true
    private static let lock = Lock(heldAcrossFork: true)

    var gradient: Tensor? {
        GradientSlot.lock.lock()
        defer { GradientSlot.lock.unlock() }
        return held
    }

    func replace(_ gradient: Tensor?) {
        var other = gradient
        GradientSlot.lock.lock()
        if open { swap(&held, &other) }
        GradientSlot.lock.unlock()
        // What was held goes here, outside the lock: it may be much.
        withExtendedLifetime(other) {}
    }

    /// At the tensor's end: gives what was held, and holds nothing any more.
    func close() -> Tensor? {
        GradientSlot.lock.lock()
        open = false
        let last = held.take()
        GradientSlot.lock.unlock()
        return last
    }
}

/// An input or output that a record keeps for its pullback.
struct Saved {
    /// The input itself, if it is the result of a recorded operation. A leaf, or
    /// what may become one, is kept by another tensor of the same elements: the record
    /// may be part of its own gradient's tape.
    private let tensor: Tensor
    private let version: Int

    init(_ tensor: borrowing Tensor) {
        version = tensor.view.storage.version
        if let node = tensor.node, node.leaf == nil {
            self.tensor = copy tensor
        } else {
            self.tensor = Tensor(tensor.view, node: tensor.node, outputIndex: tensor.outputIndex)
        }
    }

    /// An output: its node, which keeps this, is named when it is asked for.
    init(output view: borrowing View) {
        tensor = Tensor(copy view)
        version = view.storage.version
    }

    /// The tensor again, in its place on the tape.
    func tensor(_ name: @autoclosure () -> String, output node: Node? = nil, _ index: Int = 0)
        throws(TalwegError) -> Tensor
    {
        guard version == tensor.view.storage.version else {
            throw .state("backward: a tensor that the gradient of \(name()) needs was changed in place since")
        }
        guard let node, ThreadState.current.recording else { return tensor }
        return Tensor(tensor.view, node: node, outputIndex: index)
    }
}
