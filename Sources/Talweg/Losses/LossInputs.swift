import TalwegKernels

/// A prediction and a target of one shape and one dtype, float32 or float64: narrow ones are widened.
struct LossInputs {
    let prediction: Tensor
    let target: Tensor

    init(_ prediction: Tensor, _ target: Tensor, _ reduction: Reduction, _ name: String) throws(TalwegError) {
        guard prediction.shape == target.shape else {
            throw .shape("\(name): the prediction is \(prediction.shape), the target \(target.shape); they must agree")
        }
        try LossInputs.refuseEmpty(prediction, reduction, name)
        (self.prediction, self.target) = try promoted(prediction.lossReady(), target.lossReady())
    }

    /// The mean of nothing is no number.
    static func refuseEmpty(_ x: Tensor, _ reduction: Reduction, _ name: String) throws(TalwegError) {
        guard x.count > 0 || reduction == .none || reduction == .sum else {
            throw .shape("\(name): the mean of no elements, \(x.shape); use the sum, or leave empty batches out")
        }
    }
}

extension Tensor {
    /// In float32 or float64.
    func lossReady() throws(TalwegError) -> Tensor {
        let x = try floating()
        return x.dtype.isNarrowFloating ? try x.cast(to: .float32) : x
    }

    /// Refuses elements outside `low` ... `high`, NaN among them.
    func requireBetween(_ low: Double, _ high: Double, _ name: String, _ what: String) throws(TalwegError) {
        guard count > 0 else { return }
        let (least, greatest) = (try detach().min().item(), try detach().max().item())
        guard least >= low, greatest <= high else {
            throw .invalid("\(name): \(what) are from \(low) to \(high); these go from \(least) to \(greatest)")
        }
    }

    /// Refuses elements other than two.
    func requireEither(_ a: Double, _ b: Double, _ name: String, _ what: String) throws(TalwegError) {
        guard count > 0 else { return }
        let x = detach()
        let fits = try x.isEqual(x.scalar(a)).logicalOr(x.isEqual(x.scalar(b)))
        guard try fits.all().item() != 0 else {
            throw .invalid("\(name): \(what) are \(Int(a)) or \(Int(b)); there are others")
        }
    }
}

/// Refuses an option that is not finite or breaks its rule.
func checkLossOption(_ value: Double, _ option: String, _ holds: Bool, _ rule: String, _ name: String)
    throws(TalwegError)
{
    guard holds, value.isFinite else { throw .invalid("\(name): \(option) is \(value); it must be finite and \(rule)") }
}
