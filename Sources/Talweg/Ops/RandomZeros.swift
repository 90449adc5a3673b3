import TalwegKernels

extension Tensor {
    /// Each element 0 with probability p, else divided by 1 - p (Srivastava et
    /// al., "Dropout", JMLR 15, 2014), so that the expectation stays.
    public func dropout(_ p: Double, _ generator: Generator = .shared) throws(TalwegError) -> Tensor {
        guard p >= 0, p < 1 else { throw .invalid("dropout: the probability \(p) is outside [0, 1)") }
        let x = try floating()
        if p == 0 { return try x.alias() }
        let kept = try Tensor.uniform(shape, x.dtype, generator).isGreaterOrEqual(x.scalar(p))
        return try Tensor.select(kept, x * (1 / (1 - p)), x.scalar(0))
    }
}
