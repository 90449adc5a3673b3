"""Optimizers: they hold parameters and change them by their gradients.

The parameters are those of a Module that require a gradient, or any tensors that do.
Rates, decays and smoothings outside their ranges are ValueErrors. With a ``max_norm`` above 0, a step is made as
if the gradients were scaled down to that norm all together (``nn.utils.clip_grad_norm_`` without its pass).
"""

from __future__ import annotations

from collections.abc import Iterable

from . import _talweg
from ._talweg import Tensor
from .nn import Module

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSProp"]

Parameters = Module | Tensor | Iterable[Tensor]


class Optimizer(_talweg.Optimizer):
    """What all optimizers share: ``step()``, ``zero_grad()`` and the rate ``lr``."""

    def _hold(self, params: Parameters) -> None:
        if isinstance(params, Module):
            params = [parameter for parameter in params.parameters() if parameter.requires_grad]
        tensors = [params] if isinstance(params, Tensor) else list(params)
        if not tensors:
            raise ValueError("an optimizer needs at least one parameter")
        for tensor in tensors:
            self._add(tensor)


class SGD(Optimizer):
    """Stochastic gradient descent: v = momentum v + g, p -= lr v; ``nesterov`` looks
    ahead: p -= lr (g + momentum v). ``weight_decay`` p is added to the gradient."""

    def __init__(
        self,
        params: Parameters,
        lr: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        max_norm: float = 0.0,
    ) -> None:
        self._init_sgd(lr, momentum, nesterov, weight_decay, max_norm)
        self._hold(params)


class RMSProp(Optimizer):
    """RMSProp (Tieleman and Hinton, 2012), ``eps`` outside the root. ``alpha`` smooths
    the squared gradients; ``weight_decay`` p is added to the gradient."""

    def __init__(
        self,
        params: Parameters,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        self._init_rmsprop(lr, alpha, eps, momentum, weight_decay, max_norm)
        self._hold(params)


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015). ``weight_decay`` p is added to the gradient."""

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        max_norm: float = 0.0,
    ) -> None:
        self._init_adam(lr, *betas, eps, weight_decay, max_norm)
        self._hold(params)


class AdamW(Optimizer):
    """AdamW (Loshchilov and Hutter, 2019): p -= lr ``weight_decay`` p, apart from the gradient."""

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        max_norm: float = 0.0,
    ) -> None:
        self._init_adamw(lr, *betas, eps, weight_decay, max_norm)
        self._hold(params)
