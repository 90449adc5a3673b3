"""The functions that layers are made of."""

from .._talweg import (
    avg_pool1d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose1d,
    conv_transpose2d,
    linear,
    max_pool1d,
    max_pool2d,
    scaled_dot_product_attention,
    self_attention,
)

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "linear",
    "max_pool1d",
    "max_pool2d",
    "scaled_dot_product_attention",
    "self_attention",
]
