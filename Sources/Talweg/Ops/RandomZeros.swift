import TalwegKernels

/// Each element 0 with a probability, else times `scale`. Which ones is a pure function of the seed and the
/// place, so the pullback is the same operation again and no mask is kept.
struct DropoutOperation: LinearOperation {
    static let name = "dropout"
    static let saves: Saves = []
    let seed: UInt64
    /// Of the first element's word in the stream.
    let offset: UInt64
    let threshold: Int32
    let scale: Double

    func forward(_ x: View) throws(TalwegError) -> View {
        let kernel = try floatKernels(x.dtype, Self.name).random.dropout
        let source = try x.contiguous()
        let y = try View(uninitialized: x.shape, x.dtype)
        let (n, size, from, to) = (y.count, x.dtype.itemSize, source.pointer, y.pointer)
        forEachChunk(n) { first, count in
            kernel(
                count, seed, offset &+ UInt64(first), threshold, scale,
                from + first * size, to + first * size)
        }
        return y
    }

    func pullback(_ g: Tensor, _ r: UnaryRecord<DropoutOperation>) throws(TalwegError) -> Tensor {
        try apply(self, g)
    }
}

extension Tensor {
    /// Each element 0 with probability p, else divided by 1 - p (Srivastava et
    /// al., "Dropout", JMLR 15, 2014), so that the expectation stays.
    public func dropout(_ p: Double, _ generator: Generator = .shared) throws(TalwegError) -> Tensor {
        guard p >= 0, p < 1 else { throw .invalid("dropout: the probability \(p) is outside [0, 1)") }
        let x = try floating()
        if p == 0 { return try x.alias() }
        let (seed, offset) = generator.take(count, wordsPerElement: 1)
        return try apply(
            DropoutOperation(
                seed: seed, offset: offset, threshold: RandomKernels.threshold(p), scale: 1 / (1 - p)), x)
    }
}
