@testable import Talweg

private func labels(_ values: [Double]) throws -> Tensor { try Tensor(values, dtype: .int64) }

/// Away from 0, where slopes jump.
private let apart: @Sendable (Tensor) throws -> Tensor = { try $0 + $0.sign() * 0.2 }

private let rows: [[[Int]]] = [[[3, 4]], [[2, 3, 5]], [[9]], [[0, 3]]]

let fusedRows: [OperationRow] = [
    OperationRow("softmax axis 1 of 3", [[[2, 5, 3]], [[2, 0, 3]]]) { try $0[0].softmax(axis: 1) },
    OperationRow("log_softmax axis 0", [[[4, 3]], [[2, 3, 2]]]) { try $0[0].logSoftmax(axis: 0) },
    OperationRow("cross_entropy_loss smoothed", [[[4, 3]]]) {
        try .crossEntropy($0[0], labels([0, 2, 1, 2]), CrossEntropyOptions(labelSmoothing: 0.2))
    },
    OperationRow("cross_entropy_loss ignoring", [[[5, 3]]]) {
        try .crossEntropy(
            $0[0], labels([0, -100, 1, 2, -100]), CrossEntropyOptions(ignoreIndex: -100, labelSmoothing: 0.1))
    },
    OperationRow("embedding", [[[5, 3]], [[20, 2]], [[3, 0]]]) {
        try $0[0].embedding(labels([2, 0, 2, 1]).reshape([2, 2]))
    },
    OperationRow("embedding with padding", [[[5, 3]], [[3, 1]]]) {
        try $0[0].embedding(labels([2, 1, 2, 1]), padding: 0)
    },
    OperationRow("silu", [[[3, 4]], [[2, 0]]]) { try ($0[0] * 3).silu() },
    OperationRow("gelu_tanh", [[[3, 4]], [[]]]) { try ($0[0] * 3).geluTanh() },
    OperationRow("leaky_relu", [[[3, 4]]], domain: apart) { try $0[0].leakyReLU(slope: 0.2) },
    OperationRow("elu", [[[3, 4]]], domain: apart) { try $0[0].elu(alpha: 1.5) },
    OperationRow("layer_norm plain", rows, distinct: true) { try $0[0].layerNorm() },
    OperationRow("layer_norm", [[[3, 4], [4], [4]], [[2, 3, 5], [5], [5]], [[0, 3], [3], [3]]]) {
        try $0[0].layerNorm(weight: $0[1], bias: $0[2])
    },
    OperationRow("layer_norm of a sum", [[[3, 4], [3, 4], [4], [4]], [[6, 5], [6, 5], [5], [5]]]) {
        try $0[0].layerNorm(weight: $0[2], bias: $0[3], residual: $0[1])
    },
    OperationRow("rms_norm", [[[3, 4], [4]], [[2, 3, 5], [5]]]) { try $0[0].rmsNorm(weight: $0[1]) },
    OperationRow("rms_norm plain", rows) { try $0[0].rmsNorm(epsilon: 1e-3) },
    OperationRow("batch_norm", [[[4, 3], [3], [3]], [[2, 3, 4], [3], [3]], [[2, 2, 3, 2], [2], [2]]], distinct: true) {
        try $0[0].batchNorm(weight: $0[1], bias: $0[2])
    },
    OperationRow("batch_norm plain", [[[4, 3]], [[2, 2, 5]]], distinct: true) { try $0[0].batchNorm() },
    OperationRow("batch_norm relu", [[[4, 3], [3], [3]], [[2, 3, 4], [3], [3]]], distinct: true) {
        try $0[0].batchNorm(weight: $0[1], bias: $0[2], BatchNormOptions(relu: true))
    },
    OperationRow("batch_norm residual relu", [[[4, 3], [3], [3], [4, 3]], [[2, 3, 4], [3], [3], [2, 3, 4]]], distinct: true) {
        try $0[0].batchNorm(weight: $0[1], bias: $0[2], residual: $0[3], BatchNormOptions(relu: true))
    },
    OperationRow("batch_norm residual", [[[2, 2, 3], [2], [2], [2, 2, 3]]], distinct: true) {
        try $0[0].batchNorm(weight: $0[1], bias: $0[2], residual: $0[3])
    },
    OperationRow("group_norm", [[[2, 4, 3], [4], [4]], [[1, 4, 2, 2], [4], [4]], [[3, 6], [6], [6]]], distinct: true) {
        try $0[0].groupNorm(groups: 2, weight: $0[1], bias: $0[2], epsilon: 0.1)
    },
    OperationRow("group_norm plain", [[[2, 3, 4]], [[0, 3, 4]]], distinct: true) { try $0[0].groupNorm(groups: 1) },
    OperationRow("instance_norm", [[[2, 3, 4], [3], [3]], [[2, 2, 2, 2], [2], [2]]], distinct: true) {
        try $0[0].instanceNorm(weight: $0[1], bias: $0[2])
    },
    OperationRow("batch_norm of running statistics", [[[3, 2], [2], [2]], [[1, 2, 3], [2], [2]], [[0, 2], [2], [2]]]) {
        try $0[0].batchNorm(
            weight: $0[1], bias: $0[2], runningMean: Tensor([0.2, -0.1]), runningVariance: Tensor([0.5, 1.5]),
            BatchNormOptions(training: false, relu: true))
    },
]
