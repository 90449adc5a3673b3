"""Arrays as the oracle holds them: NumPy's, with a dtype that NumPy may lack."""

from dataclasses import dataclass

import numpy as np

from library import DTYPES

FLOATS = tuple(d for d in ("float16", "bfloat16", "float32", "float64") if d in DTYPES)
INTEGERS = tuple(
    d for d in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64") if d in DTYPES
)
NUMERIC = INTEGERS + FLOATS
ALL = ("bool",) + NUMERIC

# Mantissa bits, least and greatest exponent.
FORMATS = {"float16": (10, -14, 15), "bfloat16": (7, -126, 127), "float32": (23, -126, 127), "float64": (52, -1022, 1023)}


@dataclass(eq=False)
class Array:
    """Elements `data` of `dtype`: bfloat16 is held in float32, others as themselves."""

    dtype: str
    data: np.ndarray

    @property
    def shape(self):
        return self.data.shape

    @property
    def rank(self):
        return self.data.ndim


def packed(data):
    """A row-major copy. (NumPy's ascontiguousarray gives a 0-d array an axis.)"""
    return np.array(data, order="C", copy=True)


def held(dtype):
    """NumPy's dtype that holds `dtype`."""
    return np.dtype("float32" if dtype == "bfloat16" else dtype)


def itemsize(dtype):
    return 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize


def round_bfloat16(values):
    """float32 to the nearest bfloat16, halves to even, held in float32; a NaN stays one."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    up = (bits + (((bits >> np.uint32(16)) & np.uint32(1)) + np.uint32(0x7FFF))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(values), np.float32(np.nan), up.view(np.float32)).astype(np.float32)


def to_bytes(array):
    """Row-major elements as the library reads them."""
    if array.dtype == "bfloat16":
        return (packed(array.data).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return packed(array.data).tobytes()


def from_bytes(dtype, shape, data):
    if dtype == "bfloat16":
        bits = np.frombuffer(data, np.uint16).astype(np.uint32) << 16
        return Array(dtype, bits.view(np.float32).reshape(shape))
    return Array(dtype, np.frombuffer(data, dtype).reshape(shape))


def narrowed(values, dtype):
    """Floating values, of any width, rounded to a dtype once."""
    if dtype == "bfloat16":
        # From wider than float32 the double rounding is avoided by rounding to odd first.
        values = np.asarray(values)
        if values.dtype.itemsize > 4:
            near = values.astype(np.float32)
            inexact = np.isfinite(near) & (near.astype(values.dtype) != values)
            toward = np.where(
                np.abs(near.astype(values.dtype)) > np.abs(values), np.nextafter(near, np.float32(0)), near)
            odd = (toward.view(np.uint32) | np.uint32(1)).view(np.float32)
            values = np.where(inexact, odd, near)
        return round_bfloat16(values)
    return np.asarray(values).astype(dtype)


def wide(array):
    """The same values in the type that an oracle computes in: twice the digits and more."""
    if array.dtype == "float64":
        return array.data.astype(np.longdouble)
    return array.data.astype(np.float64)


def is_float(dtype):
    return dtype in FLOATS


def promoted(a, b):
    """As the Python array API standard has it; between kinds: integers give way to floats."""
    if a == b or b == "bool":
        return a
    if a == "bool":
        return b
    if is_float(a) != is_float(b):
        return a if is_float(a) else b
    if is_float(a):
        return "float32" if {a, b} == {"float16", "bfloat16"} else max(a, b, key=lambda d: FORMATS[d][2] + FORMATS[d][0])
    return str(np.promote_types(a, b)) if {a, b} != {"uint64"} else a


def floating(dtype):
    """The dtype that functions whose values are not whole take `dtype` as."""
    if is_float(dtype):
        return dtype
    return "float64" if dtype in ("int64", "uint64") else "float32"


def cast(array, dtype):
    """tw_cast: floats truncate towards 0 and saturate, NaN is 0; integers wrap around."""
    data = array.data
    if dtype == array.dtype:
        return array
    if dtype == "bool":
        return Array(dtype, data != 0)
    if is_float(dtype):
        if array.dtype == "bfloat16" or data.dtype.kind in "bf":
            return Array(dtype, narrowed(data, dtype))
        if dtype == "bfloat16":
            return Array(dtype, narrowed(data.astype(np.longdouble), dtype))
        return Array(dtype, data.astype(dtype))
    if is_float(array.dtype):
        info = np.iinfo(dtype)
        whole = np.trunc(np.where(np.isnan(data), 0, data).astype(np.longdouble))
        return Array(dtype, np.clip(whole, info.min, info.max).astype(np.longdouble).astype(dtype)
                     if dtype != "uint64" else from_wide_unsigned(whole))
    return Array(dtype, data.astype(dtype))


def from_wide_unsigned(whole):
    clipped = np.clip(whole, 0, np.longdouble(2**64 - 1))
    return np.array([int(v) for v in clipped.ravel()], np.uint64).reshape(whole.shape)


def spacing(exact, dtype):
    """One unit in the last place of numbers of the size of `exact`, in its own type."""
    digits, least, most = FORMATS[dtype]
    exact = np.asarray(exact)
    exponent = np.frexp(np.where(np.isfinite(exact), exact, 1))[1] - 1
    exponent = np.where(np.isinf(exact), most, np.where(exact == 0, least, exponent))
    return np.ldexp(np.ones_like(exact), np.clip(exponent, least, most) - digits)


def greatest(dtype):
    digits, _, most = FORMATS[dtype]
    return float(np.ldexp(2.0 - 2.0**-digits, most))


def epsilon(dtype):
    return 2.0 ** -FORMATS[dtype][0]


def ulps(found, exact, dtype):
    """|found - exact| in units of the last place. An infinity stands where the number after the greatest would."""
    most = FORMATS[dtype][2]
    exact = np.asarray(exact)
    end = np.ldexp(exact.dtype.type(1), most + 1) if dtype != "float64" else np.ldexp(np.longdouble(1), most + 1)
    found = np.asarray(found).astype(end.dtype)
    exact = exact.astype(end.dtype)
    with np.errstate(all="ignore"):
        distance = np.abs(np.clip(found, -end, end) - np.clip(exact, -end, end)) / spacing(exact, dtype)
    both = np.isnan(found) & np.isnan(exact)
    one = np.isnan(found) != np.isnan(exact)
    return np.where(both, 0, np.where(one, np.inf, distance)).astype(np.float64)
