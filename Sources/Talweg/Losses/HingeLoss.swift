extension Tensor {
    /// max(0, 1 - target prediction), of equal shapes, with targets -1 or 1 (Cortes and Vapnik, "Support-vector
    /// networks", 1995); squared, if wanted, which has a slope everywhere.
    /// - Throws: invalidArgument for other targets.
    public static func hingeLoss(
        _ prediction: Tensor, _ target: Tensor, squared: Bool = false, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = squared ? "squared_hinge_loss" : "hinge_loss"
        try reduction.check(name)
        let x = try LossInputs(prediction, target, reduction, name)
        try x.target.requireEither(-1, 1, name, "targets")
        let losses = try (1 - x.target * x.prediction).relu()
        return try squared ? reduction(losses.square()) : reduction(losses)
    }

    /// The mean over the other classes j of max(0, margin - score[label] + score[j])^power, over all classes in number
    /// (Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines", 2001).
    /// - Parameters:
    ///   - scores: [n, classes] or [classes]
    ///   - labels: integers in 0 ..< classes, [n] or one
    ///   - power: 1 or 2
    ///   - weight: how much each class counts as label, [classes]; nil: all alike. The mean is over rows.
    public static func multiMarginLoss(
        _ scores: Tensor, _ labels: Tensor, power: Int = 1, margin: Double = 1, weight: Tensor? = nil,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "multi_margin_loss"
        try reduction.check(name)
        guard power == 1 || power == 2 else { throw .invalid("\(name): p is \(power); it is 1 or 2") }
        guard margin.isFinite else { throw .invalid("\(name): margin is \(margin); it must be finite") }
        guard scores.rank == 1 || scores.rank == 2 else {
            throw .shape("\(name): the scores are \(scores.shape); [n, classes] or [classes] is needed")
        }
        try LossInputs.refuseEmpty(scores, reduction, name)
        let x = try scores.lossReady()
        let classes = try ClassLabels(labels, for: x, ignoreIndex: nil, classWeights: weight, name)
        let count = x.shape[x.rank - 1]
        let own = try classes.picked(from: x).expandDims(-1)
        let others = try 1 - classes.places.oneHot(classes: count, x.dtype)
        let above = try (x - own + margin).relu() * others
        let losses = try (power == 2 ? above.square() : above).sum(axes: [-1]) / Double(count)
        return try reduction(classes.weigh(losses))
    }
}
