import TalwegKernels

/// Dot products of the last axes, the others broadcast: [.., k] x [.., k] -> [..].
struct VectorDot: BinaryOperation {
    static let name = "vecdot"
    static let saves: Saves = .inputs

    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        if a.dtype.isNarrowFloating {
            return try forward(a.cast(to: .float32), b.cast(to: .float32)).cast(to: a.dtype)
        }
        let dot = try floatKernels(a.dtype, Self.name).dot
        let (first, second) = (try a.withoutLastAxis(), try b.withoutLastAxis())
        let shape = try Shape.broadcast(first.shape, second.shape, for: Self.name)
        let y = try View(uninitialized: shape, a.dtype)
        let (s, t) = (first.strides(broadcastTo: shape), second.strides(broadcastTo: shape))
        let (k, size, step, other) = (a.shape[a.rank - 1], a.dtype.itemSize, a.strides[a.rank - 1], b.strides[b.rank - 1])
        let (pa, pb, singles, doubles) = (a.pointer, b.pointer, y.pointer(as: Float.self), y.pointer(as: Double.self))
        forEachRowGroup(y.count, width: k) { start, rows in
            for row in start..<(start + rows) {
                var (rest, from, with) = (row, 0, 0)
                var axis = shape.rank - 1
                while axis >= 0 {
                    let (quotient, place) = rest.quotientAndRemainder(dividingBy: shape[axis])
                    from += place * s[axis]
                    with += place * t[axis]
                    rest = quotient
                    axis -= 1
                }
                let sum = dot(k, pa + from * size, step, pb + with * size, other)
                if size == 4 { singles[row] = Float(sum) } else { doubles[row] = sum }
            }
        }
        return y
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<VectorDot>) throws(TalwegError) -> Tensor {
        try g.expandDims(-1) * r.b
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<VectorDot>) throws(TalwegError) -> Tensor {
        try g.expandDims(-1) * r.a
    }
}

extension View {
    /// The first element of each row.
    fileprivate func withoutLastAxis() throws(TalwegError) -> View {
        with(shape: try shape.removing(axis: rank - 1), strides: strides)
    }
}

extension Tensor {
    /// Sums of products along the last axis, of one size in both; the other axes broadcast. Both have one dtype.
    func dotOfRows(_ other: Tensor) throws(TalwegError) -> Tensor {
        // Of 16 bits in float32, wherever the rows lie.
        if dtype.isNarrowFloating {
            return try cast(to: .float32).dotOfRows(other.cast(to: .float32)).cast(to: dtype)
        }
        // Of rows that do not lie in one piece, a product of all and its sums read memory in order.
        let inPieces = view.strides[rank - 1] != 1 || other.view.strides[other.rank - 1] != 1
        guard dtype.isFloating, !inPieces || shape[rank - 1] == 1 else {
            return try (self * other).sum(axes: [-1]).cast(to: dtype)
        }
        return try apply(VectorDot(), self, other)
    }
}
