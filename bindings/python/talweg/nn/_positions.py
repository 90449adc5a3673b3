"""Where in a sequence a row stands: layers on x [.., positions, width]. Positions are 0, 1, ... unless a second
argument tells them, integers [positions] or [batch, positions]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _talweg
from .._choices import number_of
from .._talweg import Parameter, float32
from ._layers import INITIALIZERS, _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator

ROTARY_PAIRS = ("halves", "neighbours")


class _Positions(_Layer):
    def forward(self, x: TensorLike, positions: TensorLike | None = None) -> Any:
        """x with its positions."""
        return self._call(x, positions)


class SinusoidalPositions(_Positions):
    """x plus sines and cosines of the positions: element 2i of row p sin(p / base^(2i / width)), element 2i + 1 the
    cosine (Vaswani et al., 2017)."""

    def __init__(self, width: int, base: float = 10000.0) -> None:
        _talweg._init_sinusoidal_positions(self, width, base)


class LearnedPositions(_Positions):
    """x plus a row of ``weight`` [most, width] for each position, which starts by N(0, 0.02^2) unless ``init`` and
    ``scale`` say otherwise (as for ``Linear``)."""

    weight: Parameter

    def __init__(
        self,
        most: int,
        width: int,
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        _talweg._init_learned_positions(
            self, most, width, dtype, number_of(init, INITIALIZERS, "init"), scale, generator
        )
        self._bind()


class RotaryPositions(_Positions):
    """Pairs of elements of queries or keys turned by angles of their positions (Su et al., 2021).

    Args:
        width: how many elements of a row, from the first on, are turned; None for all
        pairs: "halves" (i and i + width / 2, as in GPT-NeoX and Hugging Face's LLaMA) or "neighbours" (2i and 2i + 1,
            as in the paper)
        offset: added to the positions: how many a cache holds already
    """

    def __init__(
        self, width: int | None = None, base: float = 10000.0, *, pairs: str = "halves", offset: int = 0
    ) -> None:
        _talweg._init_rotary(self, number_of(pairs, ROTARY_PAIRS, "pairs"), base, width or 0, offset)
