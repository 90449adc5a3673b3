"""Gradients against central differences in float64, and the tape's manners."""

import threading

import numpy as np
import pytest

import talweg as tw


def central_difference(function, x, direction, step=1e-6):
    return (function(x + step * direction) - function(x - step * direction)) / (2 * step)


def check_gradient(function, x, rng, tolerance=1e-6):
    """The gradient of sum(w * function(x)) along a random direction, and the second one."""
    weights = rng.normal(size=function(tw.tensor(x)).shape)
    direction = rng.normal(size=x.shape)

    def scalar(values):
        return (function(tw.tensor(values)) * weights).sum().item()

    leaf = tw.tensor(x, requires_grad=True)
    (first,) = tw.grad((function(leaf) * weights).sum(), [leaf], create_graph=True)
    slope = np.sum(first.numpy() * direction)
    np.testing.assert_allclose(slope, central_difference(scalar, x, direction), rtol=tolerance, atol=tolerance)
    if not first.requires_grad:
        return

    def first_along(values):
        inner = tw.tensor(values, requires_grad=True)
        return (tw.grad((function(inner) * weights).sum(), inner) * direction).sum().item()

    second = tw.grad((first * direction).sum(), leaf, allow_unused=True)
    other = rng.normal(size=x.shape)
    curvature = np.sum(second.numpy() * other)
    np.testing.assert_allclose(curvature, central_difference(first_along, x, other), rtol=1e-5, atol=1e-5)


POSITIVE = {"sqrt", "rsqrt", "log", "log2", "log10", "reciprocal"}
SMALL = {"asin", "acos", "log1p", "tan"}
UNARY = [
    "negative", "absolute", "square", "sqrt", "rsqrt", "reciprocal", "exp", "expm1", "log", "log1p", "log2", "log10",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh", "sigmoid", "softplus", "erf", "relu", "gelu",
]  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_unary(name, rng):
    x = rng.uniform(0.5, 2.0, (3, 4)) if name in POSITIVE else rng.uniform(-0.8, 0.8, (3, 4))
    check_gradient(getattr(tw, name), x, rng)
    check_gradient(lambda t: getattr(tw, name)(t.T[::2]), x, rng)


OTHER = {
    "add": lambda t: t + t[0],
    "subtract": lambda t: 3 - t,
    "multiply": lambda t: t * t[:, :1],
    "divide": lambda t: t / (t * t + 1),
    "power": lambda t: (t * t + 1) ** t,
    "power_scalar": lambda t: t**3,
    "remainder": lambda t: t % 5.3,
    "maximum": lambda t: tw.maximum(t, t[0]),
    "minimum": lambda t: tw.minimum(t, 0.1),
    "atan2": lambda t: tw.atan2(t, t[1] + 4),
    "acosh": lambda t: tw.acosh(t * t + 1.5),
    "hypot": lambda t: tw.hypot(t, t[1] + 4),
    "logaddexp": lambda t: tw.logaddexp(t, t[1]),
    "copysign": lambda t: tw.copysign(t * t, t[1]),
    "where": lambda t: tw.where(t > 0, t * t, -t),
    "clip": lambda t: tw.clip(t, -0.5, 0.5) * t,
    "sum": lambda t: t.sum(axis=0) * t,
    "mean": lambda t: t.mean(axis=-1, keepdims=True) * t,
    "prod": lambda t: t.prod(axis=1),
    "max": lambda t: t.max(axis=1) ** 2,
    "min": lambda t: t.min() * t,
    "var": lambda t: t.var(axis=0, correction=1),
    "std": lambda t: tw.std(t, axis=1),
    "logsumexp": lambda t: t.logsumexp(axis=1),
    "norm": lambda t: t.norm(axis=0),
    "reshape": lambda t: t.reshape(4, 3) ** 2,
    "transpose": lambda t: t.T * t.T,
    "broadcast": lambda t: tw.broadcast_to(t[0], (5, 4)) ** 2,
    "slice": lambda t: t[::-1, 1::2] ** 2,
    "select": lambda t: t[1] * t[2],
    "newaxis": lambda t: t[:, None] * t,
    "concatenate": lambda t: tw.concat([t, t * t], axis=1) ** 2,
    "stack": lambda t: tw.stack([t, t * t]) ** 2,
    "index_select": lambda t: t[[0, 0, 2]] ** 2,
    "gather": lambda t: tw.gather(t, 1, [[0, 0], [1, 3], [2, 2]]) ** 2,
    "matmul": lambda t: t @ t.T,
    "matvec": lambda t: t @ t[0],
    "linear": lambda t: tw.linear(t, t[:2] ** 2, t[0, :2]),
    "softmax": lambda t: tw.softmax(t, axis=0) ** 2,
    "log_softmax": lambda t: tw.log_softmax(t) * t,
    "mse": lambda t: tw.mse_loss(t, np.full((3, 4), 0.3)),
    "cross_entropy": lambda t: tw.cross_entropy_loss(t, [0, 3, 1]),
    "copy": lambda t: t.copy() ** 2,
    "contiguous": lambda t: t.T.contiguous() ** 2,
    "cast": lambda t: t.astype("float64") ** 2,
}


@pytest.mark.parametrize("name", OTHER)
def test_others(name, rng):
    check_gradient(OTHER[name], rng.normal(size=(3, 4)), rng)


def test_backward_accumulates_until_cleared():
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    assert x.grad is None
    (x * x).sum().backward()
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]
    x.zero_grad()
    assert x.grad is None or x.grad.tolist() == [0, 0]
    x.grad = [1.0, 1.0]
    assert x.grad.tolist() == [1, 1]
    x.grad = None
    assert x.grad is None
    (x * 3).backward([1.0, 2.0])
    assert x.grad.tolist() == [3, 6]


def test_leaves_and_results():
    x = tw.tensor([1.0], requires_grad=True)
    y = x * 2
    assert x.is_leaf and not y.is_leaf and y.requires_grad and not y.detach().requires_grad
    with pytest.raises(tw.TalwegError) as error:
        y.requires_grad = False
    assert error.value.status == "TW_ERROR_STATE"
    with pytest.raises(TypeError):
        tw.tensor([1, 2]).requires_grad = True
    with pytest.raises(TypeError):
        tw.tensor([1, 2], requires_grad=True)


def test_walking_twice():
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert x.grad.tolist() == [4, 8]
    with pytest.raises(tw.TalwegError):
        loss.backward()


def test_a_gradient_needs_one_element_or_its_shape():
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(ValueError):
        (x * 2).backward()
    with pytest.raises(ValueError):
        (x * 2).backward(tw.ones(3))
    with pytest.raises((ValueError, tw.TalwegError)):
        tw.tensor(1.0).backward()


def test_grad_function():
    x, y = tw.tensor(3.0, requires_grad=True), tw.tensor(2.0, requires_grad=True)
    gx, gy = tw.grad(x * x * y, [x, y])
    assert (gx.item(), gy.item()) == (12, 9) and x.grad is None
    assert tw.grad(x**3, x).item() == 27
    with pytest.raises((ValueError, tw.TalwegError)):
        tw.grad(x * x, [y])
    assert tw.grad(x * x, [y], allow_unused=True)[0].item() == 0
    assert tw.grad(x * tw.tensor([1.0, 2.0]), x, grad_output=[1.0, 10.0]).item() == 21
    with pytest.raises(TypeError):
        tw.grad(1.0, x)


def test_modes():
    x = tw.tensor(1.0, requires_grad=True)
    with tw.no_grad():
        assert not tw.is_grad_enabled() and not (x * 2).requires_grad
        with tw.enable_grad():
            assert (x * 2).requires_grad
        assert not tw.is_grad_enabled()
    assert (x * 2).requires_grad

    @tw.no_grad()
    def without(depth):
        return without(depth - 1) if depth else (x * 2).requires_grad

    assert not without(3) and tw.is_grad_enabled()
    with pytest.raises(RuntimeError), tw.no_grad():
        raise RuntimeError
    assert tw.is_grad_enabled()
    assert tw.set_grad_enabled(False) is True
    assert tw.set_grad_enabled(True) is False


def test_each_thread_records_by_itself():
    seen = []
    with tw.no_grad():
        thread = threading.Thread(target=lambda: seen.append(tw.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_elements_that_change_under_the_tape():
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    with tw.no_grad():
        x.assign([5.0, 5.0])
    with pytest.raises(tw.TalwegError):
        y.sum().backward()


def test_long_records_are_let_go():
    x = tw.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1
    z = x
    for _ in range(50_000):
        z = z * 1.0
    del y, z


def test_a_borrowed_leaf(rng):
    array = rng.normal(size=(3, 2))
    leaf = tw.asarray(array)
    leaf.requires_grad = True
    (leaf * leaf).sum().backward()
    np.testing.assert_allclose(leaf.grad.numpy(), 2 * array)
