import TalwegKernels

/// One step of a `GRU`. Inputs: x, state; see `RecurrentCellLayer`.
public final class GRUCell: RecurrentCellLayer {
    public init(
        _ inputs: Int, _ hidden: Int, bias: Bool = true, dtype: DType = .float32, generator: Generator = .shared
    ) throws(TalwegError) {
        try super.init(.gru, inputs, hidden, bias, dtype, generator, "GRUCell")
    }
}
