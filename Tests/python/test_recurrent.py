"""LSTM and GRU against NumPy's formulas, their gradients against differences."""

import numpy as np
import pytest

import talweg as tw
from talweg.nn import functional as F


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def expected(kind, x, h, c, weights):
    """The states [T, B, H], the last state, the last cells (None for a GRU)."""
    w_ih, w_hh, b_ih, b_hh = weights
    states = []
    for now in x:
        a, b = now @ w_ih.T + b_ih, h @ w_hh.T + b_hh
        if kind == "lstm":
            i, f, g, o = np.split(a + b, 4, axis=-1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            (r, z, n), (r_h, z_h, n_h) = np.split(a, 3, axis=-1), np.split(b, 3, axis=-1)
            r, z = sigmoid(r + r_h), sigmoid(z + z_h)
            n = np.tanh(n + r * n_h)
            h = (1 - z) * n + z * h
        states.append(h)
    return np.stack(states), h, c


def arrays(rng, kind, T, B, I, H, dtype="float64"):
    G = (4 if kind == "lstm" else 3) * H
    shapes = [(T, B, I), (B, H), (B, H), (G, I), (G, H), (G,), (G,)]
    return [(0.5 * rng.normal(size=s)).astype(dtype) for s in shapes]


def run(kind, x, h, c, weights, **options):
    if kind == "lstm":
        y, (h, c) = F.lstm(x, (h, c), weights, **options)
        return y, h, c
    y, h = F.gru(x, h, weights, **options)
    return y, h, None


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (3, 5, 4, 7), (6, 17, 3, 33), (4, 8, 16, 64), (5, 32, 20, 40)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values(rng, kind, sizes, dtype):
    x, h, c, *weights = arrays(rng, kind, *sizes, dtype)
    tolerance = 3e-6 if dtype == "float32" else 1e-14
    want = expected(kind, x, h, c, weights)
    for found, right in zip(run(kind, x, h, c, weights), want):
        if found is not None:
            np.testing.assert_allclose(np.asarray(found), right, rtol=0, atol=tolerance)
    y, *_ = run(kind, np.swapaxes(x, 0, 1).copy(), h, c, weights, batch_first=True)
    np.testing.assert_allclose(np.swapaxes(np.asarray(y), 0, 1), want[0], rtol=0, atol=tolerance)
    # Without a state and biases: zeros.
    zero = [np.zeros_like(a) for a in (h, c, weights[2], weights[3])]
    want = expected(kind, x, *zero[:2], [*weights[:2], *zero[2:]])
    y, _ = getattr(F, kind)(x, None, weights[:2])
    np.testing.assert_allclose(np.asarray(y), want[0], rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_cells(rng, kind):
    x, h, c, *weights = arrays(rng, kind, 1, 3, 4, 5)
    want = expected(kind, x, h, c, weights)
    if kind == "lstm":
        found = F.lstm_cell(x[0], (h, c), weights)
        np.testing.assert_allclose(np.asarray(found[1]), want[2], atol=1e-14)
        found = found[0]
    else:
        found = F.gru_cell(x[0], h, weights)
    np.testing.assert_allclose(np.asarray(found), want[1], atol=1e-14)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("batch_first", [False, True])
def test_gradients(rng, kind, batch_first):
    inputs = arrays(rng, kind, 3, 2, 3, 4)
    if kind == "gru":
        inputs[2] = inputs[1] * 0
    given = [a.copy() for a in inputs]
    if batch_first:
        given[0] = np.swapaxes(given[0], 0, 1).copy()
    gradients = [rng.normal(size=(3, 2, 4)), rng.normal(size=(2, 4)), rng.normal(size=(2, 4))]
    leaves = [tw.asarray(a) for a in given]
    for leaf in leaves:
        leaf.requires_grad = True
    y, h, c = run(kind, leaves[0], leaves[1], leaves[2], leaves[3:], batch_first=batch_first)
    g = np.swapaxes(gradients[0], 0, 1).copy() if batch_first else gradients[0]
    loss = (y * g).sum() + (h * gradients[1]).sum()
    if c is not None:
        loss = loss + (c * gradients[2]).sum()
    loss.backward()

    def value():
        results = expected(kind, *inputs[:3], inputs[3:])
        return sum((a * b).sum() for a, b in zip(results, gradients) if a is not None and (a is not results[2] or c is not None))

    for position, (x, leaf) in enumerate(zip(inputs, leaves)):
        if kind == "gru" and position == 2:
            continue
        slope = np.empty_like(x)
        for i in np.ndindex(*x.shape):
            old = x[i]
            x[i] = old + 1e-6
            high = value()
            x[i] = old - 1e-6
            slope[i] = (high - value()) / 2e-6
            x[i] = old
        if position == 0 and batch_first:
            slope = np.swapaxes(slope, 0, 1)
        np.testing.assert_allclose(np.asarray(leaf.grad), slope, atol=2e-8)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_same_bits_on_any_number_of_threads(rng, kind):
    before = tw.num_threads()
    given = arrays(rng, kind, 5, 37, 19, 65, "float32")
    results = []
    try:
        for threads in (1, 2, 3):
            tw.set_num_threads(threads)
            leaves = [tw.asarray(a.copy()) for a in given]
            for leaf in leaves:
                leaf.requires_grad = True
            y, h, c = run(kind, leaves[0], leaves[1], leaves[2], leaves[3:])
            (y.sum() + (h * h).sum()).backward()
            results.append([np.asarray(y.detach())] + [np.asarray(a.grad) for a in leaves if a.grad is not None])
    finally:
        tw.set_num_threads(before)
    for other in results[1:]:
        assert len(other) == len(results[0])
        assert all((a == b).all() for a, b in zip(results[0], other))


def test_bad_input(rng):
    x, h, c, *weights = arrays(rng, "lstm", 2, 3, 4, 5)
    for bad in [
        lambda: F.lstm(x[0], None, weights),
        lambda: F.lstm(x[:0], None, weights),
        lambda: F.lstm(x, None, weights[:1]),
        lambda: F.lstm(x, (h[:2], c), weights),
        lambda: F.lstm(x, (h, c), [weights[0][:, :3], *weights[1:]]),
        lambda: F.gru(x, h, weights),
        lambda: F.lstm_cell(x, None, weights),
    ]:
        with pytest.raises(ValueError):
            bad()
    for bad in [lambda: F.lstm(x.astype("float32"), None, weights), lambda: F.lstm(x.astype("int64"), None, weights)]:
        with pytest.raises(TypeError):
            bad()
