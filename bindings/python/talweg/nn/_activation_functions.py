"""Activations as functions of tensors, beside those that the engine has one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .. import _talweg
from ._activation_kinds import arguments

if TYPE_CHECKING:
    from .._talweg import Tensor, TensorLike


def _activate(x: TensorLike, kind: str, **options: Any) -> Tensor:
    return _talweg._activate(x, *arguments(kind, options))


def gelu(x: TensorLike, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """x Phi(x), or with ``approximate="tanh"`` its approximation by tanh (Hendrycks and Gimpel, 2016)."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is {approximate!r}; 'none' or 'tanh' is needed")
    return _talweg.gelu(x) if approximate == "none" else _talweg.gelu_tanh(x)


def relu6(x: TensorLike) -> Tensor:
    """min(max(x, 0), 6)"""
    return _activate(x, "relu6")


def selu(x: TensorLike) -> Tensor:
    """1.0507 times the ELU of alpha 1.6733 (Klambauer et al., 2017)."""
    return _activate(x, "selu")


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x where it is positive, else alpha * (exp(x / alpha) - 1), alpha above 0 (Barron, 2017)."""
    return _activate(x, "celu", alpha=alpha)


def mish(x: TensorLike) -> Tensor:
    """x * tanh(softplus(x)) (Misra, 2020)."""
    return _activate(x, "mish")


def softplus(x: TensorLike, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta, and x itself where beta * x is above the threshold."""
    return _activate(x, "softplus", beta=beta, threshold=threshold)


def softsign(x: TensorLike) -> Tensor:
    """x / (1 + |x|)"""
    return _activate(x, "softsign")


def hardtanh(x: TensorLike, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """min(max(x, min_val), max_val); its gradient at both is 0."""
    return _activate(x, "hardtanh", low=min_val, high=max_val)


def hardsigmoid(x: TensorLike) -> Tensor:
    """min(max(x + 3, 0), 6) / 6 (Howard et al., 2019)."""
    return _activate(x, "hardsigmoid")


def hardswish(x: TensorLike) -> Tensor:
    """x * min(max(x + 3, 0), 6) / 6 (Howard et al., 2019)."""
    return _activate(x, "hardswish")


def logsigmoid(x: TensorLike) -> Tensor:
    """log(sigmoid(x))"""
    return _activate(x, "log_sigmoid")


def tanhshrink(x: TensorLike) -> Tensor:
    """x - tanh(x)"""
    return _activate(x, "tanhshrink")


def softshrink(x: TensorLike, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by ``lambd``, and 0 where it is not further away."""
    return _activate(x, "softshrink", **{"lambda": lambd})


def hardshrink(x: TensorLike, lambd: float = 0.5) -> Tensor:
    """0 where |x| <= ``lambd``, else x."""
    return _activate(x, "hardshrink", **{"lambda": lambd})


def threshold(x: TensorLike, threshold: float, value: float) -> Tensor:
    """x where it is above the threshold, else ``value``."""
    return _activate(x, "threshold", threshold=threshold, value=value)


def softmin(x: TensorLike, dim: int = -1) -> Tensor:
    """Softmax of -x along an axis."""
    return _activate(x, "softmin", axis=dim)


def glu(x: TensorLike, dim: int = -1) -> Tensor:
    """a * sigmoid(b) of the two halves a, b of an axis (Dauphin et al., 2017)."""
    return _activate(x, "glu", axis=dim)


def swiglu(x: TensorLike, dim: int = -1) -> Tensor:
    """silu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""
    return _activate(x, "swiglu", axis=dim)


def geglu(x: TensorLike, dim: int = -1) -> Tensor:
    """gelu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""
    return _activate(x, "geglu", axis=dim)


def reglu(x: TensorLike, dim: int = -1) -> Tensor:
    """relu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""
    return _activate(x, "reglu", axis=dim)
