"""Averages of a model's weights over the steps: exponential, and equal for stochastic weight averaging.

    ema = tw.optim.EMA(model, decay=0.999)
    for x, y in batches:
        ...
        optimizer.step()
        ema.update()
    with ema.applied():
        evaluate(model)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from typing import Any

from .. import _talweg
from .._talweg import Tensor, load_safetensors, save_safetensors
from ..nn import Module

__all__ = ["EMA", "AveragedModel", "get_ema_multi_avg_fn"]


class _Average(_talweg.Average):
    """Averages of the parameters and persistent buffers of ``module``, beside them: at first as they are, after the
    first update those of that, then averages."""

    #: What is averaged.
    module: Module

    def _start(self, module: Module, decay: float | None, bias_correction: bool, use_buffers: bool) -> None:
        self._init(module, decay, bias_correction, use_buffers)
        self.module = module

    @property
    def n_averaged(self) -> int:
        """How many updates were made."""
        return self._updates()

    @contextmanager
    def applied(self) -> Iterator[Module]:
        """Puts the averages in the model's place for the length of a with statement."""
        self._apply()
        try:
            yield self.module
        finally:
            self._restore()

    def copy_to(self, module: Module | None = None) -> None:
        """Overwrites what a model holds (None: the averaged one), of the same paths and shapes, with the averages."""
        self._copy_to(self.module if module is None else module)

    def average(self, path: str) -> Tensor:
        """A copy of the average of what the model has at a path, such as "0.weight"."""
        return self._average(path)

    def state_dict(self) -> dict[str, Tensor]:
        """The averages and how many updates they hold."""
        return self._state()

    def load_state_dict(self, state_dict: Mapping[str, Tensor]) -> None:
        """Takes over a state that ``state_dict`` gave. ValueError, with nothing changed and every name told that is
        missing, unexpected or differs, if it is of another kind or model."""
        self._set_state(dict(state_dict))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the state to a safetensors file, which is replaced as a whole or not at all."""
        save_safetensors(path, self._state())

    def load(self, path: str | PathLike[str]) -> None:
        """``load_state_dict`` from a file that ``save`` wrote."""
        self._set_state(load_safetensors(path))


class EMA(_Average):
    """Exponential averages: average += (1 - decay) (weight - average).

    With ``bias_correction``, update n weighs (1 - decay) / (1 - decay^n), as if the average had been going on for
    ever. ``use_buffers`` averages the buffers too that are numbers with fractions, instead of keeping the newest.
    """

    def __init__(
        self, module: Module, decay: float = 0.999, bias_correction: bool = False, use_buffers: bool = False
    ) -> None:
        self._start(module, float(decay), bias_correction, use_buffers)

    def update(self) -> None:
        """Takes the model's weights into the averages."""
        self._update()


class _ExponentialAverage:
    def __init__(self, decay: float) -> None:
        self.decay = decay


def get_ema_multi_avg_fn(decay: float = 0.999) -> _ExponentialAverage:
    """Makes an ``AveragedModel`` average exponentially."""
    return _ExponentialAverage(decay)


class AveragedModel(_Average):
    """Equal averages (Izmailov et al., 2018), or with ``multi_avg_fn=get_ema_multi_avg_fn(decay)`` exponential ones.
    Called, it is the model with the averages in its place."""

    def __init__(
        self, model: Module, multi_avg_fn: _ExponentialAverage | None = None, use_buffers: bool = False
    ) -> None:
        if multi_avg_fn is not None and not isinstance(multi_avg_fn, _ExponentialAverage):
            raise TypeError("multi_avg_fn is what get_ema_multi_avg_fn gives, or None for equal averages")
        self._start(model, None if multi_avg_fn is None else multi_avg_fn.decay, False, use_buffers)

    def update_parameters(self, model: Module | None = None) -> None:
        """Takes the model's weights into the averages."""
        if model is not None and model is not self.module:
            raise ValueError("the averages are of another model")
        self._update()

    def __call__(self, *inputs: Any) -> Any:
        with self.applied() as module:
            return module(*inputs)
