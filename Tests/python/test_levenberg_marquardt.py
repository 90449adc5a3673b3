"""Levenberg-Marquardt on networks against SciPy's, and against Adam."""

import time

import numpy as np
import pytest
from scipy import optimize

import talweg as tw
from talweg import nn, optim


def network(rng, *widths, dtype="float64", activation=nn.Tanh):
    layers = []
    for inputs, outputs in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(inputs, outputs, dtype=dtype), activation()]
    model = nn.Sequential(*layers[:-1])
    for parameter in model.parameters():
        parameter.assign(tw.tensor(rng.normal(size=parameter.shape) / 2))
    return model


def flat(model):
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


def fill(model, x):
    at = 0
    for p in model.parameters():
        p.assign(tw.tensor(x[at : at + p.size].reshape(p.shape)))
        at += p.size


def forward(x, X, widths):
    """The outputs of a network of tanh layers with parameters x."""
    h, at = X, 0
    for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False)):
        W = x[at : at + inputs * outputs].reshape(outputs, inputs)
        b = x[at + inputs * outputs : at + (inputs + 1) * outputs]
        at += (inputs + 1) * outputs
        h = h @ W.T + b
        if layer < len(widths) - 2:
            h = np.tanh(h)
    return h


@pytest.mark.parametrize(("widths", "seed"), [((2, 3, 2), 2), ((2, 3, 2), 3), ((3, 4, 2), 3), ((1, 2, 1), 0)])
def test_same_minimum_as_scipy(widths, seed):
    """Data of a network with noise, from a start that is not far from it: there is a minimum, and one only near."""
    rng = np.random.default_rng(seed)
    model = network(rng, *widths)
    X = rng.uniform(-2, 2, size=(150, widths[0]))
    truth = 2 * flat(model)
    Y = forward(truth, X, widths) + rng.normal(size=(150, widths[-1])) / 20
    start = truth + rng.normal(size=truth.size) * 0.2
    fill(model, start)

    def residuals(x):
        return (forward(x, X, widths) - Y).ravel()

    peer = optimize.least_squares(
        residuals, start, method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20000
    )
    fit = optim.LevenbergMarquardt(model).fit(X, Y, max_iterations=1000)
    assert fit.cost == pytest.approx(peer.cost, rel=1e-8)
    np.testing.assert_allclose(tw.predict(model, X).numpy(), forward(peer.x, X, widths), atol=1e-6)
    assert fit.cost == pytest.approx(np.sum(residuals(flat(model)) ** 2) / 2, rel=1e-12)
    assert fit.evaluations <= 1.5 * peer.nfev
    assert fit.stop == "cost"
    assert fit.degrees_of_freedom == Y.size - len(start)


def test_a_sine_far_better_than_adam(rng):
    x = np.linspace(-np.pi, np.pi, 200)[:, None]
    y = np.sin(2 * x)
    model, other = network(rng, 1, 20, 1), network(np.random.default_rng(12345), 1, 20, 1)
    other.load_state_dict(model.state_dict())
    began = time.perf_counter()
    fit = optim.LevenbergMarquardt(model).fit(x, y, max_iterations=200)
    seconds = max(time.perf_counter() - began, 0.2)
    inputs, targets = tw.tensor(x), tw.tensor(y)
    adam = optim.Adam(other, lr=0.01)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        adam.zero_grad()
        tw.mse_loss(other(inputs), targets).backward()
        adam.step()
    error = tw.mse_loss(model(inputs), targets).item()
    assert error == pytest.approx(2 * fit.cost / 200, rel=1e-9)
    assert error * 100 <= tw.mse_loss(other(inputs), targets).item()
    assert error < 1e-6


class Twisted(nn.Module):
    """No Sequential: the Jacobian is the tape's."""

    def __init__(self, first, function, second):
        super().__init__()
        self.first = first
        self.function = function
        self.second = second

    def forward(self, x):
        return self.second(self.function(self.first(x)))


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("activation", [nn.Tanh, nn.Sigmoid, nn.GELU, nn.ReLU])
def test_the_tape_and_the_layers_agree(outputs, activation, rng):
    X, Y = rng.normal(size=(30, 2)), rng.normal(size=(30, outputs))
    layered = network(rng, 2, 5, outputs, activation=activation)
    taped = Twisted(nn.Linear(2, 5, dtype="float64"), activation(), nn.Linear(5, outputs, dtype="float64"))
    for a, b in zip(taped.parameters(), layered.parameters(), strict=True):
        a.assign(b.detach())
    fits = [optim.LevenbergMarquardt(model).fit(X, Y, max_iterations=5) for model in (layered, taped)]
    assert fits[0].cost == pytest.approx(fits[1].cost, rel=1e-9)
    np.testing.assert_allclose(flat(layered), flat(taped), rtol=1e-6)


@pytest.mark.parametrize("activation", [nn.Tanh, nn.Sigmoid, nn.GELU])
def test_jacobian_by_differences(activation, rng):
    """The first step of a fit with each Jacobian is the same."""
    X, Y = rng.normal(size=(25, 2)), rng.normal(size=(25, 2))
    model = network(rng, 2, 4, 2, activation=activation)
    start = flat(model)

    def residuals(x):
        fill(model, x)
        return (model(tw.tensor(X)).detach().numpy() - Y).ravel()

    peer = tw.least_squares(residuals, start, jac="3-point", max_nfev=2)
    residuals(start)
    optim.LevenbergMarquardt(model).fit(X, Y, max_iterations=0, max_evaluations=2)
    np.testing.assert_allclose(flat(model), peer.x, rtol=1e-5, atol=1e-7)


def test_weights_losses_and_frozen_parameters(rng):
    X, Y = rng.normal(size=(40, 2)), rng.normal(size=(40, 1))
    model = nn.Sequential(nn.Linear(2, 1, dtype="float64"))
    w = rng.uniform(0, 2, size=40)
    optim.LevenbergMarquardt(model).fit(X, Y, w)
    design, root = np.column_stack([X, np.ones(40)]), np.sqrt(w)[:, None]
    expected = np.linalg.lstsq(design * root, (Y * root).ravel(), rcond=None)[0]
    np.testing.assert_allclose(flat(model), expected, rtol=1e-9)
    optim.LevenbergMarquardt(model).fit(X, Y, w[:, None])
    np.testing.assert_allclose(flat(model), expected, rtol=1e-9)
    Y[0] = 1000
    fit = optim.LevenbergMarquardt(model, loss="huber", f_scale=0.5).fit(X, Y)
    peer = tw.least_squares(lambda x: design @ x - Y.ravel(), np.zeros(3), loss="huber", f_scale=0.5)
    np.testing.assert_allclose(flat(model), peer.x, rtol=1e-6)
    assert fit.cost == pytest.approx(peer.cost, rel=1e-9)
    model[0].bias.requires_grad = False
    model[0].bias.assign(tw.tensor([7.0]))
    optim.LevenbergMarquardt(model).fit(X, Y)
    expected = np.linalg.lstsq(X, Y.ravel() - 7, rcond=None)[0]
    np.testing.assert_allclose(flat(model), [*expected, 7], rtol=1e-8)


def test_more_parameters_than_residuals(rng):
    X, Y = rng.normal(size=(15, 2)), rng.normal(size=(15, 1))
    model = network(rng, 2, 20, 1)
    fit = optim.LevenbergMarquardt(model).fit(X, Y)
    assert fit.degrees_of_freedom == 15 - 81
    assert fit.cost < 1e-20


def test_float32_modules(rng):
    x = np.linspace(-2, 2, 50, dtype=np.float32)[:, None]
    model = network(rng, 1, 6, 1, dtype="float32")
    fit = optim.LevenbergMarquardt(model).fit(x, np.sin(2 * x))
    assert 2 * fit.cost / 50 < 1e-4
    assert next(model.parameters()).dtype == tw.float32


def test_many_parameters(rng):
    X = rng.uniform(-1, 1, size=(800, 4))
    Y = np.sin(3 * X[:, :1]) * X[:, 1:2] + X[:, 2:3] * X[:, 3:]
    model = network(rng, 4, 20, 20, 1)
    assert model.parameter_size == 541
    before = np.mean((tw.predict(model, X).numpy() - Y) ** 2)
    fit = optim.LevenbergMarquardt(model).fit(X, Y, max_iterations=15)
    assert 2 * fit.cost / 800 < 1e-3 * before


def test_steps_go_on(rng):
    X, Y = rng.normal(size=(40, 2)), rng.normal(size=(40, 1))
    model = network(rng, 2, 4, 1)
    solver = optim.LevenbergMarquardt(model)
    costs = [solver.step(X, Y).cost for _ in range(10)]
    assert all(after <= before for before, after in zip(costs, costs[1:], strict=False))
    assert solver.step(X, Y).stop == "iterations"
    assert costs[-1] < costs[0]


def test_callback_stops_and_fails(rng):
    X, Y = rng.normal(size=(40, 2)), rng.normal(size=(40, 1))
    model = network(rng, 2, 4, 1)
    seen = []

    def tell(*progress):
        seen.append(progress)
        return len(seen) == 3

    fit = optim.LevenbergMarquardt(model).fit(X, Y, callback=tell)
    assert fit.stop == "callback" and len(seen) == 3 and seen[-1][2] == fit.cost
    before = flat(model)

    def fails(*progress):
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        optim.LevenbergMarquardt(model).fit(X, Y, callback=fails)
    assert model.training
    assert np.isfinite(flat(model)).all() and before.shape == flat(model).shape


def test_refuses(rng):
    X, Y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    model = network(rng, 2, 3, 1)
    before = flat(model)
    solver = optim.LevenbergMarquardt(model)
    for error, call in [
        (ValueError, lambda: solver.fit(X, Y.ravel())),
        (ValueError, lambda: solver.fit(X[:0], Y[:0])),
        (ValueError, lambda: solver.fit(X, Y, np.ones(9))),
        (ValueError, lambda: solver.fit(X, Y, -np.ones(10))),
        (ValueError, lambda: solver.fit(X, Y, max_iterations=-1)),
        (ValueError, lambda: optim.LevenbergMarquardt(model, ftol=-1).fit(X, Y)),
        (ValueError, lambda: optim.LevenbergMarquardt(model, loss="absolute")),
        (tw.TalwegError, lambda: solver.fit(X * np.nan, Y)),
        (tw.TalwegError, lambda: solver.fit(X, Y * np.inf)),
        (tw.TalwegError, lambda: optim.LevenbergMarquardt(nn.ReLU()).fit(X, X)),
    ]:
        with pytest.raises(error):
            call()
    np.testing.assert_array_equal(flat(model), before)
