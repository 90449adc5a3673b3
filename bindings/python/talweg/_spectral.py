"""Eigenvalues of symmetric matrices, singular values and norms: part of ``talweg.linalg``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from . import _talweg
from ._talweg import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._talweg import TensorLike

# tw_matrix_norm_kind
_MATRIX_NORMS = {"fro": 0, "nuc": 1, 1: 2, -1: 3, 2: 4, -2: 5, float("inf"): 6, float("-inf"): 7}


class EighResult(NamedTuple):
    """What ``eigh`` gives: ascending eigenvalues, and an eigenvector in each column."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """What ``svd`` gives: ``x == U @ diag(S) @ Vh``, S descending."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def eigh(x: TensorLike, /) -> EighResult:
    """The eigenvalues [.., n] and eigenvectors [.., n, n] of symmetric matrices x [.., n, n].

    Only the lower triangle is read, and the gradient is symmetric. That of the eigenvectors does not
    exist where eigenvalues coincide: it is not finite there.
    """
    return EighResult(*_talweg._eigh(x, True))


def eigvalsh(x: TensorLike, /) -> Tensor:
    """The eigenvalues [.., n] of symmetric matrices x [.., n, n], ascending; only the lower triangle is read."""
    return _talweg._eigh(x, False)


def svd(x: TensorLike, /, *, full_matrices: bool = True) -> SVDResult:
    """U, S [.., k] and Vh with ``x == U[.., :k] @ diag(S) @ Vh[.., :k, :]``, x [.., m, n] and k = min(m, n).

    U and Vh are square or, without ``full_matrices``, [.., m, k] and [.., k, n]. The gradient of
    the vectors does not exist where singular values coincide or, if m and n differ, are 0: it is
    not finite there. That of square ones exists for square x only.
    """
    return SVDResult(*_talweg._svd(x, True, full_matrices))


def svdvals(x: TensorLike, /) -> Tensor:
    """The singular values [.., min(m, n)] of x [.., m, n], descending."""
    return _talweg._svd(x, False, False)


def pinv(x: TensorLike, /, *, rtol: float | TensorLike | None = None) -> Tensor:
    """The pseudo-inverses [.., n, m] of x [.., m, n].

    Singular values of at most ``rtol``, a number or one for each matrix, times the largest count as
    0; None: of max(m, n) times the dtype's epsilon. The gradient is that of a rank that does not change.
    """
    return _talweg._pinv(x, rtol)


def matrix_rank(x: TensorLike, /, *, rtol: float | TensorLike | None = None) -> Tensor:
    """How many singular values of x [.., m, n] are above ``rtol``, as in ``pinv``, times the largest."""
    return _talweg._matrix_rank(x, rtol)


def matrix_norm(
    x: TensorLike, /, *, keepdims: bool = False, ord: float | Literal["fro", "nuc"] | None = "fro"
) -> Tensor:
    """A norm of each matrix of x [.., m, n].

    ``ord`` is ``"fro"`` (or None), the root of the sum of squares; ``"nuc"``, the sum of the singular
    values; 1 and -1, the largest and smallest sum of a column's magnitudes; inf and -inf, of a
    row's; 2 and -2, the largest and smallest singular value.
    """
    kind = _MATRIX_NORMS.get("fro" if ord is None else ord)
    if kind is None:
        raise ValueError(f"matrix_norm: ord is {ord!r}; it can be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    return _talweg._matrix_norm(x, kind, keepdims)


def vector_norm(
    x: TensorLike, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: float = 2
) -> Tensor:
    """``sum(abs(x)**ord)**(1/ord)`` over some axes, or over all elements.

    inf is the largest magnitude, -inf the smallest, 0 the number of elements that are not 0.
    Neither squares nor powers over- or underflow.
    """
    return _talweg._vector_norm(x, axis, keepdims, ord)
