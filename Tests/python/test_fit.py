"""The fit loop, prediction, progress."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim


def classes(rng, n=300):
    X = rng.normal(size=(n, 2)).astype("float32")
    return X, (X[:, 0] * X[:, 1] > 0).astype("int64")


def network(seed=1, inputs=2, outputs=2):
    generator = tw.random.Generator(seed)
    return nn.Sequential(
        nn.Linear(inputs, 16, init="he_normal", generator=generator),
        nn.ReLU(),
        nn.Linear(16, outputs, generator=generator),
    )


def test_it_learns(rng):
    X, y = classes(rng)
    model = network()
    history = tw.fit(model, X, y, loss="cross_entropy", optimizer=optim.Adam(model, lr=0.02), epochs=40, seed=1)
    assert history.epochs == 40 and len(history.loss) == 40 and history.stop == "epochs"
    assert history.loss[-1] < 0.3 * history.loss[0] and history.accuracy[-1] > 0.95
    assert history.validation_loss == [] and history.best_epoch == int(np.argmin(history.loss))
    assert (np.diff(history.seconds) >= 0).all()
    guesses = tw.predict(model, X).argmax(axis=1)
    assert (guesses == y).numpy().mean() > 0.95
    assert set(history.to_dict()) == {"loss", "accuracy", "seconds"} and "40 epochs" in repr(history)


def test_an_epoch_is_the_formula(rng):
    X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
    model = nn.Linear(3, 1, dtype="float64")
    w, b = model.weight.detach().numpy().copy(), model.bias.detach().numpy().copy()
    losses = []
    for i in range(0, 8, 4):
        residual = X[i : i + 4] @ w.T + b - y[i : i + 4]
        losses.append(np.mean(residual**2) + 0.1 * np.abs(w).sum() + 0.2 * np.square(w).sum())
        gradient = 2 * residual.T @ X[i : i + 4] / 4 + 0.1 * np.sign(w) + 0.4 * w
        w, b = w - 0.05 * gradient, b - 0.05 * 2 * residual.mean(axis=0)
    history = tw.fit(
        model, X, y, optimizer=optim.SGD(model, lr=0.05), epochs=1, batch_size=4, shuffle=False, l1=0.1, l2=0.2
    )
    np.testing.assert_allclose(model.weight.numpy(), w, rtol=1e-12)
    np.testing.assert_allclose(model.bias.numpy(), b, rtol=1e-12)
    np.testing.assert_allclose(history.loss[0], np.mean(losses), rtol=1e-12)
    assert history.accuracy == []


def test_validation_and_early_stop(rng):
    X, y = classes(rng, 60)
    model = network()
    y = rng.integers(0, 2, 60)  # nothing to be learnt: the held-out loss rises
    history = tw.fit(
        model, X, y, loss="cross_entropy", optimizer=optim.Adam(model, lr=0.05), epochs=200,
        validation_split=0.3, patience=5, restore_best=True, seed=2,
    )  # fmt: skip
    assert history.stop == "early" and history.epochs == history.best_epoch + 6 < 200
    assert history.best_epoch == int(np.argmin(history.validation_loss))
    assert len(history.validation_accuracy) == history.epochs


def test_validation_data(rng):
    X, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 1))
    model = nn.Linear(2, 1)
    history = tw.fit(model, X[:20], y[:20], optimizer=optim.SGD(model), epochs=3, validation_data=(X[20:], y[20:]))
    expected = np.mean((tw.predict(model, X[20:]).numpy() - y[20:]) ** 2)
    np.testing.assert_allclose(history.validation_loss[-1], expected, rtol=1e-5)


def test_dtypes_follow_the_model(rng):
    X, y = rng.normal(size=(10, 2)), rng.integers(0, 5, (10, 1))
    for dtype in ("float32", "float64"):
        model = nn.Linear(2, 1, dtype=dtype)
        tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=1)
        assert tw.predict(model, X).dtype == dtype


def test_callbacks(rng):
    X, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    model = nn.Linear(2, 1)
    seen = []
    history = tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=5, callback=seen.append)
    assert [p.epoch for p in seen] == [1, 2, 3, 4, 5] and seen[0].epochs == 5
    assert [p.loss for p in seen] == history.loss and np.isnan(seen[0].validation_loss)
    history = tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=5, callback=lambda p: p.epoch == 2)
    assert history.stop == "cancelled" and history.epochs == 2

    class Mine(Exception):
        pass

    def fail(progress):
        raise Mine("from the callback")

    with pytest.raises(Mine, match="from the callback"):
        tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=5, callback=fail)
    with pytest.raises(TypeError):
        tw.fit(model, X, y, optimizer=optim.SGD(model), epochs=5, callback=3)


def test_divergence(rng):
    X, y = rng.normal(size=(20, 2)), rng.normal(size=(20, 1))
    model = nn.Linear(2, 1)
    before = model.weight.tolist()
    with pytest.raises(tw.TalwegError) as error:
        tw.fit(model, X, y, optimizer=optim.SGD(model, lr=1e30), epochs=50, batch_size=5)
    assert error.value.status == "TW_ERROR_DIVERGED" and "rate" in str(error.value)
    assert model.weight.tolist() == before  # the first epoch diverged: back to its start


def test_a_module_of_ones_own_is_fitted(rng):
    class Curve(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Parameter([0.5])
            self.b = nn.Parameter([0.5])

        def forward(self, x):
            return self.a * tw.exp(-self.b * x)

    x = np.linspace(0, 3, 40)[:, None]
    model = Curve()
    history = tw.fit(
        model, x, 2.0 * np.exp(-1.3 * x), optimizer=optim.Adam(model, lr=0.05), epochs=200, batch_size=40,
        callback=lambda progress: progress.loss < 1e-10,
    )  # fmt: skip
    assert (model.a.item(), model.b.item()) == (pytest.approx(2, abs=1e-3), pytest.approx(1.3, abs=1e-3))
    assert history.loss[-1] < 1e-6
    with tw.no_grad():
        assert tw.predict(model, x, batch_size=7).shape == (40, 1)


def test_modes_are_put_back(rng):
    X = rng.normal(size=(10, 2)).astype("float32")
    model = nn.Sequential(nn.Linear(2, 50), nn.Dropout(0.5), nn.Linear(50, 1))
    assert tw.predict(model, X).tolist() == tw.predict(model, X).tolist() and model.training
    model.eval()
    tw.fit(model, X, X[:, :1], optimizer=optim.SGD(model), epochs=1)
    assert not model.training


@pytest.mark.parametrize("threads", [1, 2])
def test_same_seed_same_bits(threads, rng):
    """Also on another number of threads, in test_trained_weights."""
    X, y = classes(rng)
    before = tw.num_threads()

    def train(seed):
        model = network()
        tw.fit(
            model, X, y, loss="cross_entropy", optimizer=optim.AdamW(model), epochs=3, validation_split=0.2, seed=seed
        )
        return b"".join(p.detach().numpy().tobytes() for p in model.parameters())

    try:
        tw.set_num_threads(threads)
        assert train(5) == train(5) != train(6)
    finally:
        tw.set_num_threads(before)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"loss": "absolute"}, ValueError),
        ({"loss": None}, ValueError),
        ({"epochs": -1}, ValueError),
        ({"batch_size": 0}, ValueError),
        ({"validation_split": 1.0}, ValueError),
        ({"validation_split": -0.1}, ValueError),
        ({"validation_split": float("nan")}, ValueError),
        ({"patience": -1}, ValueError),
        ({"l1": -1.0}, ValueError),
        ({"validation_data": (np.ones((3, 2)), np.ones((4, 1)))}, ValueError),
        ({"optimizer": None}, TypeError),
    ],
)
def test_bad_options(change, error, rng):
    X, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    model = nn.Linear(2, 1)
    before = model.weight.tolist()
    options = {"optimizer": optim.SGD(model), "epochs": 1, **change}
    with pytest.raises(error):
        tw.fit(model, X, y, **options)
    assert model.weight.tolist() == before


def test_an_optimizer_of_another_model(rng):
    model, other = nn.Linear(2, 1), nn.Linear(2, 1)
    with pytest.raises((ValueError, tw.TalwegError)):
        tw.fit(model, rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), optimizer=optim.SGD(other), epochs=1)


def test_plot(tmp_path, rng):
    X, y = classes(rng, 40)
    model = network()
    history = tw.fit(model, X, y, loss="cross_entropy", optimizer=optim.SGD(model), epochs=3, validation_split=0.2)
    history.plot(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def run_fit(capfd, **options):
    model = nn.Linear(1, 1)
    X = np.arange(4.0)[:, None]
    tw.fit(model, X, X, optimizer=optim.SGD(model), epochs=3, **options)
    return capfd.readouterr().err


def test_progress_with_tqdm(capfd):
    text = run_fit(capfd, progress=True)
    assert "fit: 100%" in text and "3/3" in text and "loss=" in text


def test_progress_without_tqdm(capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    text = run_fit(capfd, progress=True)
    assert "fit 3/3, loss" in text and "\r" not in text


def test_progress_on_a_terminal(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    text = run_fit(capfd)
    assert text.startswith("\rfit ") and "fit 3/3, loss" in text and text.endswith("\n")


def test_progress_is_off_by_itself_elsewhere(capfd):
    assert run_fit(capfd) == "" and run_fit(capfd, progress=False) == ""


def test_progress_of_a_descent(capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    tw.lstsq([1.0, 2, 3], [1.0, 2, 3], method="gradient_descent", max_iterations=5, tolerance=0, progress=True)
    assert "lstsq 5/5, loss" in capfd.readouterr().err


INTERRUPTED = """
import signal, sys, numpy as np, talweg as tw
# A shell gives a command in the background an ignored interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
X = np.random.default_rng(0).normal(size=(2000, 20)); y = X @ np.ones(20)
print("ready", flush=True)
try:
    if sys.argv[1] == "fit":
        model = tw.nn.Linear(20, 1)
        tw.fit(model, X, y[:, None], optimizer=tw.optim.SGD(model, lr=1e-4), epochs=10**9)
    else:
        tw.lstsq(X, y, method="gradient_descent", learning_rate=1e-9, tolerance=0, max_iterations=10**9)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("what", ["fit", "lstsq"])
def test_ctrl_c_stops(what):
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED, what], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[0] == "interrupted\n" and process.returncode == 0


def test_the_lock_is_released(rng):
    X, y = rng.normal(size=(4000, 30)), rng.normal(size=4000)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.monotonic()
    tw.lstsq(X, y, method="gradient_descent", learning_rate=1e-6, tolerance=0, max_iterations=2000)
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(start < t < end for t in ticks) > 5 or end - start < 0.05


def test_after_fork(rng):
    X = rng.normal(size=(300, 300)).astype("float32")
    expected = (tw.asarray(X) @ X).numpy()
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal((tw.asarray(X) @ X).numpy(), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0
