"""Random numbers: a pure function of seed and position, the same on any number of threads.

Without a generator they come from the process's own, which ``talweg.seed`` seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._talweg import Generator, random_normal, random_permutation, random_uniform

if TYPE_CHECKING:
    from ._talweg import DTypeLike, Tensor

__all__ = ["Generator", "normal", "permutation", "uniform"]


def normal(
    shape: int | Sequence[int],
    mean: float = 0.0,
    std: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> Tensor:
    """Normal numbers of a floating dtype, float64 by default."""
    return random_normal(shape, mean, std, dtype, generator)


def uniform(
    shape: int | Sequence[int],
    low: float = 0.0,
    high: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> Tensor:
    """Uniform numbers in [low, high) of a floating dtype, float64 by default."""
    return random_uniform(shape, low, high, dtype, generator)


def permutation(count: int, *, generator: Generator | None = None) -> Tensor:
    """A random order of 0 ... count - 1, as int64 [count]."""
    return random_permutation(count, generator)
