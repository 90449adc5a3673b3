@testable import Talweg

private func einsum(_ subscripts: String, _ shapes: [[[Int]]]) -> OperationRow {
    OperationRow("einsum \(subscripts)", shapes) { try .einsum(subscripts, $0) }
}

let contractionRows: [OperationRow] = [
    einsum("ij,jk->ik", [[[3, 4], [4, 2]], [[0, 4], [4, 2]], [[3, 0], [0, 2]]]),
    einsum("ij,jk->ki", [[[3, 4], [4, 2]]]),
    einsum("bij,bkj->bik", [[[2, 3, 4], [2, 2, 4]], [[1, 3, 4], [2, 2, 4]]]),
    einsum("...ij,...jk", [[[2, 1, 2, 3], [3, 3, 2]]]),
    einsum("i,i->", [[[4], [4]], [[0], [0]]]),
    einsum("i,j", [[[3], [4]]]),
    einsum(",ij->ji", [[[], [2, 3]]]),
    einsum("ijkl,kjm->mil", [[[2, 3, 2, 2], [2, 3, 4]]]),
    einsum("ab,bc,cd->ad", [[[2, 3], [3, 4], [4, 2]]]),
    einsum("ijk,ij,k->", [[[2, 3, 2], [2, 3], [2]]]),
    einsum("ii->i", [[[3, 3]], [[0, 0]]]),
    einsum("iij,i->j", [[[2, 2, 3], [2]]]),
    einsum("ij->j", [[[3, 4]], [[0, 3]]]),
    einsum("iji->", [[[2, 3, 2]]]),
    OperationRow("tensordot", [[[2, 3, 4], [3, 4, 2]]]) { try $0[0].tensordot($0[1]) },
    OperationRow("tensordot of pairs", [[[2, 3, 4], [4, 2, 3]]]) { try $0[0].tensordot($0[1], [2, 0], [0, -2]) },
    OperationRow("tensordot of none", [[[2, 3], [4]]]) { try $0[0].tensordot($0[1], axes: 0) },
    OperationRow("vecdot", [[[3, 4], [3, 4]], [[2, 3, 4], [4]], [[5], [5]], [[2, 0], [1, 0]]]) {
        try $0[0].vecdot($0[1])
    },
    OperationRow("vecdot along an axis", [[[3, 2], [3, 1]]]) { try $0[0].vecdot($0[1], axis: -2) },
    OperationRow("outer", [[[3], [4]], [[0], [2]]]) { try $0[0].outer($0[1]) },
    OperationRow("cross", [[[3], [3]], [[2, 3], [3]], [[2, 3], [4, 1, 3]]]) { try $0[0].cross($0[1]) },
    OperationRow("cross along an axis", [[[3, 2], [3, 2]]]) { try $0[0].cross($0[1], axis: 0) },
    OperationRow("kron", [[[2, 3], [2, 2]], [[2], [2, 2]]]) { try $0[0].kron($0[1]) },
    OperationRow("diagonal", [[[3, 4]], [[2, 3, 3]], [[0, 2]]]) { try $0[0].diagonal(offset: 1) },
    OperationRow("diagonal of axes", [[[3, 2, 4]]]) { try $0[0].diagonal(offset: -1, axis0: 0, axis1: -1) },
    OperationRow("diag_embed", [[[3]], [[2, 3]], [[0]]]) { try $0[0].diagonalMatrix(offset: -1) },
    OperationRow("trace", [[[3, 4]], [[2, 3, 3]]]) { try $0[0].trace(offset: 1) },
    OperationRow("pad", [[[2, 3]], [[0, 2]]]) { try $0[0].pad([(1, 0), (2, 1)], value: 0.5) },
    OperationRow("pad edge", [[[2, 3]]]) { try $0[0].pad([(1, 2), (0, 1)], mode: .edge) },
    OperationRow("pad reflect", [[[2, 3]]]) { try $0[0].pad([(1, 0), (5, 3)], mode: .reflect) },
    OperationRow("pad symmetric", [[[2, 3]]]) { try $0[0].pad([(0, 5), (4, 1)], mode: .symmetric) },
    OperationRow("pad wrap", [[[2, 3]]]) { try $0[0].pad([(1, 1), (4, 1)], mode: .wrap) },
]
