"""Tensors of another's shape and dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg

if TYPE_CHECKING:
    from ._talweg import DTypeLike, Tensor, TensorLike


def _shape_and_dtype(x: TensorLike, dtype: DTypeLike | None) -> tuple[tuple[int, ...], DTypeLike]:
    tensor = _talweg.asarray(x)
    return tensor.shape, tensor.dtype if dtype is None else dtype


def empty_like(x: TensorLike, /, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """As ``zeros_like``: elements that nothing wrote are never shown."""
    shape, kind = _shape_and_dtype(x, dtype)
    return _talweg.empty(shape, kind, device=device)


def zeros_like(x: TensorLike, /, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Zeros of the shape of x, and of its dtype unless another is asked for."""
    shape, kind = _shape_and_dtype(x, dtype)
    return _talweg.zeros(shape, kind, device=device)


def ones_like(x: TensorLike, /, *, dtype: DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Ones of the shape of x, and of its dtype unless another is asked for."""
    shape, kind = _shape_and_dtype(x, dtype)
    return _talweg.ones(shape, kind, device=device)


def full_like(
    x: TensorLike, /, fill_value: float, *, dtype: DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Every element ``fill_value``, in the shape of x, and of its dtype unless another is asked for."""
    shape, kind = _shape_and_dtype(x, dtype)
    return _talweg.full(shape, fill_value, kind, device=device)
