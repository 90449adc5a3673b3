"""Dropout and its kin: active in training mode alone. Each layer's stream of random numbers is that of its seed, by
default one of its own that is drawn from the process's generator."""

from __future__ import annotations

from typing import Literal

from .. import _talweg, random
from .._choices import number_of
from ._layers import _Layer

DEPTH_MODES = ("row", "batch")


def _seed(seed: int | None) -> int:
    return int(random.integers((), 2**63 - 1)) if seed is None else seed


class Dropout(_Layer):
    """Zeroes each element with probability p, 0 <= p < 1, and scales the others by
    1 / (1 - p) (Srivastava et al., 2014)."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        self._init_dropout(p, _seed(seed))


class Dropout1d(_Layer):
    """Zeroes whole channels of [batch, channels, length] or [channels, length] with probability p, and scales the
    others by 1 / (1 - p) (Tompson et al., 2015)."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        _talweg._init_channel_dropout(self, p, 0, _seed(seed))


class Dropout2d(_Layer):
    """Zeroes whole channels of [batch, channels, height, width] or [batch, channels, length] with probability p, and
    scales the others by 1 / (1 - p) (Tompson et al., 2015)."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        _talweg._init_channel_dropout(self, p, 0, _seed(seed))


class AlphaDropout(_Layer):
    """Elements take SELU's negative limit with probability p, and all are scaled and shifted so that mean 0 and
    variance 1 stay (Klambauer et al., 2017)."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        _talweg._init_alpha_dropout(self, p, 0, _seed(seed))


class FeatureAlphaDropout(_Layer):
    """``AlphaDropout`` of whole channels of [batch, channels, ..] or [channels, length]."""

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None) -> None:
        _talweg._init_alpha_dropout(self, p, 1, _seed(seed))


class StochasticDepth(_Layer):
    """Zeroes all of an example ("row", a position of axis 0) or of the batch ("batch") with probability p, and scales
    the others by 1 / (1 - p): at the end of a residual branch (Huang et al., 2016)."""

    def __init__(self, p: float, mode: Literal["row", "batch"] = "row", *, seed: int | None = None) -> None:
        _talweg._init_stochastic_depth(self, p, number_of(mode, DEPTH_MODES, "mode"), _seed(seed))
