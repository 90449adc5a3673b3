"""Norms, embeddings, activations and clipping against their formulas in NumPy."""

import numpy as np
import pytest

import talweg as tw
from talweg.nn import functional as F
from talweg.nn.utils import clip_grad_norm_

RNG = np.random.default_rng(5)


def draw(*shape):
    return RNG.normal(size=shape)


def test_layer_norm():
    x, r, w, b = draw(5, 7), draw(5, 7), draw(7), draw(7)

    def expected(x):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)

    np.testing.assert_allclose(F.layer_norm(x).numpy(), expected(x), rtol=1e-12)
    np.testing.assert_allclose(F.layer_norm(x, w, b).numpy(), expected(x) * w + b, rtol=1e-11)
    np.testing.assert_allclose(F.layer_norm(x, w, b, residual=r).numpy(), expected(x + r) * w + b, rtol=1e-11)
    with pytest.raises(ValueError, match="weight"):
        F.layer_norm(x, draw(6))


def test_rms_norm():
    x, w = draw(4, 33), draw(33)
    expected = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-3) * w
    np.testing.assert_allclose(F.rms_norm(x, w, eps=1e-3).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (2, 3, 4, 5)])
def test_batch_norm(shape):
    x, r, w, b = draw(*shape), draw(*shape), draw(3), draw(3)
    axes = tuple(i for i in range(len(shape)) if i != 1)
    aside = (3,) + (1,) * (len(shape) - 2)
    mean, var = x.mean(axes), x.var(axes)
    expected = (x - mean.reshape(aside)) / np.sqrt(var.reshape(aside) + 1e-5) * w.reshape(aside) + b.reshape(aside)
    running_mean, running_var = tw.zeros(3, dtype=tw.float64), tw.ones(3, dtype=tw.float64)
    y = F.batch_norm(x, running_mean, running_var, w, b, training=True)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-10, atol=1e-12)
    n = x.size // 3
    np.testing.assert_allclose(running_mean.numpy(), 0.1 * mean, rtol=1e-12)
    np.testing.assert_allclose(running_var.numpy(), 0.9 + 0.1 * var * n / (n - 1), rtol=1e-12)
    fused = F.batch_norm(x, weight=w, bias=b, training=True, relu=True, residual=r)
    np.testing.assert_allclose(fused.numpy(), np.maximum(expected + r, 0), rtol=1e-10, atol=1e-12)
    with pytest.raises(TypeError):
        F.batch_norm(x, np.zeros(3), np.ones(3), training=True)
    with pytest.raises(ValueError, match="running"):
        F.batch_norm(x)


def test_embedding():
    table = tw.tensor(draw(5, 2), requires_grad=True)
    ids = np.array([[3, 0, 3], [1, 1, 1]])
    y = F.embedding(ids, table)
    np.testing.assert_array_equal(y.detach().numpy(), table.detach().numpy()[ids])
    y.sum().backward()
    np.testing.assert_array_equal(table.grad.numpy()[:, 0], np.bincount(ids.ravel(), minlength=5))
    with pytest.raises(IndexError, match="index 5"):
        F.embedding([5], table)


def test_activations():
    x = np.linspace(-6, 6, 101)
    np.testing.assert_allclose(F.silu(x).numpy(), x / (1 + np.exp(-x)), rtol=1e-13)
    tanh = x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2
    np.testing.assert_allclose(F.gelu(x, approximate="tanh").numpy(), tanh, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(F.gelu(x).numpy(), tw.gelu(x).numpy())
    np.testing.assert_allclose(F.leaky_relu(x).numpy(), np.where(x > 0, x, 0.01 * x), rtol=1e-15)
    np.testing.assert_allclose(F.elu(x, 0.5).numpy(), np.where(x > 0, x, 0.5 * np.expm1(x)), rtol=1e-13)
    with pytest.raises(ValueError, match="approximate"):
        F.gelu(x, approximate="erf")


def test_cross_entropy_options():
    x, labels = draw(6, 4), np.array([0, 3, -100, 1, 2, -100])
    log_p = x - np.log(np.exp(x).sum(1, keepdims=True))
    kept = labels >= 0
    hot = np.eye(4)[labels[kept]] * 0.9 + 0.1 / 4
    expected = -(log_p[kept] * hot).sum(1).mean()
    np.testing.assert_allclose(F.cross_entropy(x, labels, label_smoothing=0.1).item(), expected, rtol=1e-12)
    with pytest.raises(IndexError):
        F.cross_entropy(x, labels, ignore_index=7)


def test_dropout_is_the_same_forwards_and_backwards():
    x = tw.tensor(np.ones(10_000, np.float32), requires_grad=True)
    y = F.dropout(x, 0.25, tw.random.Generator(3))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())
    assert set(np.unique(x.grad.numpy())) == {np.float32(0), np.float32(1 / 0.75)}


def test_clip_grad_norm():
    a, b = (tw.tensor(np.zeros(n), requires_grad=True) for n in (3, 2))
    a.grad, b.grad = [3.0, 0.0, 0.0], [0.0, 4.0]
    assert clip_grad_norm_([a, b], 10.0) == 5.0
    assert clip_grad_norm_([a, b], 1.0) == 5.0
    np.testing.assert_allclose(b.grad.numpy(), [0, 0.8], rtol=1e-6)
    b.grad = [np.inf, 0.0]
    with pytest.raises(tw.TalwegError):
        clip_grad_norm_([a, b], 1.0)
    b.grad = [0.0, 4.0]
    a.grad = [3.0, 0.0, 0.0]
    tw.optim.SGD([a, b], lr=1.0, max_norm=1.0).step()
    np.testing.assert_allclose(a.detach().numpy(), [-0.6, 0, 0], rtol=1e-6)
