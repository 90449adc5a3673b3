"""Generalised linear models: logistic, probit, Poisson, gamma and other regressions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS

if TYPE_CHECKING:
    from ._talweg import GLMFit, Tensor, TensorLike

FAMILIES = ("gaussian", "binomial", "poisson", "gamma", "negative_binomial", "multinomial")
LINKS = ("default", "identity", "log", "logit", "probit", "cloglog", "inverse")
RESIDUALS = ("response", "pearson", "deviance", "working")
PREDICTIONS = ("response", "link", "class")


class GLMProgress(NamedTuple):
    """What a fit tells its callback after an iteration."""

    iteration: int
    """From 1."""
    max_iterations: int
    objective: float
    """The deviance, ridge |b|^2 and 2 l1 |b|_1."""
    coefficients: Tensor
    """float64 [p], or [K, p] for K classes of the multinomial family."""
    intercept: Tensor
    """float64 [], or [K]."""


class GLMResult:
    """A fit of y [n] to X [n, p]. Of the multinomial family with K classes, tensors have
    a leading K; class 0 is the reference, with zeros, unless there is a ridge, with
    which the coefficients of all classes sum to zero, or an L1 norm, with which each
    class's are penalised for themselves.

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        standard_errors: of the coefficients, [p]; NaN of columns that depend on others,
            where classes are separated and with an L1 norm
        intercept_standard_error: []
        deviance: twice the log-likelihood (of dispersion 1) that a mean for each row would gain
        null_deviance: that of the intercept, or without one the offset, alone
        log_likelihood: with all constants but the binomial coefficients of shares
        aic: -2 log_likelihood + 2 (rank of the whole model)
        bic: -2 log_likelihood + ln(rows with a weight) (rank of the whole model)
        pearson: Pearson's statistic, the sum of w (y - mu)^2 / V(mu); NaN of the multinomial family
        statistics: coefficients over their standard errors, [p]: Student's t where the dispersion is
            estimated (gaussian and gamma), else normal
        p_values: of these, two-sided
        intercept_statistic, intercept_p_value: []
        null_degrees_of_freedom: of the model that null_deviance is of
        dispersion: Pearson's statistic over the degrees of freedom for the gaussian and
            gamma families, else 1
        rank: rank of X (centred, if an intercept is fitted); with an L1 norm, how many
            coefficients are not zero
        violation: with an L1 norm, how far the derivatives are from a least value's, at most
            over the coefficients and as a share of l1; else NaN
        degrees_of_freedom: rows with a weight above 0 less the rank of the whole model
        separated: whether the likelihood rises for ever along some direction, so that no
            finite coefficients are best; `glm` warns of it
        stop_reason: "tolerance", "iterations" or "callback"
        iterations: how many were made
    """

    def __init__(self, fit: GLMFit, family: str) -> None:
        self._fit = fit
        self.family = family
        self.coefficients = fit.coefficients
        self.intercept = fit.intercept
        self.standard_errors = fit.standard_errors
        self.intercept_standard_error = fit.intercept_standard_error
        self.deviance = fit.deviance
        self.null_deviance = fit.null_deviance
        self.log_likelihood = fit.log_likelihood
        self.aic = fit.aic
        self.bic = fit.bic
        self.pearson = fit.pearson
        self.dispersion = fit.dispersion
        self.rank = fit.rank
        self.violation = fit.violation
        self.degrees_of_freedom = fit.degrees_of_freedom
        self.null_degrees_of_freedom = fit.null_degrees_of_freedom
        self.separated = fit.separated
        self.stop_reason = STOP_REASONS[fit.stop_reason]
        self.iterations = fit.iterations

    def predict(self, X: TensorLike, kind: str = "response", *, offset: TensorLike | None = None) -> Tensor:
        """Of new rows [m, p] (or [m] with one column): "response" (the mean, or the classes'
        probabilities), "link" (the linear predictor) or "class" (the most probable one, int64)."""
        return self._fit.predict(X, number_of(kind, PREDICTIONS, "kind"), offset)

    def predict_error(self, X: TensorLike, kind: str = "response", *, offset: TensorLike | None = None) -> Tensor:
        """Standard errors at new rows of "response" (the mean) or "link" (the linear predictor), [m]."""
        return self._fit.predict_error(X, number_of(kind, PREDICTIONS, "kind"), offset)

    def residuals(
        self,
        X: TensorLike,
        y: TensorLike,
        kind: str = "deviance",
        *,
        weights: TensorLike | None = None,
        offset: TensorLike | None = None,
    ) -> Tensor:
        """Of any rows, [n]: "response" (y - mu), "pearson", "deviance" or "working"."""
        return self._fit.residuals(X, y, number_of(kind, RESIDUALS, "kind"), weights, offset)

    @property
    def statistics(self) -> Tensor:
        """Coefficients over their standard errors, [p]."""
        return self._fit.statistics

    @property
    def p_values(self) -> Tensor:
        """Two-sided, of `statistics`, [p]."""
        return self._fit.p_values

    @property
    def intercept_statistic(self) -> Tensor:
        return self._fit.intercept_statistic

    @property
    def intercept_p_value(self) -> Tensor:
        return self._fit.intercept_p_value

    def confidence_intervals(self, level: float = 0.95) -> Tensor:
        """Wald's intervals of the coefficients, [p, 2]."""
        return self._fit.confidence_intervals(level)

    def intercept_confidence_interval(self, level: float = 0.95) -> Tensor:
        """[2]"""
        return self._fit.intercept_confidence_interval(level)

    def summary(self, names: Iterable[str] | None = None, *, level: float = 0.95) -> str:
        """The fit as a table, like R's summary.glm; ``names`` of the columns."""
        return self._fit.summary(level, names)

    def __repr__(self) -> str:
        return (
            f"GLMResult: {self.family}, {self.coefficients.shape[-1]} coefficients, rank {self.rank}, "
            f"{self.degrees_of_freedom} degrees of freedom, deviance {self.deviance:.6g} of {self.null_deviance:.6g}, "
            f"AIC {self.aic:.6g}, {self.stop_reason} after {self.iterations} iterations"
            + (", separated" if self.separated else "")
        )


class GLMPathResult:
    """Fits of a path of penalties, the greatest first; len() of them, each a GLMResult by its index.

    Attributes:
        coefficients: [count, p], or [count, K, p] of the multinomial family
        intercepts: [count] or [count, K]
        penalties: float64 [count]
        deviances: float64 [count]
        stop_reason: "tolerance", "iterations" if any fit stopped by these, or "callback"
    """

    def __init__(self, parts: tuple[Tensor, Tensor, Tensor, Tensor, int, list[GLMFit]], family: str) -> None:
        self.coefficients, self.intercepts, self.penalties, self.deviances, reason, fits = parts
        self.family = family
        self.stop_reason = STOP_REASONS[reason]
        self._fits = fits

    def __len__(self) -> int:
        return len(self._fits)

    def __getitem__(self, index: int) -> GLMResult:
        return GLMResult(self._fits[index], self.family)

    def __repr__(self) -> str:
        return (
            f"GLMPathResult: {self.family}, {len(self)} penalties, {self.coefficients.shape[-1]} coefficients, "
            f"{self.stop_reason}"
        )


def glm(
    X: TensorLike,
    y: TensorLike,
    *,
    family: str = "gaussian",
    link: str | None = None,
    intercept: bool = True,
    alpha: float = 1.0,
    ridge: float = 0.0,
    l1: float = 0.0,
    weights: TensorLike | None = None,
    offset: TensorLike | None = None,
    standard_errors: bool = True,
    tolerance: float | None = None,
    max_iterations: int = 100,
    callback: Callable[[GLMProgress], object] | None = None,
) -> GLMResult:
    """The coefficients b and intercept c of g(mu) = X b + c + offset that maximise the
    log-likelihood of y less ridge / 2 |b|^2 and l1 |b|_1, by Fisher scoring (iteratively
    reweighted least squares), with an L1 norm by coordinate descent in each step.

    Computed in float64; results have the dtype of X (float64 for integers). Columns that
    depend on each other get the shortest coefficients with the same predictors.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], finite, in the family's range
        family: "gaussian", "binomial" (y from 0 to 1), "poisson" (0 or more), "gamma" (above
            0), "negative_binomial" (0 or more, variance mu + alpha mu^2) or "multinomial"
            (class numbers 0 to K - 1)
        link: None for the first of these: "identity" or "log" (gaussian), "logit", "probit" or
            "cloglog" (binomial), "log" (Poisson, negative binomial), "log" or "inverse"
            (gamma), "logit" (multinomial)
        intercept: fit an intercept, which is never penalised
        alpha: of the negative binomial family
        ridge: 0 or more; the inverse of scikit-learn's C
        l1: 0 or more; scikit-learn's LogisticRegression with C and l1_ratio r has l1 = r / C
            and ridge = (1 - r) / C
        weights: row weights [n], 0 or more, by which the log-likelihood's terms are multiplied
        offset: [n], added to the linear predictor
        standard_errors: compute them; one pass over the data more
        tolerance: stop when half of what a step promises is below this share of the
            objective; None: 1e-13, or 1e-10 where there are many rows
        max_iterations: stop after so many
        callback: called with a GLMProgress after each iteration; a true answer stops

    Raises:
        ValueError: shapes that do not fit, a y out of range, a negative weight, an unknown
            family, a link that is none of its
        TalwegError: a NaN or infinity; no coefficients with a finite likelihood

    Warns:
        RuntimeWarning: the classes are separated, and no finite coefficients are best
    """

    def after(iteration: int, limit: int, objective: float, coefficients: Tensor, constants: Tensor) -> object:
        if family != "multinomial":
            coefficients, constants = coefficients[0], constants[0]
        return callback(GLMProgress(iteration, limit, objective, coefficients, constants)) if callback else False

    fit = _talweg.glm(
        X,
        y,
        family=number_of(family, FAMILIES, "family"),
        link=0 if link is None else number_of(link, LINKS, "link"),
        intercept=intercept,
        standard_errors=standard_errors,
        alpha=alpha,
        ridge=ridge,
        l1=l1,
        weights=weights,
        offset=offset,
        tolerance=-1.0 if tolerance is None else tolerance,
        max_iterations=max_iterations,
        callback=None if callback is None else after,
    )
    result = GLMResult(fit, family)
    if result.separated:
        warnings.warn(
            "glm: a plane separates the classes (or the zeros): the likelihood has no greatest value, and the "
            "coefficients are where the iteration stood; a ridge helps",
            RuntimeWarning,
            stacklevel=2,
        )
    return result


def glm_path(
    X: TensorLike,
    y: TensorLike,
    penalties: float | TensorLike | None = None,
    *,
    family: str = "gaussian",
    link: str | None = None,
    l1_ratio: float = 1.0,
    penalty_count: int = 100,
    penalty_ratio: float = 1e-3,
    intercept: bool = True,
    standardize: bool = False,
    alpha: float = 1.0,
    weights: TensorLike | None = None,
    offset: TensorLike | None = None,
    tolerance: float | None = None,
    max_iterations: int = 100,
    callback: Callable[[GLMProgress], object] | None = None,
) -> GLMPathResult:
    """The coefficients b and intercept c that minimise, with the family's unit deviance D,

        sum_i w_i D(y_i, mu_i) / (2 sum_i w_i) + penalty (l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|^2)

    for each penalty (glmnet's lambda), from those of the one before. See `glm` for what
    is not told here.

    Args:
        penalties: one or more, above 0; None: ``penalty_count`` of them from the least that
            leaves no coefficient down to ``penalty_ratio`` times that
        l1_ratio: above 0 and up to 1, the lasso
        standardize: penalise the coefficients of columns divided by their standard deviations
        callback: called with a GLMProgress after each penalty, with its number, how many
            there are and the deviance; a true answer stops
    """

    def after(iteration: int, limit: int, objective: float, coefficients: Tensor, constants: Tensor) -> object:
        if family != "multinomial":
            coefficients, constants = coefficients[0], constants[0]
        return callback(GLMProgress(iteration, limit, objective, coefficients, constants)) if callback else False

    parts = _talweg.glm_path(
        X,
        y,
        penalties=[penalties] if isinstance(penalties, (int, float)) else penalties,
        family=number_of(family, FAMILIES, "family"),
        link=0 if link is None else number_of(link, LINKS, "link"),
        intercept=intercept,
        alpha=alpha,
        l1_ratio=l1_ratio,
        penalty_count=penalty_count,
        penalty_ratio=penalty_ratio,
        standardize=standardize,
        weights=weights,
        offset=offset,
        tolerance=-1.0 if tolerance is None else tolerance,
        max_iterations=max_iterations,
        callback=None if callback is None else after,
    )
    return GLMPathResult(parts, family)
