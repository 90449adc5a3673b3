import TalwegKernels

/// One step of a recurrent network: what RNNCell, LSTMCell and GRUCell share.
///
/// Inputs: x [B, I] or [I], the state before [B, H] or [H], or none for zeros, and of an LSTM the cells before
/// likewise. Outputs: the state after and, of an LSTM, the cells. Parameters: weight_ih [G, I], weight_hh [G, H], and
/// with biases bias_ih [G] and bias_hh [G].
public class RecurrentCellLayer: Module {
    public let inputSize: Int
    public let hiddenSize: Int
    private let cell: RecurrentCell
    private let names = RecurrentNames("")

    init(
        _ cell: RecurrentCell, _ inputs: Int, _ hidden: Int, _ bias: Bool, _ dtype: DType, _ generator: Generator,
        _ name: String
    ) throws(TalwegError) {
        var options = RecurrentOptions()
        options.dtype = dtype
        try options.check(name, inputs, hidden, projects: false)
        (self.cell, inputSize, hiddenSize) = (cell, inputs, hidden)
        super.init()
        try names.make(in: self, cell, inputs: inputs, hidden: hidden, bias: bias, dtype, generator)
    }

    /// The state after, from zeros.
    public final override func forward(_ x: Tensor) throws(TalwegError) -> Tensor { try run(x, nil, nil)[0] }

    public final override func forward(_ inputs: [Tensor?]) throws(TalwegError) -> [Tensor] {
        let most = cell == .lstm ? 3 : 2
        guard inputs.count <= most, let x = inputs.first ?? nil else {
            throw .invalid("\(typeName): takes x, its state\(cell == .lstm ? " and its cells" : "")")
        }
        return try run(x, inputs.count > 1 ? inputs[1] : nil, inputs.count > 2 ? inputs[2] : nil)
    }

    private func run(_ x: Tensor, _ hidden: Tensor?, _ cells: Tensor?) throws(TalwegError) -> [Tensor] {
        guard x.rank == 1 || x.rank == 2, x.shape[x.rank - 1] == inputSize else {
            throw .shape("\(typeName): the input is \(x.shape); [batch, \(inputSize)] or [\(inputSize)] is needed")
        }
        let single = x.rank == 1
        func batch(_ given: Tensor?) throws(TalwegError) -> Tensor? {
            guard single, let given else { return given }
            return try given.expandDims(0)
        }
        let sequence = try x.expandDims(0)
        var results = try Array(
            Tensor.recurrent(
                cell, single ? sequence.expandDims(0) : sequence, batch(hidden), batch(cells), names.weights(of: self),
                false, typeName
            ).dropFirst())
        if single { for place in results.indices { results[place] = try results[place].squeeze(0) } }
        return results
    }
}
