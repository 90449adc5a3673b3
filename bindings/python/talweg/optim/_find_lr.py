"""The search for a learning rate."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from .. import _talweg
from .._choices import number_of
from ..nn import Module
from ._optimizer import Optimizer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .._talweg import TensorLike

__all__ = ["LRFinder", "find_lr"]


class LRFinder:
    """What ``find_lr`` saw.

    Attributes:
        lrs: the rates
        losses: the smoothed losses before a step with each
        suggestion: the rate where the smoothed loss falls the fastest over the rate's logarithm, before its least;
            NaN if it never falls
    """

    def __init__(self, lrs: list[float], losses: list[float], suggestion: float) -> None:
        self.lrs = lrs
        self.losses = losses
        self.suggestion = suggestion

    def plot(self, path: str | PathLike[str] | None = None, ax: Axes | None = None) -> Axes:
        """Draws the losses over the rates, with the suggestion marked, on ``ax`` or on axes of its own, which it
        writes to ``path`` if there is one. Needs matplotlib."""
        from ..plots import _axes

        ax = _axes(ax)
        ax.plot(self.lrs, self.losses)
        if self.suggestion == self.suggestion:
            ax.axvline(self.suggestion, color="C1", linestyle="--", label=f"{self.suggestion:.3g}")
            ax.legend()
        ax.set_xscale("log")
        ax.set_xlabel("learning rate")
        ax.set_ylabel("smoothed loss")
        if path is not None:
            figure: Any = ax.figure
            figure.savefig(path)
        return ax

    def __repr__(self) -> str:
        return f"LRFinder({len(self.lrs)} rates, suggestion={self.suggestion:.6g})"


def find_lr(
    model: Module,
    optimizer: Optimizer,
    X: TensorLike,
    y: TensorLike,
    *,
    loss: str = "mse",
    batch_size: int = 32,
    shuffle: bool = True,
    seed: int = 0,
    start: float = 1e-7,
    end: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    divergence: float = 4.0,
) -> LRFinder:
    """Trains for a few steps at rising rates and looks where the loss falls the fastest (Smith, "Cyclical learning
    rates for training neural networks", 2017). Model and optimizer are afterwards as they were, bit for bit.

    Args:
        model: in training mode meanwhile
        optimizer: holds the model's parameters; its groups keep the ratios of their rates
        X, y: as for ``fit``, and converted alike
        loss: as for ``fit``
        batch_size, shuffle, seed: of the batches
        start, end, steps: the rates go from start to end in so many equal factors
        smoothing: the losses are smoothed by an exponential average that keeps this share, without its bias
        divergence: ends where the smoothed loss is above this many times the least; 0: never
    """
    from .._fit import LOSSES, _as_inputs, _as_targets, _model_dtype

    number = number_of(loss, LOSSES, "loss")
    dtype = _model_dtype(model)
    found = _talweg.find_learning_rate(
        model,
        optimizer,
        _as_inputs(X, dtype),
        _as_targets(y, dtype, loss),
        number,
        batch_size,
        shuffle,
        seed,
        start,
        end,
        steps,
        smoothing,
        divergence,
    )
    return LRFinder(*found)
