"""The fit loop and prediction."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from . import _talweg
from ._choices import number_of
from ._progress import is_hidden, progress_bar

if TYPE_CHECKING:
    from ._talweg import DType, Tensor, TensorLike
    from .nn import Module
    from .optim import Optimizer

# In the order of the engine's numbers.
LOSSES = (
    "mse",
    "cross_entropy",
    "mae",
    "huber",
    "smooth_l1",
    "log_cosh",
    "bce_with_logits",
    "bce",
    "nll",
    "kl_div",
    "poisson_nll",
    "hinge",
    "squared_hinge",
    "multi_margin",
    "focal",
    "sigmoid_focal",
)
# Those of integer labels.
LABELLED = ("cross_entropy", "nll", "multi_margin", "focal")
STOPS = ("epochs", "early", "cancelled")


class EpochProgress(NamedTuple):
    """What the fit loop tells its callback after an epoch. Values that there are none of are NaN."""

    epoch: int
    """From 1."""
    epochs: int
    loss: float
    """Mean over the rows of the epoch, with the penalties."""
    validation_loss: float
    """Of the validation rows, without penalties."""
    accuracy: float
    """Share of rows whose largest logit is the label; cross-entropy only."""
    validation_accuracy: float
    seconds: float
    """Since the fit began."""


class History:
    """What a fit went through: a list with one number an epoch for each quantity
    (empty where it was not measured), and how it ended.

    Attributes:
        loss, validation_loss, accuracy, validation_accuracy, seconds: lists of floats
        epochs: how many were run
        best_epoch: the one (from 0) with the lowest validation loss, or training loss
            if nothing was held out; None if none was run
        stop: "epochs", "early" or "cancelled"
    """

    def __init__(self, lists: tuple[list[float], ...], best_epoch: int, stop: int) -> None:
        measured = [[] if all(map(isnan, values)) else values for values in lists]
        self.loss, self.validation_loss, self.accuracy, self.validation_accuracy, self.seconds = measured
        self.epochs = len(lists[0])
        self.best_epoch = best_epoch if best_epoch >= 0 else None
        self.stop = STOPS[stop]

    def to_dict(self) -> dict[str, list[float]]:
        """The lists of what was measured, by name."""
        names = ("loss", "validation_loss", "accuracy", "validation_accuracy", "seconds")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draws the learning curves to an image file. Needs matplotlib."""
        from matplotlib.figure import Figure

        curves = {name: values for name, values in self.to_dict().items() if name != "seconds"}
        losses = {name: values for name, values in curves.items() if "loss" in name}
        shares = {name: values for name, values in curves.items() if "accuracy" in name}
        panels = [panel for panel in (losses, shares) if panel]
        figure = Figure(figsize=(5.5 * len(panels), 4), layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            for name, values in panel.items():
                axes.plot(range(1, len(values) + 1), values, label=name.replace("_", " "))
            axes.set_xlabel("epoch")
            axes.legend()
        figure.savefig(path)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.to_dict().items())
        return f"History({self.epochs} epochs, stop {self.stop!r}: {last})"


def _model_dtype(model: Module) -> DType | None:
    if not isinstance(model, _talweg.Module):
        raise TypeError(f"model is a talweg.nn.Module, not {type(model).__name__}")
    for parameter in model.parameters():
        return parameter.dtype
    return None


def _as_inputs(data: TensorLike, dtype: DType | None) -> Tensor:
    """Floating data in the dtype of the model's parameters."""
    tensor = _talweg.asarray(data)
    if dtype is not None and tensor.dtype in (_talweg.float32, _talweg.float64):
        tensor = tensor.to(dtype)
    return tensor


def _as_targets(data: TensorLike, dtype: DType | None, loss: str) -> Tensor:
    tensor = _talweg.asarray(data)
    return tensor if loss in LABELLED or dtype is None else tensor.to(dtype)


def fit(
    model: Module,
    X: TensorLike,
    y: TensorLike,
    *,
    optimizer: Optimizer,
    loss: str = "mse",
    epochs: int = 10,
    batch_size: int = 32,
    shuffle: bool = True,
    drop_last: bool = False,
    validation_split: float = 0.0,
    validation_data: tuple[TensorLike, TensorLike] | None = None,
    patience: int = 0,
    min_delta: float = 0.0,
    restore_best: bool = False,
    l1: float = 0.0,
    l2: float = 0.0,
    seed: int = 0,
    callback: Callable[[EpochProgress], object] | None = None,
    progress: bool | None = None,
) -> History:
    """Trains a model in place.

    Floating inputs, and the targets of "mse", are converted to the dtype of the model's
    parameters.

    Args:
        model: its parameters are changed
        X: [n, ..]
        y: [n, ..] of the shape of the model's output; integer labels [n] for "cross_entropy", "nll",
            "multi_margin" and "focal"
        optimizer: holds the model's parameters
        loss: "mse", "cross_entropy", "mae", "huber", "smooth_l1", "log_cosh", "bce_with_logits", "bce",
            "nll", "kl_div", "poisson_nll", "hinge", "squared_hinge", "multi_margin", "focal" or
            "sigmoid_focal", each with the defaults of its function in ``talweg.nn.functional``
        epochs: how many times to go over the rows, at most
        batch_size: rows a step
        shuffle: a new random order every epoch
        drop_last: leave out a last batch that is not full
        validation_split: share of the rows held out for validation, drawn at random
        validation_data: (X, y) for validation instead of a split
        patience: stop after so many epochs without a better validation loss (training loss,
            if nothing is held out); 0: never
        min_delta: a loss is better if it is lower by more than this
        restore_best: put back the parameters of the best epoch at the end
        l1, l2: added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases)
        seed: of the split and the order of the rows: the same seed, the same bits
        callback: called with an EpochProgress after each epoch; a true answer stops
        progress: show a progress bar; None: if stderr is a terminal

    Raises:
        ValueError: shapes that do not fit, an unknown loss, a share outside 0 ... 1
        IndexError: a label out of range
        TalwegError: a loss that is not finite; the model is put back to its epoch's start
    """
    number = number_of(loss, LOSSES, "loss")
    dtype = _model_dtype(model)
    held_X, held_y = validation_data if validation_data is not None else (None, None)
    bar = progress_bar(epochs, "fit", progress)

    def after(*values: float) -> object:
        epoch = EpochProgress(*values)  # type: ignore[arg-type]
        shown = {"loss": epoch.loss, "validation_loss": epoch.validation_loss, "accuracy": epoch.accuracy}
        bar.update(epoch.epoch, **{name: value for name, value in shown.items() if not isnan(value)})
        return callback(epoch) if callback is not None else False

    try:
        lists, best_epoch, stop = _talweg.fit(
            model,
            optimizer,
            _as_inputs(X, dtype),
            _as_targets(y, dtype, loss),
            loss=number,
            epochs=epochs,
            batch_size=batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            seed=seed,
            validation_split=validation_split,
            validation_inputs=None if held_X is None else _as_inputs(held_X, dtype),
            validation_targets=None if held_y is None else _as_targets(held_y, dtype, loss),
            patience=patience,
            min_delta=min_delta,
            restore_best=restore_best,
            l1=l1,
            l2=l2,
            callback=None if callback is None and is_hidden(bar) else after,
        )
    finally:
        bar.close()
    return History(lists, best_epoch, stop)


def predict(model: Module, X: TensorLike, batch_size: int = 0) -> Tensor:
    """The model's outputs for X in batches of ``batch_size`` (0: all at once), in
    evaluation mode and off the tape. The mode is put back. Floating inputs are converted
    to the dtype of the model's parameters."""
    return _talweg.predict(model, _as_inputs(X, _model_dtype(model)), batch_size)
