"""L-BFGS with a line search for the strong Wolfe conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _talweg
from ._optimizer import Optimizer, Parameters

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """L-BFGS (Liu and Nocedal, 1989), with Nocedal and Wright's line search (algorithms 3.5 and 3.6).

    A step is up to ``max_iter`` iterations, and evaluates the loss as often as they need: ``step(closure)`` makes it.
    What it learned of the curvature stays for the next. It is for losses that do not change between evaluations, of
    whole batches, and has one group of parameters.

    Args:
        lr: the first trial step of each line search, in units of the method's own
        max_eval: of the loss in a step; None: a quarter more than iterations
        tolerance_grad: a step ends when no element of the gradient is larger,
        tolerance_change: or when an iteration changes the loss, or each parameter, by less than this
        history_size: how many changes are remembered
        line_search_fn: "strong_wolfe", which there always is
    """

    _kind = "lbfgs"
    _options = ("lr",)

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = "strong_wolfe",
    ) -> None:
        if line_search_fn not in ("strong_wolfe", None):
            raise ValueError(f"line_search_fn is {line_search_fn!r}; there is 'strong_wolfe'")
        self._limits = (max_iter, max_eval or 0, tolerance_grad, tolerance_change, history_size)
        self._start(params, 0.0, 0.0, lr=lr)

    def _init(self, kind: str, max_norm: float, max_value: float, /) -> None:
        self._init_lbfgs(1.0, *self._limits)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Minimises the loss that ``closure`` evaluates: it clears the gradients, calls ``backward()`` and returns the
        loss. Gives what it returned first; after a failure the parameters are what they were."""
        return _talweg.Optimizer.step(self, closure)
