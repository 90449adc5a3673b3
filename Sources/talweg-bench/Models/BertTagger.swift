import Talweg

/// BERT's encoder at MiniLM's size (6 layers, 12 heads, width 384, vocabulary 30522) with nine tags a word,
/// on sentences of 64 to 128 words padded to 128, AdamW.
func bertTagger(batch: Int) throws -> Training {
    let (length, width, layers, tags) = (128, 384, 6, 9)
    let model = try BertTagger(layers: layers, heads: 12, width: width, tags: tags)
    let words = try integers(below: 30_522, batch, length)
    let types = try Tensor.zeros(Shape([batch, length]), .int64)
    // Sentence i has this many words.
    let lengths = try Tensor(
        (0..<batch).map { Double(length / 2 + length / 2 * ($0 + 1) / batch) }, shape: [batch, 1], dtype: .float32)
    let real = try Tensor.arange(0, Double(length), 1, .float32).isLess(lengths)
    // Padding has the label -100 and no loss.
    let labels = try Tensor.select(real, integers(below: tags, batch, length), .full(.scalar, -100, .int64))
        .reshape([-1])
    // Padding is computed as words are, by the peers too, and counted.
    let token = layers * (transformerMultiplyAdds(width) + 2 * length * width) + width * tags
    return Training(
        model: model, optimizer: try AdamW(model), forward: Double(batch * length * token), first: 0,
        loss: {
            try .crossEntropy(
                model.forward(words, types, real: real).reshape([-1, tags]), labels,
                CrossEntropyOptions(ignoreIndex: -100))
        })
}

private final class BertTagger: Module {
    private let words, types: Embedding
    private let positions: Tensor
    private let norm: LayerNorm
    private let blocks: TransformerEncoder
    private let head: Dense

    init(layers: Int, heads: Int, width: Int, tags: Int) throws {
        words = try Embedding(30_522, width)
        positions = try normal(512, width, scale: 0.02)
        types = try Embedding(2, width)
        norm = try LayerNorm(width)
        blocks = try TransformerEncoder(
            (0..<layers).map { _ in try transformerLayer(width, heads: heads, prenorm: false) })
        head = try Dense(width, tags)
        super.init()
        try setChild("words", words)
        try setParameter("positions", positions)
        try setChild("types", types)
        try setChild("norm", norm)
        try setChild("blocks", blocks)
        try setChild("head", head)
    }

    /// The tags' scores [batch, length, tags]; `real` is false for padding.
    func forward(_ text: Tensor, _ kinds: Tensor, real: Tensor) throws(TalwegError) -> Tensor {
        let place = try positions.slice(axis: 0, from: 0, to: text.shape.dims[1])
        var context = AttentionContext()
        context.keyMask = real
        return try head(blocks.forward(norm(words(text) + place + types(kinds)), memory: nil, context))
    }
}
