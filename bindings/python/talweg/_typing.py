"""Types that only type checkers look at."""

from __future__ import annotations

from typing import Any, Protocol


class SupportsDLPack(Protocol):
    """An array or tensor of any library that speaks DLPack."""

    def __dlpack__(self, *, stream: Any = ...) -> Any: ...
    def __dlpack_device__(self) -> tuple[Any, int]: ...
