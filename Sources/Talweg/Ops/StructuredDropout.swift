import TalwegKernels

// Dropout of more than single elements, and of other values than 0.

/// What one decision of a stochastic depth holds for.
public enum StochasticDepthMode: Int32, Sendable {
    /// each position of axis 0, an example
    case row = 0
    /// the whole batch
    case batch = 1
}

extension Tensor {
    /// Whole channels 0 with probability p, else divided by 1 - p (Tompson, Goroshin, Jain, LeCun and Bregler,
    /// "Efficient object localization using convolutional networks", 2015).
    /// - Note: of [batch, channels, ..], or of [channels, length], which has two axes
    public func channelDropout(_ p: Double, _ generator: Generator = .shared) throws(TalwegError) -> Tensor {
        let x = try floating()
        let kept = try channels("channel_dropout")
        try checkDropped(p, "channel_dropout")
        return try p == 0 ? x.alias() : x * Tensor.kept(kept, p, x.dtype, generator)
    }

    /// Each element, or each whole channel (as `channelDropout` has them), the negative limit of SELU with probability
    /// p; then all scaled and shifted so that mean 0 and variance 1 stay (Klambauer, Unterthiner, Mayr and Hochreiter,
    /// "Self-normalizing neural networks", 2017).
    public func alphaDropout(_ p: Double, byChannel: Bool = false, _ generator: Generator = .shared)
        throws(TalwegError) -> Tensor
    {
        let x = try floating()
        let shape = byChannel ? try channels("alpha_dropout") : x.shape
        try checkDropped(p, "alpha_dropout")
        if p == 0 { return try x.alias() }
        let limit = -SELUConstants.alpha * SELUConstants.scale
        let scale = 1 / ((1 - p) * (1 + p * limit * limit)).squareRoot()
        let isKept = try Tensor.kept(shape, p, .float32, generator)
        return try Tensor.select(isKept, x, x.scalar(limit)) * scale - scale * limit * p
    }

    /// All of an example, or of the batch, 0 with probability p, else divided by 1 - p: what a residual branch is
    /// dropped by (Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth", 2016).
    public func stochasticDepth(_ p: Double, _ mode: StochasticDepthMode = .row, _ generator: Generator = .shared)
        throws(TalwegError) -> Tensor
    {
        let x = try floating()
        try checkDropped(p, "stochastic_depth")
        guard mode == .batch || rank > 0 else {
            throw .shape("stochastic_depth: a scalar has no rows; drop the whole batch instead")
        }
        if p == 0 { return try x.alias() }
        var sizes = [Int](repeating: 1, count: rank)
        if mode == .row { sizes[0] = shape[0] }
        return try x * Tensor.kept(Shape(sizes, for: "stochastic_depth"), p, x.dtype, generator)
    }

    /// 0 with probability p, else 1 / (1 - p).
    private static func kept(_ shape: Shape, _ p: Double, _ dtype: DType, _ generator: Generator)
        throws(TalwegError) -> Tensor
    {
        try ones(shape, dtype == .float64 ? dtype : .float32).dropout(p, generator).cast(to: dtype)
    }

    private func checkDropped(_ p: Double, _ name: String) throws(TalwegError) {
        guard p >= 0, p < 1 else {
            throw .invalid("\(name): the probability is \(p); it must be 0 or more and below 1")
        }
    }

    /// The shape of one element for each channel.
    private func channels(_ name: String) throws(TalwegError) -> Shape {
        guard rank >= 2 else {
            throw .shape("\(name): the input has shape \(shape), not [batch, channels, ..] or [channels, length]")
        }
        let leading = rank == 2 ? 1 : 2
        let sizes = (0..<rank).map { $0 < leading ? shape[$0] : 1 }
        return try Shape(sizes, for: name)
    }
}
