/// Layers of long short-term memory (Hochreiter and Schmidhuber, Neural Computation 9, 1997), gates in the order i, f,
/// g, o. Inputs: x, state, cells, lengths; see `RecurrentLayer`.
public final class LSTM: RecurrentLayer {
    public init(_ inputs: Int, _ hidden: Int, _ options: RecurrentOptions = RecurrentOptions()) throws(TalwegError) {
        try super.init(.lstm, inputs, hidden, options, "LSTM")
    }
}
