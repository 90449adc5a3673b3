/// A = Q R of matrices [.., m, n] by Householder reflectors.
struct QRFactors: MultiOperation {
    static let name = "qr"
    let complete: Bool
    func saves(input: Int) -> Bool { input == 0 }
    func saves(output: Int) -> Bool { true }

    /// Walter and Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum
    /// experimental design", arXiv:1001.1654; of a wide matrix [X Y] that of X = Q U, with Y = Q V.
    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<QRFactors>) throws(TalwegError) -> [Tensor?] {
        let (q, upper) = (try r.output(0), try r.output(1))
        let (m, n) = (q.shape[q.rank - 2], upper.shape[upper.rank - 1])
        guard !complete || m <= n else {
            throw .numeric("qr: the complete factors of a matrix \(m) x \(n) have no gradient; use the reduced ones")
        }
        guard m < n else { return [try QRFactors.gradient(q, upper, g[0], g[1])] }
        let y = try r.input(0).slice(axis: -1, from: m)
        let square = try upper.slice(axis: -1, to: m)
        guard let right = g[1] else {
            let x = try QRFactors.gradient(q, square, g[0], nil)
            return [try .concatenate([x, .zeros(y.shape, y.dtype)], axis: -1)]
        }
        let rest = try right.slice(axis: -1, from: m)
        let through = try y.matmul(rest.transpose())
        let x = try QRFactors.gradient(
            q, square, g[0].map { g throws(TalwegError) in try g + through } ?? through, right.slice(axis: -1, to: m))
        return [try .concatenate([x, q.matmul(rest)], axis: -1)]
    }

    /// Of m x n with m >= n: (Q~ + Q S) R^-T, S the symmetric matrix of the lower triangle of R R~' - Q~' Q.
    private static func gradient(_ q: Tensor, _ r: Tensor, _ gq: Tensor?, _ gr: Tensor?) throws(TalwegError) -> Tensor {
        var inner: Tensor?
        if let gr { inner = try r.matmul(gr.triu().transpose()) }
        if let gq {
            let product = try gq.transpose().matmul(q)
            if let known = inner { inner = try known - product } else { inner = try -product }
        }
        guard let inner else { return try .zeros(q.shape, q.dtype) }
        let symmetric = try inner.tril() + inner.tril(-1).transpose()
        var sum = try q.matmul(symmetric)
        if let gq { sum = try sum + gq }
        return try r.solveTriangular(sum.transpose(), upper: true).transpose()
    }
}

extension Tensor {
    /// Q [.., m, k] with orthonormal columns and R [.., k, n] upper triangular with Q R = this matrix, k = min(m, n) or,
    /// if `complete`, m. R's diagonal has the signs that LAPACK gives it.
    public func qr(complete: Bool = false) throws(TalwegError) -> (q: Tensor, r: Tensor) {
        let (q, r) = try qrFactors(view, complete: complete)
        let results = try recorded(QRFactors(complete: complete), [self], [q, r])
        return (results[0], results[1])
    }

    /// Q and R as in `qr` of this matrix with its columns in another order, such that R's diagonal falls in magnitude:
    /// column j of Q R is column order[j] of the matrix (int64 [.., n]). No gradient.
    public func pivotedQR(complete: Bool = false) throws(TalwegError) -> (q: Tensor, r: Tensor, order: Tensor) {
        let (q, r, order) = try pivotedQRFactors(view, complete: complete)
        return (Tensor(q), Tensor(r), Tensor(order))
    }
}
