"""Rows of products.h, and what came with it: bits, clip, pad."""

import numpy as np

from arrays import (ALL, FLOATS, FORMATS, INTEGERS, Array, cast, epsilon, floating, greatest, held, is_float, promoted,
                    spacing, wide)
from compare import Expected, Refused, Unclear
from ops_create import holds
from ops_elementwise import broadcast, one, pair, together
from ops_reduce import bounded, checked_axis, product_bound, sum_, with_denormals
from ops_shape import moved, sized
from table import op
from values import count

# ---- Sums of products -----------------------------------------------------------


def multiplied(arrays, function, terms, by_matmul=False, parts=()):
    """
    `function`, linear in each of some arrays, of these in one dtype: exactly of integers, which wrap around, and within
    a bound of floats. `parts` are functions of all arrays that give what may be held on the way.
    """
    dtype = arrays[0].dtype
    for a in arrays:
        dtype = promoted(dtype, a.dtype)
    arrays = [cast(a, dtype) for a in arrays]
    if not is_float(dtype):
        if dtype == "bool":
            raise Unclear  # sums of truth values
        return Expected(dtype, function(*(a.data for a in arrays)).astype(held(dtype)))
    exact = np.asarray(function(*(wide(a) for a in arrays)))
    sizes = [np.where(np.isfinite(a.data), np.abs(wide(a)), 0) for a in arrays]
    size = np.asarray(function(*sizes))
    bound, free = product_bound(dtype, exact, size, terms + 2 * len(arrays))
    if dtype == "bfloat16" and by_matmul:
        bound, free = with_denormals(exact, bound, free, list(map(wide, arrays)), terms, function)
    # More factors than two in any order: parts of a product may leave the range that the whole is in. Those of 16 bits
    # are rounded to these.
    if len(arrays) > 2:
        total = sum(float(np.max(np.abs(np.log2(np.where((np.abs(w) > 0) & np.isfinite(w), np.abs(w), 1))), initial=0))
                    for w in map(wide, arrays))
        beyond = any(np.max(part(*sizes), initial=0) >= 0.99 * greatest(dtype) for part in parts)
        if beyond or total > 100 or not all(np.all(np.isfinite(wide(a))) for a in arrays):
            free = np.ones_like(free)
    # A sum that is taken apart rounds in between; of 16 bits to these.
    if dtype in ("float16", "bfloat16"):
        # Of more than two factors, each product of two is rounded: below the least normal number by no share of it.
        most = max([1.0, *(float(np.max(s, initial=0)) for s in sizes)])
        tiny = 2.0 ** (FORMATS[dtype][1] - FORMATS[dtype][0] * (dtype == "float16" or not by_matmul))
        bound = bound + (len(arrays) + 1) * (epsilon(dtype) * size + terms * tiny * (most if len(arrays) > 2 else 1))
        free = free | ~np.isfinite(exact)
    return bounded(dtype, exact, bound, free)


SUBSCRIPTS = ["ij,jk->ik", "ij,ij->", "ij->ji", "ii->i", "ii", "ij->j", "i,i", "i,j->ij", "bij,bjk->bik",
              "ij,jk,kl->il", "...i,...i->...", "...ij->...ji", "ijk->", "i,ij,j", "ba", "ij, jk", "abc,cd->abd",
              "iij->j", "a,a,a->a", "...,...", "i->ii", "ij,jk->iz", "i,", "->", "ij", "i j",
              "a...,...b->ab"]  # fmt: skip


def einsum_inputs(g):
    text = g.choice(SUBSCRIPTS)
    sizes = {c: g.choice([0, 1, 2, 2, 3, 3, 5]) for c in "abcdijklz"}
    dots = g.shape(rank=g.int(0, 2), limit=9)
    dtype = (g.choice(FLOATS + ("int32", "int64", "uint8")),)
    operands = []
    for term in text.split("->")[0].replace(" ", "").split(","):
        before, _, behind = term.partition("...")
        middle = list(dots) if "..." in term else []
        shape = [sizes[c] for c in before] + middle + [sizes[c] for c in behind]
        if g.chance(0.02):
            shape = list(g.shape(limit=50))
        operands.append(g.tensor(dtype if g.chance(0.9) else ALL, shape=shape))
    return text, operands


def subscripts(text):
    """The terms, and the letters of the result."""
    before, arrow, result = text.replace(" ", "").partition("->")
    return before.split(","), result if arrow else "".join(c for c in before if c.isalpha() and before.count(c) == 1)


def pair_of(terms, result, i, j):
    """The product of two of three operands, as it is held before the third comes in."""
    other = terms[3 - i - j] + result
    kept = "".join(sorted({c for c in terms[i] + terms[j] if c in other}))
    return lambda *x: np.einsum(f"{terms[i]},{terms[j]}->{kept}", x[i], x[j])


def einsum(text, operands):
    if text is None or not 1 <= len(operands) <= 64:
        raise Refused("operands")
    total = count(n for a in operands for n in a.shape) if sum(a.rank for a in operands) < 9 else 1 << 20
    try:
        np.einsum(text, *(np.zeros(a.shape) for a in operands))
    except ValueError as error:
        raise Refused(str(error)) from None
    terms, result = subscripts(text)
    summed = {c for c in "".join(terms) if c.isalpha() and c not in result}
    by_matmul = any(sum(c in term for term in terms) > 1 for c in summed)
    parts = [pair_of(terms, result, i, j) for i, j in ((0, 1), (0, 2), (1, 2))] if len(terms) == 3 else ()
    return multiplied(operands, lambda *x: np.einsum(text, *x), min(total, 4096), by_matmul, parts)


op("einsum", einsum_inputs, einsum, weight=2)


def tensordot_inputs(g):
    a = g.tensor(FLOATS + ("int64",), most=300)
    shape = g.array(a).shape
    n = g.int(0, len(shape))
    other = [g.choice([0, 1, 2, 3]) for _ in range(min(g.int(0, 2), 8 - n))]
    same = (g.array(a).dtype,)
    if g.chance(0.4):
        return a, g.tensor(same, shape=(*shape[len(shape) - n:], *other)), n
    axes = g.r.sample(range(len(shape)), n)
    return a, g.tensor(same, shape=(*other, *(shape[i] for i in axes))), axes, [i - n for i in range(n)]


def tensordot(a, b, *axes):
    if len(axes) == 1:
        n = axes[0]
        if not 0 <= n <= min(a.rank, b.rank):
            raise Refused("count")
        left, right = list(range(a.rank - n, a.rank)), list(range(n))
    else:
        if len(axes[0]) != len(axes[1]):
            raise Unclear  # one count stands for both
        left = [checked_axis(i, a.rank) for i in axes[0]]
        right = [checked_axis(i, b.rank) for i in axes[1]]
    if len(set(left)) < len(left) or len(set(right)) < len(right):
        raise Refused("an axis twice")
    if [a.shape[i] for i in left] != [b.shape[i] for i in right]:
        raise Refused("sizes")
    sized([1] * (a.rank + b.rank - 2 * len(left)))
    # By einsum's own loops: NumPy's tensordot calls a BLAS, which takes 0 times NaN for 0.
    names = [next((i for i, k in zip(left, right, strict=True) if k == j), a.rank + j) for j in range(b.rank)]
    kept = [i for i in range(a.rank) if i not in left] + [i for i in names if i >= a.rank]
    return multiplied([a, b], lambda x, y: np.einsum(x, list(range(a.rank)), y, names, kept),
                      count(a.shape[i] for i in left), bool(left))


def run_tensordot(library, scope, handles, arguments, resolved):
    from library import integers

    a, b, *axes = arguments
    if len(axes) == 1:
        y = library.tensordot(scope, handles.get(a), handles.get(b), None, None, axes[0])
    else:
        y = library.tensordot(scope, handles.get(a), handles.get(b), integers(axes[0]), integers(axes[1]), len(axes[0]))
    return [y] if y else None


def no_null(oracle):
    def checked(*arguments):
        if arguments[0] is None or arguments[1] is None:
            raise Refused("NULL")
        return oracle(*arguments)

    return checked


def vectors(g):
    a = g.tensor(FLOATS + INTEGERS, least_rank=1)
    axis = g.axis(a)
    shape = g.array(a).shape
    other = [1 if g.chance(0.2) and i != axis % len(shape) else n for i, n in enumerate(shape)]
    return a, g.tensor((g.array(a).dtype,) if g.chance(0.8) else ALL, shape=other), axis


def vecdot(a, b, axis):
    rank = min(a.rank, b.rank)
    if a.rank == 0 or b.rank == 0:
        raise Refused("rank")
    if max(a.rank, b.rank) == 8:
        raise Unclear  # an axis more is needed on the way
    if a.rank != b.rank and not -rank <= axis < 0:
        raise Unclear  # what a positive axis counts from
    i, j = checked_axis(axis, a.rank), checked_axis(axis, b.rank)
    if a.shape[i] != b.shape[j]:
        raise Refused("sizes")
    return multiplied([a, b], lambda x, y: np.sum(np.moveaxis(x, i, -1) * np.moveaxis(y, j, -1), -1, dtype=x.dtype),
                      a.shape[i], a.rank == 1)


op("vecdot", vectors, vecdot)


def outer(a, b):
    if a.rank != 1 or b.rank != 1:
        raise Refused("rank")
    return multiplied([a, b], np.outer, 1)


op("outer", lambda g: (g.tensor(rank=1), g.tensor(rank=1)), outer)


def cross_inputs(g):
    shape = list(g.shape(rank=g.int(1, 3)))
    axis = g.int(-len(shape), len(shape) - 1)
    shape[axis] = 3
    a = g.tensor(FLOATS + INTEGERS, shape=shape)
    return a, g.tensor((g.array(a).dtype,) if g.chance(0.8) else ALL, shape=shape), axis


def cross(a, b, axis):
    if a.rank != b.rank:
        raise Unclear
    axis = checked_axis(axis, a.rank)
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise Refused("sizes")
    broadcast(a, b)
    a, b, dtype = together(a, b)
    if dtype == "bool":
        raise Unclear
    both = np.broadcast_arrays(*(wide(z) if is_float(dtype) else z.data for z in (a, b)))
    x, y = (np.moveaxis(z, axis, -1) for z in both)

    def value(x, y, sign):
        parts = [x[..., i] * y[..., j] + sign * (x[..., j] * y[..., i]) for i, j in ((1, 2), (2, 0), (0, 1))]
        return np.moveaxis(np.stack(parts, -1), -1, axis)

    if not is_float(dtype):
        return Expected(dtype, value(x, y, np.dtype(held(dtype)).type(-1) if dtype.startswith("i") else
                                     np.array(-1).astype(held(dtype))).astype(held(dtype)))
    exact = value(x, y, -1)
    size = value(*(np.where(np.isfinite(z), np.abs(z), 0) for z in (x, y)), 1)
    bound, free = product_bound(dtype, exact, size, 2)
    if dtype in ("float16", "bfloat16"):
        # Each product is rounded.
        bound = bound + 2 * spacing(np.where(np.isfinite(size), size, 1), dtype)
        free = free | ~np.isfinite(exact) | (size > 6e4)
    return bounded(dtype, exact, bound, free)


op("cross", cross_inputs, cross)


def kron_inputs(g):
    rank = g.int(0, 3)
    return g.tensor(rank=rank, most=60), g.tensor(rank=g.int(0, 3), most=60)


def kron(a, b):
    if max(a.rank, b.rank) > 4:
        raise Refused("rank")
    dtype = promoted(a.dtype, b.dtype)
    if dtype == "bool":
        raise Unclear
    shape = [1] * (max(a.rank, b.rank))
    sized(shape)
    return multiplied([a, b], np.kron, 1)


op("kron", kron_inputs, kron)
op("tensordot", tensordot_inputs, no_null(tensordot), run=run_tensordot)

# ---- Diagonals ------------------------------------------------------------------


def diagonal_of(g):
    x = g.tensor(least_rank=2)
    a, b = g.r.sample(range(g.array(x).rank), 2)
    return x, g.int(-4, 4), a, b - g.array(x).rank if g.chance(0.3) else b


def diagonal(x, offset, a, b):
    if x.rank < 2:
        raise Refused("rank")
    a, b = checked_axis(a, x.rank), checked_axis(b, x.rank)
    if a == b:
        raise Refused("one axis")
    return moved(x, np.diagonal(x.data, max(min(offset, 10**6), -(10**6)), a, b))


op("diagonal", diagonal_of, diagonal)


def diag_embed(x, offset):
    if x.rank < 1 or x.rank + 1 > 8:
        raise Refused("rank")
    n = x.shape[-1] + abs(offset)
    sized((*x.shape[:-1], n, n))
    y = np.zeros((*x.shape[:-1], n, n), x.data.dtype)
    i = np.arange(x.shape[-1])
    y[..., i + max(-offset, 0), i + max(offset, 0)] = x.data
    return moved(x, y)


op("diag_embed", lambda g: (g.tensor(least_rank=1, most=200), g.int(-3, 3)), diag_embed)


def trace(x, offset):
    if x.rank < 2:
        raise Refused("rank")
    offset = max(min(offset, 10**6), -(10**6))
    return sum_(Array(x.dtype, np.diagonal(x.data, offset, -2, -1)), [-1], False)


op("trace", lambda g: (g.tensor(least_rank=2), g.int(-4, 4)), trace)

# ---- Bits -----------------------------------------------------------------------

WHOLE = ("bool", *INTEGERS)


def bits(function, not_bool=False):
    def oracle(a, b):
        a, b, dtype = together(a, b)
        if is_float(dtype) or (not_bool and dtype == "bool"):
            raise Refused("dtype")
        return Expected(dtype, function(a.data, b.data).astype(held(dtype)))

    return oracle


def shifted(left):
    def function(a, b):
        width = a.dtype.itemsize * 8
        beyond = (b >= width) | (b < 0)
        by = np.where(beyond, 0, b).astype(a.dtype)
        rest = np.zeros_like(a) if left else np.where(a < 0, -1, 0).astype(a.dtype)
        return np.where(beyond, rest, np.left_shift(a, by) if left else np.right_shift(a, by))

    return function


op("bitwise_and", pair(WHOLE), bits(np.bitwise_and))
op("bitwise_or", pair(WHOLE), bits(np.bitwise_or))
op("bitwise_xor", pair(WHOLE), bits(np.bitwise_xor))
op("bitwise_left_shift", pair(INTEGERS), bits(shifted(True), not_bool=True))
op("bitwise_right_shift", pair(INTEGERS), bits(shifted(False), not_bool=True))


def invert(x):
    if is_float(x.dtype):
        raise Refused("dtype")
    return Expected(x.dtype, np.invert(x.data))


op("bitwise_invert", one(WHOLE), invert)

# ---- Signs, neighbours, bounds ----------------------------------------------------



def signbit(x):
    if x.dtype == "bool":
        raise Refused("dtype")
    return Expected("bool", np.signbit(x.data) if is_float(x.dtype) else x.data < 0)


op("signbit", one(), signbit)


def nextafter(a, b):
    a, b, dtype = together(a, b)
    a, b = cast(a, floating(dtype)), cast(b, floating(dtype))
    if a.dtype == "bfloat16":
        x, y = np.broadcast_arrays(a.data, b.data)
        up = np.where(x == 0, np.float32(9.183549615799121e-41) * np.sign(y), 0).astype(np.float32)
        step = np.where((y > x) == (x > 0), 0x10000, -0x10000).astype(np.int64)
        there = (x.view(np.uint32).astype(np.int64) + step).astype(np.uint32).view(np.float32)
        value = np.where(x == y, y, np.where(x == 0, up, there))
        return Expected(a.dtype, np.where(np.isnan(x) | np.isnan(y), np.float32(np.nan), value).astype(np.float32))
    return Expected(a.dtype, np.where(a.data == b.data, b.data, np.nextafter(a.data, b.data)))


op("nextafter", pair(), nextafter)


def clip_inputs(g):
    x = g.tensor()
    same = (g.array(x).dtype,) if g.chance(0.7) else ALL
    return x, None if g.chance(0.2) else g.like(x, same), None if g.chance(0.2) else g.like(x, same)


def clip(x, low, high):
    dtype = x.dtype
    for bound in (low, high):
        dtype = promoted(dtype, bound.dtype) if bound is not None else dtype
    broadcast(*(a for a in (x, low, high) if a is not None))
    if dtype == "bool":
        raise Unclear
    y = cast(x, dtype).data
    if low is not None:
        y = np.maximum(y, cast(low, dtype).data)
    if high is not None:
        y = np.minimum(y, cast(high, dtype).data)
    return Expected(dtype, y, "equal")


op("clip", clip_inputs, clip, nullable=("min", "max"))


def clip_scalar(x, low, high):
    if np.isnan(low) or np.isnan(high) or x.dtype == "bool":
        raise Unclear
    if is_float(x.dtype):
        low, high = holds(low, x.dtype), holds(high, x.dtype)
        return Expected(x.dtype, np.minimum(np.maximum(x.data, low), high), "equal")
    info = np.iinfo(x.dtype)
    if np.ceil(low) > info.max or np.floor(high) < info.min or low > high:
        raise Unclear
    least = int(max(np.ceil(low), info.min)) if np.isfinite(low) else info.min
    most = int(min(np.floor(high), float(info.max))) if np.isfinite(high) else info.max
    return Expected(x.dtype, np.minimum(np.maximum(x.data, x.data.dtype.type(least)),
                                        x.data.dtype.type(min(most, info.max))))


op("clip_scalar", lambda g: (g.tensor(), g.choice([-1.0, 0.0, -2.5, 0.1, float("-inf")]),
                             g.choice([1.0, 3.5, 0.2, 200.0, float("inf")])), clip_scalar)

# ---- Padded -----------------------------------------------------------------------

MODES = {0: "constant", 1: "edge", 2: "reflect", 3: "symmetric", 4: "wrap"}


def pad_inputs(g):
    x = g.tensor(most=300)
    widths = [g.choice([0, 0, 1, 2, 5]) for _ in range(2 * g.array(x).rank)]
    return x, widths, g.int(0, 4), g.choice([0.0, 1.0, 7.0, -1.0, 0.5])


def pad(x, widths, mode, value):
    mode &= 0xFFFFFFFF  # it is an enum of C: 32 bits
    widths = widths[:2 * x.rank] if len(widths) // 2 == x.rank else None
    if widths is None or any(n < 0 for n in widths) or mode not in MODES:
        raise Refused("widths or mode")
    pairs = list(zip(widths[::2], widths[1::2], strict=True))
    sized([n + a + b for n, (a, b) in zip(x.shape, pairs, strict=True)])
    if mode == 0:
        fill = holds(value, x.dtype)
        return moved(x, np.pad(x.data, pairs, constant_values=fill) if x.rank else x.data)
    if any(n == 0 and a + b > 0 for n, (a, b) in zip(x.shape, pairs, strict=True)):
        raise Unclear  # of nothing
    if any(n == 0 for n in x.shape):
        raise Unclear
    return moved(x, np.pad(x.data, pairs, mode=MODES[mode]) if x.rank else x.data)


op("pad", pad_inputs, pad, count=lambda widths: len(widths) // 2)
