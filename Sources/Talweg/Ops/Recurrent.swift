import TalwegKernels

/// An LSTM or GRU over a sequence: the recurrent weights are packed once and read by all steps, and the gradients
/// of the weights are one product each after the last step. Inputs as in `RecurrentInputs`; outputs: the states
/// [T, B, H], the last state [B, H], and for LSTM the last cells [B, H].
struct Recurrent: MultiOperation {
    static let name = "recurrent"
    private let kind: RecurrentKind
    private var pass: RecurrentPass?
    /// The states and cells are outputs too: a change in place is noticed.
    private var hidden, cells: Saved?
    func saves(input: Int) -> Bool { true }
    mutating func release() { (pass, hidden, cells) = (nil, nil, nil) }

    init(_ pass: RecurrentPass) {
        kind = pass.kind
        self.pass = pass
        hidden = Saved(output: pass.hidden)
        cells = Saved(output: pass.cells)
    }

    static func apply(_ kind: RecurrentKind, _ inputs: [Tensor]) throws(TalwegError) -> [Tensor] {
        let pass = try RecurrentPass(kind, RecurrentInputs(inputs.map(\.view)))
        return try recorded(Recurrent(pass), inputs, pass.outputs())
    }

    func pullback(_ g: [Tensor?], wanted: [Bool], _ r: MultiRecord<Recurrent>) throws(TalwegError) -> [Tensor?] {
        var inputs: [Tensor] = []
        for position in 0..<(kind == .lstm ? 7 : 6) { inputs.append(try r.input(position)) }
        _ = (try hidden?.tensor(Self.name), try cells?.tensor(Self.name))
        if ThreadState.current.recording {
            return try ComposedRecurrent(kind, RecurrentInputs(inputs)).gradients(g)
        }
        guard let pass else { throw .internal("recurrent: the pass is gone, its inputs are not") }
        return try pass.gradients(g.map { $0?.view }, RecurrentInputs(inputs.map(\.view)), wanted: wanted)
            .map { $0.map { Tensor($0) } }
    }
}

/// What a recurrent layer computes at each step.
public enum RecurrentCell: Sendable {
    /// tanh or max(.., 0) of the sum of the input's and the state's shares.
    case tanh, relu
    case gru
    case lstm

    /// How many sums of the state's width there are.
    var gates: Int {
        switch self {
        case .tanh, .relu: 1
        case .gru: 3
        case .lstm: 4
        }
    }
}

/// The weights of one recurrent layer, in PyTorch's order of gates: i, f, g, o of an LSTM, r, z, n of a GRU.
public struct RecurrentWeights {
    /// [G, I] and [G, H], where G is the number of gates times H.
    public var input, hidden: Tensor
    /// [G] each, or none.
    public var inputBias, hiddenBias: Tensor?

    public init(input: Tensor, hidden: Tensor, inputBias: Tensor? = nil, hiddenBias: Tensor? = nil) {
        (self.input, self.hidden, self.inputBias, self.hiddenBias) = (input, hidden, inputBias, hiddenBias)
    }
}

extension Tensor {
    /// Long short-term memory over a sequence.
    /// - Parameters:
    ///   - x: [T, B, I], or [B, T, I] if `batchFirst`; T is 1 or more.
    ///   - hidden: the initial state [B, H]; nil: zeros. `cells` likewise.
    /// - Returns: the states [T, B, H] (or [B, T, H]), the last state and the last cells, [B, H].
    public static func lstm(
        _ x: Tensor, hidden: Tensor? = nil, cells: Tensor? = nil, _ weights: RecurrentWeights, batchFirst: Bool = false
    ) throws(TalwegError) -> (states: Tensor, hidden: Tensor, cells: Tensor) {
        let results = try recurrent(.lstm, x, hidden, cells, weights, batchFirst, "lstm")
        return (results[0], results[1], results[2])
    }

    /// The gated recurrent unit over a sequence, as `lstm`; the reset gate is applied after the product, as in
    /// PyTorch.
    public static func gru(
        _ x: Tensor, hidden: Tensor? = nil, _ weights: RecurrentWeights, batchFirst: Bool = false
    ) throws(TalwegError) -> (states: Tensor, hidden: Tensor) {
        let results = try recurrent(.gru, x, hidden, nil, weights, batchFirst, "gru")
        return (results[0], results[1])
    }

    /// The simple recurrent network h' = f(x W_ih' + b_ih + h W_hh' + b_hh) over a sequence, as `lstm`.
    /// - Parameter rectified: f is max(.., 0), not tanh.
    public static func rnn(
        _ x: Tensor, hidden: Tensor? = nil, _ weights: RecurrentWeights, rectified: Bool = false,
        batchFirst: Bool = false
    ) throws(TalwegError) -> (states: Tensor, hidden: Tensor) {
        let results = try recurrent(rectified ? .relu : .tanh, x, hidden, nil, weights, batchFirst, "rnn")
        return (results[0], results[1])
    }

    /// One step of `lstm`: x [B, I] and the state before, to the state after.
    public static func lstmCell(_ x: Tensor, hidden: Tensor? = nil, cells: Tensor? = nil, _ weights: RecurrentWeights)
        throws(TalwegError) -> (hidden: Tensor, cells: Tensor)
    {
        guard x.rank == 2 else { throw .shape("lstm_cell: the input is \(x.shape), not [batch, features]") }
        let results = try recurrent(.lstm, x.expandDims(0), hidden, cells, weights, false, "lstm_cell")
        return (results[1], results[2])
    }

    /// One step of `gru`: x [B, I] and the state before, to the state after.
    public static func gruCell(_ x: Tensor, hidden: Tensor? = nil, _ weights: RecurrentWeights)
        throws(TalwegError) -> Tensor
    {
        guard x.rank == 2 else { throw .shape("gru_cell: the input is \(x.shape), not [batch, features]") }
        return try recurrent(.gru, x.expandDims(0), hidden, nil, weights, false, "gru_cell")[1]
    }

    /// The states [T, B, H] (or [B, T, H]), the last one and, of an LSTM, the last cells.
    static func recurrent(
        _ cell: RecurrentCell, _ x: Tensor, _ hidden: Tensor?, _ cells: Tensor?, _ weights: RecurrentWeights,
        _ batchFirst: Bool, _ name: String
    ) throws(TalwegError) -> [Tensor] {
        guard x.rank == 3 else { throw .shape("\(name): the input is \(x.shape); three axes are needed") }
        let dtype = x.dtype
        guard dtype.isFloating else { throw .dtype("\(name): needs a floating type, not \(dtype.name)") }
        let x = batchFirst ? try x.permute([1, 0, 2]) : x
        let (steps, batch, features) = (x.shape[0], x.shape[1], x.shape[2])
        guard steps > 0 else { throw .shape("\(name): a sequence of no steps, \(x.shape)") }
        guard weights.hidden.rank == 2, weights.hidden.shape[1] > 0 else {
            throw .shape("\(name): the hidden weights are \(weights.hidden.shape), not [gates H, H]")
        }
        let width = weights.hidden.shape[1]
        let gates = cell.gates * width
        func checked(_ tensor: Tensor?, _ dims: [Int], _ what: String) throws(TalwegError) -> Tensor {
            let shape = try Shape(dims, for: name)
            guard let tensor else { return try Tensor.zeros(shape, dtype) }
            guard tensor.dtype == dtype else {
                throw .dtype("\(name): the \(what) is \(tensor.dtype.name), the input \(dtype.name)")
            }
            guard tensor.shape == shape else {
                throw .shape("\(name): the \(what) has shape \(tensor.shape); \(shape) is needed")
            }
            return tensor
        }
        var inputs = [
            x, try checked(hidden, [batch, width], "hidden state"),
            try checked(weights.input, [gates, features], "input's weight"),
            try checked(weights.hidden, [gates, width], "hidden weight"),
            try checked(weights.inputBias, [gates], "input's bias"),
            try checked(weights.hiddenBias, [gates], "hidden bias"),
        ]
        if cell == .lstm { inputs.append(try checked(cells, [batch, width], "cell state")) }
        var results =
            switch cell {
            case .tanh: try SimpleRecurrent.apply(.tanh, inputs)
            case .relu: try SimpleRecurrent.apply(.relu, inputs)
            case .gru: try Recurrent.apply(.gru, inputs)
            case .lstm: try Recurrent.apply(.lstm, inputs)
            }
        if batchFirst { results[0] = try results[0].permute([1, 0, 2]) }
        return results
    }
}
