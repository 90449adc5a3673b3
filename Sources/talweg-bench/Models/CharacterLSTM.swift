import Talweg

/// Embedding(100, 128), LSTM 256, Linear(256, 100) over 32 sequences of 64, Adam.
func characterLSTM() throws -> Training {
    let (batch, length) = (32, 64)
    let model = try CharacterLSTM(vocabulary: 100, embedding: 128, width: 256)
    let tokens = try integers(below: 100, batch, length)
    let labels = try integers(below: 100, batch * length)
    // Four gates of x and of h, and the head. The embedding is a look-up: no product has data for its input.
    let token = (128 + 256) * 4 * 256 + 256 * 100
    return Training(
        model: model, optimizer: try Adam(model), forward: Double(batch * length * token), first: 0,
        loss: { try .crossEntropy(model(tokens).reshape([-1, 100]), labels) })
}

private final class CharacterLSTM: Module {
    private let embedding: Embedding
    private let head: Dense
    private let width: Int
    // Rows in the order input, forget, cell, output; a bias each for x and h, as PyTorch has them.
    private let inputWeight, hiddenWeight, inputBias, hiddenBias: Tensor

    init(vocabulary: Int, embedding size: Int, width: Int) throws {
        self.width = width
        embedding = try Embedding(vocabulary, size)
        head = try Dense(width, vocabulary)
        inputWeight = try normal(4 * width, size, scale: 0.06)
        hiddenWeight = try normal(4 * width, width, scale: 0.06)
        inputBias = try normal(4 * width, scale: 0.06)
        hiddenBias = try normal(4 * width, scale: 0.06)
        super.init()
        try setChild("embedding", embedding)
        try setParameter("weight_ih", inputWeight)
        try setParameter("weight_hh", hiddenWeight)
        try setParameter("bias_ih", inputBias)
        try setParameter("bias_hh", hiddenBias)
        try setChild("head", head)
    }

    override func forward(_ tokens: Tensor) throws(TalwegError) -> Tensor {
        let (batch, length) = (tokens.shape.dims[0], tokens.shape.dims[1])
        let inputs = try embedding(tokens).linear(inputWeight, inputBias)
        var h = try Tensor.zeros(Shape([batch, width]), .float32)
        var c = h
        var outputs: [Tensor] = []
        for step in 0..<length {
            let gates = try inputs.select(axis: 1, index: step) + h.linear(hiddenWeight, hiddenBias)
            func gate(_ index: Int) throws(TalwegError) -> Tensor {
                try gates.slice(axis: 1, from: index * width, to: (index + 1) * width)
            }
            c = try gate(1).sigmoid() * c + gate(0).sigmoid() * gate(2).tanh()
            h = try gate(3).sigmoid() * c.tanh()
            outputs.append(h)
        }
        return try head(.stack(outputs, axis: 1))
    }
}
