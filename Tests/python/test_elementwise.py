"""Bits, signs, bounds, padding and dtypes of sums, against NumPy."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
FLOATS = [np.float32, np.float64]
shapes = npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)


def same(ours, theirs):
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bits(data):
    dtype = data.draw(st.sampled_from([*INTEGERS, np.bool_]))
    both = data.draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=5)).input_shapes
    a, b = (data.draw(npst.arrays(dtype, shape)) for shape in both)
    x, y = tw.asarray(a), tw.asarray(b)
    same(tw.bitwise_and(x, y), a & b)
    same(x & y, a & b)
    same(x | y, np.asarray(a | b))
    same(x ^ y, np.asarray(a ^ b))
    same(~x, np.asarray(~a))
    if dtype == np.bool_:
        return
    bits = np.dtype(dtype).itemsize * 8
    by = data.draw(npst.arrays(dtype, both[1], elements=st.integers(0, min(bits + 3, 127))))
    same(tw.bitwise_left_shift(a, by), np.left_shift(a, by))
    same(x << tw.asarray(by), np.left_shift(a, by))
    same(x >> tw.asarray(by), np.right_shift(a, by))
    same(x >> 2, np.asarray(a >> 2))
    same(x & 3, np.asarray(a & 3))
    same(3 | x, np.asarray(a | 3))


def test_bits_are_of_integers():
    with pytest.raises(TypeError, match="bitwise_and: not defined for float64"):
        tw.tensor([1.0]) & 1
    with pytest.raises(TypeError, match="bitwise_invert"):
        ~tw.tensor([1.0])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_signs_and_neighbours(data):
    dtype = data.draw(st.sampled_from(FLOATS))
    both = data.draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=5)).input_shapes
    a, b = (data.draw(npst.arrays(dtype, shape)) for shape in both)
    same(tw.signbit(a), np.asarray(np.signbit(a)))
    next_ = np.asarray(tw.nextafter(a, b))
    same(next_, np.asarray(np.nextafter(a, b)))
    same(np.signbit(next_[next_ == 0]), np.signbit(np.asarray(np.nextafter(a, b))[next_ == 0]))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_clip(data):
    dtype = data.draw(st.sampled_from([*INTEGERS, *FLOATS]))
    all_ = data.draw(npst.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=5)).input_shapes
    x, low, high = (data.draw(npst.arrays(dtype, shape)) for shape in all_)
    with np.errstate(invalid="ignore"):
        same(tw.clip(x, low, high), np.asarray(np.minimum(np.maximum(x, low), high)))
        same(tw.clip(x, low), np.asarray(np.maximum(x, low)))
        same(tw.clip(x, max=high), np.asarray(np.minimum(x, high)))
    same(tw.clip(x, 2, 5), np.asarray(np.clip(x, 2, 5)))
    same(tw.clip(x), x)


def test_clip_bounds_beyond_the_dtype():
    x = np.array([0, 7, 255], np.uint8)
    same(tw.clip(x, -5, 300), x)
    same(tw.clip(x, 5, 2**70), np.array([5, 7, 255], np.uint8))
    same(tw.clip(x, None, -5), np.array([0, 0, 0], np.uint8))
    same(tw.clip(np.array([-9, 9]), -(2**70), 3), np.array([-9, 3]))


MODES = ["constant", "edge", "reflect", "symmetric", "wrap"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_pad(data):
    dtype = data.draw(st.sampled_from([*INTEGERS, *FLOATS, np.bool_]))
    mode = data.draw(st.sampled_from(MODES))
    x = data.draw(npst.arrays(dtype, npst.array_shapes(min_dims=1, max_dims=3, min_side=mode != "constant", max_side=5)))
    widths = data.draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=x.ndim, max_size=x.ndim))
    value = data.draw(st.integers(0, 1))
    extra = {"constant_values": value} if mode == "constant" else {}
    same(tw.pad(x, widths, mode, **extra), np.pad(x, widths, mode, **extra))
    same(tw.pad(x, 2, mode), np.pad(x, 2, mode))
    same(tw.pad(x, (1, 2), mode), np.pad(x, (1, 2), mode))


def test_pad_arguments():
    x = np.arange(3.0)
    same(tw.pad(x, 1, "circular"), np.pad(x, 1, "wrap"))
    with pytest.raises(ValueError, match="mode 'mean'"):
        tw.pad(x, 1, "mean")
    with pytest.raises(ValueError, match="pad"):
        tw.pad(x, [(1, 1), (1, 1)])
    with pytest.raises(ValueError, match="negative"):
        tw.pad(x, -1)
    with pytest.raises(ValueError, match="nothing to repeat"):
        tw.pad(np.zeros(0), 1, "edge")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_sums_in_a_dtype(data):
    dtype = data.draw(st.sampled_from([*INTEGERS, *FLOATS]))
    elements = st.integers(0, 9).map(dtype)
    x = data.draw(npst.arrays(dtype, npst.array_shapes(max_dims=3, max_side=5), elements=elements))
    wanted = data.draw(st.sampled_from([np.float64, np.int64]))
    same(tw.sum(x, dtype=wanted), np.asarray(np.sum(x, dtype=wanted)))
    same(tw.prod(x % 2 + 1, axis=0, dtype=wanted), np.asarray(np.prod(x % 2 + 1, axis=0, dtype=wanted)))
    same(tw.asarray(x).sum(axis=-1, keepdims=True, dtype=wanted), np.sum(x, -1, wanted, keepdims=True))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_isclose(data):
    elements = st.sampled_from([0.0, 1, 1 + 1e-6, 1 + 1e-4, np.inf, -np.inf, np.nan, 1e300])
    a, b = (data.draw(npst.arrays(np.float64, 7, elements=elements)) for _ in range(2))
    equal_nan = data.draw(st.booleans())
    same(tw.isclose(a, b, equal_nan=equal_nan), np.isclose(a, b, equal_nan=equal_nan))
    assert tw.allclose(a, b, equal_nan=equal_nan) == np.allclose(a, b, equal_nan=equal_nan)
    assert tw.allclose(a, a, equal_nan=True)


def test_positive():
    x = np.array([-1.0, 2])
    same(tw.positive(x), x)
