/// Layers of the simple recurrent network h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or max(.., 0) of it (Elman,
/// "Finding structure in time", Cognitive Science 14, 1990). Inputs: x, state, lengths; see `RecurrentLayer`.
public final class RNN: RecurrentLayer {
    /// - Parameter rectified: max(.., 0) in place of tanh.
    public init(
        _ inputs: Int, _ hidden: Int, rectified: Bool = false, _ options: RecurrentOptions = RecurrentOptions()
    ) throws(TalwegError) {
        try super.init(rectified ? .relu : .tanh, inputs, hidden, options, "RNN")
    }
}
