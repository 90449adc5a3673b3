"""Least squares under constraints: SciPy, LAPACK and the conditions of an optimum as oracles."""

import math

import numpy as np
import pytest
import scipy.linalg.lapack as lapack
import scipy.optimize
import talweg as tw
from hypothesis import given, settings
from hypothesis import strategies as st


def array(x):
    return np.asarray(x, dtype=float)


def problem(seed, n, p, rank=None, degenerate=False):
    """Full rank, or a product of that rank; degenerate: small whole numbers, so that ties are many."""
    rng = np.random.default_rng(seed)
    if degenerate:
        return rng.integers(-1, 2, size=(n, p)).astype(float), rng.integers(-2, 3, size=n).astype(float)
    A = rng.normal(size=(n, p))
    if rank is not None:
        A = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, p))
    return A, rng.normal(size=n)


def optimum(A, b, fit, *, lower=None, upper=None, C=None, d=None, G=None, h=None, ridge=0.0, weights=None, c=0.0):
    """The conditions of Karush, Kuhn and Tucker, which a convex problem's solution alone meets."""
    n, p = A.shape
    w = np.ones(n) if weights is None else weights
    x, low, high = array(fit.coefficients), np.full(p, -np.inf), np.full(p, np.inf)
    if lower is not None:
        low = np.broadcast_to(lower, p)
    if upper is not None:
        high = np.broadcast_to(upper, p)
    assert np.all(x >= low) and np.all(x <= high)
    size = np.linalg.norm(A) * (np.linalg.norm(b) + np.linalg.norm(A) * np.linalg.norm(x) + abs(c)) + 1
    gradient = A.T @ (w * (A @ x + c - b)) + ridge * x
    if C is not None:
        np.testing.assert_allclose(C @ x, d, atol=1e-9 * (1 + np.abs(d).max(initial=0)))
        gradient = gradient + C.T @ array(fit.equality_multipliers)
    if G is not None:
        u, slack = array(fit.inequality_multipliers), h - G @ x
        assert np.all(slack >= -1e-9 * (1 + np.abs(h).max(initial=0))) and np.all(u >= -1e-9 * size)
        np.testing.assert_allclose(u * slack, 0, atol=1e-8 * size)
        gradient = gradient + G.T @ u
    m, active = array(fit.bound_multipliers), array(fit.active)
    np.testing.assert_allclose(gradient, m, atol=1e-9 * size)
    np.testing.assert_array_equal(x[active == -1], low[active == -1])
    np.testing.assert_array_equal(x[active == 1], high[active == 1])
    free = low < high
    assert np.all(m[(active == -1) & free] >= -1e-9 * size) and np.all(m[(active == 1) & free] <= 1e-9 * size)
    assert np.all(m[active == 0] == 0)
    assert float(fit.optimality) <= 1e-9 * size
    np.testing.assert_allclose(float(fit.rss), np.sum(w * (A @ x + c - b) ** 2), rtol=1e-9, atol=1e-18 * size)


@pytest.mark.parametrize(("n", "p"), [(1, 1), (5, 3), (40, 12), (60, 60), (7, 20), (300, 100)])
def test_nnls_as_scipy(n, p):
    for seed in range(3):
        A, b = problem(seed, n, p)
        x, norm = tw.nnls(A, b)
        expected, expected_norm = scipy.optimize.nnls(A, b)
        assert norm == pytest.approx(expected_norm, rel=1e-9, abs=1e-12)
        if n >= p:
            np.testing.assert_allclose(array(x), expected, rtol=1e-9, atol=1e-12)
        assert isinstance(norm, float)


def test_nnls_is_exact_where_the_answer_is_known():
    # The identity: the positive part of b. The clipped part is the residual.
    b = np.array([3.0, -1.0, 0.0, 2.0, -5.0])
    x, norm = tw.nnls(np.eye(5), b)
    np.testing.assert_array_equal(array(x), [3, 0, 0, 2, 0])
    assert norm == pytest.approx(math.sqrt(26), rel=1e-15)
    # All gradients point outward: nothing is freed.
    x, norm = tw.nnls(np.ones((3, 2)), -np.ones(3))
    assert x.tolist() == [0, 0] and norm == pytest.approx(math.sqrt(3))


def test_nnls_of_an_ill_conditioned_matrix():
    # A Hilbert matrix and a right-hand side of whole numbers: the normal equations would have lost all digits.
    A = scipy.linalg.hilbert(9)[:, :6]
    x = np.array([1.0, 0, 2, 0, 0, 3])
    found, norm = tw.nnls(A, A @ x)
    np.testing.assert_allclose(array(found), x, atol=1e-8)
    assert norm < 1e-15


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 12), st.booleans(),
    st.sampled_from(["nonnegative", "box", "mixed", "upper", "fixed"]),
)
def test_bounds_at_the_optimum(seed, n, p, degenerate, kind):
    A, b = problem(seed, n, p, degenerate=degenerate)
    rng = np.random.default_rng(seed + 1)
    lower, upper = np.zeros(p), np.full(p, np.inf)
    if kind == "box":
        lower, upper = -rng.random(p), rng.random(p)
    elif kind == "mixed":
        lower = np.where(rng.random(p) < 0.5, -np.inf, rng.normal(size=p))
        upper = np.where(rng.random(p) < 0.5, np.inf, np.where(np.isfinite(lower), lower, 0) + rng.random(p))
    elif kind == "upper":
        lower, upper = np.full(p, -np.inf), rng.integers(-1, 2, size=p).astype(float)
    elif kind == "fixed":
        lower = rng.normal(size=p)
        upper = np.where(rng.random(p) < 0.5, lower, lower + 1)
    fit = tw.constrained_lstsq(A, b, bounds=(lower, upper), intercept=False)
    optimum(A, b, fit, lower=lower, upper=upper)
    expected = scipy.optimize.lsq_linear(A, b, (lower, upper), method="bvls") if kind != "fixed" else None
    if expected is not None and expected.success:
        assert float(fit.rss) <= 2 * expected.cost * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("rank", [1, 3, 7])
def test_bounds_of_dependent_columns(rank):
    for seed in range(5):
        for n, p in ((20, 8), (6, 15)):
            A, b = problem(seed, n, p, rank=min(rank, n))
            optimum(A, b, tw.constrained_lstsq(A, b, bounds=(0, None), intercept=False), lower=0.0)
            fit = tw.constrained_lstsq(A, b, bounds=(-0.1, 0.2), intercept=False)
            optimum(A, b, fit, lower=-0.1, upper=0.2)


def test_lsq_linear_as_scipy():
    A, b = problem(5, 50, 20)
    bounds = (np.full(20, -0.05), np.full(20, 0.1))
    fit = tw.lsq_linear(A, b, bounds, method="bvls")
    expected = scipy.optimize.lsq_linear(A, b, bounds, method="bvls", tol=1e-14)
    np.testing.assert_allclose(array(fit.x), expected.x, rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(array(fit.active_mask), expected.active_mask)
    np.testing.assert_allclose(array(fit.fun), expected.fun, atol=1e-12)
    assert fit.cost == pytest.approx(expected.cost, rel=1e-12)
    assert fit.success and fit.status == 1 and fit.nit > 0 and fit.optimality < 1e-12
    inside = tw.lsq_linear(A, b)
    np.testing.assert_allclose(array(inside.x), np.linalg.lstsq(A, b)[0], rtol=1e-11)
    assert inside.status == 3 and inside.nit == 0


def test_equalities_as_lapack():
    for seed in range(5):
        A, b = problem(seed, 30, 8)
        rng = np.random.default_rng(seed)
        C, d = rng.normal(size=(3, 8)), rng.normal(size=3)
        _, _, _, expected, info = lapack.dgglse(A, C, b, d)
        assert info == 0
        fit = tw.constrained_lstsq(A, b, equality=(C, d), intercept=False)
        np.testing.assert_allclose(array(fit.coefficients), expected, rtol=1e-10, atol=1e-12)
        optimum(A, b, fit, C=C, d=d)
        assert fit.stop_reason == "closed_form" and fit.iterations == 1


def test_equalities_of_wide_and_dependent_problems():
    # The shortest of the solutions: by the pseudo-inverse of the conditions of an optimum.
    for n, p, rank in ((3, 8, 3), (20, 8, 4)):
        A, b = problem(1, n, p, rank=rank)
        C, d = problem(2, 2, p)
        fit = tw.constrained_lstsq(A, b, equality=(C, d), intercept=False)
        system = np.block([[A.T @ A, C.T], [C, np.zeros((2, 2))]])
        expected = np.linalg.pinv(system, rcond=1e-12) @ np.r_[A.T @ b, d]
        np.testing.assert_allclose(array(fit.coefficients), expected[:p], rtol=1e-8, atol=1e-10)
        optimum(A, b, fit, C=C, d=d)


def test_equalities_that_others_imply_and_that_contradict():
    A, b = problem(3, 20, 5)
    C = np.array([[1.0, 1, 1, 1, 1], [1, -1, 0, 0, 0], [2, 0, 1, 1, 1]])  # the last is the sum of the others
    d = np.array([1.0, 0.5, 1.5])
    fit = tw.constrained_lstsq(A, b, equality=(C, d), intercept=False)
    reduced = tw.constrained_lstsq(A, b, equality=(C[:2], d[:2]), intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), array(reduced.coefficients), rtol=1e-12)
    optimum(A, b, fit, C=C, d=d)
    with pytest.raises(tw.TalwegError, match="contradict"):
        tw.constrained_lstsq(A, b, equality=(C, d + [0, 0, 1e-3]), intercept=False)
    with pytest.raises(tw.TalwegError, match="contradict"):
        tw.constrained_lstsq(A, b, equality=(np.zeros((1, 5)), [1.0]), intercept=False)
    # More equalities than coefficients, which agree: they alone say what it is.
    x = np.arange(1.0, 6)
    many = np.random.default_rng(0).normal(size=(9, 5))
    fit = tw.constrained_lstsq(A, b, equality=(many, many @ x), intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), x, rtol=1e-12)


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(1, 10), st.integers(2, 9), st.integers(0, 3), st.integers(0, 3), st.booleans()
)
def test_all_constraints_together(seed, n, p, q, r, degenerate):
    A, b = problem(seed, n, p, degenerate=degenerate)
    rng = np.random.default_rng(seed + 7)
    inside = rng.integers(0, 3, size=p).astype(float) if degenerate else rng.random(p)
    C = rng.integers(-1, 2, size=(q, p)).astype(float) if degenerate else rng.normal(size=(q, p))
    G = rng.integers(-1, 2, size=(r, p)).astype(float) if degenerate else rng.normal(size=(r, p))
    d, h = C @ inside, G @ inside + rng.integers(0, 2, size=r)
    fit = tw.constrained_lstsq(
        A, b, bounds=(0, 2), equality=(C, d) if q else None, inequality=(G, h) if r else None, intercept=False
    )
    assert fit.stop_reason != "iterations"
    optimum(
        A, b, fit, lower=0.0, upper=2.0, C=C if q else None, d=d if q else None, G=G if r else None, h=h if r else None
    )


def test_the_simplex_against_slsqp():
    A, b = problem(11, 40, 10)
    fit = tw.constrained_lstsq(A, b, bounds=(0, None), equality=(np.ones((1, 10)), [1.0]), intercept=False)
    expected = scipy.optimize.minimize(
        lambda x: np.sum((A @ x - b) ** 2) / 2, np.full(10, 0.1), jac=lambda x: A.T @ (A @ x - b), method="SLSQP",
        bounds=[(0, None)] * 10, constraints={"type": "eq", "fun": lambda x: x.sum() - 1}, tol=1e-14,
    )
    np.testing.assert_allclose(array(fit.coefficients), expected.x, atol=1e-6)
    assert float(fit.coefficients.sum()) == pytest.approx(1, abs=1e-14)


def test_inequalities_alone():
    # Isotonic regression: the pool-adjacent-violators solution of 1, 3, 2, 4, 1 is 1, 2.5, 2.5, 2.5, 2.5.
    y = np.array([1.0, 3, 2, 4, 1])
    G = np.eye(5)[:-1] - np.eye(5)[1:]
    fit = tw.constrained_lstsq(np.eye(5), y, inequality=(G, np.zeros(4)), intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), [1, 2.5, 2.5, 2.5, 2.5], atol=1e-14)
    optimum(np.eye(5), y, fit, G=G, h=np.zeros(4))


def test_weights_intercept_ridge_and_offset():
    A, b = problem(21, 60, 6)
    rng = np.random.default_rng(4)
    w, known = rng.random(60), rng.normal(size=60)
    w[:5] = 0
    b = b + 3
    fit = tw.constrained_lstsq(A, b, bounds=(-0.05, 0.05), weights=w, offset=known, ridge=0.7)
    optimum(A, b - known, fit, lower=-0.05, upper=0.05, weights=w, ridge=0.7, c=float(fit.intercept))
    # The intercept has no bound: the weighted residuals add up to 0.
    left = b - known - A @ array(fit.coefficients) - float(fit.intercept)
    assert w @ left == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(
        array(fit.predict(A)), A @ array(fit.coefficients) + float(fit.intercept), rtol=1e-13
    )
    # Without a bound that holds it is the ridge estimate.
    free = tw.constrained_lstsq(A, b, weights=w, ridge=0.7, offset=known)
    ridge = tw.lstsq(A, b, weights=w, ridge=0.7, offset=known)
    np.testing.assert_allclose(array(free.coefficients), array(ridge.coefficients), rtol=1e-11)
    np.testing.assert_allclose(float(free.intercept), float(ridge.intercept), rtol=1e-11)
    # Equalities with the same.
    fit = tw.constrained_lstsq(A, b, equality=(np.ones((1, 6)), [2.0]), weights=w, ridge=0.7)
    optimum(A, b, fit, C=np.ones((1, 6)), d=np.array([2.0]), weights=w, ridge=0.7, c=float(fit.intercept))
    # A ridge makes a wide problem's solution one.
    A, b = problem(22, 5, 9)
    fit = tw.constrained_lstsq(A, b, bounds=(0, None), ridge=0.1, intercept=False)
    stacked = np.vstack([A, math.sqrt(0.1) * np.eye(9)])
    np.testing.assert_allclose(
        array(fit.coefficients), scipy.optimize.nnls(stacked, np.r_[b, np.zeros(9)])[0], atol=1e-12
    )


def test_targets_are_fitted_each_by_itself():
    A, _ = problem(31, 25, 7)
    Y = np.random.default_rng(1).normal(size=(25, 90)) * np.logspace(-3, 3, 90)
    fit = tw.constrained_lstsq(A, Y, bounds=(0, None), intercept=False)
    assert fit.coefficients.shape == (90, 7) and fit.rss.shape == (90,) and fit.active.shape == (90, 7)
    for t in (0, 45, 89):
        expected = scipy.optimize.nnls(A, Y[:, t])[0]
        np.testing.assert_allclose(array(fit.coefficients[t]), expected, rtol=1e-9, atol=1e-12 * np.abs(Y[:, t]).max())
    assert fit.predict(A).shape == (25, 90)
    single = tw.constrained_lstsq(A, Y[:, 45], bounds=(0, None), intercept=False)
    np.testing.assert_allclose(array(single.coefficients), array(fit.coefficients[45]), rtol=1e-13)


def test_the_same_bits_on_any_number_of_threads():
    A, Y = problem(32, 3000, 40)[0], np.random.default_rng(2).normal(size=(3000, 10))
    threads = tw.num_threads()
    try:
        found = []
        for count in (1, 2, 4):
            tw.set_num_threads(count)
            found.append(array(tw.constrained_lstsq(A, Y, bounds=(-0.01, 0.02)).coefficients))
    finally:
        tw.set_num_threads(threads)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_large_problems_from_a_guess():
    # Factorised in blocks, from the free solution; in ill-conditioned ones from none.
    for seed in range(4):
        A, b = problem(seed, 400, 150)
        if seed % 2:
            A = A @ np.diag(np.logspace(0, -9, 150))
        lower, upper = np.full(150, -0.01), np.full(150, 0.03)
        lower[::7], upper[3::11] = -np.inf, np.inf
        fit = tw.constrained_lstsq(A, b, bounds=(lower, upper), intercept=False)
        optimum(A, b, fit, lower=lower, upper=upper)
        few = tw.constrained_lstsq(A, b, bounds=(lower, upper), intercept=False, max_iterations=1)
        assert few.stop_reason == "iterations"
        assert np.all(array(few.coefficients) >= lower) and np.all(array(few.coefficients) <= upper)


@pytest.mark.parametrize("scale", [1e-150, 1e-20, 1e20, 1e150])
def test_any_scale(scale):
    A, b = problem(41, 30, 6)
    expected = scipy.optimize.nnls(A, b)[0]
    np.testing.assert_allclose(array(tw.nnls(A * scale, b)[0]) * scale, expected, rtol=1e-9, atol=1e-12)
    x, norm = tw.nnls(A, b * scale)
    np.testing.assert_allclose(array(x) / scale, expected, rtol=1e-9, atol=1e-12)
    assert norm / scale == pytest.approx(scipy.optimize.nnls(A, b)[1], rel=1e-12)
    columns = np.array([1, scale, 1, 1 / scale, 1, 1])
    np.testing.assert_allclose(array(tw.nnls(A * columns, b)[0]) * columns, expected, rtol=1e-9, atol=1e-12)


def test_float32_and_integers():
    A, b = problem(51, 30, 6)
    fit = tw.constrained_lstsq(A.astype(np.float32), b.astype(np.float32), bounds=(0, None), intercept=False)
    assert fit.coefficients.dtype == tw.float32 and fit.active.dtype == tw.int64
    exact = scipy.optimize.nnls(A.astype(np.float32).astype(float), b.astype(np.float32).astype(float))[0]
    np.testing.assert_allclose(array(fit.coefficients), exact, rtol=1e-6, atol=1e-7)
    x, norm = tw.nnls([[1, 0], [0, 1], [1, 1]], [2, -1, 1])
    assert x.dtype == tw.float64
    np.testing.assert_allclose(array(x), [1.5, 0], atol=1e-15)
    assert norm == pytest.approx(math.sqrt(1.5))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda A, b: tw.nnls(A, b[:-1]), ValueError, "rows"),
        (lambda A, b: tw.nnls(A, np.ones((9, 2))), ValueError, "axes"),
        (lambda A, b: tw.nnls(np.where(A == A[0, 0], np.nan, A), b), tw.TalwegError, "nan"),
        (lambda A, b: tw.nnls(A, np.where(b == b[2], np.inf, b)), tw.TalwegError, "inf"),
        (lambda A, b: tw.nnls(np.ones((0, 3)), np.ones(0)), ValueError, "no rows"),
        (lambda A, b: tw.nnls(np.ones((9, 0)), b), ValueError, "no columns"),
        (lambda A, b: tw.lsq_linear(A, b, (1, 0)), ValueError, "bounds"),
        (lambda A, b: tw.lsq_linear(A, b, method="trf"), ValueError, "method"),
        (lambda A, b: tw.lsq_linear(A, b, (np.inf, np.inf)), ValueError, "bounds"),
        (lambda A, b: tw.lsq_linear(A, b, (np.nan, 1)), tw.TalwegError, "lower"),
        (lambda A, b: tw.lsq_linear(A, b, (np.zeros(3), 1)), ValueError, "lower"),
        (lambda A, b: tw.constrained_lstsq(A, b, weights=-np.ones(9)), ValueError, "negative"),
        (lambda A, b: tw.constrained_lstsq(A, b, weights=np.zeros(9)), ValueError, "weights"),
        (lambda A, b: tw.constrained_lstsq(A, b, ridge=-1), ValueError, "ridge"),
        (lambda A, b: tw.constrained_lstsq(A, b, offset=np.ones(3)), ValueError, "offset"),
        (lambda A, b: tw.constrained_lstsq(A, b, offset=np.full(9, np.nan)), tw.TalwegError, "offset"),
        (lambda A, b: tw.constrained_lstsq(A, b, equality=(np.ones((1, 3)), [1])), ValueError, "equality"),
        (lambda A, b: tw.constrained_lstsq(A, b, equality=(np.ones((1, 4)), [1, 2])), ValueError, "equality"),
        (lambda A, b: tw.constrained_lstsq(A, b, equality=(np.full((1, 4), np.nan), [1])), tw.TalwegError, "equality"),
        (lambda A, b: tw.constrained_lstsq(A, b, inequality=(np.ones((1, 4)), [np.inf])), tw.TalwegError, "inequality"),
        (
            lambda A, b: tw.constrained_lstsq(A, b, bounds=(0, 1), equality=(np.ones((1, 4)), [5])),
            tw.TalwegError,
            "no coefficients meet",
        ),
        (
            lambda A, b: tw.constrained_lstsq(A, b, inequality=([[1, 0, 0, 0], [-1, 0, 0, 0]], [0, -1])),
            tw.TalwegError,
            "no coefficients meet",
        ),
        (lambda A, b: tw.nnls(A, b, maxiter=-1), ValueError, "max_iterations"),
    ],
)
def test_what_is_refused(call, error, message):
    A, b = problem(61, 9, 4)
    before = A.copy(), b.copy()
    with pytest.raises(error, match=message):
        call(A, b)
    np.testing.assert_array_equal(A, before[0])
    np.testing.assert_array_equal(b, before[1])


def test_an_iteration_limit_leaves_a_feasible_point():
    A, b = problem(71, 60, 40)
    with pytest.raises(RuntimeError, match="1 iterations"):
        tw.nnls(A, b, maxiter=1)
    fit = tw.lsq_linear(A, b, (0, np.inf), max_iter=5)
    assert fit.status == 0 and not fit.success and fit.nit == 5
    assert np.all(array(fit.x) >= 0)


def test_zeros_and_constants():
    A, b = problem(81, 12, 4)
    A[:, 1] = 0
    A[:, 2] = 1
    fit = tw.constrained_lstsq(A, b, bounds=(0, None))
    assert fit.coefficients[1].item() == 0
    centred = A - A.mean(axis=0)
    np.testing.assert_allclose(
        centred @ array(fit.coefficients), centred @ scipy.optimize.nnls(centred, b - b.mean())[0], atol=1e-12
    )
    x, norm = tw.nnls(A, np.zeros(12))
    assert x.tolist() == [0, 0, 0, 0] and norm == 0


def test_the_iteration_ends_where_only_rounding_is_left():
    # More columns than rows, powers nearly dependent, and a bound that many solutions touch: nothing but rounding
    # distinguishes the points that it goes through at the end.
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n, p = int(rng.integers(2, 12)), int(rng.integers(12, 29))
        A = np.vander(np.linspace(0, 1, n), p) if seed % 2 else rng.normal(size=(n, 2)) @ rng.normal(size=(2, p))
        b, low = rng.normal(size=n), np.round(rng.normal(size=p), 1)
        G = rng.integers(-1, 2, size=(2, p)).astype(float)
        h = G @ (low + 0.05)
        fit = tw.constrained_lstsq(A, b, bounds=(low, low + 0.1), inequality=(G, h), intercept=False)
        assert fit.stop_reason == "tolerance", seed
        optimum(A, b, fit, lower=low, upper=low + 0.1, G=G, h=h)


def test_directions_that_the_data_do_not_see():
    # One row: along the equalities it changes by rounding alone, which is no gradient to follow. Unbounded coefficients
    # would go to infinity.
    for seed in range(200):
        rng = np.random.default_rng(seed)
        A, C = rng.integers(-2, 3, size=(1, 17)).astype(float), rng.integers(-1, 2, size=(3, 17)).astype(float)
        low = np.where(rng.random(17) < 0.3, -np.inf, np.round(rng.normal(size=17), 1))
        high = np.where(rng.random(17) < 0.5, np.inf, np.where(np.isfinite(low), low, 0) + rng.choice([0, 0.1, 1], 17))
        d = C @ np.where(np.isfinite(low), low, np.minimum(high, 0.5))
        b = rng.normal(size=1)
        fit = tw.constrained_lstsq(A, b, bounds=(low, high), equality=(C, d), intercept=False)
        optimum(A, b, fit, lower=low, upper=high, C=C, d=d)
        assert np.abs(array(fit.coefficients)).max() < 1e3


def test_no_columns():
    fit = tw.constrained_lstsq(np.zeros((3, 0)), [1.0, 2, 6], inequality=(np.zeros((1, 0)), [1.0]))
    assert fit.intercept.item() == 3 and fit.optimality.item() == 0
    with pytest.raises(tw.TalwegError, match="no coefficients meet"):
        tw.constrained_lstsq(np.zeros((3, 0)), [1.0, 2, 6], equality=(np.zeros((1, 0)), [1.0]))
