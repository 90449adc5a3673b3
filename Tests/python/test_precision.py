"""Mixed precision against NumPy on factors rounded to bfloat16."""

import numpy as np
import pytest

import talweg as tw
from talweg import nn
from talweg.nn import functional as F


def rounded(x):
    """To bfloat16, to nearest with ties to even, as float64."""
    bits = np.ascontiguousarray(x, dtype="float32").view("uint32").astype("uint64")
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000
    return bits.astype("uint32").view("float32").astype("float64")


def gelu(x):
    from scipy.special import erf

    return x * (1 + erf(x / np.sqrt(2))) / 2


ACTIVATIONS = {
    "identity": (lambda x: x, lambda x: np.ones_like(x)),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
}


@pytest.mark.parametrize("shape", [(5, 7), (2, 3, 7), (0, 7), (64, 7)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(rng, shape, bias):
    x, w, b = (rng.normal(size=s).astype("float32") for s in (shape, (4, 7), (4,)))
    g = rng.normal(size=(*shape[:-1], 4)).astype("float32")
    tx, tw_, tb = (tw.tensor(a, requires_grad=True) for a in (x, w, b))
    with tw.autocast():
        y = F.linear(tx, tw_, tb if bias else None)
    expected = rounded(x) @ rounded(w).T + (b if bias else 0)
    assert y.dtype == tw.float32
    np.testing.assert_allclose(y.detach().numpy(), expected, atol=1e-5)
    y.backward(tw.asarray(g))
    rows, grads = rounded(x).reshape(-1, 7), rounded(g).reshape(-1, 4)
    np.testing.assert_allclose(tx.grad.numpy(), rounded(g) @ rounded(w), atol=1e-5)
    np.testing.assert_allclose(tw_.grad.numpy(), grads.T @ rows, atol=2e-5)
    if bias:
        np.testing.assert_allclose(tb.grad.numpy(), g.reshape(-1, 4).sum(0), atol=1e-5)
    assert tx.grad.dtype == tw_.grad.dtype == tw.float32


@pytest.mark.parametrize(("a", "b"), [((3, 5), (5, 4)), ((2, 3, 5), (5, 4)), ((2, 3, 5), (2, 5, 4)), ((5,), (5, 4)), ((3, 5), (5,))])
def test_matmul(rng, a, b):
    x, y = rng.normal(size=a).astype("float32"), rng.normal(size=b).astype("float32")
    tx, ty = tw.tensor(x, requires_grad=True), tw.tensor(y, requires_grad=True)
    with tw.autocast():
        z = tx @ ty
    assert z.dtype == tw.float32
    np.testing.assert_allclose(z.detach().numpy(), rounded(x) @ rounded(y), atol=1e-5)
    z.sum().backward()
    ones = np.ones(z.shape)
    if x.ndim == 2 and y.ndim == 2:
        np.testing.assert_allclose(tx.grad.numpy(), ones @ rounded(y).T, atol=1e-5)
        np.testing.assert_allclose(ty.grad.numpy(), rounded(x).T @ ones, atol=1e-5)
    assert tx.grad.shape == a and ty.grad.shape == b


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu"])
def test_activations(rng, activation):
    x, w, b = (rng.normal(size=s).astype("float32") for s in ((6, 7), (4, 7), (4,)))
    tx = tw.tensor(x, requires_grad=True)
    with tw.autocast():
        y = F.linear(tx, w, b, activation=activation)
    u = rounded(x) @ rounded(w).T + b
    if activation == "gelu":
        value = gelu(u)
        slope = (gelu(u + 1e-5) - gelu(u - 1e-5)) / 2e-5
    else:
        value, slope = (f(u) for f in ACTIVATIONS[activation])
    np.testing.assert_allclose(y.detach().numpy(), value, atol=1e-5)
    y.sum().backward()
    np.testing.assert_allclose(tx.grad.numpy(), rounded(slope) @ rounded(w), atol=2e-2)


def test_second_derivatives(rng):
    x = tw.tensor(rng.normal(size=(3, 4)).astype("float32"), requires_grad=True)
    w = tw.tensor(rng.normal(size=(2, 4)).astype("float32"), requires_grad=True)
    with tw.autocast():
        y = (F.linear(x, w) ** 3).sum()
    (dx,) = tw.grad(y, [x], create_graph=True)
    (ddx,) = tw.grad((dx * dx).sum(), [x])
    a, b = rounded(x.detach().numpy()), rounded(w.detach().numpy())
    u = a @ b.T
    slope = 3 * u**2
    first = slope @ b
    second = ((2 * first @ b.T) * 6 * u) @ b
    np.testing.assert_allclose(ddx.numpy(), second, rtol=2e-2, atol=1e-2)


def test_the_switch_nests_and_decorates():
    assert not tw.is_autocast_enabled()
    with tw.autocast("cpu", dtype=tw.bfloat16):
        assert tw.is_autocast_enabled()
        with tw.autocast(enabled=False):
            assert not tw.is_autocast_enabled()
        assert tw.is_autocast_enabled()

    @tw.autocast()
    def inside():
        return tw.is_autocast_enabled()

    assert inside() and not tw.is_autocast_enabled()
    assert tw.has_bfloat16() == ("kernels: avx512_bf16" in tw.build_info())


@pytest.mark.parametrize("arguments", [{"device_type": "cuda"}, {"dtype": "float16"}])
def test_what_there_is_not(arguments):
    with pytest.raises(ValueError, match="autocast"):
        tw.autocast(**arguments)


def test_training_follows_float32(rng):
    """A small network: the loss falls as in float32, with float32 parameters."""
    x = rng.normal(size=(256, 8)).astype("float32")
    y = np.sin(x @ rng.normal(size=(8, 2))).astype("float32")
    losses = {}
    for mixed in (False, True):
        net = nn.Sequential(
            nn.Linear(8, 64, generator=tw.random.Generator(1)), nn.GELU(), nn.Linear(64, 2, generator=tw.random.Generator(2))
        )
        optimizer = tw.optim.Adam(net, lr=1e-2)
        for _ in range(150):
            optimizer.zero_grad()
            with tw.autocast(enabled=mixed):
                loss = F.mse_loss(net(x), y)
            loss.backward()
            optimizer.step()
        losses[mixed] = loss.item()
        assert all(parameter.dtype == tw.float32 for parameter in net.parameters())
    assert losses[True] == pytest.approx(losses[False], rel=0.15) and losses[True] < 0.1


def test_fit_within_autocast(rng):
    """The fit loop trains in the precision of the thread that calls it."""
    x = rng.normal(size=(128, 8)).astype("float32")
    y = np.tanh(x @ rng.normal(size=(8, 1))).astype("float32")
    losses = {}
    for mixed in (False, True):
        net = nn.Sequential(
            nn.Linear(8, 32, generator=tw.random.Generator(1)), nn.Tanh(), nn.Linear(32, 1, generator=tw.random.Generator(2))
        )
        with tw.autocast(enabled=mixed):
            losses[mixed] = tw.fit(net, x, y, optimizer=tw.optim.Adam(net, lr=1e-2), epochs=20, batch_size=16).loss[-1]
    assert losses[True] != losses[False] and losses[True] == pytest.approx(losses[False], rel=0.2)
