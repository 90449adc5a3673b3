@testable import Talweg

/// Symmetric, its eigenvalues well apart.
private func symmetric(_ x: Tensor) throws -> Tensor {
    let n = x.shape[x.rank - 1]
    let spread = try Tensor.eye(n, n, x.dtype) * Tensor.arange(0, Double(n), 1, x.dtype) * 2
    return try (x + x.transpose()) * 0.5 + spread
}

/// Its singular values well apart, and from 0.
private func spread(_ x: Tensor) throws -> Tensor {
    let (m, n) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    return try x + Tensor.eye(m, n, x.dtype) * (Tensor.arange(0, Double(n), 1, x.dtype) + 1) * 3
}

private let squares: [[[Int]]] = [[[3, 3]], [[2, 4, 4]], [[1, 1]], [[0, 0]]]
private let rectangles: [[[Int]]] = [[[4, 2]], [[2, 3]], [[3, 3]], [[2, 3, 2]], [[0, 2]], [[1, 3]]]

// Signs of vectors are arbitrary: what the rows compute does not depend on them.
let spectralRows: [OperationRow] = [
    OperationRow("eigh values", squares) { try symmetric($0[0]).eigh().values },
    OperationRow("eigh vectors", squares) { try symmetric($0[0]).eigh().vectors.square() },
    OperationRow("eigh both", squares) {
        let (w, v) = try symmetric($0[0]).eigh()
        return try (v * w.sin().expandDims(-2)).matmul(v.transpose())
    },
    OperationRow("eigvalsh", squares) { try symmetric($0[0]).eigvalsh() },
    OperationRow("svd u", rectangles) { try spread($0[0]).svd(full: false).u.square() },
    OperationRow("svd vh", rectangles) { try spread($0[0]).svd(full: false).vh.square() },
    OperationRow("svd both", rectangles) {
        let (u, s, vh) = try spread($0[0]).svd(full: false)
        return try (u * s.sin().expandDims(-2)).matmul(vh)
    },
    OperationRow("svd full", [[[3, 3]]]) {
        let (u, s, vh) = try spread($0[0]).svd(full: true)
        return try (u * s.sin().expandDims(-2)).matmul(vh)
    },
    OperationRow("svd full values", rectangles) { try spread($0[0]).svd(full: true).s },
    OperationRow("svdvals", rectangles) { try spread($0[0]).svdvals() },
    OperationRow("pinv", rectangles) { try spread($0[0]).pinv() },
    OperationRow("pinv of rank 2", [[[4, 2], [2, 3]], [[2, 3, 2], [2, 2, 3]]]) {
        try spread($0[0]).matmul(spread($0[1])).pinv()
    },
    OperationRow("vector_norm", [[[4, 3]], [[0, 3]], [[]], [[5]]]) { try $0[0].vectorNorm() },
    OperationRow("vector_norm along an axis", [[[4, 3]], [[2, 3, 2]], [[0, 3]]]) {
        try $0[0].vectorNorm(axes: [1], keepdims: true)
    },
    OperationRow("vector_norm 1", [[[4, 3]]]) { try $0[0].vectorNorm(axes: [0], order: 1) },
    OperationRow("vector_norm 3", [[[4, 3]], [[0, 3]]]) { try $0[0].vectorNorm(axes: [0], order: 3) },
    OperationRow("vector_norm 1/2", [[[4, 3]]]) { try $0[0].vectorNorm(axes: [-1], order: 0.5) },
    OperationRow("vector_norm -1", [[[4, 3]]]) { try $0[0].vectorNorm(axes: [-1], order: -1) },
    OperationRow("vector_norm infinity", [[[4, 3]]]) { try $0[0].vectorNorm(axes: [-1], order: .infinity) },
    OperationRow("vector_norm -infinity", [[[4, 3]]]) { try $0[0].vectorNorm(axes: [-1], order: -.infinity) },
] + [MatrixNorm.frobenius, .nuclear, .one, .minusOne, .two, .minusTwo, .infinity, .minusInfinity].map { kind in
    OperationRow("matrix_norm \(kind)", [[[4, 2]], [[2, 3]], [[2, 3, 3]]], distinct: true) {
        try spread($0[0]).matrixNorm(kind, keepdims: true)
    }
}
