import Talweg

struct GPTSize {
    let layers, heads, width, context, vocabulary: Int

    static let nano = GPTSize(layers: 4, heads: 4, width: 128, context: 64, vocabulary: 65)
    static let tenMillion = GPTSize(layers: 6, heads: 6, width: 384, context: 256, vocabulary: 65)
}

/// A language model over random tokens, loss at every position, AdamW.
func gpt(_ size: GPTSize, batch: Int) throws -> Training {
    let model = try GPT(size)
    let tokens = try integers(below: size.vocabulary, batch, size.context)
    let labels = try integers(below: size.vocabulary, batch * size.context)
    // Causal attention: a token's query meets (context + 1) / 2 keys on average, in two products of the width.
    let attention = (size.context + 1) * size.width
    let token =
        size.layers * (transformerMultiplyAdds(size.width) + attention) + size.width * size.vocabulary
    return Training(
        model: model, optimizer: try AdamW(model), forward: Double(batch * size.context * token), first: 0,
        loss: { try .crossEntropy(model(tokens).reshape([-1, size.vocabulary]), labels) })
}

/// GPT-2's layout: learned positions, norms before, biases, the head tied to the embedding.
private final class GPT: Module {
    private let tokens: Embedding
    private let positions: Tensor
    private let blocks: TransformerEncoder

    init(_ size: GPTSize) throws {
        tokens = try Embedding(size.vocabulary, size.width)
        positions = try normal(size.context, size.width, scale: 0.02)
        let norm = try LayerNorm(size.width)
        blocks = try TransformerEncoder(
            (0..<size.layers).map { _ in try transformerLayer(size.width, heads: size.heads, prenorm: true) },
            norm: norm)
        super.init()
        try setChild("tokens", tokens)
        try setParameter("positions", positions)
        try setChild("blocks", blocks)
    }

    override func forward(_ text: Tensor) throws(TalwegError) -> Tensor {
        var context = AttentionContext()
        context.causal = true
        return try blocks.forward(tokens(text) + positions, memory: nil, context).linear(tokens.weight)
    }
}
