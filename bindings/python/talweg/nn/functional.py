"""The functions that layers are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .._talweg import (
    avg_pool1d,
    avg_pool2d,
    batch_norm,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    cross_entropy,
    dropout,
    elu,
    embedding,
    gelu_tanh,
    gru,
    gru_cell,
    layer_norm,
    leaky_relu,
    linear,
    log_softmax,
    lstm,
    lstm_cell,
    max_pool1d,
    max_pool2d,
    mse_loss,
    relu,
    rms_norm,
    scaled_dot_product_attention,
    self_attention,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from .._talweg import gelu as _gelu

if TYPE_CHECKING:
    from .._talweg import Tensor, TensorLike

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "gru",
    "gru_cell",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "max_pool1d",
    "max_pool2d",
    "mse_loss",
    "relu",
    "rms_norm",
    "scaled_dot_product_attention",
    "self_attention",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def gelu(x: TensorLike, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """x Phi(x), or with ``approximate="tanh"`` its approximation by tanh (Hendrycks and Gimpel, 2016)."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is {approximate!r}; 'none' or 'tanh' is needed")
    return _gelu(x) if approximate == "none" else gelu_tanh(x)
