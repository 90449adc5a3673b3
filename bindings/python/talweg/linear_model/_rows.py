# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Centred rows and their singular values."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _talweg
from .._spectral import eigh, eigvalsh, svd, svdvals
from ._base import array


def centered(X: Any, intercept: bool, weights: Any) -> Any:
    """Rows less their mean, times the roots of the weights."""
    if intercept:
        X = X - np.average(X, axis=0, weights=weights)
    return X if weights is None else X * np.sqrt(weights)[:, None]


def _is_tall(X: Any) -> bool:
    return bool(X.shape[0] > 4 * X.shape[1] > 0)


def _keeps_digits(squares: Any) -> bool:
    """Of eigenvalues of X' X, ascending: the least one's relative error is about the rounding times their ratio."""
    return bool(squares[0] > 1e-6 * squares[-1])


def singular_values(X: Any) -> Any:
    """Descending; of many rows by the eigenvalues of X' X, which is much quicker, where they keep the digits."""
    if _is_tall(X):
        squares = array(eigvalsh(_talweg.matmul(X.T, X)))
        if _keeps_digits(squares):
            return np.sqrt(squares[::-1])
    return array(svdvals(X))


def singular_vectors(X: Any) -> tuple[Any, Any, Any]:
    """U, s and V' of X = U diag(s) V'; by the same ways, s in either order."""
    if _is_tall(X):
        squares, right = (array(part) for part in eigh(_talweg.matmul(X.T, X)))
        if _keeps_digits(squares):
            values = np.sqrt(squares)
            return array(_talweg.matmul(X, right / values)), values, right.T
    left, values, right = (array(part) for part in svd(X, full_matrices=False))
    return left, values, right
