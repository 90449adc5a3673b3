import Talweg

/// A layer of the transformers: a perceptron of four times the width with GELU; norms before the parts (GPT-2) or
/// after the sums (BERT).
func transformerLayer(_ width: Int, heads: Int, prenorm: Bool) throws -> TransformerEncoderLayer {
    var options = TransformerOptions()
    options.feedForward = 4 * width
    options.activation = .gelu
    options.dropout = 0
    options.normFirst = prenorm
    options.batchFirst = true
    return try TransformerEncoderLayer(width, heads: heads, options)
}

/// Multiply-adds a token of a layer's four products: 3 w^2, w^2, 4 w^2 and 4 w^2.
func transformerMultiplyAdds(_ width: Int) -> Int { 12 * width * width }
