"""The functions that layers are made of."""

from .._talweg import scaled_dot_product_attention, self_attention

__all__ = ["scaled_dot_product_attention", "self_attention"]
