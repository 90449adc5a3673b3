# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Quantile regression with an L1 penalty."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval, StrOptions

from .. import _talweg
from ._base import NOT_NEGATIVE, LinearModel, array, checked, row_weights


class QuantileRegressor(RegressorMixin, LinearModel):
    """Regression of a quantile, as ``sklearn.linear_model.QuantileRegressor``: minimises
    sum_i w_i r_i (quantile - [r_i < 0]) / sum_i w_i + alpha |b|_1 of the residuals r, by the interior-point method of
    Portnoy and Koenker, and then exactly. A sparse X is made dense.

    Args:
        quantile: above 0 and below 1; 0.5 is least absolute deviations
        alpha: 0 or more
        fit_intercept: fit an intercept, which is not penalised
        solver, solver_options: accepted, and mean nothing here

    Attributes:
        coef_: [p]
        intercept_: a number
        n_iter_: iterations

    >>> from talweg.linear_model import QuantileRegressor
    >>> QuantileRegressor(alpha=0).fit([[1.0], [2.0], [3.0], [4.0]], [2.0, 4.0, 60.0, 8.0]).predict([[3.0]]).round(6)
    array([6.])
    """

    _parameter_constraints = {
        "quantile": [Interval(Real, 0, 1, closed="neither")],
        "alpha": [NOT_NEGATIVE],
        "fit_intercept": ["boolean"],
        "solver": [StrOptions({"highs-ds", "highs-ipm", "highs", "interior-point", "revised simplex"})],
        "solver_options": [dict, None],
    }

    def __init__(
        self,
        *,
        quantile: float = 0.5,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str = "highs",
        solver_options: Any = None,
    ) -> None:
        self.quantile = quantile
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.solver_options = solver_options

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> QuantileRegressor:
        """Fits y [n] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y)
        weights = row_weights(sample_weight, X)
        if self.alpha > 0:
            self._fit_penalised(X, y, weights)
        else:
            self._solve(X, y, weights, self.fit_intercept)
        return self

    def _solve(self, X: Any, y: Any, weights: Any, intercept: bool) -> None:
        fit = _talweg.quantile_regression(X, y, float(self.quantile), intercept=intercept, weights=weights)
        if fit.stop_reason == 2:
            warnings.warn(
                f"QuantileRegressor: the duality gap was not closed in {fit.iterations} iterations",
                ConvergenceWarning,
                stacklevel=4,
            )
        self.coef_ = array(fit.coefficients)
        self.intercept_ = array(fit.intercept)[()] if intercept else 0.0
        self.n_iter_ = fit.iterations

    def _fit_penalised(self, X: Any, y: Any, weights: Any) -> None:
        """Rows e_j and -e_j with a target of 0 lose quantile |b_j| and (1 - quantile) |b_j|: together the penalty."""
        n, p = X.shape
        width = p + bool(self.fit_intercept)
        rows = np.zeros((n + 2 * p, width), dtype=X.dtype)
        rows[:n, :p] = X
        rows[:n, p:] = 1
        places = np.arange(p)
        rows[n + places, places] = 1
        rows[n + p + places, places] = -1
        total = n if weights is None else weights.sum()
        added = np.full(2 * p, self.alpha * total)
        own = np.ones(n) if weights is None else weights
        self._solve(rows, np.concatenate([y, np.zeros(2 * p, dtype=y.dtype)]), np.concatenate([own, added]), False)
        if self.fit_intercept:
            self.intercept_ = self.coef_[p]
            self.coef_ = self.coef_[:p].copy()
