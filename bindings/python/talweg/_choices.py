"""Names that stand for the engine's enum values."""

from __future__ import annotations

from collections.abc import Sequence


def number_of(name: object, names: Sequence[str], what: str) -> int:
    """The position of ``name``; ValueError with the choices if it is none of them."""
    if name in names:
        return names.index(str(name))
    raise ValueError(f"{what} {name!r} is none of {', '.join(map(repr, names))}")
