"""L-BFGS against SciPy's and PyTorch's (Tests/fixtures/torch_lbfgs.py)."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

import talweg as tw
from talweg import nn, optim
from talweg.nn import functional as F

RUNS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "lbfgs.json").read_text())["runs"]
EXACT = {"tolerance_grad": 1e-10, "tolerance_change": 0, "history_size": 10}


def counted(optimizer, loss_of):
    """A closure, and how often it was called."""
    calls = []

    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        return loss

    return closure, calls


def rosenbrock(p):
    a, b = p[1:] - p[:-1] ** 2, 1 - p[:-1]
    return (100 * a * a + b * b).sum()


@pytest.mark.parametrize("size", [2, 10, 50])
def test_rosenbrock_as_scipy(size):
    start = np.tile([-1.2, 1.0], size // 2)
    peer = optimize.minimize(
        optimize.rosen, start, jac=optimize.rosen_der, method="L-BFGS-B",
        options={"ftol": 0, "gtol": 1e-10, "maxiter": 2000, "maxfun": 5000},
    )  # fmt: skip
    p = tw.tensor(start, requires_grad=True)
    optimizer = optim.LBFGS([p], max_iter=2000, max_eval=5000, **EXACT)
    closure, calls = counted(optimizer, lambda: rosenbrock(p))
    first = optimizer.step(closure)
    assert first.item() == pytest.approx(optimize.rosen(start), rel=1e-12)
    np.testing.assert_allclose(p.detach().numpy(), 1, atol=1e-8)
    np.testing.assert_allclose(peer.x, 1, atol=1e-8)
    assert len(calls) <= 1.5 * peer.nfev


def test_logistic_regression_as_scipy(rng):
    X = rng.normal(size=(200, 8))
    y = (rng.random(200) < 1 / (1 + np.exp(-X @ rng.normal(size=8)))).astype(float)

    def value(w):
        z = X @ w
        loss = np.mean(np.logaddexp(0, z) - y * z) + 0.005 * w @ w
        return loss, X.T @ (1 / (1 + np.exp(-z)) - y) / 200 + 0.01 * w

    peer = optimize.minimize(value, np.zeros(8), jac=True, method="L-BFGS-B", options={"ftol": 0, "gtol": 1e-10})
    w = tw.tensor(np.zeros(8), requires_grad=True)
    optimizer = optim.LBFGS([w], max_iter=200, **EXACT)
    inputs, targets = tw.tensor(X), tw.tensor(y)

    def loss():
        return F.binary_cross_entropy_with_logits(inputs @ w, targets) + 0.005 * (w * w).sum()

    closure, calls = counted(optimizer, loss)
    optimizer.step(closure)
    np.testing.assert_allclose(w.detach().numpy(), peer.x, atol=1e-8)
    assert len(calls) <= 1.5 * peer.nfev + 5


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_network_as_pytorch(number):
    run = RUNS[number]
    x, y = tw.tensor(run["x"], dtype=run["dtype"]), tw.tensor(run["y"], dtype=run["dtype"])
    model = nn.Sequential(nn.Linear(2, 8, dtype=run["dtype"]), nn.Tanh(), nn.Linear(8, 1, dtype=run["dtype"]))
    model.load_state_dict({name: tw.tensor(value, dtype=run["dtype"]) for name, value in run["start"].items()})
    optimizer = optim.LBFGS(model, max_iter=5, history_size=10)
    closure, calls = counted(optimizer, lambda: F.mse_loss(model(x), y))
    losses = [optimizer.step(closure).item() for _ in range(20)]
    assert losses[0] == pytest.approx(run["losses"][0], rel=1e-5)
    assert all(after <= before for before, after in zip(losses, losses[1:], strict=False))
    # Line searches differ, and so the way; both go down a valley.
    assert F.mse_loss(model(x), y).item() <= 1.5 * run["losses"][-1]
    assert len(calls) <= 1.5 * run["evaluations"]


def quadratic(rng):
    A = rng.normal(size=(30, 6))
    p = tw.tensor(rng.normal(size=6), requires_grad=True)
    matrix, target = tw.tensor(A), tw.tensor(rng.normal(size=30))
    return p, lambda: F.mse_loss(matrix @ p, target), np.linalg.lstsq(A, target.numpy(), rcond=None)[0]


def test_state_is_exact(rng, tmp_path):
    p, loss, _ = quadratic(rng)
    first = optim.LBFGS([p], max_iter=2, history_size=3)
    closure, _ = counted(first, loss)
    for _ in range(3):
        first.step(closure)
    saved = p.detach().numpy().copy()
    first.save(tmp_path / "lbfgs.safetensors")
    for _ in range(2):
        first.step(closure)
    expected = p.detach().numpy().copy()
    p.assign(tw.tensor(saved))
    second = optim.LBFGS([p], max_iter=2, history_size=3)
    second.load(tmp_path / "lbfgs.safetensors")
    closure, _ = counted(second, loss)
    for _ in range(2):
        second.step(closure)
    assert p.detach().numpy().tobytes() == expected.tobytes()
    p.assign(tw.tensor(saved))
    third = optim.LBFGS([p], max_iter=2, history_size=3)
    closure, _ = counted(third, loss)
    third.step(closure)
    third.step(closure)
    assert p.detach().numpy().tobytes() != expected.tobytes()  # what it learned of the curvature matters
    with pytest.raises(ValueError, match="history holds 2"):
        optim.LBFGS([p], history_size=2).load(tmp_path / "lbfgs.safetensors")
    other = optim.LBFGS([tw.zeros(3, requires_grad=True)])
    with pytest.raises(ValueError, match="curvature.steps"):
        other.load(tmp_path / "lbfgs.safetensors")


def test_parameters_of_several_shapes_and_layouts(rng):
    """A transposed view, and one without a gradient."""
    A, target = tw.tensor(rng.normal(size=(20, 4))), tw.tensor(rng.normal(size=(20, 3)))
    W = tw.tensor(rng.normal(size=(3, 4))).T
    W.requires_grad = True
    b, unused = tw.zeros(3, dtype="float64", requires_grad=True), tw.ones(2, dtype="float64", requires_grad=True)
    optimizer = optim.LBFGS([W, unused, b], max_iter=100, **EXACT)
    closure, _ = counted(optimizer, lambda: F.mse_loss(A @ W + b, target))
    optimizer.step(closure)
    design = np.column_stack([A.numpy(), np.ones(20)])
    expected = np.linalg.lstsq(design, target.numpy(), rcond=None)[0]
    np.testing.assert_allclose(np.vstack([W.detach().numpy(), b.detach().numpy()]), expected, atol=1e-8)
    np.testing.assert_array_equal(unused.detach().numpy(), 1)


def test_failures_leave_the_parameters(rng):
    p, loss, _ = quadratic(rng)
    before = p.detach().numpy().copy()
    optimizer = optim.LBFGS([p])
    calls = []

    def fails():
        calls.append(1)
        if len(calls) == 3:
            raise KeyError("no more")
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    with pytest.raises(KeyError, match="no more"):
        optimizer.step(fails)
    np.testing.assert_array_equal(p.detach().numpy(), before)
    with pytest.raises(tw.TalwegError, match="nan"):
        optimizer.step(lambda: float("nan"))
    with pytest.raises(tw.TalwegError, match="closure"):
        optimizer.step()
    with pytest.raises(TypeError):
        optimizer.step(lambda: "loss")
    np.testing.assert_array_equal(p.detach().numpy(), before)


def test_walls_are_stepped_back_from(rng):
    """log has no value beyond 0: the search comes back."""
    x = tw.tensor([3.0], dtype="float64", requires_grad=True)
    optimizer = optim.LBFGS([x], max_iter=100, **EXACT)
    closure, _ = counted(optimizer, lambda: (x * 50 - x.log()).sum())
    optimizer.step(closure)
    assert x.item() == pytest.approx(1 / 50, rel=1e-8)


@pytest.mark.parametrize(
    "bad", [{"lr": -1}, {"max_iter": 0}, {"max_eval": -1}, {"tolerance_grad": -1}, {"tolerance_change": float("nan")},
            {"history_size": 0}, {"line_search_fn": "armijo"}],
)  # fmt: skip
def test_refuses_options(bad):
    with pytest.raises(ValueError, match=r"lbfgs|optimizer|line_search"):
        optim.LBFGS([tw.zeros(2, requires_grad=True)], **bad)


def test_other_optimizers_take_a_closure(rng):
    p, loss, _ = quadratic(rng)
    q = tw.tensor(p.detach().numpy().copy(), requires_grad=True)
    one, two = optim.SGD([p], lr=0.1), optim.SGD([q], lr=0.1)
    closure, calls = counted(one, loss)
    given = one.step(closure)
    assert len(calls) == 1
    q.grad = p.grad
    two.step()
    assert isinstance(given, tw.Tensor)
    np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
