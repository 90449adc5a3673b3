import TalwegKernels

/// Turns the rows of x [.., positions, width] by the angles of their positions, as is done to queries and keys before
/// attention (Su, Lu, Pan, Wen and Liu, "RoFormer", 2021): see `Tensor.rotary`. A second input tells the positions,
/// integers [positions] or [batch, positions], else they are 0, 1, ...
public final class RotaryPositions: Module {
    public let width: Int?
    public let base: Double
    public let pairs: RotaryPairs
    public let offset: Int
    /// Of positions from 0 on, as many as were needed so far.
    private var angles: RotaryAngles?

    /// - Parameters:
    ///   - width: how many elements of a row, from the first on, are turned: an even number; nil is all
    ///   - offset: what is added to the positions
    /// - Throws: invalidArgument for a width that is odd or below 2, a base that is not above 0, a negative offset.
    public init(_ width: Int? = nil, base: Double = 10_000, pairs: RotaryPairs = .halves, offset: Int = 0)
        throws(TalwegError)
    {
        try Tensor.checkPositions("rotary", 0, offset, width: width ?? 2, base)
        guard (width ?? 2) % 2 == 0 else {
            throw .invalid("rotary: the width is \(width ?? 2); pairs need an even one")
        }
        self.width = width
        self.base = base
        self.pairs = pairs
        self.offset = offset
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try forward(x, offset: offset) }

    public override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        guard (1...2).contains(inputs.count), let x = inputs[0] else {
            throw .invalid("rotary: takes x and positions, not \(inputs.count) inputs")
        }
        guard inputs.count > 1, let positions = inputs[1] else { return [try forward(x)] }
        return [try x.rotary(positions, offset: offset, width: width, base: base, pairs: pairs)]
    }

    /// Of rows at positions `offset`, `offset` + 1, ...: where a cache holds what came before.
    public func forward(_ x: Tensor, offset: Int) throws(TalwegError) -> Tensor {
        let turned = try x.checkRotary(width: width, base: base, offset: offset)
        let end = offset + x.shape[x.rank - 2]
        // Of far positions alone the angles that are needed: a table of all before could be huge.
        guard end <= 1 << 20 else {
            return try x.rotary(offset: offset, width: turned, base: base, pairs: pairs)
        }
        return try x.floating().widened { x throws(TalwegError) in
            try x.turned(reaching(end, turned, x.dtype), offset, pairs)
        }
    }

    /// The angles of positions 0 ..< `end` or more.
    private func reaching(_ end: Int, _ width: Int, _ dtype: DType) throws(TalwegError) -> RotaryAngles {
        if let angles, angles.cosines.dtype == dtype, angles.cosines.shape[0] >= end,
            angles.cosines.shape[1] == width / 2
        {
            return angles
        }
        let room = min(max(end, 2 * (angles?.cosines.shape[0] ?? 0)), 1 << 20)
        let made = try RotaryAngles(room, width: width, base: base, dtype)
        angles = made
        return made
    }
}
