"""Linear algebra, against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.linalg
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st

DTYPES = [np.float32, np.float64]
dtypes = st.sampled_from(DTYPES)
stacks = st.sampled_from([(), (1,), (3,), (2, 3), (0,)])
sizes = st.integers(0, 40)


def matrix(rng, stack, m, n, dtype):
    """Uniform numbers in any order of axes."""
    x = rng.uniform(-1, 1, (*stack, m, n)).astype(dtype)
    return np.swapaxes(np.swapaxes(x, -1, -2).copy(), -1, -2) if rng.integers(2) else x


def definite(rng, stack, n, dtype):
    x = rng.uniform(-1, 1, (*stack, n, n))
    return (x @ np.swapaxes(x, -1, -2) + max(n, 1) * np.eye(n)).astype(dtype)


def close(ours, theirs, dtype, scale=1.0):
    ours = np.asarray(ours)
    assert ours.shape == np.shape(theirs) and ours.dtype == dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2000 * np.finfo(dtype).eps * scale)


def size(x):
    return float(np.abs(x).max(initial=1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), stacks, sizes, dtypes)
def test_cholesky(seed, stack, n, dtype):
    a = definite(np.random.default_rng(seed), stack, n, dtype)
    wide = a.astype(np.float64)
    lower = np.linalg.cholesky(wide)
    close(tw.linalg.cholesky(a), lower, dtype, size(lower))
    close(tw.linalg.cholesky(a, upper=True), np.swapaxes(lower, -1, -2), dtype, size(lower))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), stacks, sizes, sizes, dtypes, st.sampled_from(["reduced", "complete"]))
def test_qr(seed, stack, m, n, dtype, mode):
    a = matrix(np.random.default_rng(seed), stack, m, n, dtype)
    q, r = (np.asarray(x) for x in tw.linalg.qr(a, mode=mode))
    k = m if mode == "complete" else min(m, n)
    assert q.shape == (*stack, m, k) and r.shape == (*stack, k, n) and q.dtype == r.dtype == dtype
    close(q.astype(np.float64) @ r, a, np.float64, 1e9 if dtype == np.float32 else 1)
    close(np.swapaxes(q, -1, -2) @ q, np.broadcast_to(np.eye(k), (*stack, k, k)), dtype)
    assert (np.tril(r, -1) == 0).all()
    # The signs are LAPACK's.
    theirs = np.linalg.qr(a, mode=mode).R
    ours, other = (np.diagonal(x, axis1=-2, axis2=-1) for x in (r, theirs))
    clear = np.abs(other) > 1e-3
    assert (np.sign(ours) == np.sign(other))[clear].all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), sizes, sizes, dtypes, st.sampled_from(["reduced", "complete"]))
def test_pivoted_qr(seed, m, n, dtype, mode):
    a = matrix(np.random.default_rng(seed), (), m, n, dtype)
    q, r, p = (np.asarray(x) for x in tw.linalg.qr_pivoted(a, mode=mode))
    np.testing.assert_allclose(q @ r, a[:, p], atol=1e-4 if dtype == np.float32 else 1e-12)
    if m and n:
        _, theirs, order = scipy.linalg.qr(a.astype(np.float64), pivoting=True)
        if dtype == np.float64:
            assert (p == order).all()
            np.testing.assert_allclose(np.abs(np.diag(r)), np.abs(np.diag(theirs)), atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), stacks, st.integers(0, 30), st.integers(0, 5), dtypes, st.booleans())
def test_solve_inv_det(seed, stack, n, k, dtype, one_side):
    rng = np.random.default_rng(seed)
    a = matrix(rng, stack, n, n, dtype) + 3 * np.sqrt(max(n, 1)).astype(dtype) * np.eye(n, dtype=dtype)
    b = rng.uniform(-1, 1, (n, k) if one_side else (*stack, n, k)).astype(dtype)
    wide = a.astype(np.float64)
    close(tw.linalg.solve(a, b), np.linalg.solve(wide, b), dtype)
    v = rng.uniform(-1, 1, n).astype(dtype)
    expected = np.linalg.solve(wide, np.broadcast_to(v[:, None], (*stack, n, 1)))[..., 0]
    close(tw.linalg.solve(a, v), expected, dtype)
    close(tw.linalg.inv(a), np.linalg.inv(wide), dtype)
    sign, logarithm = tw.linalg.slogdet(a)
    theirs = np.linalg.slogdet(wide)
    assert (np.asarray(sign) == theirs.sign).all()
    close(logarithm, theirs.logabsdet, dtype, size(theirs.logabsdet))
    np.testing.assert_allclose(np.asarray(tw.linalg.det(a)), np.linalg.det(wide), rtol=5000 * np.finfo(dtype).eps)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 100), st.integers(0, 5), dtypes, st.booleans(), st.booleans(), st.booleans())
def test_solve_triangular(seed, n, k, dtype, upper, transposed, unit):
    rng = np.random.default_rng(seed)
    a = (matrix(rng, (), n, n, dtype) / max(n, 1)).astype(dtype)
    a[np.arange(n), np.arange(n)] = 2
    b = rng.uniform(-1, 1, (n, k)).astype(dtype)
    ours = tw.linalg.solve_triangular(a, b, upper=upper, transposed=transposed, unit_diagonal=unit)
    if n and k:
        theirs = scipy.linalg.solve_triangular(
            a.astype(np.float64), b, trans=int(transposed), lower=not upper, unit_diagonal=unit)
        close(ours, theirs, dtype)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 40), dtypes)
def test_lu(seed, m, n, dtype):
    a = matrix(np.random.default_rng(seed), (), m, n, dtype)
    lu, pivots = (np.asarray(x) for x in tw.linalg.lu_factor(a))
    assert lu.shape == (m, n) and pivots.shape == (min(m, n),) and pivots.dtype == np.int64
    k = min(m, n)
    lower, upper = np.tril(lu[:, :k], -1) + np.eye(m, k), np.triu(lu[:k])
    permuted = a.copy()
    for i, p in enumerate(pivots):
        permuted[[i, p]] = permuted[[p, i]]
    close((lower.astype(np.float64) @ upper).astype(dtype), permuted, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [100, 257, 500])
def test_large(n, dtype):
    rng = np.random.default_rng(n)
    a, spd = matrix(rng, (), n, n, dtype), definite(rng, (), n, dtype)
    eps = np.finfo(dtype).eps
    norm = np.linalg.norm

    def error(product, expected):
        return norm(product.astype(np.float64) - expected) / (n * eps * norm(expected))

    q, r = (np.asarray(x).astype(np.float64) for x in tw.linalg.qr(a))
    assert error(q @ r, a) < 10 and norm(q.T @ q - np.eye(n)) < 10 * n * eps
    lower = np.asarray(tw.linalg.cholesky(spd)).astype(np.float64)
    assert error(lower @ lower.T, spd) < 10
    b = rng.uniform(-1, 1, (n, 7)).astype(dtype)
    x = np.asarray(tw.linalg.solve(a, b)).astype(np.float64)
    assert norm(a @ x - b) < 10 * n * eps * norm(a) * norm(x)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5])
def test_matrix_power(n):
    a = np.random.default_rng(0).uniform(-1, 1, (2, 3, 3)) + 2 * np.eye(3)
    close(tw.linalg.matrix_power(a, n), np.linalg.matrix_power(a, n), np.float64, 10)


def test_named_results():
    a = np.array([[3.0, 0], [4, 5]])
    assert tw.linalg.qr(a).Q.shape == (2, 2) and tw.linalg.qr(a).R.shape == (2, 2)
    assert tw.linalg.slogdet(a).sign.item() == 1 and tw.linalg.slogdet(a).logabsdet.shape == ()
    assert tw.linalg.lu_factor(a).pivots.tolist() == [1, 1]
    assert tw.linalg.matrix_transpose(a).tolist() == a.T.tolist()
    assert tw.linalg.matmul(a, a).tolist() == (a @ a).tolist()


def test_gradients_against_a_formula():
    rng = np.random.default_rng(1)
    a = tw.tensor(definite(rng, (2,), 4, np.float64))
    a.requires_grad = True
    # log det A = 2 sum log diag L, whose gradient is A^-1.
    lower = tw.linalg.cholesky(a)
    (2 * tw.log((lower * np.eye(4)).sum(-1)).sum()).backward()
    np.testing.assert_allclose(a.grad.numpy(), np.linalg.inv(a.detach().numpy()), rtol=1e-12)


def test_refusals():
    with pytest.raises(tw.TalwegError, match="singular"):
        tw.linalg.inv(np.zeros((2, 2)))
    with pytest.raises(tw.TalwegError, match="matrix 1 is not positive definite"):
        tw.linalg.cholesky(np.stack([np.eye(2), -np.eye(2)]))
    with pytest.raises(ValueError, match="square"):
        tw.linalg.det(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="rows"):
        tw.linalg.solve(np.eye(2), np.zeros(3))
    with pytest.raises(TypeError, match="float32 or float64"):
        tw.linalg.inv(np.eye(2, dtype=np.int64))
    with pytest.raises(ValueError, match="mode"):
        tw.linalg.qr(np.eye(2), mode="raw")
    with pytest.raises(ValueError):
        tw.linalg.cholesky(np.zeros(3))
