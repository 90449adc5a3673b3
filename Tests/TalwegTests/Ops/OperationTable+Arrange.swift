@testable import Talweg

private func integers(_ values: [Double]) throws -> Tensor { try Tensor(values, dtype: .int64) }

let arrangeRows: [OperationRow] = [
    OperationRow("flip", [[[3, 4]], [[0, 2]], [[]]]) { try $0[0].flip() },
    OperationRow("flip an axis", [[[3, 4]], [[2, 3, 2]]]) { try $0[0].flip(axes: [1]) },
    OperationRow("roll", [[[3, 4]], [[0, 2]], [[]]]) { try $0[0].roll(shift: -5) },
    OperationRow("roll along axes", [[[3, 4]]]) { try $0[0].roll(shifts: [1, -6], axes: [0, -1]) },
    OperationRow("moveaxis", [[[2, 3, 4]]]) { try $0[0].moveAxis(0, to: -1) },
    OperationRow("repeat", [[[3, 2]], [[3, 0]]]) { try $0[0].repeated(3, axis: 0) },
    OperationRow("repeat 0 times", [[[3, 2]]]) { try $0[0].repeated(0, axis: 1) },
    OperationRow("repeat each", [[[3, 2]], [[3]]]) { try $0[0].repeated(integers([2, 0, 3]), axis: 0) },
    OperationRow("tile", [[[2, 3]], [[3]], [[]]]) { try $0[0].tile([2, 1, 2]) },
    OperationRow("tril", [[[3, 4]], [[2, 4, 3]], [[0, 2]]]) { try $0[0].tril(-1) },
    OperationRow("triu", [[[3, 4]], [[2, 4, 3]], [[0, 2]]]) { try $0[0].triu(1) },
    OperationRow("cumulative_sum", [[[5]], [[3, 4]], [[0, 3]], [[3, 0]]]) { try $0[0].cumulativeSum(axis: -1) },
    OperationRow("cumulative_sum from 0", [[[3, 4]]]) { try $0[0].cumulativeSum(axis: 0, includeInitial: true) },
    OperationRow("cumulative_prod", [[[5]], [[3, 4]], [[0, 3]], [[3, 0]]]) { try $0[0].cumulativeProduct(axis: -1) },
    OperationRow("cumulative_prod of rows", [[[4, 2]]]) { try $0[0].cumulativeProduct(axis: 0, includeInitial: true) },
    OperationRow("cumulative_prod at zeros", [[[5]]], domain: { try $0 * Tensor([1, 0, 1, 0, 1]) }) {
        try $0[0].cumulativeProduct(axis: 0)
    },
    OperationRow("diff", [[[5]], [[3, 4]], [[3, 0]], [[3, 1]]]) { try $0[0].difference() },
    OperationRow("diff twice", [[[4, 3]]]) { try $0[0].difference(axis: 0, n: 2) },
    OperationRow("sort", [[[5]], [[3, 4]], [[0, 3]]], distinct: true) { try $0[0].sort() },
    OperationRow("sort descending", [[[4, 3]]], distinct: true) { try $0[0].sort(axis: 0, descending: true) },
]
