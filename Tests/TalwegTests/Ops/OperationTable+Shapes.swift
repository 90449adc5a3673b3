@testable import Talweg

private let reduced: [[[Int]]] = [[[3, 4]], [[2, 3, 2]]]

/// int64 [values]
private func indices(_ values: [Double], _ shape: [Int]? = nil) throws -> Tensor {
    try Tensor(values, shape: shape, dtype: .int64)
}

let shapeRows: [OperationRow] = [
    OperationRow("sum all", [[[]], [[5]], [[3, 4]], [[0, 3]]]) { try $0[0].sum() },
    OperationRow("sum rows", reduced) { try $0[0].sum(axes: [-1]) },
    OperationRow("sum columns", reduced) { try $0[0].sum(axes: [0], keepdims: true) },
    OperationRow("sum outer axes", [[[2, 3, 2]], [[0, 2, 3]]]) { try $0[0].sum(axes: [0, 2]) },
    OperationRow("mean", reduced) { try $0[0].mean(axes: [0]) },
    OperationRow("prod", [[[4]], [[2, 3]]]) { try $0[0].product(axes: [-1]) },
    OperationRow("prod with zeros", [[[2, 3]]]) { inputs in
        // One zero in the first row, two in the second.
        try (inputs[0] * Tensor([1, 0, 1, 0, 0, 1], shape: [2, 3])).product(axes: [1])
    },
    OperationRow("prod at zeros", [[[3, 3]]], domain: { try $0 * Tensor([1, 0, 1, 0, 0, 1, 0, 0, 0], shape: [3, 3]) }) {
        // One zero in the first row, two in the second, none but zeros in the third.
        try $0[0].product(axes: [1])
    },
    OperationRow("prod of outer axes at a zero", [[[2, 3, 2]]], domain: { try $0 * Tensor([0, 1, 1], shape: [3, 1]) }) {
        try $0[0].product(axes: [0, 2])
    },
    OperationRow("split", [[[2, 5]]]) {
        let parts = try $0[0].split(axis: 1, sizes: [2, 0, 3])
        return try parts[2].sum(axes: [1]) * parts[0].sum(axes: [1])
    },
    OperationRow("split, a part alone", [[[4, 2]]]) { try $0[0].split(axis: 0, sizes: [1, 3])[1].square() },
    OperationRow("max", reduced) { try $0[0].max(axes: [1]) },
    OperationRow("min", reduced, distinct: true) { try $0[0].min(axes: [0], keepdims: true) },
    OperationRow("var", reduced) { try $0[0].variance(axes: [-1], correction: 1) },
    OperationRow("logsumexp", reduced) { try $0[0].logSumExp(axes: [0]) },
    OperationRow("norm", reduced) { try $0[0].norm(axes: [-1]) },
    OperationRow("softmax", [[[3, 4]], [[2, 0]], [[4]]]) { try $0[0].softmax() },
    OperationRow("softmax axis 0", [[[3, 4]]]) { try $0[0].softmax(axis: 0) },
    OperationRow("log_softmax", [[[3, 4]], [[4]]]) { try $0[0].logSoftmax() },
    OperationRow("reshape", [[[3, 4]], [[2, 6]], [[0, 4]]]) { try $0[0].reshape([4, $0[0].count / 4]) },
    OperationRow("transpose", [[[3, 4]], [[2, 3, 2]]]) { try $0[0].transpose() },
    OperationRow("permute", [[[2, 3, 4]]]) { try $0[0].permute([2, 0, 1]) },
    OperationRow("broadcast_to", [[[3, 1]], [[]]]) { try $0[0].broadcast(to: Shape([2, 3, 4])) },
    OperationRow("slice", [[[5]], [[5, 3]]]) { try $0[0].slice(axis: 0, from: 1, to: 5, step: 2) },
    OperationRow("slice backwards", [[[5]], [[5, 3]]]) { try $0[0].slice(axis: 0, step: -2) },
    OperationRow("select", [[[4, 3]]]) { try $0[0].select(axis: -1, index: 1) },
    OperationRow("expand_dims", [[[4]], [[]]]) { try $0[0].expandDims(0) },
    OperationRow("squeeze", [[[1, 4]]]) { try $0[0].squeeze(0) },
    OperationRow("concatenate", [[[2, 3], [2, 3]], [[0, 3], [2, 3]]]) { try .concatenate($0, axis: 0) },
    OperationRow("concatenate columns", [[[2, 3], [2, 1]]]) { try .concatenate($0, axis: 1) },
    OperationRow("stack", [[[2, 3], [2, 3]], [[], []]]) { try .stack($0, axis: -1) },
    OperationRow("index_select", [[[4, 3]], [[4]]]) { try $0[0].indexSelect(axis: 0, indices([2, 0, -1, 2])) },
    OperationRow("gather", [[[2, 4]]]) { try $0[0].gather(axis: 1, indices([3, 0, 0, -1, 2, 2], [2, 3])) },
    OperationRow("matmul", [[[3, 4], [4, 2]], [[1, 1], [1, 1]], [[3, 0], [0, 2]], [[0, 4], [4, 2]]]) {
        try $0[0].matmul($0[1])
    },
    OperationRow("matmul batched", [[[2, 3, 4], [2, 4, 2]], [[2, 3, 4], [4, 2]], [[3, 4], [2, 4, 2]], [[2, 1, 3, 4], [3, 4, 1]]]) {
        try $0[0].matmul($0[1])
    },
    OperationRow("matmul vectors", [[[4], [4]], [[3, 4], [4]], [[4], [4, 2]]]) { try $0[0].matmul($0[1]) },
    OperationRow("linear", [[[5, 3], [2, 3], [2]], [[2, 2, 3], [2, 3], [2]], [[3], [2, 3], [2]]]) {
        try $0[0].linear($0[1], $0[2])
    },
    OperationRow("linear of nothing", [[[0, 3], [2, 3], [2]], [[2, 3], [0, 3], [0]], [[2, 2, 0], [3, 0], [3]]]) {
        try $0[0].linear($0[1], $0[2])
    },
    OperationRow("linear without bias", [[[5, 3], [2, 3]]]) { try $0[0].linear($0[1]) },
    OperationRow("mse_loss", [[[5], [5]], [[2, 3], [2, 3]]]) { try .meanSquaredError($0[0], $0[1]) },
    OperationRow("cross_entropy_loss", [[[4, 3]]]) { try .crossEntropy($0[0], indices([0, 2, 1, 2])) },
    OperationRow("dropout", [[[4, 3]]]) { try $0[0].dropout(0.4, Generator(seed: 3)) },
]
