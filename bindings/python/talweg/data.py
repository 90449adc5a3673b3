"""Batches of a data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._talweg import Batches, asarray

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike


class DataLoader:
    """Goes over inputs [n, ..] and targets [n, ..] in batches: ``for x, y in loader``,
    or ``for x in loader`` without targets. Each ``for`` is the next epoch, with an order
    of its own if shuffled; the same seed gives the same orders.

    Args:
        inputs: [n, ..]; read at each batch, not copied
        targets: [n, ..], or None
        batch_size: rows a batch
        shuffle: a new random order every epoch
        drop_last: leave out a last batch that is not full
        seed: of the orders

    Raises:
        ValueError: rows that differ, a batch size below 1
    """

    def __init__(
        self,
        inputs: TensorLike,
        targets: TensorLike | None = None,
        batch_size: int = 32,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
    ) -> None:
        self._options = (
            asarray(inputs),
            None if targets is None else asarray(targets),
            batch_size,
            shuffle,
            drop_last,
            seed,
        )
        self._batches = len(Batches(*self._options, 0))
        self.epoch = 0
        """The epoch that the next ``for`` runs; settable, to resume."""

    def __len__(self) -> int:
        """The number of batches in an epoch."""
        return self._batches

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]] | Iterator[Tensor]:
        batches = Batches(*self._options, self.epoch)
        self.epoch += 1
        return batches
