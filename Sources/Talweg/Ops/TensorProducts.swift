import TalwegKernels

// Products of vectors and tensors, made of recorded operations.

extension Tensor {
    /// Sums of products over the axes `first` of this and, one by one, `second` of the other: of the result those that
    /// are left, this one's first.
    public func tensordot(_ other: Tensor, _ first: [Int], _ second: [Int]) throws(TalwegError) -> Tensor {
        guard first.count == second.count else {
            throw .invalid("tensordot: \(first.count) axes of the first and \(second.count) of the second")
        }
        _ = try shape.axes(first, for: "tensordot")
        _ = try other.shape.axes(second, for: "tensordot")
        var labels = Array(rank..<(rank + other.rank))
        for (i, j) in zip(first, second) {
            let (i, j) = (i < 0 ? i + rank : i, j < 0 ? j + other.rank : j)
            guard shape[i] == other.shape[j] else {
                throw .shape(
                    "tensordot: \(shape) and \(other.shape): axis \(i) has size \(shape[i]), axis \(j) of the second "
                        + "\(other.shape[j])")
            }
            labels[j] = i
        }
        let (a, b) = try promoted(self, other)
        let (x, y) = (Labelled(tensor: a, labels: Array(0..<rank)), Labelled(tensor: b, labels: labels))
        let left = (0..<rank).filter { !labels.contains($0) } + labels.filter { $0 >= rank }
        return try contracted(x, y, keeping: LabelSet(left), order: left, "tensordot").aligned(left)
    }

    /// The same over the last `count` axes of this and the first of the other.
    public func tensordot(_ other: Tensor, axes count: Int = 2) throws(TalwegError) -> Tensor {
        guard count >= 0, count <= rank, count <= other.rank else {
            throw .invalid("tensordot: \(count) axes of \(shape) and \(other.shape)")
        }
        return try tensordot(other, Array((rank - count)..<rank), Array(0..<count))
    }

    /// Sums of products along an axis of both, the other axes broadcast.
    public func vecdot(_ other: Tensor, axis: Int = -1) throws(TalwegError) -> Tensor {
        let (i, j) = (try shape.axis(axis, for: "vecdot"), try other.shape.axis(axis, for: "vecdot"))
        guard shape[i] == other.shape[j] else {
            throw .shape("vecdot: \(shape) and \(other.shape): sizes \(shape[i]) and \(other.shape[j]) of axis \(axis)")
        }
        let (a, b) = try promoted(moveAxis(i, to: -1), other.moveAxis(j, to: -1))
        guard a.dtype != .bool else { throw .dtype("vecdot: of bool; cast it to an integer first") }
        if a.rank == 1 && b.rank == 1 { return try a.matmul(b) }
        return try a.dotOfRows(b)
    }

    /// All products of an element of this [m] and one of the other [n]: [m, n].
    public func outer(_ other: Tensor) throws(TalwegError) -> Tensor {
        guard rank == 1, other.rank == 1 else {
            throw .shape("outer: \(shape) and \(other.shape) are not both 1-d")
        }
        return try expandDims(1) * other.expandDims(0)
    }

    /// Cross products along an axis of size 3, the other axes broadcast.
    public func cross(_ other: Tensor, axis: Int = -1) throws(TalwegError) -> Tensor {
        let (i, j) = (try shape.axis(axis, for: "cross"), try other.shape.axis(axis, for: "cross"))
        guard shape[i] == 3, other.shape[j] == 3 else {
            throw .shape("cross: \(shape) and \(other.shape): sizes \(shape[i]) and \(other.shape[j]) of axis \(axis), not 3")
        }
        guard dtype != .bool || other.dtype != .bool else { throw .dtype("cross: of bool; cast it to an integer first") }
        let (a, b) = (try moveAxis(i, to: -1), try other.moveAxis(j, to: -1))
        // a1 b2 - a2 b1, and so on round.
        let y = try a.turned(1) * b.turned(2) - a.turned(2) * b.turned(1)
        return try y.moveAxis(-1, to: axis)
    }

    /// Position (i + by) modulo the size of the last axis at i.
    private func turned(_ by: Int) throws(TalwegError) -> Tensor { try roll(shifts: [-by], axes: [-1]) }

    /// Kronecker products: blocks of the other, each times an element of this. Missing axes are put in front.
    public func kron(_ other: Tensor) throws(TalwegError) -> Tensor {
        let all = Swift.max(rank, other.rank)
        guard all * 2 <= maximumRank else { throw .shape("kron: \(all) axes; the most is \(maximumRank / 2)") }
        let left = Array(repeating: 1, count: all - rank) + shape.dims
        let right = Array(repeating: 1, count: all - other.rank) + other.shape.dims
        let x = try reshape(Shape(left.flatMap { [$0, 1] }, for: "kron"))
        let y = try other.reshape(Shape(right.flatMap { [1, $0] }, for: "kron"))
        let product = try x * y
        return try product.reshape(Shape((0..<all).map { left[$0] * right[$0] }, for: "kron"))
    }
}
