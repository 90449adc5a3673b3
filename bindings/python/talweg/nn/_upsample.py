"""Layers that make images larger, with PyTorch's names, arguments and defaults."""

from __future__ import annotations

from collections.abc import Sequence

from .._talweg import _init_pixel_shuffle, _init_upsample
from ._layers import _Layer

How = tuple["int | Sequence[int] | None", float, float, bool, bool]


def how_to_upsample(
    size: int | Sequence[int] | None,
    scale_factor: float | Sequence[float] | None,
    mode: str,
    align_corners: bool | None,
) -> How:
    """The arguments of PyTorch's interpolation as the engine takes them."""
    if (size is None) == (scale_factor is None):
        raise ValueError("upsample: either a size or a scale_factor is needed")
    if mode not in ("nearest", "linear", "bilinear"):
        raise ValueError(f"upsample: mode {mode!r} is none of 'nearest', 'linear', 'bilinear'")
    factors = list(scale_factor) if isinstance(scale_factor, Sequence) else [scale_factor or 0.0]
    if size is None and len(factors) not in (1, 2):
        raise ValueError(f"upsample: {len(factors)} numbers of scale_factor; one or two are needed")
    first, second = (1.0, 1.0) if size is not None else (float(factors[0]), float(factors[-1]))
    return (size, first, second, mode != "nearest", bool(align_corners))


class Upsample(_Layer):
    """[n, channels, length] or [n, channels, height, width] at another ``size``, or at its own times ``scale_factor``,
    rounded down; numbers may be pairs. ``mode`` is "nearest", or "linear" or "bilinear" between neighbours, with
    ``align_corners`` so that the first and last positions of both lie at one place."""

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        _init_upsample(self, how_to_upsample(size, scale_factor, mode, align_corners))


class PixelShuffle(_Layer):
    """Channels as pixels (Shi et al., 2016): [n, channels r^2, height, width] -> [n, channels, height r, width r] of a
    factor r."""

    def __init__(self, upscale_factor: int) -> None:
        _init_pixel_shuffle(self, upscale_factor)
