import Synchronization

/// A place on the tape: a leaf, whose tensor gathers a gradient, or the record of
/// an operation. Nodes point to those that made their inputs, so a tensor keeps
/// alive just what its gradient needs.
class Node {
    /// Grows with every node, so inputs have smaller numbers than their results.
    let sequence: UInt64

    /// The next of the nodes that wait to be released.
    private var waiting: Unmanaged<Node>?

    init() { sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).newValue }

    /// The operation's name, for messages.
    var name: String { "node" }

    /// Calls `body` with every input that is on the tape.
    func forEachInput(_ body: (Edge) -> Void) {}

    /// Hands the traversal the gradient of each input that it wants, given
    /// those of the outputs (nil where nothing depends on one).
    func pullback(_ cotangents: Cotangents, into traversal: Traversal) throws(TalwegError) {}

    /// Forgets what was saved for the pullback.
    func releaseSaved() {}

    /// Gives up a reference to a node. A chain of nodes would be released by
    /// recursion, and a long one would overflow the host's stack: so the last
    /// reference is put on a list that the outermost call works off.
    static func release(_ node: inout Node?) {
        guard node != nil else { return }
        guard isKnownUniquelyReferenced(&node) else {
            node = nil
            return
        }
        guard let last = node.take() else { return }
        let state = ThreadState.current.contents
        last.waiting = state.pointee.released
        state.pointee.released = Unmanaged.passRetained(last)
        _ = consume last
        guard !state.pointee.releasing else { return }
        state.pointee.releasing = true
        while let next = state.pointee.released {
            state.pointee.released = next._withUnsafeGuaranteedRef { $0.waiting }
            next.release()
        }
        state.pointee.releasing = false
    }

    private static let counter = Atomic<UInt64>(0)
}

/// An output of a node.
struct Edge {
    var node: Node?
    let index: Int

    /// The place of a tensor on the tape; nil off it.
    init?(_ tensor: Tensor) {
        guard let node = tensor.node else { return nil }
        self.node = node
        index = tensor.outputIndex
    }
}

/// The gradients of a node's outputs.
struct Cotangents {
    /// Of output 0, which nearly all operations have alone.
    var first: Tensor?
    var others: [Int: Tensor] = [:]

    subscript(index: Int) -> Tensor? {
        get { index == 0 ? first : others[index] }
        set { if index == 0 { first = newValue } else { others[index] = newValue } }
    }
}

/// The place of a tensor that requires a gradient and was not made by a recorded
/// operation. The gradient lies with the tensor: were it here, one with a tape of
/// its own (`createGraph`) would keep itself alive.
final class Leaf: Node {
    private(set) weak var tensor: Tensor?

    init(_ tensor: Tensor) {
        self.tensor = tensor
        super.init()
    }

    override var name: String { "leaf" }
}

/// An input or output that a record keeps for its pullback.
struct Saved {
    private let view: View
    private let version: Int
    private var edge: Edge?

    init(_ tensor: Tensor) {
        view = tensor.view
        version = tensor.view.storage.version
        edge = Edge(tensor)
    }

    /// An output: its node, which keeps this, is named when it is asked for.
    init(output view: View) {
        self.view = view
        version = view.storage.version
        edge = nil
    }

    /// The tensor again, in its place on the tape.
    func tensor(_ name: String, output node: Node? = nil) throws(TalwegError) -> Tensor {
        guard version == view.storage.version else {
            throw .state("backward: a tensor that the gradient of \(name) needs was changed in place since")
        }
        return Tensor(view, node: node ?? edge?.node, outputIndex: node == nil ? edge?.index ?? 0 : 0)
    }

    /// Gives up the place on the tape; see `Node.release`.
    mutating func release() {
        var node = edge?.node
        edge = nil
        Node.release(&node)
    }
}
