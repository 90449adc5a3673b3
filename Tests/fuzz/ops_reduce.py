"""Rows of reductions, running sums, products of matrices and what goes along rows."""

import numpy as np

from arrays import (ALL, FLOATS, FORMATS, NUMERIC, Array, cast, epsilon, floating, greatest, is_float, narrowed,
                    promoted, spacing, wide)
from compare import Expected, Refused
from ops_elementwise import gelu, sigmoid
from table import exempt, op

INDEX = 6  # TW_ERROR_INDEX
INVALID = 1


def checked_axes(axes, rank):
    """Axes of 0 ... rank - 1, each once; all for None."""
    if axes is None:
        return tuple(range(rank))
    twice = len({a % rank if rank else a for a in axes}) != len(axes)
    if not all(-rank <= axis < rank for axis in axes):
        raise Refused("axis", None if twice or len(axes) > 8 else INDEX)
    if twice:
        raise Refused("an axis twice", INVALID if len(axes) <= 8 else None)
    return tuple(axis % rank for axis in axes)


def checked_axis(axis, rank):
    if not -rank <= axis < rank:
        raise Refused("axis", INDEX)
    return axis % rank


def reduction(dtypes=ALL):
    return lambda g: over_axes(g, g.tensor(dtypes))


def over_axes(g, x):
    return x, g.axes(x), g.chance(0.4)


def along(dtypes=ALL):
    def generate(g):
        x = g.tensor(dtypes, least_rank=1)
        return x, g.axis(x)

    return generate


def along_with_flag(dtypes=ALL):
    return lambda g: (*along(dtypes)(g), g.chance(0.4))


def summed(x):
    """bool and integers as int64 (unsigned ones as uint64, where there is one)."""
    if is_float(x.dtype):
        return x
    from library import DTYPES

    unsigned = "uint64" in DTYPES and x.dtype.startswith("uint")
    return cast(x, "uint64" if unsigned else "int64")


def terms(x, axes):
    n = 1
    for axis in axes:
        n *= x.shape[axis]
    return n


def rounding(dtype):
    """Of what a 16-bit result is computed in."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def bounded(dtype, exact, bound, free=None):
    """A result within a bound, and rounded to its type."""
    with np.errstate(all="ignore"):
        bound = np.where(np.isfinite(bound), bound, 0).astype(np.longdouble)
        bound = bound + spacing(np.abs(exact) + bound, dtype) * (0.51 if dtype in ("float16", "bfloat16") else 1)
    return Expected(dtype, exact, "bound", bound=bound, free=free)


def sum_(x, axes, keepdims):
    axes = checked_axes(axes, x.rank)
    x = summed(x)
    if not is_float(x.dtype):
        return Expected(x.dtype, np.sum(x.data, axis=axes, keepdims=keepdims, dtype=x.data.dtype))
    return sum_of(x, axes, keepdims)


def sum_of(x, axes, keepdims, divisor=1):
    w = wide(x)
    exact = np.sum(w, axis=axes, keepdims=keepdims)
    size = np.sum(np.where(np.isfinite(w), np.abs(w), 0), axis=axes, keepdims=keepdims)
    bound = terms(x, axes) * epsilon(rounding(x.dtype)) * size
    # A sum of parts may overflow where the whole does not.
    free = size >= 0.99 * greatest(rounding(x.dtype))
    with np.errstate(all="ignore"):
        return bounded(x.dtype, exact / divisor, bound / max(divisor, 1), free)


op("sum", reduction(), sum_)


def mean(x, axes, keepdims):
    axes = checked_axes(axes, x.rank)
    x = x if is_float(x.dtype) else cast(x, "float64")
    n = terms(x, axes)
    if n == 0:
        shape = np.sum(x.data, axis=axes, keepdims=keepdims).shape
        return Expected(x.dtype, np.full(shape, np.nan), "ulps")
    return sum_of(x, axes, keepdims, n)


op("mean", reduction(), mean)


def prod(x, axes, keepdims):
    axes = checked_axes(axes, x.rank)
    x = summed(x)
    if not is_float(x.dtype):
        return Expected(x.dtype, np.prod(x.data, axis=axes, keepdims=keepdims, dtype=x.data.dtype))
    w = wide(x)
    exact = np.prod(w, axis=axes, keepdims=keepdims)
    bound = terms(x, axes) * epsilon(rounding(x.dtype)) * np.abs(exact)
    return bounded(x.dtype, exact, bound, out_of_range(w, axes, keepdims, rounding(x.dtype)))


def out_of_range(w, axes, keepdims, dtype):
    """Whether a product of some of the elements may overflow or lose digits."""
    digits, least, most = FORMATS[dtype]
    size = np.abs(w)
    sizes = np.log2(np.where((size > 0) & np.isfinite(size), size, 1))
    above = np.sum(np.maximum(sizes, 0), axis=axes, keepdims=keepdims)
    below = np.sum(np.minimum(sizes, 0), axis=axes, keepdims=keepdims)
    return (above >= most - 1) | (below <= least + 1)


op("prod", reduction(), prod)


def extreme(function):
    def oracle(x, axes, keepdims):
        axes = checked_axes(axes, x.rank)
        if terms(x, axes) == 0:
            raise Refused("of nothing", 4)
        return Expected(x.dtype, function(x.data, axis=axes, keepdims=keepdims), "equal")

    return oracle


op("max", reduction(), extreme(np.max))
op("min", reduction(), extreme(np.min))


def with_correction(g):
    return *reduction()(g), g.choice([0.0, 1.0, 0.5, 2.0])


def var(x, axes, keepdims, correction):
    axes = checked_axes(axes, x.rank)
    x = x if is_float(x.dtype) else cast(x, "float64")
    w = wide(x)
    n = terms(x, axes)
    with np.errstate(all="ignore"):
        if n == 0:
            shape = np.sum(x.data, axis=axes, keepdims=keepdims).shape
            divisor = max(-correction, 0)
            return Expected(x.dtype, np.full(shape, 0 / divisor if divisor > 0 else np.nan), "ulps")
        centred = w - np.sum(w, axis=axes, keepdims=True) / n
        squares = np.sum(centred * centred, axis=axes, keepdims=keepdims)
        divisor = w.dtype.type(max(n - correction, 0))
        size = np.max(np.abs(w), axis=axes, keepdims=keepdims)
        eps = 2.0**-52  # of float32 too: its moments are taken in float64
        bound = (n + 8) * eps * squares + 8 * n * (n + 4) * (eps * size) ** 2
        free = np.isfinite(size) & (size > np.sqrt(greatest("float64") / (4 * n)))
        # Squares that are less than the least number, over 0.
        free |= (divisor == 0) & (squares < 1e-300)
        if correction != correction or correction in (np.inf, -np.inf):
            free = np.ones_like(free)
        return bounded(x.dtype, squares / divisor, bound / np.maximum(divisor, 1e-300), free)


op("var", with_correction, var)


def std(x, axes, keepdims, correction):
    """The root of the variance: half its relative error, and where it is nearly 0 the root of its error."""
    variance = var(x, axes, keepdims, correction)
    with np.errstate(all="ignore"):
        exact = np.sqrt(variance.value.astype(np.longdouble))
        if variance.how != "bound":
            return Expected(variance.dtype, exact, "ulps", ulps=2)
        bound = np.minimum(np.sqrt(variance.bound), variance.bound / exact)
        bound = np.where(np.isnan(bound), 0, bound)
        # Of squares beyond the range of the dtype, where the variance is rounded before its root is taken.
        digits, least, most = FORMATS[variance.dtype]
        free = variance.free | (variance.value > 2.0 ** (most - 1)) | (variance.value < 2.0**least)
        return bounded(variance.dtype, exact, bound, free)


op("std", with_correction, std)


def logsumexp_of(w, axes, keepdims):
    top = np.max(w, axis=axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    value = np.log(np.sum(np.exp(w - top), axis=axes, keepdims=True)) + top
    return value if keepdims else np.squeeze(value, axis=axes)


def logsumexp(x, axes, keepdims):
    axes = checked_axes(axes, x.rank)
    x = cast(x, floating(x.dtype))
    w = wide(x)
    exact = logsumexp_of(w, axes, keepdims)
    size = np.max(np.where(np.isfinite(w), np.abs(w), 0), axis=axes, keepdims=keepdims, initial=0)
    bound = epsilon(rounding(x.dtype)) * (2 * size + terms(x, axes) + 4)
    return bounded(x.dtype, exact, bound)


op("logsumexp", reduction(), logsumexp)


def norm(x, axes, keepdims):
    axes = checked_axes(axes, x.rank)
    x = cast(x, floating(x.dtype))
    w = wide(x)
    exact = np.sqrt(np.sum(w * w, axis=axes, keepdims=keepdims))
    return bounded(x.dtype, exact, (terms(x, axes) + 2) * epsilon(rounding(x.dtype)) * exact)


op("norm", reduction(), norm)


def truth(function):
    return lambda x, axes, keepdims: Expected(
        "bool", function(x.data != 0, axis=checked_axes(axes, x.rank), keepdims=keepdims))


op("any", reduction(), truth(np.any))
op("all", reduction(), truth(np.all))


def position(function):
    def oracle(x, axis, keepdims):
        axis = checked_axis(axis, x.rank)
        if x.shape[axis] == 0:
            raise Refused("of nothing", 4)
        return Expected("int64", function(x.data, axis=axis, keepdims=keepdims).astype(np.int64))

    return oracle


op("argmax", along_with_flag(), position(np.argmax))
op("argmin", along_with_flag(), position(np.argmin))

# ---- Accumulated ----------------------------------------------------------------


def cumulative(function, first):
    def oracle(x, axis, include_initial):
        axis = checked_axis(axis, x.rank)
        x = summed(x)
        data = wide(x) if is_float(x.dtype) else x.data
        value = function(data, axis=axis, dtype=data.dtype)
        if include_initial:
            start = np.full([1 if i == axis else n for i, n in enumerate(x.shape)], first, value.dtype)
            value = np.concatenate([start, value], axis=axis)
        if not is_float(x.dtype):
            return Expected(x.dtype, value)
        n = x.shape[axis]
        eps = epsilon(rounding(x.dtype))

        def running(f, of):
            part = f(of, axis=axis)
            if include_initial:
                part = np.concatenate([np.zeros_like(np.take(part, [0], axis)) if n else np.zeros(value.shape), part],
                                      axis=axis) if n else np.zeros(value.shape)
            return part

        if function is np.cumsum:
            size = running(np.cumsum, np.abs(data))
            # Carried in more digits than the type has: a long sum is as good as a short one.
            bound = 4 * eps * np.abs(value) + n * 2.0 ** (-90 if x.dtype == "float64" else -50) * size
            # An infinity beside finite ones whose own sum overflows may be NaN.
            finite = running(np.cumsum, np.where(np.isfinite(data), np.abs(data), 0))
            free = finite >= 0.99 * greatest(x.dtype) if x.dtype == "float64" else None
            return bounded(x.dtype, value, bound, free)
        size = np.abs(data)
        sizes = np.log2(np.where((size > 0) & np.isfinite(size), size, 1))
        digits, least, most = FORMATS["float64"]
        free = (running(np.cumsum, np.maximum(sizes, 0)) >= most - 1) | (
            running(np.cumsum, np.minimum(sizes, 0)) <= least + 1)
        return bounded(x.dtype, value, n * eps * np.abs(value), free)

    return oracle


op("cumulative_sum", along_with_flag(), cumulative(np.cumsum, 0))
op("cumulative_prod", along_with_flag(), cumulative(np.cumprod, 1))

# ---- Products -------------------------------------------------------------------


def matmul_shapes(g):
    a = g.tensor(FLOATS if g.chance(0.8) else ALL, least_rank=1, most=3000)
    shape = g.array(a).shape
    k, n = shape[-1], g.choice([0, 1, 2, 3, 5, 8, 17])
    kind = g.r.random()
    if kind < 0.25:
        other = (k,)
    elif kind < 0.7 or len(shape) < 3:
        other = (k, n)
    else:
        other = (*(1 if g.chance(0.3) else size for size in shape[:-2]), k, n)
    if g.chance(0.03):
        other = g.shape()
    same = (g.array(a).dtype,) if g.chance(0.8) else ALL
    return a, g.tensor(same, shape=other)


def products(a, b):
    """Two wide arrays' matrix product, and the product of their sizes."""
    if a.ndim == 0 or b.ndim == 0:
        raise Refused("a scalar")
    try:
        np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        if a.shape[-1] != (b.shape[-2] if b.ndim > 1 else b.shape[0]):
            raise Refused("inner sizes")
        # Of the finite ones alone: whether these overflow decides what an infinity beside them makes of the sum.
        return np.matmul(a, b), np.matmul(*(np.where(np.isfinite(x), np.abs(x), 0) for x in (a, b)))
    except ValueError as error:
        raise Refused(str(error)) from None


def product_bound(dtype, exact, size, k):
    eps = epsilon(rounding(dtype))
    # Products below the least number lose up to half of it each.
    tiny = 2.0 ** (FORMATS[rounding(dtype)][1] - FORMATS[rounding(dtype)][0])
    free = size >= 0.99 * greatest(rounding(dtype))
    return (k + 2) * (eps * size + tiny), free


def with_denormals(exact, bound, free, arrays, k, function=np.matmul):
    """
    The bound and what is free where denormals may count as 0, as in processors' own products of bfloat16: of a function
    that sums k products of an element of each array.
    """
    least = 2.0 ** FORMATS["bfloat16"][1]
    finite = [np.where(np.isfinite(x), np.abs(x), 0) for x in arrays]
    for i, x in enumerate(finite):
        bound = bound + function(*finite[:i], np.where(x < least, x, 0), *finite[i + 1:])
    without = function(*(np.where(np.abs(x) < least, 0, x) for x in arrays))
    return bound + (k + 1) * least, free | (np.isnan(without) & ~np.isnan(exact))


def matmul(a, b):
    dtype = promoted(a.dtype, b.dtype)
    if dtype == "bool":
        raise Refused("dtype")
    a, b = cast(a, dtype), cast(b, dtype)
    if not is_float(dtype):
        if a.rank == 0 or b.rank == 0:
            raise Refused("a scalar")
        return Expected(dtype, np.matmul(a.data, b.data))
    exact, size = products(wide(a), wide(b))
    bound, free = product_bound(dtype, exact, size, a.shape[-1])
    if dtype == "bfloat16":
        bound, free = with_denormals(exact, bound, free, (wide(a), wide(b)), a.shape[-1])
    return bounded(dtype, exact, bound, free)


op("matmul", matmul_shapes, matmul, weight=2)


def linear_inputs(g):
    x = g.tensor(FLOATS, least_rank=1, most=3000)
    dtype = (g.array(x).dtype,)
    n = g.choice([0, 1, 2, 3, 5, 8, 17])
    weight = g.tensor(dtype, shape=(n, g.array(x).shape[-1]))
    return x, weight, (g.tensor(dtype, shape=(n,)) if g.chance(0.6) else None)


def linear_exact(x, weight, bias):
    if weight.rank != 2 or x.rank < 1 or x.shape[-1] != weight.shape[1]:
        raise Refused("shape")
    if not x.dtype == weight.dtype or not is_float(x.dtype):
        raise Refused("dtype")
    exact, size = products(wide(x), wide(weight).T)
    product = exact
    if bias is not None:
        if bias.dtype != x.dtype or bias.shape != weight.shape[:1]:
            raise Refused("bias")
        exact, size = exact + wide(bias), size + np.where(np.isfinite(wide(bias)), np.abs(wide(bias)), 0)
    bound, free = product_bound(x.dtype, exact, size, weight.shape[1] + 1)
    if x.dtype == "bfloat16":
        bound, free = with_denormals(product, bound, free, (wide(x), wide(weight).T), x.shape[-1])
    if x.dtype in ("float16", "bfloat16"):
        # The product is rounded before the bias is added, and may be infinite then.
        free = free | (np.abs(product) + bound >= 0.99 * greatest(x.dtype))
        bound = bound + 1.1 * spacing(np.where(np.isfinite(size), size, 1), x.dtype)
    return exact, bound, free


def linear(x, weight, bias):
    exact, bound, free = linear_exact(x, weight, bias)
    return bounded(x.dtype, exact, bound, free)


op("linear", linear_inputs, linear, nullable=("bias",))


def relu(x):
    return np.where(np.isnan(x), x, np.maximum(x, 0))


# The functions and the most that each enlarges an error in its argument by.
ACTIVATIONS = {0: (lambda x: x, 1), 1: (relu, 1), 2: (gelu, 1.13), 3: (np.tanh, 1), 4: (sigmoid, 0.25)}


def linear_activation(x, weight, bias, activation):
    activation &= 0xFFFFFFFF  # it is an enum of C: 32 bits
    if activation not in ACTIVATIONS:
        raise Refused("activation", INVALID)
    exact, bound, free = linear_exact(x, weight, bias)
    function, slope = ACTIVATIONS[activation]
    value = function(exact)
    with np.errstate(all="ignore"):
        bound = slope * bound + 8 * epsilon(rounding(x.dtype)) * np.abs(value)
        if x.dtype in ("float16", "bfloat16"):
            bound = bound + 1.1 * spacing(np.where(np.isfinite(exact), exact, 1), x.dtype)
    return bounded(x.dtype, value, bound, free)


op("linear_activation", lambda g: (*linear_inputs(g), g.int(0, 4)), linear_activation, nullable=("bias",))

# ---- Rows ------------------------------------------------------------------------


def softmax_of(w, axis):
    top = np.max(w, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(w - np.where(np.isfinite(top), top, top))
    return e / np.sum(e, axis=axis, keepdims=True)


def row_rounding(w, axis, dtype):
    """What rounding x - max costs: half an ulp of the spread of a row."""
    finite = np.where(np.isfinite(w), w, 0)
    spread = np.max(np.abs(finite), axis=axis, keepdims=True, initial=0)
    return (2 * spread + w.shape[axis] + 8) * epsilon(rounding(dtype))


def softmax(x, axis):
    axis = checked_axis(axis, x.rank)
    x = cast(x, floating(x.dtype))
    w = wide(x)
    exact = softmax_of(w, axis)
    bound = row_rounding(w, axis, x.dtype) * exact + 2.0 ** FORMATS[rounding(x.dtype)][1]
    return bounded(x.dtype, exact, bound)


def log_softmax(x, axis):
    axis = checked_axis(axis, x.rank)
    x = cast(x, floating(x.dtype))
    w = wide(x)
    top = np.max(w, axis=axis, keepdims=True, initial=-np.inf)
    exact = w - top - np.log(np.sum(np.exp(w - top), axis=axis, keepdims=True))
    free = np.isfinite(w) & (np.abs(w) > greatest(rounding(x.dtype)) / 4)
    return bounded(x.dtype, exact, np.broadcast_to(row_rounding(w, axis, x.dtype), w.shape), free)


op("softmax", along(), softmax)
op("log_softmax", along(), log_softmax)
exempt("random", "dropout")
