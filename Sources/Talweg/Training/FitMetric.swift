/// A number that a fit tells of its batches beside the loss: a mean over their rows.
public struct FitMetric {
    /// What the history calls it.
    public let name: String
    /// Of the output and the targets of a batch.
    public let value: (Tensor, Tensor) throws(TalwegError) -> Double

    public init(_ name: String, _ value: @escaping (Tensor, Tensor) throws(TalwegError) -> Double) {
        self.name = name
        self.value = value
    }
}
