"""Tensors in and out of NumPy, indexing, text."""

import copy
import gc
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import talweg as tw

DTYPES = [
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
]  # fmt: skip


def address(array):
    return array.__array_interface__["data"][0]


def layout(array):
    """Strides of the axes where they mean something."""
    return [stride for stride, size in zip(array.strides, array.shape, strict=True) if size > 1]


def sample(dtype, shape=(2, 3)):
    values = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    return (values % 2 == 1) if dtype == "bool" else values.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_are_numpys(dtype):
    mine = getattr(tw, dtype)
    assert mine == np.dtype(dtype) and mine == dtype and mine == np.dtype(dtype).type
    assert mine != np.dtype("complex64") and mine != None and mine != "nonsense"  # noqa: E711
    assert np.zeros(1, dtype=mine).dtype == dtype
    assert mine.itemsize == np.dtype(dtype).itemsize and str(mine) == mine.name == dtype
    assert repr(mine) == f"talweg.{dtype}"
    assert pickle.loads(pickle.dumps(mine)) is mine and copy.deepcopy(mine) is mine
    assert {mine: 1}[mine] == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_asarray_borrows(dtype):
    array = sample(dtype)
    tensor = tw.asarray(array)
    assert tensor.dtype == dtype and tensor.shape == (2, 3) and tensor.strides == array.strides
    assert address(tensor.numpy()) == address(array)
    array[0, 0] = array[1, 2]
    assert tensor[0, 0].item() == array[1, 2]
    assert tw.from_numpy(array).numpy().ctypes.data == array.ctypes.data


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensor_copies(dtype):
    array = sample(dtype)
    tensor = tw.tensor(array)
    assert tensor.dtype == dtype and address(tensor.numpy()) != address(array)
    np.testing.assert_array_equal(tensor.numpy(), array)
    array[...] = 0
    assert tensor.sum().item() > 0


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::2],
        lambda a: a[:, ::-1],
        lambda a: a[::-2, 1:],
        lambda a: a[1:2, :, None],
        lambda a: np.asfortranarray(a),
        lambda a: a[..., 0],
    ],
)
def test_any_strides_are_borrowed(view):
    array = view(np.arange(24.0).reshape(6, 4))
    tensor = tw.asarray(array)
    assert address(tensor.numpy()) == address(array) and layout(tensor) == layout(array)
    np.testing.assert_array_equal(tensor.numpy(), array)
    np.testing.assert_array_equal((tensor + 1).numpy(), array + 1)


@given(
    array=hnp.arrays(
        dtype=st.sampled_from(DTYPES),
        shape=hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4),
    )
)
def test_arrays_come_back(array):
    for make in (tw.tensor, tw.asarray):
        tensor = make(array)
        assert tensor.shape == array.shape and tensor.dtype == array.dtype
        assert tensor.ndim == array.ndim and tensor.size == array.size
        np.testing.assert_array_equal(tensor.numpy(), array)
        assert tensor.numpy().dtype == array.dtype
        np.testing.assert_array_equal(np.asarray(tensor), array)


def test_what_cannot_be_borrowed_is_copied():
    read_only = np.arange(3.0)
    read_only.flags.writeable = False
    swapped = np.arange(3, dtype=">i4")
    unaligned = np.frombuffer(bytearray(25), dtype=np.uint8)[1:].view(np.float64)
    for array in (read_only, swapped, unaligned, np.broadcast_to(np.float64(2), (2, 3))):
        tensor = tw.asarray(array)
        assert address(tensor.numpy()) != address(array)
        np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([1j]), np.array([None]), np.array([1], "datetime64[s]"), object()])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(TypeError, match="no tensor"):
        tw.tensor(bad)


def test_none_is_refused():
    for call in (tw.tensor, tw.asarray, tw.exp, lambda x: tw.add(x, 1.0), lambda x: tw.matmul(tw.ones(2), x)):
        with pytest.raises(TypeError):
            call(None)


def test_python_numbers_and_lists():
    assert tw.tensor(True).dtype == tw.bool
    assert tw.tensor(3).dtype == tw.int64 and tw.tensor(3.0).dtype == tw.float64
    assert tw.tensor([1, 2]).dtype == tw.int64
    nested = tw.tensor([[1.5, 2], [3, 4]])
    assert nested.dtype == tw.float64 and nested.tolist() == [[1.5, 2.0], [3.0, 4.0]]
    assert tw.tensor([1, 2], dtype=tw.float32).dtype == tw.float32
    assert tw.tensor(2**62 + 1).item() == 2**62 + 1
    with pytest.raises(ValueError, match="64 bits"):
        tw.tensor(2**64)
    with pytest.raises(ValueError):
        tw.tensor([[1, 2], [3]])
    with pytest.raises(TypeError, match="complex128"):
        tw.zeros(2, dtype="complex128")


def test_numbers_out():
    assert tw.tensor(2.5).item() == 2.5 and type(tw.tensor(2).item()) is int and tw.tensor(True).item() is True
    assert float(tw.tensor([2.5])) == 2.5 and int(tw.tensor(2.9)) == 2 and bool(tw.tensor([0.0])) is False
    assert len(tw.zeros((3, 2))) == 3 and list(range(tw.tensor(3))) == [0, 1, 2]
    with pytest.raises(ValueError):
        tw.ones(2).item()
    with pytest.raises(ValueError):
        bool(tw.ones(2))
    with pytest.raises(TypeError):
        len(tw.tensor(1.0))
    with pytest.raises(TypeError):
        [0, 1][tw.tensor(1.0)]


def test_the_buffer_outlives_the_names():
    array = np.arange(1000.0)
    tensor = tw.asarray(array)
    view = tensor[10:20].numpy()
    del array, tensor
    gc.collect()
    np.testing.assert_array_equal(view, np.arange(10.0, 20.0))


def test_a_borrowed_array_is_let_go():
    array = bytearray(80)
    tensor = tw.asarray(np.frombuffer(array, dtype=np.float64))
    with pytest.raises(BufferError):
        array.append(0)
    del tensor
    gc.collect()
    array.append(0)


def test_writing_through_numpy_and_the_tape():
    tensor = tw.zeros(3)
    tensor.numpy()[1] = 5
    assert tensor.tolist() == [0, 5, 0]
    tensor.requires_grad = True
    with pytest.raises(ValueError, match="read-only"):
        tensor.numpy()[1] = 6
    tensor.detach().numpy()[1] = 7
    assert tensor.tolist() == [0, 7, 0]


def test_memoryview():
    tensor = tw.tensor([[1, 2], [3, 4]], dtype="int32")
    view = memoryview(tensor)
    assert view.format == "i" and view.shape == (2, 2) and view.tolist() == [[1, 2], [3, 4]] and not view.readonly
    assert bytes(tensor) == np.array([1, 2, 3, 4], "int32").tobytes()
    assert memoryview(tensor.T).strides == (4, 8)
    with pytest.raises(BufferError):
        np.frombuffer(tensor.T, "int32")


def test_array_protocol():
    tensor = tw.tensor([1.5, 2.5])
    assert tensor.__array__(np.float32).dtype == np.float32
    assert np.array(tensor, dtype=np.int64).tolist() == [1, 2]
    assert address(np.array(tensor, copy=True)) != address(tensor.numpy())
    assert address(tensor.__array__(copy=True)) != address(tensor.numpy())
    np.testing.assert_allclose(np.exp(tensor), np.exp([1.5, 2.5]))


def test_numpy_operands_on_the_left_give_way():
    tensor = tw.tensor([1.0, 2.0], requires_grad=True)
    for left in (np.array([3.0, 4.0]), np.float64(3.0), np.int64(3), np.float32(3)):
        for result in (left + tensor, left * tensor, left - tensor, left / tensor):
            assert isinstance(result, tw.Tensor) and result.requires_grad
    assert isinstance(np.eye(2) @ tensor, tw.Tensor)
    assert isinstance(np.array([1.0, 2.0]) == tensor, tw.Tensor)


CUBE = np.arange(60.0).reshape(3, 4, 5)

BASIC_KEYS = [
    0, -1, np.int64(1), slice(None), slice(1, None), slice(None, None, -1), slice(None, None, 2), slice(-2, 10),
    slice(5, 1), slice(3, 0, -2), Ellipsis, None, (0, 1, 2), (0, slice(1, 3)), (Ellipsis, 0), (Ellipsis, None),
    (slice(None), None, 1), (None, Ellipsis, None), (slice(None, None, -1), 0, slice(1, 5, 3)), (), (1, Ellipsis, 2),
    slice(2**70, None), slice(-(2**70), None),
]  # fmt: skip


@pytest.mark.parametrize("key", BASIC_KEYS, ids=repr)
def test_basic_indexing_gives_views(key):
    tensor = tw.asarray(CUBE)
    expected = CUBE[key]
    result = tensor[key]
    assert result.shape == expected.shape
    np.testing.assert_array_equal(result.numpy(), expected)
    if np.size(expected) and isinstance(expected, np.ndarray):
        assert address(result.numpy()) == address(expected) and layout(result) == layout(expected)


@pytest.mark.parametrize(
    "key",
    [
        [0, 2], [-1, 0, 0], np.array([1, 2]), (slice(None), [3, 0]), (0, [1, 2]), (Ellipsis, [4]), np.array([[0, 1], [2, 0]]),
        (slice(None), np.array([[0, 1, 2], [2, 0, 3]]), slice(None, None, 2)), (None, [1]), [], np.array(2),
    ],
    ids=repr,
)  # fmt: skip
def test_positions(key):
    expected = CUBE[key]
    result = tw.asarray(CUBE)[key]
    assert result.shape == expected.shape
    np.testing.assert_array_equal(result.numpy(), expected)


def test_tensors_as_positions():
    tensor = tw.asarray(CUBE)
    np.testing.assert_array_equal(tensor[tw.tensor([2, 0])].numpy(), CUBE[[2, 0]])
    np.testing.assert_array_equal(tensor[tw.tensor(1)].numpy(), CUBE[1])
    np.testing.assert_array_equal(tensor[:, tw.tensor([[1], [2]], dtype="int32")].numpy(), CUBE[:, [[1], [2]]])


def test_bad_keys():
    tensor = tw.asarray(CUBE)
    for key in (3, -4, (0, 0, 5), [3], (0, 0, 0, 0), (Ellipsis, Ellipsis)):
        with pytest.raises(IndexError):
            tensor[key]
    for key in (np.ones((3, 4, 4), bool), tw.tensor([True, False])):
        with pytest.raises(IndexError, match="mask"):
            tensor[key]
    with pytest.raises(TypeError):
        tensor[0.5]
    with pytest.raises((TypeError, ValueError)):
        tensor["a"]
    with pytest.raises(ValueError):
        tensor[::0]


def test_iteration():
    assert [row.tolist() for row in tw.tensor([[1, 2], [3, 4]])] == [[1, 2], [3, 4]]
    assert [t.item() for t in tw.arange(3)] == [0, 1, 2]
    with pytest.raises(TypeError):
        list(tw.tensor(1.0))


def test_assignment():
    tensor, array = tw.tensor(CUBE), CUBE.copy()
    for key, value in ((0, 1.0), ((slice(None), 1), [1, 2, 3, 4, 5]), ((Ellipsis, -1), np.zeros((3, 4)))):
        tensor[key] = value
        array[key] = value
    np.testing.assert_array_equal(tensor.numpy(), array)
    tensor.assign(7)
    assert (tensor == 7).all().item()
    with pytest.raises(ValueError):
        tensor[0] = np.zeros(7)
    with pytest.raises(TypeError):
        del tensor[0]
    with pytest.raises(ValueError, match="gradient"):
        tensor[0, 0, 0] = tw.tensor(1.0, requires_grad=True)


def test_assigning_what_overlaps():
    tensor = tw.arange(6)
    tensor[1:] = tensor[:-1]
    assert tensor.tolist() == [0, 0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, 2.0]),
        np.array([[1.5, -2.25], [100.0, 3.0]]),
        np.array([1e-10, 1.0]),
        np.array([np.nan, np.inf, -1.0]),
        np.arange(10),
        np.array([[True, False]]),
        np.array(3.5),
        np.array([1, 2], np.uint8),
        np.zeros((0,)),
        np.arange(2000.0),
        np.arange(60.0).reshape(3, 4, 5),
        np.arange(40, dtype=np.float32) / 7,
    ],
    ids=lambda a: f"{a.dtype}-{a.shape}",
)
def test_str_is_numpys(array):
    assert str(tw.asarray(array)) == str(array)


@given(
    array=hnp.arrays(
        dtype=st.sampled_from(["float64", "float32", "int64", "uint8", "bool"]),
        shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=7) | st.sampled_from([(1001,), (3, 400), (30, 2, 20)]),
        elements={"allow_subnormal": False},
        fill=st.just(1),
    )
)
def test_repr_lays_elements_out_as_numpy_does(array):
    text = repr(tw.tensor(array))
    elements = np.array2string(array, separator=", ", prefix="tensor(", suffix=")")
    if array.size > 1000:  # a wave has words of more lengths
        array = (np.arange(array.size) % 17 * 1.5).reshape(array.shape)
        text, elements = repr(tw.tensor(array)), np.array2string(array, separator=", ", prefix="tensor(", suffix=")")
    assert text.startswith(f"tensor({elements},")
    rest = text.removeprefix(f"tensor({elements},")
    shape = f"shape={array.shape}, " if array.size > 1000 else ""
    last = f"tensor({elements},".rpartition("\n")[2]
    tail = f"{shape}dtype={array.dtype})"
    assert rest == ("\n       " if len(last) + len(tail) + 1 > 75 else " ") + tail


def test_repr():
    assert repr(tw.tensor([1.0, 2.0])) == "tensor([1., 2.], dtype=float64)"
    assert repr(tw.tensor([[1, 2], [30, 4]])) == "tensor([[ 1,  2],\n        [30,  4]], dtype=int64)"
    assert repr(tw.tensor(2.5, dtype="float32", requires_grad=True)) == "tensor(2.5, dtype=float32, requires_grad=True)"
    assert repr(tw.zeros((0, 3))) == "tensor([], shape=(0, 3), dtype=float64)"
    assert repr(tw.tensor([1.0, 2.25])) == "tensor([1.  , 2.25], dtype=float64)"
    summary = "tensor([   0,    1,    2, ..., 1997, 1998, 1999],"
    assert repr(tw.arange(2000)) == f"{summary}\n       shape=(2000,), dtype=int64)"
    assert repr(tw.tensor(1.0)) == "tensor(1., dtype=float64)" and repr(tw.tensor(True)) == "tensor(True, dtype=bool)"


def test_parameters_are_tensors():
    base = tw.tensor([1.0, 2.0])
    parameter = tw.nn.Parameter(base)
    assert isinstance(parameter, tw.Tensor) and parameter.requires_grad and parameter.is_leaf
    base[0] = 5.0
    assert parameter.tolist() == [5, 2]
    array = np.ones(2)
    parameter = tw.nn.Parameter(array)
    array[0] = 9
    assert parameter.tolist() == [1, 1]
    assert not tw.nn.Parameter([1.0], requires_grad=False).requires_grad
    assert type(parameter + 1) is tw.Tensor
    with pytest.raises(TypeError):
        tw.Tensor()
    with pytest.raises(TypeError):
        tw.nn.Parameter([1, 2])


def test_creation():
    assert tw.zeros(3).tolist() == [0, 0, 0] and tw.ones((2, 1), dtype="int32").tolist() == [[1], [1]]
    assert tw.full((2,), 7).dtype == tw.int64 and tw.full(2, 0.5, dtype="float32").tolist() == [0.5, 0.5]
    assert tw.arange(5).tolist() == [0, 1, 2, 3, 4] and tw.arange(5).dtype == tw.int64
    np.testing.assert_allclose(tw.arange(1, 2, 0.25).numpy(), np.arange(1, 2, 0.25))
    assert tw.arange(5, 0, -2).tolist() == [5, 3, 1] and tw.arange(2, 2).shape == (0,)
    np.testing.assert_allclose(tw.linspace(0, 1, 5).numpy(), np.linspace(0, 1, 5))
    assert tw.eye(2).tolist() == [[1, 0], [0, 1]] and tw.eye(2, 3).shape == (2, 3)
    assert tw.zeros((), requires_grad=True).requires_grad
    assert tw.zeros(()).shape == ()


def test_random():
    a = tw.random.normal((1000,), 2.0, 3.0, generator=tw.random.Generator(5))
    b = tw.random.normal((1000,), 2.0, 3.0, generator=tw.random.Generator(5))
    np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert abs(a.mean().item() - 2) < 0.4 and abs(tw.std(a).item() - 3) < 0.3
    uniform = tw.random.uniform((1000,), -1, 1, dtype="float32")
    assert uniform.dtype == tw.float32 and -1 <= uniform.min().item() and uniform.max().item() < 1
    assert sorted(tw.random.permutation(10).tolist()) == list(range(10))
    tw.seed(9)
    first = tw.random.uniform(3).tolist()
    tw.manual_seed(9)
    assert tw.random.uniform(3).tolist() == first != tw.random.uniform(3).tolist()
    generator = tw.random.Generator(3)
    tw.random.normal(7, generator=generator)
    state = generator.state
    expected = tw.random.normal(5, generator=generator).tolist()
    other = tw.random.Generator(0)
    other.state = state
    assert tw.random.normal(5, generator=other).tolist() == expected
    with pytest.raises(TypeError, match="Generator"):
        tw.random.normal(2, generator=3)
