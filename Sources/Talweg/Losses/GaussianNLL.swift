extension Tensor {
    /// (log v + (prediction - target)^2 / v) / 2: the negative logarithm of a normal density with variance v, but for its
    /// constant (Nix and Weigend, "Estimating the mean and variance of the target probability distribution", 1994). v is
    /// epsilon at least, which the variance's gradient does not see.
    /// - Parameters:
    ///   - variance: of the prediction's shape, or without its last axis, or with size 1 there; 0 or more
    ///   - full: with the constant, log(2 pi) / 2
    ///   - epsilon: above 0
    /// - Throws: invalidArgument for a variance below 0.
    public static func gaussianNegativeLogLikelihood(
        _ prediction: Tensor, _ target: Tensor, variance: Tensor, full: Bool = false, epsilon: Double = 1e-6,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "gaussian_nll_loss"
        try reduction.check(name)
        try checkLossOption(epsilon, "eps", epsilon > 0, "above 0", name)
        let x = try LossInputs(prediction, target, reduction, name)
        let given = try variance.lossReady().cast(to: x.prediction.dtype)
        try given.requireBetween(0, .infinity, name, "variances")
        let raised = try given + (given.detach().maximum(given.scalar(epsilon)) - given.detach())
        let v = try raised.variances(of: x.prediction.shape, name)
        var losses = try (v.log() + (x.prediction - x.target).square() / v) * 0.5
        if full { losses = try losses + 0.918_938_533_204_672_7 }
        return try reduction(losses)
    }

    private func variances(of shape: Shape, _ name: String) throws(TalwegError) -> Tensor {
        if self.shape == shape { return self }
        let rank = shape.rank
        if rank > 0 {
            let single = try shape.replacing(axis: rank - 1, by: 1, for: name)
            if self.shape == single { return self }
            if self.shape == (try shape.removing(axis: rank - 1)) { return try expandDims(-1) }
        }
        throw .shape(
            "\(name): the variance is \(self.shape), the prediction \(shape); its last axis alone may be 1 or missing")
    }
}
