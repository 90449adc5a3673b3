"""Convolution and pooling against plain loops in NumPy, forward and backward."""

import itertools

import numpy as np
import pytest

import talweg as tw
from talweg.nn import functional as F


def pair(value):
    return (value, value) if isinstance(value, int) else value


def patches(x, kernel, stride, padding, dilation, fill=0.0):
    """[N, C, OH, OW, KH, KW]: the window of each position."""
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = kernel, stride, padding, dilation
    x = np.pad(x, [(0, 0), (0, 0), (ph, ph), (pw, pw)], constant_values=fill)
    oh = (x.shape[2] - dh * (kh - 1) - 1) // sh + 1
    ow = (x.shape[3] - dw * (kw - 1) - 1) // sw + 1
    out = np.empty((*x.shape[:2], oh, ow, kh, kw), x.dtype)
    for p, q in itertools.product(range(oh), range(ow)):
        window = x[:, :, p * sh : p * sh + dh * (kh - 1) + 1 : dh, q * sw : q * sw + dw * (kw - 1) + 1 : dw]
        out[:, :, p, q] = window
    return out


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    windows = patches(x, w.shape[2:], pair(stride), pair(padding), pair(dilation))
    parts = []
    for g in range(groups):
        c, o = w.shape[1], w.shape[0] // groups
        parts.append(np.einsum("ncpqij,ocij->nopq", windows[:, g * c : (g + 1) * c], w[g * o : (g + 1) * o]))
    return np.concatenate(parts, axis=1)


def conv_gradients(x, w, g, **options):
    """The adjoints of conv in each argument, from unit vectors."""
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for index in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[index] = 1
        dx[index] = (conv(unit, w, **options) * g).sum()
    for index in np.ndindex(w.shape):
        unit = np.zeros_like(w)
        unit[index] = 1
        dw[index] = (conv(x, unit, **options) * g).sum()
    return dx, dw


CASES = [
    ((2, 3, 6, 5), (4, 3, 3, 3), {"padding": 1}),
    ((1, 2, 7, 7), (3, 2, 3, 2), {"stride": 2, "padding": (1, 0)}),
    ((2, 4, 5, 6), (6, 2, 2, 3), {"stride": (2, 1), "dilation": (1, 2), "groups": 2}),
    ((1, 3, 5, 5), (3, 1, 3, 3), {"padding": 2, "groups": 3}),
    ((3, 2, 4, 4), (2, 2, 1, 1), {"stride": 3}),
]


def leaf(x):
    t = tw.asarray(x.copy())
    t.requires_grad = True
    return t


@pytest.mark.parametrize("x_shape, w_shape, options", CASES)
def test_conv2d(rng, x_shape, w_shape, options):
    x, w, b = rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])
    expected = conv(x, w, **options)
    tx, tweight, tb = leaf(x), leaf(w), leaf(b)
    y = F.conv2d(tx, tweight, tb, **options)
    np.testing.assert_allclose(np.asarray(y.detach()), expected + b[:, None, None], rtol=1e-13, atol=1e-13)
    g = rng.normal(size=expected.shape)
    (y * tw.asarray(g)).sum().backward()
    dx, dw = conv_gradients(x, w, g, **options)
    np.testing.assert_allclose(np.asarray(tx.grad), dx, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.asarray(tweight.grad), dw, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.asarray(tb.grad), g.sum(axis=(0, 2, 3)), rtol=1e-12)


@pytest.mark.parametrize("channels", [(1, 8), (3, 64), (40, 30), (64, 64)])
@pytest.mark.parametrize("size", [4, 7, 14, 32])
def test_float32_sizes(rng, channels, size):
    c, o = channels
    x = rng.normal(size=(5, c, size, size)).astype("float32")
    w = rng.normal(size=(o, c, 3, 3)).astype("float32")
    g = rng.normal(size=(5, o, size, size)).astype("float32")
    tx, tweight = leaf(x), leaf(w)
    y = F.conv2d(tx, tweight, padding=1)
    (y * tw.asarray(g)).sum().backward()
    x, w, g = (a.astype("float64") for a in (x, w, g))
    windows = patches(x, (3, 3), (1, 1), (1, 1), (1, 1))
    flipped = np.ascontiguousarray(w.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1])
    for found, expected in [
        (y.detach(), conv(x, w, padding=1)),
        (tx.grad, conv(g, flipped, padding=1)),
        (tweight.grad, np.einsum("ncpqij,nopq->ocij", windows, g)),
    ]:
        bound = 1e-5 * np.abs(expected).max()
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-4, atol=bound)


@pytest.mark.parametrize("x_shape, w_shape, options", CASES)
def test_conv_transpose2d(rng, x_shape, w_shape, options):
    """It is the adjoint of conv2d."""
    x, w = rng.normal(size=x_shape), rng.normal(size=w_shape)
    y = conv(x, w, **options)
    g = rng.normal(size=y.shape)
    stride, padding, dilation = (pair(options.get(k, d)) for k, d in [("stride", 1), ("padding", 0), ("dilation", 1)])
    left = [(x_shape[2 + i] + 2 * padding[i] - dilation[i] * (w_shape[2 + i] - 1) - 1) % stride[i] for i in range(2)]
    back = np.asarray(F.conv_transpose2d(g, w, output_padding=left, **options))
    assert back.shape == x.shape
    np.testing.assert_allclose((back * x).sum(), (y * g).sum(), rtol=1e-12)
    dx, _ = conv_gradients(x, w, g, **options)
    np.testing.assert_allclose(back, dx, rtol=1e-12, atol=1e-12)


def test_conv1d(rng):
    x, w = rng.normal(size=(2, 3, 11)), rng.normal(size=(4, 3, 4))
    expected = conv(x[:, :, None], w[:, :, None], stride=(1, 2), padding=(0, 3), dilation=(1, 2))[:, :, 0]
    y = np.asarray(F.conv1d(x, w, stride=2, padding=3, dilation=2))
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-13)
    back = np.asarray(F.conv_transpose1d(y, w, stride=2, padding=3, dilation=2))
    np.testing.assert_allclose((back * x).sum(), (y * y).sum(), rtol=1e-12)


@pytest.mark.parametrize(
    "kernel, stride, padding, dilation", [(2, None, 0, 1), (3, 2, 1, 1), ((2, 3), (1, 2), (1, 0), 1), (2, 3, 0, 2)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_max_pool2d(rng, kernel, stride, padding, dilation, dtype):
    x = rng.permutation(2 * 3 * 9 * 8).reshape(2, 3, 9, 8).astype(dtype)
    k = pair(kernel)
    windows = patches(x, k, pair(stride) if stride else k, pair(padding), pair(dilation), -np.inf)
    tx = leaf(x)
    y = F.max_pool2d(tx, kernel, stride, padding, dilation)
    np.testing.assert_array_equal(np.asarray(y.detach()), windows.max(axis=(4, 5)))
    g = rng.integers(1, 9, size=y.shape).astype(dtype)
    (y * tw.asarray(g)).sum().backward()
    # Values are distinct, so the gradient goes to where the value is.
    expected = np.zeros(x.size)
    place = np.argsort(x.reshape(-1))
    np.add.at(expected, place[windows.max(axis=(4, 5)).astype(int).reshape(-1)], g.reshape(-1))
    np.testing.assert_array_equal(np.asarray(tx.grad).reshape(-1), expected)


@pytest.mark.parametrize("kernel, stride, padding", [(2, None, 0), (3, 2, 1), ((2, 3), (1, 2), (1, 0))])
@pytest.mark.parametrize("counts", [True, False])
def test_avg_pool2d(rng, kernel, stride, padding, counts):
    x = rng.normal(size=(2, 3, 9, 8))
    k, p = pair(kernel), pair(padding)
    s = pair(stride) if stride else k
    sums = patches(x, k, s, p, (1, 1)).sum(axis=(4, 5))
    inside = patches(np.ones_like(x), k, s, p, (1, 1)).sum(axis=(4, 5))
    divisor = k[0] * k[1] if counts else inside
    tx = leaf(x)
    y = F.avg_pool2d(tx, kernel, stride, padding, count_include_pad=counts)
    np.testing.assert_allclose(np.asarray(y.detach()), sums / divisor, rtol=1e-13, atol=1e-14)
    y.sum().backward()
    # The gradient's sum is what each window's elements inside share.
    np.testing.assert_allclose(np.asarray(tx.grad).sum(), (inside / divisor).sum() * np.ones(1)[0], rtol=1e-12)


def test_pool1d(rng):
    x = rng.normal(size=(2, 3, 10))
    np.testing.assert_array_equal(np.asarray(F.max_pool1d(x, 2)), x.reshape(2, 3, 5, 2).max(axis=3))
    np.testing.assert_allclose(np.asarray(F.avg_pool1d(x, 5)), x.reshape(2, 3, 2, 5).mean(axis=3), rtol=1e-14)


def test_same_bits_on_any_threads(rng):
    x = rng.normal(size=(6, 33, 13, 13)).astype("float32")
    w = rng.normal(size=(37, 33, 3, 3)).astype("float32")
    before = tw.num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            tw.set_num_threads(threads)
            for stride in (1, 2):
                tx, tweight = leaf(x), leaf(w)
                y = F.conv2d(tx, tweight, stride=stride, padding=1)
                z = F.max_pool2d(y, 3, 2, 1) + F.avg_pool2d(y, 3, 2, 1)
                (z * z).sum().backward()
                results.append([np.asarray(t) for t in (z.detach(), tx.grad, tweight.grad)])
    finally:
        tw.set_num_threads(before)
    for i, other in enumerate(results[2:]):
        assert all((a == b).all() for a, b in zip(results[i % 2], other))


def test_bad_input():
    x, w = np.ones((1, 4, 5, 5)), np.ones((6, 4, 3, 3))
    for bad in [
        lambda: F.conv2d(x[0], w),
        lambda: F.conv2d(x, w[:, :3]),
        lambda: F.conv2d(x, w, np.ones(5)),
        lambda: F.conv2d(x, w, stride=0),
        lambda: F.conv2d(x, w, stride=(1, 2, 3)),
        lambda: F.conv2d(x, w, padding=-1),
        lambda: F.conv2d(x, w, dilation=3),
        lambda: F.conv2d(x, w, groups=2),
        lambda: F.conv2d(x, np.ones((6, 4, 6, 6))),
        lambda: F.conv1d(x, w),
        lambda: F.conv_transpose2d(x, np.ones((4, 2, 3, 3)), output_padding=1),
        lambda: F.conv_transpose2d(x, np.ones((4, 2, 3, 3)), padding=4),
        lambda: F.max_pool2d(x, 6),
        lambda: F.max_pool2d(x, 2, 0),
        lambda: F.max_pool2d(x, 2, padding=2),
        lambda: F.avg_pool2d(x, 0),
    ]:
        with pytest.raises(ValueError):
            bad()
    for bad in [lambda: F.conv2d(x, w.astype("float32")), lambda: F.max_pool2d(x.astype("int64"), 2)]:
        with pytest.raises(TypeError):
            bad()
