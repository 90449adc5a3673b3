import TalwegKernels

/// What an RNN, LSTM or GRU is told beside its sizes.
public struct RecurrentOptions {
    /// How many layers lie one over the other, each over the states of the one below.
    public var layers = 1
    public var bias = true
    /// Whether sequences are [batch, steps, features], not [steps, batch, features].
    public var batchFirst = false
    /// The probability that, in training mode, an element of the states between two layers is zeroed; the others are
    /// divided by 1 - dropout.
    public var dropout = 0.0
    /// Whether each layer also has one that runs from the last step to the first; its states follow the others' in
    /// the last axis.
    public var bidirectional = false
    /// Of an LSTM: the width that the states are projected to (Sak, Senior and Beaufays, "Long short-term memory
    /// based recurrent neural network architectures", 2014); 0: not at all.
    public var projection = 0
    public var dtype = DType.float32
    /// Of the weights, which start as U(-1/sqrt(H), 1/sqrt(H)), and of the dropout.
    public var generator = Generator.shared

    public init() {}

    /// The most layers there may be.
    public static let maximumLayers = 1024

    func check(_ name: String, _ inputs: Int, _ hidden: Int, projects: Bool) throws(TalwegError) {
        guard inputs >= 1, hidden >= 1 else {
            throw .invalid("\(name): \(inputs) input features and a state of \(hidden); both must be 1 or more")
        }
        guard layers >= 1, layers <= Self.maximumLayers else {
            throw .invalid("\(name): \(layers) layers; from 1 to \(Self.maximumLayers) are allowed")
        }
        guard dropout >= 0, dropout < 1 else {
            throw .invalid("\(name): the dropout probability \(dropout) is outside [0, 1)")
        }
        guard dtype == .float32 || dtype == .float64 else {
            throw .dtype("\(name): needs float32 or float64, not \(dtype.name)")
        }
        guard projection == 0 || projects else {
            throw .invalid("\(name): a projection of \(projection), which an LSTM alone has")
        }
        guard projection >= 0, projection < hidden || projection == 0 else {
            throw .invalid("\(name): a projection of \(projection); from 1 to \(hidden - 1), or 0 for none")
        }
    }
}

/// The parameters of one recurrent layer in one direction, under PyTorch's names.
struct RecurrentNames {
    let inputWeight, hiddenWeight, inputBias, hiddenBias, projection: String

    /// - Parameter suffix: "_l0", "_l0_reverse"; nothing of a cell.
    init(_ suffix: String) {
        inputWeight = "weight_ih" + suffix
        hiddenWeight = "weight_hh" + suffix
        inputBias = "bias_ih" + suffix
        hiddenBias = "bias_hh" + suffix
        projection = "weight_hr" + suffix
    }

    /// Gives a module the parameters, in PyTorch's order.
    func make(
        in module: Module, _ cell: RecurrentCell, inputs: Int, hidden: Int, projection size: Int = 0, bias: Bool,
        _ dtype: DType, _ generator: Generator
    ) throws(TalwegError) {
        let bound = 1 / Double(hidden).squareRoot()
        let (gates, overflow) = hidden.multipliedReportingOverflow(by: cell.gates)
        guard !overflow else { throw .shape("\(module.typeName): a state of \(hidden) has too many gates") }
        func set(_ name: String, _ dims: [Int]) throws(TalwegError) {
            let shape = try Shape(dims, for: module.typeName)
            try module.setParameter(name, .uniform(shape, low: -bound, high: bound, dtype, generator))
        }
        try set(inputWeight, [gates, inputs])
        try set(hiddenWeight, [gates, size == 0 ? hidden : size])
        if bias {
            try set(inputBias, [gates])
            try set(hiddenBias, [gates])
        }
        if size > 0 { try set(projection, [size, hidden]) }
    }

    func weights(of module: Module) throws(TalwegError) -> RecurrentWeights {
        guard let input = module.parameter(inputWeight), let hidden = module.parameter(hiddenWeight) else {
            throw .state("\(module.typeName): its \(inputWeight) or \(hiddenWeight) was removed")
        }
        return RecurrentWeights(
            input: input, hidden: hidden, inputBias: module.parameter(inputBias),
            hiddenBias: module.parameter(hiddenBias))
    }
}
