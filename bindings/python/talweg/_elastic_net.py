"""The lasso and the elastic net: paths of penalties, and the choice of one by cross-validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS

if TYPE_CHECKING:
    from ._talweg import ElasticNetFit, Tensor, TensorLike

MODES = ("auto", "gram", "naive")
CRITERIA = ("gcv", "loo", "folds")


class PathProgress(NamedTuple):
    """What a path tells its callback after a penalty."""

    number: int
    """Of the penalty, from 0."""
    total: int
    """How many penalties there are."""
    penalty: float
    nonzeros: int
    """Coefficients that are not zero."""
    gap: float


class ElasticNetResult:
    """Fits of y [n] to X [n, p] for L penalties, descending.

    Attributes:
        coefficients: [L, p]
        intercepts: [L]; zeros if none was fitted
        penalties: float64 [L]
        gaps: float64 [L]: the objective is at most so far above its least value
        iterations: int64 [L]: sweeps
        r_squared: float64 [L], of the rows that were fitted
        errors: float64 [L]: mean squared errors of rows left out; NaN without folds
        error_standard_errors: float64 [L]
        best: which penalty has the least error; without folds the last one
        best_within_error: the greatest penalty whose error is within one standard error of the least
        coefficient: [p], of the best penalty
        intercept: [], of the best penalty
        penalty: the best one
        stop_reason: "tolerance", "iterations" or "callback"
    """

    def __init__(self, fit: ElasticNetFit) -> None:
        self._fit = fit
        self.coefficients = fit.coefficients
        self.intercepts = fit.intercepts
        self.penalties = fit.penalties
        self.gaps = fit.gaps
        self.iterations = fit.iterations
        self.r_squared = fit.r_squared
        self.errors = fit.errors
        self.error_standard_errors = fit.error_standard_errors
        self.best = fit.best
        self.best_within_error = fit.best_within_error
        self.stop_reason = STOP_REASONS[fit.stop_reason]

    @property
    def coefficient(self) -> Tensor:
        return self.coefficients[self.best]

    @property
    def intercept(self) -> Tensor:
        return self.intercepts[self.best]

    @property
    def penalty(self) -> float:
        return float(self.penalties[self.best].item())

    def predict(self, X: TensorLike, index: int | None = None) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column), of the best penalty or of number ``index``: [m]."""
        return self._fit.predict(X, self.best if index is None else index)

    def __repr__(self) -> str:
        count, p = self.coefficients.shape
        return (
            f"ElasticNetResult: {count} penalties, {p} coefficients, best penalty {self.penalty:.6g}, "
            f"{self.stop_reason}"
        )


def elastic_net(
    X: TensorLike,
    y: TensorLike,
    penalties: float | TensorLike | None = None,
    *,
    l1_ratio: float = 1.0,
    penalty_count: int = 100,
    penalty_ratio: float = 1e-3,
    intercept: bool = True,
    standardize: bool = False,
    positive: bool = False,
    mode: str = "auto",
    weights: TensorLike | None = None,
    tolerance: float = 1e-7,
    max_iterations: int = 10_000,
    folds: int | TensorLike | None = None,
    seed: int = 0,
    callback: Callable[[PathProgress], object] | None = None,
) -> ElasticNetResult:
    """The coefficients b and intercept c that minimise

        sum_i w_i (y_i - x_i . b - c)^2 / (2 sum_i w_i) + penalty (l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|^2)

    for each penalty, by coordinate descent until the duality gap is small. A penalty is
    scikit-learn's alpha and glmnet's lambda. Computed in float64; results have the dtype of
    X (float64 for integers).

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        penalties: one or more; None: ``penalty_count`` of them from the least that leaves no
            coefficient down to ``penalty_ratio`` times that
        l1_ratio: from 0 (with penalties given) to 1, the lasso
        intercept: fit an intercept, which is never penalised
        standardize: penalise the coefficients of columns divided by their standard deviations
        positive: no coefficient may be negative
        mode: "gram" (products of all columns, made once), "naive" (of those in use), or "auto"
        weights: row weights [n], 0 or more
        tolerance: stop when the duality gap is below this share of the sum of squares of y
        max_iterations: sweeps over the coefficients in use, of each penalty
        folds: choose a penalty by leaving out so many folds in turn, dealt by ``seed``; or the
            fold of each row, int [n]
        callback: called with a PathProgress after each penalty; a true answer stops

    Raises:
        ValueError: shapes that do not fit, negative weights, options out of range
        TalwegError: a NaN or infinity in X, y or weights
    """
    given = [penalties] if isinstance(penalties, (int, float)) else penalties
    count = folds if isinstance(folds, int) else 0
    fit = _talweg.elastic_net(
        X,
        y,
        l1_ratio=l1_ratio,
        penalties=given,
        penalty_count=penalty_count,
        penalty_ratio=penalty_ratio,
        intercept=intercept,
        standardize=standardize,
        positive=positive,
        mode=number_of(mode, MODES, "mode"),
        weights=weights,
        tolerance=tolerance,
        max_iterations=max_iterations,
        folds=count,
        seed=seed,
        fold_of_row=None if isinstance(folds, int) else folds,
        callback=None if callback is None else lambda *values: callback(PathProgress(*values)),
    )
    return ElasticNetResult(fit)


def lasso_path(
    X: TensorLike, y: TensorLike, penalties: float | TensorLike | None = None, **options: object
) -> ElasticNetResult:
    """`elastic_net` with an l1_ratio of 1."""
    if "l1_ratio" in options:
        raise TypeError("lasso_path: the lasso's l1_ratio is 1; see elastic_net")
    return elastic_net(X, y, penalties, **options)  # type: ignore[arg-type]


def ridge_path(
    X: TensorLike,
    y: TensorLike,
    penalties: float | TensorLike | None = None,
    *,
    penalty_count: int = 100,
    penalty_ratio: float = 1e-8,
    intercept: bool = True,
    standardize: bool = False,
    weights: TensorLike | None = None,
    criterion: str = "gcv",
    folds: int | TensorLike = 5,
    seed: int = 0,
) -> ElasticNetResult:
    """The coefficients b and intercept c that minimise sum_i w_i (y_i - x_i . b - c)^2 + penalty |b|^2
    for each penalty, from one singular value decomposition.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        penalties: one or more, scikit-learn's Ridge's alphas; None: ``penalty_count`` of them from
            the square of the greatest singular value down to ``penalty_ratio`` times that
        intercept: fit an intercept, which is never penalised
        standardize: penalise the coefficients of columns divided by their standard deviations
        weights: row weights [n], 0 or more
        criterion: what chooses the penalty: "gcv" (generalised cross-validation), "loo" (each row
            left out in turn, in closed form) or "folds"
        folds: how many, dealt by ``seed``, or the fold of each row, int [n]
    """
    fit = _talweg.ridge_path(
        X,
        y,
        penalties=[penalties] if isinstance(penalties, (int, float)) else penalties,
        penalty_count=penalty_count,
        penalty_ratio=penalty_ratio,
        intercept=intercept,
        standardize=standardize,
        weights=weights,
        criterion=number_of(criterion, CRITERIA, "criterion"),
        folds=folds if isinstance(folds, int) else 0,
        seed=seed,
        fold_of_row=None if isinstance(folds, int) else folds,
    )
    return ElasticNetResult(fit)
