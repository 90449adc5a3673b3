/// Eigenvalues, ascending, and eigenvectors of symmetric matrices.
struct SymmetricEigenvectors: MultiOperation {
    static let name = "eigh"
    func saves(input: Int) -> Bool { false }
    func saves(output: Int) -> Bool { true }

    /// V (diag(gw) + F o skew(V' gV)) V' with F[i, j] = 1 / (w[j] - w[i]): Giles, "An extended collection of matrix
    /// derivative results for forward and reverse mode algorithmic differentiation", Oxford 2008. A symmetric matrix.
    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SymmetricEigenvectors>)
        throws(TalwegError) -> [Tensor?]
    {
        let (w, v) = (try r.output(0), try r.output(1))
        var left: Tensor?
        if let values = g[0] { left = try v * values.expandDims(-2) }
        if let vectors = g[1] {
            let product = try v.transpose().matmul(vectors)
            let skew = try (product - product.transpose()) * 0.5
            let gaps = try w.expandDims(-2) - w.expandDims(-1)
            let turned = try v.matmul(skew / gaps.withDiagonal(1))
            left = try left.map { left throws(TalwegError) in try left + turned } ?? turned
        }
        return [try left?.matmul(v.transpose())]
    }
}

extension Tensor {
    /// With a number added along the diagonal of the last two axes.
    func withDiagonal(_ value: Double) throws(TalwegError) -> Tensor {
        try self + Tensor.eye(shape[rank - 2], shape[rank - 1], dtype) * value
    }

    /// The eigenvalues w [.., n], ascending, of symmetric matrices [.., n, n], and their eigenvectors, the columns of
    /// V [.., n, n]: x = V diag(w) V'. Only the lower triangle is read; the gradient is symmetric. Where eigenvalues
    /// coincide, that of their vectors does not exist, and is not finite.
    public func eigh() throws(TalwegError) -> (values: Tensor, vectors: Tensor) {
        let (values, vectors) = try eigenSymmetric(view, wantsVectors: true, "eigh")
        guard let vectors else { throw .internal("eigh: no vectors") }
        let results = try recorded(SymmetricEigenvectors(), [self], [values, vectors])
        return (results[0], results[1])
    }

    /// The eigenvalues alone: without the vectors, if no gradient is wanted, which needs them.
    public func eigvalsh() throws(TalwegError) -> Tensor {
        if requiresGrad, ThreadState.current.recording { return try eigh().values }
        return Tensor(try eigenSymmetric(view, wantsVectors: false, "eigvalsh").values)
    }
}
