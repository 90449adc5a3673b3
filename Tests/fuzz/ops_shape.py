"""Rows of views, joins, picks and other arrangements."""

import numpy as np

from arrays import ALL, INTEGERS, NUMERIC, Array, cast, held, is_float, promoted
from compare import Expected, Refused, Unclear
from ops_elementwise import in_type
from ops_reduce import INDEX, along, checked_axes, checked_axis
from table import op
from values import LIMIT, count

RANK = 8


def moved(x, data):
    return Expected(x.dtype, data, "bits")


def sized(shape):
    """A shape that a tensor may have."""
    shape = tuple(shape)
    if len(shape) > RANK or any(size < 0 for size in shape):
        raise Refused("shape")
    if count(shape) > 1 << 40:
        raise Refused("too many elements")
    if count(shape) > 1 << 24:
        raise Unclear  # whether there is memory for them
    if any(size > 1 << 40 for size in shape):
        raise Unclear  # no elements, but other sizes whose product no counter holds
    return shape


# ---- Views ------------------------------------------------------------------------


def factors(g, n):
    """Sizes whose product is n."""
    if n == 0:
        return [0, *(g.int(0, 3) for _ in range(g.int(0, 2)))]
    sizes = []
    while n > 1 and len(sizes) < 4:
        divisors = [d for d in range(1, n + 1) if n % d == 0][:12]
        d = g.choice(divisors)
        sizes.append(d)
        n //= d
    return [*sizes, n] if n > 1 or g.chance(0.3) else sizes


def reshaped(g):
    x = g.tensor()
    sizes = factors(g, g.array(x).data.size)
    if sizes and g.chance(0.3):
        sizes[g.int(0, len(sizes) - 1)] = -1
    return x, sizes


def reshape(x, sizes):
    if sizes.count(-1) > 1 or any(s < -1 for s in sizes) or len(sizes) > RANK:
        raise Refused("shape")
    known = count(s for s in sizes if s != -1)
    if -1 in sizes:
        if known == 0 or x.data.size % known:
            raise Refused("no size for -1")
        sizes = [x.data.size // known if s == -1 else s for s in sizes]
    if count(sizes) != x.data.size:
        raise Refused("count")
    return moved(x, x.data.reshape(sized(sizes)))


op("reshape", reshaped, reshape, weight=2)


def two_axes(g):
    x = g.tensor(least_rank=1)
    return x, g.axis(x), g.axis(x)


op("transpose", two_axes, lambda x, a, b: moved(
    x, np.swapaxes(x.data, checked_axis(a, x.rank), checked_axis(b, x.rank))), weight=2)


def permuted(g):
    x = g.tensor()
    order = list(range(g.array(x).rank))
    g.r.shuffle(order)
    return x, [i - len(order) if g.chance(0.2) else i for i in order]


def permute(x, axes):
    if len(axes) != x.rank:
        raise Refused("rank")
    return moved(x, x.data.transpose(checked_axes(axes, x.rank)))


op("permute", permuted, permute, weight=2)


def broadcast_shape(g):
    x = g.tensor()
    shape = g.array(x).shape
    sizes = [g.choice([0, 1, 2, 3, 5]) if s == 1 and g.chance(0.7) else s for s in shape]
    while len(sizes) < RANK and g.chance(0.3):
        sizes.insert(0, g.int(0, 4))
    return (x, sizes) if count(sizes) <= 4 * LIMIT else (x, list(shape))


def broadcast_to(x, sizes):
    sizes = sized(sizes)
    if len(sizes) < x.rank or any(a not in (b, 1) for a, b in zip(x.shape[::-1], sizes[::-1], strict=False)):
        raise Refused("shape")
    return moved(x, np.broadcast_to(x.data, sizes))


op("broadcast_to", broadcast_shape, broadcast_to)


def slices(g):
    x = g.tensor(least_rank=1)
    step = g.choice([1, 1, 2, 3, -1, -1, -2, 7])
    bound = [-(2**63), -100, -3, -2, -1, 0, 1, 2, 3, 5, 100, 2**63 - 1]
    return x, g.axis(x), g.choice(bound), g.choice(bound), step


def slice_(x, axis, start, stop, step):
    axis = checked_axis(axis, x.rank)
    if step == 0:
        raise Refused("step", 1)
    index = [slice(None)] * x.rank
    index[axis] = slice(start, stop, step)
    return moved(x, x.data[tuple(index)])


op("slice", slices, slice_, weight=3)


def position(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    size = g.array(x).shape[axis]
    return x, axis, g.int(-size, size - 1) if size else 0


def select(x, axis, index):
    axis = checked_axis(axis, x.rank)
    if not -x.shape[axis] <= index < x.shape[axis]:
        raise Refused("index", INDEX)
    return moved(x, np.take(x.data, index, axis))


op("select", position, select)


def new_axis(g):
    x = g.tensor()
    return x, g.axis(x, 1)


def expand_dims(x, axis):
    axis = checked_axis(axis, x.rank + 1)
    sized((*x.shape, 1))
    return moved(x, np.expand_dims(x.data, axis))


op("expand_dims", new_axis, expand_dims)


def squeezed(g):
    shape = list(g.shape(rank=g.int(0, 4)))
    shape.insert(g.int(0, len(shape)), 1)
    x = g.tensor(shape=shape)
    ones = [i for i, size in enumerate(shape) if size == 1]
    return x, g.axis(x) if g.chance(0.05) else g.choice(ones)


op("squeeze", squeezed, lambda x, axis: moved(x, np.squeeze(x.data, checked_axis(axis, x.rank))))

# ---- Joining and picking ----------------------------------------------------------


def joined(g):
    first = g.tensor(least_rank=1)
    axis = g.axis(first)
    shape = list(g.array(first).shape)
    tensors = [first]
    for _ in range(g.int(0, 3)):
        shape[axis] = g.int(0, 4)
        tensors.append(g.tensor((g.array(first).dtype,) if g.chance(0.7) else ALL, shape=shape))
    g.r.shuffle(tensors)
    return tensors, axis


def in_one_type(tensors):
    if not tensors:
        raise Refused("no tensors")
    dtype = tensors[0].dtype
    for t in tensors:
        dtype = promoted(dtype, t.dtype)
    return dtype, [cast(t, dtype).data for t in tensors]


def concatenate(tensors, axis):
    dtype, data = in_one_type(tensors)
    if len({a.ndim for a in data}) > 1:
        raise Refused("ranks")  # and an axis that not all have: either status is right
    return Expected(dtype, np.concatenate(data, checked_axis(axis, data[0].ndim)), "bits")


op("concatenate", joined, concatenate)


def stacked(g):
    first = g.tensor()
    shape = g.array(first).shape
    more = [g.tensor((g.array(first).dtype,) if g.chance(0.7) else ALL, shape=shape) for _ in range(g.int(0, 3))]
    return [first, *more], g.axis(first, 1)


def stack(tensors, axis):
    dtype, data = in_one_type(tensors)
    if len({a.shape for a in data}) > 1:
        raise Refused("shapes")
    sized((*data[0].shape, 1))
    return Expected(dtype, np.stack(data, checked_axis(axis, data[0].ndim + 1)), "bits")


op("stack", stacked, stack)


def picks(g, size, shape, wrong=0.04):
    """Indices into an axis of `size`."""
    dtype = g.choice([d for d in INTEGERS if d != "int64"] + ["int64"] * 3)
    low = 0 if dtype.startswith("u") else -size
    if size == 0:
        shape = (*shape[:-1], 0) if shape else shape
    data = g.rng.integers(low, max(size, low + 1), shape)
    if data.size and g.chance(wrong):
        data = data.copy()
        data.flat[g.int(0, data.size - 1)] = g.choice([size, size + 5])
    return g.of(dtype, data)


def selected(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    return x, axis, picks(g, g.array(x).shape[axis], (g.int(0, 6),))


def checked_picks(indices, size):
    if is_float(indices.dtype) or indices.dtype == "bool":
        raise Refused("dtype")
    data = indices.data
    # Of unsigned ones in their own type: those beyond int64 are out of range too.
    if data.dtype.kind == "u":
        bad = data >= np.uint64(size)
    else:
        bad = (data.astype(np.int64) < -size) | (data.astype(np.int64) >= size)
    if np.any(bad):
        raise Refused("index", INDEX)
    return data.astype(np.int64)


def index_select(x, axis, indices):
    axis = checked_axis(axis, x.rank)
    picked = checked_picks(indices, x.shape[axis])
    if x.rank - 1 + indices.rank > 8:
        raise Refused("rank")
    return moved(x, np.take(x.data, picked, axis))


op("index_select", selected, index_select)


def gathered(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    shape = list(g.array(x).shape)
    size = shape[axis]
    shape[axis] = g.int(0, 5) if size else 0
    return x, axis, picks(g, size, tuple(shape))


def gather(x, axis, indices):
    if indices.rank != x.rank:
        raise Refused("rank")
    axis = checked_axis(axis, x.rank)
    if any(a != b for i, (a, b) in enumerate(zip(x.shape, indices.shape, strict=True)) if i != axis):
        raise Refused("shape")
    return moved(x, np.take_along_axis(x.data, checked_picks(indices, x.shape[axis]), axis))


op("gather", gathered, gather)


def table_and_ids(g):
    table = g.tensor(rank=2)
    rows = g.array(table).shape[0]
    shape = g.shape(rank=g.int(0, 3), limit=60)
    if rows == 0:
        shape = (0,)
    data = g.rng.integers(0, max(rows, 1), shape)
    if data.size and g.chance(0.04):
        data = data - g.int(1, 3)
    dtype = g.choice(INTEGERS)
    return table, g.of(dtype, data if dtype.startswith("i") else np.maximum(data, 0))


def embedding(table, ids):
    if table.rank != 2 or ids.rank + 1 > RANK:
        raise Refused("rank")
    picked = checked_picks(ids, table.shape[0])
    if np.any(picked < 0):
        raise Refused("index", INDEX)
    return moved(table, table.data[picked])


op("embedding", table_and_ids, embedding)

# ---- arrange.h --------------------------------------------------------------------


def flipped(g):
    x = g.tensor()
    return x, g.axes(x)


op("flip", flipped, lambda x, axes: moved(x, np.flip(x.data, checked_axes(axes, x.rank))))


def rolled(g):
    x = g.tensor()
    rank = g.array(x).rank
    if g.chance(0.3):
        return x, [g.int(-9, 9)], None
    axes = [g.axis(x) for _ in range(g.int(0, 3))] if rank else []
    return x, [g.choice([-100, -3, -1, 0, 1, 2, 5, 100, 2**63 - 1, -(2**63)]) for _ in axes], axes


def roll(x, shifts, axes):
    if axes is None:
        if len(shifts) != 1:
            raise Refused("count")
        size = x.data.size
        return moved(x, np.roll(x.data, shifts[0] % size if size else 0))
    if len(shifts) != len(axes):
        raise Unclear  # one count stands for both
    data = x.data
    for shift, axis in zip(shifts, axes, strict=True):
        axis = checked_axis(axis, x.rank)
        if data.shape[axis]:
            data = np.roll(data, shift % data.shape[axis], axis)
    return moved(x, data)


op("roll", rolled, roll)
op("move_axis", two_axes, lambda x, a, b: moved(
    x, np.moveaxis(x.data, checked_axis(a, x.rank), checked_axis(b, x.rank))))


def repeated(g):
    x = g.tensor(least_rank=1)
    return x, g.choice([0, 1, 2, 3]), g.axis(x)


def repeat(x, repeats, axis):
    axis = checked_axis(axis, x.rank)
    if repeats < 0:
        raise Refused("repeats")
    shape = list(x.shape)
    shape[axis] *= repeats
    sized(shape)
    return moved(x, np.repeat(x.data, repeats, axis))


op("repeat", repeated, repeat)


def repeated_each(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    data = g.rng.integers(0, 4, g.array(x).shape[axis])
    dtype = g.choice(INTEGERS)
    if data.size and dtype.startswith("i") and g.chance(0.04):
        data[0] = -1
    return x, g.of(dtype, data), axis


def repeat_each(x, repeats, axis):
    if is_float(repeats.dtype) or repeats.dtype == "bool" or repeats.rank > 1 or np.any(repeats.data < 0):
        raise Refused("repeats")
    axis = checked_axis(axis, x.rank)
    if repeats.shape not in ((x.shape[axis],), (1,), ()):
        raise Refused("repeats")
    times = np.broadcast_to(repeats.data, (x.shape[axis],))
    total = sum(int(n) for n in times)
    sized([total if i == axis else n for i, n in enumerate(x.shape)])
    if total > 1 << 24:
        raise Unclear
    return moved(x, np.repeat(x.data, times.astype(np.int64), axis))


op("repeat_each", repeated_each, repeat_each)


def tiled(g):
    x = g.tensor(most=300)
    return x, [g.choice([0, 1, 1, 2, 3]) for _ in range(g.int(0, g.array(x).rank + 1))]


def tile(x, repetitions):
    if any(n < 0 for n in repetitions):
        raise Refused("negative")
    rank = max(x.rank, len(repetitions))
    shape = (1,) * (rank - x.rank) + x.shape
    times = (1,) * (rank - len(repetitions)) + tuple(repetitions)
    sized([a * b for a, b in zip(shape, times, strict=True)])
    if any(n > 1 << 40 for n in times):
        raise Unclear
    return moved(x, np.tile(x.data, repetitions))


op("tile", tiled, tile)


def triangle(g):
    return g.tensor(least_rank=2), g.int(-4, 4)


def triangular(lower):
    def oracle(x, k):
        if x.rank < 2:
            raise Refused("rank")
        rows, columns = x.shape[-2:]
        offset = np.arange(columns)[None, :] - np.arange(rows)[:, None]
        kept = offset <= k if lower else offset >= k
        return moved(x, np.where(kept, x.data, x.data.dtype.type(0)))

    return oracle


op("tril", triangle, triangular(True))
op("triu", triangle, triangular(False))


def differences(g):
    x = g.tensor(NUMERIC, least_rank=1)
    return x, g.axis(x), g.choice([0, 1, 1, 1, 2, 3])


def diff(x, axis, n):
    if x.dtype == "bool":
        raise Refused("dtype")
    axis = checked_axis(axis, x.rank)
    if n < 0:
        raise Refused("negative")
    data = x.data
    for _ in range(min(n, x.shape[axis])):
        if data.shape[axis] == 0:
            break
        behind = np.take(data, range(1, data.shape[axis]), axis)
        before = np.take(data, range(0, data.shape[axis] - 1), axis)
        data = in_type(np.subtract, (behind, before), x.dtype)
    if n > x.shape[axis]:
        raise Unclear
    return Expected(x.dtype, data)


op("diff", differences, diff)


def sorting(g):
    x, axis = along()(g)
    return x, axis, g.chance(0.4)


def order(x, axis, descending):
    """Positions in a stable order, a NaN as the greatest."""
    data = x.data.astype(np.int8) if x.dtype == "bool" else x.data
    if not descending:
        return np.argsort(data, axis=axis, kind="stable")
    # Equal ones keep their order: the last of the reversed come first.
    turned = np.argsort(np.flip(data, axis), axis=axis, kind="stable")
    return data.shape[axis] - 1 - np.flip(turned, axis)


def sort(x, axis, descending):
    axis = checked_axis(axis, x.rank)
    return moved(x, np.take_along_axis(x.data, order(x, axis, descending), axis))


def argsort(x, axis, descending):
    axis = checked_axis(axis, x.rank)
    return Expected("int64", order(x, axis, descending).astype(np.int64))


op("sort", sorting, sort)
op("argsort", sorting, argsort)

__all__ = ["Array", "held"]
