"""DLPack with NumPy and PyTorch: one memory, whoever goes first."""

import ctypes
import gc
import weakref

import numpy as np
import pytest

import talweg as tw

try:
    import torch
except ImportError:
    torch = None

needs_torch = pytest.mark.skipif(torch is None, reason="PyTorch is not installed")

NUMPY_DTYPES = [name for name in (
    "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
) if hasattr(tw, name)]  # fmt: skip

LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.T,
    "sliced": lambda t: t[1:, ::2],
    "reversed": lambda t: t[::-1, ::-2],
    "broadcast": lambda t: tw.broadcast_to(t[:, :1], (4, 6)),
    "empty": lambda t: t[:0],
    "0-d": lambda t: t[2, 3],
    "one axis": lambda t: t[None, :, None, 1],
}


def address(tensor):
    """Of the first element, as the engine has it."""
    return np.asarray(tensor.detach()).__array_interface__["data"][0]


def sample(dtype):
    return tw.asarray((np.arange(24).reshape(4, 6) % 7 % (2 if dtype == "bool" else 7)).astype(dtype), copy=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_numpy_sees_the_elements_where_they_lie(dtype, layout):
    tensor = LAYOUTS[layout](sample(dtype))
    array = np.from_dlpack(tensor)
    assert array.dtype == dtype and array.shape == tensor.shape
    np.testing.assert_array_equal(array, np.asarray(tensor))
    if tensor.size:
        assert array.__array_interface__["data"][0] == address(tensor)
        assert [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1] == [
            s for s, n in zip(tensor.strides, tensor.shape, strict=True) if n > 1
        ]


@pytest.mark.parametrize("view", [
    lambda a: a, lambda a: a.T, lambda a: a[1:, ::2], lambda a: a[::-1, ::-2], lambda a: a[:0], lambda a: a[2, 3:4],
    lambda a: a.reshape(2, 2, 6)[1], lambda a: np.asfortranarray(a),
])  # fmt: skip
@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_numpys_elements_become_a_tensor(dtype, view):
    array = view(np.asarray(sample(dtype)).copy())
    tensor = tw.from_dlpack(array)
    assert tensor.dtype == dtype and tensor.shape == array.shape
    np.testing.assert_array_equal(np.asarray(tensor), array)
    if array.size:
        assert address(tensor) == array.__array_interface__["data"][0]
        array[...] = 1
        assert np.asarray(tensor).min() == 1


def test_writes_are_seen_on_the_other_side():
    tensor = tw.zeros((2, 3))
    array = np.from_dlpack(tensor)
    tensor[1, 2] = 5
    assert array[1, 2] == 5
    if array.flags.writeable:  # NumPy since 2.1
        array[0, 0] = 7
        assert tensor[0, 0].item() == 7


def test_read_only_arrays_are_copied():
    array = np.arange(3.0)
    array.flags.writeable = False
    try:
        array.__dlpack__(max_version=(1, 0))
    except (BufferError, TypeError):
        pytest.skip("NumPy before 2.1 exports no read-only arrays")
    tensor = tw.from_dlpack(array)
    tensor[0] = 9
    assert array[0] == 0 and tensor.tolist() == [9, 1, 2]
    assert tw.from_dlpack(array, copy=True).tolist() == [0, 1, 2]
    with pytest.raises(BufferError, match="read-only"):
        tw.from_dlpack(array, copy=False)


def test_copies():
    array = np.arange(3.0)
    assert address(tw.from_dlpack(array, copy=False)) == array.ctypes.data
    assert address(tw.from_dlpack(array, copy=True)) != array.ctypes.data
    tensor = tw.ones(3)
    assert address(tw.from_dlpack(tensor)) == address(tensor)
    assert address(tw.from_dlpack(tensor, copy=True)) != address(tensor)
    assert address(tw.from_dlpack(tensor, device="cpu", copy=False)) == address(tensor)


def test_the_memory_outlives_either_side():
    gc.collect()
    handles, in_use = tw.live_handles(), tw.memory_stats()["bytes_in_use"]
    for first in ("tensor", "array"):
        tensor = tw.full((1000,), 7.0)
        array = np.from_dlpack(tensor)
        if first == "tensor":
            del tensor
            gc.collect()
            tw.zeros(1000), tw.zeros(1000)  # would take its memory
            assert array.min() == 7
            del array
        else:
            del array
            gc.collect()
            assert tensor.min().item() == 7
            del tensor
        gc.collect()
        assert tw.live_handles() == handles
        assert tw.memory_stats()["bytes_in_use"] <= in_use + 64

    class Owner(np.ndarray):
        pass

    array = np.arange(1000.0).view(Owner)
    alive = weakref.ref(array)
    tensor = tw.from_dlpack(array)
    del array
    gc.collect()
    assert alive() is not None and tensor.sum().item() == 499500
    view = tensor[3:5]
    del tensor
    gc.collect()
    assert alive() is not None and view.tolist() == [3, 4]
    del view
    gc.collect()
    assert alive() is None


def test_capsules_that_nobody_takes():
    handles = tw.live_handles()
    tensor = tw.ones(1000)
    for version in (None, (0, 8), (1, 0), (1, 1), (2, 0)):
        capsule = tensor.__dlpack__(max_version=version)
        name = "dltensor_versioned" if version and version[0] >= 1 else "dltensor"
        assert f'"{name}"' in repr(capsule)
    del tensor, capsule
    gc.collect()
    assert tw.live_handles() == handles


class Producer:
    """An object that hands out another's capsules, one of them again and again if it is told."""

    def __init__(self, source, device=(1, 0), capsule=None):
        self.source, self.device, self.capsule = source, device, capsule
        self.asked = []

    def __dlpack_device__(self):
        return self.device

    def __dlpack__(self, **keywords):
        self.asked.append(keywords)
        return self.capsule or self.source.__dlpack__(**keywords)


def test_a_capsule_is_taken_once():
    tensor = tw.ones(2)
    producer = Producer(tensor, capsule=tensor.__dlpack__(max_version=(1, 0)))
    assert tw.from_dlpack(producer).tolist() == [1, 1]
    with pytest.raises(TypeError, match="taken before"):
        tw.from_dlpack(producer)
    with pytest.raises(TypeError, match="capsule"):
        tw.from_dlpack(Producer(None, capsule=object()))


def test_old_producers_are_asked_without_keywords():
    class Old:
        def __dlpack_device__(self):
            return (1, 0)

        def __dlpack__(self, stream=None):
            return tw.arange(3).__dlpack__()

    assert tw.from_dlpack(Old()).tolist() == [0, 1, 2]
    assert tw.from_dlpack(Old(), copy=True).tolist() == [0, 1, 2]


def test_what_lies_on_a_device():
    producer = Producer(tw.ones(2), device=(2, 0))
    assert tw.from_dlpack(producer, device="cpu").tolist() == [1, 1]
    assert producer.asked[-1]["dl_device"] == (1, 0)
    with pytest.raises(ValueError, match="cuda"):
        tw.from_dlpack(np.ones(2), device="cuda")
    with pytest.raises(BufferError, match="device"):
        tw.ones(2).__dlpack__(dl_device=(2, 0))
    assert tw.ones(2).__dlpack_device__() == (1, 0)
    with pytest.raises(ValueError, match="stream"):
        tw.ones(2).__dlpack__(stream=1)


def test_tensors_that_require_a_gradient_are_detached_first():
    leaf = tw.tensor([1.0, 2.0], requires_grad=True)
    for tensor in (leaf, leaf * 2):
        with pytest.raises(BufferError, match="detach"):
            tensor.__dlpack__()
        assert np.from_dlpack(tensor.detach()).shape == (2,)
    assert address(tw.from_dlpack(leaf.detach())) == address(leaf)


def test_bad_arguments():
    for bad in (lambda: tw.from_dlpack([1, 2]), lambda: tw.from_dlpack(None), lambda: tw.from_dlpack(),
                lambda: tw.ones(1).__dlpack__(max_version=1), lambda: tw.ones(1).__dlpack__(max_version=("a", 1)),
                lambda: tw.ones(1).__dlpack__(dl_device=3), lambda: tw.from_dlpack(Producer(tw.ones(1), device=7)),
                lambda: tw.from_dlpack(Producer(tw.ones(1), device=(1,)))):  # fmt: skip
        with pytest.raises((TypeError, AttributeError)):
            bad()
    with pytest.raises(TypeError, match="complex|code 5"):
        tw.from_dlpack(np.ones(2, complex))
    with pytest.raises(ValueError, match="9 values"):
        tw.from_dlpack(np.ones((1,) * 9))


@needs_torch
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "reversed"])  # PyTorch has no negative strides
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "int32", "int64", "uint8", "bool"])
def test_torch_and_back(dtype, layout):
    tensor = LAYOUTS[layout](sample("float32" if dtype == "bfloat16" else dtype).to(dtype))
    theirs = torch.from_dlpack(tensor)
    assert theirs.dtype == getattr(torch, dtype) and tuple(theirs.shape) == tensor.shape
    back = tw.from_dlpack(theirs)
    assert back.dtype == dtype and back.tolist() == theirs.tolist() == tensor.tolist()
    if tensor.size:
        assert theirs.data_ptr() == ctypes.c_void_p.from_address(capsule_pointer(tensor)).value
        assert capsule_data(back) == theirs.data_ptr()


def capsule_pointer(tensor):
    """The address of a managed tensor of the format before version 1, whose first member is that of the elements."""
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule_pointer.capsule = tensor.__dlpack__()  # kept until the next call
    return get(capsule_pointer.capsule, b"dltensor")


def capsule_data(tensor):
    return ctypes.c_void_p.from_address(capsule_pointer(tensor)).value


@needs_torch
def test_torch_outlives_and_is_outlived():
    tensor = tw.full((1000,), 3.0)
    theirs = torch.from_dlpack(tensor)
    theirs[0] = 8
    assert tensor[0].item() == 8
    del tensor
    gc.collect()
    tw.zeros(1000)
    assert theirs[1:].min().item() == 3
    ours = tw.from_dlpack(theirs)
    del theirs
    gc.collect()
    torch.zeros(1000)
    assert ours[1:].min().item() == 3 and ours[0].item() == 8


@needs_torch
def test_torch_tensors_go_in_wherever_a_tensor_does():
    theirs = torch.arange(6.0).reshape(2, 3)
    for shared in (tw.asarray(theirs), tw.asarray(theirs.T).T):
        assert capsule_data(shared) == theirs.data_ptr() and shared.tolist() == theirs.tolist()
    assert capsule_data(tw.tensor(theirs)) != theirs.data_ptr()
    assert tw.asarray(theirs, dtype="int32").dtype == "int32"
    assert tw.asarray(theirs.to(torch.bfloat16)).dtype == "bfloat16"
    with pytest.raises(BufferError, match="grad"):
        tw.asarray(theirs.clone().requires_grad_())
