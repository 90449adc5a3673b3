"""Attention against NumPy's formula, its gradients against differences, masks, heads, dropout."""

import numpy as np
import pytest

import talweg as tw
from talweg.nn import functional as F


def expected(q, k, v, allowed=None, bias=None, scale=None, factors=None):
    """softmax(scale q k' + bias where allowed) v, a row without a key being zeros."""
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, axis=1), np.repeat(v, group, axis=1)
    scores = q @ np.swapaxes(k, -1, -2) * (scale if scale is not None else 1 / np.sqrt(q.shape[-1]))
    if bias is not None:
        scores = scores + bias
    if allowed is not None:
        scores = np.where(allowed, scores, -np.inf)
    greatest = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    weights = np.exp(scores - np.where(np.isinf(greatest), 0, greatest))
    total = weights.sum(axis=-1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total != 0)
    if factors is not None:
        weights = weights * factors
    return weights @ v


def arrays(rng, B, H, HK, T, S, D, E, dtype):
    return [rng.normal(size=s).astype(dtype) for s in [(B, H, T, D), (B, HK, S, D), (B, HK, S, E)]]


CASES = [
    (2, 3, 3, 5, 5, 4, 4),
    (1, 4, 2, 7, 9, 3, 5),
    (2, 6, 1, 1, 33, 17, 8),
    (1, 2, 2, 70, 65, 16, 16),
    (1, 1, 1, 130, 300, 8, 8),
    (3, 2, 2, 64, 64, 32, 32),
]


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values(rng, shape, causal, dtype):
    B, H, HK, T, S, D, E = shape
    q, k, v = arrays(rng, *shape, dtype)
    allowed = np.arange(S)[None, :] <= np.arange(T)[:, None] + S - T if causal else None
    tolerance = 2e-5 if dtype == "float32" else 1e-13
    y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    assert y.shape == (B, H, T, E)
    np.testing.assert_allclose(np.asarray(y), expected(q, k, v, allowed), rtol=0, atol=tolerance)

    padding = rng.random((B, S)) < 0.7
    bias = rng.normal(size=(H, T, S)).astype(dtype)
    bias[rng.random(bias.shape) < 0.1] = -np.inf
    both = padding[:, None, None, :] & (allowed if causal else True)
    y = F.scaled_dot_product_attention(q, k, v, bias, is_causal=causal, key_mask=padding, scale=0.3)
    np.testing.assert_allclose(np.asarray(y), expected(q, k, v, both, bias, 0.3), rtol=0, atol=tolerance)
    mask = rng.random((T, S)) < 0.5
    y = F.scaled_dot_product_attention(q, k, v, mask)
    np.testing.assert_allclose(np.asarray(y), expected(q, k, v, mask), rtol=0, atol=tolerance)


def test_rows_that_attend_to_nothing(rng):
    q, k, v = arrays(rng, 1, 2, 2, 6, 4, 8, 8, "float32")
    leaves = [tw.asarray(x) for x in (q, k, v)]
    for x in leaves:
        x.requires_grad = True
    y = F.scaled_dot_product_attention(*leaves, is_causal=True)
    # Six queries, four keys: the first two see none.
    assert (np.asarray(y.detach())[:, :, :2] == 0).all()
    y.sum().backward()
    assert all(np.isfinite(np.asarray(x.grad)).all() for x in leaves)
    assert (np.asarray(leaves[0].grad)[:, :, :2] == 0).all()
    y = F.scaled_dot_product_attention(q, k, v, key_mask=np.zeros((1, 4), bool))
    assert (np.asarray(y) == 0).all()
    y = F.scaled_dot_product_attention(q, k[:, :, :0], v[:, :, :0])
    assert y.shape == (1, 2, 6, 8) and (np.asarray(y) == 0).all()


def numerical(f, x, g, step=1e-6):
    out = np.empty_like(x)
    for i in np.ndindex(*x.shape):
        old = x[i]
        x[i] = old + step
        high = (f() * g).sum()
        x[i] = old - step
        out[i] = (high - (f() * g).sum()) / (2 * step)
        x[i] = old
    return out


@pytest.mark.parametrize("causal", [False, True])
def test_gradients(rng, causal):
    q, k, v = arrays(rng, 2, 4, 2, 5, 6, 3, 2, "float64")
    padding = np.array([[1, 1, 0, 1, 1, 0], [1, 1, 1, 1, 1, 1]], bool)
    bias = rng.normal(size=(4, 1, 6))
    g = rng.normal(size=(2, 4, 5, 2))
    leaves = [tw.asarray(x.copy()) for x in (q, k, v, bias)]
    for x in leaves[:3]:
        x.requires_grad = True

    def run():
        return F.scaled_dot_product_attention(*leaves, is_causal=causal, key_mask=padding)

    run().backward(tw.asarray(g))
    allowed = padding[:, None, None, :] & ((np.arange(6)[None, :] <= np.arange(5)[:, None] + 1) if causal else True)
    for x, leaf in zip((q, k, v), leaves):
        slope = numerical(lambda: expected(q, k, v, allowed, bias), x, g)
        np.testing.assert_allclose(np.asarray(leaf.grad), slope, atol=1e-8)
        leaf.zero_grad()
    # A mask that learns: the same gradients by another way, and its own.
    leaves[3].requires_grad = True
    run().backward(tw.asarray(g))
    for x, leaf in zip((q, k, v, bias), leaves):
        slope = numerical(lambda: expected(q, k, v, allowed, bias), x, g)
        np.testing.assert_allclose(np.asarray(leaf.grad), slope, atol=1e-8)


@pytest.mark.parametrize("heads, key_heads", [(4, 4), (4, 2)])
def test_self_attention(rng, heads, key_heads):
    B, T, D = 2, 9, 5
    x = rng.normal(size=(B, T, (heads + 2 * key_heads) * D))
    g = tw.asarray(rng.normal(size=(B, T, heads * D)))
    one, two = tw.asarray(x.copy()), tw.asarray(x.copy())
    one.requires_grad = two.requires_grad = True
    y = F.self_attention(one, heads, key_heads, is_causal=True)
    apart, first = [], 0
    for count in (heads, key_heads, key_heads):
        part = two[:, :, first * D : (first + count) * D]
        apart.append(tw.permute(part.reshape(B, T, count, D), 0, 2, 1, 3))
        first += count
    z = tw.permute(F.scaled_dot_product_attention(*apart, is_causal=True), 0, 2, 1, 3).reshape(B, T, heads * D)
    np.testing.assert_allclose(np.asarray(y.detach()), np.asarray(z.detach()), atol=1e-14)
    y.backward(g)
    z.backward(g)
    np.testing.assert_allclose(np.asarray(one.grad), np.asarray(two.grad), atol=1e-13)


def test_dropout(rng):
    """The weights that stay are scaled; the backward pass drops the same; the mean is that without dropout."""
    B, H, T, S = 2, 3, 40, 100
    q, k = rng.normal(size=(B, H, T, 8)), rng.normal(size=(B, H, S, 8))
    v = np.broadcast_to(np.eye(S), (B, H, S, S)).copy()
    p = 0.4
    leaf = tw.asarray(v)
    leaf.requires_grad = True
    y = F.scaled_dot_product_attention(q, k, leaf, dropout_p=p, generator=tw.random.Generator(3))
    weights = expected(q, k, v)
    found = np.asarray(y.detach())
    kept = found != 0
    np.testing.assert_allclose(found[kept], weights[kept] / (1 - p), rtol=1e-12)
    # 24,000 draws: standard deviation 0.0032.
    assert abs(kept.mean() - (1 - p)) < 0.015
    y.sum().backward()
    np.testing.assert_allclose(np.asarray(leaf.grad)[..., 0], (weights * kept / (1 - p)).sum(axis=2), rtol=1e-12)
    again = F.scaled_dot_product_attention(q, k, v, dropout_p=p, generator=tw.random.Generator(3))
    assert (np.asarray(again) == found).all()


def test_same_bits_on_any_number_of_threads(rng):
    before = tw.num_threads()
    results = []
    try:
        for shape in [(2, 9, 3, 100, 100, 24, 24), (1, 2, 1, 300, 600, 16, 16)]:
            q, k, v = arrays(rng, *shape, "float32")
            for threads in (1, 2, 3):
                tw.set_num_threads(threads)
                leaves = [tw.asarray(x.copy()) for x in (q, k, v)]
                for x in leaves:
                    x.requires_grad = True
                y = F.scaled_dot_product_attention(*leaves, is_causal=True)
                y.sum().backward()
                results.append([np.asarray(y.detach())] + [np.asarray(x.grad) for x in leaves])
            for other in results[1:]:
                assert all((a == b).all() for a, b in zip(results[0], other))
            results.clear()
    finally:
        tw.set_num_threads(before)


def test_bad_input(rng):
    q, k, v = arrays(rng, 1, 4, 2, 5, 6, 3, 3, "float32")
    attend = F.scaled_dot_product_attention
    for bad in [
        lambda: attend(q[0], k, v),
        lambda: attend(q[:, :3], k, v),
        lambda: attend(q, k[..., :2], v),
        lambda: attend(q, k, v[:, :, :5]),
        lambda: attend(q, k, v, np.ones((7, 6), bool)),
        lambda: attend(q, k, v, key_mask=np.ones((1, 5), bool)),
        lambda: attend(q, k, v, dropout_p=1.0),
        lambda: attend(q, k, v, scale=float("nan")),
        lambda: F.self_attention(q[0], 2),
        lambda: F.self_attention(q[0], 0),
    ]:
        with pytest.raises(ValueError):
            bad()
    for bad in [
        lambda: attend(q, k.astype("float64"), v),
        lambda: attend(q.astype("int64"), k.astype("int64"), v.astype("int64")),
        lambda: attend(q, k, v, key_mask=np.ones((1, 6))),
    ]:
        with pytest.raises(TypeError):
            bad()
