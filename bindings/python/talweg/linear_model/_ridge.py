# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Ridge regression."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions

from .. import _talweg
from .._lstsq import METHODS
from ._base import NOT_NEGATIVE, LinearModel, array, checked, row_weights, sparse_least_squares

SOLVERS = {"auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"}


class Ridge(MultiOutputMixin, RegressorMixin, LinearModel):
    """Least squares with a squared penalty, as ``sklearn.linear_model.Ridge``: minimises
    sum_i w_i (y_i - x_i . b - c)^2 + alpha |b|^2.

    Of a dense X in closed form by Cholesky's factor or, where that would lose digits, by QR; of a sparse X by LSQR.

    Args:
        alpha: 0 or more, or one for each target
        fit_intercept: fit an intercept, which is not penalised
        copy_X: X is never written to
        max_iter, tol: of LSQR; tol at most 1e-10
        solver: scikit-learn's names are accepted and mean nothing here
        positive: coefficients of 0 or more only, by an active set; X is made dense
        random_state: nothing is random

    Attributes:
        coef_: [p], or [k, p] for k targets
        intercept_: a number, or [k]
        n_iter_: of LSQR, [k]; else None
        solver_: "direct", "lsqr" or, with ``positive``, "active_set"

    >>> from talweg.linear_model import Ridge
    >>> Ridge(alpha=1.0).fit([[-1.0], [0.0], [1.0]], [-2.0, 0.0, 2.0]).coef_.round(6)
    array([1.333333])
    """

    _parameter_constraints = {
        "alpha": [NOT_NEGATIVE, "array-like"],
        "fit_intercept": ["boolean"],
        "copy_X": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left"), None],
        "tol": [NOT_NEGATIVE],
        "solver": [StrOptions(SOLVERS)],
        "positive": ["boolean"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Ridge:
        """Fits y [n] or [n, k] to X [n, p], with row weights [n]."""
        self._validate_params()
        if self.positive and self.solver not in ("auto", "lbfgs"):
            raise ValueError(f"solver={self.solver!r} does not support positive fitting; 'auto' and 'lbfgs' do")
        if self.solver == "lbfgs" and not self.positive:
            raise ValueError("solver='lbfgs' is for positive=True only")
        X, y = checked(self, X, y, multi_output=True, dense=self.positive)
        weights = row_weights(sample_weight, X)
        targets = y.reshape(len(y), -1)
        penalties = self._penalties(targets.shape[1])
        self.n_iter_ = None
        if sparse.issparse(X):
            fits = [
                sparse_least_squares(X, column, alpha, self.fit_intercept, weights, self.tol, self.max_iter)
                for column, alpha in zip(targets.T, penalties, strict=True)
            ]
            coefficients, intercepts, iterations = (np.array(part) for part in zip(*fits, strict=True))
            self.n_iter_ = iterations.astype(np.int32)
            self.solver_ = "lsqr"
        else:
            coefficients = np.empty((targets.shape[1], X.shape[1]), dtype=X.dtype)
            intercepts = np.empty(targets.shape[1], dtype=X.dtype)
            for alpha in np.unique(penalties):
                which = np.flatnonzero(penalties == alpha)
                some = targets if which.size == targets.shape[1] else np.ascontiguousarray(targets[:, which])
                fit = self._solve(X, some, float(alpha), weights)
                coefficients[which], intercepts[which] = array(fit.coefficients), array(fit.intercept)
            self.solver_ = "active_set" if self.positive else "direct"
        self.coef_ = coefficients[0] if targets.shape[1] == 1 else coefficients
        self.intercept_ = (intercepts[0] if y.ndim == 1 else intercepts) if self.fit_intercept else 0.0
        return self

    def _penalties(self, targets: int) -> Any:
        alpha = np.asarray(self.alpha, dtype=np.float64).ravel()
        if alpha.size not in (1, targets):
            raise ValueError(f"Number of targets and number of penalties do not correspond: {alpha.size} != {targets}")
        if not np.all(alpha >= 0):
            raise ValueError(f"alpha is {self.alpha}; it must be 0 or more")
        return np.broadcast_to(alpha, (targets,))

    def _solve(self, X: Any, y: Any, alpha: float, weights: Any) -> Any:
        if self.positive:
            return _talweg.constrained_lstsq(
                X, y, lower=0.0, intercept=self.fit_intercept, ridge=alpha, weights=weights
            )
        options = {"intercept": self.fit_intercept, "ridge": alpha, "weights": weights}
        if alpha > 0:
            # The normal equations, unless they would lose more than a few digits.
            try:
                fit = _talweg.lstsq(X, y, method=METHODS.index("cholesky"), **options)
                if fit.condition < 1e4:
                    return fit
            except _talweg.TalwegError:
                pass
        return _talweg.lstsq(X, y, **options)
