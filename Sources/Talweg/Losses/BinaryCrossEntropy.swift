import TalwegKernels

/// -(y log p + (1 - y) log(1 - p)) of probabilities p; logarithms are taken for -100 where they are below it, so that
/// a wrong certainty has a loss.
struct BinaryCrossEntropy: ElementwiseOperation {
    static let name = "binary_cross_entropy"
    static let saves: Saves = .inputs

    func forward(_ p: View, _ y: View) throws(TalwegError) -> View {
        let (yes, no) = try BinaryCrossEntropy.logarithms(Tensor(p))
        return try ((Tensor(y) - 1) * no - Tensor(y) * yes).view
    }

    /// (p - y) / (p (1 - p)), the divisor 1e-12 at least
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<BinaryCrossEntropy>) throws(TalwegError) -> Tensor {
        let (p, y) = (try r.a, try r.b)
        let spread = try p * (1 - p)
        return try g * ((p - y) / spread.maximum(spread.scalar(1e-12)))
    }

    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<BinaryCrossEntropy>) throws(TalwegError) -> Tensor {
        let (yes, no) = try BinaryCrossEntropy.logarithms(r.a)
        return try g * (no - yes)
    }

    private static func logarithms(_ p: Tensor) throws(TalwegError) -> (yes: Tensor, no: Tensor) {
        (try p.log().clip(-100, .infinity), try (p * -1).log1p().clip(-100, .infinity))
    }
}

extension Tensor {
    /// -(y log p + (1 - y) log(1 - p)) of probabilities; of logits see `binaryCrossEntropyWithLogits`, which is more
    /// precise.
    /// - Parameters:
    ///   - probabilities: p, of 0 ... 1
    ///   - target: y, of the same shape, of 0 ... 1
    ///   - weight: of each element, broadcast to the target's shape; nil: ones
    /// - Throws: invalidArgument for elements outside 0 ... 1.
    public static func binaryCrossEntropy(
        _ probabilities: Tensor, _ target: Tensor, weight: Tensor? = nil, _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = BinaryCrossEntropy.name
        try reduction.check(name)
        let x = try LossInputs(probabilities, target, reduction, name)
        try x.prediction.requireBetween(0, 1, name, "probabilities")
        try x.target.requireBetween(0, 1, name, "targets")
        let losses = try apply(BinaryCrossEntropy(), x.prediction, x.target)
        return try reduction(losses.weighted(weight, name))
    }

    /// The same of logits x, p = 1 / (1 + exp(-x)): (1 - y) x + (1 + (w - 1) y) log(1 + exp(-x)).
    /// - Parameters:
    ///   - weight: of each element, broadcast to the target's shape; nil: ones
    ///   - positiveWeight: w, how much y = 1 counts, broadcast to the target's shape; nil: ones
    public static func binaryCrossEntropyWithLogits(
        _ logits: Tensor, _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
        _ reduction: Reduction = .mean
    ) throws(TalwegError) -> Tensor {
        let name = "binary_cross_entropy_with_logits"
        try reduction.check(name)
        let x = try LossInputs(logits, target, reduction, name)
        var tail = try (x.prediction * -1).softplus()
        if let positiveWeight {
            let w = try positiveWeight.lossWeight(for: x.prediction, "pos_weight", name)
            tail = try (1 + (w - 1) * x.target) * tail
        }
        let losses = try (1 - x.target) * x.prediction + tail
        return try reduction(losses.weighted(weight, name))
    }

    /// Times weights that broadcast to the shape.
    func weighted(_ weight: Tensor?, _ name: String) throws(TalwegError) -> Tensor {
        guard let weight else { return self }
        return try self * weight.lossWeight(for: self, "weight", name)
    }

    /// This tensor as weights that broadcast to another's shape.
    private func lossWeight(for losses: Tensor, _ what: String, _ name: String) throws(TalwegError) -> Tensor {
        let refused = TalwegError.shape(
            "\(name): \(what) \(shape) does not broadcast to the target's shape, \(losses.shape)")
        guard rank <= losses.rank else { throw refused }
        for axis in 0..<rank {
            let size = losses.shape[axis + losses.rank - rank]
            guard shape[axis] == 1 || shape[axis] == size else { throw refused }
        }
        return try detach().cast(to: losses.dtype)
    }
}
