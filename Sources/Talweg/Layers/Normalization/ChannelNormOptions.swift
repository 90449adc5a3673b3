import TalwegKernels

/// How batch norm and instance norm layers are made.
public struct ChannelNormOptions: Sendable {
    public var epsilon: Double
    /// The share of a batch in the running statistics, from 0 to 1; nil: they are the average of all batches.
    public var momentum: Double?
    /// Whether there are parameters "weight" and "bias".
    public var affine: Bool
    /// Whether there are buffers "running_mean", "running_var" and "num_batches_tracked", which evaluation uses.
    public var tracksRunningStatistics: Bool
    /// Whether max(y, 0) is the result, made in the same pass.
    public var relu: Bool
    public var dtype: DType

    public init(
        epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, tracksRunningStatistics: Bool = true,
        relu: Bool = false, dtype: DType = .float32
    ) {
        self.epsilon = epsilon
        self.momentum = momentum
        self.affine = affine
        self.tracksRunningStatistics = tracksRunningStatistics
        self.relu = relu
        self.dtype = dtype
    }

    /// What instance norm starts from: no parameters, no running statistics.
    public static let instance = ChannelNormOptions(affine: false, tracksRunningStatistics: false)
}
