"""Layers of pooling, with PyTorch's names, arguments and defaults."""

from __future__ import annotations

from collections.abc import Sequence

from .._talweg import _init_adaptive_pool, _init_global_average_pool, _init_pool
from ._layers import _Layer


class MaxPool1d(_Layer):
    """The greatest element of each window of [n, channels, length]. ``stride`` is the window's size unless it is given;
    ``padding`` counts for nothing; with ``ceil_mode`` positions that are left over have a window of their own."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        _init_pool(self, False, 1, kernel_size, stride, padding, dilation, ceil_mode, True, None)


class MaxPool2d(_Layer):
    """The greatest element of each window of [n, channels, height, width]; arguments as of ``MaxPool1d``, where numbers
    may be pairs."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        _init_pool(self, False, 2, kernel_size, stride, padding, dilation, ceil_mode, True, None)


class AvgPool1d(_Layer):
    """The mean of each window of [n, channels, length]. ``stride`` is the window's size unless it is given;
    ``padding`` is of zeros, which count if ``count_include_pad``; with ``ceil_mode`` positions that are left over have
    a window of their own."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        _init_pool(self, True, 1, kernel_size, stride, padding, 1, ceil_mode, count_include_pad, None)


class AvgPool2d(_Layer):
    """The mean of each window of [n, channels, height, width]; arguments as of ``AvgPool1d``, where numbers may be
    pairs. ``divisor_override`` is what sums are divided by instead of the count."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        _init_pool(self, True, 2, kernel_size, stride, padding, 1, ceil_mode, count_include_pad, divisor_override)


class AdaptiveAvgPool1d(_Layer):
    """The mean of each of ``output_size`` windows that cover [n, channels, length]: window i has the positions
    floor(i length / output_size) to ceil((i + 1) length / output_size)."""

    def __init__(self, output_size: int | None | Sequence[int | None]) -> None:
        _init_adaptive_pool(self, True, 1, output_size)


class AdaptiveAvgPool2d(_Layer):
    """The mean of each of ``output_size`` windows, a number or a pair, that cover [n, channels, height, width]; None is
    the input's own size."""

    def __init__(self, output_size: int | None | Sequence[int | None]) -> None:
        _init_adaptive_pool(self, True, 2, output_size)


class AdaptiveMaxPool1d(_Layer):
    """The greatest element of each window of ``AdaptiveAvgPool1d``."""

    def __init__(self, output_size: int | None | Sequence[int | None]) -> None:
        _init_adaptive_pool(self, False, 1, output_size)


class AdaptiveMaxPool2d(_Layer):
    """The greatest element of each window of ``AdaptiveAvgPool2d``."""

    def __init__(self, output_size: int | None | Sequence[int | None]) -> None:
        _init_adaptive_pool(self, False, 2, output_size)


class GlobalAveragePool(_Layer):
    """The mean over all positions: [n, channels, ..] -> [n, channels]."""

    def __init__(self) -> None:
        _init_global_average_pool(self)
