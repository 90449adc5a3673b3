import Talweg

/// Multi-head attention with biases; queries, keys and values by one product.
final class Attention: Module {
    private let heads: Int
    private let qkv: Dense
    private let out: Dense

    init(_ width: Int, heads: Int) throws {
        self.heads = heads
        qkv = try Dense(width, 3 * width)
        out = try Dense(width, width)
        super.init()
        try setChild("qkv", qkv)
        try setChild("out", out)
    }

    /// x [batch, length, width]; the options say who attends to whom.
    func forward(_ x: Tensor, _ options: AttentionOptions) throws(TalwegError) -> Tensor {
        try out(.selfAttention(qkv(x), heads: heads, keyHeads: heads, options))
    }
}

/// Attention and a perceptron of four times the width with GELU, each beside a residual connection; norms
/// before them (GPT-2) or after the sums (BERT).
final class TransformerBlock: Module {
    private let prenorm: Bool
    private let attention: Attention
    private let norm1, norm2: LayerNorm
    private let up, down: Dense

    init(_ width: Int, heads: Int, prenorm: Bool) throws {
        self.prenorm = prenorm
        attention = try Attention(width, heads: heads)
        norm1 = try LayerNorm(width)
        norm2 = try LayerNorm(width)
        up = try Dense(width, 4 * width, .gelu)
        down = try Dense(4 * width, width)
        super.init()
        try setChild("attention", attention)
        try setChild("norm1", norm1)
        try setChild("norm2", norm2)
        try setChild("up", up)
        try setChild("down", down)
    }

    func forward(_ x: Tensor, _ options: AttentionOptions) throws(TalwegError) -> Tensor {
        if prenorm {
            let y = try x + attention.forward(norm1(x), options)
            return try y + feed(norm2(y))
        }
        let y = try norm1.forward(attention.forward(x, options), residual: x)
        return try norm2.forward(feed(y), residual: y)
    }

    private func feed(_ x: Tensor) throws(TalwegError) -> Tensor { try down(up(x)) }

    /// Multiply-adds a token of its four products: 3 w^2, w^2, 4 w^2 and 4 w^2.
    static func multiplyAdds(_ width: Int) -> Int { 12 * width * width }
}
