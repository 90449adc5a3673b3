"""Elements in another arrangement, against NumPy."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

DTYPES = [np.float16, np.float32, np.float64, np.int32, np.int64, np.uint8, np.uint64, np.bool_]
arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
)


def same(ours, theirs):
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.asarray(ours), theirs)


@settings(max_examples=150, deadline=None)
@given(arrays, st.data())
def test_moved_and_repeated(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shift = data.draw(st.integers(-9, 9))
    times = data.draw(st.integers(0, 3))
    same(tw.flip(x), np.flip(x))
    same(tw.flip(x, axis), np.flip(x, axis))
    same(tw.roll(x, shift), np.roll(x, shift))
    same(tw.roll(x, shift, axis), np.roll(x, shift, axis))
    same(tw.roll(x, shift, tuple(range(x.ndim))), np.roll(x, shift, tuple(range(x.ndim))))
    same(tw.moveaxis(x, axis, 0), np.moveaxis(x, axis, 0))
    same(tw.repeat(x, times, axis), np.repeat(x, times, axis))
    same(tw.repeat(x, times), np.repeat(x, times))
    same(tw.repeat(x, [times], axis), np.repeat(x, [times], axis))
    each = data.draw(npst.arrays(np.int64, x.shape[axis], elements=st.integers(0, 3)))
    same(tw.repeat(x, each, axis), np.repeat(x, each, axis))
    repetitions = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    same(tw.tile(x, repetitions), np.tile(x, repetitions))
    for ours, theirs in zip(tw.unstack(x, axis=axis), np.moveaxis(x, axis, 0), strict=True):
        same(ours, theirs)


@settings(max_examples=150, deadline=None)
@given(arrays, st.data())
def test_sorted(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(tw.sort(x, axis=axis), np.sort(x, axis=axis))
    same(tw.argsort(x, axis=axis), np.argsort(x, axis=axis, kind="stable"))
    down = tw.sort(x, axis=axis, descending=True)
    same(down, np.flip(np.sort(x, axis=axis), axis))


@settings(max_examples=100, deadline=None)
@given(arrays, st.data())
def test_accumulated(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    if x.dtype.kind == "f":
        x = np.nan_to_num(np.clip(x, -4, 4))
    wide = np.float64 if x.dtype.kind == "f" else np.int64
    total = np.asarray(tw.cumulative_sum(x, axis=axis))
    np.testing.assert_allclose(total, np.cumsum(x, axis, dtype=wide).astype(total.dtype), rtol=1e-6, atol=1e-5)
    product = np.asarray(tw.cumulative_prod(x, axis=axis))
    np.testing.assert_allclose(product, np.cumprod(x, axis, dtype=wide).astype(product.dtype), rtol=1e-6)
    first = tw.cumulative_sum(x, axis=axis, include_initial=True)
    assert first.shape[axis] == x.shape[axis] + 1
    if x.dtype != np.bool_:
        n = data.draw(st.integers(0, 3))
        same(tw.diff(x, axis=axis, n=n), np.diff(x, n, axis))


@pytest.mark.parametrize("k", [-5, -1, 0, 2, 9])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (0, 2), (2, 0)])
def test_triangles(shape, k):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    same(tw.tril(x, k), np.tril(x, k))
    same(tw.triu(x, k), np.triu(x, k))


def test_grids():
    a, b, c = np.arange(3.0), np.arange(4.0), np.arange(2.0)
    for indexing in ("xy", "ij"):
        for given_ in ((a,), (a, b), (a, b, c)):
            expected = np.meshgrid(*given_, indexing=indexing)
            for ours, theirs in zip(tw.meshgrid(*given_, indexing=indexing), expected, strict=True):
                same(ours, theirs)
    for ours, theirs in zip(tw.broadcast_arrays(a[:, None], b), np.broadcast_arrays(a[:, None], b), strict=True):
        same(ours, theirs)
    same(tw.diff(a, prepend=[-1.0], append=[9.0]), np.diff(a, prepend=[-1.0], append=[9.0]))
    same(tw.cumulative_sum(a, dtype=tw.float32), np.cumsum(a, dtype=np.float32))


def test_gradients_go_where_the_elements_came_from():
    x = tw.tensor([3.0, 1.0, 2.0], requires_grad=True)
    (tw.sort(x) * tw.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100.0, 1.0, 10.0]


def test_wrong_inputs():
    x = tw.ones((2, 3))
    with pytest.raises(ValueError, match="roll"):
        tw.roll(x, (1, 2))
    with pytest.raises(ValueError, match="axis is needed"):
        tw.cumulative_sum(x)
    with pytest.raises(ValueError, match="broadcast"):
        tw.broadcast_arrays(x, tw.ones((2, 2)))
    with pytest.raises(ValueError, match="twice"):
        tw.moveaxis(x, (0, 0), (0, 1))
    with pytest.raises(ValueError, match="1-d"):
        tw.meshgrid(x)
    with pytest.raises(IndexError):
        tw.sort(x, axis=2)
    with pytest.raises(ValueError):
        tw.repeat(x, -1, 0)
