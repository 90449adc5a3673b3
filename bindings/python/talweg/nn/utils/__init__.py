"""What is done to the parameters of a network all together; sequences of different lengths (`rnn`); `checkpoint`."""

from __future__ import annotations

from collections.abc import Iterable

from ..._talweg import Tensor, clip_grad_norm, clip_grad_value
from ...autograd import checkpoint
from .._module import Module
from . import rnn

__all__ = ["checkpoint", "clip_grad_norm_", "clip_grad_value_", "rnn"]


def clip_grad_norm_(parameters: Module | Tensor | Iterable[Tensor], max_norm: float) -> float:
    """Scales the gradients, in place, so that their norm all together is at most ``max_norm``
    (Pascanu, Mikolov and Bengio, 2013), and gives the norm that it was. A norm that is not finite is a
    ``TalwegError`` and changes nothing."""
    return clip_grad_norm(_listed(parameters), max_norm)


def clip_grad_value_(parameters: Module | Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Holds every element of the gradients, in place, within ``-clip_value`` and ``clip_value``. A NaN is a
    ``TalwegError`` and changes nothing."""
    clip_grad_value(_listed(parameters), clip_value)


def _listed(parameters: Module | Tensor | Iterable[Tensor]) -> Iterable[Tensor]:
    if isinstance(parameters, Module):
        return parameters.parameters()
    return [parameters] if isinstance(parameters, Tensor) else parameters
