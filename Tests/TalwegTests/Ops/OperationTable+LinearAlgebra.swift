@testable import Talweg

/// Square matrices away from singular ones: wave numbers with 3 on the diagonal.
private func regular(_ x: Tensor) throws -> Tensor {
    let n = x.shape[x.rank - 1]
    return try x + Tensor.eye(n, n, .float64) * 3
}

/// Symmetric positive definite matrices of any square ones.
private func definite(_ x: Tensor) throws -> Tensor { try regular(x.matmul(x.transpose())) }

private let square: [[[Int]]] = [[[3, 3]], [[2, 2, 2]], [[1, 1]], [[0, 0]]]

let linearAlgebraRows: [OperationRow] = [
    OperationRow("cholesky", square) { try definite($0[0]).cholesky() },
    OperationRow("cholesky, upper", square) { try definite($0[0]).cholesky(upper: true) },
    OperationRow("solve", [[[3, 3], [3, 2]], [[2, 2, 2], [2, 1]], [[2, 2], [3, 2, 2]], [[0, 0], [0, 2]]]) {
        try regular($0[0]).solve($0[1])
    },
    OperationRow("solve for a vector", [[[3, 3], [3]], [[2, 2, 2], [2]]]) { try regular($0[0]).solve($0[1]) },
    OperationRow("solve_triangular", [[[3, 3], [3, 2]], [[2, 2, 2], [2, 1]], [[2, 2], [2]], [[0, 0], [0, 2]]]) {
        try regular($0[0]).solveTriangular($0[1], upper: false)
    },
    OperationRow("solve_triangular, upper", [[[3, 3], [3, 2]], [[2, 2], [3, 2, 1]]]) {
        try regular($0[0]).solveTriangular($0[1], upper: true)
    },
    OperationRow("solve_triangular, transposed", [[[3, 3], [3, 2]]]) {
        try regular($0[0]).solveTriangular($0[1], upper: true, transposed: true)
    },
    OperationRow("solve_triangular, unit", [[[3, 3], [3, 2]]]) {
        try $0[0].solveTriangular($0[1], upper: false, unitDiagonal: true)
    },
    OperationRow("solve_triangular, upper, transposed, unit", [[[3, 3], [3, 2]]]) {
        try $0[0].solveTriangular($0[1], upper: true, transposed: true, unitDiagonal: true)
    },
    OperationRow("inv", square) { try regular($0[0]).inverse() },
    OperationRow("det", square) { try regular($0[0]).determinant() },
    OperationRow("slogdet", square) { try regular($0[0]).signAndLogDeterminant().logMagnitude },
    OperationRow("matrix_power", [[[3, 3]], [[2, 2, 2]]]) { try $0[0].matrixPower(5) },
    OperationRow("matrix_power, negative", [[[3, 3]]]) { try regular($0[0]).matrixPower(-2) },
    OperationRow("qr, Q", [[[3, 3]], [[4, 3]], [[2, 3, 2]], [[2, 4]], [[3, 0]]]) { try leading($0[0]).qr().q },
    OperationRow("qr, R", [[[3, 3]], [[4, 3]], [[2, 3, 2]], [[2, 4]], [[0, 3]]]) { try leading($0[0]).qr().r },
    OperationRow("qr, both", [[[3, 3]], [[4, 2]], [[2, 3]]]) {
        let (q, r) = try leading($0[0]).qr()
        return try .concatenate([q.reshape([q.count]), r.reshape([r.count])], axis: 0)
    },
    OperationRow("qr, complete", [[[3, 3]], [[2, 3]]]) {
        let (q, r) = try leading($0[0]).qr(complete: true)
        return try q.matmul(r * 2) + r.sum() * q.sum()
    },
]

/// Any matrices whose leading columns are far from dependent.
private func leading(_ x: Tensor) throws -> Tensor {
    try x + Tensor.eye(x.shape[x.rank - 2], x.shape[x.rank - 1], .float64) * 3
}
