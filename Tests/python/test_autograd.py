"""talweg.autograd: against derivations, NumPy and differences."""

import gc
import weakref

import numpy as np
import pytest

import talweg as tw
from talweg import _talweg, autograd

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def leaf(values):
    return tw.tensor(values, requires_grad=True)


def test_vjp_and_jvp():
    x, y = tw.tensor([2.0, 3.0]), tw.tensor([5.0, 7.0])
    value, pullback = autograd.vjp(lambda x, y: x * y * y, x, y)
    assert value.tolist() == [50, 147] and not value.requires_grad
    gx, gy = pullback(tw.tensor([1.0, 10.0]))
    assert gx.tolist() == [25, 490] and gy.tolist() == [20, 420]
    assert pullback(tw.tensor([0.0, 1.0]))[0].tolist() == [0, 49]
    value, tangent = autograd.jvp(lambda x, y: x * y * y, (x, y), (tw.tensor([1.0, 0.0]), tw.tensor([0.0, 1.0])))
    assert tangent.tolist() == [25, 42]
    (a, b), (ta, tb) = autograd.jvp(lambda x: (x.sum(), x * 2), x, tw.tensor([1.0, 2.0]))
    assert ta.item() == 3 and tb.tolist() == [2, 4] and a.item() == 5


@pytest.mark.parametrize("mode", ["auto", "reverse", "forward"])
def test_jacobian(mode):
    x = tw.tensor([0.1, 0.2, 0.3])
    j = autograd.jacobian(lambda x: tw.tensor(A) @ x, x, mode=mode)
    assert np.array_equal(j.numpy(), A)
    jx, jy = autograd.jacobian(lambda x, y: x * y, (x, tw.tensor([1.0, 2.0, 3.0])), mode=mode)
    assert np.array_equal(jx.numpy(), np.diag([1.0, 2, 3])) and np.array_equal(jy.numpy(), np.diag([0.1, 0.2, 0.3]))
    j = autograd.jacobian(lambda x: x.sum(), tw.ones((2, 3)), mode=mode)
    assert j.shape == (2, 3)
    with pytest.raises(ValueError, match="mode"):
        autograd.jacobian(lambda x: x, x, mode="sideways")


def test_jacobian_of_several_outputs_and_its_gradient():
    x = leaf([0.5, -2.0])
    a, b = autograd.jacobian(lambda x: (x**3, x.sum()), x, create_graph=True)
    assert a.tolist() == [[0.75, 0], [0, 12]] and b.tolist() == [1, 1]
    assert tw.grad(a.sum(), x).tolist() == [3, -12]


def test_hessian_and_hvp():
    rng = np.random.default_rng(3)
    m = rng.normal(size=(4, 4))
    v = rng.normal(size=4)
    x = tw.tensor(rng.normal(size=4))

    def quadratic(x):
        return x @ tw.tensor(m) @ x

    assert np.allclose(autograd.hessian(quadratic, x).numpy(), m + m.T, rtol=1e-14)
    value, product = autograd.hvp(quadratic, x, tw.tensor(v))
    assert np.allclose(product.numpy(), (m + m.T) @ v, rtol=1e-13) and value.item() == quadratic(x).item()
    blocks = autograd.hessian(lambda x, y: (x * y).sum(), (x, tw.ones(4, dtype=tw.float64)))
    assert np.array_equal(blocks[0][1].numpy(), np.eye(4)) and not blocks[1][1].numpy().any()


def test_value_and_grad_and_per_sample_grad():
    value, g = autograd.value_and_grad(lambda x: (x * x).sum())(tw.tensor([1.0, 2.0]))
    assert value.item() == 5 and g.tolist() == [2, 4]
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=5)
    w, b = leaf(rng.normal(size=3)), leaf([0.5])
    gw, gb = autograd.per_sample_grad(
        lambda x, y: ((x @ w + b - y) ** 2).sum(), [w, b], tw.tensor(x), tw.tensor(y)
    )
    residual = x @ w.detach().numpy() + 0.5 - y
    assert np.allclose(gw.numpy(), 2 * residual[:, None] * x, rtol=1e-13)
    assert np.allclose(gb.numpy(), 2 * residual[:, None], rtol=1e-13) and w.grad is None
    assert autograd.per_sample_grad(lambda x: x.sum(), [w], tw.zeros((0, 3)))[0].shape == (0, 3)
    with pytest.raises(ValueError, match="first sizes"):
        autograd.per_sample_grad(lambda x, y: x.sum(), [w], tw.tensor(x), tw.tensor(y[:2]))


class Cube(autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        y = x * x * x * scale
        ctx.save_for_backward(x, y)
        ctx.scale = scale
        return y

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        assert ctx.needs_input_grad == (True, False)
        return 3 * ctx.scale * x * x * g, None


def test_a_function_of_ones_own():
    x = leaf([2.0, -1.0])
    y = Cube.apply(x, 2.0)
    assert y.tolist() == [16, -2]
    (g,) = tw.grad(y.sum(), [x], create_graph=True)
    assert g.tolist() == [24, 6]
    assert tw.grad(g.sum(), x).tolist() == [24, -12]
    assert autograd.jvp(lambda x: Cube.apply(x, 1.0), x, tw.tensor([1.0, 2.0]))[1].tolist() == [12, 6]
    assert autograd.gradcheck(lambda x: Cube.apply(x, 0.5), x, second_order=True)
    assert not Cube.apply(tw.tensor([1.0]), 1.0).requires_grad


class ThroughNumPy(autograd.Function):
    """Values and gradients that the tape does not see."""

    @staticmethod
    def forward(ctx, x):
        ctx.x = x.detach().numpy().copy()
        return tw.tensor(np.sin(ctx.x)), tw.tensor(np.cos(ctx.x))

    @staticmethod
    def backward(ctx, g, h):
        return tw.tensor(np.cos(ctx.x) * g.numpy() - np.sin(ctx.x) * h.numpy())

    @staticmethod
    def jvp(ctx, t):
        return tw.tensor(np.cos(ctx.x) * t.numpy()), tw.tensor(-np.sin(ctx.x) * t.numpy())


def test_a_function_through_numpy():
    x = tw.tensor([0.3, 1.2])
    assert autograd.gradcheck(lambda x: ThroughNumPy.apply(x), x)
    assert autograd.gradcheck(lambda x: ThroughNumPy.apply(x)[1], x)


def test_an_exception_in_a_function_is_raised():
    class Fails(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise KeyError("mine")

    x = leaf([1.0])
    y = Fails.apply(x)
    with pytest.raises(KeyError, match="mine"):
        y.backward()
    assert x.grad is None
    with pytest.raises(NotImplementedError):
        autograd.Function.apply(x)
    with pytest.raises(ValueError, match="no argument"):
        Cube.apply(1.0, 2.0)

    class Odd(Cube):
        @staticmethod
        def backward(ctx, g):
            return g

    with pytest.raises(ValueError, match="1 gradients for 2 arguments"):
        Odd.apply(x, 2.0).backward()


def test_a_function_leaves_nothing_behind():
    gc.collect()
    before = tw.live_handles()
    for _ in range(3):
        x = leaf([2.0])
        Cube.apply(x, 2.0).backward(create_graph=True)
        x.grad = None
    del x
    gc.collect()
    assert tw.live_handles() == before


def test_checkpoint():
    w = leaf(np.random.default_rng(0).normal(size=(4, 4)))
    x = leaf(np.random.default_rng(1).normal(size=(3, 4)))
    calls = []

    def block(x, power):
        calls.append(power)
        return (x @ w).tanh() ** power

    plain = tw.grad(block(x, 2).sum(), [w, x])
    y = autograd.checkpoint(block, x, 2)
    found = tw.grad(y.sum(), [w, x])
    assert calls == [2, 2, 2]
    for a, b in zip(plain, found, strict=True):
        assert np.array_equal(a.numpy(), b.numpy())
    a, b = autograd.checkpoint(lambda x: (x + 1, x * x), x)
    (a + b).sum().backward()
    assert np.allclose(x.grad.numpy(), 1 + 2 * x.detach().numpy())
    with pytest.raises(ValueError, match="no argument"):
        autograd.checkpoint(block, 3.0)


def test_checkpoint_draws_the_same_random_numbers_again():
    x = leaf(np.ones(200))
    y = autograd.checkpoint(lambda x: tw.dropout(x, 0.5) ** 2, x)
    y.sum().backward()
    assert np.array_equal(x.grad.numpy(), 2 * y.detach().numpy()) and (y.detach().numpy() == 0).any()


def test_hooks():
    x = leaf([1.0, 2.0])
    y = x * x
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    other = x.register_hook(lambda g: g * 10)
    y.sum().backward(retain_graph=True)
    assert seen == [[1, 1]] and x.grad.tolist() == [20, 40]
    handle.remove()
    handle.remove()
    other.remove()
    x.grad = None
    y.sum().backward()
    assert len(seen) == 1 and x.grad.tolist() == [2, 4]
    with pytest.raises(tw.TalwegError, match="requires no gradient"):
        tw.tensor([1.0]).register_hook(lambda g: None)
    with pytest.raises(TypeError, match="callable"):
        x.register_hook(3)
    x.register_hook(lambda g: "no")
    with pytest.raises(TypeError, match="not a Tensor or None"):
        (x * 2).sum().backward()


def test_a_hook_goes_with_its_tensor():
    class Hook:
        def __call__(self, gradient):
            return None

    hook = Hook()
    gone = weakref.ref(hook)
    x = leaf([1.0])
    handle = x.register_hook(hook)
    del hook, handle, x
    gc.collect()
    assert gone() is None


def test_detect_anomaly():
    x = leaf([4.0, -1.0])
    with autograd.detect_anomaly():
        with pytest.raises(tw.TalwegError, match=r"log made a NaN at \[1\]") as raised:
            x.log()
        assert raised.value.status == "TW_ERROR_NUMERIC"
        y = (leaf([0.0]) ** 2).sqrt()
        with pytest.raises(tw.TalwegError, match="the gradient of"):
            y.sum().backward()
    assert np.isnan(x.log().detach().numpy()[1])


def test_gradcheck_tells_what_is_wrong():
    class Wrong(Cube):
        @staticmethod
        def backward(ctx, g):
            return g * 2, None

    x = tw.tensor([2.0])
    with pytest.raises(AssertionError, match=r"gradient by input 0, element 0, is .* 1 derivatives were compared"):
        autograd.gradcheck(lambda x: Wrong.apply(x, 1.0), x, forward_mode=False)
    *_, derivative, difference, _ = _talweg.check_gradients(
        lambda x: Wrong.apply(x, 1.0), [x], 1e-4, 1e-6, 1e-5, False, False
    )
    assert abs(difference / derivative - 6) < 1e-6
    assert not autograd.gradcheck(lambda x: Wrong.apply(x, 1.0), x, raise_exception=False)
    with pytest.raises(TypeError, match="float64"):
        autograd.gradcheck(lambda x: x, tw.ones(2, dtype=tw.float32))
    assert autograd.gradcheck(lambda x, y: (x * y).sum(), (x, x * 3), second_order=True)
    assert autograd.stop_gradient(leaf([1.0])).requires_grad is False
