# mypy: disable-error-code="import-untyped,misc,no-any-return,untyped-decorator"
"""Linear classifiers by stochastic gradient descent."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from ._base import FLOATS, LinearClassifier, row_weights
from ._sgd import CONSTRAINTS, StochasticModel


def _has_probabilities(model: Any) -> bool:
    if model.loss not in ("log_loss", "modified_huber"):
        raise AttributeError(f"probability estimates are not available for loss={model.loss!r}")
    return True


class SGDClassifier(LinearClassifier, StochasticModel):
    """Linear classifiers by stochastic gradient descent, as ``sklearn.linear_model.SGDClassifier``: lowers
    mean_i w_i loss_i + alpha times the penalty, a row at a time; of more than two classes, each against the others.
    Columns should have like scales.

    With ``shuffle=False`` each step is scikit-learn's; else the orders differ, which ``random_state`` fixes.

    Args:
        loss: "hinge" (a linear support vector machine), "log_loss" (logistic regression), "modified_huber",
            "squared_hinge", "perceptron", or one of `SGDRegressor`'s
        n_jobs: how many classes are fitted at a time, by threads
        learning_rate: "optimal" (1 / (alpha (t0 + t))), or one of `SGDRegressor`'s
        early_stopping: hold back a share of the rows, and stop by their accuracy
        class_weight: None, "balanced", or a weight for each class
        penalty, alpha, l1_ratio, fit_intercept, max_iter, tol, shuffle, verbose, epsilon, random_state, eta0, power_t,
        validation_fraction, n_iter_no_change, warm_start, average: as `SGDRegressor`'s

    Attributes:
        classes_: [k]
        coef_: [1, p], or [k, p] for more than two classes
        intercept_: [1] or [k]
        n_iter_: epochs, of the class with most
        t_: steps, and 1

    >>> from talweg.linear_model import SGDClassifier
    >>> model = SGDClassifier(random_state=0).fit([[-2.0], [-1.0], [1.0], [2.0]], ["no", "no", "yes", "yes"])
    >>> model.predict([[3.0]])
    array(['yes'], dtype='<U3')
    """

    _parameter_constraints = {
        **CONSTRAINTS,
        "n_jobs": [Integral, None],
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }
    passive_loss = "hinge"

    def __init__(
        self,
        loss: str = "hinge",
        *,
        penalty: str | None = "l2",
        alpha: float = 0.0001,
        l1_ratio: float | None = 0.15,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = 1e-3,
        shuffle: bool = True,
        verbose: Any = 0,
        epsilon: float = 0.1,
        n_jobs: int | None = None,
        random_state: Any = None,
        learning_rate: str = "optimal",
        eta0: float = 0.01,
        power_t: float = 0.5,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        class_weight: Any = None,
        warm_start: bool = False,
        average: Any = False,
    ) -> None:
        self.loss = loss
        self.penalty = penalty
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.tol = tol
        self.shuffle = shuffle
        self.verbose = verbose
        self.epsilon = epsilon
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.eta0 = eta0
        self.power_t = power_t
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.class_weight = class_weight
        self.warm_start = warm_start
        self.average = average

    def fit(
        self, X: Any, y: Any, coef_init: Any = None, intercept_init: Any = None, sample_weight: Any = None
    ) -> SGDClassifier:
        """Fits classes y [n] to X [n, p], with row weights [n], from coef_init [k, p] and intercept_init [k]."""
        self._check_parameters()
        X, y = self._data(X, y, True)
        self.classes_ = np.unique(y)
        self._begin(self._targets(), X.shape[1], X.dtype, coef_init, intercept_init)
        self._train(X, y, sample_weight, self.max_iter)
        self._warn_if_unfinished()
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> SGDClassifier:
        """One epoch over these rows, from where the coefficients are; the first call needs all the classes."""
        first = not hasattr(self, "_last")
        if first:
            self._check_parameters(partial=True)
            if self.class_weight == "balanced":
                raise ValueError(
                    "class_weight 'balanced' is not supported for partial_fit, which does not see all rows; "
                    "compute_class_weight('balanced', classes=classes, y=y) gives weights of what you have"
                )
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
        X, y = self._data(X, y, first)
        if first:
            self.classes_ = np.unique(classes)
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(f"`classes={classes!r}` is not the same as on last call to partial_fit: {self.classes_!r}")
        strange = np.setdiff1d(y, self.classes_)
        if strange.size:
            raise ValueError(f"y has {strange[0]!r}, which is none of the classes {self.classes_!r}")
        if first:
            self._begin(self._targets(), X.shape[1], X.dtype, None, None)
        self._train(X, y, sample_weight, 1)
        return self

    def _data(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=FLOATS, order="C", reset=reset)
        check_classification_targets(y)
        return X, y

    def _targets(self) -> int:
        count = len(self.classes_)
        if count < 2:
            raise ValueError(f"The number of classes has to be greater than one; got {count} class")
        return 1 if count == 2 else count

    def _train(self, X: Any, y: Any, sample_weight: Any, epochs: int) -> None:
        weights = row_weights(sample_weight, X)
        by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        held = self._held_back(y, weights)
        count = self._targets()
        # Of two classes the second is the one above 0.
        tasks = [(1, (by_class[1], by_class[0]))] if count == 1 else [(k, (by_class[k], 1.0)) for k in range(count)]
        seeds = self._seeds(count)
        found = Parallel(n_jobs=self.n_jobs, require="sharedmem")(
            delayed(self._descend)(
                target, X, np.where(y == self.classes_[k], 1.0, -1.0), weights, held, epochs, seeds[target], by_sign
            )
            for target, (k, by_sign) in enumerate(tasks)
        )
        self._take(list(found), X.shape[0])

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, [n, k], of "log_loss" and "modified_huber" (Zadrozny and Elkan, KDD 2002);
        of more than two classes, those of each against the others, divided by their sum."""
        check_is_fitted(self)
        scores = self.decision_function(X)
        chance = 1 / (1 + np.exp(-scores)) if self.loss == "log_loss" else (np.clip(scores, -1, 1) + 1) / 2
        if scores.ndim == 1:
            return np.column_stack([1 - chance, chance])
        total = chance.sum(axis=1, keepdims=True)
        none = total == 0
        return np.where(none, 1 / chance.shape[1], chance / np.where(none, 1, total))

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms."""
        return np.log(self.predict_proba(X))
