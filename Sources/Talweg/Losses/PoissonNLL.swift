extension Tensor {
    /// The negative logarithm of a Poisson distribution's probability of the target, less log target!:
    /// rate - target log rate.
    /// - Parameters:
    ///   - isLog: the prediction is log rate; else the rate, to which epsilon is added under the logarithm
    ///   - full: add Stirling's approximation of log target!, for targets above 1
    ///   - epsilon: above 0
    public static func poissonNegativeLogLikelihood(
        _ prediction: Tensor, _ target: Tensor, isLog: Bool = true, full: Bool = false, epsilon: Double = 1e-8,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "poisson_nll_loss"
        try reduction.check(name)
        try checkLossOption(epsilon, "eps", epsilon > 0, "above 0", name)
        let x = try LossInputs(prediction, target, reduction, name)
        let rate = try isLog ? x.prediction.exp() : x.prediction
        let logarithm = try isLog ? x.prediction : (x.prediction + epsilon).log()
        var losses = try rate - x.target * logarithm
        if full {
            let one = try x.target.scalar(1)
            let large = try x.target.isGreater(one)
            // t log t - t + log(2 pi t) / 2
            let t = try Tensor.select(large, x.target, one)
            let size = try t.log()
            let stirling = try t * size - t + (size + 1.837_877_066_409_345_3) * 0.5
            losses = try losses + Tensor.select(large, stirling, x.target.scalar(0))
        }
        return try reduction(losses)
    }
}
