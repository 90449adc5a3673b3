/// A penalty on the size of weights, to be added to a loss. It acts on the
/// parameters called "weight" and leaves biases alone.
enum Penalty {
    /// sum |w| (Tibshirani, "Regression shrinkage and selection via the lasso", 1996)
    case l1
    /// sum w^2 (Hoerl and Kennard, "Ridge regression", 1970)
    case l2

    /// One element; 0 of no weights.
    func callAsFunction(_ weights: [Tensor]) throws(TalwegError) -> Tensor {
        var total: Tensor?
        for weight in weights {
            let one = try self == .l1 ? weight.absolute().sum() : weight.square().sum()
            if let sum = total { total = try sum + one } else { total = one }
        }
        if let total { return total }
        return try .zeros(.scalar, .float32)
    }
}

extension Module {
    /// sum |w| over the weights, here and below.
    public final func l1Penalty() throws(TalwegError) -> Tensor { try Penalty.l1(weights) }

    /// sum w^2 over the weights, here and below.
    public final func l2Penalty() throws(TalwegError) -> Tensor { try Penalty.l2(weights) }
}
