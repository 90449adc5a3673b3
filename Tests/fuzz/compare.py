"""What an operation should have given, and whether it did."""

from dataclasses import dataclass

import numpy as np

from arrays import Array, FORMATS, greatest, is_float, to_bytes, ulps


class Refused(Exception):
    """The contract says that the call fails; with a status if the contract names one."""

    def __init__(self, reason="", status=None):
        super().__init__(reason)
        self.status = status


class Unclear(Exception):
    """The contract leaves the result open: the call may do either, but has to return."""


@dataclass(eq=False)
class Expected:
    """
    A result: `value` in the dtype itself or, with `ulps` or `bound`, in a wider type.

    bits    the same bits, of NaN too: what was moved
    exact   the same number, with its sign if it is 0
    equal   the same number; zeros are one
    ulps    within so many units in the last place
    bound   within so much, an array
    free    elements that may be anything, such as sums of which a part may have overflowed
    """

    dtype: str
    value: np.ndarray
    how: str = "exact"
    ulps: float = 0
    bound: np.ndarray = None
    free: np.ndarray = None
    signed_zeros: bool = True


@dataclass(eq=False)
class Verified:
    """Results that are known by what holds for them: `check` of the arrays gives None, or what does not hold."""

    check: object


def mismatch(found, expected):
    """None, or a line about the first element that is not as expected."""
    return compared(found, expected)[0]


def compared(found, expected):
    """The same, and the greatest distance in units of the last place where that is what is bounded."""
    if found.dtype != expected.dtype:
        return f"dtype {found.dtype}, expected {expected.dtype}", None
    value = np.asarray(expected.value)
    if found.shape != value.shape:
        return f"shape {list(found.shape)}, expected {list(value.shape)}", None
    if found.dtype == "bool" and found.data.size and found.data.view(np.uint8).max() > 1:
        return "a bool that is neither 0 nor 1", None
    with np.errstate(all="ignore"):
        good, detail = agreement(found, expected, value)
    if expected.free is not None:
        good = good | expected.free
    if np.all(good):
        return None, float(detail.max(initial=0)) if expected.how == "ulps" else None
    place = tuple(int(i) for i in np.argwhere(~good)[0])
    wrong = int(np.sum(~good))
    text = f"{wrong} of {value.size} elements; at {list(place)}: {found.data[place]!r}, expected {value[place]!r}"
    return text + (f" ({detail[place]:.4g})" if detail is not None else ""), None


def agreement(found, expected, value):
    data = found.data
    if expected.how == "bits":
        size = np.dtype(np.uint16 if found.dtype == "bfloat16" else f"u{data.dtype.itemsize}")
        ours = np.frombuffer(to_bytes(found), size).reshape(data.shape)
        theirs = np.frombuffer(to_bytes(Array(found.dtype, value)), size).reshape(data.shape)
        return ours == theirs, None
    if not is_float(found.dtype):
        return data == value, None
    nan = np.isnan(data) & np.isnan(value)
    if expected.how == "equal":
        return (data == value) | nan, None
    if expected.how == "exact":
        return ((data == value) & (np.signbit(data) == np.signbit(value))) | nan, None
    if expected.how == "ulps":
        distance = ulps(data, value, found.dtype)
        good = distance <= expected.ulps
        if expected.signed_zeros:
            good &= (value != 0) | (data != 0) | (np.signbit(data) == np.signbit(value))
        return good, distance
    wide = value.astype(np.longdouble)
    top = greatest(found.dtype)
    with np.errstate(all="ignore"):
        distance = np.abs(data.astype(np.longdouble) - wide)
        near = distance <= expected.bound
        beyond = np.isinf(data) & (np.abs(wide) + expected.bound >= top) & (np.signbit(data) == np.signbit(wide))
    same = np.isinf(data) & np.isinf(wide) & (data == wide)
    return near | nan | beyond | same, distance.astype(np.float64)


__all__ = ["Expected", "FORMATS", "Refused", "Unclear", "Verified", "compared", "mismatch"]
