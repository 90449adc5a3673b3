"""What watches a fit: ``tw.fit(..., callbacks=[...])``.

    class Stop(tw.Callback):
        def on_batch_end(self, event):
            return event.loss < 0.01

    tw.fit(model, X, y, optimizer=optimizer, callbacks=[Stop(), tw.TensorBoard("runs/1")])
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from math import inf, isnan
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from ._talweg import EventWriter

if TYPE_CHECKING:
    from ._history import History
    from ._talweg import Tensor, TensorLike
    from .nn import Module
    from .optim import Optimizer

__all__ = [
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "FitEvent",
    "LambdaCallback",
    "ModelCheckpoint",
    "ProgressBar",
    "SummaryWriter",
    "TensorBoard",
]

HOOKS = (
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_batch_begin",
    "on_batch_end",
    "on_validation_end",
    "on_checkpoint",
    "on_checkpoint_failed",
)


class FitEvent(NamedTuple):
    """What a fit tells at an event. Values that there are none of are NaN."""

    kind: str
    """The method that is called, such as "on_batch_end"."""
    epoch: int
    """From 1; 0 before the first."""
    epochs: int
    """How many there are to be; 0: as many as the steps take."""
    batch: int
    """The batch of the epoch, from 1."""
    batches: int
    step: int
    """Updates made so far."""
    steps: int
    """How many there are to be at most; 0: not known."""
    loss: float
    """Of a batch, or at an epoch's end the mean over its rows, with the penalties."""
    validation_loss: float
    """The last that was measured, without penalties."""
    accuracy: float
    validation_accuracy: float
    learning_rate: float
    seconds: float
    """Since the fit began, with those of the runs that it was resumed from."""
    steps_per_second: float
    """In this epoch so far."""
    peak_bytes: int
    """The most bytes of tensors that the process had at once so far; 0 with batches."""
    path: str
    """Of a checkpoint."""
    message: str
    """Why a checkpoint could not be written."""
    metrics: dict[str, float]
    """The fit's metrics: of the epoch at its end, and after "validation_" of the last validation."""

    def value(self, name: str) -> float:
        """A number by its name, also a metric's. KeyError if there is none of that name."""
        if name in self.metrics:
            return self.metrics[name]
        if name not in ("loss", "validation_loss", "accuracy", "validation_accuracy", "learning_rate", "seconds"):
            raise KeyError(f"the fit has no {name!r}; its metrics are {sorted(self.metrics)}")
        return float(getattr(self, name))

    def values(self) -> dict[str, float]:
        """The losses, accuracies and metrics that there are, by name."""
        names = ("loss", "validation_loss", "accuracy", "validation_accuracy")
        found = {name: float(getattr(self, name)) for name in names} | self.metrics
        return {name: value for name, value in found.items() if not isnan(value)}


class Callback:
    """Watches a fit. A subclass overrides the methods that it needs; only those are called. A true answer stops the
    fit, at the end of the batch: the model holds what was reached, and ``History.stop`` is "cancelled".

    Attributes:
        model, optimizer: of the fit, set before ``on_train_begin``
        history: set after the fit
    """

    model: Module
    optimizer: Optimizer
    history: History

    def on_train_begin(self, event: FitEvent) -> object:
        """Before the first epoch."""

    def on_train_end(self, event: FitEvent) -> object:
        """After the last epoch or a stop, but not after a failure."""

    def on_epoch_begin(self, event: FitEvent) -> object:
        """Before the batches of an epoch."""

    def on_epoch_end(self, event: FitEvent) -> object:
        """After an epoch and its validation."""

    def on_batch_begin(self, event: FitEvent) -> object:
        """Before a batch."""

    def on_batch_end(self, event: FitEvent) -> object:
        """After a batch, and the update and the validation if it makes them."""

    def on_validation_end(self, event: FitEvent) -> object:
        """After a validation."""

    def on_checkpoint(self, event: FitEvent) -> object:
        """After a checkpoint was written, to ``event.path``."""

    def on_checkpoint_failed(self, event: FitEvent) -> object:
        """After a checkpoint could not be written, because of ``event.message``; the earlier ones are there."""

    def _watched(self) -> int:
        """The events whose methods are overridden, as bits."""
        own = type(self)
        return sum(1 << kind for kind, name in enumerate(HOOKS) if getattr(own, name) is not getattr(Callback, name))


class LambdaCallback(Callback):
    """Calls functions at events: ``LambdaCallback(on_epoch_end=print)``. TypeError for a name that is none of the
    methods of Callback."""

    def __init__(self, **functions: Callable[[FitEvent], object]) -> None:
        for name, function in functions.items():
            if name not in HOOKS:
                raise TypeError(f"LambdaCallback: {name!r} is none of {', '.join(HOOKS)}")
            if not callable(function):
                raise TypeError(f"LambdaCallback: {name} is {function!r}, not a function")
            setattr(self, name, function)
        self._functions = functions

    def _watched(self) -> int:
        return sum(1 << HOOKS.index(name) for name in self._functions)


class EarlyStopping(Callback):
    """Stops when a number gets no better. Without ``monitor`` it is the fit's own ``patience``: of the validation loss
    (training loss, if nothing is held out), part of checkpoints, and ``History.stop`` is "early".

    Args:
        patience: epochs (validations, with ``validation_steps``) without a better number, at least 1
        min_delta: a number is better if it is so by more than this
        monitor: the name of a number of an epoch, such as "validation_accuracy" or a metric's
        maximize: whether greater is better; None: if the name ends in "accuracy"
        restore_best: put back the parameters and buffers of the best epoch at the end
    """

    def __init__(
        self,
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        monitor: str | None = None,
        maximize: bool | None = None,
        restore_best: bool = False,
    ) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience is {patience}; it must be 1 or more")
        self.patience = patience
        self.min_delta = min_delta
        self.monitor = monitor
        self.restore_best = restore_best
        grows = monitor is not None and monitor.endswith("accuracy") if maximize is None else maximize
        self._sign = -1.0 if grows else 1.0
        self._best: dict[str, Tensor] | None = None

    def on_train_begin(self, event: FitEvent) -> object:
        self._least = inf
        self._lowest = inf
        self._waited = 0
        self._best = None
        return False

    def on_epoch_end(self, event: FitEvent) -> object:
        if self.monitor is None:
            return False
        number = self._sign * event.value(self.monitor)
        if number < self._least:
            self._least = number
            if self.restore_best:
                self._best = {name: tensor.copy() for name, tensor in self.model.state_dict().items()}
        if number < self._lowest - self.min_delta:
            self._lowest, self._waited = number, 0
            return False
        self._waited += 1
        return self._waited >= self.patience

    def on_train_end(self, event: FitEvent) -> object:
        if self._best is not None:
            self.model.load_state_dict(self._best)
        return False


class ModelCheckpoint(Callback):
    """Has the fit write checkpoints, from which ``tw.fit(..., resume=folder)`` goes on as if it had never stopped.

    A checkpoint holds the parameters, buffers, the optimizer's and the schedule's state, the place in the data, the
    random numbers' state, the history and the best weights so far, in one safetensors file named after the updates
    made, such as "step-000000001000.safetensors".

    Args:
        folder: made if there is none
        steps, epochs, seconds: after every so many updates or epochs, and when so much time has gone by since the last;
            0: not so. With all of them 0: each epoch. One is also written at the end, and when the fit is stopped.
        keep: how many of the newest are kept; 0: all
        required: whether one that cannot be written (a full disk) ends the fit with an OSError; else
            ``on_checkpoint_failed`` tells of it
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        steps: int = 0,
        epochs: int = 0,
        seconds: float = 0.0,
        keep: int = 3,
        required: bool = False,
    ) -> None:
        self.folder = os.fspath(folder)
        self.options = {
            "checkpoint_folder": self.folder,
            "checkpoint_steps": steps,
            "checkpoint_epochs": epochs,
            "checkpoint_seconds": seconds,
            "checkpoint_keep": keep,
            "checkpoint_required": required,
        }


class CSVLogger(Callback):
    """Writes a line an epoch to a CSV file: epoch, step, the losses and metrics, learning rate and seconds.

    Args:
        path: overwritten, unless ``append``
        append: go on in a file that is there
    """

    def __init__(self, path: str | os.PathLike[str], *, append: bool = False) -> None:
        self.path = os.fspath(path)
        self.append = append
        self._file: IO[str] | None = None

    def on_train_begin(self, event: FitEvent) -> object:
        self._has_names = self.append and os.path.exists(self.path) and os.path.getsize(self.path) > 0
        self._file = open(self.path, "a" if self.append else "w", newline="", encoding="utf-8")
        return False

    def on_epoch_end(self, event: FitEvent) -> object:
        if self._file is None:
            return False
        names = ["loss", "validation_loss", "accuracy", "validation_accuracy", *event.metrics]
        row: dict[str, object] = {"epoch": event.epoch, "step": event.step}
        for name in [*names, "learning_rate", "seconds"]:
            value = event.value(name)
            row[name] = "" if isnan(value) else value
        writer = csv.DictWriter(self._file, list(row), lineterminator="\n")
        if not self._has_names:
            writer.writeheader()
            self._has_names = True
        writer.writerow(row)
        self._file.flush()
        return False

    def on_train_end(self, event: FitEvent) -> object:
        if self._file is not None:
            self._file.close()
            self._file = None
        return False


class SummaryWriter:
    """Writes an event file that TensorBoard shows: ``tensorboard --logdir runs``. Usable in ``with``.

    Args:
        folder: made (not those above it) if there is none; each writer has a file of its own in it
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._writer = EventWriter(os.fspath(folder))

    @property
    def path(self) -> str:
        """The event file."""
        return self._writer.path

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """A number at a step, under a name; slashes in it make groups. It is kept as float32."""
        self._writer.add_scalar(tag, value, step)

    def add_histogram(self, tag: str, values: TensorLike, step: int, bins: int = 64) -> None:
        """How the elements of a tensor are distributed at a step. TalwegError for elements that are not finite."""
        self._writer.add_histogram(tag, values, step, bins)

    def flush(self) -> None:
        """Hands all that was added to the system, so that TensorBoard sees it."""
        self._writer.flush()

    def close(self) -> None:
        """Ends the file. What is added later is a TalwegError."""
        self._writer.close()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *unused: Any) -> None:
        self.close()


class TensorBoard(Callback):
    """Writes the fit's numbers to an event file for TensorBoard, over the updates made.

    Args:
        folder: of the event file
        steps: write the loss and the rate after every so many updates too; 0: each epoch only
        histograms: write histograms of the parameters after every so many epochs; 0: none
    """

    def __init__(self, folder: str | os.PathLike[str], *, steps: int = 0, histograms: int = 0) -> None:
        self.folder = os.fspath(folder)
        self.steps = steps
        self.histograms = histograms
        self._writer: SummaryWriter | None = None
        self._last = 0

    def _watched(self) -> int:
        batches = 1 << HOOKS.index("on_batch_end")
        return super()._watched() & (~0 if self.steps > 0 else ~batches)

    def on_train_begin(self, event: FitEvent) -> object:
        self._writer = SummaryWriter(self.folder)
        self._last = event.step
        return False

    def on_batch_end(self, event: FitEvent) -> object:
        if self._writer is not None and event.step > self._last and event.step % self.steps == 0:
            self._last = event.step
            self._writer.add_scalar("batch/loss", event.loss, event.step)
            self._writer.add_scalar("batch/learning_rate", event.learning_rate, event.step)
        return False

    def on_epoch_end(self, event: FitEvent) -> object:
        if self._writer is None:
            return False
        for name, value in event.values().items():
            self._writer.add_scalar(name, value, event.step)
        self._writer.add_scalar("learning_rate", event.learning_rate, event.step)
        self._writer.add_scalar("steps_per_second", event.steps_per_second, event.step)
        if self.histograms > 0 and event.epoch % self.histograms == 0:
            for name, parameter in self.model.named_parameters():
                self._writer.add_histogram(f"parameters/{name}", parameter, event.step)
        self._writer.flush()
        return False

    def on_train_end(self, event: FitEvent) -> object:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        return False


class ProgressBar(Callback):
    """Shows a bar with the loss, the rate of steps and the remaining time on stderr, on a terminal or as lines:
    what ``tw.fit(..., progress=True)`` does.

    Args:
        interval: seconds between two looks at most
    """

    def __init__(self, interval: float = 0.1) -> None:
        if not interval >= 0:
            raise ValueError(f"ProgressBar: interval is {interval}; it must be 0 or more")
        self.interval = interval
