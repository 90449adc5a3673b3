"""Rows of linalg.h: factors are known by their products, orthogonality and shape."""

import numpy as np

from arrays import Array, epsilon, packed
from compare import Expected, Refused, Unclear, Verified
from ops_elementwise import DTYPE
from ops_reduce import bounded
from table import op
from values import Leaf

FLOATS = ("float32", "float64")
NUMERIC = 10  # TW_ERROR_NUMERIC

# ---- Matrices -----------------------------------------------------------------


def stack(g, rows, columns, kind=None):
    """Matrices of one of some kinds, row-major or transposed."""
    dtype = g.choice(FLOATS)
    before = tuple(g.choice([0, 1, 2, 3]) for _ in range(g.choice([0, 0, 0, 1, 1, 2])))
    shape = (*before, rows, columns)
    kind = kind or g.choice(["normal"] * 5 + ["whole", "low rank", "graded", "tiny", "not finite"])
    data = g.rng.normal(size=shape)
    if kind == "whole":
        data = g.rng.integers(-2, 3, shape).astype(float)
    elif kind == "low rank" and columns > 1:
        data = data[..., :1] * g.rng.integers(-2, 3, columns) * 1.0
    elif kind == "graded":
        data = data * 10.0 ** -np.arange(columns)
    elif kind == "tiny":
        data = data * (1e-40 if dtype == "float32" else 1e-310)
    elif kind == "not finite" and data.size:
        data.flat[g.int(0, data.size - 1)] = g.choice([np.nan, np.inf])
    elif kind == "definite":
        data = data @ np.swapaxes(data, -1, -2) + rows * np.eye(rows)
    return matrices_of(g, dtype, data)


def matrices_of(g, dtype, data):
    data = packed(data.astype(dtype))
    if g.chance(0.5):
        return g.of(dtype, data)
    order = (*range(data.ndim - 2), data.ndim - 1, data.ndim - 2)
    return g.add_leaf(Leaf(Array(dtype, packed(data.transpose(order))), [("permute", order)]))


def size(g):
    return g.choice([0, 1, 1, 2, 2, 3, 3, 5, 8, 17])


def square(kind=None):
    def generate(g):
        n = size(g)
        return (stack(g, n, n, kind),)

    return generate


def definite(g):
    return *square("definite" if g.chance(0.8) else None)(g), g.chance(0.4)


def any_matrix(g):
    return (stack(g, size(g), size(g)),)


def floats_of(x, is_square=False):
    """The matrices in float64, all of which are finite."""
    misshapen = x.rank < 2 or (is_square and x.shape[-1] != x.shape[-2])
    if x.dtype not in FLOATS:
        raise Refused("dtype", None if misshapen else DTYPE)
    if misshapen:
        raise Refused("shape")
    return x.data.astype(np.longdouble)


def finite(a):
    if not np.all(np.isfinite(a)):
        raise Unclear
    return a


def norm(a):
    """Of each matrix."""
    return np.sqrt(np.sum(a * a, axis=(-2, -1)))


def tolerance(x, *more):
    n = max(1, *x.shape[-2:], *more)
    return 20 * n * epsilon(x.dtype)


def least(x):
    """What rounding to denormals makes of a matrix of them."""
    return 40 * max(x.shape[-2:]) ** 2 * (2.0**-149 if x.dtype == "float32" else 2.0**-1074)


def near(product, a, x, what, *more):
    """A line, unless the product is the matrix but for rounding."""
    bad = norm(product - a) > tolerance(x, *more) * norm(a) + least(x)
    return f"{what} is off by {float(np.max(norm(product - a)))}" if np.any(bad) or np.any(np.isnan(product)) else None


def orthonormal(q, x):
    """Columns."""
    q = q.data.astype(np.longdouble)
    gram = np.swapaxes(q, -1, -2) @ q - np.eye(q.shape[-1])
    return None if np.all(norm(gram) <= tolerance(x)) else f"the columns are orthonormal to {float(np.max(norm(gram)))}"


def shaped(found, dtype, shape, what):
    if found.dtype != dtype or found.shape != tuple(shape):
        return f"{what} is {found.dtype} {list(found.shape)}, not {dtype} {list(shape)}"
    return None


def first(*lines):
    return next((line for line in lines if line), None)


def values(x):
    return x.data.astype(np.longdouble)


# ---- Factorisations --------------------------------------------------------------


def cholesky(x, upper):
    a = floats_of(x, True)
    if not np.all(np.isfinite(a)):
        raise (Unclear if a.shape[-1] else Refused)
    triangle = np.triu(a) if upper else np.tril(a)
    symmetric = triangle + np.swapaxes(triangle, -1, -2) - triangle * np.eye(a.shape[-1])
    if a.size:
        least, most = np.linalg.eigvalsh(symmetric.astype(np.float64))[..., [0, -1]].T
        edge = 1e-4 * np.maximum(np.abs(least), np.abs(most))
        if np.any(least < -edge):
            raise Refused("not definite", NUMERIC)
        if np.any(least < edge) or np.any(np.abs(most) < 1e-30):
            raise Unclear

    def check(factor):
        line = shaped(factor, x.dtype, x.shape, "the factor")
        if line:
            return line
        w = values(factor)
        if np.any((np.tril(w, -1) if upper else np.triu(w, 1)) != 0):
            return "the other triangle is not 0"
        product = np.swapaxes(w, -1, -2) @ w if upper else w @ np.swapaxes(w, -1, -2)
        return near(product, symmetric, x, "the product")

    return Verified(check)


op("cholesky", definite, cholesky)


def qr(x, complete):
    a = finite(floats_of(x))
    m, n = a.shape[-2:]
    k = m if complete else min(m, n)

    def check(q, r):
        line = first(shaped(q, x.dtype, (*x.shape[:-2], m, k), "Q"), shaped(r, x.dtype, (*x.shape[:-2], k, n), "R"))
        if line:
            return line
        if np.any(np.tril(r.data, -1) != 0):
            return "R is not triangular"
        return first(near(values(q) @ values(r), a, x, "Q R"), orthonormal(q, x))

    return Verified(check)


op("qr", lambda g: (*any_matrix(g), g.chance(0.4)), qr)


def qr_pivoted(x, complete):
    a = finite(floats_of(x))
    m, n = a.shape[-2:]
    k = m if complete else min(m, n)

    def check(q, r, order):
        line = first(
            shaped(q, x.dtype, (*x.shape[:-2], m, k), "Q"), shaped(r, x.dtype, (*x.shape[:-2], k, n), "R"),
            shaped(order, "int64", (*x.shape[:-2], n), "the order"))
        if line:
            return line
        if np.any(np.sort(order.data, -1) != np.arange(n)):
            return "the order is no permutation"
        diagonal = np.abs(np.diagonal(r.data, 0, -2, -1)).astype(np.float64)
        if np.any(np.diff(diagonal) > 1e-3 * diagonal[..., :-1] + float(tolerance(x)) * np.max(np.abs(a), initial=0)):
            return "R's diagonal grows"
        moved = np.take_along_axis(a, order.data[..., None, :], -1)
        return first(near(values(q) @ values(r), moved, x, "Q R"), orthonormal(q, x))

    return Verified(check)


op("qr_pivoted", lambda g: (*any_matrix(g), g.chance(0.4)), qr_pivoted)


def lu(x):
    a = finite(floats_of(x))
    m, n = a.shape[-2:]
    k = min(m, n)

    def check(factors, pivots):
        line = first(shaped(factors, x.dtype, x.shape, "L and U"),
                     shaped(pivots, "int64", (*x.shape[:-2], k), "the pivots"))
        if line:
            return line
        f = values(factors)
        low = np.tril(f[..., :, :k], -1) + np.eye(m, k)
        if np.any(np.abs(low) > 1 + 4 * epsilon(x.dtype)):
            return "L has elements above 1"
        moved = a.copy()
        for place in np.ndindex(*x.shape[:-2]):
            for i, p in enumerate(pivots.data[place]):
                moved[place][[i, p]] = moved[place][[p, i]]
        up = np.triu(f[..., :k, :])
        bound = tolerance(x) * (norm(np.abs(low) @ np.abs(up)) + norm(a)) + least(x)
        return "L U is not P x" if np.any(~(norm(low @ up - moved) <= bound)) else None

    return Verified(check)


op("lu", any_matrix, lu)

# ---- Systems ----------------------------------------------------------------------


def regular(a, x, share=1e-4):
    """Refused or Unclear for matrices that are singular or nearly so."""
    if a.size:
        if np.any(np.max(np.abs(a), axis=(-2, -1)) < 1e-30):
            raise Unclear
        s = np.linalg.svd(a.astype(np.float64), compute_uv=False)
        if np.any(s[..., -1] <= (share if x.dtype == "float64" else 1e-2) * s[..., 0]):
            raise Unclear


def right_sides(g, a, n):
    array = g.array(a)
    if g.chance(0.3):
        return g.leaf((array.dtype,), (n,))
    before = tuple(1 if g.chance(0.3) else s for s in array.shape[:-2])
    return matrices_of(g, array.dtype, g.rng.normal(size=(*before, n, g.choice([0, 1, 2, 5]))))


def system(g):
    n = size(g)
    a = stack(g, n, n)
    return a, right_sides(g, a, n)


def columns_of(a, b):
    """b as matrices, and whether it was a vector."""
    if b.dtype != a.dtype:
        raise Unclear  # whether they promote, of which the header says nothing
    vector = b.rank == 1
    if b.rank == 0 or b.data.shape[0 if vector else -2] != a.shape[-1]:
        raise Refused("shape")
    w = values(b)
    if np.any(np.abs(w) > 1e30):
        raise Unclear  # solutions beyond the greatest number
    w = w[:, None] if vector else w
    try:
        before = np.broadcast_shapes(a.shape[:-2], w.shape[:-2])
    except ValueError:
        raise Refused("shape") from None
    return w, vector, (*before, *w.shape[-2:])


def solved(a, w, vector, shape, x, factor=1):
    def check(found):
        line = shaped(found, x.dtype, shape[:-1] if vector else shape, "the solution")
        if line:
            return line
        y = values(found)[..., None] if vector else values(found)
        rest = norm(a @ y - w)
        bound = factor * tolerance(x) * (norm(a) * norm(y) + norm(w)) + least(x)
        return f"the residual is {float(np.max(rest))}" if np.any(~(rest <= bound)) else None

    return Verified(check)


def solve(x, b):
    w, vector, shape = columns_of(x, b)
    a = finite(floats_of(x, True))
    finite(w)
    regular(a, x)
    return solved(a, w, vector, shape, x)


op("solve", system, solve)


def triangular_system(g):
    return *system(g), g.chance(0.5), g.chance(0.5), g.chance(0.3)


def solve_triangular(x, b, upper, transposed, unit):
    w, vector, shape = columns_of(x, b)
    a = finite(floats_of(x, True))
    finite(w)
    a = np.triu(a) if upper else np.tril(a)
    eye = np.eye(a.shape[-1])
    if unit:
        a = a * (1 - eye) + eye
    elif np.any(np.diagonal(a, 0, -2, -1) == 0) and count_of(shape):
        raise Refused("a 0 on the diagonal", NUMERIC)
    elif np.any(np.diagonal(a, 0, -2, -1) == 0):
        raise Unclear
    if a.size and (np.max(np.abs(a)) < 1e-30 or np.linalg.cond(a.astype(np.float64)).max() > 1e6):
        raise Unclear
    return solved(np.swapaxes(a, -1, -2) if transposed else a, w, vector, shape, x)


def count_of(shape):
    n = 1
    for s in shape:
        n *= s
    return n


op("solve_triangular", triangular_system, solve_triangular)


def inv(x):
    a = finite(floats_of(x, True))
    regular(a, x)

    def check(found):
        line = shaped(found, x.dtype, x.shape, "the inverse")
        if line:
            return line
        rest = norm(a @ values(found) - np.eye(a.shape[-1]))
        bad = ~(rest <= tolerance(x) * (1 + norm(a) * norm(values(found))))
        return f"x times it is off by {float(np.max(rest))}" if np.any(bad) else None

    return Verified(check)


op("inv", square(), inv)


def determinant(a):
    """By elimination in a wider type."""
    a = a.copy()
    value = np.ones(a.shape[:-2], np.longdouble)
    for place in np.ndindex(*a.shape[:-2]):
        m, d = a[place], np.longdouble(1)
        for i in range(m.shape[0]):
            p = i + int(np.argmax(np.abs(m[i:, i])))
            if m[p, i] == 0:
                d = np.longdouble(0)
                break
            if p != i:
                m[[i, p]] = m[[p, i]]
                d = -d
            d *= m[i, i]
            m[i + 1:] -= np.outer(m[i + 1:, i] / m[i, i], m[i])
        value[place] = d
    return value


def determinant_bound(a, x):
    """n eps times Hadamard's product of the rows' lengths."""
    return tolerance(x) * np.prod(np.sqrt(np.sum(a * a, -1)), -1)


def det(x):
    a = finite(floats_of(x, True))
    exact, bound = determinant(a), determinant_bound(a, x)
    return bounded(x.dtype, exact, bound, np.abs(exact) + bound > 1e30)


op("det", square(), det)


def slogdet(x):
    a = finite(floats_of(x, True))
    exact, bound = determinant(a), determinant_bound(a, x)
    if a.size and np.any(np.max(np.abs(a), axis=(-2, -1)) < 1e-30):
        raise Unclear
    if np.any(np.abs(exact) < 1e4 * bound) or np.any((np.abs(exact) < 1e-300) & (a.shape[-1] > 0)):
        raise Unclear
    logarithm = np.log(np.abs(exact))
    return [Expected(x.dtype, np.sign(exact).astype(x.data.dtype), "equal"),
            bounded(x.dtype, logarithm, bound / np.abs(exact) + 4 * epsilon(x.dtype) * np.abs(logarithm))]


op("slogdet", square(), slogdet)


def matrix_power(x, n):
    a = finite(floats_of(x, True))
    if abs(n) > 8:
        raise Unclear
    if n < 0:
        regular(a, x)
        a = np.linalg.inv(a.astype(np.float64)).astype(np.longdouble)
        if x.dtype == "float64":
            raise Unclear  # the oracle's own inverse is no closer
    power, sizes = np.broadcast_to(np.eye(a.shape[-1], dtype=np.longdouble), a.shape), norm(a)
    for _ in range(abs(n)):
        power = power @ a
    condition = np.linalg.cond(a.astype(np.float64)).max() if n < 0 and a.size else 1
    bound = (tolerance(x) * (abs(n) + 1) * condition * np.maximum(sizes, 1e-30) ** abs(n))[..., None, None]
    bound = np.broadcast_to(bound + least(x), power.shape)
    return bounded(x.dtype, power, bound, np.abs(power) + bound > 1e30)


op("matrix_power", lambda g: (*square()(g), g.choice([-2, -1, 0, 1, 2, 3, 5])), matrix_power)
