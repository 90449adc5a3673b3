"""Regression that outliers do not lead astray: M-estimates, quantile regression, RANSAC, Theil and Sen's estimate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS

if TYPE_CHECKING:
    from ._talweg import RobustFit, Tensor, TensorLike

LOSSES = ("huber", "soft_l1", "cauchy", "tukey", "welsch", "andrews", "hampel")
SCALES = ("mad", "proposal_2", "given")


class RobustProgress(NamedTuple):
    """What an M-estimate tells its callback after an iteration."""

    iteration: int
    """From 1."""
    max_iterations: int
    scale: float
    coefficients: Tensor
    """float64 [p]"""
    intercept: float


class RobustResult:
    """A robust fit of y [n] to X [n, p].

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        standard_errors: [p], of an M-estimate; else NaN
        intercept_standard_error: []
        weights: [n]: what each row counted in the last weighted problem, from 0 to 1; of
            RANSAC 1 for inliers; of a quantile regression 1 where the plane goes through the
            row; of Theil and Sen's estimate NaN
        scale: of the residuals; of a quantile regression the mean loss, of RANSAC the threshold
        objective: the sum that was minimised, of an M-estimate times the scale's square; of
            RANSAC the squares of the inliers; of Theil and Sen's estimate NaN
        rank: rank of X (centred, if an intercept is fitted)
        stop_reason: "closed_form", "tolerance", "iterations" or "callback"
        iterations: how many iterations or trials were made
    """

    def __init__(self, fit: RobustFit) -> None:
        self._fit = fit
        self.coefficients = fit.coefficients
        self.intercept = fit.intercept
        self.standard_errors = fit.standard_errors
        self.intercept_standard_error = fit.intercept_standard_error
        self.weights = fit.weights
        self.scale = fit.scale
        self.objective = fit.objective
        self.rank = fit.rank
        self.stop_reason = STOP_REASONS[fit.stop_reason]
        self.iterations = fit.iterations

    def predict(self, X: TensorLike) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column): [m]."""
        return self._fit.predict(X)

    def __repr__(self) -> str:
        return (
            f"RobustResult: {self.coefficients.shape[0]} coefficients, rank {self.rank}, scale {self.scale:.6g}, "
            f"{self.stop_reason} after {self.iterations} iterations"
        )


def robust_fit(
    X: TensorLike,
    y: TensorLike,
    *,
    loss: str = "huber",
    tuning: float | None = None,
    scale: str | float = "mad",
    proposal_constant: float = 2.5,
    intercept: bool = True,
    weights: TensorLike | None = None,
    tolerance: float = 1e-9,
    max_iterations: int = 200,
    callback: Callable[[RobustProgress], object] | None = None,
) -> RobustResult:
    """The M-estimate: the coefficients b and intercept c that minimise
    sum_i w_i rho((y_i - x_i . b - c) / scale), by iteratively reweighted least squares.

    It starts from least squares; losses that redescend, from Huber's estimate. Computed in
    float64; results have the dtype of X (float64 for integers).

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        loss: "huber", "soft_l1", "cauchy", "tukey", "welsch", "andrews" or "hampel"
        tuning: None: the constant of 95 % efficiency for normal errors (of Hampel's loss, 2)
        scale: "mad" (the median magnitude over 0.6745), "proposal_2" (Huber's), or a number
        proposal_constant: where proposal 2 cuts residuals off, in units of the scale
        intercept: fit an intercept
        weights: row weights [n], 0 or more
        tolerance: stop when no fitted value moves by more than this share of the scale
        max_iterations: stop after so many
        callback: called with a RobustProgress after each iteration; a true answer stops

    Raises:
        ValueError: shapes that do not fit, an unknown loss, options out of range
        TalwegError: a NaN or infinity; no row with a weight any more
    """
    given = isinstance(scale, (int, float))
    fit = _talweg.robust_fit(
        X,
        y,
        loss=number_of(loss, LOSSES, "loss"),
        scale_estimate=2 if given else number_of(scale, SCALES[:2], "scale"),
        tuning=0.0 if tuning is None else tuning,
        proposal_constant=proposal_constant,
        scale=float(scale) if given else 1.0,
        intercept=intercept,
        weights=weights,
        tolerance=tolerance,
        max_iterations=max_iterations,
        callback=None if callback is None else lambda *values: callback(RobustProgress(*values)),
    )
    return RobustResult(fit)


def huber(
    X: TensorLike,
    y: TensorLike,
    *,
    epsilon: float = 1.35,
    penalty: float = 0.0,
    intercept: bool = True,
    weights: TensorLike | None = None,
    tolerance: float = 1e-13,
    max_iterations: int = 100,
) -> RobustResult:
    """Huber's estimate of coefficients and scale at once: the b, c and s that minimise
    sum_i w_i (s + s h(r_i / s)) + penalty |b|^2, where h(z) is z^2 up to epsilon and 2 epsilon |z| - epsilon^2 above,
    by Newton's method; scikit-learn's HuberRegressor.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        epsilon: 1 or more; smaller is more robust
        penalty: 0 or more
        intercept: fit an intercept, which is not penalised
        weights: row weights [n], 0 or more
        tolerance: stop when a step promises less than this share of the objective
        max_iterations: stop after so many
    """
    return RobustResult(
        _talweg.huber(
            X,
            y,
            epsilon=epsilon,
            penalty=penalty,
            intercept=intercept,
            weights=weights,
            tolerance=tolerance,
            max_iterations=max_iterations,
        )
    )


def quantile_regression(
    X: TensorLike,
    y: TensorLike,
    quantile: float = 0.5,
    *,
    intercept: bool = True,
    weights: TensorLike | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 100,
) -> RobustResult:
    """The coefficients b and intercept c that minimise sum_i w_i r_i (quantile - [r_i < 0]) of the
    residuals r, by Portnoy and Koenker's interior-point method, and then exactly; at 0.5, least
    absolute deviations.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        quantile: above 0 and below 1
        intercept: fit an intercept
        weights: row weights [n], 0 or more
        tolerance: stop when the duality gap is below this share of the sum of magnitudes of the
            least-squares residuals
        max_iterations: stop after so many
    """
    return RobustResult(
        _talweg.quantile_regression(
            X, y, quantile, intercept=intercept, weights=weights, tolerance=tolerance, max_iterations=max_iterations
        )
    )


def ransac(
    X: TensorLike,
    y: TensorLike,
    *,
    sample_size: int = 0,
    threshold: float | None = None,
    max_trials: int = 1000,
    confidence: float = 0.999,
    seed: int = 0,
    intercept: bool = True,
    weights: TensorLike | None = None,
) -> RobustResult:
    """Random sample consensus: the fit to few rows, drawn at random, that has the most inliers,
    and then the least-squares fit to these.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite
        sample_size: rows drawn for each trial; 0: as many as there are unknowns
        threshold: rows with residuals up to this are inliers; None: the median absolute
            deviation of y from its median
        max_trials: stop after so many
        confidence: stop when by the best share of inliers so far a draw of inliers alone was
            made with this probability
        seed: of the draws
        intercept: fit an intercept
        weights: row weights [n] of the last fit, 0 or more
    """
    return RobustResult(
        _talweg.ransac(
            X,
            y,
            sample_size=sample_size,
            threshold=-1.0 if threshold is None else threshold,
            max_trials=max_trials,
            confidence=confidence,
            seed=seed,
            intercept=intercept,
            weights=weights,
        )
    )


def theil_sen(
    X: TensorLike, y: TensorLike, *, intercept: bool = True, max_subsets: int = 10_000, seed: int = 0
) -> RobustResult:
    """Theil and Sen's estimate: of one column with an intercept the median slope of pairs of rows
    and the median of y - b x, else the spatial median of the exact fits to subsets of as many
    rows as there are unknowns.

    Args:
        X: [n, p], finite; a 1-d X [n] counts as one column
        y: [n], finite
        intercept: fit an intercept
        max_subsets: where there are more subsets than this, so many are drawn
        seed: of the draws
    """
    return RobustResult(_talweg.theil_sen(X, y, intercept=intercept, max_subsets=max_subsets, seed=seed))
