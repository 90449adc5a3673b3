"""A progress bar on long loops: tqdm where it is installed, else plain text."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol


class Progress(Protocol):
    """What the loops call."""

    def update(self, done: int, *, note: str = "", **values: float) -> None: ...

    def close(self) -> None: ...


class _Hidden:
    def update(self, done: int, *, note: str = "", **values: float) -> None:
        pass

    def close(self) -> None:
        pass


class _Tqdm:
    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def update(self, done: int, *, note: str = "", **values: float) -> None:
        parts = [f"{name}={value:.4g}" for name, value in values.items()] + ([note] if note else [])
        self._bar.set_postfix_str(", ".join(parts), refresh=False)
        # Without a step forward tqdm would not look at what changed.
        if done == self._bar.n:
            self._bar.refresh()
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class _Plain:
    """Rewrites one line on a terminal, some ten times a second; elsewhere prints a
    line every few seconds. The last state is always shown."""

    def __init__(self, total: int, label: str) -> None:
        self._total = total
        self._label = label
        self._terminal = sys.stderr.isatty()
        self._interval = 0.1 if self._terminal else 5.0
        self._shown_at = time.monotonic()
        self._line = ""
        self._shown = ""

    def update(self, done: int, *, note: str = "", **values: float) -> None:
        parts = [f"{self._label} {done}/{self._total}"]
        parts += [f"{name} {value:.4g}" for name, value in values.items()] + ([note] if note else [])
        self._line = ", ".join(parts)
        now = time.monotonic()
        if now - self._shown_at >= self._interval:
            self._shown_at = now
            self._show()

    def _show(self) -> None:
        if self._terminal:
            text = "\r" + self._line.ljust(len(self._shown))
        else:
            text = self._line + "\n"
        self._shown = self._line
        print(text, end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._line != self._shown:
            self._show()
        if self._terminal and self._shown:
            print(file=sys.stderr)


def duration(seconds: float) -> str:
    """A time as minutes and seconds, or hours before them."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def progress_bar(total: int, label: str, show: bool | None) -> Progress:
    """A bar for ``total`` steps. ``show`` None: if stderr is a terminal."""
    if show is None:
        show = sys.stderr is not None and sys.stderr.isatty()
    if not show:
        return _Hidden()
    try:
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError:
        return _Plain(total, label)
    return _Tqdm(tqdm(total=total, desc=label))


def is_hidden(progress: Progress) -> bool:
    """Whether updates show nothing, so that they need not be made."""
    return isinstance(progress, _Hidden)
