/// What becomes of the losses of single elements or rows.
public enum Reduction: Int32, Sendable {
    /// Their mean; what it divides by is said at the loss.
    case mean = 0
    case sum = 1
    /// They stay as they are.
    case none = 2
    /// Their sum over the size of the first axis, of the Kullback-Leibler divergence alone.
    case batchMean = 3

    func callAsFunction(_ losses: Tensor) throws(TalwegError) -> Tensor {
        switch self {
        case .mean: try losses.mean()
        case .sum: try losses.sum()
        case .none: losses
        case .batchMean: try losses.sum() / Double(losses.rank == 0 ? 1 : losses.shape[0])
        }
    }

    /// The losses of rows that do not all count alike: the mean is their sum over `total`.
    func callAsFunction(_ losses: Tensor, over total: Tensor) throws(TalwegError) -> Tensor {
        try self == .mean ? losses.sum() / total : self(losses)
    }

    /// Refuses what only the Kullback-Leibler divergence has.
    func check(_ name: String) throws(TalwegError) {
        guard self != .batchMean else { throw .invalid("\(name): the reduction batchmean is kl_div's alone") }
    }
}
