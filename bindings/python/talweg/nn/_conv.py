"""Layers of convolution. Argument names and defaults are PyTorch's; those of how weights start are `Linear`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._choices import number_of
from .._talweg import Parameter, _init_convolution, float32
from ._layers import INITIALIZERS, _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike
    from ..random import Generator

# In the order of the engine's tw_pad_mode.
PADDING_MODES = ("zeros", "replicate", "reflect", "symmetric", "circular")
_KINDS = ("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d", "SeparableConv2d")


class _Convolution(_Layer):
    """What layers of convolution have in common."""

    weight: Parameter
    bias: Parameter | None

    def _make(
        self,
        kind: str,
        channels: tuple[int, int],
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int],
        padding: int | Sequence[int] | str,
        dilation: int | Sequence[int],
        output_padding: int | Sequence[int],
        groups: int,
        padding_mode: str,
        bias: bool,
        dtype: DTypeLike,
        init: str,
        scale: float,
        generator: Generator | None,
    ) -> None:
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"padding is {padding!r}; 'same', 'valid' or numbers are needed")
        _init_convolution(
            self,
            _KINDS.index(kind),
            *channels,
            kernel_size,
            stride,
            0 if isinstance(padding, str) else padding,
            dilation,
            output_padding,
            groups,
            padding == "same",
            number_of(padding_mode, PADDING_MODES, "padding_mode"),
            bias,
            dtype,
            number_of(init, INITIALIZERS, "init"),
            scale,
            generator,
        )
        self.in_channels, self.out_channels = channels
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.output_padding, self.groups, self.padding_mode = output_padding, groups, padding_mode
        if not bias and kind != "SeparableConv2d":
            self.bias = None
        self._bind()


class Conv1d(_Convolution):
    """Convolution along one axis: [n, in_channels, length] -> [n, out_channels, ..], with ``weight`` [out_channels,
    in_channels / groups, kernel_size] and ``bias`` [out_channels].

    ``padding`` is a number of positions at either end, "valid" for none, or "same" for as many as keep the length
    (of stride 1). ``padding_mode`` says what stands there: "zeros", "reflect", "replicate", "symmetric" or "circular".
    With ``groups=in_channels`` it is depthwise. ``init``, ``scale`` and ``generator`` are as of ``Linear``."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        channels = (in_channels, out_channels)
        self._make(
            "Conv1d", channels, kernel_size, stride, padding, dilation, 0, groups, padding_mode, bias, dtype, init,
            scale, generator,
        )  # fmt: skip


class Conv2d(_Convolution):
    """Convolution of images: [n, in_channels, height, width] -> [n, out_channels, .., ..], with ``weight``
    [out_channels, in_channels / groups, kernel height, kernel width] and ``bias`` [out_channels].

    Arguments are as of ``Conv1d``; numbers may be pairs, for the height and the width."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        channels = (in_channels, out_channels)
        self._make(
            "Conv2d", channels, kernel_size, stride, padding, dilation, 0, groups, padding_mode, bias, dtype, init,
            scale, generator,
        )  # fmt: skip


class ConvTranspose1d(_Convolution):
    """The transpose of ``Conv1d`` as a linear map of its input: [n, in_channels, length] -> [n, out_channels, ..], with
    ``weight`` [in_channels, out_channels / groups, kernel_size] and ``bias`` [out_channels].

    ``padding`` positions are taken away from either end of the result, and ``output_padding`` added to its end."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        padding_mode: str = "zeros",
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        channels = (in_channels, out_channels)
        self._make(
            "ConvTranspose1d", channels, kernel_size, stride, padding, dilation, output_padding, groups, padding_mode,
            bias, dtype, init, scale, generator,
        )  # fmt: skip


class ConvTranspose2d(_Convolution):
    """The transpose of ``Conv2d`` as a linear map of its input: [n, in_channels, height, width] -> [n, out_channels,
    .., ..], with ``weight`` [in_channels, out_channels / groups, kernel height, kernel width] and ``bias`` [out_channels].

    Arguments are as of ``ConvTranspose1d``; numbers may be pairs, for the height and the width."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        padding_mode: str = "zeros",
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        channels = (in_channels, out_channels)
        self._make(
            "ConvTranspose2d", channels, kernel_size, stride, padding, dilation, output_padding, groups, padding_mode,
            bias, dtype, init, scale, generator,
        )  # fmt: skip


class SeparableConv2d(_Convolution):
    """Depthwise-separable convolution (Chollet, "Xception", 2017): ``depthwise`` convolves each channel of [n,
    in_channels, height, width] by itself, ``pointwise``, of 1 x 1, mixes them to out_channels. Arguments are as of
    ``Conv2d``; bias, dtype and those of how weights start hold for both."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] | str = 0,
        dilation: int | Sequence[int] = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        channels = (in_channels, out_channels)
        self._make(
            "SeparableConv2d", channels, kernel_size, stride, padding, dilation, 0, 1, padding_mode, bias, dtype, init,
            scale, generator,
        )  # fmt: skip
