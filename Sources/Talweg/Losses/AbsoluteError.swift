extension Tensor {
    /// |prediction - target|, of equal shapes. The slope at 0 is 0.
    public static func absoluteError(_ prediction: Tensor, _ target: Tensor, _ reduction: Reduction = .mean)
        throws(TalwegError) -> Tensor
    {
        try reduction.check("l1_loss")
        let x = try LossInputs(prediction, target, reduction, "l1_loss")
        return try reduction((x.prediction - x.target).absolute())
    }
}
