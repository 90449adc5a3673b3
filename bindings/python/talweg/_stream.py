"""Linear least squares of rows that come in blocks and need not fit in memory."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from . import _talweg
from ._lstsq import LstsqResult

if TYPE_CHECKING:
    from ._talweg import TensorLike


class LstsqStream:
    """A linear fit of a stream of rows, in memory for about (p + k) (p + 1) numbers, as stable as QR of the whole.

        stream = tw.LstsqStream(50)
        for X, y in blocks:
            stream.push(X, y)
        fit = stream.solve()

    Whatever fails leaves the stream as it was. Streams can be pickled.

    Args:
        features: p, columns of X
        targets: k, columns of y [m, k], whose results have a leading k; None: y is [m]
        intercept: fit an intercept, which is never penalised
        ridge: the penalty, 0 or more, in the units of the sum of squares
        rank_tolerance: as in ``lstsq``
        forgetting: what each row that comes multiplies the weights of all before it by, above 0, at most 1:
            recursive least squares
    """

    def __init__(
        self,
        features: int,
        targets: int | None = None,
        *,
        intercept: bool = True,
        ridge: float = 0.0,
        rank_tolerance: float | None = None,
        forgetting: float = 1.0,
    ) -> None:
        if targets == 0:
            raise ValueError("lstsq_stream: targets is 0; None stands for a y of one axis")
        self._stream = _talweg.Stream(
            features,
            0 if targets is None else targets,
            intercept,
            ridge,
            -1.0 if rank_tolerance is None else rank_tolerance,
            forgetting,
        )

    @property
    def rows(self) -> int:
        """How many rows were pushed and not dropped again."""
        return self._stream.rows

    def push(self, X: TensorLike, y: TensorLike, weights: TensorLike | None = None) -> None:
        """Takes rows in: X [m, p] ([m] counts as one column), y [m] or [m, k], weights [m], 0 or more."""
        self._stream.push(X, y, weights)

    def drop(self, X: TensorLike, y: TensorLike, weights: TensorLike | None = None) -> None:
        """Takes rows out again that were pushed.

        Args:
            X, y: the rows
            weights: what they count now: their weights, times the forgetting factor for each row that came since

        Raises:
            TalwegError: a row cannot go: it was never there, or without it the columns would depend on each other
        """
        self._stream.drop(X, y, weights)

    def merge(self, other: LstsqStream) -> None:
        """Takes in all that another stream has seen, which stays as it is."""
        self._stream.merge(other._stream)

    def solve(self) -> LstsqResult:
        """The fit of all rows so far, in float64, as ``lstsq`` gives it; TalwegError before the first row."""
        return LstsqResult(self._stream.solve())

    def push_csv(
        self,
        path: str | PathLike[str],
        *,
        target_column: int | None = None,
        weight_column: int | None = None,
        delimiter: str = ",",
        skip_lines: int = 0,
    ) -> None:
        """Takes in the rows of a CSV file, block by block.

        Args:
            path: of the file
            target_column: the first of the targets' columns, which lie side by side; None: they are the last
            weight_column: the weights' column. The other columns are X's, in their order.
            delimiter: between the fields
            skip_lines: lines to leave out at the start
        """
        self._stream.push_csv(path, _column(target_column), _column(weight_column), delimiter, skip_lines)

    def push_npy(
        self,
        path: str | PathLike[str],
        targets: str | PathLike[str] | None = None,
        weights: str | PathLike[str] | None = None,
        *,
        target_column: int | None = None,
        weight_column: int | None = None,
    ) -> None:
        """Takes in the rows of a NumPy file, block by block, never as a whole.

        Args:
            path: of an array [n, p], or with columns of targets and weights among its own
            targets: file of the targets, [n] or [n, k]; None: they are columns of the first file
            weights: file of the weights, [n]
            target_column: the first of the targets' columns, which lie side by side; None: they are the last
            weight_column: the weights' column
        """
        self._stream.push_npy(path, targets, weights, _column(target_column), _column(weight_column))

    def to_bytes(self) -> bytes:
        """The stream's state."""
        return self._stream.save()

    @classmethod
    def from_bytes(cls, state: bytes) -> LstsqStream:
        """A stream that goes on where the one that was saved stood."""
        stream = cls.__new__(cls)
        stream._stream = _talweg.Stream.load(state)
        return stream

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)

    def __repr__(self) -> str:
        return f"LstsqStream: {self.rows} rows"


def _column(column: int | None) -> int:
    if column is None:
        return -1
    if column < 0:
        raise ValueError(f"column {column}; columns count from 0")
    return column
