"""Rows of what is done element by element."""

import numpy as np

from arrays import (ALL, INTEGERS, Array, cast, floating, held, is_float, narrowed, promoted,
                    round_bfloat16, spacing, wide)
from compare import Expected, Refused
from table import op

# ---- Generators ---------------------------------------------------------------


def one(dtypes=ALL, **wanted):
    return lambda g: (g.tensor(dtypes, **wanted),)


def pair(dtypes=ALL):
    return lambda g: g.pair(dtypes)


def with_number(dtypes=ALL):
    return lambda g: (g.tensor(dtypes), g.number())


# ---- Oracles -------------------------------------------------------------------


def broadcast(*arrays):
    try:
        return np.broadcast_arrays(*(a.data for a in arrays))
    except ValueError as error:
        raise Refused(str(error)) from None


def refuse(dtype, not_of):
    if dtype in not_of:
        raise Refused("dtype", DTYPE)


def together(a, b):
    """Both broadcast, in the dtype that they promote to."""
    broadcast(a, b)
    dtype = promoted(a.dtype, b.dtype)
    return cast(a, dtype), cast(b, dtype), dtype


def in_type(function, data, dtype):
    """What one rounded operation gives: of a 16-bit type the float32 result, rounded."""
    if dtype == "float16":
        return function(*(d.astype(np.float32) for d in data)).astype(np.float16)
    result = function(*data)
    return round_bfloat16(result) if dtype == "bfloat16" else result.astype(held(dtype))


def rounded_once(function, not_of=(), how="exact"):
    """Of two of one type, to that type."""

    def oracle(a, b):
        a, b, dtype = together(a, b)
        refuse(dtype, not_of)
        return Expected(dtype, in_type(function, (a.data, b.data), dtype), how)

    return oracle


def one_rounded_once(function, not_of=(), how="exact"):
    def oracle(x):
        refuse(x.dtype, not_of)
        return Expected(x.dtype, in_type(function, (x.data,), x.dtype), how)

    return oracle


# The functions that err by more than 2 units in the last place, and by how many at most. No others may.
BEYOND = {
    "tan": {"float64": 3},
    "gelu": {"float32": 5, "float64": 5},
    "silu": {"float32": 3, "float64": 3},
    "gelu_tanh": {"float32": 3, "float64": 3},
}

# By how much the results of 16-bit types may differ: what was computed in float32, to some ulp of that, is rounded.
SHORT = 0.51
DTYPE = 5  # TW_ERROR_DTYPE
SHORT_FLOATS = ("float16", "bfloat16")


def tolerance(dtype, name=None):
    return SHORT if dtype in SHORT_FLOATS else BEYOND.get(name, {}).get(dtype, 2)


def elementary(function, name=None, not_of=(), signed_zeros=True):
    """A function of the reals; integers are taken as floats."""

    def oracle(x):
        x = cast(x, floating(x.dtype))
        refuse(x.dtype, not_of)
        value = function(wide(x))
        return Expected(x.dtype, value, "ulps", ulps=tolerance(x.dtype, name), signed_zeros=signed_zeros)

    return oracle


def elementary_of_two(function):
    """The same of two."""

    def oracle(a, b):
        a, b, dtype = together(a, b)
        a, b = cast(a, floating(dtype)), cast(b, floating(dtype))
        value = function(wide(a), wide(b))
        return Expected(a.dtype, value, "ulps", ulps=tolerance(a.dtype), signed_zeros=False)

    return oracle


# ---- Arithmetic ----------------------------------------------------------------


def multiply(a, b):
    return np.logical_and(a, b) if a.dtype == bool else a * b


op("add", pair(), rounded_once(np.add))
op("subtract", pair(), rounded_once(lambda a, b: a - b, not_of=("bool",)))
op("multiply", pair(), rounded_once(multiply))
op("maximum", pair(), rounded_once(np.maximum, how="equal"))
op("minimum", pair(), rounded_once(np.minimum, how="equal"))


def divide(a, b):
    a, b, dtype = together(a, b)
    a, b = cast(a, floating(dtype)), cast(b, floating(dtype))
    return Expected(a.dtype, in_type(np.divide, (a.data, b.data), a.dtype))


op("divide", pair(), divide)
op("floor_divide", pair(), rounded_once(np.floor_divide, not_of=("bool",)))
op("remainder", pair(), rounded_once(np.remainder, not_of=("bool",)))


def integer_power(a, b, dtype):
    info = np.iinfo(dtype)
    bits = info.bits
    a, b = np.broadcast_arrays(a, b)

    def of(base, exponent):
        base, exponent = int(base), int(exponent)
        if exponent < 0:
            return {1: 1, -1: 1 if exponent % 2 == 0 else -1}.get(base, 0)
        value = pow(base, exponent, 1 << bits)
        return value - (1 << bits) if info.min < 0 and value >= 1 << (bits - 1) else value

    flat = [of(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)]
    return np.array(flat, dtype).reshape(a.shape)


def power(a, b):
    a, b, dtype = together(a, b)
    if dtype == "bool":
        raise Refused("bool")
    if not is_float(dtype):
        return Expected(dtype, integer_power(a.data, b.data, dtype))
    return Expected(dtype, np.power(wide(a), wide(b)), "ulps", ulps=tolerance(dtype))


op("power", pair(), power)
op("atan2", pair(), elementary_of_two(np.arctan2))
op("hypot", pair(), elementary_of_two(np.hypot))


def logaddexp(a, b):
    """
    The greater input and log1p(exp(-d)), d the distance of the two: to 2 ulp of the result or, where these cancel, of
    the logarithm, and what rounding d costs that.
    """
    a, b, dtype = together(a, b)
    a, b = cast(a, floating(dtype)), cast(b, floating(dtype))
    x, y = wide(a), wide(b)
    value = np.logaddexp(x, y)
    value = np.where(np.isneginf(x) & np.isneginf(y), -np.inf, value)
    apart = np.abs(x - y)
    scale = np.maximum(np.abs(value), np.abs(value - np.maximum(x, y)))
    scale, apart = (np.where(np.isfinite(z), z, 1) for z in (scale, apart))
    bound = 2 * spacing(scale, a.dtype) + np.exp(-apart) * spacing(apart, a.dtype)
    return Expected(a.dtype, value, "bound", bound=bound)


op("logaddexp", pair(), logaddexp)


def copysign(a, b):
    a, b, dtype = together(a, b)
    a, b = cast(a, floating(dtype)), cast(b, floating(dtype))
    return Expected(a.dtype, np.copysign(a.data, b.data), "bits")


op("copysign", pair(), copysign)

# ---- With a number -------------------------------------------------------------


def scalar_of(x, number):
    """The number as the tensor that stands for it beside x."""
    fits = is_float(x.dtype)
    if x.dtype in INTEGERS and np.isfinite(number) and number == int(number):
        info = np.iinfo(x.dtype)
        fits = info.min <= int(number) <= info.max
    dtype = x.dtype if fits else "float64"
    if is_float(dtype):
        with np.errstate(over="ignore"):
            return Array(dtype, np.asarray(narrowed(np.float64(number), dtype)))
    return Array(dtype, np.asarray(int(number), dtype))


def with_scalar(oracle):
    return lambda x, number: oracle(x, scalar_of(x, number))


op("add_scalar", with_number(), with_scalar(rounded_once(np.add)))
op("subtract_scalar", with_number(), with_scalar(rounded_once(lambda a, b: a - b, not_of=("bool",))))
op("multiply_scalar", with_number(), with_scalar(rounded_once(multiply)))
op("divide_scalar", with_number(), with_scalar(divide))


def power_scalar(x, number):
    if is_float(x.dtype) and abs(number) == 0.5:
        # tw_sqrt and tw_rsqrt: -0 and -inf have other powers, but the same roots as there.
        w = np.sqrt(wide(x))
        return Expected(x.dtype, w if number > 0 else 1 / w, "ulps", ulps=tolerance(x.dtype))
    return power(x, scalar_of(x, number))


op("power_scalar", with_number(), power_scalar)

# ---- Comparisons and logic -----------------------------------------------------


def comparison(function):
    def oracle(a, b):
        a, b, _ = together(a, b)
        return Expected("bool", function(a.data, b.data))

    return oracle


op("equal", pair(), comparison(np.equal))
op("not_equal", pair(), comparison(np.not_equal))
op("less", pair(), comparison(np.less))
op("less_equal", pair(), comparison(np.less_equal))
op("greater", pair(), comparison(np.greater))
op("greater_equal", pair(), comparison(np.greater_equal))


def logic(function):
    def oracle(*inputs):
        broadcast(*inputs)
        return Expected("bool", function(*(x.data != 0 for x in inputs)))

    return oracle


op("logical_and", pair(), logic(np.logical_and))
op("logical_or", pair(), logic(np.logical_or))
op("logical_xor", pair(), logic(np.logical_xor))
op("logical_not", one(), logic(np.logical_not))

# ---- One input -----------------------------------------------------------------

op("negative", one(), one_rounded_once(lambda x: -x, not_of=("bool",)))
op("absolute", one(), one_rounded_once(np.abs, not_of=("bool",)))
op("sign", one(), one_rounded_once(np.sign, not_of=("bool",), how="equal"))
op("square", one(), one_rounded_once(lambda x: x * x, not_of=("bool",)))


def whole(function):
    """Rounding, which leaves integers as they are (NumPy's makes doubles of some)."""
    return one_rounded_once(lambda x: function(x) if x.dtype.kind == "f" else x, not_of=("bool",))


op("floor", one(), whole(np.floor))
op("ceil", one(), whole(np.ceil))
op("round", one(), whole(np.rint))
op("trunc", one(), whole(np.trunc))
op("relu", one(), one_rounded_once(lambda x: np.maximum(x, x.dtype.type(0)), not_of=("bool",), how="equal"))


def floats_once(function):
    def oracle(x):
        x = cast(x, floating(x.dtype))
        return Expected(x.dtype, in_type(function, (x.data,), x.dtype))

    return oracle


op("sqrt", one(), floats_once(np.sqrt))
op("reciprocal", one(), floats_once(lambda x: 1 / x))
op("rsqrt", one(), elementary(lambda x: 1 / np.sqrt(x)))
op("exp", one(), elementary(np.exp))
op("expm1", one(), elementary(np.expm1))
op("log", one(), elementary(np.log))
op("log1p", one(), elementary(np.log1p))
op("log2", one(), elementary(np.log2))
op("log10", one(), elementary(np.log10))
op("sin", one(), elementary(np.sin))
op("cos", one(), elementary(np.cos))
op("tan", one(), elementary(np.tan, "tan"))
op("asin", one(), elementary(np.arcsin))
op("acos", one(), elementary(np.arccos))
op("atan", one(), elementary(np.arctan))
op("sinh", one(), elementary(np.sinh))
op("cosh", one(), elementary(np.cosh))
op("tanh", one(), elementary(np.tanh))
op("asinh", one(), elementary(np.arcsinh))
op("acosh", one(), elementary(np.arccosh))
op("atanh", one(), elementary(np.arctanh))


def sigmoid(x):
    return np.where(x < 0, np.exp(x), 1) / (1 + np.exp(-np.abs(x)))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


op("sigmoid", one(), elementary(sigmoid))
op("softplus", one(), elementary(softplus))


def erf_series(t):
    """erf for |t| <= 2: 2 / sqrt(pi) exp(-t^2) sum of 2^n t^(2n + 1) / (2n + 1)!! (Abramowitz and Stegun, 7.1.6)."""
    term = total = t.astype(np.longdouble)
    for n in range(1, 60):
        term = term * (2 * t * t) / (2 * n + 1)
        total = total + term
    return 2 / np.sqrt(np.longdouble(np.pi) + np.longdouble(PI_REST)) * np.exp(-t * t) * total


PI_REST = 1.2246467991473532e-16  # pi less the float64 next to it


def erfc_fraction(t):
    """erfc for t >= 2 by its continued fraction, from the back (the same, 7.1.14)."""
    tail = np.zeros_like(t)
    for n in range(200, 0, -1):
        tail = n / 2 / (t + tail)
    return np.exp(-t * t) / np.sqrt(np.longdouble(np.pi) + np.longdouble(PI_REST)) / (t + tail)


def erf(x):
    t = np.clip(x.astype(np.longdouble), -30, 30)
    inner = erf_series(np.clip(t, -2, 2))
    outer = np.sign(t) * (1 - erfc_fraction(np.maximum(np.abs(t), 2)))
    return np.where(np.abs(t) <= 2, inner, outer)


def erfc(x):
    t = x.astype(np.longdouble)
    inner = 1 - erf_series(np.clip(t, -2, 2))
    outer = erfc_fraction(np.maximum(np.abs(t), 2))
    return np.where(np.abs(t) <= 2, inner, np.where(t < 0, 2 - outer, outer))


def gelu(x):
    value = x * erfc(-x.astype(np.longdouble) / np.sqrt(np.longdouble(2))) / 2
    return np.where(np.isneginf(x), -0.0, value)


op("erf", one(), elementary(erf))


def gelu_tanh(x):
    # (1 + tanh t) / 2 is 1 / (1 + exp(-2 t)), which keeps its digits where t is negative.
    w = x.astype(np.longdouble)
    t = np.longdouble("1.59576912160573071175978423973") * (w + np.longdouble("0.044715") * w**3)
    return np.where(np.isneginf(x), -0.0, x * sigmoid(t))


def silu(x):
    return np.where(np.isneginf(x), -0.0, x * sigmoid(x))


op("gelu", one(), elementary(gelu, "gelu", signed_zeros=False))
op("gelu_tanh", one(), elementary(gelu_tanh, "gelu_tanh", signed_zeros=False))
op("silu", one(), elementary(silu, "silu", signed_zeros=False))


def slopes(g):
    return g.tensor(ALL), g.choice([0.0, 0.01, 0.5, 1.0, -0.5])


def leaky_relu(x, slope):
    x = cast(x, floating(x.dtype))
    w = wide(x)
    factor = narrowed(np.float64(slope), "float32" if x.dtype in SHORT_FLOATS else x.dtype)
    return Expected(x.dtype, np.where(w > 0, w, w * w.dtype.type(factor)), "ulps", ulps=1, signed_zeros=False)


def elu(x, alpha):
    x = cast(x, floating(x.dtype))
    w = wide(x)
    factor = w.dtype.type(narrowed(np.float64(alpha), "float32" if x.dtype in SHORT_FLOATS else x.dtype))
    value = np.where(w > 0, w, factor * np.expm1(np.minimum(w, 0)))
    value = np.where(np.isnan(w), np.nan, value)
    return Expected(x.dtype, value, "ulps", ulps=tolerance(x.dtype, "elu"), signed_zeros=False)


op("leaky_relu", slopes, leaky_relu)
op("elu", slopes, elu)


def probe(function):
    return lambda x: Expected("bool", function(x.data))


op("isnan", one(), probe(np.isnan))
op("isinf", one(), probe(np.isinf))
op("isfinite", one(), probe(np.isfinite))


def three(g):
    a, b = g.pair(ALL)
    return g.like(a, ("bool",) if g.chance(0.8) else ALL), a, b


def where(condition, a, b):
    both = together(a, b)
    value = broadcast(condition, both[0], both[1])
    return Expected(both[2], np.where(value[0] != 0, value[1], value[2]), "bits")


op("where", three, where)
