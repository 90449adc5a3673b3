/// Layers of the gated recurrent unit (Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014)
/// with the reset gate after the product, as PyTorch's; gates in the order r, z, n. Inputs: x, state, lengths; see
/// `RecurrentLayer`.
public final class GRU: RecurrentLayer {
    public init(_ inputs: Int, _ hidden: Int, _ options: RecurrentOptions = RecurrentOptions()) throws(TalwegError) {
        try super.init(.gru, inputs, hidden, options, "GRU")
    }
}
