@testable import Talweg

private func whole(_ values: [Double]) throws -> Tensor { try Tensor(values, dtype: .int64) }

/// Away from 0, where slopes jump.
private let apart: @Sendable (Tensor) throws -> Tensor = { try $0 + $0.sign() * 0.2 }

private func row(_ name: String, _ function: ActivationFunction, _ shapes: [[[Int]]] = [[[3, 4]], [[2, 0]], [[]]])
    -> OperationRow
{
    OperationRow(name, shapes, domain: apart) { try $0[0].activated(function) }
}

/// What layers are made of beside the fused operations. The bounds lie where no element does.
let layerRows: [OperationRow] = [
    row("selu", .selu),
    row("celu", .celu(alpha: 1.5)),
    row("mish", .mish),
    row("softplus of beta 2", .softplus(beta: 2, threshold: 20)),
    row("softsign", .softsign),
    row("hardtanh", .hardtanh(low: -0.1, high: 5)),
    row("relu6", .relu6),
    row("hardsigmoid", .hardsigmoid),
    row("hardswish", .hardswish),
    row("log_sigmoid", .logSigmoid),
    row("tanhshrink", .tanhshrink),
    row("softshrink", .softshrink(by: 0.1)),
    row("hardshrink", .hardshrink(by: 0.1)),
    row("threshold", .threshold(0.1, value: 7)),
    row("softmin", .softmin(axis: 0), [[[3, 4]], [[2, 3, 2]]]),
    row("glu", .glu(axis: -1), [[[3, 4]], [[2, 0]]]),
    row("swiglu", .swiglu(axis: 0), [[[4, 3]]]),
    row("geglu", .geglu(axis: 1), [[[2, 4, 3]]]),
    row("reglu", .reglu(axis: -1), [[[3, 4]]]),
    OperationRow("prelu", [[[2, 3, 2], [3]], [[2, 3], [1]], [[], [1]]], domain: apart) { try $0[0].prelu($0[1]) },
    OperationRow("embedding_bag sum", [[[5, 3]], [[4, 1]]]) {
        try $0[0].embeddingBag(whole([2, 0, 2, 1, 3]), offsets: whole([0, 2, 2]), mode: .sum, padding: 0)
    },
    OperationRow("embedding_bag weighted", [[[5, 3], [2, 2]]]) {
        try $0[0].embeddingBag(whole([2, 0, 2, 1]).reshape([2, 2]), weights: $0[1], mode: .sum, padding: 1)
    },
    OperationRow("embedding_bag mean", [[[5, 3]]]) {
        try $0[0].embeddingBag(whole([2, 0, 2, 1, 3]), offsets: whole([0, 2, 2, 5]), mode: .mean, lastOffset: true)
    },
    OperationRow("embedding_bag max", [[[5, 3]]], distinct: true) {
        try $0[0].embeddingBag(whole([2, 0, 2, 1, 3]), offsets: whole([0, 2, 2]), mode: .max)
    },
    OperationRow("bilinear", [[[4, 2], [4, 3], [5, 2, 3], [5]], [[2], [1], [1, 2, 1], [1]]]) {
        try $0[0].bilinear($0[1], $0[2], $0[3])
    },
    OperationRow("rotary", [[[2, 3, 6]], [[3, 4]], [[2, 0, 4]]]) { try $0[0].rotary(offset: 2, base: 50) },
    OperationRow("rotary neighbours, in part", [[[2, 2, 3, 6]]]) {
        try $0[0].rotary(whole([0, 5, 2, 1, 1, 9]).reshape([2, 3]), width: 4, pairs: .neighbours)
    },
    OperationRow("channel_dropout", [[[2, 3, 2]]]) { try $0[0].channelDropout(0.5, Generator(seed: 3)) },
    OperationRow("alpha_dropout", [[[3, 4]]]) { try $0[0].alphaDropout(0.5, Generator(seed: 3)) },
    OperationRow("stochastic_depth", [[[3, 4]]]) { try $0[0].stochasticDepth(0.5, .row, Generator(seed: 3)) },
]
