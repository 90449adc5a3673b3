"""Levenberg-Marquardt on a network's residuals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _talweg
from .._choices import number_of
from .._nonlinear import LOSSES

if TYPE_CHECKING:
    from .._talweg import TensorLike
    from ..nn import Module

STOPS = ("gradient", "cost", "step", "evaluations", "time", "callback", "iterations")


@dataclass(frozen=True)
class ModuleFit:
    """What a fit of a module came to."""

    stop: str
    """Why it ended: "gradient" (the residuals are zero, or orthogonal to all that the parameters can change), "cost"
    or "step" (changes below their tolerance), "evaluations", "time", "iterations" (limits), "callback"."""
    cost: float
    """Half the sum of the weighted residuals' squares, or of losses."""
    optimality: float
    """The largest cosine of the angle between the residuals and a column of the Jacobian."""
    iterations: int
    evaluations: int
    jacobian_evaluations: int
    rank: int
    """How many parameters move the outputs independently."""
    degrees_of_freedom: int
    radius: float
    """Of the trust region at the end."""


class LevenbergMarquardt:
    """Least squares where the parameters are a network's: fits a module's outputs to targets by the solver of
    ``talweg.least_squares`` (More 1978), with the Jacobian of all outputs by all parameters.

    For networks of up to some thousand parameters. It sees all rows at once, in evaluation mode, and takes far fewer
    passes over them than descents by gradients do; each is dearer. float64 modules are fitted to full precision.
    Parameters that do not require a gradient stay what they are.

    Args:
        loss, f_scale: of the residuals, as of ``talweg.least_squares``: "linear" for plain squares, "huber", "soft_l1",
            "cauchy", "arctan", "tukey", "welsch"
        ftol, xtol, gtol: stop when a step changes the cost by less than this share, when steps are shorter than
            this share of the parameters, or when the optimality is at most this
        geodesic: correct steps by the residuals' curvature along them, for an evaluation more each
    """

    def __init__(
        self,
        module: Module,
        *,
        loss: str = "linear",
        f_scale: float = 1.0,
        ftol: float = 1e-12,
        xtol: float = 1e-14,
        gtol: float = 0.0,
        geodesic: bool = False,
    ) -> None:
        self.module = module
        self._options: dict[str, Any] = {
            "loss": number_of(loss, LOSSES, "loss"),
            "loss_scale": f_scale,
            "ftol": ftol,
            "xtol": xtol,
            "gtol": gtol,
            "geodesic": geodesic,
        }
        self._radius = 1.0

    def fit(
        self,
        X: TensorLike,
        y: TensorLike,
        weights: TensorLike | None = None,
        *,
        max_iterations: int = 100,
        max_evaluations: int = 0,
        max_seconds: float = 0.0,
        callback: Callable[[int, int, float, float, float], object] | None = None,
    ) -> ModuleFit:
        """Fits the module in place. After a failure the parameters are what they were.

        Args:
            X: [n, ..]
            y: of the shape of the module's output
            weights: how much each residual's square counts, 0 or more: [n], or of y's shape
            max_iterations, max_evaluations, max_seconds: limits; 0: none, but 400 (p + 1) evaluations
            callback: called with (iteration, evaluations, cost, optimality, length of the step) after each step; True
                stops

        Raises:
            ValueError: targets or weights that do not fit
            TalwegError: residuals or a Jacobian that are not finite, or no parameter to fit
        """
        found = _talweg.levenberg_marquardt_fit(
            self.module,
            X,
            y,
            weights,
            callback=callback,
            max_iterations=max_iterations,
            max_evaluations=max_evaluations,
            max_seconds=max_seconds,
            **self._options,
        )
        return ModuleFit(STOPS[found[0]], *found[1:])

    def step(self, X: TensorLike, y: TensorLike, weights: TensorLike | None = None) -> ModuleFit:
        """One step, within the trust region that the step before left. Its ``cost`` is that after the step."""
        found = _talweg.levenberg_marquardt_fit(
            self.module, X, y, weights, max_iterations=1, polish=False, first_radius=self._radius, **self._options
        )
        if found[-1] > 0:
            self._radius = found[-1]
        return ModuleFit(STOPS[found[0]], *found[1:])
