/// Singular values, descending, and singular vectors: U, s, V'.
struct SingularVectors: MultiOperation {
    static let name = "svd"
    func saves(input: Int) -> Bool { false }
    func saves(output: Int) -> Bool { true }

    /// Townsend, "Differentiating the singular value decomposition", 2016; with F[i, j] = 1 / (s[j]^2 - s[i]^2).
    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SingularVectors>) throws(TalwegError) -> [Tensor?] {
        let (u, s, vh) = (try r.output(0), try r.output(1), try r.output(2))
        let (m, n) = (u.shape[u.rank - 2], vh.shape[vh.rank - 1])
        let k = min(m, n)
        let (along, down) = (try s.expandDims(-2), try s.expandDims(-1))
        // U times this times V', and what lies outside of the spaces of either.
        var left: Tensor?
        var rest: Tensor?
        if let values = g[1] { left = try u * values.expandDims(-2) }
        let gaps = g[0] == nil && g[2] == nil ? nil : try ((along - down) * (along + down)).withDiagonal(1)
        if let gaps, let vectors = g[0] {
            let product = try u.transpose().matmul(vectors)
            let turned = try u.matmul((product - product.transpose()) / gaps * along)
            left = try left.sum(turned)
            if m > k { left = try left.sum((vectors - u.matmul(product)) / along) }
        }
        if let gaps, let vectors = g[2] {
            let product = try vh.matmul(vectors.transpose())
            left = try left.sum(u.matmul(down * ((product - product.transpose()) / gaps)))
            if n > k { rest = try u.matmul((vectors - product.transpose().matmul(vh)) / down) }
        }
        return [try left.map { left throws(TalwegError) in try rest.sum(left.matmul(vh)) }]
    }
}

/// U and V' that are square where the matrix is not: what they have beside the reduced ones is arbitrary.
struct SquareVectors: MultiOperation {
    static let name = "svd"
    func saves(input: Int) -> Bool { false }

    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<SquareVectors>) throws(TalwegError) -> [Tensor?] {
        throw .numeric(
            "svd: the full vectors of a matrix that is not square have no gradient; use those of full_matrices = false")
    }
}

extension Optional where Wrapped == Tensor {
    /// With a term that is the first if there is none.
    fileprivate func sum(_ term: Tensor) throws(TalwegError) -> Tensor {
        guard let self else { return term }
        return try self + term
    }
}

extension Tensor {
    /// U, s [.., min(m, n)], descending and not negative, and V' with x = U diag(s) V', x [.., m, n]. U [.., m, k] and
    /// V' [.., k, n] have k = min(m, n) or, if `full`, are square. Where singular values coincide or, for m and n that
    /// differ, are 0, the gradient of their vectors does not exist, and is not finite.
    public func svd(full: Bool = true) throws(TalwegError) -> (u: Tensor, s: Tensor, vh: Tensor) {
        let (values, vectors) = try singularValues(view, wantsVectors: true, full: full, "svd")
        guard var (u, vh) = vectors else { throw .internal("svd: no vectors") }
        let k = values.shape[values.rank - 1]
        let isReduced = u.shape[u.rank - 1] == k && vh.shape[vh.rank - 2] == k
        let square = try isReduced ? [] : recorded(SquareVectors(), [self], [u, vh])
        if !isReduced {
            u = try Tensor(u).slice(axis: -1, to: k).view
            vh = try Tensor(vh).slice(axis: -2, to: k).view
        }
        let results = try recorded(SingularVectors(), [self], [u, values, vh])
        return isReduced ? (results[0], results[1], results[2]) : (square[0], results[1], square[1])
    }

    /// The singular values alone: without the vectors, if no gradient is wanted, which needs them.
    public func svdvals() throws(TalwegError) -> Tensor {
        if requiresGrad, ThreadState.current.recording { return try svd(full: false).s }
        return Tensor(try singularValues(view, wantsVectors: false, full: false, "svdvals").values)
    }
}
