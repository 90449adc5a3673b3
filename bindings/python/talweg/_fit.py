"""The fit loop and prediction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of
from ._history import History
from ._progress import Progress, duration, is_hidden, progress_bar
from .callbacks import HOOKS, Callback, EarlyStopping, FitEvent, ModelCheckpoint, ProgressBar

if TYPE_CHECKING:
    from ._talweg import DType, Tensor, TensorLike
    from .nn import Module
    from .optim import Optimizer
    from .optim.lr_scheduler import LRScheduler

    Function = Callable[[Tensor, Tensor], Any]

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


def _as_targets(data: TensorLike, dtype: DType | None, loss: object) -> Tensor:
    if callable(loss):
        return _as_inputs(data, dtype)
    tensor = _talweg.asarray(data)
    return tensor if loss in LABELLED or dtype is None else tensor.to(dtype)


def _split_inputs(X: TensorLike | tuple[TensorLike, ...], dtype: DType | None) -> tuple[Tensor, list[Tensor]]:
    """A tuple is of several inputs."""
    first, *others = X if isinstance(X, tuple) else (X,)
    return _as_inputs(first, dtype), [_as_inputs(other, dtype) for other in others]


def _named_metrics(metrics: Mapping[str, Function] | Iterable[Function] | None) -> tuple[tuple[str, Function], ...]:
    if metrics is None:
        return ()
    pairs = metrics.items() if isinstance(metrics, Mapping) else ((metric.__name__, metric) for metric in metrics)
    return tuple(pairs)


def _generators(model: Module) -> list[Any]:
    """Those that modules written in Python hold as attributes, each once, in the order in which they are met."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        module = waiting.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        for value in vars(module).values():
            if isinstance(value, _talweg.Generator) and not any(value is other for other in found):
                found.append(value)
        waiting.extend(reversed(list(module.children())))
    return found


class _Watch:
    """Hands a fit's events to its callbacks and the progress bar."""

    def __init__(self, callbacks: Sequence[Callback], bar: Progress, metrics: Sequence[str]) -> None:
        self._bar = bar
        self._names = metrics
        self._methods: list[list[Callable[[FitEvent], object]]] = [[] for _ in HOOKS]
        for callback in callbacks:
            bits = callback._watched()
            for kind, name in enumerate(HOOKS):
                if bits >> kind & 1:
                    self._methods[kind].append(getattr(callback, name))
        self.watched = sum(1 << kind for kind, methods in enumerate(self._methods) if methods)
        if not is_hidden(bar):
            self.watched |= 1 << HOOKS.index("on_epoch_end")

    def __call__(self, kind: int, *fields: Any) -> bool:
        *plain, metrics, held = fields
        named = dict(zip(self._names, metrics, strict=False))
        named |= {f"validation_{name}": value for name, value in zip(self._names, held, strict=False)}
        event = FitEvent(HOOKS[kind], *plain, named)  # type: ignore[call-arg]
        if event.kind in ("on_batch_end", "on_epoch_end"):
            self._show(event)
        # All are asked, whatever the first says.
        return any([bool(method(event)) for method in self._methods[kind]])

    def _show(self, event: FitEvent) -> None:
        by_steps = event.epochs == 0
        ended = event.kind == "on_epoch_end"
        values = {"loss": event.loss} | {name: value for name, value in event.values().items() if name != "loss"}
        notes = [] if ended or by_steps else [f"batch {event.batch}/{event.batches}"]
        if isfinite(event.steps_per_second):
            notes.append(f"{event.steps_per_second:.4g} steps/s")
            if 0 < event.step < event.steps:
                notes.append(f"{duration((event.steps - event.step) / event.steps_per_second)} left")
        done = event.step if by_steps else event.epoch - (not ended)
        self._bar.update(done, note=", ".join(notes), **{n: v for n, v in values.items() if not isnan(v)})


def fit(
    model: Module,
    X: TensorLike | tuple[TensorLike, ...],
    y: TensorLike,
    *,
    optimizer: Optimizer,
    loss: str | Function = "mse",
    epochs: int | None = None,
    max_steps: int = 0,
    batch_size: int = 32,
    accumulate: int = 1,
    shuffle: bool = True,
    drop_last: bool = False,
    validation_split: float = 0.0,
    validation_data: tuple[TensorLike | tuple[TensorLike, ...], TensorLike] | None = None,
    validation_steps: int = 0,
    patience: int = 0,
    min_delta: float = 0.0,
    restore_best: bool = False,
    schedule: LRScheduler | None = None,
    schedule_epochs: bool = False,
    l1: float = 0.0,
    l2: float = 0.0,
    max_norm: float = 0.0,
    max_value: float = 0.0,
    metrics: Mapping[str, Function] | Iterable[Function] | None = None,
    seed: int = 0,
    record_steps: int = 0,
    check_gradients: bool = False,
    resume: str | os.PathLike[str] | bool | None = None,
    callbacks: Iterable[Callback] = (),
    callback: Callable[[EpochProgress], object] | None = None,
    progress: bool | None = None,
) -> History:
    """Trains a model in place.

    Floating inputs, and targets that are no labels, are converted to the dtype of the model's parameters.

    Args:
        model: its parameters are changed
        X: [n, ..], or a tuple of such for a model of several inputs
        y: [n, ..] of the shape of the model's output; integer labels [n] for "cross_entropy", "nll",
            "multi_margin" and "focal"
        optimizer: holds the model's parameters
        loss: "mse", "cross_entropy", "mae", "huber", "smooth_l1", "log_cosh", "bce_with_logits", "bce",
            "nll", "kl_div", "poisson_nll", "hinge", "squared_hinge", "multi_margin", "focal" or
            "sigmoid_focal", each with the defaults of its function in ``talweg.nn.functional``; or a function
            (output, target) -> Tensor of one element, a mean over the rows
        epochs: how many times to go over the rows, at most; None: 10, or as many as ``max_steps`` takes
        max_steps: stop after so many updates; 0: when the epochs are over
        batch_size: rows a batch
        accumulate: batches an update: their gradients are added up as those of one large batch
        shuffle: a new random order every epoch
        drop_last: leave out a last batch that is not full
        validation_split: share of the rows held out for validation, drawn at random
        validation_data: (X, y) for validation instead of a split
        validation_steps: validate after every so many updates instead of each epoch
        patience: stop after so many epochs (validations, with ``validation_steps``) without a better validation
            loss (training loss, if nothing is held out); 0: never
        min_delta: a loss is better if it is lower by more than this
        restore_best: put back the parameters and buffers of the best epoch (validation) at the end
        schedule: of talweg.optim.lr_scheduler, for the optimizer: steps after each update, or with ``schedule_epochs``
            after each epoch, with the loss (that of the validation after an epoch) as the metric of a plateau
        l1, l2: added to the loss: l1 sum |w| + l2 sum w^2 over the weights (not biases)
        max_norm: gradients whose norm, all together, is above this are scaled down to it; 0: any norm
        max_value: elements of gradients beyond -max_value ... max_value are cut to it; 0: none
        metrics: functions (output, target) -> number, by name or under their own: their means over the rows
            of each epoch and of the validation
        seed: of the split and the order of the rows: the same seed, the same bits
        record_steps: note every so many updates in the history; 0: none
        check_gradients: look at every update whether the gradients are finite, to name the operation whose is not
        resume: a checkpoint file to go on from, or a folder: then the newest there that can be read, and the start
            if there is none; True: the folder of the ModelCheckpoint among the callbacks. The updates to come are those
            that would have come, bit for bit.
        callbacks: see talweg.callbacks: stopping, checkpoints, logs, TensorBoard
        callback: called with an EpochProgress after each epoch; a true answer stops
        progress: show a progress bar; None: if stderr is a terminal

    Ctrl-C ends the fit at the end of a batch, with the model at what was reached and, if there are checkpoints, one
    written.

    Raises:
        ValueError: shapes that do not fit, a loss that is not one element, an unknown loss, a share outside 0 ... 1,
            a checkpoint of another model (every missing and unexpected name is told) or other options
        IndexError: a label out of range
        TalwegError: a loss that is not finite, with the operation and the module that made it; the model is put
            back to its epoch's start
        OSError: a checkpoint that cannot be read, or is required and cannot be written
    """
    function = loss if callable(loss) else None
    number = 0 if callable(loss) else number_of(loss, LOSSES, "loss")
    if epochs is None:
        epochs = 0 if max_steps > 0 else 10
    dtype = _model_dtype(model)
    inputs, further = _split_inputs(X, dtype)
    held, held_further, held_y = None, None, None
    if validation_data is not None:
        held, held_further = _split_inputs(validation_data[0], dtype)
        held_y = _as_targets(validation_data[1], dtype, loss)
        if len(held_further) != len(further):
            raise ValueError(f"fit: {len(further) + 1} inputs to train on, {len(held_further) + 1} to validate")
    functions = _named_metrics(metrics)
    names = [name for name, _ in functions]
    watching = list(callbacks)
    options: dict[str, Any] = {}
    interval = -1.0
    for item in watching:
        if not isinstance(item, Callback):
            raise TypeError(f"callbacks holds {item!r}, which is no talweg.Callback")
        item.model, item.optimizer = model, optimizer
        if isinstance(item, ModelCheckpoint):
            options |= item.options
        elif isinstance(item, ProgressBar):
            progress, interval = True, item.interval
        elif isinstance(item, EarlyStopping) and item.monitor is None:
            patience, min_delta = item.patience, item.min_delta
            restore_best = restore_best or item.restore_best
    if resume is True:
        if "checkpoint_folder" not in options:
            raise ValueError("fit: resume=True needs a ModelCheckpoint among the callbacks")
        resume = options["checkpoint_folder"]
    total = epochs if epochs > 0 else max_steps
    bar = progress_bar(total, "fit", progress)
    watch = _Watch(watching, bar, names)
    if not is_hidden(bar) and interval < 0:
        interval = 0.1

    try:
        found = _talweg.fit(
            model,
            optimizer,
            inputs,
            _as_targets(y, dtype, loss),
            loss=number,
            loss_function=function,
            epochs=epochs,
            batch_size=batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            seed=seed,
            validation_split=validation_split,
            validation_inputs=held,
            validation_targets=held_y,
            patience=patience,
            min_delta=min_delta,
            restore_best=restore_best,
            l1=l1,
            l2=l2,
            callback=None if callback is None else partial(_after_epoch, callback),
            max_steps=max_steps,
            accumulate=accumulate,
            validation_steps=validation_steps,
            metrics=functions or None,
            schedule=schedule,
            schedule_epochs=schedule_epochs,
            max_norm=max_norm,
            max_value=max_value,
            record_steps=record_steps,
            check_gradients=check_gradients,
            resume=None if resume in (None, False) else os.fspath(resume),  # type: ignore[arg-type]
            generators=_generators(model),
            further_inputs=further or None,
            further_validation_inputs=held_further or None,
            on_event=watch if watch.watched or not is_hidden(bar) else None,
            watched=watch.watched,
            interval=interval,
            **options,
        )
    finally:
        bar.close()
    history = History(found, names)
    for item in watching:
        item.history = history
    return history


def _after_epoch(callback: Callable[[EpochProgress], object], *values: float) -> object:
    return callback(EpochProgress(*values))  # type: ignore[arg-type]


def predict(model: Module, X: TensorLike, batch_size: int = 0) -> Tensor:
    """The model's outputs for X in batches of ``batch_size`` (0: all at once), in
    evaluation mode and off the tape. The mode is put back. Floating inputs are converted
    to the dtype of the model's parameters."""
    return _talweg.predict(model, _as_inputs(X, _model_dtype(model)), batch_size)
