"""Pickling and copying of tensors: what Tensor.__reduce_ex__ gives."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from . import _talweg

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._talweg import DType, Tensor

Arguments = tuple[Any, str, tuple[int, ...], bool, bool]


def reduce(tensor: Tensor, protocol: int) -> tuple[Callable[..., Tensor], Arguments]:
    """The function that makes the tensor again, and its arguments.

    By protocol 5 the elements are a buffer, which a pickler may take out of band without a copy.
    """
    if not tensor.is_leaf:
        raise ValueError("the tensor is the result of a recorded operation: detach() it to copy or pickle it")
    plain = tensor.detach().contiguous()
    elements: Any = plain.tobytes()
    if protocol >= 5 and plain.size > 0 and _has_buffer(plain.dtype):
        elements = pickle.PickleBuffer(plain)
    is_parameter = isinstance(tensor, _talweg.Parameter)
    return restore, (elements, tensor.dtype.name, tensor.shape, tensor.requires_grad, is_parameter)


def _has_buffer(dtype: DType) -> bool:
    return dtype != _talweg.bfloat16


def restore(elements: Any, dtype: str, shape: tuple[int, ...], requires_grad: bool, is_parameter: bool) -> Tensor:
    """A tensor of elements in row-major order: over their memory if that may be written, else of a copy."""
    tensor = _talweg._from_bytes(elements, dtype, shape)
    if is_parameter:
        return _talweg.Parameter(tensor, requires_grad)
    tensor.requires_grad = requires_grad
    return tensor
