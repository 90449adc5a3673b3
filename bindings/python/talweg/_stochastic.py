"""Linear models by stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS
from ._sparse import csr_buffers

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike

LOSSES = (
    "squared_error",
    "huber",
    "epsilon_insensitive",
    "squared_epsilon_insensitive",
    "hinge",
    "perceptron",
    "squared_hinge",
    "log_loss",
    "modified_huber",
)
SCHEDULES = ("constant", "optimal", "invscaling", "adaptive", "pa1", "pa2")
SCORES = ("r2", "accuracy")


class StochasticProgress(NamedTuple):
    """What a descent tells its callback after an epoch."""

    epoch: int
    """From 1."""
    max_epochs: int
    objective: float
    """Mean loss of the rows as they were met, and the penalty; NaN with rows held back."""
    score: float
    """Of the rows held back; NaN without any."""


class StochasticResult(NamedTuple):
    """Where a descent ended; ``start`` of a later one takes it."""

    coefficients: Tensor
    """[p]"""
    intercept: float
    average: Tensor
    """[p]: the mean of the coefficients after each step from ``average`` on."""
    average_intercept: float
    step: float
    """The number of the next step."""
    epochs: int
    objective: float
    score: float
    stop_reason: str
    """ "tolerance", "iterations" or "callback"."""


def stochastic_descent(
    X: Any,
    y: TensorLike,
    *,
    loss: str = "squared_error",
    epsilon: float = 0.1,
    alpha: float = 1e-4,
    l1_ratio: float = 0.0,
    intercept: bool = True,
    intercept_rate: float = 1.0,
    schedule: str = "invscaling",
    rate: float = 0.01,
    power: float = 0.25,
    max_epochs: int = 1000,
    tolerance: float | None = 1e-3,
    patience: int = 5,
    shuffle: bool = True,
    seed: int = 0,
    average: int = 0,
    positive_weight: float = 1.0,
    negative_weight: float = 1.0,
    weights: TensorLike | None = None,
    held_back: TensorLike | None = None,
    score: str = "r2",
    start: StochasticResult | None = None,
    callback: Callable[[StochasticProgress], object] | None = None,
) -> StochasticResult:
    """Lowers mean_i w_i loss(x_i . b + c, y_i) + alpha ((1 - l1_ratio) / 2 |b|^2 + l1_ratio |b|_1), a row at a time:
    for data that comes in parts, or is wide and sparse. ``lstsq``, ``elastic_net`` and ``glm`` find the minimum
    itself.

    Args:
        X: [n, p], finite, or a SciPy sparse matrix, of which a step costs what its row has elements
        y: [n], finite; of the losses of classes, from "hinge" on, above 0 for the one and not for the other
        loss: "squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive", "hinge", "perceptron",
            "squared_hinge", "log_loss" or "modified_huber"
        epsilon: of Huber's and the insensitive losses
        alpha: 0 or more
        l1_ratio: from 0 to 1
        intercept: fit an intercept, which is not penalised
        intercept_rate: its steps by those of the coefficients
        schedule: how long step t is: "constant" (rate), "optimal" (1 / (alpha (t0 + t))), "invscaling"
            (rate / t^power), "adaptive" (a fifth of the rate whenever the patience ends), "pa1" or "pa2"
            (passive-aggressive)
        max_epochs: stop after so many
        tolerance: stop after ``patience`` epochs without a gain of this; None: never
        shuffle: take rows in a random order, by ``seed``
        average: the step from which on coefficients are averaged; 0: none
        positive_weight, negative_weight: by which the steps of rows with y above 0, and of others, are multiplied
        weights: row weights [n], 0 or more
        held_back: [n]: rows to learn nothing from, whose score says when to stop
        score: of these rows, "r2" or "accuracy"
        start: where an earlier descent ended
        callback: called with a StochasticProgress after each epoch; a true answer stops

    Raises:
        ValueError: shapes that do not fit, options out of range
        TalwegError: a NaN or infinity; coefficients that grew without bound
    """
    sparse = hasattr(X, "tocsr")
    found = _talweg.stochastic(
        None if sparse else X,
        y,
        csr=csr_buffers(X) if sparse else None,
        loss=number_of(loss, LOSSES, "loss"),
        epsilon=epsilon,
        alpha=alpha,
        l1_ratio=l1_ratio,
        intercept=intercept,
        intercept_rate=intercept_rate,
        schedule=number_of(schedule, SCHEDULES, "schedule"),
        rate=rate,
        power=power,
        max_epochs=max_epochs,
        tolerance=-1.0 if tolerance is None else tolerance,
        patience=patience,
        shuffle=shuffle,
        seed=seed,
        average_from=average,
        positive_weight=positive_weight,
        negative_weight=negative_weight,
        weights=weights,
        held_back=held_back,
        score=number_of(score, SCORES, "score"),
        coefficients=None if start is None else start.coefficients,
        start_intercept=0.0 if start is None else start.intercept,
        average=None if start is None else start.average,
        average_intercept=0.0 if start is None else start.average_intercept,
        step=1.0 if start is None else start.step,
        callback=None if callback is None else lambda *values: callback(StochasticProgress(*values)),
    )
    return StochasticResult(*found[:-1], STOP_REASONS[found[-1]])
