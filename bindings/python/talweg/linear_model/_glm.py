# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Generalised linear models with a log link."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import d2_tweedie_score
from sklearn.utils._param_validation import StrOptions

from .. import _talweg
from .._glm import FAMILIES
from ._base import COUNT, NOT_NEGATIVE, POSITIVE, array, checked, linear_predictor, row_weights, unfinished


class GeneralizedLinearRegressor(RegressorMixin, BaseEstimator):
    """What the families share: minimises sum_i w_i deviance_i / (2 sum_i w_i) + alpha / 2 |b|^2."""

    family: str
    power: int
    """Of the mean, to which the variance is proportional."""

    _parameter_constraints = {
        "alpha": [NOT_NEGATIVE],
        "fit_intercept": ["boolean"],
        "solver": [StrOptions({"lbfgs", "newton-cholesky"})],
        "max_iter": [COUNT],
        "tol": [POSITIVE],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str = "lbfgs",
        max_iter: int = 100,
        tol: float = 1e-4,
        warm_start: bool = False,
        verbose: Any = 0,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fits y [n] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y)
        weights = row_weights(sample_weight, X)
        self._check_range(y)
        total = len(y) if weights is None else weights.sum()
        fit = _talweg.glm(
            X,
            y,
            family=FAMILIES.index(self.family),
            link=2,
            intercept=self.fit_intercept,
            standard_errors=False,
            ridge=float(self.alpha * total),
            weights=weights,
            max_iterations=self.max_iter,
        )
        if fit.stop_reason == 2:
            unfinished(self)
        self.coef_ = array(fit.coefficients)
        self.intercept_ = array(fit.intercept)[()] if self.fit_intercept else 0.0
        self.n_iter_ = fit.iterations
        return self

    def predict(self, X: Any) -> Any:
        """The means of new rows."""
        return np.exp(linear_predictor(self, X))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """D^2: the share of the null model's deviance that is explained."""
        means = self.predict(X)
        y = np.asarray(y, dtype=means.dtype)
        self._check_range(y)
        return float(d2_tweedie_score(y, means, sample_weight=sample_weight, power=self.power))

    def _check_range(self, y: Any) -> None:
        if not np.all(y >= 0 if self.power == 1 else y > 0):
            raise ValueError(
                f"Some value(s) of y are out of the valid range of the {self.family} family: {y.min()} is the least"
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.target_tags.positive_only = True
        return tags


class PoissonRegressor(GeneralizedLinearRegressor):
    """Regression of counts with a log link, as ``sklearn.linear_model.PoissonRegressor``: minimises half the mean
    deviance and alpha / 2 |b|^2, by iteratively reweighted least squares. A sparse X is made dense.

    Args:
        alpha: 0 or more
        fit_intercept: fit an intercept, which is not penalised
        max_iter: iterations
        solver, tol, warm_start, verbose: accepted, and mean nothing here

    Attributes:
        coef_: [p]
        intercept_: a number
        n_iter_: iterations

    >>> from talweg.linear_model import PoissonRegressor
    >>> PoissonRegressor(alpha=0).fit([[0.0], [1.0], [2.0]], [1, 2, 4]).predict([[3.0]]).round(6)
    array([8.])
    """

    family = "poisson"
    power = 1


class GammaRegressor(GeneralizedLinearRegressor):
    """Regression of positive numbers, whose variance grows with the square of the mean, with a log link, as
    ``sklearn.linear_model.GammaRegressor``; arguments and attributes are `PoissonRegressor`'s.

    >>> from talweg.linear_model import GammaRegressor
    >>> GammaRegressor(alpha=0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 9.0]).predict([[3.0]]).round(6)
    array([27.])
    """

    family = "gamma"
    power = 2
