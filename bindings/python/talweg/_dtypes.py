"""Dtypes: what kind they are, what they hold, what they become together."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _talweg
from ._talweg import DType

if TYPE_CHECKING:
    from ._talweg import DTypeLike, Tensor, TensorLike

_KINDS = {
    "bool": ("bool",),
    "int": ("signed integer", "integral", "numeric"),
    "uint": ("unsigned integer", "integral", "numeric"),
    "float": ("real floating", "numeric"),
    "bfloat": ("real floating", "numeric"),
}
KIND_NAMES = ("bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric")

# Bits of the exponent and of the fraction.
_FORMATS = {"float16": (5, 10), "bfloat16": (8, 7), "float32": (8, 23), "float64": (11, 52)}


def kinds_of(dtype: DType) -> tuple[str, ...]:
    """The array API's names for the kinds that a dtype is of."""
    return _KINDS[dtype.name.rstrip("0123456789")]


def dtype_of(x: Any) -> DType:
    """The dtype that x is, names or has."""
    if isinstance(x, DType):
        return x
    has_one = hasattr(x, "dtype") and not isinstance(x, type)
    return _talweg._dtype(x.dtype if has_one else x)


@dataclass(frozen=True, slots=True)
class FloatInfo:
    """What a floating dtype holds: its limits as Python floats."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@dataclass(frozen=True, slots=True)
class IntegerInfo:
    """What an integer dtype holds."""

    bits: int
    max: int
    min: int
    dtype: DType


def finfo(type: DTypeLike | Tensor, /) -> FloatInfo:
    """The limits of a floating dtype, or of a tensor's: bits, eps, max, min, smallest_normal."""
    dtype = dtype_of(type)
    if dtype.name not in _FORMATS:
        raise TypeError(f"finfo: {dtype} is no floating dtype")
    exponent_bits, fraction_bits = _FORMATS[dtype.name]
    greatest_exponent = 2 ** (exponent_bits - 1) - 1
    eps = 2.0**-fraction_bits
    greatest = (2 - eps) * 2.0**greatest_exponent
    return FloatInfo(8 * dtype.itemsize, eps, greatest, -greatest, 2.0 ** (1 - greatest_exponent), dtype)


def iinfo(type: DTypeLike | Tensor, /) -> IntegerInfo:
    """The limits of an integer dtype, or of a tensor's: bits, max, min."""
    dtype = dtype_of(type)
    kinds = kinds_of(dtype)
    if "integral" not in kinds:
        raise TypeError(f"iinfo: {dtype} is no integer dtype")
    bits = 8 * dtype.itemsize
    if "unsigned integer" in kinds:
        return IntegerInfo(bits, 2**bits - 1, 0, dtype)
    return IntegerInfo(bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), dtype)


def isdtype(dtype: DTypeLike, kind: DTypeLike | tuple[DTypeLike, ...]) -> bool:
    """Whether a dtype is another, is of a kind, or either of a tuple of such.

    Kinds: "bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric".
    """
    found = dtype_of(dtype)
    if isinstance(kind, tuple):
        return any(isdtype(found, one) for one in kind)
    if isinstance(kind, str) and kind in KIND_NAMES:
        return kind in kinds_of(found)
    if isinstance(kind, str):
        raise ValueError(f"isdtype: {kind!r} is no kind of dtype; the kinds are {', '.join(KIND_NAMES)}")
    return found == kind


def result_type(*arrays_and_dtypes: TensorLike | DTypeLike) -> DType:
    """The dtype that tensors, dtypes and Python numbers become together.

    Numbers give way: an integer beside a floating dtype, both beside one that holds their kind.
    """
    if not arrays_and_dtypes:
        raise ValueError("result_type: at least one tensor or dtype is needed")
    numbers: list[float] = []
    dtypes: list[DType] = []
    for x in arrays_and_dtypes:
        if isinstance(x, bool | int | float):
            numbers.append(x)
        else:
            dtypes.append(dtype_of(x))
    if not dtypes:
        return functools.reduce(_promoted, (_talweg.asarray(number).dtype for number in numbers))
    result = functools.reduce(_promoted, dtypes)
    for number in numbers:
        result = _beside(number, result)
    return result


def can_cast(from_: DTypeLike | Tensor, to: DTypeLike, /) -> bool:
    """Whether a dtype becomes another by promotion."""
    target = dtype_of(to)
    return _promoted(dtype_of(from_), target) == target


def astype(x: TensorLike, dtype: DTypeLike, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """The elements converted; without ``copy`` a tensor of that dtype is given back as it is."""
    return _talweg.asarray(x, device=device).astype(dtype, copy=copy)


@functools.cache
def _promoted(a: DType, b: DType) -> DType:
    """The engine's own answer."""
    condition, left, right = (_talweg.zeros(0, dtype) for dtype in (_talweg.bool, a, b))
    return _talweg.where(condition, left, right).dtype


def _beside(number: float, dtype: DType) -> DType:
    tensor = _talweg.zeros(0, dtype)
    return _talweg.where(_talweg.zeros(0, _talweg.bool), tensor, number).dtype
