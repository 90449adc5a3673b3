"""Context managers, also decorators, that switch recording for a while."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any

from ._talweg import set_grad_enabled


class _GradMode(ContextDecorator):
    enabled: bool

    def __enter__(self) -> None:
        self._before = set_grad_enabled(self.enabled)

    def __exit__(self, *error: Any) -> None:
        set_grad_enabled(self._before)

    def _recreate_cm(self) -> _GradMode:
        return type(self)()  # a decorated function may run in itself and in threads


class no_grad(_GradMode):
    """Operations within are not recorded: ``with tw.no_grad():`` or ``@tw.no_grad()``."""

    enabled = False


class enable_grad(_GradMode):
    """Operations within are recorded, also inside ``no_grad``."""

    enabled = True
