"""Optimizers against their formulas in NumPy."""

import numpy as np
import pytest

import talweg as tw
from talweg import optim

START = np.array([1.0, -2.0, 0.5])


def gradient(p, step):
    return p * p + np.sin(step + np.arange(3.0))


def run(make, steps=7):
    p = tw.tensor(START, requires_grad=True)
    optimizer = make([p])
    for step in range(steps):
        p.grad = gradient(p.detach().numpy(), step)
        optimizer.step()
    return p.detach().numpy()


def sgd(lr, momentum=0.0, weight_decay=0.0, nesterov=False, steps=7):
    p, v = START.copy(), np.zeros(3)
    for step in range(steps):
        g = gradient(p, step) + weight_decay * p
        v = momentum * v + g
        p = p - lr * (g + momentum * v if nesterov else v)
    return p


def rmsprop(lr, alpha, eps, weight_decay, momentum, steps=7):
    p, s, v = START.copy(), np.zeros(3), np.zeros(3)
    for step in range(steps):
        g = gradient(p, step) + weight_decay * p
        s = alpha * s + (1 - alpha) * g * g
        v = momentum * v + g / (np.sqrt(s) + eps)
        p = p - lr * v
    return p


def adam(lr, betas, eps, weight_decay, decoupled, steps=7):
    p, m, v = START.copy(), np.zeros(3), np.zeros(3)
    for step in range(steps):
        g = gradient(p, step) + (0 if decoupled else weight_decay * p)
        if decoupled:
            p = p - lr * weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        corrected = v / (1 - betas[1] ** (step + 1))
        p = p - lr * m / (1 - betas[0] ** (step + 1)) / (np.sqrt(corrected) + eps)
    return p


# The gradient of AdamW is taken before the decay, as its formula has it.
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda p: optim.SGD(p, lr=0.1), lambda: sgd(0.1)),
        (lambda p: optim.SGD(p, lr=0.1, momentum=0.9), lambda: sgd(0.1, 0.9)),
        (lambda p: optim.SGD(p, lr=0.05, momentum=0.8, weight_decay=0.1), lambda: sgd(0.05, 0.8, 0.1)),
        (lambda p: optim.SGD(p, 0.05, momentum=0.8, nesterov=True), lambda: sgd(0.05, 0.8, nesterov=True)),
        (lambda p: optim.RMSProp(p), lambda: rmsprop(0.01, 0.99, 1e-8, 0, 0)),
        (
            lambda p: optim.RMSProp(p, lr=0.02, alpha=0.9, eps=1e-3, weight_decay=0.1, momentum=0.5),
            lambda: rmsprop(0.02, 0.9, 1e-3, 0.1, 0.5),
        ),
        (lambda p: optim.Adam(p), lambda: adam(1e-3, (0.9, 0.999), 1e-8, 0, False)),
        (
            lambda p: optim.Adam(p, lr=0.1, betas=(0.8, 0.9), eps=1e-4, weight_decay=0.1),
            lambda: adam(0.1, (0.8, 0.9), 1e-4, 0.1, False),
        ),
        (lambda p: optim.AdamW(p, lr=0.1), lambda: adam(0.1, (0.9, 0.999), 1e-8, 0.01, True)),
        (lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.3), lambda: adam(0.1, (0.9, 0.999), 1e-8, 0.3, True)),
    ],
)
def test_formulas(make, expected):
    np.testing.assert_allclose(run(make), expected(), rtol=1e-12)


def test_what_it_holds():
    model = tw.nn.Linear(2, 1)
    x = tw.tensor(1.0, requires_grad=True)
    for params in (model, list(model.parameters()), model.parameters(), [*model.parameters(), x], x):
        optimizer = optim.SGD(params, lr=0.5)
        assert optimizer.lr == 0.5
        optimizer.lr = 0.25
        assert optimizer.lr == 0.25
    with pytest.raises(ValueError, match="at least one"):
        optim.Adam([])
    with pytest.raises((ValueError, tw.TalwegError)):
        optim.Adam([tw.tensor(1.0)])
    with pytest.raises(TypeError):
        optim.Adam([1.0])
    with pytest.raises(ValueError):
        optimizer.lr = -1.0
    with pytest.raises(TypeError):
        optimizer.lr = "fast"


@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=-0.1),
        lambda p: optim.SGD(p, lr=float("nan")),
        lambda p: optim.SGD(p, momentum=1.0),
        lambda p: optim.SGD(p, momentum=0.0, nesterov=True),
        lambda p: optim.RMSProp(p, alpha=1.5),
        lambda p: optim.Adam(p, betas=(1.0, 0.9)),
        lambda p: optim.Adam(p, eps=-1.0),
        lambda p: optim.AdamW(p, weight_decay=float("inf")),
    ],
)
def test_what_is_out_of_range(make):
    with pytest.raises(ValueError):
        make([tw.tensor(1.0, requires_grad=True)])


def test_frozen_parameters_stay():
    model = tw.nn.Sequential(tw.nn.Linear(2, 3), tw.nn.Linear(3, 1))
    model[0].weight.requires_grad = False
    before, other = model[0].weight.tolist(), model[1].weight.tolist()
    tw.fit(model, np.ones((4, 2)), np.ones((4, 1)), optimizer=optim.SGD(model, lr=0.1), epochs=2)
    assert model[0].weight.tolist() == before and model[1].weight.tolist() != other
    for parameter in model.parameters():
        parameter.requires_grad = False
    with pytest.raises(ValueError, match="at least one"):
        optim.SGD(model)


def test_zero_grad_and_unused_parameters():
    a, b = (tw.tensor(1.0, requires_grad=True) for _ in range(2))
    optimizer = optim.SGD([a, b], lr=0.1)
    (a * 2).backward()
    optimizer.step()
    assert (a.item(), b.item()) == (pytest.approx(0.8), 1.0)
    optimizer.zero_grad()
    assert a.grad is None or a.grad.item() == 0
