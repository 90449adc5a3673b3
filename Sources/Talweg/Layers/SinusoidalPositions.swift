import TalwegKernels

/// x [.., positions, width] plus sines and cosines of the positions (Vaswani et al., "Attention is all you need",
/// 2017); a second input tells the positions, integers [positions] or [batch, positions], else they are 0, 1, ...
public final class SinusoidalPositions: Module {
    public let width: Int
    public let base: Double
    /// Of positions from 0 on, as many as were needed so far.
    private var table: Tensor?

    /// - Throws: invalidArgument for a width below 1, or a base that is not above 0.
    public init(_ width: Int, base: Double = 10_000) throws(TalwegError) {
        try Tensor.checkPositions("sinusoidal_positions", 0, 0, width: width, base)
        self.width = width
        self.base = base
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try shifted(x, nil) }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard (1...2).contains(inputs.count), let x = inputs[0] else {
            throw .invalid("sinusoidal_positions: takes x and positions, not \(inputs.count) inputs")
        }
        return [try shifted(x, inputs.count > 1 ? inputs[1] : nil)]
    }

    private func shifted(_ x: Tensor, _ positions: Tensor?) throws(TalwegError) -> Tensor {
        let x = try x.floating()
        try x.checkPositionRows(positions, width: width, "sinusoidal_positions")
        let length = x.shape[x.rank - 2]
        guard let positions else { return try x + rows(length, x.dtype).slice(axis: 0, to: length) }
        let listed = try positions.positions(below: Int.max, "sinusoidal_positions", fromEnd: false)
        let values = listed.pointer(as: Int64.self)
        var needed = 0
        for i in 0..<listed.count { needed = max(needed, Int(values[i]) + 1) }
        guard needed <= SinusoidalPositions.most else {
            throw .index(
                "sinusoidal_positions: position \(needed - 1) is beyond \(SinusoidalPositions.most - 1), the last")
        }
        return try x + rows(needed, x.dtype).embedding(Tensor(listed))
    }

    /// The most positions that a list may name: the table has all before.
    private static let most = 1 << 20

    /// The table with `count` rows or more.
    private func rows(_ count: Int, _ dtype: DType) throws(TalwegError) -> Tensor {
        if let table, table.dtype == dtype, table.shape[0] >= count { return table }
        let room = min(max(count, 2 * (table?.shape[0] ?? 0)), max(count, SinusoidalPositions.most))
        let made = try Tensor.sinusoidalPositions(room, width: width, base: base, dtype)
        table = made
        return made
    }
}

extension Tensor {
    /// Whether x is [.., positions, width], and positions are [positions] or [batch, positions] of it.
    func checkPositionRows(_ positions: Tensor?, width: Int, _ name: String) throws(TalwegError) {
        guard rank >= 2, shape[rank - 1] == width else {
            throw .shape("\(name): the input has shape \(shape), not [.., positions, \(width)]")
        }
        guard let positions else { return }
        let fits = positions.rank == 1 || (positions.rank == 2 && rank == 3 && positions.shape[0] == shape[0])
        guard fits, positions.shape[positions.rank - 1] == shape[rank - 2] else {
            throw .shape(
                "\(name): positions \(positions.shape) for an input \(shape); [positions] or [batch, positions] are "
                    + "needed")
        }
    }
}
