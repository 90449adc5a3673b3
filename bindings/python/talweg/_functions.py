"""Functions that others make up in a line or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike


def clip(x: TensorLike, min: TensorLike | None = None, max: TensorLike | None = None) -> Tensor:
    """x, moved to ``min`` where it is below and to ``max`` where it is above."""
    result = _talweg.asarray(x)
    if min is not None:
        result = _talweg.maximum(result, min)
    if max is not None:
        result = _talweg.minimum(result, max)
    return result


def swapaxes(x: TensorLike, axis0: int, axis1: int) -> Tensor:
    """A view with two axes swapped."""
    tensor = _talweg.asarray(x)
    axes = list(range(tensor.ndim))
    axes[axis0], axes[axis1] = axes[axis1], axes[axis0]
    return _talweg.permute(tensor, axes)


def take(x: TensorLike, indices: TensorLike, axis: int = 0) -> Tensor:
    """Positions along an axis: ``index_select`` under the array API's name."""
    return _talweg.index_select(x, axis, indices)


def flatten(x: TensorLike, start_axis: int = 0) -> Tensor:
    """The axes from ``start_axis`` on as one, in row-major order."""
    tensor = _talweg.asarray(x)
    return tensor.reshape(*tensor.shape[:start_axis], -1)
