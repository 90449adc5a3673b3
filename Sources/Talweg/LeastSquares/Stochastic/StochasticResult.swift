import TalwegKernels

/// Where a stochastic descent ended. Tensors have the dtype of X (float64 for integers and sparse rows).
public final class StochasticResult: @unchecked Sendable {
    public internal(set) var intercept = 0.0
    public internal(set) var averageIntercept = 0.0
    /// The number of the next step.
    public internal(set) var step = 1.0
    public internal(set) var epochs = 0
    /// Mean loss and penalty of the last epoch, as its rows were met; NaN with rows held back.
    public internal(set) var objective = Double.nan
    /// Of the rows held back; NaN without any.
    public internal(set) var score = Double.nan
    public internal(set) var stopReason = StopReason.iterations
    /// [p]
    let b, average: UnsafeMutablePointer<Double>
    private let p: Int
    private let dtype: DType
    private let space: Storage

    init(columns p: Int, dtype: DType) throws(TalwegError) {
        self.p = p
        self.dtype = dtype.isFloating ? dtype : .float64
        space = try Storage(byteCount: slabBytes(p, p))
        var slab = Slab(space.pointer)
        b = slab.doubles(p)
        average = slab.doubles(p)
    }

    /// [p]
    public func coefficientTensor() throws(TalwegError) -> Tensor { try tensor(b) }
    /// [p], of the steps that were averaged.
    public func averageTensor() throws(TalwegError) -> Tensor { try tensor(average) }

    private func tensor(_ values: UnsafeMutablePointer<Double>) throws(TalwegError) -> Tensor {
        let out = try View(uninitialized: Shape([p], for: "stochastic"), dtype)
        kernels.cast(from: .float64, to: dtype)(p, values, 1, out.pointer, 1)
        return Tensor(out)
    }
}
