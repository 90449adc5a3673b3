"""Linear least squares, in closed form or by gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of
from ._progress import is_hidden, progress_bar

if TYPE_CHECKING:
    from ._talweg import LstsqFit, Tensor, TensorLike

METHODS = ("qr", "cholesky", "gradient_descent", "svd")
ROBUST_KINDS = ("HC0", "HC1", "HC2", "HC3", "HAC")
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

    Statistics have the names and definitions of statsmodels' results: ``tvalues``, ``pvalues``,
    ``conf_int()``, ``rsquared_adj``, ``fvalue``, ``llf``, ``aic``, ``cov_params()``, ``cov_HC3``,
    ``get_prediction(X)``, ``get_influence()``, ``summary()``, ... Those of rows (``resid``,
    robust covariances, influence) read X and y again, which the result refers to; a fit of
    ``LstsqStream`` has none.
    """

    def __init__(self, fit: LstsqFit, data: tuple[Tensor, Tensor, Tensor | None] | None = None) -> None:
        self._fit = fit
        self._data = data

    @cached_property
    def rank(self) -> int:
        """Of X (centred, if an intercept is fitted)."""
        return self._fit.rank

    @cached_property
    def degrees_of_freedom(self) -> int:
        """n - rank - (1 with an intercept)"""
        return self._fit.degrees_of_freedom

    @cached_property
    def stop_reason(self) -> str:
        """How it ended: "closed_form", "tolerance", "iterations" or "callback"."""
        return STOP_REASONS[self._fit.stop_reason]

    @cached_property
    def iterations(self) -> int:
        """How many were made; 0 for a closed form."""
        return self._fit.iterations

    @cached_property
    def coefficients(self) -> Tensor:
        """[p]"""
        return self._fit.coefficients

    @cached_property
    def intercept(self) -> Tensor:
        """[]; zero if none was fitted."""
        return self._fit.intercept

    @cached_property
    def standard_errors(self) -> Tensor:
        """Of the coefficients, [p]."""
        return self._fit.standard_errors

    @cached_property
    def intercept_standard_error(self) -> Tensor:
        """[]; NaN if no intercept was fitted."""
        return self._fit.intercept_standard_error

    @cached_property
    def rss(self) -> Tensor:
        """The weighted residual sum of squares, []."""
        return self._fit.rss

    @cached_property
    def r_squared(self) -> Tensor:
        """[]; NaN where y does not vary."""
        return self._fit.r_squared

    @cached_property
    def condition(self) -> float:
        """An estimate of the condition number of X, columns scaled to norm 1."""
        return self._fit.condition

    def predict(self, X: TensorLike) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]."""
        return self._fit.predict(X)

    @property
    def singular_values(self) -> Tensor:
        """Of X (centred, if an intercept is fitted, and weighted), descending, [min(n, p)]; of method "svd"."""
        return self._fit.singular_values

    @property
    def tvalues(self) -> Tensor:
        """Coefficients over their standard errors, [p]."""
        return self._fit.t_values

    @property
    def pvalues(self) -> Tensor:
        """Two-sided p values of Student's t, [p]."""
        return self._fit.p_values

    @property
    def intercept_tvalue(self) -> Tensor:
        """[]; NaN if no intercept was fitted."""
        return self._fit.intercept_t_value

    @property
    def intercept_pvalue(self) -> Tensor:
        """[]; NaN if no intercept was fitted."""
        return self._fit.intercept_p_value

    def conf_int(self, alpha: float = 0.05) -> Tensor:
        """Intervals that hold the coefficients with probability 1 - alpha, [p, 2]."""
        return self._fit.confidence_intervals(1 - alpha)

    def intercept_conf_int(self, alpha: float = 0.05) -> Tensor:
        """Of the intercept, [2]."""
        return self._fit.intercept_confidence_interval(1 - alpha)

    @property
    def rsquared_adj(self) -> Tensor:
        """1 - (1 - R^2) (n - 1) / degrees_of_freedom; with n for n - 1 without an intercept, []."""
        return self._fit.adjusted_r_squared

    @property
    def scale(self) -> Tensor:
        """s^2: rss over the degrees of freedom, []."""
        return self._fit.residual_variance

    @property
    def fvalue(self) -> Tensor:
        """F of the hypothesis that all coefficients but the intercept are 0, []."""
        return self._fit.f_statistic

    @property
    def f_pvalue(self) -> Tensor:
        """P(F > fvalue), []."""
        return self._fit.f_p_value

    @property
    def llf(self) -> Tensor:
        """The normal log-likelihood, []."""
        return self._fit.log_likelihood

    @property
    def aic(self) -> Tensor:
        """-2 llf + 2 (rank + 1 with an intercept), []."""
        return self._fit.aic

    @property
    def bic(self) -> Tensor:
        """-2 llf + ln(n) (rank + 1 with an intercept), []."""
        return self._fit.bic

    def cov_params(self) -> Tensor:
        """Covariance of the coefficients and, behind them, of the intercept, [p + 1, p + 1]."""
        return self._fit.covariance

    @property
    def condition_number(self) -> float:
        """Of X as it is, with the column of ones; ``condition`` is of centred and scaled columns."""
        return self._fit.condition_number

    @property
    def variance_inflation(self) -> Tensor:
        """Variance inflation factors of the columns of X, [p]."""
        return self._fit.variance_inflation

    def get_prediction(self, X: TensorLike, weights: TensorLike | None = None) -> Prediction:
        """Means and new observations at rows of X [m, p], with their errors and intervals.

        Raises:
            TalwegError: columns depend on each other
        """
        return Prediction(self, X, weights)

    def _rows(self) -> tuple[Tensor, Tensor, Tensor | None]:
        if self._data is None:
            raise ValueError("the rows were not kept: this fit is a stream's")
        return self._data

    @property
    def resid(self) -> Tensor:
        """y - X b - c, [n]."""
        X, y, _ = self._rows()
        return self._fit.residuals(X, y)

    @property
    def fittedvalues(self) -> Tensor:
        """X b + c, [n]."""
        return self.predict(self._rows()[0])

    @property
    def resid_pearson(self) -> Tensor:
        """Residuals times the roots of the weights, over s, [n]."""
        resid = self.resid / self.scale.sqrt()
        weights = self._rows()[2]
        if weights is None:
            return resid
        roots = _talweg.asarray(weights).sqrt()
        return resid * (roots if resid.ndim == 1 else roots.reshape(-1, 1))

    def get_influence(self) -> Influence:
        """What each row does to the fit."""
        return Influence(self)

    def cov_robust(
        self, cov_type: str = "HC3", *, maxlags: int | None = None, use_correction: bool = False
    ) -> Tensor:
        """A robust covariance of the coefficients and the intercept, [p + 1, p + 1].

        Args:
            cov_type: "HC0", "HC1", "HC2", "HC3" against heteroscedasticity; "HAC" (Newey and West's,
                Bartlett's weights) against correlation of neighbouring rows as well
            maxlags: of "HAC"; None: floor(4 (n / 100)^(2/9))
            use_correction: of "HAC": times n / degrees_of_freedom
        """
        X, y, weights = self._rows()
        kind = number_of(cov_type, ROBUST_KINDS, "cov_type")
        return self._fit.robust_covariance(
            X, y, weights, kind, -1 if maxlags is None else maxlags, use_correction
        )

    @property
    def cov_HC0(self) -> Tensor:
        return self.cov_robust("HC0")

    @property
    def cov_HC1(self) -> Tensor:
        return self.cov_robust("HC1")

    @property
    def cov_HC2(self) -> Tensor:
        return self.cov_robust("HC2")

    @property
    def cov_HC3(self) -> Tensor:
        return self.cov_robust("HC3")

    @property
    def HC0_se(self) -> Tensor:
        """Robust standard errors of the coefficients and, last, of the intercept, [p + 1]."""
        return _diagonal_roots(self.cov_HC0)

    @property
    def HC1_se(self) -> Tensor:
        return _diagonal_roots(self.cov_HC1)

    @property
    def HC2_se(self) -> Tensor:
        return _diagonal_roots(self.cov_HC2)

    @property
    def HC3_se(self) -> Tensor:
        return _diagonal_roots(self.cov_HC3)

    def summary(self, names: Iterable[str] | None = None, *, alpha: float = 0.05) -> str:
        """The fit as a table of text. ``names`` are those of the columns of X."""
        return self._fit.summary(1 - alpha, names)

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


def _diagonal_roots(covariance: Tensor) -> Tensor:
    return _talweg.diagonal(covariance, 0, -2, -1).sqrt()


class Prediction:
    """What a fit says of new rows [m, p]: of [m], or [m, k] for k targets.

    Attributes:
        predicted_mean: X b + c
        se_mean: its standard error
        se_obs: the standard error of a new y, s^2 over its weight on top
    """

    def __init__(self, result: LstsqResult, X: TensorLike, weights: TensorLike | None) -> None:
        self._fit = result._fit
        self._X = _talweg.asarray(X)
        self._weights = None if weights is None else _talweg.asarray(weights)
        self.predicted_mean = self._fit.predict(self._X)
        self.se_mean = self._fit.prediction_errors(self._X, None, 0)
        self.se_obs = self._fit.prediction_errors(self._X, self._weights, 1)

    def conf_int(self, obs: bool = False, alpha: float = 0.05) -> Tensor:
        """Intervals that hold the means, or with ``obs`` new observations, with probability 1 - alpha, [m, 2]."""
        return self._fit.prediction_intervals(self._X, self._weights, int(obs), 1 - alpha)


class Influence:
    """What each row does to a fit: of [n], or [n, k] for k targets. With weights of rows times their roots, as in R."""

    def __init__(self, result: LstsqResult) -> None:
        self._fit = result._fit
        self._rows = result._rows()

    def _figure(self, kind: int) -> Tensor:
        X, y, weights = self._rows
        return self._fit.influence(X, y, weights, kind)

    @property
    def hat_matrix_diag(self) -> Tensor:
        """Leverages, [n]."""
        return self._fit.leverage(self._rows[0], self._rows[2])

    @property
    def resid_studentized_internal(self) -> Tensor:
        """Residuals over s sqrt(1 - h)."""
        return self._figure(0)

    @property
    def resid_studentized_external(self) -> Tensor:
        """The same with the s of the fit without the row."""
        return self._figure(1)

    @property
    def cooks_distance(self) -> Tensor:
        """How far all coefficients move without the row (Cook 1977)."""
        return self._figure(2)

    @property
    def dffits(self) -> Tensor:
        """How far the row's own mean moves without it, in its standard errors."""
        return self._figure(3)


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
    offset: TensorLike | None = None,
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
            norm where columns depend on each other; the normal equations with a correction,
            as accurate, where no variance inflation is above 100), "cholesky" of the normal
            equations (faster, squares the condition number), "svd" (the solution of least norm
            over the directions whose singular value is large enough, which it tells; slower),
            or "gradient_descent" on the mean squared error
        intercept: fit an intercept, which is never penalised
        ridge: the penalty, 0 or more, in the units of the sum of squares
        weights: row weights [n], 0 or more
        offset: what is known of y, subtracted from it first, of y's shape: all that the fit
            tells, R^2 and predictions too, is of the difference
        rank_tolerance: columns whose pivot, or directions whose singular value, is below this
            share of the largest count as dependent; None: max(n, p) times the unit roundoff.
            "qr" and "svd" only.

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
    X, y = _talweg.asarray(X), _talweg.asarray(y)
    if (
        method == "qr" and ridge == 0 and weights is None and offset is None and rank_tolerance is None
        and batch_size == 0 and seed == 0 and learning_rate == 0.01 and tolerance == 1e-9 and max_iterations == 10_000
    ):
        # Small fits are over before a dozen options are read.
        return LstsqResult(_talweg.lstsq(X, y, intercept=intercept), (X, y, None))
    weights = None if weights is None else _talweg.asarray(weights)
    offset = None if offset is None else _talweg.asarray(offset)
    options: dict[str, Any] = {
        "method": number_of(method, METHODS, "method"),
        "intercept": intercept,
        "ridge": ridge,
        "weights": weights,
        "rank_tolerance": -1.0 if rank_tolerance is None else rank_tolerance,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "tolerance": tolerance,
        "max_iterations": max_iterations,
        "seed": seed,
        "offset": offset,
    }
    if method != "gradient_descent":
        fit = _talweg.lstsq(X, y, **options)
        return LstsqResult(fit, (X, y if offset is None else y - offset, weights))

    single = y.ndim == 1
    bar = progress_bar(max_iterations, "lstsq", progress)

    def after(iteration: int, limit: int, loss: float, coefficients: Tensor, constant: Tensor) -> object:
        bar.update(iteration, loss=loss)
        if callback is None:
            return False
        if single:
            coefficients, constant = coefficients[0], constant[0]
        return callback(DescentProgress(iteration, limit, loss, coefficients, constant))

    try:
        fit = _talweg.lstsq(X, y, callback=None if callback is None and is_hidden(bar) else after, **options)
    finally:
        bar.close()
    return LstsqResult(fit, (X, y if offset is None else y - offset, weights))
