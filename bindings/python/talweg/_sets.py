"""The distinct elements of a tensor, in ascending order; every NaN is distinct."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import _talweg

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike


class UniqueAll(NamedTuple):
    """What ``unique_all`` gives."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What ``unique_counts`` gives."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What ``unique_inverse`` gives."""

    values: Tensor
    inverse_indices: Tensor


def unique_all(x: TensorLike, /) -> UniqueAll:
    """The distinct elements, where each is found first in row-major order, which of them each element is (in x's
    shape), and how often each is there.
    """
    return UniqueAll(*_talweg._unique(x, True, True, True))


def unique_counts(x: TensorLike, /) -> UniqueCounts:
    """The distinct elements and how often each is there."""
    return UniqueCounts(*_talweg._unique(x, False, False, True))


def unique_inverse(x: TensorLike, /) -> UniqueInverse:
    """The distinct elements and which of them each element is, in x's shape."""
    return UniqueInverse(*_talweg._unique(x, False, True, False))


def unique_values(x: TensorLike, /) -> Tensor:
    """The distinct elements."""
    return _talweg._unique(x, False, False, False)[0]
