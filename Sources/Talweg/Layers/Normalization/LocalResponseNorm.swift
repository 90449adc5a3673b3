/// Local response norm of x [n, channels, ..]; see `Tensor.localResponseNorm`.
public final class LocalResponseNorm: Module {
    private let size: Int
    private let alpha, beta, k: Double

    /// - Throws: invalidArgument for a size below 1 or numbers that are not finite
    public init(size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) throws(TalwegError) {
        guard size >= 1, size <= 1 << 24 else {
            throw .invalid("local_response_norm: size is \(size); 1 to \(1 << 24) is allowed")
        }
        guard alpha.isFinite, beta.isFinite, k.isFinite else {
            throw .invalid("local_response_norm: alpha \(alpha), beta \(beta) and k \(k) must be finite")
        }
        (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
        super.init()
    }

    public override func forward(_ x: Tensor) throws(TalwegError) -> Tensor {
        try x.localResponseNorm(size: size, alpha: alpha, beta: beta, k: k)
    }
}
