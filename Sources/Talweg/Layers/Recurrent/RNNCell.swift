import TalwegKernels

/// One step of an `RNN`. Inputs: x, state; see `RecurrentCellLayer`.
public final class RNNCell: RecurrentCellLayer {
    /// - Parameter rectified: max(.., 0) in place of tanh.
    public init(
        _ inputs: Int, _ hidden: Int, bias: Bool = true, rectified: Bool = false, dtype: DType = .float32,
        generator: Generator = .shared
    ) throws(TalwegError) {
        try super.init(rectified ? .relu : .tanh, inputs, hidden, bias, dtype, generator, "RNNCell")
    }
}
