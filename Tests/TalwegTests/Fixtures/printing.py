"""Writes printing.txt, arrays and what NumPy's str() makes of them: `python3 printing.py`.

Made with NumPy 2.4.6. A case is a line `@ dtype shape values...`, then the
text, each of its lines after a `|`. Values are numbers, or `wave`: element i is
(i * 7919 % 1013) * scale - shift, for arrays too large to list.
"""

import pathlib

import numpy as np

random = np.random.default_rng(20240611)
lines = []


def case(array, spec=None):
    array = np.asarray(array)
    shape = "x".join(map(str, array.shape)) or "scalar"
    if spec is None:
        values = array.ravel().tolist()
        spec = " ".join(repr(int(v) if isinstance(v, bool) else v) for v in values)
    lines.append(f"@ {array.dtype} {shape} {spec}".rstrip())
    lines.extend("|" + line for line in str(array).split("\n"))


def wave(shape, scale, shift, dtype):
    count = int(np.prod(shape))
    values = (np.arange(count) * 7919 % 1013) * scale - shift
    case(values.astype(dtype).reshape(shape), f"wave {scale!r} {shift!r}")


floats = (np.float64, np.float32, np.float16)
scalars = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e-4, 9.9e-5, 1e15, 1e16, 123456789.125, 1e22, 5e-324, 1e-45, 3.4e38,
           float("nan"), float("inf"), float("-inf"), 2.0**-44, 16777217.0, 1e-7, 123456.789, 65504.0]
rows = [
    [0.0], [-0.0], [1.0], [1.0, 2.5], [0.1, 0.2, 0.3], [-1.0, 1.0], [1 / 3, 2 / 3], [1e-4, 1.0], [1e-3, 1.0],
    [9e-4, 1.0], [0.001, 1.0], [0.001, 1.001], [9.9e-5, 1e-4], [1e8], [99999999.0], [99999999.9], [999999.0, 1000.0],
    [1e6, 1e5], [1e10, 1.0], [1e300, 1e-300], [5e-324, 1.0], [1e15, 1e16], [0.0, 1e-10], [0.0, 1e12],
    [float("nan")], [float("inf")], [float("-inf")], [float("nan"), 1.0], [float("-inf"), 1.0, float("inf")],
    [float("nan"), float("-inf")], [float("nan"), 1e10, -1e-10], [float("nan"), 123.456, float("-inf")],
    [1.999999999], [0.999999999], [9.999999999e10], [0.123456785, 0.5], [0.001953125, 1.5, 1.0], [2.0**-9, 3.0],
    [123456.789, 1234.5678], [16777216.0, 33554433.0], [1.00000001e9, 1e9], [1.5e9, 2.25e9, -3.0e9],
    [0.5, 100.0, -1000.25], [1e5, 123.0, 1e4], [12345.678901234, 99.5], [1e-5] * 3, [1.0] * 30, [0.1] * 40,
    [-123.456] * 12, [1e100, 1e101],
]
for dtype in floats:
    with np.errstate(all="ignore"):
        for value in scalars:
            case(dtype(value))
        for row in rows:
            case(np.array(row, dtype))
        for magnitude in (-12, -6, -3, 0, 3, 7, 12):
            case(random.normal(size=7).astype(dtype) * dtype(10.0**magnitude))
            case((10.0 ** random.uniform(magnitude, magnitude + 2.9, 9)).astype(dtype))
        case(np.frombuffer(random.bytes(8 * 24), dtype))
        case(random.normal(size=(2, 3, 4)).astype(dtype).round(3))
        case(random.normal(size=(2, 1, 1, 9)).astype(dtype))
        case(random.integers(-50, 50, (3, 5)).astype(dtype))
        case(np.round(random.normal(size=(4, 11)), 2).astype(dtype))
        wave((1001,), 0.25, 100.0, dtype)
        wave((1000,), 1.0, 500.0, dtype)
        wave((40, 30), 0.125, 3.0, dtype)
        wave((3, 400), 1e-5, 0.0, dtype)
        wave((7, 2, 8, 9), 0.5, 10.0, dtype)
        wave((2, 2, 2, 300), 0.1, 1.0, dtype)
        wave((5, 250, 1), 1.0, 0.0, dtype)
        wave((1, 2, 7, 6, 13), 1.0, 3.0, dtype)
        wave((600, 2), 2.0, 3.0, dtype)

for dtype in (np.int32, np.int64, np.uint8, np.int8, np.int16, np.uint16, np.uint32, np.uint64):
    limits = np.iinfo(dtype)
    for row in ([0], [1, 10, 100], [limits.min, limits.max], [limits.max], list(range(40)), [7] * 60):
        case(np.array(row, dtype))
    case(np.array(limits.min, dtype))
    case(np.arange(24).astype(dtype).reshape(2, 3, 4))
    case(np.arange(2, dtype=dtype).reshape(1, 1, 1, 1, 1, 1, 1, 2))
    wave((1200,), 1.0, 0.0, np.int32 if dtype in (np.uint8, np.int8) else dtype)
    wave((30, 50), 0.1 if dtype == np.int8 else 0.2, 0.0, dtype)
case(np.array([-5, 3, 1000], np.int32))
case(np.array([[-5], [3], [-1000]], np.int64))

for row in ([True], [False], [True, False, True], [True] * 30):
    case(np.array(row))
case(np.array(True))
case(np.array(False))
case(np.array([[True, False], [False, True]]))
for dtype in (np.float64, np.int32, bool):
    for shape in ((0,), (0, 3), (2, 0), (2, 0, 4)):
        case(np.zeros(shape, dtype))

pathlib.Path(__file__).with_name("printing.txt").write_text("\n".join(lines) + "\n")
