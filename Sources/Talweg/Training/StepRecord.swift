/// One update of a fit.
public struct StepRecord: BitwiseCopyable, Sendable {
    /// From 1.
    public var step: Int
    /// The epoch that it was made in, from 1.
    public var epoch: Int
    /// Mean over the rows of the update's batches, with the penalties.
    public var loss: Double
    public var learningRate: Double
    /// From the update before (or the epoch's begin) to this one.
    public var seconds: Double
    /// Of tensors, at the update's end.
    public var bytes: Int
}
