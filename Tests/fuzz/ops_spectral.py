"""Rows of spectral.h: eigenvalues, singular values, and what is made of them."""

import numpy as np

from arrays import Array, cast, epsilon, floating, greatest, is_float, wide
from compare import Expected, Refused, Unclear, Verified
from ops_elementwise import DTYPE
from ops_linalg import (NUMERIC, any_matrix, first, floats_of, least, near, norm, orthonormal, shaped, square,
                        tolerance, values)
from ops_reduce import bounded, checked_axes, over_axes, rounding, terms
from table import op


def not_finite(a):
    if not np.all(np.isfinite(a)):
        raise Refused("not finite", NUMERIC)
    return a


def within(s, left, a, right, x):
    """
    The values `s` of the vectors in the columns of `left` and `right`, with what the vectors make of the matrix for
    those that are infinite: None, where that is no number too great for the dtype.
    """
    s, beyond = values(s), np.isinf(s.data)
    along = np.einsum("...ik,...ij,...jk->...k", left, a, right)
    if np.any(beyond & (np.sign(s) * along < 0.99 * greatest(x.dtype))):
        return None
    return np.where(beyond, along, s)


def eigh(x):
    a = not_finite(np.tril(floats_of(x, True)))
    a = a + np.swapaxes(np.tril(a, -1), -1, -2)

    def check(w, v):
        line = first(shaped(w, x.dtype, x.shape[:-1], "w"), shaped(v, x.dtype, x.shape, "V"))
        if line:
            return line
        if np.any(np.diff(w.data) < 0):
            return "w does not ascend"
        w = within(w, values(v), a, values(v), x)
        if w is None:
            return "w is infinite"
        product = (values(v) * w[..., None, :]) @ np.swapaxes(values(v), -1, -2)
        return first(near(product, a, x, "V w V'"), orthonormal(v, x))

    return Verified(check)


op("eigh", square(), eigh)


def svd(x, full):
    a = not_finite(floats_of(x))
    m, n = a.shape[-2:]
    k = min(m, n)

    def check(s, u, vh):
        line = first(
            shaped(s, x.dtype, (*x.shape[:-2], k), "s"), shaped(u, x.dtype, (*x.shape[:-2], m, m if full else k), "U"),
            shaped(vh, x.dtype, (*x.shape[:-2], n if full else k, n), "V'"))
        if line:
            return line
        if np.any(s.data < 0) or np.any(np.diff(s.data) > 0):
            return "s is not descending from 0 or more"
        v = Array(vh.dtype, np.swapaxes(vh.data, -1, -2))
        s = within(s, values(u)[..., :k], a, values(v)[..., :k], x)
        if s is None:
            return "s is infinite"
        product = (values(u)[..., :k] * s[..., None, :]) @ values(vh)[..., :k, :]
        return first(near(product, a, x, "U s V'"), orthonormal(u, x), orthonormal(v, x))

    return Verified(check)


op("svd", lambda g: (*any_matrix(g), g.chance(0.4)), svd)


def no_tolerance(g):
    return *any_matrix(g), None


def pinv(x, rtol):
    a = not_finite(floats_of(x))
    if rtol is not None:
        raise Unclear
    if a.size:
        if np.any(np.max(np.abs(a), axis=(-2, -1)) < 1e-30):
            raise Unclear
        s = np.linalg.svd(a.astype(np.float64), compute_uv=False)
        if np.any(s[..., -1] < 1e-2 * s[..., 0]):
            raise Unclear

    def check(found):
        line = shaped(found, x.dtype, (*x.shape[:-2], x.shape[-1], x.shape[-2]), "the result")
        if line:
            return line
        p = values(found)
        rest = norm(a @ p @ a - a)
        bad = ~(rest <= 100 * tolerance(x) * norm(a) * (1 + norm(a) * norm(p)))
        rest = norm(p @ a @ p - p)
        bad |= ~(rest <= 100 * tolerance(x) * norm(p) * (1 + norm(a) * norm(p)))
        return "x p x is not x, or p x p not p" if np.any(bad) else None

    return Verified(check)


op("pinv", no_tolerance, pinv, nullable=("rtol",))


def matrix_rank(x, rtol):
    a = not_finite(floats_of(x))
    if rtol is not None:
        raise Unclear
    s = np.linalg.svd(a.astype(np.float64), compute_uv=False)
    top = np.max(s, -1, initial=0, keepdims=True)
    edge = max(a.shape[-2:]) * epsilon(x.dtype) * top
    if np.any((s > edge / 30) & (s < edge * 30) & (top > 0)) or np.any((top > 0) & (top < 1e-30)):
        raise Unclear
    return Expected("int64", np.sum(s > edge, -1).astype(np.int64))


op("matrix_rank", no_tolerance, matrix_rank, nullable=("rtol",))


def matrix_norm(x, kind, keepdims):
    a = floats_of(x)
    kind &= 0xFFFFFFFF  # it is an enum of C: 32 bits
    if kind > 7:
        raise Refused("kind", 1)
    if not np.all(np.isfinite(a)) or 0 in a.shape[-2:]:
        raise Unclear
    if kind == 0:
        value = norm(a)
    elif kind in (1, 4, 5):
        s = np.linalg.svd(a.astype(np.float64), compute_uv=False).astype(np.longdouble)
        value = np.sum(s, -1) if kind == 1 else s[..., 0] if kind == 4 else s[..., -1]
    else:
        sums = np.sum(np.abs(a), -2 if kind in (2, 3) else -1)
        value = np.max(sums, -1) if kind in (2, 6) else np.min(sums, -1)
    bound = tolerance(x) * norm(a) * (np.sqrt(max(a.shape[-2:])) if kind == 1 else 1) + least(x)
    if keepdims:
        value, bound = value[..., None, None], bound[..., None, None]
    return bounded(x.dtype, value, bound)


op("matrix_norm", lambda g: (*any_matrix(g), g.int(0, 7), g.chance(0.4)), matrix_norm)


def vector_norm(x, axes, keepdims, ord):
    try:
        axes = checked_axes(axes, x.rank)
    except Refused as wrong:
        raise wrong if is_float(x.dtype) else Refused("axes and dtype") from None  # either status is right
    if not is_float(x.dtype):
        raise Refused("dtype", DTYPE)
    if ord != ord:
        raise Refused("ord", 1)
    x = cast(x, floating(x.dtype))
    n = terms(x, axes)
    w = np.abs(wide(x).astype(np.longdouble))
    if n == 0 or not np.all(np.isfinite(w)):
        raise Unclear
    if ord in (np.inf, -np.inf):
        value = (np.max if ord > 0 else np.min)(w, axis=axes, keepdims=keepdims)
    elif ord == 0:
        value = np.sum(w != 0, axis=axes, keepdims=keepdims, dtype=np.longdouble)
    else:
        if abs(ord) > 20 or (ord < 0 and np.any(w == 0)):
            raise Unclear
        top = np.max(w, axis=axes, keepdims=True)
        top = np.where(top > 0, top, 1)
        value = np.sum((w / top) ** np.longdouble(ord), axis=axes, keepdims=True) ** (1 / np.longdouble(ord)) * top
        value = value if keepdims else np.squeeze(value, axis=axes)
    share = (n + 10) * epsilon(rounding(x.dtype)) * (1 + 1 / abs(ord) if ord not in (0, np.inf, -np.inf) else 1)
    return bounded(x.dtype, value, share * value)


op("vector_norm", lambda g: (*over_axes(g, g.tensor(("float16", "float32", "float64"))),
                             g.choice([2.0, 1.0, 0.0, 3.0, float("inf"), float("-inf"), 0.5, -1.0])), vector_norm)
