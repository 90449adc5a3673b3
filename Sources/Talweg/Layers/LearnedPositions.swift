import TalwegKernels

/// x [.., positions, width] plus a learned row for each position: parameter "weight" [most, width]; a second input
/// tells the positions, integers [positions] or [batch, positions], else they are 0, 1, ...
public final class LearnedPositions: Module {
    public let most: Int
    public let width: Int

    /// - Parameters:
    ///   - most: how many positions there are at most
    ///   - initializer: of the weight; `standard` is N(0, 0.02^2), as GPT-2 has it
    /// - Throws: invalidArgument for sizes below 1, dtype for one that is not floating.
    public init(
        _ most: Int, _ width: Int, dtype: DType = .float32, initializer: Initializer = .standard,
        generator: Generator = .shared
    ) throws(TalwegError) {
        self.most = most
        self.width = width
        super.init()
        let start: Initializer = initializer == .standard ? .normal(scale: 0.02) : initializer
        try setParameter(
            "weight", Embedding.table(most, width, nil, dtype, start, generator, "learned_positions"))
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try shifted(x, nil) }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard (1...2).contains(inputs.count), let x = inputs[0] else {
            throw .invalid("learned_positions: takes x and positions, not \(inputs.count) inputs")
        }
        return [try shifted(x, inputs.count > 1 ? inputs[1] : nil)]
    }

    private func shifted(_ x: Tensor, _ positions: Tensor?) throws(TalwegError) -> Tensor {
        guard let weight = parameter("weight") else { throw .state("learned_positions: its weight was removed") }
        try x.checkPositionRows(positions, width: width, "learned_positions")
        if let positions { return try x + weight.embedding(positions) }
        let length = x.shape[x.rank - 2]
        guard length <= weight.shape[0] else {
            throw .index("learned_positions: \(length) positions, of \(weight.shape[0]) that there are")
        }
        return try x + weight.slice(axis: 0, to: length)
    }
}
