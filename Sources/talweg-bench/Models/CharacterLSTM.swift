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
    private let lstm: LSTM
    private let head: Dense

    init(vocabulary: Int, embedding size: Int, width: Int) throws {
        embedding = try Embedding(vocabulary, size)
        var options = RecurrentOptions()
        options.batchFirst = true
        lstm = try LSTM(size, width, options)
        head = try Dense(width, vocabulary)
        super.init()
        try setChild("embedding", embedding)
        try setChild("lstm", lstm)
        try setChild("head", head)
    }

    override func forward(_ tokens: Tensor) throws(TalwegError) -> Tensor {
        try head(lstm(embedding(tokens)))
    }
}
