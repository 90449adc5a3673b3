"""What the Python array API standard asks for beside the operations; NumPy 2 is the oracle where it has the same.

The standard's own suite is run by `make conformance`.
"""

import inspect
import math
import operator

import numpy as np
import pytest

import talweg as tw

NAMES = [name for name in (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
) if hasattr(tw, name)]  # fmt: skip
FLOATS = [name for name in ("float16", "bfloat16", "float32", "float64") if hasattr(tw, name)]


def address(tensor):
    return np.asarray(tensor).__array_interface__["data"][0]


def test_the_namespace():
    x = tw.ones(2)
    assert x.__array_namespace__() is tw and x.__array_namespace__(api_version="2024.12") is tw
    assert tw.__array_api_version__ == "2024.12"
    for version in ("2019.01", 2024, b"2024.12"):
        with pytest.raises(ValueError, match="api_version"):
            x.__array_namespace__(api_version=version)
    assert (tw.e, tw.pi, tw.inf, tw.newaxis) == (math.e, math.pi, math.inf, None) and math.isnan(tw.nan)


def test_devices():
    x = tw.ones(2)
    assert x.device == "cpu" and x.to_device("cpu") is x and x.to_device(x.device, stream=None) is x
    assert tw.zeros(3, device="cpu").device == tw.asarray([1], device=x.device).device
    calls = {
        "zeros": (2,), "ones": (2,), "empty": (2,), "full": (2, 1), "arange": (2,), "linspace": (0, 1, 2), "eye": (2,),
        "asarray": ([1],), "zeros_like": (x,), "ones_like": (x,), "empty_like": (x,), "full_like": (x, 1),
        "from_dlpack": (x,),
    }  # fmt: skip
    for name, arguments in calls.items():
        assert getattr(tw, name)(*arguments, device="cpu").device == "cpu"
        with pytest.raises(ValueError, match="cuda"):
            getattr(tw, name)(*arguments, device="cuda")
    with pytest.raises(ValueError, match="cuda"):
        x.to_device("cuda")
    with pytest.raises(ValueError, match="stream"):
        x.to_device("cpu", stream=1)


def test_what_the_namespace_says_of_itself():
    info = tw.__array_namespace_info__()
    assert info.devices() == ["cpu"] and info.default_device() == "cpu"
    assert info.capabilities()["max dimensions"] == 8
    assert info.default_dtypes() == {"real floating": "float64", "integral": "int64", "indexing": "int64"}
    assert tw.ones(1).dtype == info.default_dtypes(device="cpu")["real floating"]
    assert tw.asarray([1]).dtype == tw.argmax(tw.ones(3)).dtype == "int64"
    every = info.dtypes()
    assert every == {name: getattr(tw, name) for name in NAMES}
    for kind in ("bool", "signed integer", "unsigned integer", "integral", "real floating", "numeric"):
        oracle = {name for name in NAMES if np.isdtype(np.dtype(name), kind)}
        assert set(info.dtypes(kind=kind)) == oracle, kind
    assert info.dtypes(kind="complex floating") == {} and info.dtypes(kind=()) == {}
    assert set(info.dtypes(kind=("bool", "real floating"))) == {"bool", "float32", "float64"}
    for bad in (lambda: info.dtypes(kind="real"), lambda: info.dtypes(device="cuda"), lambda: info.default_dtypes(device=0)):
        with pytest.raises(ValueError):
            bad()


@pytest.mark.parametrize("name", NAMES)
def test_kinds(name):
    mine, theirs = getattr(tw, name), np.dtype(name)
    kinds = ("bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric")
    for kind in kinds:
        assert tw.isdtype(mine, kind) == np.isdtype(theirs, kind), kind
    assert tw.isdtype(mine, mine) and tw.isdtype(mine, (mine, "bool")) and not tw.isdtype(mine, ())
    assert tw.isdtype(mine, tw.int32) == (name == "int32")
    with pytest.raises(ValueError, match="kind"):
        tw.isdtype(mine, "real")


@pytest.mark.parametrize("name", FLOATS)
def test_finfo(name):
    info = tw.finfo(getattr(tw, name))
    if name != "bfloat16":
        oracle = np.finfo(name)
        assert info.bits == oracle.bits
        for field in ("eps", "max", "min", "smallest_normal"):
            assert getattr(info, field) == float(getattr(oracle, field)), field
    else:  # eight bits of exponent and of precision
        assert (info.bits, info.eps, info.smallest_normal) == (16, 2**-7, 2**-126)
        assert info.max == -info.min == 255 * 2.0**120
    assert info.dtype == name and type(info.max) is float
    assert tw.finfo(tw.ones(2, dtype=getattr(tw, name))) == info
    with pytest.raises(TypeError, match="int32"):
        tw.finfo(tw.int32)


@pytest.mark.parametrize("name", [name for name in NAMES if "int" in name])
def test_iinfo(name):
    info, oracle = tw.iinfo(getattr(tw, name)), np.iinfo(name)
    assert (info.bits, info.max, info.min, info.dtype) == (oracle.bits, oracle.max, oracle.min, name)
    assert tw.iinfo(tw.ones(2, dtype=getattr(tw, name))) == info
    for bad in (tw.float32, tw.bool):
        with pytest.raises(TypeError, match=str(bad)):
            tw.iinfo(bad)


def test_result_type_and_can_cast():
    # What the standard's table says; mixed kinds are the engine's.
    assert tw.result_type(tw.float32, tw.float64) == tw.result_type(tw.float64) == "float64"
    assert tw.result_type(tw.int32, tw.int64) == "int64" and tw.result_type(tw.uint8, tw.int32) == "int32"
    assert tw.result_type(tw.ones(2, dtype=tw.float32), 1.5, 3, True) == "float32"
    assert tw.result_type(tw.int32, 7) == "int32" and tw.result_type(tw.bool, True) == "bool"
    assert tw.result_type(tw.float32, np.zeros(1, "float64")) == "float64"
    for a in NAMES:
        for b in NAMES:
            mine = [getattr(tw, name) for name in (a, b)]
            made = tw.where(tw.asarray([True]), tw.ones(1, dtype=mine[0]), tw.ones(1, dtype=mine[1]))
            assert tw.result_type(*mine) == made.dtype
            assert tw.can_cast(*mine) == (made.dtype == mine[1])
    assert tw.can_cast(tw.ones(1, dtype="float32"), "float64") and not tw.can_cast(tw.float64, tw.float32)
    with pytest.raises(ValueError):
        tw.result_type()
    with pytest.raises(TypeError):
        tw.result_type("nonsense")


def test_astype():
    x = tw.asarray([1.7, -2.2])
    assert tw.astype(x, tw.int32).tolist() == [1, -2]
    assert tw.astype(x, tw.float64, copy=False) is x and x.astype("float64", copy=False) is x
    for copied in (tw.astype(x, tw.float64), x.astype("float64")):
        assert address(copied) != address(x) and copied.tolist() == x.tolist()
    assert x.to("float64") is x


@pytest.mark.parametrize("name", NAMES)
def test_alikes(name):
    x = tw.ones((2, 3), dtype=getattr(tw, name)).T
    for make, value in ((tw.zeros_like, 0), (tw.ones_like, 1), (lambda *a, **k: tw.full_like(*a, 1, **k), 1)):
        y = make(x)
        assert y.dtype == name and y.shape == (3, 2) and set(np.asarray(y).ravel().tolist()) == {value}
        assert make(x, dtype=tw.float32).dtype == "float32"
    assert tw.empty_like(x).shape == (3, 2) and tw.empty((2, 0), dtype=name).dtype == name


def test_full_holds_whole_numbers_exactly():
    for number in (2**53 + 1, 2**63 - 1, -(2**63)):
        assert tw.full((2,), number)[1].item() == tw.full_like(tw.zeros(1, dtype="int64"), number).item() == number
    assert tw.full((), 1.5).dtype == "float64" and tw.full(3, True).dtype == "bool" and tw.full(3, 2).dtype == "int64"
    with pytest.raises(ValueError, match="uint8"):
        tw.full(2, 256, dtype=tw.uint8)
    with pytest.raises(TypeError):
        tw.full(2, 1j)


@pytest.mark.parametrize("shape", [(3,), (3, 5), (5, 3), (0, 2), (2, 0), (1, 1)])
def test_eye(shape):
    for k in (0, 1, -1, 2, -2, 4, -4, 7, -7):
        np.testing.assert_array_equal(np.asarray(tw.eye(*shape, k=k)), np.eye(*shape, k=k))
    assert tw.eye(2, dtype=tw.int32, k=1).dtype == "int32"
    for huge in (2**63 - 1, -(2**63), 10**30, -(10**30)):
        assert tw.eye(2, k=huge).sum().item() == 0
    with pytest.raises(ValueError):
        tw.eye(-1, 2, k=1)


def test_linspace_and_arange():
    for count in (0, 1, 2, 5, 50):
        for endpoint in (True, False):
            mine = tw.linspace(-1.5, 7, count, endpoint=endpoint)
            np.testing.assert_allclose(np.asarray(mine), np.linspace(-1.5, 7, count, endpoint=endpoint), rtol=1e-15)
    with pytest.raises(ValueError):
        tw.linspace(0, 1, -1, endpoint=False)
    assert tw.arange(3, step=2).tolist() == [0, 2] and tw.arange(1, stop=4).tolist() == [1, 2, 3]
    with pytest.raises(TypeError):
        tw.arange(start=3)


def test_asarray_copies_as_it_is_told():
    array = np.arange(4.0)
    tensor = tw.asarray(array)
    for source in (array, tensor):
        assert address(tw.asarray(source)) == address(tw.asarray(source, copy=False)) == address(array)
        assert address(tw.asarray(source, copy=True)) != address(array)
        assert tw.asarray(source, dtype="int32", copy=True).dtype == "int32"
        with pytest.raises(ValueError, match="copy=False"):
            tw.asarray(source, dtype=tw.float32, copy=False)
    for fresh in ([1, 2], 3.0, (True,)):
        assert tw.asarray(fresh, copy=True).tolist() == np.asarray(fresh).tolist()
        with pytest.raises(ValueError, match="copy=False"):
            tw.asarray(fresh, copy=False)


def test_array_copies_as_it_is_told():
    tensor = tw.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert address(tensor.__array__()) == address(tensor.__array__(copy=False)) == address(tensor)
    assert address(tensor.__array__(copy=True)) != address(tensor)
    assert tensor.__array__("float32").dtype == "float32" and tensor.__array__(dtype="float64", copy=None).dtype == "float64"
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        with pytest.raises(ValueError):
            tensor.__array__("float32", copy=False)


def test_reshape_copies_as_it_is_told():
    x = tw.arange(6.0)
    assert address(tw.reshape(x, (2, 3))) == address(tw.reshape(x, shape=(2, 3), copy=False)) == address(x)
    assert address(tw.reshape(x, (2, 3), copy=True)) != address(x)
    transposed = tw.reshape(x, (2, 3)).T
    assert tw.reshape(transposed, -1).tolist() == [0, 3, 1, 4, 2, 5]
    assert tw.reshape(transposed, (-1,), copy=True).tolist() == [0, 3, 1, 4, 2, 5]
    with pytest.raises(ValueError, match="copy=False"):
        tw.reshape(transposed, (6,), copy=False)


def test_the_standards_forms_of_shape_functions():
    x = tw.arange(6.0).reshape(1, 2, 3)
    assert tw.permute_dims(x, axes=(2, 0, 1)).shape == (3, 1, 2)
    assert tw.broadcast_to(x, shape=(4, 2, 3)).shape == (4, 2, 3)
    assert tw.expand_dims(x, axis=1).shape == (1, 1, 2, 3)
    assert tw.squeeze(x, axis=0).shape == tw.squeeze(x, (0,)).shape == tw.squeeze(x).shape == (2, 3)
    assert x.squeeze().shape == x.squeeze(None).shape == x.squeeze((0,)).shape == x.squeeze(-3).shape == (2, 3)
    assert tw.squeeze(x, ()).shape == x.squeeze(()).shape == (1, 2, 3)  # no axis named, none dropped
    assert tw.concat([x, x[..., 0]], axis=None).tolist() == [0, 1, 2, 3, 4, 5, 0, 3]
    assert tw.matrix_transpose(x).shape == (1, 3, 2)
    assert tw.take(tw.arange(5), [3, 0]).tolist() == [3, 0] and tw.take(x, [1], axis=1).shape == (1, 1, 3)
    with pytest.raises(ValueError, match="axis"):
        tw.take(x, [0])
    with pytest.raises(TypeError):
        tw.stack([x, x], axis=None)


def test_masks_without_positions_pick_nothing():
    x = np.arange(6.0).reshape(2, 3)
    for shape in ((0,), (2, 0), (0, 3), (0, 0)):
        mask = np.zeros(shape, bool)
        mine, oracle = tw.asarray(x)[mask], x[mask]
        assert mine.shape == oracle.shape and mine.size == 0
    for shape in ((0, 4), (1, 0)):
        with pytest.raises(IndexError, match="mask"):
            tw.asarray(x)[np.zeros(shape, bool)]


def test_sums_in_another_dtype():
    x = tw.asarray([[200, 100], [50, 7]], dtype=tw.uint8)
    for name, oracle in (("sum", np.sum), ("prod", np.prod)):
        for dtype in ("int32", "float32", "float64"):
            for call in (getattr(tw, name), lambda t, **k: getattr(t, name)(**k)):  # noqa: B023
                mine = call(x, axis=0, dtype=dtype)
                assert mine.dtype == dtype
                np.testing.assert_array_equal(np.asarray(mine), oracle(np.asarray(x), axis=0, dtype=dtype))
    # In the wider dtype from the first element on, not only at the end.
    assert tw.sum(tw.asarray([1.0, 2**-24, 2**-24], dtype="float32"), dtype="float64").item() == 1 + 2**-23


def test_argmax_keeps_all_axes():
    x = np.array([[1, 5, 2], [7, 0, 3]])
    for name in ("argmax", "argmin"):
        mine, oracle = getattr(tw, name)(x, keepdims=True), getattr(np, name)(x, keepdims=True)
        assert mine.shape == oracle.shape == (1, 1) and mine.item() == oracle.item()


IN_PLACE = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow"]


@pytest.mark.parametrize("name", IN_PLACE)
def test_operators_in_place_write_to_the_tensor(name):
    apply = getattr(operator, name)
    for other in (2.0, np.array([1.0, 2.0, 3.0]), tw.asarray([[2.0], [3.0]])):
        array = np.array([[5.0, 7.0, 2.0], [3.0, 4.0, 9.0]])
        expected = apply(array.copy(), np.asarray(other))
        tensor = tw.asarray(array)
        view = tensor[1]
        assert apply(tensor, other) is tensor
        np.testing.assert_allclose(array, expected, rtol=1e-15)
        np.testing.assert_allclose(np.asarray(view), expected[1], rtol=1e-15)


def test_operators_in_place_of_other_types():
    mask = tw.asarray([True, False])
    same = mask
    mask &= tw.asarray([True, True])
    mask |= tw.asarray([False, False])
    mask ^= tw.asarray([True, True])
    assert mask is same and mask.tolist() == [False, True]
    matrix = tw.eye(2)
    before = address(matrix)
    matrix @= tw.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert address(matrix) == before and matrix.tolist() == [[1, 2], [3, 4]]
    whole = tw.asarray([4, 9])
    for bad in (lambda: operator.iadd(whole, 0.5), lambda: operator.itruediv(whole, 2)):
        with pytest.raises(TypeError, match="in place"):
            bad()
    with pytest.raises(ValueError, match="broadcast"):
        operator.iadd(whole, tw.ones((3, 2), dtype=tw.int64))
    assert whole.tolist() == [4, 9]
    with pytest.raises(TypeError):
        operator.iadd(whole, object())


@pytest.mark.parametrize("name", ["iand", "ior", "ixor", "ilshift", "irshift"])
def test_operators_in_place_on_bits(name):
    apply = getattr(operator, name)
    array = np.array([[12, 5, 255], [7, 1, 64]], dtype="int32")
    for other in (2, np.array([1, 2, 3], dtype="int32")):
        held = array.copy()
        tensor = tw.asarray(held)
        assert apply(tensor, other) is tensor
        np.testing.assert_array_equal(held, apply(array.copy(), other))


def test_operators_in_place_and_the_tape():
    w = tw.tensor([1.0, 2.0], requires_grad=True)
    y = w * 3
    product = y
    y *= w  # recorded: the name gets a new tensor, the tape keeps the old one
    assert y is not product and product.tolist() == [3, 6]
    y.sum().backward()
    assert w.grad.tolist() == [6, 12]
    held = address(w.detach())
    with tw.no_grad():
        w -= 0.5 * w.grad
    assert address(w.detach()) == held and w.is_leaf and w.requires_grad and w.tolist() == [-2, -4]
    total = tw.tensor(0.0)
    total += (w * 2).sum()
    assert total.requires_grad


def test_numbers_of_tensors():
    x = tw.asarray(3)
    assert complex(x) == 3 and complex(tw.asarray(1.5)) == 1.5 + 0j and bool(x) and int(x) == operator.index(x) == 3
    assert float(tw.asarray(True)) == 1 and [10, 20, 30, 40][x] == 40
    for bad in (complex, float, int, bool):
        with pytest.raises(ValueError):
            bad(tw.ones(2))
    with pytest.raises(TypeError):
        operator.index(tw.asarray(1.0))


@pytest.mark.parametrize("function", [name for name in tw.__all__ if inspect.isbuiltin(getattr(tw, name))])
def test_functions_of_the_extension_tell_their_signatures(function):
    assert inspect.signature(getattr(tw, function)) is not None


def test_dtypes_compare_with_anything():
    for other in ("format of: no dtype", "f9", "(", b"x", 3, object(), None, [], ("a",), float, ...):
        assert tw.float32 != other
    assert tw.float64 == float and tw.float32 == "f4" and "float32" == tw.float32
