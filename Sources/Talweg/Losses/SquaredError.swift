extension Tensor {
    /// (prediction - target)^2, of equal shapes; the mean in one pass (`meanSquaredError`).
    public static func squaredError(_ prediction: Tensor, _ target: Tensor, _ reduction: Reduction)
        throws(TalwegError) -> Tensor
    {
        if reduction == .mean { return try meanSquaredError(prediction, target) }
        try reduction.check("mse_loss")
        let x = try LossInputs(prediction, target, reduction, "mse_loss")
        return try reduction((x.prediction - x.target).square())
    }
}
