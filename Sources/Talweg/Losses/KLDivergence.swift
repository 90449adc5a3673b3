extension Tensor {
    /// The Kullback-Leibler divergence of a target distribution from a predicted one, p (log p - log q), element by
    /// element, 0 where p is 0 (Kullback and Leibler, "On information and sufficiency", 1951). The divergence itself is
    /// the reduction `batchMean`; `mean` divides by the number of elements.
    /// - Parameters:
    ///   - logProbabilities: log q
    ///   - target: p, of the same shape; or log p, if `isLogTarget`
    public static func klDivergence(
        _ logProbabilities: Tensor, _ target: Tensor, isLogTarget: Bool = false, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let x = try LossInputs(logProbabilities, target, reduction, "kl_div")
        if isLogTarget { return try reduction(x.target.exp() * (x.target - x.prediction)) }
        let one = try x.target.scalar(1)
        let logarithm = try Tensor.select(x.target.isGreater(x.target.scalar(0)), x.target, one).log()
        return try reduction(x.target * logarithm - x.target * x.prediction)
    }
}
