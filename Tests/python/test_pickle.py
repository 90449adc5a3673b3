"""Pickling and copying of tensors, parameters and generators."""

import copy
import gc
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import talweg as tw
from talweg import nn

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
DTYPES = [name for name in (
    "float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
) if hasattr(tw, name)]  # fmt: skip


def address(tensor):
    return np.asarray(tensor).__array_interface__["data"][0]


def same(a, b):
    assert type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and a.requires_grad == b.requires_grad
    assert a.detach().tobytes() == b.detach().tobytes()


@given(
    array=hnp.arrays(st.sampled_from(DTYPES), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)),
    protocol=st.sampled_from(PROTOCOLS),
)
def test_tensors_come_back(array, protocol):
    tensor = tw.tensor(array)
    for view in (tensor, tensor.T, tensor[..., None]):
        again = pickle.loads(pickle.dumps(view, protocol))
        same(view, again)
        np.testing.assert_array_equal(np.asarray(again), np.asarray(view))
        if again.size:
            again[...] = 1  # memory of its own, which may be written


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_has_no_buffer_format(protocol):
    tensor = tw.asarray([[1.5, -2.0], [np.inf, 0.0]]).to(tw.bfloat16)
    same(tensor, pickle.loads(pickle.dumps(tensor, protocol)))
    assert pickle.loads(pickle.dumps(tensor.T, protocol)).tolist() == tensor.T.tolist()


def test_buffers_out_of_band_are_not_copied():
    tensor = tw.arange(1000.0)
    buffers = []
    text = pickle.dumps(tensor, protocol=5, buffer_callback=buffers.append)
    assert len(text) < 500 and len(buffers) == 1
    assert np.frombuffer(buffers[0].raw()).ctypes.data == address(tensor)
    again = pickle.loads(text, buffers=buffers)
    same(tensor, again)
    assert address(again) == address(tensor)
    # Memory that may not be written is copied.
    frozen = pickle.loads(text, buffers=[bytes(buffers[0].raw())])
    frozen[0] = 5
    assert frozen[0].item() == 5 and tensor[0].item() == 0
    # The elements live as long as either.
    del tensor, buffers
    gc.collect()
    tw.zeros(1000), tw.zeros(1000)
    assert again.sum().item() == 499500


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_leaves_and_parameters(protocol):
    leaf = tw.tensor([1.0, 2.0], requires_grad=True)
    parameter = nn.Parameter(np.ones((2, 2), "float32"))
    frozen = nn.Parameter([3.0], requires_grad=False)
    for tensor in (leaf, parameter, frozen):
        again = pickle.loads(pickle.dumps(tensor, protocol))
        same(tensor, again)
        assert again.is_leaf and again.grad is None
    with pytest.raises(ValueError, match="detach"):
        pickle.dumps(leaf * 2, protocol)


def test_copies_are_their_own():
    for tensor in (tw.tensor([[1.0, 2.0], [3.0, 4.0]]), nn.Parameter([1.0, 2.0])):
        for again in (copy.copy(tensor), copy.deepcopy(tensor)):
            same(tensor, again)
            assert address(again.detach()) != address(tensor.detach())
    shared = tw.ones(2)
    first, second = copy.deepcopy([shared, shared])
    assert first is second and first is not shared
    with pytest.raises(ValueError, match="detach"):
        copy.deepcopy(nn.Parameter([1.0]) * 2)


def test_damaged_pickles_are_refused():
    restore, (elements, dtype, shape, *rest) = tw.ones((2, 3)).__reduce_ex__(4)
    same(restore(elements, dtype, shape, *rest), tw.ones((2, 3)))
    for bad in (
        (elements[:-1], dtype, shape), (elements, dtype, (2, 4)), (elements, dtype, (-2, -3)), (elements, dtype, (0, 3)),
        (elements, dtype, (2**62, 2**62)), (b"", dtype, shape), (elements, "float32", shape), (elements, dtype, (1,) * 9),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            restore(*bad, *rest)
    for bad in ((None, dtype, shape), (elements, "complex64", shape), (elements, dtype, None)):
        with pytest.raises(TypeError):
            restore(*bad, *rest)
    assert restore(b"", dtype, (0, 3), *rest).shape == (0, 3)


def test_tobytes_is_numpys():
    array = np.arange(12, dtype="int32").reshape(3, 4)
    for view in (array, array.T, array[::-1, ::2], array[:0], array[1, 2]):
        assert tw.asarray(view).tobytes() == view.tobytes()
