"""Checkpoints and exact resume."""

import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim

ROWS = 40


class Net(nn.Module):
    """With dropout of a layer's own generator, of the process's and of one that the module holds."""

    def __init__(self, width=8):
        super().__init__()
        g = tw.random.Generator(3)
        self.a = nn.Linear(3, width, generator=g)
        self.drop = nn.Dropout(0.3, seed=5)
        self.b = nn.Linear(width, 1, generator=g)
        self.noise = tw.random.Generator(9)

    def forward(self, x):
        x = self.drop(tw.tanh(self.a(x)))
        if self.training:
            x = tw.dropout(x, 0.2)
            x = tw.dropout(x, 0.2, generator=self.noise)
        return self.b(x)


def data():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(ROWS, 3)).astype("float32")
    return X, (X**2).sum(axis=1, keepdims=True).astype("float32")


def build(kind="adam"):
    tw.seed(77)
    model = Net()
    made = {
        "adam": lambda: optim.AdamW(model, lr=0.02),
        "sgd": lambda: optim.SGD(model, lr=0.02, momentum=0.9),
        "rmsprop": lambda: optim.RMSProp(model, lr=0.01, momentum=0.5),
    }[kind]()
    return model, made


def train(model, optimizer, *callbacks, **options):
    X, y = data()
    options = {"epochs": 5, "batch_size": 6, "accumulate": 2, "validation_split": 0.2, "seed": 4} | options
    return tw.fit(model, X, y, optimizer=optimizer, callbacks=callbacks, **options)


def state(model):
    return {name: value.numpy().tobytes() for name, value in model.state_dict().items()}


def stop_at(step):
    return tw.LambdaCallback(on_batch_end=lambda event: event.step == step)


def numbers(history):
    """All but the times."""
    return [history.loss, history.validation_loss, history.steps, history.learning_rate, history.stop,
            history.records.step, history.records.loss]  # fmt: skip


@pytest.mark.parametrize("kind", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("step", [1, 3, 4, 7, 14])
def test_resume_is_exact(tmp_path, kind, step):
    options = {"restore_best": True, "record_steps": 1}
    whole, optimizer = build(kind)
    expected = train(whole, optimizer, **options)
    model, optimizer = build(kind)
    folder = tmp_path / "c"
    first = train(model, optimizer, tw.ModelCheckpoint(folder, steps=1), stop_at(step), **options)
    assert first.stop == "cancelled" and sum(first.steps) <= step
    # Another process would start like this; the random state is anywhere.
    model, optimizer = build(kind)
    tw.dropout(tw.ones(100), 0.5)
    found = train(model, optimizer, tw.ModelCheckpoint(folder, steps=1), resume=folder, **options)
    assert state(model) == state(whole)
    assert numbers(found) == numbers(expected)


@pytest.mark.parametrize("kind", ["cosine", "one cycle", "plateau"])
@pytest.mark.parametrize("by_epoch", [False, True])
def test_schedules_are_resumed(tmp_path, kind, by_epoch):
    def run(*callbacks, **options):
        model, optimizer = build()
        schedule = {
            "cosine": lambda: optim.lr_scheduler.CosineAnnealingLR(optimizer, 15),
            "one cycle": lambda: optim.lr_scheduler.OneCycleLR(optimizer, 0.05, 20),
            "plateau": lambda: optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0),
        }[kind]()
        history = train(
            model, optimizer, *callbacks, schedule=schedule, schedule_epochs=by_epoch, record_steps=1, **options
        )
        return state(model), numbers(history), schedule.state_dict()

    expected = run()
    assert len(set(expected[1][3])) > 1 or kind == "plateau"
    run(tw.ModelCheckpoint(tmp_path / "c", steps=1), stop_at(8))
    assert run(resume=tmp_path / "c") == expected


def test_resume_of_a_fit_that_is_over(tmp_path):
    model, optimizer = build()
    first = train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"), restore_best=True)
    after = state(model)
    model, optimizer = build()
    again = train(model, optimizer, resume=tmp_path / "c", restore_best=True)
    assert state(model) == after and numbers(again) == numbers(first)
    # More epochs go on from there.
    whole, optimizer = build()
    train(whole, optimizer, epochs=8)
    model, optimizer = build()
    train(model, optimizer, resume=tmp_path / "c", epochs=8)
    assert state(model) == state(whole)


def test_resume_with_steps_and_early_stop(tmp_path):
    def options():
        return {"epochs": None, "max_steps": 13, "validation_steps": 2, "patience": 50, "restore_best": True}

    whole, optimizer = build()
    expected = train(whole, optimizer, **options())
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", steps=3), stop_at(6), **options())
    model, optimizer = build()
    found = train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", steps=3), resume=True, **options())
    assert state(model) == state(whole) and numbers(found) == numbers(expected) and found.stop == "steps"
    # Ended in the midst of an epoch, and gone on from there with more steps.
    longer = options() | {"max_steps": 19}
    whole, optimizer = build()
    train(whole, optimizer, **longer)
    model, optimizer = build()
    train(model, optimizer, resume=tmp_path / "c", **longer)
    assert state(model) == state(whole)


def test_the_first_run_and_the_next_are_one_program(tmp_path):
    for epochs in (2, 4):
        model, optimizer = build()
        train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"), resume=True, epochs=epochs)
    whole, optimizer = build()
    train(whole, optimizer, epochs=4)
    assert state(model) == state(whole)


def test_the_newest_are_kept(tmp_path):
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", steps=2, keep=2))
    assert sorted(os.listdir(tmp_path / "c")) == [f"step-{step:012}.safetensors" for step in (14, 15)]
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "d", epochs=2, keep=0))
    assert sorted(os.listdir(tmp_path / "d")) == [f"step-{step:012}.safetensors" for step in (6, 12, 15)]
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "e", seconds=1e-9, keep=0))
    assert len(os.listdir(tmp_path / "e")) == 15


def test_folders_with_checkpoints_of_others(tmp_path):
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", steps=5, keep=0))
    names = sorted(os.listdir(tmp_path / "c"))
    before = state(model)
    with pytest.raises(tw.TalwegError, match="earlier fit.*resume") as error:
        train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"))
    assert error.value.status == "TW_ERROR_STATE" and state(model) == before
    # From an earlier one, the later ones would be taken for its own.
    with pytest.raises(tw.TalwegError, match="000015"):
        train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"), resume=tmp_path / "c" / names[0])
    assert sorted(os.listdir(tmp_path / "c")) == names
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "d"), resume=tmp_path / "c" / names[0])


def test_another_model_is_told(tmp_path):
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"))
    other = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    before = state(other)
    with pytest.raises(ValueError) as error:
        train(other, optim.AdamW(other), resume=tmp_path / "c")
    for name in ("a.weight", "a.bias", "b.weight", "b.bias", "0.weight", "0.bias", "1.weight", "1.bias"):
        assert f'"{name}"' in str(error.value)
    assert state(other) == before
    wide = Net(9)
    before = state(wide)
    with pytest.raises(ValueError, match=r'"a.weight" is \[8, 3\].*\[9, 3\]'):
        train(wide, optim.AdamW(wide), resume=tmp_path / "c")
    model = Net()
    before = state(model)
    with pytest.raises(ValueError, match="optimizer.*sgd.*adamw"):
        train(model, optim.SGD(model), resume=tmp_path / "c")
    model = Net()
    optimizer = optim.AdamW(model, lr=0.7)
    schedule = optim.lr_scheduler.StepLR(optimizer, 3)
    with pytest.raises(ValueError, match="schedule.step.step"):
        train(model, optimizer, resume=tmp_path / "c", schedule=schedule)
    assert optimizer.lr == 0.7 and state(model) == before
    for options in ({"batch_size": 7}, {"seed": 5}, {"shuffle": False}, {"accumulate": 1}, {"validation_split": 0.0}):
        model, optimizer = build()
        before = state(model)
        with pytest.raises(ValueError, match=f"of a fit with {next(iter(options))}"):
            train(model, optimizer, resume=tmp_path / "c", **options)
        assert state(model) == before


def header(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def write_header(path, found, rest):
    text = json.dumps(found).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + rest)


def test_files_that_are_none(tmp_path):
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", steps=5, keep=0))
    *_, last = sorted((tmp_path / "c").iterdir())
    good = last.read_bytes()
    model, optimizer = build()
    before = state(model)

    def refused(kind, match):
        with pytest.raises(kind, match=match):
            train(model, optimizer, resume=last)
        assert state(model) == before

    found, rest = header(last)
    found["__metadata__"]["version"] = "2"
    write_header(last, found, rest)
    refused(tw.TalwegError, 'version "2"; this library reads version 1')
    del found["__metadata__"]
    write_header(last, found, rest)
    refused(ValueError, "no checkpoint")
    found, rest = header(last)
    last.write_bytes(b"nonsense")
    refused(ValueError, "header")
    refused_path = tmp_path / "none.safetensors"
    with pytest.raises(OSError):
        train(model, optimizer, resume=refused_path)
    for length in range(0, len(good), len(good) // 40):
        last.write_bytes(good[:length])
        refused(ValueError, "header|truncated|invalid|ends")
    # A tensor that is missing, or of other numbers.
    for name in ("fit/position", "fit/epochs", "random/process", "optimizer/adamw.state.0.step"):
        last.write_bytes(good)
        found, rest = header(last)
        if name not in found:
            continue
        found["other"] = found.pop(name)
        write_header(last, found, rest)
        refused(ValueError, name.split("/")[1])
    # A folder goes back to one that can be read.
    last.write_bytes(good[:-3])
    whole, made = build()
    train(whole, made)
    train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c"), resume=tmp_path / "c")
    assert state(model) == state(whole)


def test_a_folder_of_none_that_can_be_read(tmp_path):
    (tmp_path / "c").mkdir()
    model, optimizer = build()
    train(model, optimizer, resume=tmp_path / "c", epochs=1)  # none at all: the start
    (tmp_path / "c" / "step-000000000003.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match="too small"):
        train(model, optimizer, resume=tmp_path / "c")
    with pytest.raises(ValueError, match="ModelCheckpoint"):
        train(model, optimizer, resume=True)


def test_remains_of_killed_writers_go(tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    gone = folder / f".talweg-{dead.stdout.strip()}-1-2.tmp"
    alive = folder / f".talweg-{os.getppid()}-1-2.tmp"
    other = folder / ".talweg-x.tmp"
    for path in (gone, alive, other):
        path.write_bytes(b"")
    model, optimizer = build()
    train(model, optimizer, tw.ModelCheckpoint(folder))
    assert not gone.exists() and alive.exists() and other.exists()


FULL = """
import resource, sys, talweg as tw, numpy as np
from talweg import nn, optim
model = nn.Linear(100, 100)
X = np.zeros((20, 100), "float32")
failed = []
watch = tw.LambdaCallback(on_checkpoint_failed=lambda event: failed.append(event.message))
tw.fit(model, X, X, optimizer=optim.SGD(model), epochs=1, callbacks=[tw.ModelCheckpoint(sys.argv[1])])
before = model.weight.numpy().copy()
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
options = dict(optimizer=optim.SGD(model), epochs=3, resume=True)
if sys.argv[2] == "required":
    try:
        tw.fit(model, X + 1, X, callbacks=[tw.ModelCheckpoint(sys.argv[1], required=True)], **options)
    except OSError as error:
        print(error)
        print((model.weight.numpy() == before).all())
else:
    history = tw.fit(model, X + 1, X, callbacks=[tw.ModelCheckpoint(sys.argv[1]), watch], **options)
    print(failed[0])
    print(len(failed), history.failed_checkpoints, history.epochs, (model.weight.numpy() != before).any())
"""


@pytest.mark.parametrize("how", ["required", "not"])
def test_a_full_disk(tmp_path, how):
    folder = tmp_path / "c"
    done = subprocess.run(
        [sys.executable, "-c", FULL, folder, how], capture_output=True, text=True, timeout=60, check=True
    )
    lines = done.stdout.splitlines()
    assert "File too large" in lines[0]
    # What there was is there, and can be read.
    (path,) = folder.iterdir()
    assert path.name == "step-000000000001.safetensors" and "model/weight" in tw.load_safetensors(path)
    # The end's checkpoint is that of the last epoch, which failed too.
    assert lines[1] == ("True" if how == "required" else "3 3 3 True")


def test_checkpoints_need_a_folder_that_can_be(tmp_path):
    model, optimizer = build()
    before = state(model)
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "no" / "such", tmp_path / "file"):
        with pytest.raises(OSError):
            train(model, optimizer, tw.ModelCheckpoint(path))
    with pytest.raises(ValueError, match="path is empty"):
        train(model, optimizer, tw.ModelCheckpoint(""))
    for name in ("steps", "epochs", "seconds", "keep"):
        with pytest.raises(ValueError, match=f"checkpoint_{name}"):
            train(model, optimizer, tw.ModelCheckpoint(tmp_path / "c", **{name: -1}))
    assert state(model) == before


def test_best_weights_survive(tmp_path):
    """The best epoch lies before the interruption."""
    X = np.arange(1.0, 5)[:, None]

    def worsening(*callbacks, **options):
        model = nn.Linear(1, 1, bias=False, dtype="float64", init="zeros")
        model.weight.assign(np.array([[0.25]]))
        held = (X, np.zeros((4, 1)))
        history = tw.fit(
            model, X, X, optimizer=optim.SGD(model, lr=0.01), epochs=4, batch_size=4, validation_data=held,
            restore_best=True, callbacks=callbacks, **options,
        )  # fmt: skip
        return model.weight.item(), history.best_epoch

    expected = worsening()
    assert expected[1] == 0
    stop = tw.LambdaCallback(on_epoch_end=lambda event: event.epoch == 2)
    worsening(tw.ModelCheckpoint(tmp_path / "c"), stop)
    assert worsening(resume=tmp_path / "c") == expected
