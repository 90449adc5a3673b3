import TalwegKernels

/// One step of an `LSTM`. Inputs: x, state, cells; see `RecurrentCellLayer`.
public final class LSTMCell: RecurrentCellLayer {
    public init(
        _ inputs: Int, _ hidden: Int, bias: Bool = true, dtype: DType = .float32, generator: Generator = .shared
    ) throws(TalwegError) {
        try super.init(.lstm, inputs, hidden, bias, dtype, generator, "LSTMCell")
    }
}
