import TalwegKernels

/// Labels [n, ..] of scores [n, classes, ..], checked, and how much each counts.
struct ClassLabels {
    /// int64 of the labels' shape; 0 where they are ignored.
    let places: Tensor
    /// 1 where a label counts, else 0; nil if all count.
    let counts: Tensor?
    /// The class's weight, 0 where ignored; nil without class weights.
    let weights: Tensor?
    /// How many count.
    let counted: Int

    /// - Parameters:
    ///   - scores: float32 or float64, [n, classes, ..]; or [classes] beside one label
    ///   - classWeights: [classes]
    init(
        _ labels: Tensor, for scores: Tensor, ignoreIndex: Int64?, classWeights: Tensor? = nil, _ name: String
    ) throws(TalwegError) {
        let axis = scores.rank > 1 ? 1 : 0
        guard scores.rank >= 1, labels.shape == (try scores.shape.removing(axis: axis)) else {
            throw .shape(
                "\(name): scores \(scores.shape) and labels \(labels.shape); "
                    + "[n, classes, ..] and [n, ..] are needed, or [classes] and one label")
        }
        guard !labels.dtype.isFloating, labels.dtype != .bool else {
            throw .dtype("\(name): labels are integers, not \(labels.dtype.name)")
        }
        let classes = Int64(scores.shape[axis])
        // In storage of their own: the pullback reads them later, unchanged.
        let own = try labels.view.ownedIntegers()
        let values = own.pointer(as: Int64.self)
        let mask = try View.full(own.shape, 1, scores.dtype)
        let zero = try View.scalar(0, scores.dtype)
        let (copy, size) = (kernels.copy(itemSize: scores.dtype.itemSize), scores.dtype.itemSize)
        var counted = own.count
        for place in 0..<own.count {
            let label = values[place]
            if let ignoreIndex, label == ignoreIndex {
                values[place] = 0
                counted -= 1
                copy(1, zero.pointer, 1, mask.pointer + place * size, 1)
            } else if label < 0 || label >= classes {
                throw .index("\(name): label \(label) of row \(place) is outside 0...\(classes - 1)")
            }
        }
        places = Tensor(own)
        self.counted = counted
        counts = counted == own.count ? nil : Tensor(mask)
        guard let classWeights else {
            weights = nil
            return
        }
        let all = try ClassLabels.checked(classWeights, for: scores, classes: Int(classes), name)
        let picked = try all.gather(axis: 0, places.reshape([own.count])).reshape(places.shape)
        weights = try counts.map { counts throws(TalwegError) in try picked * counts } ?? picked
    }

    /// Class weights, of the scores' dtype and off the tape.
    static func checked(_ weight: Tensor, for scores: Tensor, classes: Int, _ name: String) throws(TalwegError)
        -> Tensor
    {
        guard weight.rank == 1, weight.shape[0] == classes else {
            throw .shape("\(name): the weights are \(weight.shape); one a class is needed, [\(classes)]")
        }
        return try weight.detach().cast(to: scores.dtype)
    }

    /// The scores of the labelled classes, of the labels' shape.
    func picked(from scores: Tensor) throws(TalwegError) -> Tensor {
        let axis = scores.rank > 1 ? 1 : 0
        return try scores.gather(axis: axis, places.expandDims(axis)).squeeze(axis)
    }

    /// Losses of the labels' shape, each with its weight.
    func weigh(_ losses: Tensor) throws(TalwegError) -> Tensor {
        guard let share = weights ?? counts else { return losses }
        return try losses * share
    }

    /// What the mean divides by: the sum of the weights, or how many count.
    func total(_ dtype: DType) throws(TalwegError) -> Tensor {
        if let weights { return try weights.sum() }
        return try .full(.scalar, Double(counted), dtype)
    }
}
