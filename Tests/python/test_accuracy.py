"""
Results on random shapes, dtypes, strides and values against the oracles of Tests/fuzz (NumPy in a wider type):
element-wise functions to 2 units in the last place but for those that `BEYOND` there lists, reductions to a bound that
grows with the length, integers, comparisons, casts and moves exactly.
"""

import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import talweg as tw

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))

import ops  # noqa: E402, F401
import ops_elementwise  # noqa: E402
import values  # noqa: E402
from arrays import ALL, FLOATS, Array, is_float, packed  # noqa: E402
from compare import Refused, compared  # noqa: E402
from table import TABLE  # noqa: E402

# What NumPy has too.
DTYPES = [name for name in ALL if name != "bfloat16"]
ELEMENTWISE = [
    name for name, row in TABLE.items()
    if row.oracle.__module__ == "ops_elementwise" and hasattr(tw, name) and name != "where"
    and all("tw_tensor *" in p.type or p.type == "tw_scope *" for p in row.prototype.parameters)
]  # fmt: skip
REDUCTIONS = ["sum", "mean", "prod", "max", "min", "logsumexp", "any", "all"]


@st.composite
def arrays(draw, dtypes=DTYPES, shape=None):
    """An array, or a view of one that is not row-major; its elements are of all sizes and kinds."""
    dtype = draw(st.sampled_from(dtypes))
    if shape is None:
        shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12))
    layout = draw(st.sampled_from(["row-major", "transposed", "every second", "turned"]))
    seed = draw(st.integers(0, 2**32 - 1))

    def elements(shape):
        return values.elements(random.Random(seed), np.random.default_rng(seed), dtype, shape).data

    # asarray: of no axes, a slice would be a NumPy scalar.
    if layout == "every second":
        return np.asarray(elements(tuple(2 * n for n in shape))[tuple(slice(None, None, 2) for _ in shape)])
    if layout == "turned":
        return np.asarray(elements(shape)[tuple(slice(None, None, -1) for _ in shape)])
    return elements(shape[::-1]).T if layout == "transposed" else elements(shape)


def held(x):
    return Array(str(x.dtype), packed(x))


def check(function, row, inputs, *rest, **named):
    """A function of the package against a row's oracle: the same result, or an error from both."""
    with np.errstate(all="ignore"):
        try:
            expected = row.oracle(*(held(x) for x in inputs), *rest)
        except Refused:
            with pytest.raises((ValueError, TypeError, IndexError)):
                function(*inputs, **named)
            return
        found = np.asarray(function(*inputs, **named).numpy())
    text, _ = compared(held(found), expected)
    assert text is None, f"{row.name} of {inputs}: {text}"


def test_every_function_is_among_them():
    assert len(ELEMENTWISE) > 55
    assert set(ops_elementwise.BEYOND) <= set(TABLE)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name):
    row = TABLE[name]
    count = sum("tw_tensor *" in p.type for p in row.prototype.parameters)

    @settings(max_examples=50, deadline=None)
    @given(st.data())
    def run(data):
        shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=3, min_side=0, max_side=20))
        dtypes = DTYPES if data.draw(st.booleans()) else [data.draw(st.sampled_from(DTYPES))]
        inputs = [data.draw(arrays(dtypes, shape)) for shape in shapes.input_shapes]
        check(getattr(tw, name), row, inputs)

    run()


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(REDUCTIONS), st.booleans())
def test_reductions(data, name, keepdims):
    x = data.draw(arrays())
    axes = data.draw(st.none() | st.permutations(range(x.ndim)).flatmap(
        lambda order: st.integers(0, len(order)).map(lambda n: list(order[:n]))))
    axis = None if axes is None else tuple(axes)
    check(getattr(tw, name), TABLE[name], [x], axes, keepdims, axis=axis, keepdims=keepdims)


@pytest.mark.parametrize("dtype", [d for d in FLOATS if d in ("float32", "float64")])
@pytest.mark.parametrize("n", [1000, 100_000, 3_000_000])
def test_long_sums_grow_by_blocks(dtype, n, rng):
    """Pairwise by blocks (Higham, "Accuracy and Stability of Numerical Algorithms", 4.2): far below n eps."""
    x = (rng.uniform(0, 1, n) + 1e-3).astype(dtype)
    eps = np.finfo(dtype).eps
    bound = (64 + np.log2(n)) * eps
    exact = np.sum(x.astype(np.longdouble))
    assert abs(tw.sum(x).item() - exact) <= bound * exact
    assert abs(tw.mean(x).item() - exact / n) <= bound * exact / n
    matrix = x.reshape(-1, 8)
    columns = matrix.sum(axis=0, dtype=np.longdouble)
    assert np.all(np.abs(tw.sum(matrix, axis=0).numpy() - columns) <= bound * columns)


@settings(max_examples=300, deadline=None)
@given(arrays(), st.sampled_from(DTYPES))
def test_casts(x, dtype):
    check(lambda x: tw.asarray(x).astype(dtype), TABLE["cast"], [x], dtype)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_products_of_matrices(data):
    m, k, n = (data.draw(st.integers(0, 9)) for _ in range(3))
    dtype = data.draw(st.sampled_from([d for d in DTYPES if is_float(d)]))
    a, b = (data.draw(arrays([dtype], shape)) for shape in ((m, k), (k, n)))
    check(tw.matmul, TABLE["matmul"], [a, b])
