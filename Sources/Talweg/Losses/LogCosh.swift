import TalwegKernels

/// log(cosh(x)), to full relative precision near 0 and without overflow.
struct LogCosh: SymmetricOperation {
    static let name = "log_cosh_loss"
    static let saves: Saves = .first

    func forward(_ x: View) throws(TalwegError) -> View {
        // cosh^-2 = 1 - tanh^2 near 0; |x| - log 2 + log(1 + exp(-2 |x|)) away from it.
        let size = try Tensor(x).absolute()
        let near = try (size.tanh().square() * -1).log1p() * -0.5
        let far = try size + ((size * -2).exp().log1p() - 0.693_147_180_559_945_3)
        return try Tensor.select(size.isLess(size.scalar(0.5)), near, far).view
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<LogCosh>) throws(TalwegError) -> Tensor { try g * r.x.tanh() }
}

extension Tensor {
    /// log(cosh(prediction - target)), of equal shapes: half the square for small ones, the magnitude less log 2 for
    /// large ones.
    public static func logCoshLoss(_ prediction: Tensor, _ target: Tensor, _ reduction: Reduction = .mean)
        throws(TalwegError) -> Tensor
    {
        try reduction.check(LogCosh.name)
        let x = try LossInputs(prediction, target, reduction, LogCosh.name)
        return try reduction(apply(LogCosh(), x.prediction - x.target))
    }
}
