"""What is done to the parameters of a network all together; sequences of different lengths (`rnn`); `checkpoint`."""

from __future__ import annotations

from collections.abc import Iterable

from ..._talweg import Tensor, clip_grad_norm
from ...autograd import checkpoint
from .._module import Module
from . import rnn

__all__ = ["checkpoint", "clip_grad_norm_", "rnn"]


def clip_grad_norm_(parameters: Module | Tensor | Iterable[Tensor], max_norm: float) -> float:
    """Scales the gradients, in place, so that their norm all together is at most ``max_norm``
    (Pascanu, Mikolov and Bengio, 2013), and gives the norm that it was. A norm that is not finite is a
    ``TalwegError`` and changes nothing."""
    if isinstance(parameters, Module):
        parameters = parameters.parameters()
    elif isinstance(parameters, Tensor):
        parameters = [parameters]
    return clip_grad_norm(parameters, max_norm)
