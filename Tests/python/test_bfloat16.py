"""bfloat16 tensors: values, rounding, NumPy by way of float32 or ml_dtypes."""

import copy
import pickle

import numpy as np
import pytest

import talweg as tw


def rounded(values):
    """The nearest bfloat16 of each float32, halves to even, as float32: from the format's definition."""
    bits = np.asarray(values, np.float32).view(np.uint32).astype(np.uint64)
    upper = bits >> 16
    low = bits & 0xFFFF
    up = (low > 0x8000) | ((low == 0x8000) & (upper & 1 == 1))
    return ((upper + up) << 16).astype(np.uint32).view(np.float32)


def test_is_a_dtype():
    assert tw.bfloat16.itemsize == 2 and tw.bfloat16.name == str(tw.bfloat16) == "bfloat16"
    assert repr(tw.bfloat16) == "talweg.bfloat16" and tw.bfloat16 == "bfloat16" and tw.bfloat16 != "float32"
    assert pickle.loads(pickle.dumps(tw.bfloat16)) is tw.bfloat16 and copy.deepcopy(tw.bfloat16) is tw.bfloat16
    assert tw.zeros((2,), dtype="bfloat16").dtype is tw.zeros((2,), dtype=tw.bfloat16).dtype


def test_rounds_to_nearest_even():
    rng = np.random.default_rng(7)
    values = np.concatenate([
        rng.standard_normal(10_000), [1 + 2**-8, 1 + 3 * 2**-8, 3.39e38, 1e-40, 0.0, -0.0],
    ]).astype(np.float32)
    tensor = tw.tensor(values).astype(tw.bfloat16)
    np.testing.assert_array_equal(tensor.astype(tw.float32).numpy(), rounded(values))
    assert tw.tensor([1.5, 2]).astype("bfloat16").tolist() == [1.5, 2.0]
    assert tw.tensor([0.1], dtype=tw.bfloat16).item() == 0.10009765625


def test_arithmetic_is_rounded_float32():
    rng = np.random.default_rng(3)
    a, b = (rounded(rng.standard_normal((31, 70)).astype(np.float32)) for _ in range(2))
    x, y = tw.tensor(a).astype(tw.bfloat16), tw.tensor(b).astype(tw.bfloat16)
    for mine, theirs in [(x + y, a + b), (x * y, a * b), (x - 1.5, a - np.float32(1.5)), (-x, -a)]:
        assert mine.dtype == tw.bfloat16
        np.testing.assert_array_equal(mine.astype(tw.float32).numpy(), rounded(theirs))
    np.testing.assert_array_equal((x < y).numpy(), a < b)
    assert (x + tw.ones((1,), dtype=tw.float32)).dtype == tw.float32
    assert (x + tw.ones((1,), dtype=tw.int64)).dtype == tw.bfloat16


def test_numpy_needs_ml_dtypes():
    x = tw.tensor([1.0, -2.5], dtype=tw.bfloat16)
    with pytest.raises((BufferError, TypeError), match="bfloat16"):
        memoryview(x)
    np.testing.assert_array_equal(np.asarray(x, dtype=np.float32), np.array([1, -2.5], np.float32))
    try:
        import ml_dtypes
    except ImportError:
        with pytest.raises(TypeError, match="ml_dtypes"):
            x.numpy()
        return
    array = x.numpy()
    assert array.dtype == ml_dtypes.bfloat16 and array.tolist() == [1.0, -2.5]
    back = tw.tensor(array)
    assert back.dtype == tw.bfloat16 and back.tolist() == [1.0, -2.5]
    assert tw.tensor(array, dtype=tw.float64).dtype == tw.float64


def test_safetensors(tmp_path):
    path = tmp_path / "a.safetensors"
    x = tw.tensor(np.linspace(-3, 3, 101)).astype(tw.bfloat16)
    tw.save_safetensors(path, {"x": x, "n": tw.tensor([1, 2])})
    found = tw.load_safetensors(path)["x"]
    assert found.dtype == tw.bfloat16 and found.tolist() == x.tolist()


def test_gradient_through_casts():
    w = tw.tensor(np.array([1, 2, 3], np.float32), requires_grad=True)
    y = (w.astype(tw.bfloat16) * tw.tensor([2.0, 4.0, 8.0], dtype=tw.bfloat16)).sum()
    y.backward()
    assert w.grad.dtype == tw.float32 and w.grad.tolist() == [2, 4, 8]
