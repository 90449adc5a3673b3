/// The triangular factor of symmetric positive definite matrices [.., n, n], of which one triangle is read. The
/// gradient is symmetric, as that of a function of symmetric matrices (Murray, "Differentiation of the Cholesky
/// decomposition", arXiv:1602.07527, 2016).
struct CholeskyFactors: UnaryOperation {
    static let name = "cholesky"
    static let saves: Saves = .output
    let upper: Bool

    func forward(_ x: View) throws(TalwegError) -> View { try choleskyFactors(x, upper: upper) }

    func pullback(_ g: Tensor, _ r: UnaryRecord<CholeskyFactors>) throws(TalwegError) -> Tensor {
        let transposed = upper ? try r.y : try r.y.transpose()
        let gradient = try (upper ? g.transpose() : g).tril()
        // L' L~ with half of its diagonal, and nothing above it.
        let product = try transposed.matmul(gradient)
        let half = try (product.tril() + product.tril(-1)) * 0.5
        let left = try transposed.solveTriangular(half, upper: true)
        let both = try transposed.solveTriangular(left.transpose(), upper: true)
        return try (both + both.transpose()) * 0.5
    }
}

extension Tensor {
    /// L lower triangular with L L' = this symmetric positive definite matrix, or each of a stack, or with `upper` U
    /// upper triangular with U' U. Only that triangle of the matrix is read.
    public func cholesky(upper: Bool = false) throws(TalwegError) -> Tensor {
        try apply(CholeskyFactors(upper: upper), self)
    }
}
