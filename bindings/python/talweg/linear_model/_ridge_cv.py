# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Ridge regression with its penalty chosen by cross-validation."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.model_selection import GridSearchCV
from sklearn.utils._param_validation import StrOptions

from .. import _talweg
from ._base import POSITIVE, LinearModel, array, checked, row_weights
from ._ridge import Ridge
from ._rows import centered, singular_vectors


class RidgeCV(MultiOutputMixin, RegressorMixin, LinearModel):
    """Ridge regression with the best of several penalties, as ``sklearn.linear_model.RidgeCV``.

    Without ``cv`` each row is left out in turn, in closed form from one singular value decomposition; a sparse X is
    made dense for it.

    Args:
        alphas: the penalties, above 0
        fit_intercept: fit an intercept, which is not penalised
        scoring: None (mean squared error), the name of a scorer, or a function of (estimator, X, y)
        cv: None, or what ``GridSearchCV`` takes
        gcv_mode: accepted, and means nothing here
        store_cv_results: keep ``cv_results_``; not with ``cv``
        alpha_per_target: choose for each target on its own; not with ``cv``

    Attributes:
        coef_, intercept_: as `Ridge`'s
        alpha_: the best penalty, or [k]
        best_score_: its score, or [k]
        cv_results_: squared errors of the rows left out, or with ``scoring`` their predictions,
            [n, alphas] or [n, k, alphas]

    >>> from talweg.linear_model import RidgeCV
    >>> RidgeCV(alphas=[0.1, 10.0]).fit([[0.0], [1.0], [2.0], [3.0]], [0.1, 0.9, 2.1, 2.9]).alpha_
    0.1
    """

    _parameter_constraints = {
        "alphas": ["array-like", POSITIVE],
        "fit_intercept": ["boolean"],
        "scoring": [StrOptions(set(get_scorer_names())), callable, None],
        "cv": ["cv_object"],
        "gcv_mode": [StrOptions({"auto", "svd", "eigen"}), None],
        "store_cv_results": ["boolean"],
        "alpha_per_target": ["boolean"],
    }

    def __init__(
        self,
        alphas: Any = (0.1, 1.0, 10.0),
        *,
        fit_intercept: bool = True,
        scoring: Any = None,
        cv: Any = None,
        gcv_mode: str | None = None,
        store_cv_results: bool = False,
        alpha_per_target: bool = False,
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> RidgeCV:
        """Fits y [n] or [n, k] to X [n, p], with row weights [n]."""
        self._validate_params()
        alphas = np.atleast_1d(np.asarray(self.alphas, dtype=np.float64))
        for index, alpha in enumerate(alphas):
            if not (alpha > 0 or self.cv is not None and alpha == 0):
                raise ValueError(f"alphas[{index}] == {alpha}, must be > 0.0.")
        if self.cv is None:
            self._leave_one_out(X, y, sample_weight, alphas)
        else:
            self._search(X, y, sample_weight, alphas)
        return self

    def _search(self, X: Any, y: Any, sample_weight: Any, alphas: Any) -> None:
        for name in ("store_cv_results", "alpha_per_target"):
            if getattr(self, name):
                raise ValueError(f"cv!=None and {name}=True are incompatible")
        search = GridSearchCV(
            Ridge(fit_intercept=self.fit_intercept), {"alpha": alphas}, cv=self.cv, scoring=self.scoring
        )
        search.fit(X, y, **({} if sample_weight is None else {"sample_weight": sample_weight}))
        best = search.best_estimator_
        self.alpha_, self.best_score_ = best.alpha, search.best_score_
        self.coef_, self.intercept_, self.n_features_in_ = best.coef_, best.intercept_, best.n_features_in_
        if hasattr(best, "feature_names_in_"):
            self.feature_names_in_ = best.feature_names_in_

    def _leave_one_out(self, X: Any, y: Any, sample_weight: Any, alphas: Any) -> None:
        X, y = checked(self, X, y, multi_output=True)
        weights = row_weights(sample_weight, X)
        dtype = X.dtype
        X, targets = X.astype(np.float64, copy=False), y.reshape(len(y), -1).astype(np.float64, copy=False)
        n, count = targets.shape
        total = n if weights is None else weights.sum()
        root = np.ones(n) if weights is None else np.sqrt(weights)
        mean = np.average(targets, axis=0, weights=weights) if self.fit_intercept else np.zeros(count)
        left, values, right = singular_vectors(centered(X, self.fit_intercept, weights))
        whole = root[:, None] * (targets - mean)
        along = array(_talweg.matmul(left.T, whole))
        # What a penalty leaves of each direction, [directions, alphas]; of rows, 1 less their leverage.
        kept = values[:, None] ** 2 / (values[:, None] ** 2 + alphas)
        free = 1 - array(_talweg.matmul(left**2, kept))
        if self.fit_intercept:
            free -= (root**2 / total)[:, None]
        # A row without weight takes nothing from a fit that is left without it.
        free = np.where(free > 0, free, np.inf)
        fitted = array(_talweg.matmul(left, (kept[:, :, None] * along[:, None, :]).reshape(len(values), -1)))
        errors = (whole[:, None, :] - fitted.reshape(n, len(alphas), count)) / free[:, :, None]
        results, scores = self._scores(y, targets, errors, root, mean)
        per_target = self.alpha_per_target and count > 1
        best = scores.argmax(axis=0) if per_target else np.full(count, scores.argmax())
        shrunk = values[:, None] / (values[:, None] ** 2 + alphas[best]) * along
        coefficients = array(_talweg.matmul(shrunk.T, right)).astype(dtype)
        middle = np.average(X, axis=0, weights=weights)
        intercepts = (mean - coefficients @ middle).astype(dtype)
        self.alpha_ = alphas[best] if per_target else float(alphas[best[0]])
        self.best_score_ = scores.max(axis=0) if per_target else float(scores.max())
        self.coef_ = coefficients[0] if count == 1 else coefficients
        self.intercept_ = (intercepts[0] if y.ndim == 1 else intercepts) if self.fit_intercept else 0.0
        if self.store_cv_results:
            results = results.transpose(0, 2, 1).astype(dtype)
            self.cv_results_ = results[:, 0] if y.ndim == 1 else results

    def _scores(self, y: Any, targets: Any, errors: Any, root: Any, mean: Any) -> tuple[Any, Any]:
        """Of errors [n, alphas, k] in the roots of the weights: what ``cv_results_`` keeps of them, and the score of
        each penalty, [alphas], or [alphas, k]."""
        if self.scoring is None:
            squares = errors**2
            axes = 0 if self.alpha_per_target and targets.shape[1] > 1 else (0, 2)
            return squares, -squares.mean(axis=axes)
        scorer = check_scoring(_Identity(), scoring=self.scoring)
        whole = root[:, None] * (targets - mean)
        scale = np.where(root > 0, root, 1)[:, None, None]
        predictions = (whole[:, None, :] - errors) / scale + mean
        options = {} if (root == 1).all() else {"sample_weight": root**2}
        if self.alpha_per_target and targets.shape[1] > 1:
            scores = [
                [scorer(_Identity(), predictions[:, a, j], targets[:, j], **options) for j in range(targets.shape[1])]
                for a in range(predictions.shape[1])
            ]
        else:
            flat = y.ndim == 1
            scores = [
                scorer(_Identity(), predictions[:, a, 0] if flat else predictions[:, a], y, **options)
                for a in range(predictions.shape[1])
            ]
        return predictions, np.asarray(scores)


class _Identity(RegressorMixin, BaseEstimator):
    """Predicts what it is given, for scorers."""

    def fit(self, X: Any, y: Any) -> _Identity:
        return self

    def predict(self, X: Any) -> Any:
        return X
