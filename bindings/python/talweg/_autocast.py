"""Mixed precision: a context manager, also a decorator."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any

from ._talweg import _set_mixed_precision, bfloat16
from ._talweg import _dtype as dtype_of

if TYPE_CHECKING:
    from ._talweg import DTypeLike


class autocast(ContextDecorator):
    """Products of float32 within take their factors in bfloat16 and sum in float32: ``with tw.autocast():`` or
    ``@tw.autocast()``.

    It concerns matmul, nn.functional.linear and the layers made of them; parameters and results stay float32, and
    losses need no scaling. ``talweg.fit`` within trains so too. The backward pass may come after the block: its
    products are as those of the forward pass. It can only be faster where the CPU multiplies bfloat16
    (``talweg.has_bfloat16()``). What a product keeps for its gradient is kept in bfloat16.

    Args:
        device_type: "cpu", the one there is
        dtype: of the factors: bfloat16
        enabled: False switches it off, also within another block
    """

    def __init__(self, device_type: str = "cpu", dtype: DTypeLike = bfloat16, enabled: bool = True) -> None:
        if device_type != "cpu":
            raise ValueError(f'autocast: device_type is "cpu", not {device_type!r}')
        if dtype_of(dtype) != bfloat16:
            raise ValueError(f"autocast: the factors of products are bfloat16, not {dtype_of(dtype)}")
        self._enabled = enabled

    def __enter__(self) -> None:
        self._before = _set_mixed_precision(self._enabled)

    def __exit__(self, *error: Any) -> None:
        _set_mixed_precision(self._before)

    def _recreate_cm(self) -> autocast:
        return type(self)(enabled=self._enabled)  # a decorated function may run in itself and in threads
