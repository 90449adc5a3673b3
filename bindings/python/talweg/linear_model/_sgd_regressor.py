# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""Linear regression by stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import validate_data

from ._base import FLOATS, linear_predictor, row_weights
from ._sgd import CONSTRAINTS, StochasticModel

LOSSES = {"squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"}


class SGDRegressor(RegressorMixin, StochasticModel):
    """Linear regression by stochastic gradient descent, as ``sklearn.linear_model.SGDRegressor``: lowers
    mean_i w_i loss_i + alpha times the penalty, a row at a time. Columns should have like scales.

    With ``shuffle=False`` each step is scikit-learn's; else the orders differ, which ``random_state`` fixes.

    Args:
        loss: "squared_error", "huber", "epsilon_insensitive" or "squared_epsilon_insensitive"
        penalty: "l2" (|b|^2 / 2), "l1" (|b|_1), "elasticnet" (a mean of both) or None
        alpha: the penalty's weight
        l1_ratio: of "elasticnet", the L1 norm's share
        fit_intercept: fit an intercept, which is not penalised
        max_iter: epochs
        tol: stop after n_iter_no_change epochs without a gain of this; None: never
        shuffle: take the rows of each epoch in a random order
        verbose: print each epoch
        epsilon: of Huber's and the insensitive losses
        random_state: of the orders and of early stopping
        learning_rate: "invscaling" (eta0 / t^power_t), "constant", "optimal", "adaptive", "pa1" or "pa2"
        eta0, power_t: of the learning rate
        early_stopping: hold back a share of the rows, and stop by their R^2
        validation_fraction: this share
        warm_start: begin where the last fit ended
        average: average the coefficients from the first step, or from this one, on

    Attributes:
        coef_: [p]
        intercept_: [1]
        n_iter_: epochs
        t_: steps, and 1

    >>> from talweg.linear_model import SGDRegressor
    >>> X = [[-1.0], [0.0], [1.0], [2.0]]
    >>> SGDRegressor(alpha=0, eta0=0.1, random_state=0, tol=1e-8).fit(X, [-1.0, 1.0, 3.0, 5.0]).coef_.round(2)
    array([2.])
    """

    _parameter_constraints = {**CONSTRAINTS, "loss": [StrOptions(LOSSES)]}
    passive_loss = "epsilon_insensitive"

    def __init__(
        self,
        loss: str = "squared_error",
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
        random_state: Any = None,
        learning_rate: str = "invscaling",
        eta0: float = 0.01,
        power_t: float = 0.25,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
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
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.eta0 = eta0
        self.power_t = power_t
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.average = average

    def fit(
        self, X: Any, y: Any, coef_init: Any = None, intercept_init: Any = None, sample_weight: Any = None
    ) -> SGDRegressor:
        """Fits y [n] to X [n, p], with row weights [n], from coef_init [p] and intercept_init [1]."""
        self._check_parameters()
        X, y = self._data(X, y, True)
        self._begin(1, X.shape[1], X.dtype, coef_init, intercept_init)
        self._train(X, y, sample_weight, self.max_iter)
        self._warn_if_unfinished()
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> SGDRegressor:
        """One epoch over these rows, from where the coefficients are."""
        first = not hasattr(self, "_last")
        if first:
            self._check_parameters(partial=True)
        X, y = self._data(X, y, first)
        if first:
            self._begin(1, X.shape[1], X.dtype, None, None)
        self._train(X, y, sample_weight, 1)
        return self

    def _data(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=FLOATS, order="C", y_numeric=True, reset=reset)
        return X, y.astype(X.dtype, copy=False)

    def _train(self, X: Any, y: Any, sample_weight: Any, epochs: int) -> None:
        weights = row_weights(sample_weight, X)
        held = self._held_back(y, weights)
        found = [self._descend(0, X, y, weights, held, epochs, self._seeds(1)[0])]
        self._take(found, X.shape[0])
        self.coef_ = self.coef_[0]

    def predict(self, X: Any) -> Any:
        """X coef_ + intercept_ of new rows."""
        return linear_predictor(self, X).ravel()
