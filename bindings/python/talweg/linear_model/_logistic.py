# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Logistic regression."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import compute_class_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import _talweg
from .._glm import FAMILIES
from ._base import (
    FLOATS,
    POSITIVE,
    SHARE,
    SPARSE,
    LinearClassifier,
    SparseCoefficients,
    array,
    densified,
    row_weights,
    unfinished,
)

SOLVERS = {"lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"}


class LogisticRegression(SparseCoefficients, LinearClassifier):
    """Logistic regression of two classes or, by the multinomial model, of more, as
    ``sklearn.linear_model.LogisticRegression``: minimises
    C sum_i w_i loss_i + (1 - l1_ratio) / 2 |b|^2 + l1_ratio |b|_1, by Newton's method. A sparse X is made dense.

    Args:
        penalty: None, "l1", "l2" or "elasticnet"; left alone, what C and l1_ratio say
        C: above 0, and ``numpy.inf`` for no penalty
        l1_ratio: from 0 to 1
        fit_intercept: fit an intercept, which is not penalised but with the solver "liblinear"
        intercept_scaling: of "liblinear": the intercept counts as the coefficient of a column of this
        class_weight: None, "balanced", or a weight for each class
        solver: "liblinear" penalises the intercept, for two classes; else it means nothing here
        max_iter: iterations
        dual, tol, random_state, verbose, warm_start, n_jobs: accepted, and mean nothing here

    Attributes:
        classes_: [k]
        coef_: [1, p], or [k, p] for more than two classes
        intercept_: [1] or [k]
        n_iter_: [1]

    >>> from talweg.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[-2.0], [-1.0], [1.0], [2.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[3.0]])
    array(['yes'], dtype='<U3')
    """

    _parameter_constraints = {
        "penalty": [StrOptions({"l1", "l2", "elasticnet", "deprecated"}), None],
        "C": [Interval(Real, 0, None, closed="right")],
        "l1_ratio": [SHARE, None],
        "dual": ["boolean"],
        "tol": [POSITIVE],
        "fit_intercept": ["boolean"],
        "intercept_scaling": [POSITIVE],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
        "solver": [StrOptions(SOLVERS)],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        penalty: Any = "deprecated",
        *,
        C: float = 1.0,
        l1_ratio: float | None = 0.0,
        dual: bool = False,
        tol: float = 1e-4,
        fit_intercept: bool = True,
        intercept_scaling: float = 1,
        class_weight: Any = None,
        random_state: Any = None,
        solver: str = "lbfgs",
        max_iter: int = 100,
        verbose: Any = 0,
        warm_start: bool = False,
        n_jobs: int | None = None,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticRegression:
        """Fits classes y [n] to X [n, p], with row weights [n]."""
        self._validate_params()
        squares, magnitudes = self._penalties()
        X, y = validate_data(self, X, y, accept_sparse=SPARSE, dtype=FLOATS)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        count = len(self.classes_)
        if count < 2:
            raise ValueError(
                f"This solver needs samples of at least 2 classes in the data, but the data contains only one class: "
                f"{self.classes_[0]!r}"
            )
        penalises_intercept = self.solver == "liblinear" and self.fit_intercept
        if self.solver == "liblinear" and count > 2:
            raise ValueError(
                "The 'liblinear' solver does not support multiclass classification (n_classes >= 3); another solver, "
                "or a OneVsRestClassifier around this, does."
            )
        weights = row_weights(sample_weight, X)
        if self.class_weight is not None:
            # "balanced" balances the weights of the rows.
            given = {} if weights is None else {"sample_weight": weights}
            by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y, **given)[labels]
            weights = by_class if weights is None else weights * by_class
        X = densified(X)
        if penalises_intercept:
            X = np.column_stack([X, np.full(len(X), self.intercept_scaling, dtype=X.dtype)])
        fit = _talweg.glm(
            X,
            labels.astype(np.float64),
            family=FAMILIES.index("binomial" if count == 2 else "multinomial"),
            link=3,
            intercept=self.fit_intercept and not penalises_intercept,
            standard_errors=False,
            ridge=squares,
            l1=magnitudes,
            weights=weights,
            max_iterations=self.max_iter,
        )
        if fit.stop_reason == 2:
            unfinished(self)
        elif fit.separated:
            warnings.warn(
                "LogisticRegression: a plane separates the classes, and without a penalty no coefficients are best",
                ConvergenceWarning,
                stacklevel=2,
            )
        coefficients = np.atleast_2d(array(fit.coefficients))
        intercepts = np.atleast_1d(array(fit.intercept))
        if count > 2 and squares == magnitudes == 0:
            # The engine's have class 0 at zero.
            coefficients = coefficients - coefficients.mean(axis=0)
            intercepts = intercepts - intercepts.mean()
        if penalises_intercept:
            intercepts = coefficients[:, -1] * self.intercept_scaling
            coefficients = coefficients[:, :-1].copy()
        self.coef_, self.intercept_ = coefficients, intercepts
        self.n_iter_ = np.array([fit.iterations], dtype=np.int32)
        return self

    def _penalties(self) -> tuple[float, float]:
        """Of the squares and of the magnitudes, where each row's loss counts 1."""
        strength = 0.0 if self.penalty is None else 1 / float(self.C)
        if self.penalty == "elasticnet" and self.l1_ratio is None:
            raise ValueError("l1_ratio must be specified when penalty is elasticnet.")
        share = {"l1": 1.0, "l2": 0.0}.get(self.penalty, self.l1_ratio or 0.0)
        return strength * (1 - share), strength * share

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, [n, k]."""
        check_is_fitted(self)
        scores = self.decision_function(X)
        if scores.ndim == 1:
            # Both from the smaller, which has the digits.
            small = np.exp(-np.abs(scores))
            near, far = 1 / (1 + small), small / (1 + small)
            return np.column_stack([np.where(scores > 0, far, near), np.where(scores > 0, near, far)])
        return array(_talweg.softmax(scores, -1))

    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms."""
        return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = self.solver != "liblinear"
        return tags
