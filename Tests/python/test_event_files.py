"""Event files for TensorBoard: framing by known check sums, and what TensorBoard's own reader finds."""

import os
import struct

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim

# RFC 3720, appendix B.4.
VECTORS = [
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"123456789", 0xE3069283),
]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    """The data of each record, with both checks checked."""
    raw = path.read_bytes()
    found = []
    while raw:
        (length,) = struct.unpack("<Q", raw[:8])
        assert struct.unpack("<I", raw[8:12]) == (masked(raw[:8]),)
        data = raw[12 : 12 + length]
        assert len(data) == length
        assert struct.unpack("<I", raw[12 + length : 16 + length]) == (masked(data),)
        found.append(data)
        raw = raw[16 + length :]
    return found


def fields(message):
    """The fields of a message as (number, value), in order."""

    def varint(at):
        value = shift = 0
        while True:
            value |= (message[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not message[at - 1] & 0x80:
                return value, at

    found, at = [], 0
    while at < len(message):
        key, at = varint(at)
        if key & 7 == 0:
            value, at = varint(at)
        elif key & 7 == 1:
            (value,) = struct.unpack("<d", message[at : at + 8])
            at += 8
        elif key & 7 == 5:
            (value,) = struct.unpack("<f", message[at : at + 4])
            at += 4
        else:
            length, at = varint(at)
            value, at = message[at : at + length], at + length
        found.append((key >> 3, value))
    return found


def test_the_check_of_this_test():
    for data, crc in VECTORS:
        assert crc32c(data) == crc


def test_records(tmp_path):
    with tw.SummaryWriter(tmp_path / "run") as writer:
        writer.add_scalar("train/loss", 0.1, 3)
        writer.add_scalar("é", -2.5, -1)
        writer.flush()
        path = tmp_path / "run" / os.path.basename(writer.path)
        assert len(records(path)) == 3
        writer.add_histogram("w", [0.0, 1.0, 1.0, 4.0], 7, bins=4)
    first, scalar, other, histogram = (fields(data) for data in records(path))
    assert first[1] == (3, b"brain.Event:2") and abs(first[0][1] - os.path.getmtime(path)) < 100
    event = dict(scalar)
    assert event[2] == 3
    ((number, value),) = fields(event[5])
    assert number == 1 and fields(value) == [(1, b"train/loss"), (2, np.float32(0.1))]
    event = dict(other)
    assert event[2] == 2**64 - 1 and fields(fields(event[5])[0][1]) == [(1, "é".encode()), (2, -2.5)]
    event = dict(histogram)
    name, (number, found) = fields(fields(event[5])[0][1])
    assert name == (1, b"w") and number == 5
    found = fields(found)
    assert found[:5] == [(1, 0.0), (2, 4.0), (3, 4.0), (4, 6.0), (5, 18.0)]
    assert struct.unpack("<4d", found[5][1]) == (1, 2, 3, 4) and found[5][0] == 6
    assert struct.unpack("<4d", found[6][1]) == (1, 2, 0, 1) and found[6][0] == 7


def test_what_is_refused(tmp_path):
    writer = tw.SummaryWriter(tmp_path)
    with pytest.raises(tw.TalwegError, match="holds nan"):
        writer.add_histogram("w", [1.0, np.nan], 0)
    for bins in (0, -1, 10**9):
        with pytest.raises(ValueError, match="intervals"):
            writer.add_histogram("w", [1.0], 0, bins=bins)
    writer.add_histogram("none", np.zeros(0), 0)
    writer.add_histogram("same", np.ones(5), 0)
    writer.close()
    writer.close()
    with pytest.raises(tw.TalwegError, match="closed"):
        writer.add_scalar("x", 1.0, 0)
    with pytest.raises(OSError):
        tw.SummaryWriter(tmp_path / "no" / "such")
    for path in tmp_path.iterdir():
        records(path)


def test_writers_have_files_of_their_own(tmp_path):
    paths = {tw.SummaryWriter(tmp_path).path for _ in range(3)}
    assert len(paths) == 3 and all("tfevents" in path for path in paths)


@pytest.fixture
def fitted(tmp_path, rng):
    X = rng.normal(size=(20, 3)).astype("float32")
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    history = tw.fit(
        model, X, X.sum(axis=1, keepdims=True), optimizer=optim.Adam(model), epochs=3, batch_size=5,
        validation_split=0.25, metrics={"one": lambda output, target: 1.0},
        callbacks=[tw.TensorBoard(tmp_path / "run", steps=2, histograms=1)],
    )  # fmt: skip
    return history, model, tmp_path / "run"


def test_a_fit_is_written(fitted):
    history, _, folder = fitted
    (path,) = folder.iterdir()
    scalars = {}
    for data in records(path)[1:]:
        event = dict(fields(data))
        value = fields(fields(event[5])[0][1])
        if value[1][0] == 2:
            scalars.setdefault(value[0][1].decode(), []).append((event[2], value[1][1]))
    assert scalars["loss"] == [(3 * i + 3, np.float32(loss)) for i, loss in enumerate(history.loss)]
    assert [step for step, _ in scalars["batch/loss"]] == [2, 4, 6, 8]
    assert {"validation_loss", "one", "validation_one", "learning_rate", "steps_per_second"} <= scalars.keys()


def test_tensorboard_reads_them(fitted):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    history, model, folder = fitted
    found = EventAccumulator(str(folder), size_guidance={"histograms": 0, "scalars": 0})
    found.Reload()
    scalars = found.Scalars("validation_loss")
    assert [event.step for event in scalars] == [3, 6, 9]
    np.testing.assert_array_equal([event.value for event in scalars], np.float32(history.validation_loss))
    histogram = found.Histograms("parameters/0.weight")[-1].histogram_value
    weight = model[0].weight.numpy()
    assert (histogram.min, histogram.max, histogram.num) == (weight.min(), weight.max(), 12)
    assert sum(histogram.bucket) == 12 and len(histogram.bucket) == len(histogram.bucket_limit) == 64
