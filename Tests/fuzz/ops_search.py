"""Rows of search.h and index.h."""

import ctypes
from ctypes import c_int64, c_void_p

import numpy as np

from arrays import ALL, INTEGERS, NUMERIC, Array, cast, epsilon, held, is_float, promoted
from compare import Expected, Refused, Unclear
from ops_elementwise import in_type
from ops_reduce import INDEX, checked_axes, checked_axis, over_axes
from ops_shape import RANK, checked_picks, gathered, moved, order, picks, selected, sized
from table import op
from values import LIMIT, count

# ---- Where ----------------------------------------------------------------------


def in_order(data, right, values):
    """NumPy's searchsorted of what is ascending, with NaN at the end."""
    return np.searchsorted(data, values, side="right" if right else "left").astype(np.int64)


def sorted_and_values(g):
    dtypes = NUMERIC if g.chance(0.9) else ALL
    n = g.choice([0, 1, 2, 3, 5, 8, 17])
    a = g.leaf(dtypes, (n,))
    array = g.array(a)
    ascending = order(array, 0, False)
    values = g.tensor((array.dtype,) if g.chance(0.7) else dtypes)
    if g.chance(0.5):
        dtype = g.choice([d for d in INTEGERS if d != "int8"])
        return a, values, g.chance(0.5), g.of(dtype, ascending)
    return g.of(array.dtype, array.data[ascending]), values, g.chance(0.5), None


def searchsorted(a, values, right, sorter):
    if a.rank != 1:
        raise Refused("rank")
    data = a
    if sorter is not None:
        if is_float(sorter.dtype) or sorter.dtype == "bool" or sorter.shape != a.shape:
            raise Refused("sorter")
        data = Array(a.dtype, a.data[checked_picks(sorter, a.shape[0])])
    dtype = promoted(data.dtype, values.dtype)
    x, y = cast(data, dtype).data, cast(values, dtype).data
    if x.dtype == bool:
        x, y = x.astype(np.int8), y.astype(np.int8)
    if np.any(np.argsort(x, kind="stable") != np.arange(x.size)):
        raise Unclear  # not sorted: some positions
    return Expected("int64", in_order(x, right, y))


op("searchsorted", sorted_and_values, searchsorted, nullable=("sorter",))


def nonzero(x):
    if x.rank == 0:
        raise Refused("no axes", 4)
    return Expected("int64", np.stack(np.nonzero(x.data)).astype(np.int64))


op("nonzero", lambda g: (g.tensor(),), nonzero)
op("count_nonzero", lambda g: over_axes(g, g.tensor()), lambda x, axes, keepdims: Expected(
    "int64", np.sum(x.data != 0, axis=checked_axes(axes, x.rank), keepdims=keepdims, dtype=np.int64)))

# ---- Sets -----------------------------------------------------------------------


def unique(x):
    """By a stable order: the first of equal ones stands for them, and a NaN for itself."""
    flat = x.data.ravel()
    ascending = order(Array(x.dtype, flat), 0, False) if flat.size else np.zeros(0, np.int64)
    in_line = flat[ascending]
    new = np.ones(flat.size, bool)
    if flat.size:
        new[1:] = ~(in_line[1:] == in_line[:-1])
    group = np.cumsum(new) - 1
    inverse = np.empty(flat.size, np.int64)
    inverse[ascending] = group
    counts = np.bincount(group, minlength=int(new.sum())).astype(np.int64) if flat.size else np.zeros(0, np.int64)
    return [
        moved(x, in_line[new]), Expected("int64", ascending[new].astype(np.int64)),
        Expected("int64", inverse.reshape(x.shape)), Expected("int64", counts),
    ]  # fmt: skip


op("unique", lambda g: (g.tensor(),), unique)


def isin(x, elements, inverted):
    dtype = promoted(x.dtype, elements.dtype)
    a, b = cast(x, dtype).data, cast(elements, dtype).data.ravel()
    found = np.zeros(a.shape, bool)
    for element in b:
        found |= a == element
    return Expected("bool", found != inverted)


def with_elements(g):
    x = g.tensor()
    return x, g.tensor((g.array(x).dtype,) if g.chance(0.7) else ALL, most=100), g.chance(0.4)


op("isin", with_elements, isin)


# ---- The greatest ---------------------------------------------------------------


def greatest_few(g):
    x = g.tensor(least_rank=1)
    axis = g.axis(x)
    return x, g.int(0, g.array(x).shape[axis]), axis, g.chance(0.6), g.chance(0.6)


def top_k(x, k, axis, largest, in_line):
    axis = checked_axis(axis, x.rank)
    if not 0 <= k <= x.shape[axis]:
        raise Refused("k")
    places = np.take(order(x, axis, largest), range(k), axis)
    if not in_line:
        places = np.sort(places, axis)
    return [moved(x, np.take_along_axis(x.data, places, axis)), Expected("int64", places.astype(np.int64))]


op("top_k", greatest_few, top_k)


def classes(g):
    n = g.choice([0, 1, 2, 5])
    shape = g.shape(rank=g.int(0, 3), limit=60)
    data = g.rng.integers(0, max(n, 1), shape if n else (0,))
    if data.size and g.chance(0.05):
        data = data + 1
    return g.of(g.choice(INTEGERS), data), n, g.choice(ALL)


def one_hot(x, n, dtype):
    if dtype not in ALL or is_float(x.dtype) or x.dtype == "bool" or n < 0:
        raise Refused("dtype")
    sized((*x.shape, n))
    if np.any(x.data < 0) or np.any(x.data >= n):
        raise Refused("index", INDEX)
    return Expected(dtype, (x.data[..., None] == np.arange(n)).astype(held(dtype)))


op("one_hot", classes, one_hot)

# ---- Positions along an axis ----------------------------------------------------


def take_along_axis(x, indices, axis):
    if indices.rank != x.rank:
        raise Refused("rank")
    axis = checked_axis(axis, x.rank)
    a, b = list(x.shape), list(indices.shape)
    a[axis] = b[axis] = 1
    both = list(np.broadcast_shapes(a, b))
    checked = checked_picks(indices, x.shape[axis])
    both[axis] = x.shape[axis]
    data = np.broadcast_to(x.data, both)
    both[axis] = indices.shape[axis]
    return moved(x, np.take_along_axis(data, np.broadcast_to(checked, both), axis))


def taken(g):
    x, axis, indices = gathered(g)
    return x, indices, axis


op("take_along_axis", taken, take_along_axis)


def scattered(g):
    x, axis, indices = gathered(g)
    same = (g.array(x).dtype,) if g.chance(0.7) else ALL
    return x, axis, indices, g.like(indices, same)


def scatter(adds):
    def oracle(x, axis, indices, values):
        if indices.rank != x.rank:
            raise Refused("rank")
        axis = checked_axis(axis, x.rank)
        if any(a != b for i, (a, b) in enumerate(zip(x.shape, indices.shape, strict=True)) if i != axis):
            raise Refused("shape")
        places = checked_picks(indices, x.shape[axis])
        given = np.broadcast_to(cast(values, x.dtype).data, indices.shape)
        data = x.data.copy()
        for position in np.ndindex(*indices.shape):
            to = (*position[:axis], places[position], *position[axis + 1:])
            data[to] = put(data[to], given[position], x.dtype) if adds else given[position]
        if not adds:
            return Expected(x.dtype, data)
        return added(x, data, given, places)

    return oracle


def put(a, b, dtype):
    """a + b of one dtype; of bool, or."""
    return a | b if dtype == "bool" else in_type(np.add, (np.asarray(a), np.asarray(b)), dtype)


def added(x, data, given, places):
    if x.dtype in ("float16", "bfloat16"):
        # Summed in float32 and rounded once, or at each step.
        size = sum(np.abs(np.where(np.isfinite(a), a, 0)).astype(np.float64).sum() for a in (x.data, given))
        bound = np.full(data.shape, (places.size + 1) * epsilon(x.dtype) * float(size))
        return Expected(x.dtype, data.astype(np.float64), "bound", bound=bound,
                        free=~np.isfinite(data.astype(np.float64)))
    return Expected(x.dtype, data)


op("scatter", scattered, scatter(False))
op("scatter_add", scattered, scatter(True))


def rows_added(g):
    x, axis, indices = selected(g)
    shape = list(g.array(x).shape)
    shape[axis] = g.array(indices).shape[0]
    same = (g.array(x).dtype,) if g.chance(0.7) else ALL
    return x, axis, indices, g.leaf(same, [1 if g.chance(0.2) else n for n in shape])


def index_add(x, axis, indices, values):
    if indices.rank != 1:
        raise Refused("rank")
    axis = checked_axis(axis, x.rank)
    places = checked_picks(indices, x.shape[axis])
    if values.rank > x.rank:
        raise Unclear
    shape = list(x.shape)
    shape[axis] = places.size
    given = np.moveaxis(np.broadcast_to(cast(values, x.dtype).data, shape), axis, 0)
    data = x.data.copy()
    rows = np.moveaxis(data, axis, 0)
    for i, place in enumerate(places):
        rows[place] = put(rows[place], given[i], x.dtype)
    return added(x, data, given, places)


op("index_add", rows_added, index_add)

# ---- Keys -----------------------------------------------------------------------

KINDS = {"at": 0, "slice": 1, "new": 2, "rest": 3, "pick": 4}


class Key(ctypes.Structure):
    """tw_key"""

    _fields_ = [("kind", ctypes.c_int), ("start", c_int64), ("stop", c_int64), ("step", c_int64), ("tensor", c_void_p)]


def keys_of(handles, keys):
    array = (Key * max(len(keys), 1))()
    for key, (kind, *rest) in zip(array, keys, strict=False):
        key.kind = KINDS[kind]
        if kind == "pick":
            key.tensor = handles.get(rest[0])
        elif kind == "slice":
            key.start, key.stop, key.step = rest
        elif kind == "at":
            key.start = rest[0]
    return array


def random_keys(g, x):
    """Keys that mostly fit, as tuples: ("at", 3), ("slice", 0, 5, 2), ("new",), ("rest",), ("pick", tensor)."""
    sizes = list(g.array(x).shape)
    keys, masked = [], False
    together = g.choice([(), (2,), (3,), (2, 1), (1, 3)])
    rest = g.chance(0.3)
    while sizes and g.chance(0.85):
        size = sizes.pop(0)
        kind = g.r.random()
        if kind < 0.35:
            step = g.choice([1, 1, 2, -1, -3])
            bound = [-(2**63), -3, -1, 0, 1, 2, 5, 2**63 - 1]
            keys.append(("slice", g.choice(bound), g.choice(bound), step))
        elif kind < 0.55 and size:
            keys.append(("at", g.int(-size, size - 1)))
        elif kind < 0.62:
            keys.append(("new",))
            sizes.insert(0, size)
        elif kind < 0.72 and not masked:
            masked = True
            keys.append(("pick", g.of("bool", g.rng.random(size) < 0.5)))
        elif size:
            shape = tuple(1 if g.chance(0.2) else n for n in together)
            keys.append(("pick", picks(g, size, shape)))
        else:
            keys.append(("slice", 0, 2**63 - 1, 1))
        if rest and g.chance(0.3):
            rest = False
            keys.append(("rest",))
            for _ in range(g.int(0, len(sizes))):
                sizes.pop(0)
    if g.chance(0.03):
        keys.append(("at", 0))
    return keys


def numpy_keys(x, keys):
    if x.rank + sum(kind == "new" for kind, *_ in keys) > RANK:
        raise Unclear  # more axes than a tensor has, if for a while only
    found = []
    for kind, *rest in keys:
        if kind == "at":
            found.append(rest[0])
        elif kind == "slice":
            if rest[2] == 0:
                raise Refused("step")
            found.append(slice(*rest))
        elif kind == "new":
            found.append(None)
        elif kind == "rest":
            found.append(Ellipsis)
        else:
            if rest[0] is None:
                raise Refused("NULL")
            if is_float(rest[0].dtype):
                raise Refused("dtype")
            found.append(rest[0].data if rest[0].data.dtype.kind != "u" else rest[0].data.astype(np.int64))
    return tuple(found)


def indexed(x, keys):
    """What NumPy's own indexing gives, and its keys."""
    if x is None:
        raise Refused("NULL")
    place = numpy_keys(x, keys)
    y = np.asarray(x.data[place])
    if y.ndim > RANK:
        raise Refused("rank")
    if y.size == 0 and any(kind == "pick" for kind, *_ in keys):
        raise Unclear  # NumPy does not look at positions that pick nothing
    return y, place


def index(x, keys):
    return moved(x, indexed(x, keys)[0])


def with_keys(g):
    x = g.tensor()
    return x, random_keys(g, x)


def run_index(library, scope, handles, arguments, resolved):
    x, keys = arguments
    y = library.index(scope, handles.get(x), keys_of(handles, keys), len(keys))
    return [y] if y else None


def with_values(g):
    x, keys = with_keys(g)
    array = g.array(x)
    try:
        shape = indexed(array, g.machine.resolved(keys))[0].shape
    except (IndexError, Refused, Unclear):
        shape = ()
    if count(shape) > 4 * LIMIT:
        shape = ()
    same = (array.dtype,) if g.chance(0.7) else ALL
    return x, keys, g.leaf(same, [1 if g.chance(0.2) else n for n in shape])


def index_assign(x, keys, values):
    if x is None or values is None:
        raise Refused("NULL")
    data = x.data.copy()
    y, place = indexed(x, keys)
    data[place] = fitted(cast(values, x.dtype).data, y.ndim)
    return Expected(x.dtype, data)


def fitted(values, rank):
    """Values as an assignment has them: axes of size 1 in front may be too many. (NumPy's to one element may not.)"""
    while values.ndim > rank and values.shape[0] == 1:
        values = values[0]
    return values


def index_put(x, keys, values, adds):
    if not adds:
        return index_assign(x, keys, values)
    if x is None or values is None:
        raise Refused("NULL")
    y, place = indexed(x, keys)
    given = np.broadcast_to(fitted(cast(values, x.dtype).data, y.ndim), y.shape)
    data = x.data.copy()
    # The elements' numbers, picked by the same keys: where each value goes.
    to = np.arange(x.data.size).reshape(x.shape)[place]
    flat = data.reshape(-1)
    for number, value in zip(np.ravel(to), np.ravel(given), strict=True):
        flat[number] = put(flat[number], value, x.dtype)
    return added(x, flat.reshape(x.shape), given, np.ravel(to))


def run_index_assign(library, scope, handles, arguments, resolved):
    x, keys, values = arguments
    whole = library.copy(scope, handles.get(x))
    if whole and library.index_assign(whole, keys_of(handles, keys), len(keys), handles.get(values)) == 0:
        return [whole]
    library.release(whole)
    return None


def run_index_put(library, scope, handles, arguments, resolved):
    x, keys, values, adds = arguments
    y = library.index_put(scope, handles.get(x), keys_of(handles, keys), len(keys), handles.get(values), adds)
    return [y] if y else None


def with_mask(g):
    x = g.tensor()
    shape = g.array(x).shape
    return x, g.leaf(("bool",), shape[:g.int(0, len(shape))])


def covers(mask, x):
    """Whether the axes of a mask are x's first or, as NumPy has it too, without positions."""
    return mask.rank <= x.rank and all(m in (0, n) for m, n in zip(mask.shape, x.shape, strict=False))


def mask_select(x, mask):
    if mask.dtype != "bool":
        raise Refused("dtype")
    if not covers(mask, x) or x.rank - mask.rank + 1 > RANK:
        raise Refused("shape")
    return moved(x, x.data[mask.data])


def with_mask_and_values(g):
    x, mask = with_mask(g)
    if g.array(x).rank - g.array(mask).rank + 1 > RANK:
        return None
    shape = g.array(x).data[g.array(mask).data].shape
    same = (g.array(x).dtype,) if g.chance(0.7) else ALL
    return x, mask, g.leaf(same, [1 if g.chance(0.2) else n for n in shape])


def mask_assign(x, mask, values):
    if x is None or mask is None or values is None:
        raise Refused("NULL")
    if mask.dtype != "bool" or not covers(mask, x):
        raise Refused("mask")
    data = x.data.copy()
    data[mask.data] = cast(values, x.dtype).data
    return Expected(x.dtype, data)


def run_mask_assign(library, scope, handles, arguments, resolved):
    x, mask, values = arguments
    whole = library.copy(scope, handles.get(x))
    if whole and library.mask_assign(whole, handles.get(mask), handles.get(values)) == 0:
        return [whole]
    library.release(whole)
    return None


op("index", with_keys, index, run=run_index, weight=3)
op("index_assign", with_values, index_assign, run=run_index_assign, weight=2)
op("index_put", lambda g: (*with_values(g), g.chance(0.5)), index_put, run=run_index_put, weight=2)
op("mask_assign", with_mask_and_values, mask_assign, run=run_mask_assign)
op("mask_select", with_mask, mask_select)
