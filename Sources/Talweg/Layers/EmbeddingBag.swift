import TalwegKernels

/// The sum, mean or largest of a table's rows in bags: see `Tensor.embeddingBag`; parameter "weight" [rows, width], at
/// first N(0, 1). Inputs: ids, and if they have one axis the offsets of the bags; for sums a weight for each id too.
public final class EmbeddingBag: Module {
    public let mode: BagMode
    public let padding: Int?
    public let limit: Embedding.RowLimit?
    public let lastOffset: Bool

    /// - Parameters:
    ///   - padding: a row that belongs to no bag, gets no gradient and starts as zeros
    ///   - lastOffset: whether offsets have the end of the last bag too
    /// - Throws: invalidArgument for sizes below 1, index for a padding that is no row, dtype for one that is not
    ///   floating.
    public init(
        _ rows: Int, _ width: Int, mode: BagMode = .mean, padding: Int? = nil, limit: Embedding.RowLimit? = nil,
        lastOffset: Bool = false, dtype: DType = .float32, initializer: Initializer = .standard,
        generator: Generator = .shared
    ) throws(TalwegError) {
        (self.mode, self.padding, self.limit, self.lastOffset) = (mode, padding, limit, lastOffset)
        super.init()
        try setParameter(
            "weight", Embedding.table(rows, width, padding, dtype, initializer, generator, "embedding_bag"))
    }

    /// Over rows that there are: the tensor itself becomes the parameter.
    /// - Parameter frozen: whether it is not to be trained
    public init(
        _ weight: Tensor, mode: BagMode = .mean, padding: Int? = nil, limit: Embedding.RowLimit? = nil,
        lastOffset: Bool = false, frozen: Bool = false
    ) throws(TalwegError) {
        (self.mode, self.padding, self.limit, self.lastOffset) = (mode, padding, limit, lastOffset)
        super.init()
        try adoptTable(weight, padding, frozen: frozen, "embedding_bag")
    }

    /// Of ids [bags, size].
    public override func forward(_ ids: Tensor) throws(TalwegError) -> Tensor { try bags(ids, nil, nil) }

    /// Of ids, offsets and weights, of which the last two may be left out.
    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard (1...3).contains(inputs.count), let ids = inputs[0] else {
            throw .invalid("embedding_bag: takes ids, offsets and weights, not \(inputs.count) inputs")
        }
        return [try bags(ids, inputs.count > 1 ? inputs[1] : nil, inputs.count > 2 ? inputs[2] : nil)]
    }

    private func bags(_ ids: Tensor, _ offsets: Tensor?, _ weights: Tensor?) throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("embedding_bag: its weight was removed") }
        if let limit { try weight.limitRows(ids, norm: limit.norm, order: limit.order) }
        return try weight.embeddingBag(
            ids, offsets: offsets, weights: weights, mode: mode, padding: padding, lastOffset: lastOffset)
    }
}
