/// Moore and Penrose's inverse, of the singular values above a share of the largest.
struct PseudoInverse: UnaryOperation {
    static let name = "pinv"
    static let saves: Saves = [.first, .output]
    /// For each matrix, or for all.
    let rtol: Tensor

    func forward(_ x: View) throws(TalwegError) -> View {
        let (values, vectors) = try singularValues(x, wantsVectors: true, full: false, Self.name)
        guard let vectors else { throw .internal("pinv: no vectors") }
        let (u, s, vh) = (Tensor(vectors.u), Tensor(values), Tensor(vectors.vh))
        let inverses = try Tensor.select(s.counts(rtol), s.reciprocal(), s.scalar(0))
        return try (vh.transpose() * inverses.expandDims(-2)).matmul(u.transpose()).view
    }

    /// For a rank that stays: Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
    /// problems whose variables separate", SIAM J. Numer. Anal. 10, 1973.
    func pullback(_ g: Tensor, _ r: UnaryRecord<PseudoInverse>) throws(TalwegError) -> Tensor {
        let (a, p) = (try r.x, try r.y)
        let (turned, rows) = (try p.transpose(), try g.transpose())
        let right = try rows.matmul(p.matmul(turned)), left = try turned.matmul(p).matmul(rows)
        return try right - a.matmul(p.matmul(right)) + (left - left.matmul(p).matmul(a))
            - turned.matmul(g).matmul(turned)
    }
}

extension Tensor {
    /// Which singular values, of this tensor's last axis, are more than a share of the largest.
    fileprivate func counts(_ rtol: Tensor) throws(TalwegError) -> Tensor {
        if shape[rank - 1] == 0 { return try .zeros(shape, .bool) }
        return try isGreater(max(axes: [-1], keepdims: true) * rtol.expandDims(-1))
    }

    /// The share below which singular values are nothing: what is given, for each matrix or for all, or max(m, n) times
    /// the distance from 1 to the next number.
    private func share(_ rtol: Tensor?, _ name: String) throws(TalwegError) -> Tensor {
        _ = try view.requireMatrices(name, square: false)
        let size = Double(Swift.max(shape[rank - 1], shape[rank - 2]))
        guard let rtol else {
            return try .full(.scalar, size * (dtype == .float32 ? Double(Float.ulpOfOne) : .ulpOfOne), dtype)
        }
        guard rtol.dtype.isFloating, rtol.rank <= rank - 2 else {
            throw .invalid("\(name): rtol is a floating number, or one for each matrix of \(shape)")
        }
        return try rtol.detach().cast(to: dtype)
    }

    /// The pseudo-inverses [.., n, m] of matrices [.., m, n]: singular values of at most `rtol` times the largest count
    /// as 0; nil: of max(m, n) times the type's epsilon. The gradient is that of a rank that does not change.
    public func pinv(rtol: Tensor? = nil) throws(TalwegError) -> Tensor {
        try apply(PseudoInverse(rtol: share(rtol, "pinv")), self)
    }

    /// The ranks (int64 [..]) of matrices [.., m, n]: how many singular values are more than `rtol` times the largest;
    /// nil: as for `pinv`.
    public func matrixRank(rtol: Tensor? = nil) throws(TalwegError) -> Tensor {
        let share = try share(rtol, "matrix_rank")
        let values = try detach().svdvals()
        let counts = try values.counts(share)
        // Of matrices whose largest is no number of the dtype though the elements are: of their parts of 2^16.
        guard values.count > 0, try !values.max().item().isFinite else { return try counts.sum(axes: [-1]) }
        let overflows = try values.max(axes: [-1], keepdims: true).isInfinite()
        let parts = try (detach() * 0x1p-16).svdvals().counts(share)
        return try Tensor.select(overflows, parts, counts).sum(axes: [-1])
    }
}
