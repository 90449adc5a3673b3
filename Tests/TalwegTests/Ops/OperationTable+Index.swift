@testable import Talweg

private func integers(_ values: [Double], _ shape: [Int]? = nil) throws -> Tensor {
    try Tensor(values, shape: shape, dtype: .int64)
}

private func mask(_ values: [Double], _ shape: [Int]? = nil) throws -> Tensor {
    try Tensor(values, shape: shape, dtype: .bool)
}

private let all = IndexKey.slice(from: nil, to: nil, step: 1)

let indexRows: [OperationRow] = [
    // Reading.
    OperationRow("index by positions and slices", [[[3, 4, 5]]]) {
        try $0[0].index([.slice(from: nil, to: nil, step: -2), .position(-1), .newAxis, .slice(from: 1, to: 4, step: 2)])
    },
    OperationRow("index by nothing", [[[3]], [[]]]) { try $0[0].index([.ellipsis]) },
    OperationRow("index by integers", [[[4, 3]], [[4]]]) { try $0[0].index([.tensor(integers([2, 0, -1, 2]))]) },
    OperationRow("index by integers behind", [[[2, 3, 4]]]) {
        try $0[0].index([.ellipsis, .tensor(integers([3, 0, 3, 1], [2, 2]))])
    },
    OperationRow("index by neighbours", [[[2, 3, 4, 2]]]) {
        try $0[0].index([all, .tensor(integers([0, 2], [2, 1])), .tensor(integers([1, 1, 3]))])
    },
    OperationRow("index by separate ones", [[[3, 2, 4]]]) {
        try $0[0].index([.tensor(integers([2, 0, 2])), all, .tensor(integers([1, 1, 3]))])
    },
    OperationRow("index by a position beside integers", [[[3, 2, 4]]]) {
        try $0[0].index([.position(1), all, .tensor(integers([1, 1, 3]))])
    },
    OperationRow("index by a mask", [[[2, 3]], [[2, 3, 2]]]) {
        try $0[0].index([.tensor(mask([1, 0, 1, 0, 1, 1], [2, 3]))])
    },
    OperationRow("index by a mask behind", [[[2, 4]]]) { try $0[0].index([all, .tensor(mask([1, 0, 0, 1]))]) },
    OperationRow("index by a mask of nothing", [[[3, 2]]]) { try $0[0].index([.tensor(mask([0, 0, 0]))]) },
    OperationRow("index by a mask and integers", [[[3, 2, 4]]]) {
        try $0[0].index([.tensor(mask([1, 0, 1])), all, .tensor(integers([3, 0]))])
    },
    OperationRow("take of any shape", [[[2, 4, 3]]]) { try $0[0].indexSelect(axis: 1, integers([3, 0, 0, -1], [2, 2])) },
    OperationRow("take_along_axis", [[[2, 4]], [[1, 4]]]) {
        try $0[0].takeAlongAxis(integers([3, 0, 0, -1, 2, 2], [2, 3]))
    },
    OperationRow("take_along_axis of one row", [[[3, 2]]]) {
        try $0[0].takeAlongAxis(integers([2, 0], [2, 1]), axis: 0)
    },
    OperationRow("gather along the first axis", [[[3, 2, 2]]]) {
        try $0[0].gather(axis: 0, integers([2, 0, 0, 1, 2, 2, 1, 1], [2, 2, 2]))
    },
    OperationRow("top_k", [[[5]], [[3, 4]], [[2, 5, 2]]], distinct: true) { try $0[0].topK(2, axis: $0[0].rank == 3 ? 1 : -1).values },
    OperationRow("top_k least", [[[2, 5]]]) { try $0[0].topK(3, largest: false, sorted: false).values },
    OperationRow("unique values", [[[5]], [[2, 3]]], distinct: true) { try $0[0].unique().values },
    OperationRow("sort of few", [[[3, 1]]], distinct: true) { try $0[0].sort(axis: 0) },

    // Writing to a copy.
    OperationRow("index_put", [[[3, 4], [2, 4]], [[3, 4], [4]], [[3, 4], []], [[3, 4], [1, 2, 4]]]) {
        try $0[0].indexPut([.tensor(integers([2, 0]))], $0[1])
    },
    OperationRow("index_put twice in one place", [[[3, 2], [4, 2]]]) {
        try $0[0].indexPut([.tensor(integers([2, 0, 2, 2]))], $0[1])
    },
    OperationRow("index_put by a mask", [[[2, 3], [4]], [[2, 3], []]]) {
        try $0[0].indexPut([.tensor(mask([1, 0, 1, 0, 1, 1], [2, 3]))], $0[1])
    },
    OperationRow("index_put by slices", [[[4, 3], [2, 3]], [[4, 3], [3]]]) {
        try $0[0].indexPut([.slice(from: 3, to: nil, step: -2)], $0[1])
    },
    OperationRow("index_put by separate ones", [[[3, 2, 4], [3, 2]]]) {
        try $0[0].indexPut([.tensor(integers([2, 0, 2])), all, .tensor(integers([1, 1, 3]))], $0[1])
    },
    OperationRow("index_put adding", [[[3, 2], [4, 2]], [[3, 2], []]]) {
        try $0[0].indexPut([.tensor(integers([2, 0, 2, 2]))], $0[1], adds: true)
    },
    OperationRow("index_put adding by slices", [[[4, 3], [4, 1]]]) {
        try $0[0].indexPut([all, .slice(from: nil, to: 2, step: 1)], $0[1], adds: true)
    },
    OperationRow("index_put adding by separate ones", [[[3, 2, 4], [3, 2]]]) {
        try $0[0].indexPut([.tensor(integers([2, 0, 2])), all, .tensor(integers([1, 1, 1]))], $0[1], adds: true)
    },
    OperationRow("index_add", [[[2, 3], [2, 4]], [[2, 3], [1]], [[2, 3, 2], [2, 4, 2]]]) {
        try $0[0].indexAdd(axis: 1, integers([2, 0, 2, 2]), $0[1])
    },
    OperationRow("scatter", [[[2, 3], [2, 4]], [[2, 3], []]]) {
        try $0[0].scatter(axis: 1, integers([2, 0, 2, 2, 1, 0, 0, 1], [2, 4]), $0[1])
    },
    OperationRow("scatter along the first axis", [[[3, 2], [2, 2]]]) {
        try $0[0].scatter(axis: 0, integers([2, 0, 2, 2], [2, 2]), $0[1])
    },
    OperationRow("scatter_add", [[[2, 3], [2, 4]], [[2, 3], [4]]]) {
        try $0[0].scatterAdd(axis: 1, integers([2, 0, 2, 2, 1, 0, 0, 1], [2, 4]), $0[1])
    },
    OperationRow("scatter_add along the first axis", [[[3, 2], [2, 2]]]) {
        try $0[0].scatterAdd(axis: 0, integers([2, 0, 2, 2], [2, 2]), $0[1])
    },
]
