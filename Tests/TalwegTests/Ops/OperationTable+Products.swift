@testable import Talweg

private let linearShapes: [[[Int]]] = [
    [[5, 3], [2, 3], [2]], [[2, 2, 3], [2, 3], [2]], [[3], [2, 3], [2]], [[0, 3], [2, 3], [2]], [[2, 0], [3, 0], [3]],
]

let productRows: [OperationRow] = [Activation.gelu, .tanh, .sigmoid].flatMap { activation in
    [
        OperationRow("linear \(activation)", linearShapes) {
            try $0[0].linear($0[1], $0[2], activation: activation)
        },
        OperationRow("linear \(activation) without bias", [[[5, 3], [2, 3]], [[2, 4, 3], [1, 3]]]) {
            try $0[0].linear($0[1], activation: activation)
        },
    ]
} + [
    // On both sides of the corner, away from it.
    OperationRow("linear relu", linearShapes) {
        let bias = try $0[2] * 0.01 + Tensor.arange(0, Double($0[2].count), 1, $0[2].dtype) * 20 - 10
        return try $0[0].linear($0[1], bias, activation: .relu)
    }
]
