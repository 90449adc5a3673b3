@testable import Talweg

/// x [T, B, I], h [B, H], the weights [G, I] and [G, H], the biases [G], and for LSTM the cells [B, H].
private func shapes(_ gates: Int, _ t: Int, _ b: Int, _ i: Int, _ h: Int) -> [[Int]] {
    let shapes = [[t, b, i], [b, h], [gates * h, i], [gates * h, h], [gates * h], [gates * h]]
    return gates == 4 ? shapes + [[b, h]] : shapes
}

private func weights(_ inputs: [Tensor]) -> RecurrentWeights {
    RecurrentWeights(input: inputs[2], hidden: inputs[3], inputBias: inputs[4], hiddenBias: inputs[5])
}

/// All results in one tensor, each with a factor of its own.
private func joined(_ results: [Tensor]) throws -> Tensor {
    let flat = try results.enumerated().map { try $1.reshape([$1.count]) * Double($0 + 1) }
    return try Tensor.concatenate(flat)
}

let recurrentRows: [OperationRow] = [
    OperationRow("lstm", [shapes(4, 3, 2, 2, 2), shapes(4, 1, 1, 1, 1)]) {
        let (y, h, c) = try Tensor.lstm($0[0], hidden: $0[1], cells: $0[6], weights($0))
        return try joined([y, h, c])
    },
    OperationRow("lstm, last state alone", [shapes(4, 2, 1, 1, 2)]) {
        try Tensor.lstm($0[0], hidden: $0[1], cells: $0[6], weights($0)).hidden
    },
    OperationRow("lstm, last cells alone", [shapes(4, 2, 1, 1, 2)]) {
        try Tensor.lstm($0[0], hidden: $0[1], cells: $0[6], weights($0)).cells
    },
    OperationRow("lstm, from zeros", [[[2, 3, 2], [8, 2], [8, 2]]]) {
        try Tensor.lstm($0[0], RecurrentWeights(input: $0[1], hidden: $0[2]), batchFirst: true).states
    },
    OperationRow("gru", [shapes(3, 3, 2, 2, 2), shapes(3, 1, 1, 1, 1)]) {
        let (y, h) = try Tensor.gru($0[0], hidden: $0[1], weights($0))
        return try joined([y, h])
    },
    OperationRow("rnn", [shapes(1, 3, 2, 2, 2), shapes(1, 1, 1, 1, 1)]) {
        let (y, h) = try Tensor.rnn($0[0], hidden: $0[1], weights($0))
        return try joined([y, h])
    },
    OperationRow("rnn, last state alone", [shapes(1, 2, 1, 1, 2)]) {
        try Tensor.rnn($0[0], hidden: $0[1], weights($0)).hidden
    },
    OperationRow("gru, from zeros", [[[2, 3, 2], [6, 2], [6, 2]]]) {
        try Tensor.gru($0[0], RecurrentWeights(input: $0[1], hidden: $0[2]), batchFirst: true).states
    },
]
