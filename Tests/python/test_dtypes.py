"""Every element type: promotion, conversions, arithmetic, NumPy and Python numbers, against NumPy."""

import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import talweg as tw

SIGNED = ["int8", "int16", "int32", "int64"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]
INTEGERS = SIGNED + UNSIGNED
FLOATS = ["float16", "float32", "float64"]
ALL = ["bool", *INTEGERS, *FLOATS]


def limits(dtype):
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def integers(dtype):
    """Often the numbers at which types end."""
    low, high = limits(dtype)
    ends = [e for bits in (7, 8, 15, 16, 31, 32, 63, 64) for e in (2**bits, -(2**bits), 2**bits - 1, -(2**bits) - 1)]
    return st.sampled_from([e for e in [*ends, 0, 1, -1, 2, 255, 65520] if low <= e <= high]) | st.integers(low, high)


def floats(dtype):
    width = np.dtype(dtype).itemsize * 8
    ends = [0.0, -0.0, 0.5, -0.99, 127.5, 128.0, -128.5, 255.9, 32767.6, 65504.0, 65519.0, 65520.0, 2.0**31, 2.0**32,
            2.0**63, 2.0**64, -(2.0**63), 2.0**-24, 2.0**-25, 3 * 2.0**-25, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40]
    return st.sampled_from(ends) | st.floats(width=width)


def arrays(dtype, size=npst.array_shapes(max_dims=1, max_side=40)):
    elements = st.booleans() if dtype == "bool" else floats(dtype) if dtype in FLOATS else integers(dtype)
    return npst.arrays(np.float64 if dtype in FLOATS else dtype, size, elements=elements).map(
        lambda x: quiet(lambda: x.astype(dtype))
    )


def quiet(function):
    with np.errstate(all="ignore"):
        return function()


def same(ours, theirs, dtype=None):
    assert ours.dtype == (dtype or theirs.dtype) and ours.shape == theirs.shape
    np.testing.assert_array_equal(ours.numpy(), theirs)


# ---- Promotion ----------------------------------------------------------------


@pytest.mark.parametrize("a", ALL)
@pytest.mark.parametrize("b", ALL)
def test_promotion(a, b):
    result = (tw.ones(2, dtype=a) + tw.ones(2, dtype=b)).dtype
    if (a in FLOATS) != (b in FLOATS):
        # Open in the standard: the floating one, where NumPy takes a wider for wide integers.
        assert result == (a if a in FLOATS else b)
    else:
        assert result == np.result_type(a, b)


@pytest.mark.parametrize("dtype", ALL)
def test_python_numbers_are_weak(dtype):
    ones = tw.ones(2, dtype=dtype)
    array = np.ones(2, dtype)
    assert (ones + True).dtype == (array + True).dtype
    assert (ones + 1).dtype == (1 + ones).dtype == (array + 1).dtype
    assert (ones * 1.5).dtype == (1.5 * ones).dtype == (dtype if dtype in FLOATS else "float64")


@pytest.mark.parametrize("dtype", INTEGERS)
def test_python_numbers_that_do_not_fit(dtype):
    low, high = limits(dtype)
    ones = tw.ones(1, dtype=dtype)
    assert (ones * high).item() == high and (ones * low).item() == low
    for number in (low - 1, high + 1):
        with pytest.raises(ValueError):
            ones + number
        with pytest.raises(ValueError):
            tw.tensor(number, dtype=dtype)
    assert tw.tensor(2.7, dtype=dtype).item() == 2


# ---- Conversions --------------------------------------------------------------


def converted(x, to):
    """The contract, with Python's whole numbers where NumPy leaves it open."""
    if to == "bool":
        return x != 0
    if x.dtype.kind == "f" and to in INTEGERS:
        low, high = limits(to)
        limited = np.nan_to_num(x.astype(np.float64), nan=0, posinf=2.0**65, neginf=-(2.0**65))
        whole = [int(v) for v in limited]
        return np.array([min(max(w, low), high) for w in whole], to)
    if x.dtype.kind in "iu" and to == "float16":
        # NumPy rounds large ones to float32 first.
        lowest, highest = (-65536, 65536) if x.dtype.kind == "i" else (0, 65536)
        info = np.iinfo(x.dtype)
        x = np.clip(x, max(lowest, info.min), min(highest, info.max)).astype(np.float64)
    return quiet(lambda: x.astype(to))


@pytest.mark.parametrize("source", ALL)
@pytest.mark.parametrize("to", ALL)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_conversions(source, to, data):
    x = data.draw(arrays(source))
    same(tw.asarray(x).astype(to), converted(x, to))
    step = data.draw(st.sampled_from([-1, 2, -3]))
    same(tw.asarray(x)[::-1].astype(to), converted(x[::-1], to))
    repeated = np.tile(x, 5)[::step]
    same(tw.asarray(repeated).astype(to), converted(repeated, to))


def test_float64_to_float16_is_rounded_once():
    bits = np.arange(0x7C00, dtype=np.uint16)
    below = bits.view(np.float16).astype(np.float64)
    above = np.append(below[1:], 65536.0)
    middle = (below + above) / 2
    for x in (middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf), middle * (1 + 2.0**-40)):
        same(tw.asarray(x).astype("float16"), quiet(lambda x=x: x.astype(np.float16)))
        same(tw.asarray(-x).astype("float16"), quiet(lambda x=x: (-x).astype(np.float16)))


# ---- Arithmetic ---------------------------------------------------------------

BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "floor_divide": np.floor_divide,
    "remainder": np.remainder, "maximum": np.maximum, "minimum": np.minimum, "equal": np.equal,
    "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal, "greater": np.greater,
    "greater_equal": np.greater_equal, "logical_and": np.logical_and, "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}  # fmt: skip
UNARY = {"negative": np.negative, "abs": np.abs, "sign": np.sign, "square": np.square, "logical_not": np.logical_not}


@pytest.mark.parametrize("dtype", INTEGERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_integer_arithmetic(dtype, data):
    n = data.draw(st.integers(1, 70))
    a, b = data.draw(arrays(dtype, n)), data.draw(arrays(dtype, n))
    for name, theirs in BINARY.items():
        same(getattr(tw, name)(a, b), quiet(lambda f=theirs: f(a, b)))
        same(getattr(tw, name)(a, b[:1]), quiet(lambda f=theirs: f(a, b[:1])))
    for name, theirs in UNARY.items():
        same(getattr(tw, name)(a), quiet(lambda f=theirs: f(a)))
    exponent = b % 70 if dtype in UNSIGNED else abs(b % 70)
    same(tw.power(a, exponent), quiet(lambda: np.power(a, exponent)))
    mask = data.draw(npst.arrays(bool, n))
    same(tw.where(mask, a, b), np.where(mask, a, b))


@pytest.mark.parametrize("dtype", SIGNED)
def test_powers_of_negative_exponents(dtype):
    base = tw.tensor([-2, -1, 1, 3, 0], dtype=dtype)
    assert (base ** tw.tensor([-1] * 5, dtype=dtype)).tolist() == [0, -1, 1, 0, 0]
    assert (base ** tw.tensor([-2] * 5, dtype=dtype)).tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_functions_of_integers_are_floating(dtype):
    wide = "float64" if dtype.endswith("64") else "float32"
    x = tw.tensor([1, 2, 4], dtype=dtype)
    for result in (x / 2, tw.exp(x), tw.sqrt(x), 1 / x):
        assert result.dtype == wide
    np.testing.assert_array_equal((x / 2).numpy(), [0.5, 1, 2])
    assert tw.mean(x).dtype == "float64"


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS])
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_integer_reductions(dtype, data):
    x = data.draw(arrays(dtype, npst.array_shapes(min_dims=2, max_dims=2, max_side=30)))
    axis = data.draw(st.sampled_from([None, 0, 1]))
    for name in ("sum", "prod", "max", "min", "any", "all"):
        same(getattr(tw, name)(x, axis=axis), quiet(lambda n=name: np.asarray(getattr(np, n)(x, axis=axis))))
    axis = 1 if axis is None else axis
    for name in ("argmax", "argmin"):
        same(getattr(tw, name)(x, axis=axis), np.asarray(getattr(np, name)(x, axis=axis)))
    same(tw.cumulative_sum(x, axis=axis), np.cumsum(x, axis=axis))
    same(tw.cumulative_prod(x, axis=axis), quiet(lambda: np.cumprod(x, axis=axis)))
    same(tw.sort(x, axis=axis), np.sort(x, axis=axis))
    same(tw.argsort(x, axis=axis), np.argsort(x, axis=axis, kind="stable"))


# ---- float16 ------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_float16_is_float32_rounded_once(data):
    n = data.draw(st.integers(1, 300))
    a, b = data.draw(arrays("float16", n)), data.draw(arrays("float16", n))
    wide = a.astype(np.float32), b.astype(np.float32)
    x, y = tw.asarray(a), tw.asarray(b)
    for ours, theirs in [
        (x + y, np.add), (x - y, np.subtract), (x * y, np.multiply), (x / y, np.divide),
        (tw.maximum(x, y), np.maximum), (tw.minimum(x, y), np.minimum),
    ]:  # fmt: skip
        same(ours, quiet(lambda f=theirs: f(*wide).astype(np.float16)))
    same(x < y, a < b)
    same(x == y, a == b)
    same(tw.sqrt(x), quiet(lambda: np.sqrt(wide[0]).astype(np.float16)))
    same(tw.sort(x), np.sort(a))


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tanh", "expm1", "log1p", "atan"])
def test_float16_functions(name):
    """The half of a last place that rounding costs, and little more, for every number."""
    x = np.arange(0x10000, dtype=np.uint32).astype(np.uint16).view(np.float16)
    x = x[np.isfinite(x)]
    reference = {"atan": "arctan"}.get(name, name)
    exact = quiet(lambda: getattr(np, reference)(x.astype(np.float64)))
    found = getattr(tw, name)(x).numpy()
    assert found.dtype == np.float16
    finite = np.isfinite(exact) & (np.abs(exact) < 65520)
    np.testing.assert_array_equal(found[~finite], quiet(lambda: exact[~finite].astype(np.float16)))
    exact, found = exact[finite], found[finite].astype(np.float64)
    unit = np.maximum(2.0 ** (np.floor(np.log2(np.maximum(np.abs(exact), 1e-300))) - 10), 2.0**-24)
    assert np.max(np.abs(found - exact) / unit) <= 0.5005


def test_float16_sums_are_float32s(rng):
    x = rng.standard_normal((50, 70)).astype(np.float16)
    wide = x.astype(np.float64)
    for axis in (0, 1, None):
        np.testing.assert_array_equal(tw.sum(x, axis=axis).numpy(), wide.sum(axis=axis).astype(np.float16))
        np.testing.assert_array_equal(tw.mean(x, axis=axis).numpy(), wide.mean(axis=axis).astype(np.float16))
    assert tw.sum(tw.full(4096, 0.75, dtype="float16")).item() == 3072
    product = tw.asarray(x) @ x.T
    assert product.dtype == "float16"
    exact = wide @ wide.T
    np.testing.assert_allclose(product.numpy(), exact, rtol=2**-11 * 1.001, atol=1e-4)


def test_float16_softmax(rng):
    x = rng.standard_normal((5, 40)).astype(np.float16)
    exact = np.exp(x.astype(np.float64))
    exact /= exact.sum(axis=1, keepdims=True)
    found = tw.softmax(x, axis=1)
    assert found.dtype == tw.float16
    np.testing.assert_allclose(found.numpy(), exact, rtol=2**-11 * 1.01, atol=2**-25)
    np.testing.assert_allclose(tw.log_softmax(x, axis=1).numpy(), np.log(exact), rtol=2**-11 * 1.01)


def test_float16_gradients():
    w = tw.tensor(np.array([1, 2, 3], np.float16), requires_grad=True)
    (w * w).sum().backward()
    assert w.grad.dtype == tw.float16 and w.grad.tolist() == [2, 4, 6]


# ---- NumPy and Python ---------------------------------------------------------


@pytest.mark.parametrize("dtype", ALL)
def test_memory_is_shared(dtype):
    array = np.arange(12).reshape(3, 4).astype(dtype)
    tensor = tw.asarray(array)
    assert tensor.dtype == dtype and getattr(tw, dtype) == np.dtype(dtype)
    back = tensor.numpy()
    assert back.dtype == array.dtype
    assert back.__array_interface__["data"] == array.__array_interface__["data"] and back.strides == array.strides
    turned = tw.asarray(array[::-1, ::2])
    np.testing.assert_array_equal(turned.numpy(), array[::-1, ::2])
    assert np.zeros(1, dtype=getattr(tw, dtype)).dtype == dtype
    assert tensor.tolist() == array.tolist() and str(tensor) == str(array)
    swapped = array.astype(array.dtype.newbyteorder())
    assert tw.asarray(swapped).dtype == dtype and tw.asarray(swapped).tolist() == array.tolist()
    assert [item.item() for item in tensor[1]] == array[1].tolist()


@pytest.mark.parametrize("dtype", INTEGERS)
def test_items_are_exact(dtype):
    low, high = limits(dtype)
    x = tw.tensor([low, high, 3], dtype=dtype)
    assert x.tolist() == [low, high, 3] and [item.item() for item in x] == [low, high, 3]
    assert int(x[1]) == high and operator.index(x[1]) == high and [7, 8, 9, 10][x[2]] == 10
    assert str(x) == str(np.array([low, high, 3], dtype))
    assert repr(tw.tensor(high, dtype=dtype)) == f"tensor({high}, dtype={dtype})"


def test_indices_of_every_type():
    x = tw.arange(5)
    for dtype in INTEGERS:
        assert x[np.array([4, 0], dtype)].tolist() == [4, 0]
    with pytest.raises(IndexError):
        x[np.array([2**64 - 1], np.uint64)]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_numbers_are_stored_exactly(dtype):
    low, high = limits(dtype)
    assert tw.full((2, 2), high, dtype=dtype).tolist() == [[high] * 2] * 2
    assert tw.full(3, low, dtype=dtype).tolist() == [low] * 3
    x = tw.zeros(3, dtype=dtype)
    x[0], x[1], x[2] = high, low, 2.9
    assert x.tolist() == [high, low, 2]
    for number in (low - 1, high + 1):
        with pytest.raises(ValueError):
            x[1] = number
        with pytest.raises(ValueError):
            tw.full(2, number, dtype=dtype)
    assert x.tolist() == [high, low, 2]


def test_ranges_are_exact():
    for start, stop, step in [(2**60 + 1, 2**60 + 4, 1), (5, -4, -3), (0, 0, 1), (2**63 - 2, 2**63 - 1, 7)]:
        assert tw.arange(start, stop, step).tolist() == list(range(start, stop, step))
    assert tw.arange(3, dtype="uint8").dtype == tw.uint8 and tw.arange(3, dtype="float16").tolist() == [0, 1, 2]
    with pytest.raises(ValueError):
        tw.arange(256, 300, dtype="uint8")


def test_large_uint64():
    big = 2**64 - 1
    x = tw.tensor(np.array([big, 2**63, 5], np.uint64))
    assert x[0].item() == big and (x[0] - 1).item() == big - 1 and (x == big).tolist() == [True, False, False]
    assert (x // 2).tolist() == [big // 2, 2**62, 2] and (x % 10).tolist() == [5, 8, 5]
    assert x.astype("float64").tolist() == [2.0**64, 2.0**63, 5] and x.astype("int64").tolist() == [-1, -(2**63), 5]
    assert x.max().item() == big and x.argmax().item() == 0


def test_safetensors(tmp_path):
    path = tmp_path / "all.safetensors"
    tensors = {dtype: tw.asarray(np.arange(6).reshape(2, 3).astype(dtype)) for dtype in ALL}
    tw.save_safetensors(path, tensors)
    for dtype, tensor in tw.load_safetensors(path).items():
        same(tensor, tensors[dtype].numpy())
