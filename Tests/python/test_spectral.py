"""Eigenvalues, singular values and norms, against NumPy."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from talweg import linalg

DTYPES = st.sampled_from([np.float32, np.float64])


def matrices(min_side=0, max_side=7, square=False):
    """Small ones whose elements repeat, so that values coincide and ranks are low, at any scale."""

    def of(dtype):
        side = st.integers(min_side, max_side)
        stack = st.lists(st.integers(0, 3), max_size=2)
        shapes = st.tuples(stack, side, side).map(lambda s: (*s[0], s[1], s[1] if square else s[2]))
        elements = st.one_of(st.integers(-3, 3).map(float), st.floats(-1, 1, width=32))
        scales = st.sampled_from([1.0, 1e-30, 1e30] if dtype == np.float32 else [1.0, 1e-300, 1e300])
        arrays = npst.arrays(dtype, shapes, elements=elements.map(lambda x: float(dtype(x))))
        return st.tuples(arrays, scales).map(lambda pair: (pair[0] * pair[1]).astype(dtype))

    return DTYPES.flatmap(of)


def close(ours, theirs, scale, factor=100):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=factor * np.finfo(theirs.dtype).eps * scale)


def largest(x):
    return float(np.abs(x).max(initial=0.0))


@settings(max_examples=150, deadline=None)
@given(matrices(square=True))
def test_eigh(x):
    symmetric = np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2)
    scale = largest(x)
    w, v = linalg.eigh(x)
    close(w, np.linalg.eigvalsh(symmetric), scale)
    close(linalg.eigvalsh(x), np.asarray(w), scale)
    w, v = np.asarray(w), np.asarray(v)
    unit = scale or 1
    close((v * (w / unit)[..., None, :]) @ np.swapaxes(v, -1, -2), (symmetric / unit).astype(x.dtype), 1)
    close(np.swapaxes(v, -1, -2) @ v, np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape), 1)


@settings(max_examples=150, deadline=None)
@given(matrices(), st.booleans())
def test_svd(x, full):
    scale = largest(x)
    unit = scale or 1
    u, s, vh = linalg.svd(x, full_matrices=full)
    expected = np.linalg.svd(x / x.dtype.type(unit), full_matrices=full)
    for ours, theirs in zip((u, s, vh), expected, strict=True):
        assert ours.shape == theirs.shape
    close(np.asarray(s) / x.dtype.type(unit), expected[1], 1)
    close(np.asarray(linalg.svdvals(x)) / x.dtype.type(unit), expected[1], 1)
    k = s.shape[-1]
    u, vh = np.asarray(u), np.asarray(vh)
    product = (u[..., :k] * (np.asarray(s) / x.dtype.type(unit))[..., None, :]) @ vh[..., :k, :]
    close(product, x / x.dtype.type(unit), 1)
    for gram in (np.swapaxes(u, -1, -2) @ u, vh @ np.swapaxes(vh, -1, -2)):
        close(gram, np.broadcast_to(np.eye(gram.shape[-1], dtype=x.dtype), gram.shape), 1)


@settings(max_examples=100, deadline=None)
@given(matrices(min_side=1), st.sampled_from([None, 1e-3, 0.2]))
def test_pinv_and_rank(x, rtol):
    unit = largest(x) or 1
    s = np.linalg.svd(x / x.dtype.type(unit), compute_uv=False)
    cut = max(x.shape[-2:]) * np.finfo(x.dtype).eps if rtol is None else rtol
    relative = s / np.where(s[..., :1] == 0, 1, s[..., :1])
    # Away from the cut, where rounding decides.
    assume(not np.any((relative > cut * 0.9) & (relative < (1e-4 if rtol is None else cut * 1.1))))
    assert np.array_equal(np.asarray(linalg.matrix_rank(x, rtol=rtol)), (relative > cut).sum(-1))
    if 1e-20 < unit < 1e20:
        ours = np.asarray(linalg.pinv(x, rtol=rtol))
        theirs = np.linalg.pinv(x, rtol=cut)
        kept = np.where(relative > cut, s, np.inf).min(initial=np.inf) * unit
        # The error of an inverse grows with the square of its norm.
        np.testing.assert_allclose(
            ours, theirs, rtol=0, atol=1000 * np.finfo(x.dtype).eps * unit / min(kept, unit) ** 2
        )


def test_one_tolerance_for_each_matrix():
    x = np.stack([np.diag([4.0, 1]), np.diag([2.0, 2])])
    assert np.asarray(linalg.matrix_rank(x, rtol=np.array([0.5, 0.5]))).tolist() == [1, 2]
    np.testing.assert_allclose(np.asarray(linalg.pinv(x, rtol=np.array([0.5, 0.5])))[0], np.diag([0.25, 0]))


@settings(max_examples=100, deadline=None)
@given(matrices(min_side=1), st.sampled_from(["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]), st.booleans())
def test_matrix_norm(x, order, keepdims):
    unit = x.dtype.type(largest(x) or 1)
    expected = np.linalg.norm(x / unit, ord=order, axis=(-2, -1), keepdims=keepdims)
    ours = np.asarray(linalg.matrix_norm(x, ord=order, keepdims=keepdims))
    close(ours / unit, expected.astype(x.dtype), 1 + largest(expected))


@settings(max_examples=150, deadline=None)
@given(
    DTYPES.flatmap(
        lambda dtype: npst.arrays(
            dtype, npst.array_shapes(min_dims=1, max_dims=3, max_side=5), elements=st.floats(-4, 4, width=32)
        )
    ),
    st.sampled_from([2, 1, 0, np.inf, -np.inf, 3, 0.5, -1, 2.5]),
    st.booleans(),
    st.data(),
)
def test_vector_norm(x, order, keepdims, data):
    x = np.where(np.abs(x) < 1e-3, 0, x).astype(x.dtype)
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    flat = x.ravel() if axis is None else x
    with np.errstate(divide="ignore"):
        expected = np.linalg.norm(flat.astype(np.float64), ord=order, axis=-1 if axis is None else axis)
    if keepdims:
        expected = np.reshape(expected, [1] * x.ndim) if axis is None else np.expand_dims(expected, axis)
    ours = np.asarray(linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=order))
    assert ours.dtype == x.dtype and ours.shape == np.shape(expected)
    np.testing.assert_allclose(ours, expected, rtol=100 * np.finfo(x.dtype).eps)
    if order in (2, 1, np.inf, 3):
        # At any scale.
        factor = x.dtype.type(1e30 if x.dtype == np.float32 else 1e300)
        np.testing.assert_allclose(
            np.asarray(linalg.vector_norm(x * factor, axis=axis, keepdims=keepdims, ord=order)) / factor,
            expected, rtol=100 * np.finfo(x.dtype).eps,
        )


def test_several_axes():
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_allclose(np.asarray(linalg.vector_norm(x, axis=(0, 2))), np.sqrt((x**2).sum((0, 2))))


def test_results_are_named():
    result = linalg.eigh(np.eye(2))
    assert result.eigenvalues is result[0] and result.eigenvectors is result[1]
    result = linalg.svd(np.ones((3, 2)))
    assert (result.U.shape, result.S.shape, result.Vh.shape) == ((3, 3), (2,), (2, 2))


def test_gradients_flow():
    x = tw.tensor(np.diag([3.0, 1.0]) + 0.1, requires_grad=True)
    linalg.svdvals(x).sum().backward()
    u, _, vh = np.linalg.svd(np.asarray(x.detach()))
    np.testing.assert_allclose(np.asarray(x.grad), u @ vh, atol=1e-14)
    y = tw.tensor(np.zeros(3), requires_grad=True)
    linalg.vector_norm(y).backward()
    assert np.asarray(y.grad).tolist() == [0, 0, 0]
    for order in (0.5, 1.5, 3):
        y = tw.tensor(np.array([3.0, 0.0, -4.0]), requires_grad=True)
        linalg.vector_norm(y, ord=order).backward()
        sizes = np.array([3.0, 0.0, 4.0])
        norm = (sizes**order).sum() ** (1 / order)
        expected = np.array([1, 0, -1]) * (np.where(sizes == 0, 1, sizes) / norm) ** (order - 1)
        np.testing.assert_allclose(np.asarray(y.grad), expected, rtol=1e-13)
    assert np.asarray(linalg.vector_norm(np.ones((2, 0)), axis=1, ord=-1)).tolist() == [np.inf, np.inf]


def test_refusals():
    with pytest.raises(tw.TalwegError, match="eigh: "):
        linalg.eigh(np.array([[np.nan, 0], [0, 1]]))
    with pytest.raises(tw.TalwegError, match="svd: "):
        linalg.svd(np.array([[np.inf, 0], [0, 1]]))
    with pytest.raises(ValueError, match="square"):
        linalg.eigh(np.ones((2, 3)))
    with pytest.raises(ValueError, match="rows and columns"):
        linalg.svd(np.ones(3))
    with pytest.raises(TypeError, match="float32 or float64"):
        linalg.svd(np.ones((2, 2), dtype=np.int64))
    with pytest.raises(ValueError, match="matrix_norm: ord is 3"):
        linalg.matrix_norm(np.ones((2, 2)), ord=3)
    with pytest.raises(ValueError, match="rtol"):
        linalg.pinv(np.ones((2, 2)), rtol=np.ones(3))
    with pytest.raises(ValueError, match="NaN"):
        linalg.vector_norm(np.ones(2), ord=float("nan"))
