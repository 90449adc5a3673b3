"""What a fit went through."""

from __future__ import annotations

import json
import os
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STOPS = ("epochs", "early", "cancelled", "steps")
EPOCH_LISTS = (
    "loss",
    "validation_loss",
    "accuracy",
    "validation_accuracy",
    "seconds",
    "learning_rate",
    "step_seconds",
    "peak_bytes",
    "steps",
)
COUNTS = ("peak_bytes", "steps")


class Steps(NamedTuple):
    """The updates that ``record_steps`` asked for: a list for each quantity."""

    step: list[int]
    """From 1."""
    loss: list[float]
    """Mean over the rows of the update's batches, with the penalties."""
    learning_rate: list[float]
    seconds: list[float]
    """From the update before to this one."""
    bytes: list[int]
    """Of tensors, at the update's end."""


class History:
    """What a fit went through: a list with one number an epoch for each quantity
    (empty where it was not measured), and how it ended.

    Attributes:
        loss, validation_loss, accuracy, validation_accuracy: lists of floats
        metrics: a dict of such lists, for each metric of the fit's and, after "validation_", of the validation
        seconds: since the fit began, at each epoch's end
        learning_rate: at each epoch's end
        step_seconds: mean seconds of an update, without validation
        peak_bytes: the most bytes of tensors that the process had at once until the epoch's end
        steps: how many updates each epoch had
        records: the updates that ``record_steps`` asked for
        epochs: how many were run
        best_epoch: the one (from 0) with the lowest validation loss, or training loss
            if nothing was held out; None if none was run
        stop: "epochs", "steps", "early" or "cancelled"
        failed_checkpoints: how many could not be written
    """

    loss: list[float]
    validation_loss: list[float]
    accuracy: list[float]
    validation_accuracy: list[float]
    seconds: list[float]
    learning_rate: list[float]
    step_seconds: list[float]
    peak_bytes: list[int]
    steps: list[int]

    def __init__(self, found: Mapping[str, Any], metrics: Sequence[str] = ()) -> None:
        for name, values in zip(EPOCH_LISTS, found["epochs"], strict=True):
            measured: list[Any] = [] if all(map(isnan, values)) else values
            setattr(self, name, [int(value) for value in measured] if name in COUNTS else measured)
        names = [name for metric in metrics for name in (metric, f"validation_{metric}")]
        lists = zip(names, found["metrics"], strict=True)
        self.metrics: dict[str, list[float]] = {name: values for name, values in lists if not all(map(isnan, values))}
        records = dict(zip(EPOCH_LISTS, found["steps"], strict=True))
        self.records = Steps(
            [int(value) for value in records["steps"]],
            records["loss"],
            records["learning_rate"],
            records["step_seconds"],
            [int(value) for value in records["peak_bytes"]],
        )
        self.epochs = len(found["epochs"][0])
        self.best_epoch: int | None = found["best_epoch"] if found["best_epoch"] >= 0 else None
        self.stop = STOPS[found["stop"]]
        self.failed_checkpoints: int = found["failed_checkpoints"]

    def to_dict(self) -> dict[str, list[float]]:
        """The losses, accuracies, metrics and seconds that were measured, by name."""
        lists = {name: getattr(self, name) for name in EPOCH_LISTS[:4]} | self.metrics | {"seconds": self.seconds}
        return {name: values for name, values in lists.items() if values}

    def _columns(self) -> dict[str, list[float]]:
        """All that there is of epochs."""
        numbers: dict[str, list[float]] = {"epoch": list(range(1, self.epochs + 1))}
        lists = {name: getattr(self, name) for name in EPOCH_LISTS} | self.metrics
        return numbers | {name: values for name, values in lists.items() if values}

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Writes everything to a JSON file; what there is no number of is null. The file is replaced as a whole."""

        def finite(values: Sequence[float]) -> list[float | None]:
            return [value if isfinite(value) else None for value in values]

        found: dict[str, Any] = {"format": "talweg history", "version": 1, "stop": self.stop}
        if self.best_epoch is not None:
            found["best_epoch"] = self.best_epoch
        found["epochs"] = {name: finite(values) for name, values in self._columns().items()}
        if self.records.step:
            found["steps"] = {name: finite(values) for name, values in self.records._asdict().items()}
        _replace(path, json.dumps(found, indent=1) + "\n")

    def to_csv(self, path: str | os.PathLike[str], *, steps: bool = False) -> None:
        """Writes a line an epoch, or an update that ``record_steps`` asked for, to a CSV file, which is replaced as a
        whole. What there is no number of is empty."""
        columns: dict[str, list[float]] = self.records._asdict() if steps else self._columns()
        rows = [[str(value) if isfinite(value) else "" for value in row] for row in zip(*columns.values(), strict=True)]
        names = [f'"{name}"' if "," in name else name for name in columns]
        _replace(path, "".join(",".join(row) + "\n" for row in [names, *rows]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """``to_json`` or ``to_csv``, by the file's ending. ValueError for another one."""
        ending = Path(path).suffix
        if ending not in (".json", ".csv"):
            raise ValueError(f"History.save: {os.fspath(path)} ends neither in .json nor in .csv")
        (self.to_json if ending == ".json" else self.to_csv)(path)

    def plot(self, path: str | os.PathLike[str], *, axis: str = "epoch", rate: bool = False) -> None:
        """Draws the learning curves to an image file. Needs matplotlib.

        Args:
            path: of the image
            axis: what the curves are drawn over: "epoch" or "step" (updates made)
            rate: draw the learning rate too
        """
        from matplotlib.figure import Figure

        if axis not in ("epoch", "step"):
            raise ValueError(f'History.plot: axis is {axis!r}; it is "epoch" or "step"')
        made = [sum(self.steps[: epoch + 1]) for epoch in range(self.epochs)]
        places = made if axis == "step" else list(range(1, self.epochs + 1))
        curves = {name: values for name, values in self.to_dict().items() if name != "seconds"}
        losses = {name: values for name, values in curves.items() if name in ("loss", "validation_loss")}
        shares = {name: values for name, values in curves.items() if name not in losses}
        rates = {"learning_rate": self.learning_rate} if rate else {}
        panels = [panel for panel in (losses, shares, rates) if panel]
        figure = Figure(figsize=(5.5 * len(panels), 4), layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            if axis == "step" and panel is losses and self.records.step:
                axes.plot(self.records.step, self.records.loss, label="loss of updates", alpha=0.3)
            for name, values in panel.items():
                axes.plot(places, values, label=name.replace("_", " "))
            axes.set_xlabel(axis)
            axes.legend()
        figure.savefig(path)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.to_dict().items())
        return f"History({self.epochs} epochs, stop {self.stop!r}: {last})"


def _replace(path: str | os.PathLike[str], text: str) -> None:
    """Writes a file beside another and puts it in its place."""
    target = Path(path)
    beside = target.with_name(f".{target.name}-{os.getpid()}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
