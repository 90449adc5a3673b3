"""What watches a fit: events, the built-in callbacks, histories as files, plots."""

import csv
import json
import math
import os
import signal
import threading
import time

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim


@pytest.fixture
def task(rng):
    X = rng.normal(size=(20, 3)).astype("float32")
    model = nn.Linear(3, 1, generator=tw.random.Generator(1))
    return model, X, X @ np.array([[1.0], [2.0], [-1.0]], "float32"), optim.SGD(model, lr=0.05)


def run(task, *callbacks, **options):
    model, X, y, optimizer = task
    return tw.fit(model, X, y, optimizer=optimizer, batch_size=5, callbacks=callbacks, **{"epochs": 2, **options})


class Everything(tw.Callback):
    def __init__(self):
        self.events = []

    def note(self, event):
        self.events.append(event)

    on_train_begin = on_train_end = on_epoch_begin = on_epoch_end = on_batch_begin = on_batch_end = note
    on_validation_end = on_checkpoint = on_checkpoint_failed = note


def test_events_come_in_order(task, tmp_path):
    watch = Everything()
    history = run(task, watch, tw.ModelCheckpoint(tmp_path / "c", epochs=1), validation_split=0.25, accumulate=2)
    batch = ["on_batch_begin", "on_batch_end"]
    epoch = ["on_epoch_begin", *batch * 3, "on_validation_end", "on_epoch_end", "on_checkpoint"]
    assert [event.kind for event in watch.events] == ["on_train_begin", *epoch * 2, "on_train_end"]
    assert watch.history is history and watch.model is task[0] and watch.optimizer is task[3]
    ends = [event for event in watch.events if event.kind == "on_batch_end"]
    assert [(event.epoch, event.batch, event.batches) for event in ends] == [
        (epoch, batch, 3) for epoch in (1, 2) for batch in (1, 2, 3)
    ]
    # Two batches an update, and the one that is left.
    assert [event.step for event in ends] == [0, 1, 2, 2, 3, 4] and {event.steps for event in ends} == {4}
    assert all(event.learning_rate == 0.05 and event.loss > 0 for event in ends)
    epochs = [event for event in watch.events if event.kind == "on_epoch_end"]
    assert [event.loss for event in epochs] == history.loss
    assert [event.validation_loss for event in epochs] == history.validation_loss
    assert all(event.peak_bytes > 0 and event.steps_per_second > 0 for event in epochs)
    assert [event.path for event in watch.events if event.path] == [
        str(tmp_path / "c" / f"step-{step:012}.safetensors") for step in (2, 4)
    ]
    first = watch.events[0]
    assert (first.epoch, first.epochs, first.step) == (0, 2, 0) and math.isnan(first.loss)


@pytest.mark.parametrize("kind", ["on_train_begin", "on_epoch_begin", "on_batch_begin", "on_batch_end", "on_epoch_end"])
def test_each_can_stop(task, kind):
    watch = Everything()
    history = run(task, watch, tw.LambdaCallback(**{kind: lambda event: True}))
    assert history.stop == "cancelled" and watch.events[-1].kind == "on_train_end"
    assert watch.events[-2].kind == kind
    assert history.epochs == (kind == "on_epoch_end")


@pytest.mark.parametrize("kind", ["on_validation_end", "on_checkpoint"])
def test_these_stop_at_the_next_batch(task, kind, tmp_path):
    checkpoints = tw.ModelCheckpoint(tmp_path / "c", steps=2)
    history = run(
        task, checkpoints, tw.LambdaCallback(**{kind: lambda event: True}), validation_split=0.25, validation_steps=2
    )
    assert history.stop == "cancelled" and history.epochs == 0


def test_exceptions_come_out(task):
    class Mine(Exception):
        pass

    def fail(event):
        raise Mine(event.kind)

    for kind in ("on_train_begin", "on_epoch_begin", "on_batch_end", "on_epoch_end", "on_train_end"):
        with pytest.raises(Mine, match=kind):
            run(task, tw.LambdaCallback(**{kind: fail}))
    with pytest.raises(TypeError, match="no talweg.Callback"):
        run(task, print)
    with pytest.raises(TypeError, match="on_nothing"):
        tw.LambdaCallback(on_nothing=print)
    with pytest.raises(TypeError, match="not a function"):
        tw.LambdaCallback(on_batch_end=3)


def test_early_stopping_of_the_fit(task):
    history = run(task, tw.EarlyStopping(2, min_delta=1e9), epochs=50)
    assert history.stop == "early" and history.epochs == 3
    with pytest.raises(ValueError, match="patience"):
        tw.EarlyStopping(0)


def test_early_stopping_of_a_metric(task):
    model = task[0]
    numbers = iter([1.0, 3.0, 2.0, 2.5, 9.0])
    kept = []
    stopping = tw.EarlyStopping(2, monitor="score", maximize=True, restore_best=True)
    values = {}

    def score(output, target):
        if len(kept) not in values:
            values[len(kept)] = next(numbers)
        return values[len(kept)]

    history = run(
        task,
        stopping,
        tw.LambdaCallback(on_epoch_end=lambda event: kept.append(model.weight.numpy().copy())),
        epochs=5,
        metrics={"score": score},
    )
    assert history.epochs == 4 and history.stop == "cancelled" and history.metrics["score"] == [1.0, 3.0, 2.0, 2.5]
    np.testing.assert_array_equal(model.weight.numpy(), kept[1])
    with pytest.raises(KeyError, match="nothing"):
        run(task, tw.EarlyStopping(2, monitor="nothing"))


def test_csv_logger(task, tmp_path):
    path = tmp_path / "log.csv"
    history = run(task, tw.CSVLogger(path), metrics={"one": lambda output, target: 1.0})
    rows = list(csv.DictReader(path.open()))
    assert [float(row["loss"]) for row in rows] == history.loss and [row["epoch"] for row in rows] == ["1", "2"]
    assert rows[0]["accuracy"] == "" and float(rows[1]["one"]) == 1 and rows[1]["step"] == "8"
    run(task, tw.CSVLogger(path, append=True))
    assert len(path.read_text().splitlines()) == 5
    run(task, tw.CSVLogger(path))
    assert len(path.read_text().splitlines()) == 3
    with pytest.raises(OSError):
        run(task, tw.CSVLogger(tmp_path / "none" / "log.csv"))


def test_progress_tells_rates(task, capfd, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    slow = tw.LambdaCallback(on_batch_end=lambda event: time.sleep(0.02))
    run(task, tw.ProgressBar(0.0), slow, epochs=3)
    text = capfd.readouterr().err
    assert "fit 3/3, loss" in text and "steps/s" in text and " left" in text and "batch " in text
    run(task, slow, epochs=None, max_steps=6, progress=True)
    assert "fit 6/6, loss" in capfd.readouterr().err
    with pytest.raises(ValueError, match="interval"):
        tw.ProgressBar(-1)


def test_ctrl_c_leaves_what_was_reached(task, tmp_path):
    model, X, y, optimizer = task
    begun = threading.Event()

    def interrupt():
        begun.wait()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    seen = []

    def note(event):
        seen.append(event.step)
        begun.set()

    thread = threading.Thread(target=interrupt)
    thread.start()
    outer = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(
                task, tw.LambdaCallback(on_batch_end=note), tw.ModelCheckpoint(tmp_path / "c", seconds=1e6),
                epochs=10**9,
            )  # fmt: skip
    finally:
        thread.join()
        signal.signal(signal.SIGINT, outer)
    assert all(value.isfinite().all().item() for value in model.parameters())
    # What was reached was written.
    (path,) = (tmp_path / "c").iterdir()
    state = tw.load_safetensors(path)
    np.testing.assert_array_equal(state["model/weight"].numpy(), model.weight.numpy())
    # The optimizer is as good as before.
    assert tw.fit(model, X, y, optimizer=optimizer, epochs=1).epochs == 1


def test_history_files(task, tmp_path):
    history = run(task, validation_split=0.25, record_steps=1, metrics={"a,b": lambda output, target: 2.0})
    history.save(tmp_path / "h.json")
    found = json.loads((tmp_path / "h.json").read_text())
    assert found["format"] == "talweg history" and found["stop"] == "epochs"
    assert found["best_epoch"] == history.best_epoch
    epochs = found["epochs"]
    assert epochs["epoch"] == [1, 2] and epochs["loss"] == history.loss and epochs["steps"] == [3, 3]
    assert epochs["validation_loss"] == history.validation_loss and "accuracy" not in epochs
    assert epochs["a,b"] == [2, 2] and found["steps"]["step"] == [1, 2, 3, 4, 5, 6]
    assert found["steps"]["loss"] == history.records.loss
    history.save(tmp_path / "h.csv")
    rows = list(csv.DictReader((tmp_path / "h.csv").open()))
    assert [float(row["loss"]) for row in rows] == history.loss and rows[0]["a,b"] == "2.0"
    history.to_csv(tmp_path / "steps.csv", steps=True)
    rows = list(csv.DictReader((tmp_path / "steps.csv").open()))
    assert [float(row["loss"]) for row in rows] == history.records.loss
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h.csv", "h.json", "steps.csv"]
    with pytest.raises(ValueError, match="neither"):
        history.save(tmp_path / "h.txt")
    with pytest.raises(OSError):
        history.save(tmp_path / "none" / "h.json")


def test_history_plots(task, tmp_path):
    pytest.importorskip("matplotlib")
    history = run(task, record_steps=1, metrics={"one": lambda output, target: 1.0})
    for axis in ("epoch", "step"):
        path = tmp_path / f"{axis}.png"
        history.plot(path, axis=axis, rate=True)
        assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="axis"):
        history.plot(tmp_path / "no.png", axis="time")
