/// Copies of a module's parameters and buffers, to return to. The memory serves again when
/// the same tensors are copied anew.
struct Snapshot {
    private var copies: [(tensor: Tensor, elements: View)] = []

    init() {}

    /// Of copies that were made elsewhere.
    init(_ copies: [(tensor: Tensor, elements: View)]) { self.copies = copies }

    /// The copy of a tensor's elements, if it is one of those.
    func elements(of tensor: Tensor) -> View? { copies.first { $0.tensor === tensor }?.elements }

    mutating func take(_ tensors: [Tensor]) throws(TalwegError) {
        let same = tensors.count == copies.count
            && zip(tensors, copies).allSatisfy { $0 === $1.tensor }
        if same {
            for (tensor, elements) in copies { elements.assign(tensor.view) }
            return
        }
        var fresh: [(Tensor, View)] = []
        for tensor in tensors { fresh.append((tensor, try tensor.view.copy())) }
        copies = fresh
    }

    /// Puts the elements back. Needs no memory, so it cannot fail.
    func restore() {
        for (tensor, elements) in copies {
            // Tells the tape that the elements change.
            _ = tensor.mutableData()
            tensor.view.assign(elements)
        }
    }
}
