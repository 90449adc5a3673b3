"""Finding elements, against NumPy."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

DTYPES = [np.float16, np.float32, np.float64, np.bool_]
DTYPES += [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]


def arrays(**kwargs):
    """Few different values, so that there are equal ones; among them both zeros, infinities and NaN."""

    def of(dtype):
        if np.dtype(dtype).kind == "f":
            elements = st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.5, -3.0, np.inf, -np.inf, np.nan])
        elif dtype == np.bool_:
            elements = st.booleans()
        else:
            info = np.iinfo(dtype)
            elements = st.sampled_from([0, 1, 2, 3, info.min, info.max, info.max - 1])
        return npst.arrays(dtype, npst.array_shapes(**kwargs), elements=elements)

    return st.sampled_from(DTYPES).flatmap(of)


def cast(x, dtype):
    return np.nan_to_num(x, posinf=9, neginf=-9).astype(dtype) if np.dtype(dtype).kind != "f" else x.astype(dtype)


def same(ours, theirs):
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.asarray(ours), theirs)


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=1, max_dims=1, min_side=0, max_side=40), arrays(min_dims=0, max_dims=3, min_side=0), st.data())
def test_searchsorted(x, values, data):
    values = cast(values, x.dtype)
    for side in ("left", "right"):
        same(tw.searchsorted(np.sort(x), values, side=side), np.searchsorted(np.sort(x), values, side))
        order = np.argsort(x, kind="stable")
        same(tw.searchsorted(x, values, side=side, sorter=order), np.searchsorted(x, values, side, order))
    assert tw.searchsorted(x, values).dtype == tw.int64


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=1, max_dims=4, min_side=0, max_side=6), st.data())
def test_nonzero(x, data):
    x = x.T if data.draw(st.booleans()) else x
    for ours, theirs in zip(tw.nonzero(x), np.nonzero(x), strict=True):
        same(ours, theirs)
        assert ours.dtype == tw.int64
    axis = data.draw(st.sampled_from([None, 0, -1, tuple(range(x.ndim))]))
    keepdims = data.draw(st.booleans())
    same(tw.count_nonzero(x, axis=axis, keepdims=keepdims), np.count_nonzero(x, axis=axis, keepdims=keepdims))


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=0, max_dims=3, min_side=0, max_side=6))
def test_unique(x):
    values, indices, inverse, counts = np.unique(x, True, True, True, equal_nan=False)
    ours = tw.unique_all(x)
    for mine, theirs in zip(ours, (values, indices, inverse.reshape(x.shape), counts), strict=True):
        same(mine, theirs)
    assert ours.values.dtype == x.dtype and ours.counts.dtype == ours.indices.dtype == tw.int64
    same(tw.unique_values(x), values)
    same(tw.unique_counts(x).values, values)
    same(tw.unique_counts(x).counts, counts)
    same(tw.unique_inverse(x).inverse_indices, inverse.reshape(x.shape))


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=0, max_dims=3, min_side=0, max_side=6), arrays(min_dims=0, max_dims=2), st.booleans())
def test_isin(x, elements, invert):
    elements = cast(elements, x.dtype)
    same(tw.isin(x, elements, invert=invert), np.isin(x, elements, invert=invert))


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=1, max_dims=3, min_side=0, max_side=40), st.data())
def test_top_k(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    k = data.draw(st.integers(0, x.shape[axis]))
    largest = data.draw(st.booleans())
    order = np.asarray(tw.argsort(x, axis=axis, descending=largest))
    expected = np.take(order, range(k), axis)
    values, indices = tw.top_k(x, k, axis=axis, largest=largest)
    same(indices, expected)
    same(values, np.take_along_axis(x, expected, axis))
    values, indices = tw.top_k(x, k, axis=axis, largest=largest, sorted=False)
    same(indices, np.sort(expected, axis))
    same(values, np.take_along_axis(x, np.sort(expected, axis), axis))


@settings(max_examples=150, deadline=None)
@given(arrays(min_dims=1, max_dims=3, min_side=0, max_side=80), st.data())
def test_sort_alone_is_argsort_taken(x, data):
    """Also the signs of zeros: values alone are sorted another way than positions."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    descending = data.draw(st.booleans())
    order = tw.argsort(x, axis=axis, descending=descending)
    ours = np.asarray(tw.sort(x, axis=axis, descending=descending))
    expected = np.take_along_axis(x, np.asarray(order), axis)
    assert ours.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [24, 25, 1000, 100_000])
def test_long_ones(rng, dtype, n):
    x = (rng.standard_normal(n) * 1000).astype(np.int64).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x[rng.integers(0, n, 3)] = np.nan
        x[rng.integers(0, n, 9)] = -0.0
        x[rng.integers(0, n, 9)] = 0.0
    for descending in (False, True):
        order = np.asarray(tw.argsort(x, descending=descending))
        assert np.asarray(tw.sort(x, descending=descending)).tobytes() == x[order].tobytes()
    same(tw.argsort(x), np.argsort(x, kind="stable"))
    same(tw.unique_values(x), np.unique(x, equal_nan=False))
    same(tw.nonzero(x)[0], np.nonzero(x)[0])
    for elements in (x[:3], x[::7], np.array([1000, 0, 7]).astype(dtype)):
        same(tw.isin(x, elements), np.isin(x, elements))
    assert tw.count_nonzero(x).item() == np.count_nonzero(x)
    s = np.sort(x)
    same(tw.searchsorted(s, x), np.searchsorted(s, x))
    same(tw.searchsorted(s, x, side="right"), np.searchsorted(s, x, side="right"))
    same(tw.searchsorted(s, x[:5]), np.searchsorted(s, x[:5]))
    for k in (1, n // 3, n):
        values, indices = tw.top_k(x, k)
        same(indices, np.asarray(tw.argsort(x, descending=True))[:k])
        same(values, x[np.asarray(indices)])


def test_nan_payloads_come_back():
    bits = np.array([0x7FF8000000000001, 0xFFF8000000000002, 0x3FF0000000000000, 0x7FF8000000000003], np.uint64)
    x = np.tile(bits.view(np.float64), 10)
    order = np.asarray(tw.argsort(x))
    assert np.asarray(tw.sort(x)).tobytes() == x[order].tobytes()
    assert np.asarray(tw.sort(x[:4])).tobytes() == x[[2, 0, 1, 3]].tobytes()


def test_one_hot(rng):
    classes = rng.integers(0, 5, (4, 3))
    for dtype in ("float32", "int64", "bool", "bfloat16"):
        ours = tw.one_hot(classes, 5, dtype=dtype)
        assert ours.dtype.name == dtype
        np.testing.assert_array_equal(np.asarray(ours.astype("float64")), np.eye(5)[classes])
    assert tw.one_hot(np.zeros((0, 2), np.int64), 0).shape == (0, 2, 0)
    with pytest.raises(IndexError, match="5"):
        tw.one_hot([5], 5)
    with pytest.raises(IndexError):
        tw.one_hot([-1], 5)


def test_positions_of_extremes_keep_axes():
    x = np.arange(6.0).reshape(2, 3)
    same(tw.argmax(x, keepdims=True), np.argmax(x, keepdims=True))
    same(tw.argmin(x, axis=1, keepdims=True), np.argmin(x, axis=1, keepdims=True))
    same(tw.asarray(x).argmax(keepdims=True), np.argmax(x, keepdims=True))


def test_gradients():
    x = tw.tensor([3.0, 1.0, 2.0, 3.0], requires_grad=True)
    values, _ = tw.top_k(x, 2)
    (values * tw.tensor([1.0, 10.0])).sum().backward()
    assert x.grad.tolist() == [1, 0, 0, 10]
    x.zero_grad()
    (tw.unique_values(x) * tw.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100, 1, 10, 0]


def test_wrong_inputs():
    x = tw.ones((2, 3))
    with pytest.raises(ValueError, match="side"):
        tw.searchsorted([1.0], x, side="middle")
    with pytest.raises(ValueError):
        tw.searchsorted(x, x)
    with pytest.raises(ValueError):
        tw.nonzero(1.0)
    with pytest.raises(ValueError, match="top_k: 4 of the 3"):
        tw.top_k(x, 4)
    with pytest.raises(ValueError):
        tw.top_k(x, 4, axis=0, largest=False)
