extension Tensor {
    /// Of d = prediction - target: d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2) (Huber, "Robust estimation
    /// of a location parameter", 1964).
    /// - Parameter delta: above 0
    public static func huberLoss(
        _ prediction: Tensor, _ target: Tensor, delta: Double = 1, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        try reduction.check("huber_loss")
        try checkLossOption(delta, "delta", delta > 0, "above 0", "huber_loss")
        let x = try LossInputs(prediction, target, reduction, "huber_loss")
        return try reduction(huber(x, delta))
    }

    /// The Huber loss over beta: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2; |d| for a beta of 0 (Girshick,
    /// "Fast R-CNN", 2015).
    public static func smoothL1Loss(
        _ prediction: Tensor, _ target: Tensor, beta: Double = 1, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        try reduction.check("smooth_l1_loss")
        try checkLossOption(beta, "beta", beta >= 0, "0 or more", "smooth_l1_loss")
        let x = try LossInputs(prediction, target, reduction, "smooth_l1_loss")
        if beta == 0 { return try reduction((x.prediction - x.target).absolute()) }
        return try reduction(huber(x, beta) / beta)
    }

    /// c (d - c / 2), c being d within -delta ... delta: both pieces in one.
    private static func huber(_ x: LossInputs, _ delta: Double) throws(TalwegError) -> Tensor {
        let d = try x.prediction - x.target
        let c = try d.clip(-delta, delta)
        return try c * (d - c * 0.5)
    }
}
