"""Einsum and other products against NumPy."""

import numpy as np
import pytest
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
DTYPES = [np.float32, np.float64, *INTEGERS]


def close(ours, theirs, terms=1.0):
    """To rounding: sums of up to `terms` products of whole numbers are exact, others are compared by their length."""
    ours = np.asarray(ours)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    if ours.dtype.kind in "iu":
        np.testing.assert_array_equal(ours, theirs)
    else:
        bound = 4 * np.finfo(ours.dtype).eps * max(terms, 4)
        np.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound * (np.abs(theirs).max(initial=1)))


def numbers(draw, shape, dtype):
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    if np.dtype(dtype).kind in "iu":
        x = generator.integers(0 if np.dtype(dtype).kind == "u" else -9, 10, shape).astype(dtype)
    else:
        x = generator.uniform(-1, 1, shape).astype(dtype)
    # Other strides: transposed, or every second element backwards.
    kind = draw(st.integers(0, 2))
    if kind == 1:
        return np.ascontiguousarray(x.T).T
    if kind == 2 and x.ndim:
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype)
        wide[..., ::-2] = x
        return wide[..., ::-2]
    return x


@st.composite
def einsums(draw):
    """Subscripts and operands: repeated labels, sums, ellipsis, implicit and explicit results."""
    sizes = {letter: draw(st.integers(0 if letter == "a" else 1, 4)) for letter in "abcdeXY"}
    dtype = draw(st.sampled_from(DTYPES))
    broadcast = draw(st.lists(st.integers(1, 3), max_size=2))
    terms, operands, used = [], [], []
    dots = 0
    for _ in range(draw(st.integers(1, 4))):
        letters = draw(st.lists(st.sampled_from("abcdeXY"), max_size=3))
        shape = [1 if draw(st.integers(0, 9)) == 0 and letters.count(x) == 1 else sizes[x] for x in letters]
        used += letters
        if draw(st.booleans()):
            mine = broadcast[draw(st.integers(0, len(broadcast))) :]
            dots = max(dots, len(mine))
            place = draw(st.integers(0, len(letters)))
            mine = [draw(st.sampled_from([1, size])) for size in mine]
            shape[place:place] = mine
            letters = [*letters[:place], "...", *letters[place:]]
        terms.append("".join(letters))
        operands.append(numbers(draw, tuple(shape), dtype))
    text = draw(st.sampled_from([",", ", "])).join(terms)
    if draw(st.booleans()):
        result = draw(st.permutations(sorted(set(used))))[: draw(st.integers(0, 5))]
        if any("..." in term for term in terms):
            place = draw(st.integers(0, len(result)))
            result = [*result[:place], "...", *result[place:]]
        text += "->" + "".join(result)
    return text, operands


@settings(max_examples=500, deadline=None)
@given(einsums())
def test_einsum(case):
    text, operands = case
    try:
        expected = np.einsum(text, *operands)
    except ValueError:
        with pytest.raises(ValueError, match="einsum"):
            tw.einsum(text, *operands)
        return
    if expected.ndim > 8:
        return
    close(tw.einsum(text, *operands), np.asarray(expected), 256)


def test_einsum_with_lists():
    x, y = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    close(tw.einsum(x, [0, 1], y, [1, 2], [2, 0]), np.einsum(x, [0, 1], y, [1, 2], [2, 0]))
    close(tw.einsum(x, [..., 1], y, [1, 2]), np.einsum(x, [..., 1], y, [1, 2]))
    with pytest.raises(ValueError, match="label 52"):
        tw.einsum(x, [0, 52])


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("ij,jk->ik", [(70, 80), (80, 90)]),
        ("ij,jk->ki", [(70, 80), (80, 90)]),
        ("ji,kj->ik", [(80, 70), (90, 80)]),
        ("bij,bjk->bik", [(5, 40, 30), (5, 30, 20)]),
        ("bhid,bhjd->bhij", [(2, 3, 20, 16), (2, 3, 20, 16)]),
        ("bij,jk->bik", [(5, 40, 30), (30, 20)]),
        ("ibj,jkb->bki", [(40, 5, 30), (30, 20, 5)]),
        ("ijk,jkl,lm->im", [(20, 30, 10), (30, 10, 25), (25, 5)]),
        ("i,ij,j->", [(50,), (50, 60), (60,)]),
    ],
)
def test_einsum_of_larger_operands(text, shapes):
    generator = np.random.default_rng(0)
    operands = [generator.standard_normal(shape) for shape in shapes]
    close(tw.einsum(text, *operands), np.asarray(np.einsum(text, *operands, optimize=True)), 1000)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_tensordot(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    x = numbers(data.draw, data.draw(npst.array_shapes(min_dims=0, max_dims=4, max_side=4)), dtype)
    count = data.draw(st.integers(0, x.ndim))
    axes = data.draw(st.permutations(range(x.ndim)))[:count]
    others = data.draw(npst.array_shapes(min_dims=0, max_dims=2, max_side=4))
    shape = [x.shape[axis] for axis in axes] + list(others)
    order = data.draw(st.permutations(range(len(shape))))
    y = numbers(data.draw, tuple(shape[i] for i in order), dtype)
    pairs = [order.index(i) for i in range(count)]
    close(tw.tensordot(x, y, axes=(axes, pairs)), np.tensordot(x, y, axes=(axes, pairs)), 256)
    y = numbers(data.draw, x.shape[x.ndim - count :] + others, dtype)
    close(tw.tensordot(x, y, axes=count), np.tensordot(x, y, axes=count), 256)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_vectors(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    shapes = data.draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    width, axis = data.draw(st.integers(0, 5)), data.draw(st.integers(-1, -1))
    x, y = (numbers(data.draw, (*shape, width), dtype) for shape in shapes.input_shapes)
    expected = np.sum(x * y, axis=axis, dtype=dtype)
    close(tw.vecdot(x, y, axis=axis), np.asarray(expected), width)
    a, b = (numbers(data.draw, (data.draw(st.integers(0, 4)),), dtype) for _ in range(2))
    close(tw.outer(a, b), np.outer(a, b))
    x, y = (numbers(data.draw, (*shape, 3), dtype) for shape in shapes.input_shapes)
    close(tw.linalg.cross(x, y), np.cross(x, y), 3)
    x, y = (numbers(data.draw, data.draw(npst.array_shapes(max_dims=3, max_side=3)), dtype) for _ in range(2))
    close(tw.kron(x, y), np.kron(x, y))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_diagonals(data):
    dtype = data.draw(st.sampled_from(DTYPES))
    x = numbers(data.draw, data.draw(npst.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4)), dtype)
    offset = data.draw(st.integers(-5, 5))
    first, second = data.draw(st.permutations(range(x.ndim)))[:2]
    close(tw.diagonal(x, offset, first, second - x.ndim), np.diagonal(x, offset, first, second))
    close(tw.linalg.diagonal(x, offset=offset), np.diagonal(x, offset, -2, -1))
    wide = {"i": np.int64, "u": np.uint64, "f": dtype}[np.dtype(dtype).kind]
    close(tw.trace(x, offset=offset), np.trace(x, offset, -2, -1, dtype=wide), 4)
    close(tw.linalg.trace(x, offset=offset, dtype=tw.float64), np.trace(x, offset, -2, -1, dtype=np.float64), 4)
    close(tw.linalg.matrix_transpose(x), np.swapaxes(x, -1, -2))
    close(tw.diag(x.ravel(), offset), np.diag(x.ravel(), offset))
    close(tw.diagflat(x, offset), np.diagflat(x, offset))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_matmul_of_integers(data):
    dtype = data.draw(st.sampled_from(INTEGERS))
    m, k, n = (data.draw(st.integers(0, 9)) for _ in range(3))
    shapes = data.draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3)).input_shapes
    x, y = numbers(data.draw, (*shapes[0], m, k), dtype), numbers(data.draw, (*shapes[1], k, n), dtype)
    close(tw.matmul(x, y), x @ y)


def test_gradients_pass_a_contraction():
    x = tw.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = tw.tensor(np.arange(3.0), requires_grad=True)
    tw.einsum("ij,j->", x, y).backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.tile(np.arange(3.0), (2, 1)))
    np.testing.assert_array_equal(y.grad.numpy(), x.numpy().sum(0))
