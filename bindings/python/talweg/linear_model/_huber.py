# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Huber's regression with its scale."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import Interval

from .. import _talweg
from ._base import NOT_NEGATIVE, LinearModel, array, checked, row_weights, unfinished


class HuberRegressor(RegressorMixin, LinearModel):
    """Regression that outliers do not lead astray, as ``sklearn.linear_model.HuberRegressor``: minimises
    sum_i w_i (s + s h(r_i / s)) + alpha |b|^2 over coefficients, intercept and the scale s, where h(z) is z^2 up to
    epsilon and 2 epsilon |z| - epsilon^2 above. By Newton's method. A sparse X is made dense.

    Args:
        epsilon: 1 or more; smaller is more robust
        max_iter: iterations
        alpha: 0 or more
        warm_start: accepted, and means nothing here
        fit_intercept: fit an intercept, which is not penalised
        tol: accepted; the minimum is found to rounding

    Attributes:
        coef_: [p]
        intercept_, scale_: numbers
        n_iter_: iterations
        outliers_: bool [n]: rows farther off than epsilon scale_

    >>> from talweg.linear_model import HuberRegressor
    >>> X, y = [[float(i)] for i in range(8)], [0.1, 0.9, 2.1, 2.9, 4.1, 4.9, 6.1, 40.0]
    >>> HuberRegressor().fit(X, y).coef_.round(1)
    array([1.])
    """

    _parameter_constraints = {
        "epsilon": [Interval(Real, 1.0, None, closed="left")],
        "max_iter": [NOT_NEGATIVE],
        "alpha": [NOT_NEGATIVE],
        "warm_start": ["boolean"],
        "fit_intercept": ["boolean"],
        "tol": [NOT_NEGATIVE],
    }

    def __init__(
        self,
        *,
        epsilon: float = 1.35,
        max_iter: int = 100,
        alpha: float = 0.0001,
        warm_start: bool = False,
        fit_intercept: bool = True,
        tol: float = 1e-5,
    ) -> None:
        self.epsilon = epsilon
        self.max_iter = max_iter
        self.alpha = alpha
        self.warm_start = warm_start
        self.fit_intercept = fit_intercept
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> HuberRegressor:
        """Fits y [n] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y)
        fit = _talweg.huber(
            X,
            y,
            epsilon=float(self.epsilon),
            penalty=float(self.alpha),
            intercept=self.fit_intercept,
            weights=row_weights(sample_weight, X),
            max_iterations=int(self.max_iter),
        )
        if fit.stop_reason == 2:
            unfinished(self)
        self.coef_ = array(fit.coefficients)
        self.intercept_ = array(fit.intercept)[()] if self.fit_intercept else 0.0
        self.scale_ = fit.scale
        self.n_iter_ = fit.iterations
        self.outliers_ = np.asarray(fit.weights) < 1
        return self
