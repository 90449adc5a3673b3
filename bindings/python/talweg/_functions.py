"""Functions that others make up in a line or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._talweg import Tensor, TensorLike


def clip(x: TensorLike, /, min: TensorLike | None = None, max: TensorLike | None = None) -> Tensor:
    """x, moved to ``min`` where it is below and to ``max`` where it is above."""
    result = _talweg.asarray(x)
    if min is not None:
        result = _talweg.maximum(result, min)
    if max is not None:
        result = _talweg.minimum(result, max)
    return result


def positive(x: TensorLike, /) -> Tensor:
    """A copy; the gradient passes through."""
    return _talweg.asarray(x).copy()


def real(x: TensorLike, /) -> Tensor:
    """x itself: there are no complex dtypes."""
    return _talweg.asarray(x)


def conj(x: TensorLike, /) -> Tensor:
    """x itself: there are no complex dtypes."""
    return _talweg.asarray(x)


def swapaxes(x: TensorLike, axis0: int, axis1: int) -> Tensor:
    """A view with two axes swapped."""
    tensor = _talweg.asarray(x)
    axes = list(range(tensor.ndim))
    axes[axis0], axes[axis1] = axes[axis1], axes[axis0]
    return _talweg.permute(tensor, axes)


def take(x: TensorLike, indices: TensorLike, /, axis: int | None = None) -> Tensor:
    """Positions along an axis, which only a 1-d tensor need not name; ``indices`` of any shape take its place."""
    tensor = _talweg.asarray(x)
    if axis is None and tensor.ndim != 1:
        raise ValueError(f"take: an axis is needed for a tensor that has {tensor.ndim}")
    return _talweg.index_select(tensor, axis or 0, indices)


def matrix_transpose(x: TensorLike, /) -> Tensor:
    """A view with the last two axes swapped."""
    return _talweg.asarray(x).mT


def put_along_axis(x: TensorLike, indices: TensorLike, values: TensorLike, axis: int = -1) -> Tensor:
    """A copy of x with ``values`` written where ``take_along_axis`` would read: ``scatter`` with broadcasting."""
    tensor, positions = _talweg.asarray(x), _talweg.asarray(indices)
    axis = _axis_tuple(axis, tensor.ndim)[0]
    shape = [s if i != axis else positions.shape[i] for i, s in enumerate(tensor.shape[: positions.ndim])]
    return _talweg.scatter(tensor, axis, _talweg.broadcast_to(positions, shape), values)


def flatten(x: TensorLike, start_axis: int = 0) -> Tensor:
    """The axes from ``start_axis`` on as one, in row-major order."""
    tensor = _talweg.asarray(x)
    return tensor.reshape(*tensor.shape[:start_axis], -1)


def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """Axes moved to other positions; the others keep their order. Never copies."""
    tensor = _talweg.asarray(x)
    moved = _axis_tuple(source, tensor.ndim)
    places = _axis_tuple(destination, tensor.ndim)
    if len(moved) != len(places):
        raise ValueError(f"moveaxis: {len(moved)} axes to {len(places)} positions")
    if len(set(moved)) != len(moved) or len(set(places)) != len(places):
        raise ValueError(f"moveaxis: {source} to {destination} names one twice")
    order = [axis for axis in range(tensor.ndim) if axis not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return _talweg.permute(tensor, order)


def _axis_tuple(axes: int | Sequence[int], rank: int) -> tuple[int, ...]:
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    for axis in given:
        if not -rank <= axis < rank:
            raise IndexError(f"axis {axis} is out of range for {rank} axes")
    return tuple(axis % rank for axis in given)


def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The positions of an axis, each a view without it."""
    tensor = moveaxis(x, axis, 0)
    return tuple(tensor[i] for i in range(tensor.shape[0]))


def broadcast_arrays(*arrays: TensorLike) -> list[Tensor]:
    """Views of one shape, that of their sum."""
    import numpy

    given = [_talweg.asarray(x) for x in arrays]
    shape = numpy.broadcast_shapes(*(tensor.shape for tensor in given))
    return [_talweg.broadcast_to(tensor, shape) for tensor in given]


def meshgrid(*arrays: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid, from those of its axes, each of them 1-d.

    ``"ij"``: axis i of the results runs along tensor i; ``"xy"``: the first two axes are swapped.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    given = [_talweg.asarray(x) for x in arrays]
    for tensor in given:
        if tensor.ndim != 1:
            raise ValueError(f"meshgrid: a tensor of shape {tensor.shape} is not 1-d")
    count = len(given)
    swapped = indexing == "xy" and count > 1
    placed = []
    for i, tensor in enumerate(given):
        axis = 1 - i if swapped and i < 2 else i
        placed.append(tensor.reshape(*(-1 if j == axis else 1 for j in range(count))))
    return [view.copy() for view in broadcast_arrays(*placed)]


def diff(
    x: TensorLike, /, *, axis: int = -1, n: int = 1, prepend: TensorLike | None = None, append: TensorLike | None = None
) -> Tensor:
    """Differences of neighbours along an axis, taken ``n`` times, of x between ``prepend`` and ``append``."""
    tensor = _talweg.asarray(x)
    parts = [_talweg.asarray(part) for part in (prepend, tensor, append) if part is not None]
    if len(parts) > 1:
        tensor = _talweg.concatenate(parts, axis)
    return _talweg._diff(tensor, axis, n)
