"""Layers of normalisation, with PyTorch's names, arguments and defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._talweg import (
    Parameter,
    Tensor,
    _init_channel_norm,
    _init_group_norm,
    _init_local_response_norm,
    _init_row_norm,
    float32,
)
from ._layers import _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike


class _ChannelNorm(_Layer):
    """What batch norm and instance norm have in common."""

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def _make(
        self,
        instance: bool,
        spatial: int,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        relu: bool,
        dtype: DTypeLike,
    ) -> None:
        _init_channel_norm(
            self, instance, spatial, num_features, eps, momentum, affine, track_running_stats, relu, dtype
        )
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        if not affine:
            self.weight = self.bias = None
        if not track_running_stats:
            self.running_mean = self.running_var = self.num_batches_tracked = None
        self._bind()

    def forward(self, x: TensorLike, residual: TensorLike | None = None) -> Tensor:
        """The norm of x, plus a residual of its shape."""
        if residual is None:
            return self._forward(x)
        y: Tensor = self._call(x, residual)
        return y


class BatchNorm1d(_ChannelNorm):
    """Batch norm (Ioffe and Szegedy, 2015) of [n, num_features] or [n, num_features, length]: of each channel
    (x - mean) / sqrt(variance + eps) * weight + bias.

    In training mode with the batch's statistics, towards which ``running_mean`` and ``running_var`` move by
    ``momentum`` (None: they are the average of all batches); in evaluation mode with these. With ``relu`` the result is
    max(y, 0), made in the same pass; a second argument of a call is a residual, added before it."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        relu: bool = False,
        dtype: DTypeLike = float32,
    ) -> None:
        self._make(False, 1, num_features, eps, momentum, affine, track_running_stats, relu, dtype)


class BatchNorm2d(_ChannelNorm):
    """``BatchNorm1d`` of [n, num_features, height, width]."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        relu: bool = False,
        dtype: DTypeLike = float32,
    ) -> None:
        self._make(False, 2, num_features, eps, momentum, affine, track_running_stats, relu, dtype)


class InstanceNorm1d(_ChannelNorm):
    """Instance norm (Ulyanov, Vedaldi and Lempitsky, 2016) of [n, num_features, length]: each channel of each example
    over its positions. With ``track_running_stats`` evaluation uses running statistics."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        relu: bool = False,
        dtype: DTypeLike = float32,
    ) -> None:
        self._make(True, 1, num_features, eps, momentum, affine, track_running_stats, relu, dtype)


class InstanceNorm2d(_ChannelNorm):
    """``InstanceNorm1d`` of [n, num_features, height, width]."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        relu: bool = False,
        dtype: DTypeLike = float32,
    ) -> None:
        self._make(True, 2, num_features, eps, momentum, affine, track_running_stats, relu, dtype)


class LayerNorm(_Layer):
    """Layer norm (Ba, Kiros and Hinton, 2016) over the last axes, of sizes ``normalized_shape``: (x - mean) /
    sqrt(variance + eps) * weight + bias. A second argument of a call is added to x first."""

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = float32,
    ) -> None:
        _init_row_norm(self, True, normalized_shape, eps, elementwise_affine, bias, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = normalized_shape, eps, elementwise_affine
        if not elementwise_affine:
            self.weight = None
        if not elementwise_affine or not bias:
            self.bias = None
        self._bind()

    def forward(self, x: TensorLike, residual: TensorLike | None = None) -> Tensor:
        """The norm of x, or of x + residual."""
        if residual is None:
            return self._forward(x)
        y: Tensor = self._call(x, residual)
        return y


class RMSNorm(_Layer):
    """RMS norm (Zhang and Sennrich, 2019) over the last axes, of sizes ``normalized_shape``: x / sqrt(mean(x^2) + eps)
    * weight. ``eps=None`` is the gap between 1 and the next number of the input's dtype."""

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = float32,
    ) -> None:
        _init_row_norm(self, False, normalized_shape, eps, elementwise_affine, False, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = normalized_shape, eps, elementwise_affine
        if not elementwise_affine:
            self.weight = None
        self._bind()


class GroupNorm(_Layer):
    """Group norm (Wu and He, 2018) of [n, num_channels, ..]: each of ``num_groups`` groups of channels of each example,
    (x - mean) / sqrt(variance + eps) * weight + bias with ``weight`` and ``bias`` [num_channels]."""

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: DTypeLike = float32,
    ) -> None:
        _init_group_norm(self, num_groups, num_channels, eps, affine, dtype)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        if not affine:
            self.weight = self.bias = None
        self._bind()


class LocalResponseNorm(_Layer):
    """Local response norm (Krizhevsky, Sutskever and Hinton, 2012) of [n, channels, ..]: x / (k + alpha * mean of x^2
    over ``size`` neighbouring channels)^beta."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        _init_local_response_norm(self, size, alpha, beta, k)
