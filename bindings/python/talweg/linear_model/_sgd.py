# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""What the estimators by stochastic gradient descent share."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from .. import _talweg
from .._stochastic import LOSSES, StochasticProgress, StochasticResult, stochastic_descent
from ._base import COUNT, NOT_NEGATIVE, POSITIVE, SHARE, SparseCoefficients, array

SCHEDULES = {"constant", "optimal", "invscaling", "adaptive", "pa1", "pa2"}
# A step of the intercept, which all rows share, would outrun those of columns that few rows have.
SPARSE_INTERCEPT_RATE = 0.01

CONSTRAINTS: dict[str, list[Any]] = {
    "loss": [StrOptions(set(LOSSES))],
    "penalty": [StrOptions({"l2", "l1", "elasticnet"}), None],
    "alpha": [NOT_NEGATIVE],
    "l1_ratio": [SHARE, None],
    "fit_intercept": ["boolean"],
    "max_iter": [COUNT],
    "tol": [NOT_NEGATIVE, None],
    "shuffle": ["boolean"],
    "verbose": ["verbose"],
    "epsilon": [NOT_NEGATIVE],
    "random_state": ["random_state"],
    "learning_rate": [StrOptions(SCHEDULES)],
    "eta0": [POSITIVE],
    "power_t": [Interval(Real, None, None, closed="neither")],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [COUNT],
    "warm_start": ["boolean"],
    "average": [Interval(Integral, 0, None, closed="neither"), "boolean"],
}


class StochasticModel(SparseCoefficients, BaseEstimator):
    """Keeps, for each of k targets, the coefficients as they are and their mean: ``_last`` and ``_mean``, pairs of
    [k, p] and [k]."""

    passive_loss: str
    """The loss that the passive-aggressive schedules are made for."""
    intercept_: Any

    def _check_parameters(self, partial: bool = False) -> None:
        self._validate_params()
        if partial and self.early_stopping:
            raise ValueError("early_stopping should be False with partial_fit")
        if self.learning_rate == "optimal" and self.alpha == 0:
            raise ValueError("alpha must be > 0 since learning_rate is 'optimal', whose steps are as long as 1 / alpha")
        if self.learning_rate in ("pa1", "pa2") and self.loss != self.passive_loss:
            raise ValueError(f"Learning rate {self.learning_rate!r} only works with loss {self.passive_loss!r}.")
        if self.penalty == "elasticnet" and self.l1_ratio is None:
            raise ValueError("l1_ratio must be set when penalty is 'elasticnet'")

    def _begin(self, targets: int, columns: int, dtype: Any, coef_init: Any, intercept_init: Any) -> None:
        """Starts anew, at zeros, or at what is given, or with warm_start where the last fit ended."""
        if self.warm_start and hasattr(self, "coef_"):
            coef_init = self.coef_ if coef_init is None else coef_init
            intercept_init = self.intercept_ if intercept_init is None else intercept_init
        if sparse.issparse(coef_init):
            coef_init = coef_init.toarray()
        coefficients = np.zeros((targets, columns), dtype=dtype)
        intercepts = np.zeros(targets)
        if coef_init is not None:
            given = np.asarray(coef_init, dtype=dtype)
            if given.size != coefficients.size or given.shape[-1] != columns:
                raise ValueError(
                    f"Provided coef_init does not match dataset: its shape is {given.shape}, not {coefficients.shape}"
                )
            coefficients[:] = given.reshape(targets, columns)
        if intercept_init is not None:
            given = np.asarray(intercept_init, dtype=np.float64)
            if given.size != targets:
                raise ValueError(
                    f"Provided intercept_init does not match dataset: it has {given.size} numbers, not {targets}"
                )
            intercepts[:] = given.ravel()
        self.t_ = 1.0
        self._last = coefficients, intercepts
        self._mean = np.zeros_like(coefficients), np.zeros(targets)

    def _held_back(self, y: Any, weights: Any) -> Any:
        """Which rows are held back, or None."""
        if not self.early_stopping:
            return None
        split = StratifiedShuffleSplit if is_classifier(self) else ShuffleSplit
        cv = split(test_size=self.validation_fraction, random_state=self.random_state)
        train, test = next(cv.split(np.zeros((len(y), 1)), y))
        if len(train) == 0 or len(test) == 0:
            raise ValueError(
                f"Splitting {len(y)} samples into a train set and a validation set with validation_fraction="
                f"{self.validation_fraction!r} led to an empty set ({len(train)} and {len(test)} samples)."
            )
        if weights is not None and not np.any(weights[test]):
            raise ValueError(
                "The sample weights for validation set are all zero, consider using a different random state."
            )
        held = np.zeros(len(y))
        held[test] = 1
        return held

    def _seeds(self, count: int) -> Any:
        return check_random_state(self.random_state).randint(np.iinfo(np.int32).max, size=count)

    def _descend(
        self,
        target: int,
        X: Any,
        y: Any,
        weights: Any,
        held: Any,
        epochs: int,
        seed: int,
        by_sign: tuple[float, float] = (1.0, 1.0),
    ) -> StochasticResult:
        """Descends for one target from where it is; nothing is kept yet."""
        share = {None: 0.0, "l2": 0.0, "l1": 1.0}.get(self.penalty, self.l1_ratio)
        start = StochasticResult(
            self._last[0][target], float(self._last[1][target]), self._mean[0][target], float(self._mean[1][target]),
            self.t_, 0, np.nan, np.nan, "",
        )  # fmt: skip

        def tell(progress: StochasticProgress) -> None:
            name, value = ("score", progress.score) if self.early_stopping else ("objective", progress.objective)
            print(f"target {target} epoch {progress.epoch} {name} {value:.6g}")

        try:
            return stochastic_descent(
                X,
                y,
                loss=self.loss,
                epsilon=float(self.epsilon),
                alpha=0.0 if self.penalty is None and self.learning_rate != "optimal" else float(self.alpha),
                l1_ratio=float(share or 0.0),
                intercept=self.fit_intercept,
                intercept_rate=SPARSE_INTERCEPT_RATE if sparse.issparse(X) else 1.0,
                schedule=self.learning_rate,
                rate=float(self.eta0),
                power=float(self.power_t),
                max_epochs=epochs,
                tolerance=self.tol,
                patience=int(self.n_iter_no_change),
                shuffle=self.shuffle,
                seed=int(seed),
                average=int(self.average),
                positive_weight=by_sign[0],
                negative_weight=by_sign[1],
                weights=weights,
                held_back=held,
                score="accuracy" if is_classifier(self) else "r2",
                start=start,
                callback=tell if self.verbose else None,
            )
        except _talweg.TalwegError as error:
            raise ValueError(
                f"Floating-point under-/overflow occurred: {error}. Scaling input data with StandardScaler or "
                "MinMaxScaler might help."
            ) from error

    def _take(self, found: list[StochasticResult], rows: int) -> None:
        """Keeps where the descents ended."""
        self._last = np.stack([array(one.coefficients) for one in found]), np.array([one.intercept for one in found])
        self._mean = (
            np.stack([array(one.average) for one in found]),
            np.array([one.average_intercept for one in found]),
        )
        self.n_iter_ = max(one.epochs for one in found)
        self.t_ += self.n_iter_ * rows
        coefficients, intercepts = self._mean if 0 < self.average <= self.t_ - 1 else self._last
        self.coef_ = coefficients.copy()
        self.intercept_ = intercepts.astype(coefficients.dtype)

    def _warn_if_unfinished(self) -> None:
        if self.tol is not None and self.n_iter_ == self.max_iter:
            warnings.warn(
                "Maximum number of iteration reached before convergence. Consider increasing max_iter to improve the "
                "fit.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
