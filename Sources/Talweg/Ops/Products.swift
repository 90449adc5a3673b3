import TalwegKernels

/// [.., m, k] x [.., k, n] -> [.., m, n]; leading axes broadcast.
struct MatrixMultiply: BilinearOperation {
    static let name = "matmul"
    static let saves: Saves = .inputs
    /// Whether the result of bfloat16 factors stays the float32 that it is summed in.
    var widens = false

    func forward(_ a: View, _ b: View) throws(TalwegError) -> View {
        guard a.dtype.isNarrowFloating, a.dtype == b.dtype else { return try multiplied(a, b) }
        return try multipliedNarrow(a, b, as: widens ? .float32 : a.dtype)
    }
    func pullbackFirst(_ g: Tensor, _ r: BinaryRecord<MatrixMultiply>) throws(TalwegError) -> Tensor {
        try apply(self, factor(g), r.b.transpose())
    }
    func pullbackSecond(_ g: Tensor, _ r: BinaryRecord<MatrixMultiply>) throws(TalwegError) -> Tensor {
        let (k, n) = (r.firstShape[r.firstShape.rank - 1], g.shape[g.rank - 1])
        guard r.secondShape.rank == 2, r.firstShape.rank > 2, k > 0, n > 0 else {
            return try apply(self, r.a.transpose(), factor(g))
        }
        // One matrix for all: one product of all rows, not a sum of products.
        let rows = g.shape.count / n
        return try apply(self, r.a.reshape([rows, k]).transpose(), factor(g.reshape([rows, n])))
    }

    /// A gradient as a factor of the next product.
    private func factor(_ g: Tensor) throws(TalwegError) -> Tensor { widens ? try g.cast(to: .bfloat16) : g }
}

extension Tensor {
    /// Matrix products; a 1-d input counts as a row (first) or a column (second). Integers wrap around.
    public func matmul(_ other: Tensor) throws(TalwegError) -> Tensor {
        guard rank >= 1, other.rank >= 1 else {
            throw .shape("matmul: \(shape) x \(other.shape): a scalar has no rows or columns; use multiply")
        }
        var (a, b) = try promoted(self, other)
        guard a.dtype != .bool else { throw .dtype("matmul: of bool; cast it to an integer first") }
        let mixed = ThreadState.current.mixedPrecision && a.dtype == .float32
        if mixed { (a, b) = (try a.cast(to: .bfloat16), try b.cast(to: .bfloat16)) }
        let left = rank == 1 ? try a.expandDims(0) : a
        let right = other.rank == 1 ? try b.expandDims(1) : b
        guard left.shape[left.rank - 1] == right.shape[right.rank - 2] else {
            throw .shape(
                "matmul: \(shape) x \(other.shape): inner sizes \(left.shape[left.rank - 1]) and "
                    + "\(right.shape[right.rank - 2]) differ")
        }
        var y = a.dtype.isFloating
            ? try apply(MatrixMultiply(widens: mixed), left, right) : Tensor(try multipliedIntegers(left.view, right.view))
        if rank == 1 { y = try y.squeeze(-2) }
        if other.rank == 1 { y = try y.squeeze(-1) }
        return y
    }
}
