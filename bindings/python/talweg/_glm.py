"""Generalised linear models: logistic, probit, Poisson, gamma and other regressions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS

if TYPE_CHECKING:
    from ._talweg import GLMFit, Tensor, TensorLike

FAMILIES = ("gaussian", "binomial", "poisson", "gamma", "negative_binomial", "multinomial")
LINKS = ("default", "identity", "log", "logit", "probit", "cloglog", "inverse")
PREDICTIONS = ("response", "link", "class")


class GLMProgress(NamedTuple):
    """What a fit tells its callback after an iteration."""

    iteration: int
    """From 1."""
    max_iterations: int
    objective: float
    """The deviance and ridge |b|^2."""
    coefficients: Tensor
    """float64 [p], or [K, p] for K classes of the multinomial family."""
    intercept: Tensor
    """float64 [], or [K]."""


class GLMResult:
    """A fit of y [n] to X [n, p]. Of the multinomial family with K classes, tensors have
    a leading K; class 0 is the reference, with zeros, unless there is a ridge, with
    which the coefficients of all classes sum to zero.

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        standard_errors: of the coefficients, [p]; NaN of columns that depend on others and
            where classes are separated
        intercept_standard_error: []
        deviance: twice the log-likelihood (of dispersion 1) that a mean for each row would gain
        null_deviance: that of the intercept, or without one the offset, alone
        log_likelihood: with all constants but the binomial coefficients of shares
        aic: -2 log_likelihood + 2 (rank of the whole model)
        dispersion: Pearson's statistic over the degrees of freedom for the gaussian and
            gamma families, else 1
        rank: rank of X (centred, if an intercept is fitted)
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
        self.dispersion = fit.dispersion
        self.rank = fit.rank
        self.degrees_of_freedom = fit.degrees_of_freedom
        self.separated = fit.separated
        self.stop_reason = STOP_REASONS[fit.stop_reason]
        self.iterations = fit.iterations

    def predict(self, X: TensorLike, kind: str = "response", *, offset: TensorLike | None = None) -> Tensor:
        """Of new rows [m, p] (or [m] with one column): "response" (the mean, or the classes'
        probabilities), "link" (the linear predictor) or "class" (the most probable one, int64)."""
        return self._fit.predict(X, number_of(kind, PREDICTIONS, "kind"), offset)

    def __repr__(self) -> str:
        return (
            f"GLMResult: {self.family}, {self.coefficients.shape[-1]} coefficients, rank {self.rank}, "
            f"{self.degrees_of_freedom} degrees of freedom, deviance {self.deviance:.6g} of {self.null_deviance:.6g}, "
            f"AIC {self.aic:.6g}, {self.stop_reason} after {self.iterations} iterations"
            + (", separated" if self.separated else "")
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
    weights: TensorLike | None = None,
    offset: TensorLike | None = None,
    standard_errors: bool = True,
    tolerance: float | None = None,
    max_iterations: int = 100,
    callback: Callable[[GLMProgress], object] | None = None,
) -> GLMResult:
    """The coefficients b and intercept c of g(mu) = X b + c + offset that maximise the
    log-likelihood of y less ridge / 2 |b|^2, by Fisher scoring (iteratively reweighted
    least squares).

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
