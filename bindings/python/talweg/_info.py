"""What the namespace says of itself, as the array API standard asks: __array_namespace_info__."""

from __future__ import annotations

from typing import Any

from . import _talweg
from ._dtypes import KIND_NAMES, kinds_of
from ._talweg import DType

# Those of the standard: float16 and bfloat16 are not.
_NAMES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
)  # fmt: skip


class NamespaceInfo:
    """The devices, dtypes and abilities of talweg."""

    def capabilities(self) -> dict[str, Any]:
        """What a namespace may or may not be able to do."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": _talweg._max_rank()}

    def default_device(self) -> str:
        """The device that tensors are made on."""
        return "cpu"

    def devices(self) -> list[str]:
        """All devices: the processor."""
        return ["cpu"]

    def default_dtypes(self, *, device: str | None = None) -> dict[str, DType]:
        """The dtypes that tensors get which are made without one."""
        _check(device)
        return {"real floating": _talweg.float64, "integral": _talweg.int64, "indexing": _talweg.int64}

    def dtypes(self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """The standard's dtypes, of one kind, of some or of all."""
        _check(device)
        wanted = (kind,) if isinstance(kind, str) else kind
        for name in wanted or ():
            if name not in KIND_NAMES:
                raise ValueError(f"dtypes: {name!r} is no kind of dtype; the kinds are {', '.join(KIND_NAMES)}")
        found = {name: getattr(_talweg, name) for name in _NAMES if hasattr(_talweg, name)}
        return {
            name: dtype
            for name, dtype in found.items()
            if wanted is None or not set(wanted).isdisjoint(kinds_of(dtype))
        }


def _check(device: str | None) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f"device {device!r} is none: the only one is 'cpu'")


def __array_namespace_info__() -> NamespaceInfo:
    """What the namespace says of itself."""
    return NamespaceInfo()
