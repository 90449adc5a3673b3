/// Elements (i, i + offset) of two axes, as the last axis.
struct Diagonal: UnaryOperation {
    static let name = "diagonal"
    static let saves: Saves = []
    let rows: Int
    let columns: Int
    /// From -rows' size to columns' size.
    let offset: Int

    func forward(_ x: View) throws(TalwegError) -> View {
        var sizes = PerAxis(repeating: 0)
        var strides = PerAxis(repeating: 0)
        var rank = 0
        for axis in 0..<x.rank where axis != rows && axis != columns {
            sizes[rank] = x.shape[axis]
            strides[rank] = x.strides[axis]
            rank += 1
        }
        let (below, above) = (Swift.max(-offset, 0), Swift.max(offset, 0))
        let length = Swift.max(Swift.min(x.shape[rows] - below, x.shape[columns] - above), 0)
        sizes[rank] = length
        strides[rank] = x.strides[rows] + x.strides[columns]
        let first = length == 0 ? 0 : below * x.strides[rows] + above * x.strides[columns]
        let shape = try Shape(sizes: sizes, rank: rank + 1, for: Self.name)
        return x.with(shape: shape, strides: strides, offset: x.offset + first)
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<Diagonal>) throws(TalwegError) -> Tensor {
        try apply(DiagonalMatrix(diagonal: self, target: r.inputShape), g)
    }
}

/// Zeros with the last axis of the input as a diagonal of two axes.
struct DiagonalMatrix: UnaryOperation {
    static let name = "diag_embed"
    static let saves: Saves = []
    let diagonal: Diagonal
    let target: Shape
    func forward(_ x: View) throws(TalwegError) -> View {
        let y = try View.full(target, 0, x.dtype)
        try diagonal.forward(y).assign(x)
        return y
    }
    func pullback(_ g: Tensor, _ r: UnaryRecord<DiagonalMatrix>) throws(TalwegError) -> Tensor {
        try apply(diagonal, g)
    }
}

extension Tensor {
    /// The diagonal `offset` above the main one of two axes, as the last axis. Never copies.
    public func diagonal(offset: Int = 0, axis0: Int = -2, axis1: Int = -1) throws(TalwegError) -> Tensor {
        guard rank >= 2 else { throw .shape("diagonal: \(shape) has no rows and columns") }
        let (rows, columns) = (try shape.axis(axis0, for: "diagonal"), try shape.axis(axis1, for: "diagonal"))
        guard rows != columns else { throw .invalid("diagonal: axis \(axis0) and axis \(axis1) are one") }
        // Diagonals beyond the matrix are as those at its corner: empty.
        let offset = Swift.min(Swift.max(offset, -shape[rows]), shape[columns])
        return try apply(Diagonal(rows: rows, columns: columns, offset: offset), self)
    }

    /// The sum of a diagonal of the last two axes; bool and integers sum as `sum` has it.
    public func trace(offset: Int = 0) throws(TalwegError) -> Tensor {
        guard rank >= 2 else { throw .shape("trace: \(shape) has no rows and columns") }
        return try diagonal(offset: offset).sum(axes: [-1])
    }

    /// Square matrices [.., n + |offset|, n + |offset|] of zeros with the last axis [.., n] as a diagonal.
    public func diagonalMatrix(offset: Int = 0) throws(TalwegError) -> Tensor {
        guard rank >= 1 else { throw .shape("diag_embed: a scalar is no diagonal") }
        let (size, overflow) = shape[rank - 1].addingReportingOverflow(Int(clamping: offset.magnitude))
        guard !overflow else { throw .shape("diag_embed: diagonal \(offset) of \(shape) is too far out") }
        let target = try Shape(shape.dims.dropLast() + [size, size], for: "diag_embed")
        let diagonal = Diagonal(rows: rank - 1, columns: rank, offset: offset)
        return try apply(DiagonalMatrix(diagonal: diagonal, target: target), self)
    }
}
