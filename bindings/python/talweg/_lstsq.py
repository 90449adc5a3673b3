"""Linear least squares, in closed form or by gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of
from ._progress import is_hidden, progress_bar

if TYPE_CHECKING:
    from ._talweg import LstsqFit, Tensor, TensorLike

METHODS = ("qr", "cholesky", "gradient_descent")
STOP_REASONS = ("closed_form", "tolerance", "iterations", "callback")


class DescentProgress(NamedTuple):
    """What a gradient descent tells its callback after an iteration (an epoch, where
    batches are smaller than the data)."""

    iteration: int
    """From 1."""
    max_iterations: int
    loss: float
    """Mean squared error over all rows (with the ridge), after the iteration."""
    coefficients: Tensor
    """float64 [p], or [k, p] for k targets."""
    intercept: Tensor
    """float64 [], or [k]."""


class LstsqResult:
    """A fit of y [n] (or [n, k]: then results have a leading k) to X [n, p].

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        standard_errors: of the coefficients, [p]: s sqrt(diag((X' W X)^-1)); NaN where
            there are no degrees of freedom or the column is dependent
        intercept_standard_error: []
        rss: weighted residual sum of squares, []
        r_squared: 1 - rss / (sum of squares about the mean, or about 0 without an intercept), []
        rank: rank of X (centred, if an intercept is fitted)
        degrees_of_freedom: n - rank - (1 with an intercept)
        condition: an estimate of the condition number of X, columns scaled to norm 1
        stop_reason: "closed_form", "tolerance", "iterations" or "callback"
        iterations: how many were made; 0 for a closed form
    """

    def __init__(self, fit: LstsqFit) -> None:
        self._fit = fit
        self.coefficients = fit.coefficients
        self.intercept = fit.intercept
        self.standard_errors = fit.standard_errors
        self.intercept_standard_error = fit.intercept_standard_error
        self.rss = fit.rss
        self.r_squared = fit.r_squared
        self.rank = fit.rank
        self.degrees_of_freedom = fit.degrees_of_freedom
        self.condition = fit.condition
        self.stop_reason = STOP_REASONS[fit.stop_reason]
        self.iterations = fit.iterations

    def predict(self, X: TensorLike) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]."""
        return self._fit.predict(X)

    def __repr__(self) -> str:
        p = self.coefficients.shape[-1]
        ended = self.stop_reason if not self.iterations else f"{self.stop_reason} after {self.iterations} iterations"
        lines = [
            f"LstsqResult: {p} coefficients, rank {self.rank}, {self.degrees_of_freedom} degrees of freedom, "
            f"condition estimate {self.condition:.2g}, {ended}"
        ]
        columns = zip(
            _rows(self.coefficients, 2),
            _rows(self.intercept, 1),
            _rows(self.standard_errors, 2),
            _rows(self.intercept_standard_error, 1),
            _rows(self.rss, 1),
            _rows(self.r_squared, 1),
            strict=True,
        )
        for target, (b, c, b_error, c_error, rss, r_squared) in enumerate(columns):
            name = f"target {target}, " if self.coefficients.ndim == 2 else ""
            lines.append(f"{name}R^2 {r_squared:.6g}, residual sum of squares {rss:.6g}")
            lines.append(f"{'':>10} {'estimate':>14} {'std. error':>14}")
            lines.append(f"{'intercept':>10} {c:14.6g} {c_error:14.6g}")
            lines += [f"{f'x{i}':>10} {b[i]:14.6g} {b_error[i]:14.6g}" for i in range(min(p, 20))]
            if p > 20:
                lines.append(f"{'...':>10}")
        return "\n".join(lines)


def _rows(values: Tensor, ndim: int) -> list[Any]:
    """A list with one entry for each target."""
    return values.tolist() if values.ndim == ndim else [values.tolist()]


def lstsq(
    X: TensorLike,
    y: TensorLike,
    *,
    method: str = "qr",
    intercept: bool = True,
    ridge: float = 0.0,
    weights: TensorLike | None = None,
    rank_tolerance: float | None = None,
    batch_size: int = 0,
    learning_rate: float = 0.01,
    tolerance: float = 1e-9,
    max_iterations: int = 10_000,
    seed: int = 0,
    callback: Callable[[DescentProgress], object] | None = None,
    progress: bool | None = False,
) -> LstsqResult:
    """The coefficients b and intercept c that minimise sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2.

    Computed in float64; results have the dtype of X (float64 for integers).

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], or [n, k] for k targets at once, finite
        method: "qr" (Householder, column pivoting: backward stable, the solution of least
            norm where columns depend on each other), "cholesky" of the normal equations
            (faster, squares the condition number), or "gradient_descent" on the mean
            squared error
        intercept: fit an intercept, which is never penalised
        ridge: the penalty, 0 or more, in the units of the sum of squares
        weights: row weights [n], 0 or more
        rank_tolerance: columns whose pivot is below this share of the largest count as
            dependent; None: max(n, p) times the unit roundoff. "qr" only.

    Of "gradient_descent" only:
        batch_size: rows a step: 0 all, 1 stochastic, else mini-batch
        learning_rate: of each step
        tolerance: stop when an iteration changes the loss by less than this
        max_iterations: stop after so many
        seed: of the order of the rows
        callback: called with a DescentProgress after each iteration; a true answer stops
        progress: show a progress bar; None: if stderr is a terminal

    Raises:
        ValueError: shapes that do not fit, an unknown method
        TalwegError: a NaN or infinity in X, y or weights; a matrix that Cholesky cannot
            factorise; a descent that grew without bound
    """
    y = _talweg.asarray(y)
    single = y.ndim == 1
    bar = progress_bar(max_iterations, "lstsq", progress if method == "gradient_descent" else False)

    def after(iteration: int, limit: int, loss: float, coefficients: Tensor, offset: Tensor) -> object:
        bar.update(iteration, loss=loss)
        if callback is None:
            return False
        if single:
            coefficients, offset = coefficients[0], offset[0]
        return callback(DescentProgress(iteration, limit, loss, coefficients, offset))

    try:
        fit = _talweg.lstsq(
            X,
            y,
            method=number_of(method, METHODS, "method"),
            intercept=intercept,
            ridge=ridge,
            weights=weights,
            rank_tolerance=-1.0 if rank_tolerance is None else rank_tolerance,
            batch_size=batch_size,
            learning_rate=learning_rate,
            tolerance=tolerance,
            max_iterations=max_iterations,
            seed=seed,
            callback=None if callback is None and is_hidden(bar) else after,
        )
    finally:
        bar.close()
    return LstsqResult(fit)
