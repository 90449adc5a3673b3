"""Bad input: the process lives, the exception says what was wrong, what went in is unchanged.

What Python cannot even express (NULL handles, sizes of structs) goes to the library by ctypes.
"""

import ctypes
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import _talweg, nn, optim

NAN, INF = float("nan"), float("inf")


# ---- Shapes, sizes, dtypes --------------------------------------------------------


def test_shapes_that_do_not_fit():
    a, b = tw.ones((3, 4)), tw.full((5, 2), 2.0)
    for bad in (
        lambda: a + b,
        lambda: a @ b,
        lambda: tw.where(a, b, a),
        lambda: tw.concat([a, b]),
        lambda: a.assign(b),
    ):
        with pytest.raises(ValueError) as error:
            bad()
        assert "[3, 4]" in str(error.value) and "[5, 2]" in str(error.value)
    assert (a == 1).all().item() and (b == 2).all().item()


@pytest.mark.parametrize("make", [tw.zeros, tw.ones, lambda shape: tw.full(shape, 1.0), tw.random.normal])
def test_sizes_that_cannot_be(make):
    for shape in ((-1,), (3, -2), (2**62, 2**62), (2**63,), (2**70,), (1,) * 9):
        with pytest.raises(ValueError) as error:
            make(shape)
        assert str(error.value)


@pytest.mark.parametrize("make", [tw.zeros, tw.ones, lambda shape: tw.full(shape, 1.0), tw.random.uniform])
def test_more_memory_than_there_is(make):
    for shape in ((2**50 // 8,), (2**47,), (2**30, 2**17)):
        with pytest.raises(MemoryError):
            make(shape)


def test_ranges_without_end():
    with pytest.raises((ValueError, MemoryError)):
        tw.arange(0, 1e300, 1e-300)
    with pytest.raises(ValueError):
        tw.arange(0, 1, 0)
    with pytest.raises(ValueError):
        tw.arange(0, NAN, 1)
    for count in (-1, 2**62):
        with pytest.raises((ValueError, MemoryError)):
            tw.linspace(0, 1, count)
    for sizes in ((-1,), (2**40, 2**40), (2**62, 2**62)):
        with pytest.raises((ValueError, MemoryError)):
            tw.eye(*sizes)
    for count in (-1, 2**62):
        with pytest.raises((ValueError, MemoryError)):
            tw.random.permutation(count)


def test_more_memory_than_there_is_in_ops():
    wide, tall = tw.broadcast_to(tw.ones(1), 2**40), tw.ones(1)
    for big in (lambda: wide + 1, lambda: wide.copy(), lambda: tw.concat([wide, tall]), lambda: wide.astype("float32"),
                lambda: wide.reshape(-1, 1) @ wide.reshape(1, -1), lambda: wide[:, None] + wide):  # fmt: skip
        with pytest.raises((MemoryError, ValueError)):
            big()
    assert wide.shape == (2**40,) and tall.item() == 1


def test_dtypes_that_do_not_fit():
    with pytest.raises(TypeError):
        tw.random.normal(3, dtype="int32")
    with pytest.raises(TypeError, match="complex64"):
        tw.zeros(3, dtype="complex64")
    with pytest.raises(TypeError):
        tw.zeros(3, dtype="nonsense")
    with pytest.raises(ValueError):
        tw.full(3, 300, dtype="uint8")
    with pytest.raises(ValueError):
        tw.full(3, NAN, dtype="int32")


# ---- Least squares ----------------------------------------------------------------

X = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 1.0], [7.0, 8.0]])
Y = np.array([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(
    ("X", "y", "options", "error"),
    [
        (X, Y[:3], {}, ValueError),
        (X, Y, {"weights": Y[:3]}, ValueError),
        (X[None], Y, {}, ValueError),
        (X, Y[:, None, None], {}, ValueError),
        (X[:0], Y[:0], {}, ValueError),
        (X[:, :0], Y, {"intercept": False}, ValueError),
        (3.0, Y, {}, ValueError),
        (None, Y, {}, TypeError),
        (X, None, {}, TypeError),
        (np.where(X == 5, NAN, X), Y, {}, tw.TalwegError),
        (np.where(X == 5, INF, X), Y, {}, tw.TalwegError),
        (X, np.where(Y == 2, NAN, Y), {}, tw.TalwegError),
        (X, Y, {"weights": [1.0, NAN, 1.0, 1.0]}, tw.TalwegError),
        (X, Y, {"weights": [1.0, -1.0, 1.0, 1.0]}, ValueError),
        (X, Y, {"ridge": -1.0}, ValueError),
        (X, Y, {"ridge": NAN}, ValueError),
        (X, Y, {"method": "magic"}, ValueError),
        (X, Y, {"method": 0}, ValueError),
        (X, Y, {"method": "gradient_descent", "learning_rate": 0.0}, ValueError),
        (X, Y, {"method": "gradient_descent", "learning_rate": NAN}, ValueError),
        (X, Y, {"method": "gradient_descent", "max_iterations": -1}, ValueError),
        (X, Y, {"method": "gradient_descent", "batch_size": -1}, ValueError),
        (X, Y, {"method": "gradient_descent", "tolerance": -1.0}, ValueError),
        (X, Y, {"method": "gradient_descent", "callback": 3}, TypeError),
        (X, Y, {"method": "gradient_descent", "seed": 0.5}, TypeError),
        (np.column_stack([X, X]), Y, {"method": "cholesky"}, tw.TalwegError),
    ],
)
def test_lstsq(X, y, options, error):
    before = [None if a is None else np.copy(a) for a in (X, y)]
    with pytest.raises(error) as raised:
        tw.lstsq(X, y, **options)
    assert str(raised.value)
    if error is tw.TalwegError:
        assert raised.value.status == "TW_ERROR_NUMERIC"
    for array, copy in zip((X, y), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_predict_of_other_columns():
    fit = tw.lstsq(X, Y)
    with pytest.raises(ValueError):
        fit.predict(np.ones((3, 5)))
    with pytest.raises(TypeError):
        fit.predict(None)


# ---- Training -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("X", "y", "loss", "error"),
    [
        (X, Y[:3, None], "mse", ValueError),
        (X, Y, "mse", ValueError),
        (X[:, :1], Y[:, None], "mse", ValueError),
        (X[:0], Y[:0, None], "mse", ValueError),
        (np.where(X == 5, NAN, X), Y[:, None], "mse", tw.TalwegError),
        (X, np.where(Y == 2, NAN, Y)[:, None], "mse", tw.TalwegError),
        (X, [0, 1, 0, 2], "cross_entropy", IndexError),
        (X, [0, 1, 0, -1], "cross_entropy", IndexError),
        (X, [0.0, 1.0, 0.0, 1.0], "cross_entropy", TypeError),
        (X, [[0], [1], [0], [1]], "cross_entropy", ValueError),
        (X, None, "mse", TypeError),
        (None, Y, "mse", TypeError),
    ],
)
def test_fit(X, y, loss, error):
    model = nn.Linear(2, 2 if loss == "cross_entropy" else 1)
    before = model.weight.tolist(), model.bias.tolist()
    with pytest.raises(error) as raised:
        tw.fit(model, X, y, loss=loss, optimizer=optim.SGD(model), epochs=2)
    assert str(raised.value)
    assert (model.weight.tolist(), model.bias.tolist()) == before and model.training


def test_one_row_is_fitted():
    model = nn.Linear(2, 1)
    assert tw.fit(model, X[:1], Y[:1, None], optimizer=optim.SGD(model, lr=1e-3), epochs=2).epochs == 2


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [2**62, 0]])
def test_labels_out_of_range(labels):
    with pytest.raises(IndexError) as error:
        tw.cross_entropy_loss(np.zeros((2, 3)), labels)
    assert str(max(labels, key=abs)) in str(error.value)


def test_losses_that_do_not_fit():
    with pytest.raises(ValueError):
        tw.mse_loss(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ValueError):
        tw.cross_entropy_loss(np.ones((3, 2)), [0, 1])
    with pytest.raises(TypeError):
        tw.cross_entropy_loss(np.ones((3, 2)), [0.0, 1.0, 0.0])
    with pytest.raises(TypeError):
        tw.predict(None, X)
    with pytest.raises(ValueError):
        tw.predict(nn.Linear(2, 1), X, batch_size=-1)


@pytest.mark.parametrize("count", [0, -1, 1025, 2**40, 2**70])
def test_numbers_of_threads(count):
    before = tw.num_threads()
    with pytest.raises(ValueError):
        tw.set_num_threads(count)
    assert tw.num_threads() == before


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seeds_that_do_not_fit(seed):
    for use in (tw.seed, tw.random.Generator, lambda s: tw.lstsq(X, Y, seed=s), lambda s: nn.Dropout(0.5, seed=s),
                lambda s: tw.data.DataLoader(X, seed=s)):  # fmt: skip
        with pytest.raises(ValueError, match=str(seed)):
            use(seed)
    assert tw.random.Generator(2**64 - 1).state == (2**64 - 1, 0)


def test_integers_that_do_not_fit():
    for use in (lambda: tw.eye(2**70), lambda: tw.softmax(X, 2**70), lambda: tw.concat([X], axis=2**70), lambda: tw.sum(X, axis=2**70),
                lambda: nn.Linear(2**70, 1), lambda: tw.predict(nn.Linear(2, 1), X, 2**70), lambda: tw.ones(2)[2**70]):  # fmt: skip
        with pytest.raises((ValueError, IndexError), match="64 bits"):
            use()


def test_unknown_enum_values():
    with pytest.raises(ValueError, match="99"):
        _talweg.lstsq(X, Y, method=99)
    model = nn.Linear(2, 1)
    with pytest.raises(ValueError, match="99"):
        _talweg.fit(model, optim.SGD(model), X, Y[:, None], loss=99)
    with pytest.raises(ValueError, match="99"):
        nn.Linear(2, 1)._init_linear(2, 1, True, tw.float32, 99, 1.0, 0.0, None)


# ---- What only C can say ------------------------------------------------------------

LIBRARY = ctypes.CDLL(str(Path(_talweg.__file__).with_name("libtalweg.so.0")))
for function in (LIBRARY.tw_tensor_from_data, LIBRARY.tw_add, LIBRARY.tw_zeros):
    function.restype = ctypes.c_void_p
LIBRARY.tw_last_message.restype = ctypes.c_char_p
LIBRARY.tw_status_name.restype = ctypes.c_char_p
SHAPE = (ctypes.c_int64 * 2)(4, 2)


def handle(array):
    data = np.ascontiguousarray(array, dtype=np.float64)
    shape = (ctypes.c_int64 * data.ndim)(*data.shape)
    result = LIBRARY.tw_tensor_from_data(
        None, data.ctypes.data_as(ctypes.c_void_p), 1, shape, ctypes.c_int64(data.ndim)
    )
    return ctypes.c_void_p(result)


def status_name(status):
    return LIBRARY.tw_status_name(status).decode()


def test_null_handles_and_data():
    LIBRARY.tw_clear_last_error()
    assert LIBRARY.tw_add(None, None, None) is None
    assert status_name(LIBRARY.tw_last_status()) == "TW_ERROR_NULL" and LIBRARY.tw_last_message()
    assert LIBRARY.tw_tensor_from_data(None, None, 1, SHAPE, ctypes.c_int64(2)) is None
    assert status_name(LIBRARY.tw_last_status()) == "TW_ERROR_NULL"
    assert status_name(LIBRARY.tw_lstsq(None, None, None, None)) == "TW_ERROR_NULL"
    assert status_name(LIBRARY.tw_fit(None, None, None, None, None, None)) == "TW_ERROR_NULL"
    assert status_name(LIBRARY.tw_module_load(None, b"x")) == "TW_ERROR_NULL"


def test_handles_that_are_none():
    for value in (1, 0x7FFF_FFFF_FFF8, 2**63):
        assert LIBRARY.tw_add(None, ctypes.c_void_p(value), ctypes.c_void_p(value)) is None
        assert status_name(LIBRARY.tw_last_status()) == "TW_ERROR_INVALID_HANDLE"
    tensor = handle([1.0])
    LIBRARY.tw_release(tensor)
    LIBRARY.tw_release(tensor)
    assert LIBRARY.tw_add(None, tensor, tensor) is None
    assert status_name(LIBRARY.tw_last_status()) == "TW_ERROR_INVALID_HANDLE"


@pytest.mark.parametrize("dtype", [13, 99, 2**31 - 1])
def test_unknown_dtypes(dtype):
    assert LIBRARY.tw_zeros(None, SHAPE, ctypes.c_int64(2), dtype) is None
    assert LIBRARY.tw_last_status() != 0 and str(dtype) in LIBRARY.tw_last_message().decode()


class LstsqOptions(ctypes.Structure):
    """The first fields of tw_lstsq_options, and room for what a later version may add."""

    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("method", ctypes.c_int),
        ("intercept", ctypes.c_bool),
        ("ridge", ctypes.c_double),
        ("weights", ctypes.c_void_p),
        ("rank_tolerance", ctypes.c_double),
        ("rest", ctypes.c_byte * 200),
    )


@pytest.mark.parametrize("size", [0, 1, 8, 2**20, 2**63])
def test_sizes_of_structs(size):
    x, y = handle(X), handle(Y)
    options = LstsqOptions(struct_size=size, intercept=True, rank_tolerance=-1.0)
    result = ctypes.c_void_p()
    try:
        status = LIBRARY.tw_lstsq(x, y, ctypes.byref(options), ctypes.byref(result))
        assert (
            status_name(status) == "TW_ERROR_INVALID_ARGUMENT" and "struct_size" in LIBRARY.tw_last_message().decode()
        )
        assert result.value is None
    finally:
        for tensor in (x, y):
            LIBRARY.tw_release(tensor)
