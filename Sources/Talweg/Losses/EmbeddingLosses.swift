// Losses of vectors that stand for things: like ones are to be near, unlike ones far.

extension Tensor {
    /// 1 - cos(first, second) where the target is 1, max(0, cos(first, second) - margin) where it is -1.
    /// - Parameters:
    ///   - first, second: [n, width] or [width], of equal shapes
    ///   - target: -1 or 1, [n] or one
    ///   - margin: of -1 ... 1
    public static func cosineEmbeddingLoss(
        _ first: Tensor, _ second: Tensor, _ target: Tensor, margin: Double = 0, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "cosine_embedding_loss"
        try reduction.check(name)
        try checkLossOption(margin, "margin", margin.magnitude <= 1, "of -1 ... 1", name)
        let x = try LossInputs(first, second, reduction, name)
        let (a, b) = (x.prediction, x.target)
        guard a.rank == 1 || a.rank == 2, target.shape == (try a.shape.removing(axis: a.rank - 1)) else {
            throw .shape(
                "\(name): vectors \(a.shape) and targets \(target.shape); [n, width] and [n], or [width] and one, "
                    + "are needed")
        }
        let y = try target.detach().cast(to: a.dtype)
        try y.requireEither(-1, 1, name, "targets")
        // Vectors of zeros have a cosine of 0.
        let least = 1e-12
        let lengths = try (a.square().sum(axes: [-1]) + least) * (b.square().sum(axes: [-1]) + least)
        let cosine = try (a * b).sum(axes: [-1]) / lengths.sqrt()
        let like = try y.isGreater(y.scalar(0))
        return try reduction(.select(like, 1 - cosine, (cosine - margin).relu()))
    }

    /// max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms along the last axis (Schroff et al.,
    /// "FaceNet", 2015).
    /// - Parameters:
    ///   - anchor, positive, negative: [.., width], of equal shapes
    ///   - margin: above 0
    ///   - norm: p, above 0
    ///   - epsilon: added to each difference, so that the distance of equal vectors has a slope
    ///   - swap: take |positive - negative| for the second where it is less (Balntas et al., "Learning local feature
    ///     descriptors with triplets and shallow convolutional neural networks", 2016)
    public static func tripletMarginLoss(
        _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, norm: Double = 2,
        epsilon: Double = 1e-6, swap: Bool = false, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "triplet_margin_loss"
        try reduction.check(name)
        try checkLossOption(margin, "margin", margin > 0, "above 0", name)
        guard epsilon.isFinite else { throw .invalid("\(name): eps is \(epsilon); it must be finite") }
        guard norm > 0 else { throw .invalid("\(name): p is \(norm); it must be above 0") }
        let x = try LossInputs(anchor, positive, reduction, name)
        guard negative.shape == anchor.shape, anchor.rank >= 1 else {
            throw .shape(
                "\(name): the anchor is \(anchor.shape), the positive \(positive.shape), the negative "
                    + "\(negative.shape); [.., width], all alike, are needed")
        }
        let (a, b) = (x.prediction, x.target)
        let c = try negative.lossReady().cast(to: a.dtype)
        func distance(_ from: Tensor, _ to: Tensor) throws(TalwegError) -> Tensor {
            try (from - to + epsilon).vectorNorm(axes: [-1], order: norm)
        }
        var far = try distance(a, c)
        if swap { far = try far.minimum(distance(b, c)) }
        return try reduction((distance(a, b) - far + margin).relu())
    }

    /// InfoNCE: cross-entropy of telling each query's key among others by cosines over the temperature (van den Oord et
    /// al., "Representation learning with contrastive predictive coding", 2018).
    /// - Parameters:
    ///   - query: [n, width]
    ///   - keys: [n, width], each the one of its row's query
    ///   - negatives: further keys, of none of the queries, [m, width], or of none of its row's query, [n, m, width];
    ///     nil: the keys of the other rows
    ///   - temperature: above 0
    public static func infoNCELoss(
        _ query: Tensor, _ keys: Tensor, negatives: Tensor? = nil, temperature: Double = 0.1,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "info_nce_loss"
        try reduction.check(name)
        try checkLossOption(temperature, "temperature", temperature > 0, "above 0", name)
        let x = try LossInputs(query, keys, reduction, name)
        guard query.rank == 2 else { throw .shape("\(name): queries and keys are \(query.shape); needs [n, width]") }
        let (n, width) = (query.shape[0], query.shape[1])
        let (q, k) = (try x.prediction.directions(), try x.target.directions())
        guard let negatives else {
            let labels = try Tensor.arange(from: 0, to: Int64(n), by: 1, .int64)
            return try crossEntropy(
                q.matmul(k.transpose()) / temperature, labels, CrossEntropyOptions(reduction: reduction))
        }
        let paired = negatives.rank == 3 && negatives.shape[0] == n
        guard paired || negatives.rank == 2, negatives.shape[negatives.rank - 1] == width else {
            throw .shape(
                "\(name): negatives \(negatives.shape) beside queries \(query.shape); [m, width] or [n, m, width] "
                    + "is needed")
        }
        let others = try negatives.lossReady().cast(to: q.dtype).directions()
        let own = try (q * k).sum(axes: [-1], keepdims: true)
        let wrong = try paired ? others.matmul(q.expandDims(-1)).squeeze(-1) : q.matmul(others.transpose())
        let labels = try Tensor.zeros(Shape([n]), .int64)
        return try crossEntropy(
            .concatenate([own, wrong], axis: 1) / temperature, labels, CrossEntropyOptions(reduction: reduction))
    }

    /// Each vector along the last axis over its length, 1e-12 at least.
    private func directions() throws(TalwegError) -> Tensor {
        let length = try vectorNorm(axes: [-1], keepdims: true)
        return try self / length.maximum(length.scalar(1e-12))
    }
}
