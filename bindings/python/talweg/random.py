"""Random numbers: a pure function of seed and position, the same on any number of threads.

Without a generator they come from the process's own, which ``talweg.seed`` seeds. The bits are those of Philox
4x32-10 (Salmon, Moraes, Dror and Shaw, SC 2011), a counter of 64 bits encrypted under the seed as key: an element
is made of the words at its own positions. A generator's ``state`` is its seed and its position; it can be
pickled and copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import _talweg
from ._talweg import Generator, random_normal, random_permutation, random_uniform

if TYPE_CHECKING:
    from ._talweg import DTypeLike, Tensor, TensorLike

__all__ = [
    "Generator",
    "bernoulli",
    "categorical",
    "exponential",
    "get_state",
    "integers",
    "normal",
    "permutation",
    "set_state",
    "uniform",
]


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


def integers(
    shape: int | Sequence[int],
    low: int,
    high: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> Tensor:
    """Whole numbers in low ... high - 1, all equally likely, int64 by default; with one bound 0 ... low - 1.

    By Lemire's method (ACM TOMACS 29, 2019); what it refuses is drawn again from the same position of another
    stream.
    """
    first, last = (0, low) if high is None else (low, high)
    return _talweg.random_integers(shape, first, last, dtype, generator)


def exponential(
    shape: int | Sequence[int],
    scale: float = 1.0,
    *,
    dtype: DTypeLike | None = None,
    generator: Generator | None = None,
) -> Tensor:
    """Exponential numbers with mean ``scale``, of a floating dtype, float64 by default."""
    return _talweg.random_exponential(shape, scale, dtype, generator)


def permutation(x: int | TensorLike, axis: int = 0, *, generator: Generator | None = None) -> Tensor:
    """A random order of 0 ... x - 1, as int64 [x]; of a tensor its positions along an axis in a random order."""
    if isinstance(x, int):
        return random_permutation(x, generator)
    return _talweg.random_permuted(x, axis, generator)


def bernoulli(p: TensorLike, *, generator: Generator | None = None) -> Tensor:
    """Whether each of independent events with the probabilities ``p`` happens, as bool."""
    return _talweg.random_bernoulli(p, generator)


def categorical(
    p: TensorLike | None = None,
    *,
    logits: TensorLike | None = None,
    count: int | None = None,
    replacement: bool = True,
    generator: Generator | None = None,
) -> Tensor:
    """Positions of the last axis, drawn by the weights that lie there: ``p``, or their logarithms ``logits``.

    Weights need not sum to 1. Gives int64 [.., count], without ``count`` one draw each: [..]. With ``replacement``
    by the inverse of the distribution function; without, those of the greatest log weight + Gumbel number (Kool,
    van Hoof and Welling, ICML 2019), which are as if drawn one after another.
    """
    if (p is None) == (logits is None):
        raise ValueError("categorical: either p or logits must be given")
    weights = logits if p is None else p
    assert weights is not None
    draws = _talweg.random_categorical(weights, p is None, 1 if count is None else count, replacement, generator)
    return _talweg.squeeze(draws, -1) if count is None else draws


def get_state() -> tuple[int, int]:
    """Seed and position of the process's generator."""
    return _talweg.random_get_state()


def set_state(state: tuple[int, int]) -> None:
    """Sets the process's generator to what ``get_state`` gave."""
    _talweg.random_set_state(state)
