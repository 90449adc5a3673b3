"""Linear algebra, under the names of the array API standard's extension.

Matrices are the last two axes of a tensor; axes before them make a stack of matrices,
each worked on by itself. float32 and float64 only. A matrix that cannot be factorised
raises ``talweg.TalwegError``; one that holds a NaN or an infinity gives NaN. Gradients of
any order flow through everything, where a function says nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from . import _talweg
from ._functions import matrix_transpose, trace
from ._spectral import (
    EighResult,
    SVDResult,
    eigh,
    eigvalsh,
    matrix_norm,
    matrix_rank,
    pinv,
    svd,
    svdvals,
    vector_norm,
)
from ._talweg import Tensor, cross, outer, tensordot, vecdot

if TYPE_CHECKING:
    from ._talweg import TensorLike

__all__ = [
    "EighResult",
    "LUResult",
    "PivotedQRResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "lu_factor",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "qr_pivoted",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


class PivotedQRResult(NamedTuple):
    """What ``qr_pivoted`` gives: column j of ``Q @ R`` is column P[j] of the matrix."""

    Q: Tensor
    R: Tensor
    P: Tensor


class QRResult(NamedTuple):
    """What ``qr`` gives: Q with orthonormal columns, R upper triangular."""

    Q: Tensor
    R: Tensor


class SlogdetResult(NamedTuple):
    """What ``slogdet`` gives: the determinant is ``sign * exp(logabsdet)``."""

    sign: Tensor
    logabsdet: Tensor


class LUResult(NamedTuple):
    """What ``lu_factor`` gives: L (without its diagonal of ones) and U in one, and the exchanges of rows."""

    lu: Tensor
    pivots: Tensor


def cholesky(x: TensorLike, /, *, upper: bool = False) -> Tensor:
    """L lower triangular with ``L @ L.mT == x`` or, if ``upper``, U upper triangular with ``U.mT @ U == x``.

    x [.., n, n] is symmetric positive definite; only that triangle of it is read.
    """
    return _talweg._cholesky(x, upper)


def det(x: TensorLike, /) -> Tensor:
    """The determinants [..] of x [.., n, n]. Singular matrices have no gradient here."""
    return _talweg._det(x)


def diagonal(x: TensorLike, /, *, offset: int = 0) -> Tensor:
    """The elements (i, i + offset) of the last two axes, as the last axis. Never copies."""
    return _talweg.diagonal(x, offset, -2, -1)


def inv(x: TensorLike, /) -> Tensor:
    """The inverses of x [.., n, n]. To solve equations, ``solve`` is quicker and closer."""
    return _talweg._inv(x)


def lu_factor(x: TensorLike, /) -> LUResult:
    """L and U with ``P x == L U`` by partial pivoting, as in SciPy: row i was exchanged with row pivots[i].

    A singular matrix has a 0 on U's diagonal. Without a gradient.
    """
    return LUResult(*_talweg._lu(x))


def matmul(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """Matrix products, as ``talweg.matmul``."""
    return _talweg.matmul(x1, x2)


def matrix_power(x: TensorLike, n: int, /) -> Tensor:
    """The product of n matrices x [.., m, m]; of their inverses if n is negative, the identity if it is 0."""
    return _talweg._matrix_power(x, n)


def qr(x: TensorLike, /, *, mode: Literal["reduced", "complete"] = "reduced") -> QRResult:
    """Q with orthonormal columns and R upper triangular, ``Q @ R == x`` [.., m, n].

    Q is [.., m, k] and R [.., k, n], k being min(m, n), or m for ``"complete"``. The gradient needs
    R's leading square to be regular; complete factors have one for m <= n only.
    """
    return QRResult(*_talweg._qr(x, _is_complete("qr", mode)))


def qr_pivoted(x: TensorLike, /, *, mode: Literal["reduced", "complete"] = "reduced") -> PivotedQRResult:
    """``qr`` of x with its columns in another order, such that R's diagonal falls in magnitude.

    ``Q @ R == x[..., P]``. Small elements at the end of the diagonal tell of columns that depend on
    others. Without a gradient.
    """
    return PivotedQRResult(*_talweg._qr_pivoted(x, _is_complete("qr_pivoted", mode)))


def _is_complete(name: str, mode: str) -> bool:
    if mode not in ("reduced", "complete"):
        raise ValueError(f"{name}: mode is {mode!r}; it can be 'reduced' or 'complete'")
    return mode == "complete"


def slogdet(x: TensorLike, /) -> SlogdetResult:
    """The signs of the determinants of x [.., n, n], and the logarithms of their magnitudes."""
    return SlogdetResult(*_talweg._slogdet(x))


def solve(x1: TensorLike, x2: TensorLike, /) -> Tensor:
    """X with ``x1 @ X == x2``, for x1 [.., n, n] and x2 [.., n, k] or one vector [n]; leading axes broadcast."""
    return _talweg._solve(x1, x2)


def solve_triangular(
    x1: TensorLike,
    x2: TensorLike,
    /,
    *,
    upper: bool = False,
    transposed: bool = False,
    unit_diagonal: bool = False,
) -> Tensor:
    """X with ``x1 @ X == x2``, or ``x1.mT @ X == x2`` if ``transposed``, for a triangular x1 and x2 as in ``solve``.

    ``upper`` tells which triangle of x1 it is; the other one is not read, nor, if ``unit_diagonal``,
    the diagonal, which then counts as ones.
    """
    return _talweg._solve_triangular(x1, x2, upper, transposed, unit_diagonal)
