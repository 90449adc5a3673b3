# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Ordinary least squares."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import MultiOutputMixin, RegressorMixin

from .. import _talweg
from ._base import NOT_NEGATIVE, LinearModel, array, checked, row_weights, sparse_least_squares
from ._rows import centered, singular_values


class LinearRegression(MultiOutputMixin, RegressorMixin, LinearModel):
    """Ordinary least squares, as ``sklearn.linear_model.LinearRegression``.

    Of a dense X by QR with column pivoting, which keeps the digits that the normal equations lose; where columns
    depend on each other, the shortest coefficients. Of a sparse X by LSQR.

    Args:
        fit_intercept: fit an intercept
        copy_X: X is never written to
        tol: of LSQR, at most 1e-10
        n_jobs: the engine's threads serve
        positive: coefficients of 0 or more only, by an active set; X dense

    Attributes:
        coef_: [p], or [k, p] for k targets
        intercept_: a number, or [k]
        rank_: of the centred X; dense X only
        singular_: of the centred X, [min(n, p)]; dense X only

    >>> from talweg.linear_model import LinearRegression
    >>> model = LinearRegression().fit([[1.0], [2.0], [3.0]], [3.0, 5.0, 7.0])
    >>> model.predict([[4.0]]).round(6)
    array([9.])
    """

    _parameter_constraints = {
        "fit_intercept": ["boolean"],
        "copy_X": ["boolean"],
        "tol": [NOT_NEGATIVE],
        "n_jobs": [int, None],
        "positive": ["boolean"],
    }

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        tol: float = 1e-6,
        n_jobs: int | None = None,
        positive: bool = False,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs
        self.positive = positive

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LinearRegression:
        """Fits y [n] or [n, k] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y, multi_output=True, dense=False, accept_sparse=not self.positive)
        weights = row_weights(sample_weight, X)
        if sparse.issparse(X):
            fits = [
                sparse_least_squares(X, column, 0.0, self.fit_intercept, weights, self.tol, None)
                for column in np.atleast_2d(y.T)
            ]
            coefficients, intercepts, _ = (np.array(part) for part in zip(*fits, strict=True))
            self.coef_ = coefficients if y.ndim == 2 else coefficients[0]
            self.intercept_ = intercepts if y.ndim == 2 else intercepts[0]
        elif self.positive:
            bounded = _talweg.constrained_lstsq(X, y, lower=0.0, intercept=self.fit_intercept, weights=weights)
            self.coef_ = array(bounded.coefficients)
            self.intercept_ = array(bounded.intercept)[()]
        else:
            fit = _talweg.lstsq(X, y, intercept=self.fit_intercept, weights=weights)
            self.coef_ = array(fit.coefficients)
            self.intercept_ = array(fit.intercept)[()]
            self.rank_ = fit.rank
            self.singular_ = singular_values(centered(X, self.fit_intercept, weights))
        if not self.fit_intercept:
            self.intercept_ = 0.0
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not self.positive
        return tags
