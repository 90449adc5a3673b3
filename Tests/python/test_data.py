"""Loaders, and files of tensors and numbers."""

import json
import struct

import numpy as np
import pytest

import talweg as tw
from talweg.data import DataLoader

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)


def test_in_order():
    loader = DataLoader(X, Y, batch_size=4)
    assert len(loader) == 3
    for _ in range(2):
        batches = list(loader)
        assert [x.shape[0] for x, _ in batches] == [4, 4, 2]
        np.testing.assert_array_equal(np.concatenate([x.numpy() for x, _ in batches]), X)
        np.testing.assert_array_equal(np.concatenate([y.numpy() for _, y in batches]), Y)
    assert batches[0][1].dtype == tw.int64


def test_without_targets_and_drop_last():
    loader = DataLoader(X, batch_size=4, drop_last=True)
    assert len(loader) == 2 and [x.shape for x in loader] == [(4, 2), (4, 2)]


def test_shuffling():
    def orders(seed):
        loader = DataLoader(X, Y, batch_size=3, shuffle=True, seed=seed)
        return [np.concatenate([y.numpy() for _, y in loader]).tolist() for _ in range(3)]

    first = orders(5)
    assert first == orders(5) != orders(6) and first[0] != first[1]
    assert all(sorted(order) == Y.tolist() for order in first)
    loader = DataLoader(X, Y, batch_size=3, shuffle=True, seed=5)
    loader.epoch = 2
    assert np.concatenate([y.numpy() for _, y in loader]).tolist() == first[2]
    for x, y in DataLoader(X, Y, batch_size=3, shuffle=True):
        np.testing.assert_array_equal(x.numpy()[:, 0], 2 * y.numpy())


def test_a_loop_that_is_left_early():
    loader = DataLoader(X, batch_size=4)
    for _ in loader:
        break
    assert len(list(loader)) == 3
    one = iter(loader)
    other = iter(loader)
    next(one)
    np.testing.assert_array_equal(next(other).numpy(), X[:4])
    assert len(list(one)) == 2
    with pytest.raises(StopIteration):
        next(one)


def test_data_is_read_not_copied():
    x = X.copy()
    loader = DataLoader(x, batch_size=5)
    x[0, 0] = 99
    assert next(iter(loader))[0, 0].item() == 99


@pytest.mark.parametrize(
    "make",
    [
        lambda: DataLoader(X, Y[:9]),
        lambda: DataLoader(X, Y, batch_size=0),
        lambda: DataLoader(X, Y, batch_size=-1),
        lambda: DataLoader(3.0),
    ],
)
def test_bad_loaders(make):
    with pytest.raises(ValueError):
        make()


def test_an_empty_set():
    try:
        assert list(DataLoader(np.zeros((0, 2)))) == []
    except ValueError as error:
        assert str(error)


DTYPES = {"a": "float32", "b": "float64", "c": "int32", "d": "int64", "e": "uint8", "f": "bool"}


def test_safetensors(tmp_path, rng):
    path = tmp_path / "all.safetensors"
    tensors = {name: tw.asarray(rng.integers(0, 2, (2, 3)).astype(dtype)) for name, dtype in DTYPES.items()}
    tensors["scalar"] = tw.tensor(2.5)
    tensors["empty"] = tw.zeros((0, 4))
    tensors["turned"] = tw.asarray(np.arange(6.0).reshape(2, 3)).T
    tensors["naïve/ключ"] = np.arange(3)
    tw.save_safetensors(path, tensors)
    back = tw.load_safetensors(path)
    assert back.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(back[name].numpy(), np.asarray(tensor), name)
        assert back[name].dtype == tensor.dtype
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert header["a"]["dtype"] == "F32" and header["a"]["shape"] == [2, 3]


def write_raw(path, header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + payload)


def test_safetensors_of_others(tmp_path):
    path = tmp_path / "raw.safetensors"
    header = {
        "__metadata__": {"format": "pt"},
        "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
    }
    write_raw(path, header, struct.pack("<ff", 1.5, -2))
    assert tw.load_safetensors(path)["w"].tolist() == [1.5, -2]


HOSTILE = {
    "empty": b"",
    "seven bytes": b"1234567",
    "a huge header": struct.pack("<Q", 2**62) + b"{}",
    "a header beyond the end": struct.pack("<Q", 100) + b"{}",
    "no json": struct.pack("<Q", 4) + b"nope",
    "data cut off": None,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_malformed_safetensors(name, tmp_path):
    path = tmp_path / "bad.safetensors"
    content = HOSTILE[name]
    if content is None:
        tw.save_safetensors(path, {"w": tw.ones(100)})
        content = path.read_bytes()[:-1]
    path.write_bytes(content)
    with pytest.raises(ValueError) as error:
        tw.load_safetensors(path)
    assert str(error.value)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 2**63]},
        {"dtype": "F32", "shape": [2]},
        {"dtype": 3, "shape": [2], "data_offsets": [0, 8]},
        [],
    ],
)
def test_hostile_headers(entry, tmp_path):
    path = tmp_path / "bad.safetensors"
    write_raw(path, {"w": entry}, b"\0" * 8)
    with pytest.raises(ValueError):
        tw.load_safetensors(path)


def test_files_that_cannot_be(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        tw.save_safetensors(tmp_path / "nowhere" / "x.safetensors", {"w": tw.ones(1)})
    with pytest.raises(OSError, match="missing"):
        tw.load_safetensors(tmp_path / "missing.safetensors")
    with pytest.raises(OSError):
        tw.read_csv(tmp_path / "missing.csv")
    with pytest.raises(OSError):
        tw.write_csv(tmp_path, tw.ones(2))
    with pytest.raises(ValueError, match="null"):
        tw.read_csv("a\0b")
    with pytest.raises(TypeError):
        tw.save_safetensors(tmp_path / "x", {1: tw.ones(1)})


def test_an_old_file_stays_whole(tmp_path):
    path = tmp_path / "x.safetensors"
    tw.save_safetensors(path, {"w": tw.ones(2)})
    with pytest.raises(TypeError):
        tw.save_safetensors(path, {"w": object()})
    assert tw.load_safetensors(path)["w"].tolist() == [1, 1]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_csv(dtype, tmp_path, rng):
    path = tmp_path / "x.csv"
    x = (rng.normal(size=(20, 3)) * 10.0 ** rng.integers(-30, 30, (20, 3))).astype(dtype)
    tw.write_csv(path, x)
    back = tw.read_csv(path, dtype=dtype)
    assert back.dtype == dtype
    np.testing.assert_array_equal(back.numpy(), x)
    np.testing.assert_array_equal(np.loadtxt(path, delimiter=",", dtype=dtype), x)


def test_csv_of_others(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a;b\n1;2.5\n\n;-3e2\r\n nan;inf\n")
    expected = [[1, 2.5], [np.nan, -300], [np.nan, np.inf]]
    np.testing.assert_array_equal(tw.read_csv(path, delimiter=";", skip_lines=1).numpy(), expected)
    path.write_text("1,2\n3,x\n")
    with pytest.raises(ValueError, match="2"):
        tw.read_csv(path)
    path.write_text("1,2\n3\n")
    with pytest.raises(ValueError):
        tw.read_csv(path)
    with pytest.raises(ValueError, match="delimiter"):
        tw.read_csv(path, delimiter=";;")
