"""Keys of every kind, against NumPy: reading, writing, gradients."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

DTYPES = [np.float16, np.float32, np.float64, np.bool_]
DTYPES += [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
shapes = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def numbered(shape, dtype=np.float64):
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def same(ours, theirs):
    assert ours.shape == theirs.shape
    np.testing.assert_array_equal(np.asarray(ours), theirs)


@st.composite
def layouts(draw, array):
    """The same elements in other strides."""
    kind = draw(st.sampled_from(["plain", "transposed", "reversed", "sparse"]))
    if kind == "transposed":
        return array.T.copy().T
    if kind == "reversed" and array.ndim:
        return array[::-1].copy()[::-1]
    if kind == "sparse" and array.ndim:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1] + 1), array.dtype)
        wide[..., 1::2] = array
        return wide[..., 1::2]
    return array.copy()


@st.composite
def mixed_keys(draw, shape, places=True):
    """Integers, slices, new axes, an ellipsis, masks and arrays of positions, in any order."""
    common = draw(npst.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    trues = int(np.prod(common[-1:])) if common else 1  # what a mask of as many broadcasts with
    keys, axis = [], 0
    stop = draw(st.integers(0, len(shape)))
    while axis < stop:
        size = shape[axis]
        kind = draw(st.sampled_from(["slice", "slice", "position", "places", "places", "mask", "new"]))
        if kind == "new":
            keys.append(None)
            if len(keys) > 6:
                break
            continue
        if kind == "position" and size > 0:
            keys.append(draw(st.integers(-size, size - 1)))
        elif kind == "places" and (size > 0 or 0 in common) and places:
            mine = draw(st.sampled_from([common, common[-1:], tuple(1 for _ in common)]))
            if 0 in mine or size == 0:
                keys.append(np.zeros(common, np.int64))
            else:
                dtype = draw(st.sampled_from([np.int64, np.int32, np.int8]))
                keys.append(draw(npst.arrays(dtype, mine, elements=st.integers(-size, size - 1))))
        elif kind == "mask" and places and trues <= size:
            axes = draw(st.integers(1, min(2, stop - axis)))
            count = int(np.prod(shape[axis : axis + axes]))
            mask = np.zeros(count, bool)
            if trues <= count:
                mask[draw(st.permutations(range(count)))[:trues]] = True
                keys.append(mask.reshape(shape[axis : axis + axes]))
                axis += axes - 1
            else:
                keys.append(slice(None))
        else:
            keys.append(draw(st.slices(size)))
        axis += 1
    if draw(st.booleans()):
        # An ellipsis may stand anywhere where the keys before and behind it keep their axes: here, behind all.
        keys.append(Ellipsis)
        back = shape[axis:]
        for size in back[-draw(st.integers(0, 1)) :] if back else ():
            keys.append(draw(st.slices(size)))
    return tuple(keys)


@settings(max_examples=300, deadline=None)
@given(shapes, st.sampled_from(DTYPES), st.data())
def test_reading(shape, dtype, data):
    x = data.draw(layouts(numbered(shape, dtype)))
    strategy = st.one_of(npst.basic_indices(shape, allow_newaxis=True, max_dims=6), mixed_keys(shape))
    if shape and 0 not in shape:
        strategy |= npst.integer_array_indices(shape)
    key = data.draw(strategy)
    same(tw.asarray(x)[key], x[key])


@settings(max_examples=300, deadline=None)
@given(shapes, st.sampled_from(DTYPES), st.data())
def test_writing(shape, dtype, data):
    base = numbered(shape, dtype)
    key = data.draw(st.one_of(npst.basic_indices(shape, allow_newaxis=True, max_dims=6), mixed_keys(shape)))
    target = base[key]
    kept = data.draw(st.integers(0, target.ndim))
    value_shape = [s if data.draw(st.booleans()) else 1 for s in target.shape[target.ndim - kept :]]
    value = 100 + numbered(value_shape, data.draw(st.sampled_from([np.float64, np.int64, np.float32])))
    if dtype == np.bool_:
        value = value % 2
    expected, ours = base.copy(), tw.asarray(data.draw(layouts(base)))
    put = tw.index_put(ours, key, value)
    summed = tw.index_put(ours, key, value, accumulate=True) if dtype != np.bool_ else None
    same(ours, base)
    expected[key] = value
    ours[key] = value
    same(ours, expected)
    same(put, expected)
    if summed is not None:
        expected = base.copy()
        np.add.at(expected, key, value.astype(dtype))
        same(summed, expected)


@settings(max_examples=150, deadline=None)
@given(shapes, st.data())
def test_gradients_go_back(shape, data):
    """Of sum(w * x[key]): w, added up where the elements came from."""
    key = data.draw(st.one_of(npst.basic_indices(shape, allow_newaxis=True, max_dims=6), mixed_keys(shape)))
    x = numbered(shape)
    assume(x[key].ndim <= 8)  # the most that a tensor has
    weights = 1 + numbered(x[key].shape)
    ours = tw.asarray(data.draw(layouts(x))).detach()
    ours.requires_grad = True
    (ours[key] * weights).sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, key, weights)
    same(ours.grad, expected)


@settings(max_examples=100, deadline=None)
@given(npst.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5), st.sampled_from(DTYPES), st.data())
def test_along_an_axis(shape, dtype, data):
    x = data.draw(layouts(numbered(shape, dtype)))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = shape[axis]
    n = data.draw(st.integers(0, 6))
    line = data.draw(npst.arrays(np.int64, n, elements=st.integers(-size, size - 1)))
    same(tw.take(x, line, axis=axis), np.take(x, line, axis=axis))
    square = data.draw(npst.arrays(np.int64, (2, n), elements=st.integers(-size, size - 1)))
    same(tw.take(x, square, axis=axis), np.take(x, square, axis=axis))
    other = list(shape)
    other[axis] = n
    narrow = [n if i == axis % len(shape) else data.draw(st.sampled_from([1, s])) for i, s in enumerate(shape)]
    places = data.draw(npst.arrays(np.int64, narrow, elements=st.integers(-size, size - 1)))
    same(tw.take_along_axis(x, places, axis=axis), np.take_along_axis(x, places, axis))
    full = np.broadcast_to(places, other)
    values = numbered(other, dtype)
    expected = np.array(x)
    np.put_along_axis(expected, full, values, axis)
    same(tw.put_along_axis(x, places, values, axis), expected)
    same(tw.scatter(x, axis, full, values), expected)
    if dtype != np.bool_:
        expected = np.array(x)
        where = list(np.indices(other))
        where[axis] = full
        np.add.at(expected, tuple(where), values)
        same(tw.scatter_add(x, axis, full, values), expected)
        expected = np.moveaxis(np.array(x), axis, 0)
        np.add.at(expected, line, np.moveaxis(values, axis, 0))
        same(tw.index_add(x, axis, line, values), np.moveaxis(expected, 0, axis))


@pytest.mark.parametrize("n", [1, 100, 70_001])
def test_long_masks_and_positions(rng, n):
    x = rng.standard_normal((n, 3)).astype(np.float32)
    for share in (0.0, 0.001, 0.5, 1.0):
        rows, elements = rng.random(n) < share, rng.random((n, 3)) < share
        same(tw.asarray(x)[rows], x[rows])
        same(tw.asarray(x)[elements], x[elements])
        ours, theirs = tw.tensor(x), x.copy()
        ours[elements] = 0.5
        theirs[elements] = 0.5
        ours[rows] = ours[rows] * 2
        theirs[rows] *= 2
        same(ours, theirs)
    places = rng.integers(-n, n, 2 * n + 1)
    same(tw.asarray(x)[places], x[places])
    same(tw.asarray(x)[:, 1][places], x[:, 1][places])
    weights = tw.asarray(rng.integers(-8, 8, (2 * n + 1, 3)).astype(np.float32))
    expected = np.zeros_like(x)
    np.add.at(expected, places, np.asarray(weights))
    leaf = tw.tensor(x, requires_grad=True)
    (leaf[places] * weights).sum().backward()
    same(leaf.grad, expected)
    same(tw.index_add(tw.zeros((n, 3), "float32"), 0, places, weights), expected)


def test_scalars_and_bools_as_keys():
    x = numbered((2, 3))
    ours = tw.asarray(x)
    bools = (True, False, np.True_, np.array(True), (0, True), (Ellipsis, False), (True, [1]))
    for key in (*bools, np.int32(1), np.array(1)):
        same(ours[key], x[key])
    same(ours[tw.tensor(True)], x[np.True_])
    same(ours[tw.tensor(1), tw.asarray([True, False, True])], x[1, [True, False, True]])
    same(tw.asarray(5.0)[()], np.float64(5))
    same(tw.asarray(5.0)[None], np.array([5.0]))
    same(tw.asarray(5.0)[True], np.array([5.0]))
    turned = np.asarray([[True, False], [True, True], [False, False]]).T
    same(ours[tw.asarray(turned)], x[turned])
    ours[True, 0] = 7
    assert ours.tolist() == [[7, 7, 7], [3, 4, 5]]
    same(ours[(0, 1), (0, 2)], np.asarray(ours)[(0, 1), (0, 2)])
    same(ours[[0, 1]], np.asarray(ours)[[0, 1]])


def test_values_that_are_written():
    x = tw.zeros(3, "int32")
    x[0] = 2.7
    x[1:] = tw.tensor([-2.7, np.nan])
    assert x.tolist() == [2, -2, 0]
    with pytest.raises(ValueError, match="hold"):
        x[0] = 2**31
    with pytest.raises(ValueError, match="hold"):
        tw.zeros(3, "uint8")[0] = -1
    y = tw.zeros(3, "bool")
    y[[0, 2]] = 5
    assert y.tolist() == [True, False, True]
    line = tw.arange(6)
    line[line > 2] = line[3:] * 10
    line[[0, 1, 0]] = [7, 8, 9]
    assert line.tolist() == [9, 8, 2, 30, 40, 50]
    line[::-1] = line
    assert line.tolist() == [50, 40, 30, 2, 8, 9]
    line[[5, 4, 3, 2, 1, 0]] = line
    assert line.tolist() == [9, 8, 2, 30, 40, 50]


def test_positions_out_of_range():
    x = tw.ones((2, 3))
    with pytest.raises(IndexError, match="index 3 at position 1 is out of range for size 3"):
        x[:, [0, 3]]
    with pytest.raises(IndexError, match="index -4 at position 0"):
        x[:, [-4]]
    with pytest.raises(IndexError, match="broadcast"):
        x[[0, 1], [0, 1, 2]]
    with pytest.raises(IndexError, match="mask of shape"):
        x[tw.asarray([True, False, True])]
    with pytest.raises(IndexError, match="mask of shape"):
        x[tw.asarray([True])] = 0
    with pytest.raises(ValueError, match="broadcast"):
        x[[0, 1]] = np.zeros((3, 3))
    with pytest.raises(ValueError, match="axis is needed"):
        tw.take(x, [0])
    assert tw.take(tw.arange(3), [-1]).tolist() == [2]
    with pytest.raises(IndexError):
        tw.take(x, [2], axis=0)
    with pytest.raises(TypeError):
        x[[0.5]]
    with pytest.raises(IndexError):
        x[np.array([2**64 - 1], np.uint64)]


def test_leaves_and_results_are_not_written_while_recording():
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    for write in (lambda: x.__setitem__(0, 5.0), lambda: x.__setitem__([True, False], 5.0)):
        with pytest.raises(tw.TalwegError, match="leaf"):
            write()
    y = x * 2
    with pytest.raises(tw.TalwegError, match="index_put"):
        y[0] = 5.0
    with pytest.raises(tw.TalwegError, match="recorded operation"):
        x[:1][...] = 5.0
    with tw.no_grad():
        x[0] = 5.0
    assert x.tolist() == [5, 2]
    put = tw.index_put(y, [0, 0], tw.tensor([3.0, 4.0], requires_grad=True))
    put.sum().backward()
    assert x.grad.tolist() == [0, 2]
    c = tw.tensor([1.0, 1.0])
    z = (x * c).sum()
    c[[1]] = 3
    with pytest.raises(tw.TalwegError, match="changed in place"):
        z.backward()


def test_the_same_bits_on_any_number_of_threads(rng):
    x = tw.asarray(rng.standard_normal((2000, 40)).astype(np.float32))
    places = rng.integers(0, 2000, 30_000)
    values = tw.asarray(rng.standard_normal((30_000, 40)).astype(np.float32))
    columns = rng.integers(0, 40, (2000, 90))
    long = tw.asarray(rng.standard_normal((2000, 90)).astype(np.float32))
    before, results = tw.num_threads(), []
    for threads in (1, 2, 3):
        tw.set_num_threads(threads)
        leaf = tw.tensor(x, requires_grad=True)
        (leaf[places] * values).sum().backward()
        sums = [tw.index_add(x, 0, places, values), tw.scatter_add(x, 1, columns, long), leaf.grad]
        put = [tw.index_put(x, places, values), tw.scatter(x, 1, columns, long)]
        results.append([np.asarray(result).tobytes() for result in sums + put])
    tw.set_num_threads(before)
    assert results[0] == results[1] == results[2]
