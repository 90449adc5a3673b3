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
    // Rows in the order input, forget, cell, output; a bias each for x and h, as PyTorch has them.
    private let inputWeight, hiddenWeight, inputBias, hiddenBias: Tensor

    init(vocabulary: Int, embedding size: Int, width: Int) throws {
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
        let weights = RecurrentWeights(
            input: inputWeight, hidden: hiddenWeight, inputBias: inputBias, hiddenBias: hiddenBias)
        return try head(Tensor.lstm(embedding(tokens), weights, batchFirst: true).states)
    }
}
