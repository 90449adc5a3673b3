// What the fused cross-entropy of Ops/CrossEntropy.swift leaves out.

extension Tensor {
    /// Cross-entropy with class weights, of soft targets, of several axes, or not as a mean.
    static func crossEntropyByParts(_ logits: Tensor, _ target: Tensor, _ options: CrossEntropyOptions)
        throws(TalwegError) -> Tensor
    {
        let name = CrossEntropy.name
        try options.reduction.check(name)
        guard logits.rank >= 1 else {
            throw .shape("\(name): the logits are a scalar; [n, classes, ..] or [classes] is needed")
        }
        try LossInputs.refuseEmpty(logits, options.reduction, name)
        let x = try logits.lossReady()
        let (classes, axis) = (x.shape[x.rank > 1 ? 1 : 0], x.rank > 1 ? 1 : 0)
        let weight = try options.weight.map { w throws(TalwegError) in
            try ClassLabels.checked(w, for: x, classes: classes, name)
                .reshape([Int](repeating: 1, count: axis) + [classes] + [Int](repeating: 1, count: x.rank - axis - 1))
        }
        if target.dtype.isFloating {
            guard target.shape == x.shape else {
                let message = "\(name): targets \(target.dtype.name) \(target.shape) beside logits \(x.shape); "
                    + "labels are integers, and shares of the classes have the logits' shape"
                throw target.rank == x.rank ? .shape(message) : .dtype(message)
            }
            return try options.reduction(softCrossEntropy(x, target.lossReady(), weight, options, axis))
        }
        let labels = try ClassLabels(
            target, for: x, ignoreIndex: options.ignoreIndex, classWeights: options.weight, name)
        if weight == nil, options.reduction == .mean, x.rank > 2 {
            // The same rows with the classes last are what the fused kernel takes.
            let order = [0] + Array(2..<x.rank) + [1]
            return try crossEntropy(
                x.permute(order).reshape([target.count, classes]), target.reshape([target.count]), options)
        }
        let scores = try x.logSoftmax(axis: axis)
        var losses = try labels.weigh(labels.picked(from: scores) * -1)
        let share = options.labelSmoothing
        if share > 0 {
            let all = try weight.map { w throws(TalwegError) in try scores * w } ?? scores
            var spread = try all.sum(axes: [axis]) * (-1 / Double(classes))
            if let counts = labels.counts { spread = try spread * counts }
            losses = try losses * (1 - share) + spread * share
        }
        return try options.reduction(losses, over: labels.total(x.dtype))
    }

    private static func softCrossEntropy(
        _ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ options: CrossEntropyOptions, _ axis: Int
    ) throws(TalwegError) -> Tensor {
        let share = options.labelSmoothing
        var shares = target
        if share > 0 { shares = try target * (1 - share) + share / Double(x.shape[axis]) }
        if let weight { shares = try shares * weight }
        return try (shares * x.logSoftmax(axis: axis)).sum(axes: [axis]) * -1
    }

    /// -logProbabilities[label], with class weights; the mean is over the weights of the labels that count, NaN if none
    /// does.
    /// - Parameters:
    ///   - logProbabilities: [n, classes, ..] or [classes], such as of `logSoftmax`
    ///   - labels: integers in 0 ..< classes, [n, ..] or one
    ///   - weight: how much each class counts, [classes]; nil: all alike
    ///   - ignoreIndex: rows with this label have no loss and do not count; nil: there are none
    /// - Throws: index for a label out of range.
    public static func negativeLogLikelihood(
        _ logProbabilities: Tensor, _ labels: Tensor, weight: Tensor? = nil, ignoreIndex: Int64? = nil,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "nll_loss"
        try reduction.check(name)
        try LossInputs.refuseEmpty(logProbabilities, reduction, name)
        let x = try logProbabilities.lossReady()
        let classes = try ClassLabels(labels, for: x, ignoreIndex: ignoreIndex, classWeights: weight, name)
        return try reduction(classes.weigh(classes.picked(from: x) * -1), over: classes.total(x.dtype))
    }
}
