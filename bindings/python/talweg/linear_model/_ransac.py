# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Random sample consensus around any regressor."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, MultiOutputMixin, RegressorMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, Options, StrOptions
from sklearn.utils.random import sample_without_replacement
from sklearn.utils.validation import check_consistent_length, check_is_fitted, has_fit_parameter, validate_data

from ._base import NOT_NEGATIVE, row_weights
from ._linear import LinearRegression


class RANSACRegressor(MetaEstimatorMixin, RegressorMixin, MultiOutputMixin, BaseEstimator):
    """A regressor fitted to the rows that agree, as ``sklearn.linear_model.RANSACRegressor`` (Fischler and Bolles,
    Comm. ACM 24, 1981): to random rows again and again, and then to the inliers of the best trial. The same
    random_state draws the same rows as there. ``talweg.ransac`` does all of it in the engine, for linear models.

    Args:
        estimator: what is fitted; None: `LinearRegression`
        min_samples: rows of a trial, or their share; None: the columns and 1 more
        residual_threshold: rows with a loss up to this are inliers; None: the median absolute deviation of y
        is_data_valid, is_model_valid: called with (X, y) of a trial and (model, X, y); False skips it
        max_trials, max_skips: limits
        stop_n_inliers, stop_score: end when a trial has as much
        stop_probability: end when by the inliers so far a trial of inliers alone was made with this probability
        loss: "absolute_error", "squared_error", or a function of (y, predictions)
        random_state: of the draws

    Attributes:
        estimator_: the last fit
        inlier_mask_: bool [n]
        n_trials_: how many were made
        n_skips_no_inliers_, n_skips_invalid_data_, n_skips_invalid_model_: how many were skipped, and why

    >>> from talweg.linear_model import RANSACRegressor
    >>> X, y = [[float(i)] for i in range(10)], [2.0 * i for i in range(9)] + [100.0]
    >>> RANSACRegressor(residual_threshold=1.0, random_state=0).fit(X, y).estimator_.coef_.round(6)
    array([2.])
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "score", "predict"]), None],
        "min_samples": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="both"),
            None,
        ],
        "residual_threshold": [NOT_NEGATIVE, None],
        "is_data_valid": [callable, None],
        "is_model_valid": [callable, None],
        "max_trials": [Interval(Integral, 0, None, closed="left"), Options(Real, {np.inf})],
        "max_skips": [Interval(Integral, 0, None, closed="left"), Options(Real, {np.inf})],
        "stop_n_inliers": [Interval(Integral, 0, None, closed="left"), Options(Real, {np.inf})],
        "stop_score": [Interval(Real, None, None, closed="both")],
        "stop_probability": [Interval(Real, 0, 1, closed="both")],
        "loss": [StrOptions({"absolute_error", "squared_error"}), callable],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        min_samples: Any = None,
        residual_threshold: float | None = None,
        is_data_valid: Any = None,
        is_model_valid: Any = None,
        max_trials: Any = 100,
        max_skips: Any = np.inf,
        stop_n_inliers: Any = np.inf,
        stop_score: float = np.inf,
        stop_probability: float = 0.99,
        loss: Any = "absolute_error",
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.min_samples = min_samples
        self.residual_threshold = residual_threshold
        self.is_data_valid = is_data_valid
        self.is_model_valid = is_model_valid
        self.max_trials = max_trials
        self.max_skips = max_skips
        self.stop_n_inliers = stop_n_inliers
        self.stop_score = stop_score
        self.stop_probability = stop_probability
        self.loss = loss
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RANSACRegressor:
        """Fits y [n] or [n, k] to X [n, p]; the weights are of the fits, and do not change the draws."""
        self._validate_params()
        # The estimator looks for what is not finite.
        X, y = validate_data(
            self, X, y, validate_separately=({"accept_sparse": "csr", "ensure_all_finite": False}, {"ensure_2d": False})
        )
        check_consistent_length(X, y)
        n = X.shape[0]
        estimator = LinearRegression() if self.estimator is None else clone(self.estimator)
        size = self._sample_size(estimator, n, X.shape[1])
        threshold = self.residual_threshold
        if threshold is None:
            threshold = np.median(np.abs(y - np.median(y)))
        loss = self._loss(y.ndim)
        random_state = check_random_state(self.random_state)
        if "random_state" in estimator.get_params():
            estimator.set_params(random_state=random_state)
        if sample_weight is not None and not has_fit_parameter(estimator, "sample_weight"):
            raise ValueError(
                f"{type(estimator).__name__} does not support sample_weight. Sample weights are only used for the "
                "calibration itself."
            )
        weights = row_weights(sample_weight, X)

        def options(rows: Any) -> dict[str, Any]:
            return {} if weights is None else {"sample_weight": weights[rows]}

        self.n_trials_ = self.n_skips_no_inliers_ = self.n_skips_invalid_data_ = self.n_skips_invalid_model_ = 0
        most, best_score, best, trials = 1, -np.inf, None, self.max_trials
        while self.n_trials_ < trials:
            self.n_trials_ += 1
            if self._skips() > self.max_skips:
                break
            drawn = sample_without_replacement(n, size, random_state=random_state)
            if self.is_data_valid is not None and not self.is_data_valid(X[drawn], y[drawn]):
                self.n_skips_invalid_data_ += 1
                continue
            estimator.fit(X[drawn], y[drawn], **options(drawn))
            if self.is_model_valid is not None and not self.is_model_valid(estimator, X[drawn], y[drawn]):
                self.n_skips_invalid_model_ += 1
                continue
            mask = loss(y, estimator.predict(X)) <= threshold
            inliers = np.flatnonzero(mask)
            if inliers.size < most:
                self.n_skips_no_inliers_ += 1
                continue
            score = estimator.score(X[inliers], y[inliers])
            if inliers.size == most and score < best_score:
                continue
            most, best_score, best = inliers.size, score, mask
            trials = min(trials, enough_trials(most / n, size, self.stop_probability))
            if most >= self.stop_n_inliers or score >= self.stop_score:
                break
        if best is None:
            if self._skips() > self.max_skips:
                raise ValueError("RANSAC skipped more than `max_skips` trials, and none had a valid consensus set")
            raise ValueError(f"RANSAC could not find a valid consensus set: none of {self.n_trials_} trials had one")
        if self._skips() > self.max_skips:
            warnings.warn(
                "RANSAC ended early: more trials than `max_skips` were skipped (see the attributes n_skips_*)",
                ConvergenceWarning,
                stacklevel=2,
            )
        rows = np.flatnonzero(best)
        estimator.fit(X[rows], y[rows], **options(rows))
        self.estimator_ = estimator
        self.inlier_mask_ = best
        return self

    def _skips(self) -> int:
        return int(self.n_skips_no_inliers_ + self.n_skips_invalid_data_ + self.n_skips_invalid_model_)

    def _sample_size(self, estimator: Any, rows: int, columns: int) -> int:
        if self.min_samples is None:
            from sklearn.linear_model import LinearRegression as Plain

            if not isinstance(estimator, (LinearRegression, Plain)):
                raise ValueError(
                    "`min_samples` needs to be explicitly set when estimator is not a LinearRegression."
                )
            size = columns + 1
        elif 0 < self.min_samples < 1:
            size = int(np.ceil(self.min_samples * rows))
        else:
            size = int(self.min_samples)
        if size > rows:
            raise ValueError(
                f"`min_samples` may not be larger than number of samples: n_samples = {rows}, min_samples = {size}."
            )
        return size

    def _loss(self, ndim: int) -> Any:
        if callable(self.loss):
            return self.loss
        power = 1 if self.loss == "absolute_error" else 2
        if ndim == 1:
            return lambda y, predictions: np.abs(y - predictions) ** power
        return lambda y, predictions: np.sum(np.abs(y - predictions) ** power, axis=1)

    def predict(self, X: Any) -> Any:
        """As the estimator that was fitted to the inliers."""
        rows = self._rows(X)
        return self.estimator_.predict(rows)

    def score(self, X: Any, y: Any) -> Any:
        """That estimator's score."""
        rows = self._rows(X)
        return self.estimator_.score(rows, y)

    def _rows(self, X: Any) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, ensure_all_finite=False, accept_sparse=True, reset=False)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        inner = LinearRegression() if self.estimator is None else self.estimator
        tags.input_tags.sparse = get_tags(inner).input_tags.sparse
        return tags


def enough_trials(share: float, size: int, probability: float) -> float:
    """So many that one of them has inliers alone, with this probability, if this share of the rows are inliers."""
    tiny = np.spacing(1)
    missed = max(tiny, 1 - probability)
    spoiled = max(tiny, 1 - share**size)
    if missed == 1:
        return 0
    if spoiled == 1:
        return float("inf")
    return abs(float(np.ceil(np.log(missed) / np.log(spoiled))))
