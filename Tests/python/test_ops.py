"""Ops against NumPy and SciPy."""

import warnings

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import talweg as tw

TOLERANCE = {"float32": 2e-6, "float64": 1e-13}
FLOATS = ["float32", "float64"]

# name: (oracle, lowest, highest input)
UNARY = {
    "negative": (np.negative, -5, 5),
    "absolute": (np.absolute, -5, 5),
    "sign": (np.sign, -5, 5),
    "square": (np.square, -5, 5),
    "sqrt": (np.sqrt, 0, 50),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 0.1, 50),
    "reciprocal": (np.reciprocal, 0.1, 5),
    "exp": (np.exp, -20, 20),
    "expm1": (np.expm1, -2, 2),
    "log": (np.log, 0.01, 100),
    "log1p": (np.log1p, -0.5, 5),
    "log2": (np.log2, 0.01, 100),
    "log10": (np.log10, 0.01, 100),
    "sin": (np.sin, -10, 10),
    "cos": (np.cos, -10, 10),
    "tan": (np.tan, -1.4, 1.4),
    "asin": (np.arcsin, -1, 1),
    "acos": (np.arccos, -1, 1),
    "atan": (np.arctan, -10, 10),
    "sinh": (np.sinh, -5, 5),
    "cosh": (np.cosh, -5, 5),
    "tanh": (np.tanh, -5, 5),
    "asinh": (np.arcsinh, -50, 50),
    "acosh": (np.arccosh, 1, 50),
    "atanh": (np.arctanh, -0.9, 0.9),
    "sigmoid": (scipy.special.expit, -20, 20),
    "softplus": (lambda x: np.logaddexp(0, x), -20, 20),
    "erf": (scipy.special.erf, -3, 3),
    "relu": (lambda x: np.maximum(x, 0), -5, 5),
    "gelu": (lambda x: x * (1 + scipy.special.erf(x / np.sqrt(2))) / 2, -5, 5),
    "floor": (np.floor, -5, 5),
    "ceil": (np.ceil, -5, 5),
    "round": (np.round, -5, 5),
    "trunc": (np.trunc, -5, 5),
    "isnan": (np.isnan, -5, 5),
    "isinf": (np.isinf, -5, 5),
    "isfinite": (np.isfinite, -5, 5),
    "logical_not": (np.logical_not, -5, 5),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype, rng):
    oracle, low, high = UNARY[name]
    x = rng.uniform(low, high, (7, 33)).astype(dtype)
    expected = oracle(x.astype("float64"))
    for result in (getattr(tw, name)(x), getattr(tw.asarray(x), name)(), getattr(tw, name)(x.T).T):
        assert result.dtype == (dtype if expected.dtype != bool else "bool")
        scale = TOLERANCE[dtype]
        np.testing.assert_allclose(result.numpy(), expected, rtol=scale, atol=scale)


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite", "relu", "sign", "exp", "sqrt", "log", "tanh", "floor"])
def test_unary_of_special_values(name):
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(getattr(tw, name)(x).numpy(), UNARY[name][0](x))


BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "power": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "atan2": lambda a, b: np.arctan2(a, b, dtype=a.dtype if a.dtype.kind == "f" else "float64"),
    "hypot": lambda a, b: np.hypot(a, b, dtype=a.dtype if a.dtype.kind == "f" else "float64"),
    "logaddexp": lambda a, b: np.logaddexp(a, b, dtype=a.dtype if a.dtype.kind == "f" else "float64"),
    "copysign": lambda a, b: np.copysign(a, b, dtype=a.dtype if a.dtype.kind == "f" else "float64"),
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}


@pytest.mark.parametrize("dtype", [*FLOATS, "int32", "int64", "uint8"])
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(
    "shapes", [((5, 6), (5, 6)), ((5, 6), (6,)), ((5, 1), (1, 6)), ((), (2, 3)), ((0, 3), (3,))], ids=str
)
def test_binary(name, dtype, shapes, rng):
    a, b = (rng.integers(1, 6, shape).astype(dtype) for shape in shapes)
    if np.issubdtype(dtype, np.floating):
        a, b = a + rng.uniform(0, 0.9, a.shape).astype(dtype), b + rng.uniform(0, 0.9, b.shape).astype(dtype)
    expected = BINARY[name](a, b)
    result = getattr(tw, name)(a, b)
    assert result.shape == expected.shape
    if np.issubdtype(dtype, np.floating) or expected.dtype == bool:
        assert result.dtype == expected.dtype
    np.testing.assert_allclose(result.numpy(), expected, rtol=2e-6 if dtype != "float64" else 1e-13)


def test_signs_of_division():
    a, b = np.array([7, -7, 7, -7]), np.array([3, 3, -3, -3])
    for dtype in ("int32", "int64", "float32", "float64"):
        x, y = a.astype(dtype), b.astype(dtype)
        np.testing.assert_array_equal((tw.asarray(x) // y).numpy(), x // y)
        np.testing.assert_array_equal((tw.asarray(x) % y).numpy(), x % y)
    assert (tw.tensor([1, 2]) // 0).tolist() == [0, 0] and (tw.tensor([1, 2]) % 0).tolist() == [0, 0]


@pytest.mark.parametrize(
    "dtype", ["float16", *FLOATS, *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))]
)
def test_python_numbers_give_way(dtype):
    tensor = tw.asarray(np.array([1, 2, 3], dtype))
    array = np.array([1, 2, 3], dtype)
    for operation in (
        lambda t: t + 2, lambda t: 2 + t, lambda t: t - 1, lambda t: 5 - t, lambda t: t * 3, lambda t: 3 * t,
        lambda t: t // 2, lambda t: 7 // t, lambda t: t % 2, lambda t: 7 % t, lambda t: t**2, lambda t: 2**t,
        lambda t: t > 1, lambda t: t == 2, lambda t: 2 <= t, lambda t: t + True,
    ):  # fmt: skip
        expected = operation(array)
        assert operation(tensor).dtype == expected.dtype
        np.testing.assert_array_equal(operation(tensor).numpy(), expected)
    for operation in (lambda t: t + 2.5, lambda t: 2.0 * t, lambda t: t / 2, lambda t: 1 / t, lambda t: t**0.5):
        result = operation(tensor)
        np.testing.assert_allclose(result.numpy(), operation(array), rtol=1e-6)
    assert (tensor + 2.0).dtype == (dtype if dtype.startswith("float") else "float64")


def test_bools_and_numbers():
    flags = tw.tensor([True, False])
    assert (flags + 1).dtype == tw.int64 and (flags * 2.0).dtype == tw.float64 and (flags + True).dtype == tw.bool
    assert (flags & [True, True]).tolist() == [True, False] and (flags | True).tolist() == [True, True]
    assert (flags ^ flags).tolist() == [False, False] and (~flags).tolist() == [False, True]
    assert (~tw.tensor([1])).tolist() == [-2] and (tw.tensor([3]) & tw.tensor([6])).tolist() == [2]


def test_numbers_that_do_not_fit():
    with pytest.raises(ValueError):
        tw.tensor([1], dtype="uint8") + 300
    with pytest.raises(ValueError):
        tw.tensor([1], dtype="int32") + 2**40
    with pytest.raises(ValueError):
        tw.tensor([1]) + 2**70
    assert (tw.tensor([2**60]) + 1).item() == 2**60 + 1


def test_operators_with_others():
    tensor = tw.ones(2)
    assert (tensor == None) is False and (tensor != None) is True  # noqa: E711
    assert (tensor + [1, 2]).tolist() == [2, 3] and ([1, 2] * tensor).tolist() == [1, 2]
    for bad in ("a", None, object(), {}):
        with pytest.raises(TypeError):
            tensor + bad
    with pytest.raises(TypeError, match="tensors, arrays or numbers"):
        tw.add(tensor, "a")
    with pytest.raises(TypeError):
        pow(tensor, 2, 3)
    assert abs(-tensor).tolist() == [1, 1] and (+tensor).tolist() == [1, 1]


REDUCTIONS = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "var": np.var,
    "any": np.any,
    "all": np.all,
    "logsumexp": lambda x, axis, keepdims: scipy.special.logsumexp(x.astype("float64"), axis=axis, keepdims=keepdims),
    "norm": lambda x, axis, keepdims: np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims)),
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (1,), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name, dtype, axis, keepdims, rng):
    x = rng.uniform(-2, 2, (4, 5, 6)).astype(dtype)
    expected = REDUCTIONS[name](x, axis=axis, keepdims=keepdims)
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    for result in (
        getattr(tw, name)(x, axis=axis, keepdims=keepdims),
        getattr(tw.asarray(x), name)(axis, keepdims),
        getattr(tw, name)(np.asfortranarray(x), axis=axis, keepdims=keepdims),
    ):
        assert result.shape == np.shape(expected)
        np.testing.assert_allclose(result.numpy(), expected, rtol=tolerance, atol=tolerance)


def test_reductions_of_integers():
    x = np.array([[1, 2], [3, 4]], dtype="uint8")
    assert tw.sum(x).dtype == tw.uint64 and tw.prod(x).item() == 24 and tw.mean(x).dtype == tw.float64
    assert tw.max(x).dtype == tw.uint8 and tw.sum(np.array([True, True])).item() == 2


def test_reductions_of_nothing():
    empty = tw.zeros((0, 3))
    assert tw.sum(empty, axis=0).tolist() == [0, 0, 0] and tw.prod(empty).item() == 1
    assert np.isnan(tw.mean(empty).item()) and tw.sum(empty, axis=1).shape == (0,)
    assert tw.any(empty).item() is False and tw.all(empty).item() is True
    for reduce in (tw.max, tw.min):
        with pytest.raises(ValueError):
            reduce(empty)


def test_var_std_and_correction(rng):
    x = rng.normal(size=(5, 6))
    np.testing.assert_allclose(tw.var(x, axis=0, correction=1).numpy(), x.var(axis=0, ddof=1))
    np.testing.assert_allclose(tw.std(x, axis=1, keepdims=True).numpy(), x.std(axis=1, keepdims=True))
    np.testing.assert_allclose(tw.asarray(x).std(correction=1).item(), x.std(ddof=1))
    np.testing.assert_allclose(tw.asarray(x).var(correction=2).item(), x.var(ddof=2))


@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_positions_of_extremes(axis, rng):
    x = rng.integers(0, 5, (4, 7)).astype(float)
    np.testing.assert_array_equal(tw.argmax(x, axis).numpy(), np.argmax(x, axis))
    np.testing.assert_array_equal(tw.asarray(x).argmin(axis=axis).numpy(), np.argmin(x, axis))
    if axis is not None:
        expected = np.argmax(x, axis, keepdims=True)
        np.testing.assert_array_equal(tw.argmax(x, axis, keepdims=True).numpy(), expected)
    assert tw.argmax([1.0, np.nan, 3.0]).item() == 1


@pytest.mark.parametrize("bad", [3, -4, (0, 5)])
def test_axes_out_of_range(bad):
    with pytest.raises(IndexError):
        tw.sum(tw.ones((2, 3, 4)), axis=bad)


def test_axis_named_twice():
    with pytest.raises(ValueError):
        tw.sum(tw.ones((2, 3)), axis=(0, 0))
    with pytest.raises(ValueError):
        tw.sum(tw.ones((2, 3)), axis=(0, -2))
    with pytest.raises(TypeError):
        tw.sum(tw.ones((2, 3)), axis=0.5)


MATMUL_SHAPES = [
    ((3, 4), (4, 5)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)),
    ((6, 1, 3, 4), (2, 4, 5)), ((0, 4), (4, 5)), ((3, 0), (0, 5)), ((1, 1), (1, 1)), ((67, 130), (130, 45)), ((200, 3), (3, 200)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shapes", MATMUL_SHAPES, ids=str)
def test_matmul(shapes, dtype, rng):
    a, b = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    expected = a.astype("float64") @ b.astype("float64")
    result = tw.asarray(a) @ b
    assert result.shape == expected.shape and result.dtype == dtype
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(result.numpy(), expected, rtol=tolerance, atol=tolerance)
    if a.ndim >= 2 and b.ndim >= 2:
        turned = tw.matmul(tw.asarray(b).mT, tw.asarray(a).mT).mT
        np.testing.assert_allclose(turned.numpy(), expected, rtol=tolerance, atol=tolerance)


def test_linear(rng):
    x, w, b = rng.normal(size=(2, 5, 3)), rng.normal(size=(4, 3)), rng.normal(size=4)
    np.testing.assert_allclose(tw.linear(x, w, b).numpy(), x @ w.T + b)
    np.testing.assert_allclose(tw.linear(x, w).numpy(), x @ w.T)


@pytest.mark.parametrize(("name", "expected"), [
    (None, lambda z: z),
    ("relu", lambda z: np.maximum(z, 0)),
    ("gelu", lambda z: z * scipy.special.ndtr(z)),
    ("tanh", np.tanh),
    ("sigmoid", scipy.special.expit),
])
def test_linear_activation(rng, name, expected):
    x, w, b = rng.normal(size=(2, 5, 3)), rng.normal(size=(4, 3)), rng.normal(size=4)
    np.testing.assert_allclose(tw.nn.functional.linear(x, w, b, name).numpy(), expected(x @ w.T + b), atol=1e-14)
    np.testing.assert_allclose(tw.nn.functional.linear(x, w, activation=name).numpy(), expected(x @ w.T), atol=1e-14)


def test_whole_quotients_of_zero_keep_the_sign():
    for dtype in ("float32", "float64"):
        a = np.array([0.0, -0.0, 0.0, -0.0, 0.5, -0.5], dtype)
        b = np.array([-2.0, 2.0, 2.0, -2.0, np.inf, -np.inf], dtype)
        result = tw.floor_divide(a, b).numpy()
        np.testing.assert_array_equal(result, np.floor_divide(a, b))
        np.testing.assert_array_equal(np.signbit(result), np.signbit(np.floor_divide(a, b)))


def test_linear_activation_of_no_name(rng):
    with pytest.raises(ValueError, match="'swish'"):
        tw.linear(rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), activation="swish")


def test_shapes(rng):
    x = rng.normal(size=(2, 3, 4))
    t = tw.asarray(x)
    for result, expected in (
        (t.reshape(6, 4), x.reshape(6, 4)), (t.reshape((4, -1)), x.reshape(4, -1)), (tw.reshape(x, (24,)), x.ravel()),
        (tw.reshape(x, -1), x.ravel()), (t.T, x.T), (t.mT, x.swapaxes(1, 2)), (t.transpose(), x.transpose()),
        (t.transpose(0, 2), x.swapaxes(0, 2)), (t.transpose(1, 2, 0), x.transpose(1, 2, 0)),
        (tw.permute_dims(x, (2, 0, 1)), x.transpose(2, 0, 1)), (t.permute(2, -3, 1), x.transpose(2, 0, 1)),
        (tw.transpose(x[0], 0, 1), x[0].T), (tw.expand_dims(x, 1), x[:, None]), (t.expand_dims(-1), x[..., None]),
        (tw.squeeze(x[:, None], 1), x), (t[None, :, None].squeeze(), x), (t[None, :, None].squeeze((0, -3)), x),
        (tw.broadcast_to(x[0], (5, 3, 4)), np.broadcast_to(x[0], (5, 3, 4))), (tw.swapaxes(x, 0, 1), x.swapaxes(0, 1)),
        (tw.flatten(x), x.ravel()), (tw.flatten(x, 1), x.reshape(2, 12)), (t.T.contiguous(), x.T), (t.copy(), x),
    ):  # fmt: skip
        assert result.shape == expected.shape
        np.testing.assert_array_equal(result.numpy(), expected)
    assert tw.ones((1, 1)).reshape(()).shape == ()


def test_bad_shapes():
    t = tw.ones((2, 3))
    for bad in (lambda: t.reshape(5), lambda: t.reshape(-1, -1), lambda: t.permute(0), lambda: t.permute(0, 0),
                lambda: t.transpose(0, 1, 2), lambda: t.broadcast_to(2, 2), lambda: t.squeeze(0),
                lambda: t.reshape(*[1] * 9), lambda: t @ tw.ones((2, 2)), lambda: t + tw.ones(4)):  # fmt: skip
        with pytest.raises(ValueError):
            bad()
    with pytest.raises((IndexError, ValueError)):
        t.expand_dims(5)
    with pytest.raises(ValueError, match=r"\[2, 3\]"):
        t @ tw.ones((2, 2))


def test_joining(rng):
    parts = [rng.normal(size=(2, n)) for n in (1, 3, 0)]
    np.testing.assert_array_equal(tw.concat(parts, axis=1).numpy(), np.concatenate(parts, axis=1))
    np.testing.assert_array_equal(tw.concatenate(parts[:1] * 3).numpy(), np.concatenate(parts[:1] * 3))
    np.testing.assert_array_equal(tw.stack([parts[1]] * 2, axis=-1).numpy(), np.stack([parts[1]] * 2, axis=-1))
    for bad in ([], [tw.ones(2), tw.ones((2, 2))]):
        with pytest.raises(ValueError):
            tw.concat(bad)


def test_picking(rng):
    x = rng.normal(size=(4, 5))
    np.testing.assert_array_equal(tw.index_select(x, 1, [0, -1, 2]).numpy(), x[:, [0, -1, 2]])
    np.testing.assert_array_equal(tw.take(x, [3, 3], 0).numpy(), x[[3, 3]])
    indices = rng.integers(0, 5, (4, 2))
    np.testing.assert_array_equal(tw.gather(x, 1, indices).numpy(), np.take_along_axis(x, indices, 1))
    with pytest.raises(IndexError):
        tw.gather(x, 1, indices + 5)
    with pytest.raises(TypeError):
        tw.index_select(x, 0, [0.5])


def test_where_and_clip(rng):
    x = rng.normal(size=(3, 4))
    np.testing.assert_array_equal(tw.where(x > 0, x, 0.0).numpy(), np.where(x > 0, x, 0))
    np.testing.assert_array_equal(tw.where([True, False, True, False], 1, x).numpy(), np.where([1, 0, 1, 0], 1, x))
    assert tw.where(True, tw.ones(2, dtype="float32"), 0.5).dtype == tw.float32
    np.testing.assert_array_equal(tw.clip(x, -0.5, 0.5).numpy(), np.clip(x, -0.5, 0.5))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax(axis, rng):
    x = rng.normal(size=(4, 5)) * 50
    np.testing.assert_allclose(tw.softmax(x, axis).numpy(), scipy.special.softmax(x, axis), rtol=1e-12)
    np.testing.assert_allclose(tw.log_softmax(x, axis).numpy(), scipy.special.log_softmax(x, axis), rtol=1e-12)


def test_dropout():
    x = tw.ones(10000)
    y = tw.dropout(x, 0.25, generator=tw.random.Generator(1))
    assert set(np.unique(y.numpy())) == {0.0, 1 / 0.75} and abs(y.mean().item() - 1) < 0.05
    with pytest.raises(ValueError):
        tw.dropout(x, 1.5)


def test_casts():
    x = tw.tensor([1.9, -1.9, np.nan, 1e30])
    assert x.astype("int32").tolist() == [1, -1, 0, 2**31 - 1] and x.to(tw.uint8).tolist() == [1, 0, 0, 255]
    assert x.astype(bool).tolist() == [True] * 4 and x.astype(tw.float32).dtype == tw.float32
    assert x.to(tw.float64) is x and x.astype(tw.float64, copy=False) is x and x.astype(tw.float64) is not x


def test_names_of_the_array_api():
    for name in ("abs", "pow", "concat", "permute_dims", "astype"):
        assert hasattr(tw, name) or hasattr(tw.Tensor, name)
    assert tw.abs(-1.0).item() == 1 and tw.pow(2.0, 3.0).item() == 8


@given(
    st.data(),
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0),
)
def test_broadcasting_is_numpys(data, shapes):
    elements = st.floats(-100, 100, width=32)
    a, b = (data.draw(hnp.arrays("float64", shape, elements=elements)) for shape in shapes.input_shapes)
    np.testing.assert_array_equal((tw.asarray(a) * b - a).numpy(), a * b - a)
    np.testing.assert_array_equal(tw.maximum(a, b).numpy(), np.maximum(a, b))
    if shapes.result_shape:
        np.testing.assert_allclose(tw.sum(tw.add(a, b), axis=-1).numpy(), (a + b).sum(axis=-1), rtol=1e-12, atol=1e-10)
