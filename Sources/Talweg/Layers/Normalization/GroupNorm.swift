import TalwegKernels

/// Group norm (Wu and He, "Group normalization", 2018) of x [n, channels, ..]: over each group of channels of each
/// example, (x - mean) / sqrt(variance + epsilon) weight + bias; parameters "weight" and "bias" [channels], of ones and
/// zeros at first.
public final class GroupNorm: Module {
    private let groups: Int
    private let channels: Int
    private let epsilon: Double

    /// - Throws: invalidArgument for sizes below 1, groups that do not divide the channels or an epsilon below 0; dtype
    ///   for one that is not float32 or float64
    public init(_ groups: Int, _ channels: Int, epsilon: Double = 1e-5, affine: Bool = true, dtype: DType = .float32)
        throws(TalwegError)
    {
        guard channels >= 1 else { throw .invalid("group_norm: \(channels) channels; 1 or more are needed") }
        guard groups >= 1, channels % groups == 0 else {
            throw .invalid("group_norm: the \(channels) channels are not divided by \(groups) groups")
        }
        guard epsilon >= 0, epsilon.isFinite else {
            throw .invalid("group_norm: epsilon is \(epsilon); it must be finite and 0 or more")
        }
        guard dtype == .float32 || dtype == .float64 else {
            throw .dtype("group_norm: needs float32 or float64, not \(dtype.name)")
        }
        (self.groups, self.channels, self.epsilon) = (groups, channels, epsilon)
        super.init()
        if affine {
            let shape = try Shape([channels], for: "group_norm")
            try setParameter("weight", .ones(shape, dtype))
            try setParameter("bias", .zeros(shape, dtype))
        }
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        guard x.rank >= 2, x.shape[1] == channels else {
            throw .shape("group_norm: the input has shape \(x.shape), not [n, \(channels), ..]")
        }
        return try x.groupNorm(
            groups: groups, weight: parameter("weight"), bias: parameter("bias"), epsilon: epsilon)
    }
}
