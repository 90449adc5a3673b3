"""How parameters start: functions that overwrite a tensor's elements, in place and off the tape, and give it back.

Of a shape [outputs, inputs, ..] the fans are the sizes of these axes, each times those behind. Numbers come from
``generator``, by default the process's: the same seed gives the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .. import _talweg, random
from .._choices import number_of
from .._talweg import Tensor
from ._activation_kinds import KINDS
from ._layers import INITIALIZERS

if TYPE_CHECKING:
    from ..random import Generator

    Mode = Literal["fan_in", "fan_out"]

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

_NONLINEARITIES = {"linear": "identity", "conv1d": "identity", "conv2d": "identity"}
_FANS = ("fan_in", "fan_out", "fan_average")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The gain of a weight before a nonlinearity that keeps the variance: "linear", "sigmoid", "tanh", "relu",
    "leaky_relu" (of slope ``param``, 0.01 by default) or "selu". ValueError for others."""
    kind = number_of(_NONLINEARITIES.get(nonlinearity, nonlinearity), KINDS, "nonlinearity")
    return _talweg._initializer_gain(kind, 0.01 if param is None else param)


def _start(
    tensor: Tensor,
    initializer: str,
    generator: Generator | None = None,
    *,
    gain: float = 0.0,
    fan: str = "fan_in",
    mean: float = 0.0,
    scale: float = 1.0,
    low: float = -2.0,
    high: float = 2.0,
    groups: int = 1,
) -> Tensor:
    number = INITIALIZERS.index(initializer)
    mode = number_of(fan, _FANS, "mode")
    _talweg._initialize(tensor, number, gain, mode, mean, scale, low, high, groups, generator)
    return tensor


def _scaled(
    tensor: Tensor, initializer: str, generator: Generator | None, gain: float, fan: str = "fan_in"
) -> Tensor:
    # To the engine a gain of 0 is the initialiser's own.
    return _start(tensor, initializer if gain != 0 else "zeros", generator, gain=gain, fan=fan)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """U(a, b)."""
    tensor.assign(random.uniform(tensor.shape, a, b, dtype=tensor.dtype, generator=generator))
    return tensor


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """N(mean, std^2)."""
    tensor.assign(random.normal(tensor.shape, mean, std, dtype=tensor.dtype, generator=generator))
    return tensor


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """N(mean, std^2) between a and b."""
    return _start(tensor, "truncated_normal", generator, mean=mean, scale=std, low=a, high=b)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """All ``val``."""
    return _start(tensor, "constant", scale=val)


def ones_(tensor: Tensor) -> Tensor:
    """All 1."""
    return _start(tensor, "ones")


def zeros_(tensor: Tensor) -> Tensor:
    """All 0."""
    return _start(tensor, "zeros")


def eye_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """``gain`` times the identity matrix."""
    if tensor.ndim != 2:
        raise ValueError(f"eye_: the tensor has shape {list(tensor.shape)}; two axes are needed")
    return _scaled(tensor, "eye", None, gain)


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Of a convolution's weight [outputs, inputs, ..]: each channel goes through unchanged."""
    return _start(tensor, "dirac", groups=groups)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """U(-a, a), a = gain * sqrt(6 / (fan in + fan out)) (Glorot and Bengio, 2010)."""
    return _scaled(tensor, "xavier_uniform", generator, gain)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """N(0, 2 * gain^2 / (fan in + fan out)) (Glorot and Bengio, 2010)."""
    return _scaled(tensor, "xavier_normal", generator, gain)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: Mode = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """U(-b, b), b = gain * sqrt(3 / fan), with the gain of a nonlinearity whose slope is ``a`` (He et al., 2015)."""
    return _scaled(tensor, "he_uniform", generator, calculate_gain(nonlinearity, a), mode)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: Mode = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    """N(0, gain^2 / fan), with the gain of a nonlinearity whose slope is ``a`` (He et al., 2015)."""
    return _scaled(tensor, "he_normal", generator, calculate_gain(nonlinearity, a), mode)


def lecun_uniform_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """U(-a, a), a = sqrt(3 / fan in) (LeCun et al., 1998)."""
    return _start(tensor, "lecun_uniform", generator)


def lecun_normal_(tensor: Tensor, generator: Generator | None = None) -> Tensor:
    """N(0, 1 / fan in) (LeCun et al., 1998)."""
    return _start(tensor, "lecun_normal", generator)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    """``gain`` times a matrix with orthonormal rows or columns, whichever are fewer; axes behind the first count as
    one (Saxe, McClelland and Ganguli, 2014)."""
    return _scaled(tensor, "orthogonal", generator, gain)
