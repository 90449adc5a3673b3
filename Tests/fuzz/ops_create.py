"""Rows of tensor.h: making, copying, converting, assigning."""

import numpy as np

from arrays import ALL, cast, held, is_float, itemsize, narrowed, to_bytes
from compare import Expected, Refused, Unclear
from library import DTYPES, FUNCTIONS, integers
from ops_reduce import bounded, checked_axis
from ops_shape import moved, sized
from table import exempt, op


def known(dtype):
    if dtype not in ALL:
        raise Refused("dtype")
    return dtype


def holds(value, dtype):
    """A value as an element, where the dtype can hold it."""
    if is_float(known(dtype)):
        return narrowed(np.float64(value), dtype)
    if dtype == "bool":
        if value not in (0, 1):
            raise Refused("value", 1)
        return bool(value)
    info = np.iinfo(dtype)
    if not np.isfinite(value) or value != int(value) or not info.min <= int(value) <= info.max:
        raise Refused("value", 1)
    return np.dtype(dtype).type(int(value))


def sizes(g):
    return list(g.shape(limit=400))


def filled(value):
    return lambda shape, dtype: Expected(known(dtype), np.full(sized(shape), value, held(dtype)), "bits")


op("zeros", lambda g: (sizes(g), g.choice(ALL)), filled(0))
op("ones", lambda g: (sizes(g), g.choice(ALL)), filled(1))
op("full", lambda g: (sizes(g), g.number(), g.choice(ALL)), lambda shape, value, dtype: Expected(
    known(dtype), np.full(sized(shape), holds(value, dtype), held(dtype))))
op("scalar", lambda g: (g.number(), g.choice(ALL)), lambda value, dtype: Expected(
    known(dtype), np.asarray(holds(value, dtype), held(dtype))))


def steps(g):
    start, step = g.choice([0.0, 1.0, -3.0, 0.5, 10.0]), g.choice([1.0, 2.0, -1.0, 0.25, 0.0, 3.0])
    return start, start + step * g.int(-2, 40) + g.choice([0.0, 0.1]), step, g.choice(ALL)


def arange(start, stop, step, dtype):
    known(dtype)
    if step == 0 or not all(map(np.isfinite, (start, stop, step))):
        raise Refused("step")
    n = max(0, int(np.ceil((stop - start) / step)))
    if n > 1 << 24:
        raise Refused("too many")
    exact = start + np.arange(n) * step
    if is_float(dtype):
        return Expected(dtype, exact.astype(np.longdouble) if dtype == "float64" else exact, "ulps",
                        ulps=1, signed_zeros=False)
    if dtype == "bool" or np.any(exact != np.trunc(exact)) or np.any(exact < 0) or np.any(exact > 127):
        raise Unclear  # numbers that the dtype does not hold
    return Expected(dtype, exact.astype(dtype))


op("arange", steps, arange)


def whole_steps(g):
    start, step = g.choice([0, 1, -3, 10, 2**53 + 1, -(2**63)]), g.choice([1, 2, -1, 0, 3])
    stop = max(min(start + step * g.int(-2, 40) + g.choice([0, 1]), 2**63 - 1), -(2**63))
    return start, stop, step, g.choice(ALL)


def arange_int64(start, stop, step, dtype):
    known(dtype)
    if step == 0:
        raise Refused("step")
    if len(range(start, stop, step)) > 1 << 24:
        raise Refused("too many")
    exact = list(range(start, stop, step))
    if is_float(dtype):
        return Expected(dtype, np.array(exact, np.longdouble), "ulps", ulps=1, signed_zeros=False)
    info = np.iinfo(dtype) if dtype != "bool" else None
    if info is None or any(not info.min <= n <= info.max for n in exact):
        raise Unclear
    return Expected(dtype, np.array(exact, dtype))


op("arange_int64", whole_steps, arange_int64)


def spaced(g):
    ends = [0.0, 1.0, -1.0, 10.0, 0.1, -2.5, 1e30]
    return g.choice(ends), g.choice(ends), g.choice([0, 1, 2, 3, 5, 33]), g.choice(ALL)


def linspace(start, stop, n, dtype):
    known(dtype)
    if n < 0 or n > 1 << 24 or not np.isfinite(start) or not np.isfinite(stop):
        if n < 0 or n > 1 << 50:
            raise Refused("count")
        raise Unclear
    if not is_float(dtype):
        raise Unclear  # whether they are rounded or refused
    i = np.arange(n, dtype=np.longdouble)
    exact = start + i * ((np.longdouble(stop) - np.longdouble(start)) / max(n - 1, 1))
    bound = 4 * 2.0**-52 * max(abs(start), abs(stop)) * np.ones(n)
    return bounded(dtype, exact, bound)


op("linspace", spaced, linspace)
op("eye", lambda g: (g.int(0, 9), g.int(0, 9), g.choice(ALL)), lambda rows, columns, dtype: Expected(
    known(dtype), np.eye(*sized((rows, columns)), dtype=held(dtype)), "bits"))

exempt("random", *(name.removeprefix("tw_") for name in FUNCTIONS if name.startswith("tw_random_")))
exempt("it hands an owner over", "keep")
exempt("every leaf of a program is made by it", "tensor_from_data")

# ---- Copies ------------------------------------------------------------------------

op("copy", lambda g: (g.tensor(),), lambda x: moved(x, x.data))
op("contiguous", lambda g: (g.tensor(),), lambda x: moved(x, x.data))


def casting(x, dtype):
    found = cast(x, known(dtype))
    # A NaN keeps no bits from one format to another.
    return Expected(dtype, found.data, "bits" if dtype == x.dtype else "exact")


op("cast", lambda g: (g.tensor(), g.choice(ALL)), casting, weight=3)


def assigned(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    part = g.choice([(0, 2**63 - 1, 1), (0, 2**63 - 1, 2), (2**63 - 1, -(2**63), -1), (1, 3, 1)])
    shape = list(g.array(x).shape)
    shape[axis] = len(range(*slice(*part).indices(shape[axis])))
    same = (g.array(x).dtype,)
    source = g.leaf(same if g.chance(0.6) else ALL, [1 if g.chance(0.2) else n for n in shape])
    return x, axis, *part, source


def assign(x, axis, start, stop, step, source):
    if source is None or x is None:
        raise Refused("NULL")
    axis = checked_axis(axis, x.rank)
    if step == 0:
        raise Refused("step")
    whole = x.data.copy()
    index = [slice(None)] * x.rank
    index[axis] = slice(start, stop, step)
    whole[tuple(index)] = np.broadcast_to(cast(source, x.dtype).data, whole[tuple(index)].shape)
    return Expected(x.dtype, whole)


def run_assign(library, scope, handles, arguments, resolved):
    """A copy, of which a slice is overwritten."""
    x, axis, start, stop, step, source = arguments
    whole = library.copy(scope, handles.get(x))
    part = library.slice(scope, whole, axis, start, stop, step)
    good = part and library.tensor_assign(part, handles.get(source)) == 0
    library.release(part)
    if good:
        return [whole]
    library.release(whole)
    return None


op("tensor_assign", assigned, assign, run=run_assign)


def borrowed(g):
    """Elements in the caller's memory, with strides of any sign that stay within it."""
    x = g.tensor(most=500)
    order = list(range(g.array(x).rank))
    g.r.shuffle(order)
    return x, order, [g.choice([1, 1, 2]) for _ in order]


def run_borrow(library, scope, handles, arguments, resolved):
    array, order, gaps = resolved
    # Axis order[0] is the outermost in memory, and each axis has room for `gap` times its size.
    sizes, strides, step = array.shape, [0] * array.rank, 1
    for axis in reversed(order):
        strides[axis] = step * gaps[axis]
        step *= max(sizes[axis], 1) * gaps[axis]
    size = itemsize(array.dtype)
    memory = np.zeros(max(step, 1) * size, np.uint8)
    raw = np.dtype(f"u{size}")
    places = np.ndarray(sizes, raw, memory.data, 0, [s * size for s in strides])
    places[...] = np.frombuffer(to_bytes(array), raw).reshape(sizes)
    handle = library.tensor_borrow(scope, memory.ctypes.data, DTYPES[array.dtype], integers(sizes), integers(strides),
                                   array.rank, None, None)
    if not handle:
        return None
    # The memory goes with this call: what is kept is a copy.
    kept = library.copy(scope, handle)
    library.release(handle)
    return [kept] if kept else None


def borrow(x, order, gaps):
    return moved(x, x.data)


op("tensor_borrow", borrowed, borrow, run=run_borrow, spoils=False)
