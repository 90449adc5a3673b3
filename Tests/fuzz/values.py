"""Random shapes, elements and layouts."""

import numpy as np

from arrays import ALL, FORMATS, Array, cast, greatest, held, is_float, narrowed, packed

SIZES = [0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 7, 8, 9, 16, 17, 33]
LIMIT = 1500  # elements of a made tensor; results may have more


def shape(r, rank=None, least=0, limit=LIMIT):
    rank = r.choices(range(9), [6, 14, 22, 18, 8, 3, 1, 1, 1])[0] if rank is None else rank
    sizes = [max(least, r.choice(SIZES if rank < 5 else SIZES[:10])) for _ in range(rank)]
    while count(sizes) > limit:
        sizes[sizes.index(max(sizes))] //= 2
    # Now and then one long axis, for the loops over vectors and threads.
    if rank and rank <= 2 and r.random() < 0.02:
        sizes[r.randrange(rank)] = r.choice([63, 64, 65, 127, 1000, 1025])
    return tuple(sizes)


def count(sizes):
    n = 1
    for size in sizes:
        n *= size
    return n


def broadcastable(r, target):
    """A shape that broadcasts with `target`, mostly to it."""
    sizes = [1 if r.random() < 0.3 else size for size in target]
    if r.random() < 0.3:
        sizes = sizes[r.randint(0, len(sizes)):]
    return tuple(sizes)


def integers(r, rng, dtype, sizes):
    info = np.iinfo(dtype)
    kind = r.random()
    if kind < 0.6:
        return rng.integers(max(-9, info.min), 10, sizes).astype(dtype)
    if kind < 0.85:
        return rng.integers(info.min, info.max, sizes, dtype=dtype, endpoint=True)
    extremes = np.array([info.min, info.max, info.max - 1, 0, 1, info.min + 1, 2], dtype)
    return rng.choice(extremes, sizes).astype(dtype)


def floats(r, rng, dtype, sizes):
    digits, least, most = FORMATS[dtype]
    kind = r.random()
    if kind < 0.35:
        values = rng.normal(size=sizes) * r.choice([1, 1, 1, 10, 100, 1e-3])
    elif kind < 0.55:
        values = rng.integers(-4, 5, sizes).astype(np.float64)
    elif kind < 0.7:
        values = rng.uniform(-1, 1, sizes)
    elif kind < 0.8:
        with np.errstate(over="ignore", under="ignore"):
            values = np.ldexp(rng.uniform(1, 2, sizes), rng.integers(least - digits, most + 1, sizes))
        values = values * rng.choice([-1.0, 1.0], sizes)
    else:
        values = rng.normal(size=sizes)
    values = np.asarray(values)
    if kind >= 0.8:
        tiny, normal = 2.0 ** (least - digits), 2.0**least
        special = np.array([
            0.0, -0.0, np.inf, -np.inf, np.nan, tiny, -tiny, normal, -normal, normal * (1 - 2.0**-digits),
            greatest(dtype), -greatest(dtype), 1.0, -1.0, 0.5, -0.5, 2.5, 1 + 2.0**-digits, 88.0, -88.0, 710.0,
        ])  # fmt: skip
        chosen = rng.choice(special, sizes)
        values = np.where(rng.random(sizes) < r.choice([0.2, 1.0]), chosen, values)
    with np.errstate(over="ignore"):
        return narrowed(values, dtype)


def elements(r, rng, dtype, sizes):
    if dtype == "bool":
        data = rng.random(sizes) < r.choice([0.1, 0.5, 0.9])
    elif is_float(dtype):
        data = floats(r, rng, dtype, sizes)
    else:
        data = integers(r, rng, dtype, sizes)
    return Array(dtype, packed(np.asarray(data, held(dtype)).reshape(sizes)))


class Leaf:
    """A tensor from data: row-major elements, then views of these."""

    def __init__(self, base, views=()):
        self.base = base
        self.views = tuple(views)

    @property
    def array(self):
        data = self.base.data
        for view in self.views:
            data = view_of(data, view)
        return Array(self.base.dtype, packed(data))

    def __repr__(self):
        return f"leaf {self.base.dtype} {list(self.base.shape)} {literal(self.base.data)}" + "".join(
            f" .{name}({', '.join(map(str, rest))})" for name, *rest in self.views)


def literal(data):
    if data.size > 60:
        return f"({data.size} elements)"
    return str(data.tolist())


def view_of(data, view):
    name, *rest = view
    if name == "slice":
        axis, start, stop, step = rest
        index = [slice(None)] * data.ndim
        index[axis] = slice(start, stop, step)
        return data[tuple(index)]
    if name == "permute":
        return data.transpose(rest[0])
    return np.broadcast_to(data, rest[0])


def leaf(r, rng, dtype, sizes):
    """Elements of a shape in a random layout."""
    rank = len(sizes)
    views = []
    base = list(sizes)
    if rank and r.random() < 0.5:
        kind = r.choice(["permute", "slice", "slice", "flip", "broadcast", "all"])
        if kind in ("broadcast", "all"):
            base = [1 if r.random() < 0.5 and size > 0 else size for size in sizes]
            if base != list(sizes):
                views.append(("broadcast_to", tuple(sizes)))
        if kind in ("slice", "flip", "all"):
            for axis in range(rank):
                if r.random() < 0.6:
                    size = base[axis]
                    if kind == "flip" or size == 0:
                        views.insert(0, ("slice", axis, None, None, -1))
                        continue
                    step, before, behind = r.choice([1, 2, 3, -1, -2]), r.randint(0, 2), r.randint(0, 2)
                    span = (size - 1) * abs(step) + 1
                    base[axis] = before + span + behind
                    if step > 0:
                        views.insert(0, ("slice", axis, before, before + span, step))
                    else:
                        stop = before - 1
                        views.insert(0, ("slice", axis, before + span - 1, stop if stop >= 0 else None, step))
        if kind in ("permute", "all"):
            order = list(range(rank))
            r.shuffle(order)
            inverse = [order.index(i) for i in range(rank)]
            base = [base[i] for i in order]
            views.insert(0, ("permute", tuple(inverse)))
    return Leaf(elements(r, rng, dtype, tuple(base)), views)


def dtype(r, among=ALL):
    return r.choice(among)


__all__ = ["Leaf", "broadcastable", "cast", "count", "dtype", "elements", "leaf", "shape"]
