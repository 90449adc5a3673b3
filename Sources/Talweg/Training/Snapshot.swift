/// Copies of a module's parameters, to return to. The memory serves again when
/// the same parameters are copied anew.
struct Snapshot {
    private var copies: [(tensor: Tensor, elements: View)] = []

    var isEmpty: Bool { copies.isEmpty }

    mutating func take(_ parameters: [Tensor]) throws(TalwegError) {
        let same = parameters.count == copies.count
            && zip(parameters, copies).allSatisfy { $0 === $1.tensor }
        if same {
            for (tensor, elements) in copies { elements.assign(tensor.view) }
            return
        }
        var fresh: [(Tensor, View)] = []
        for tensor in parameters { fresh.append((tensor, try tensor.view.copy())) }
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
