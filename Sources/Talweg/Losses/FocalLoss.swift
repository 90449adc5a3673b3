// Losses that look away from what is right already (Lin et al., "Focal loss for dense object detection", 2017).

extension Tensor {
    /// Binary cross-entropy of logits, each times (1 - q)^gamma, q the probability of what is true, and times alpha for
    /// target 1 and 1 - alpha for target 0.
    /// - Parameters:
    ///   - target: 0 or 1, of the logits' shape
    ///   - alpha: of 0 ... 1; nil: both count alike
    ///   - gamma: 0 or more
    /// - Throws: invalidArgument for other targets.
    public static func sigmoidFocalLoss(
        _ logits: Tensor, _ target: Tensor, alpha: Double? = 0.25, gamma: Double = 2, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "sigmoid_focal_loss"
        try reduction.check(name)
        try checkLossOption(gamma, "gamma", gamma >= 0, "0 or more", name)
        if let alpha { try checkLossOption(alpha, "alpha", alpha >= 0 && alpha <= 1, "of 0 ... 1", name) }
        let x = try LossInputs(logits, target, reduction, name)
        try x.target.requireEither(0, 1, name, "targets")
        // Of s = x where the target is 1, else -x: -log q = log(1 + exp(-s)), -log(1 - q) = log(1 + exp(s)).
        let s = try x.prediction * (x.target * 2 - 1)
        var losses = try (s * -1).softplus()
        if gamma > 0 { losses = try losses * (s.softplus() * -gamma).exp() }
        if let alpha { losses = try losses * (x.target * (2 * alpha - 1) + (1 - alpha)) }
        return try reduction(losses)
    }

    /// Cross-entropy of logits, each row's times (1 - q)^gamma, q the probability of its label, and times its class's
    /// weight. The mean is over the rows that count.
    /// - Parameters:
    ///   - logits: [n, classes, ..] or [classes]
    ///   - labels: integers in 0 ..< classes, [n, ..] or one
    ///   - gamma: 0 or more; 0 is cross-entropy
    ///   - weight: how much each class counts, [classes]; nil: all alike
    ///   - ignoreIndex: rows with this label have no loss and do not count; nil: there are none
    public static func focalLoss(
        _ logits: Tensor, _ labels: Tensor, gamma: Double = 2, weight: Tensor? = nil, ignoreIndex: Int64? = nil,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "focal_loss"
        try reduction.check(name)
        try checkLossOption(gamma, "gamma", gamma >= 0, "0 or more", name)
        try LossInputs.refuseEmpty(logits, reduction, name)
        let x = try logits.lossReady()
        let classes = try ClassLabels(labels, for: x, ignoreIndex: ignoreIndex, classWeights: weight, name)
        let axis = x.rank > 1 ? 1 : 0
        let scores = try x.logSoftmax(axis: axis)
        var losses = try classes.picked(from: scores) * -1
        if gamma > 0 {
            // 1 - q as the sum of the others, which loses no digits; above 0, where a power has a slope.
            var hot = try classes.places.oneHot(classes: x.shape[axis], x.dtype)
            if axis + 1 < x.rank { hot = try hot.permute([0, x.rank - 1] + Array(1..<(x.rank - 1))) }
            let least = x.dtype == .float32 ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude
            let wrong = try (scores.exp() * (1 - hot)).sum(axes: [axis]) + least
            losses = try losses * wrong.power(gamma)
        }
        return try reduction(classes.weigh(losses), over: .full(.scalar, Double(classes.counted), x.dtype))
    }
}
