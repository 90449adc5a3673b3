"""Design matrices against SciPy, NumPy, scikit-learn and patsy, and what they are for."""

import numpy as np
import pytest
import talweg as tw
from numpy.polynomial import chebyshev, legendre
from scipy.interpolate import BSpline, CubicSpline

x = np.sort(np.random.default_rng(0).random(80) * 7 - 2)


def array(t):
    return np.asarray(t, dtype=float)


def same_span(A, B):
    """Whether the columns of two matrices span the same space."""
    rank = np.linalg.matrix_rank
    return rank(A) == rank(B) == rank(np.column_stack([A, B]), tol=1e-8 * np.linalg.norm(A))


@pytest.mark.parametrize(("family", "vander"), [
    ("monomial", lambda t, k: np.vander(t, k + 1, increasing=True)),
    ("chebyshev", chebyshev.chebvander),
    ("legendre", legendre.legvander),
])
def test_polynomials_as_numpy(family, vander):
    scaled = (x - (x[0] + x[-1]) / 2) / ((x[-1] - x[0]) / 2)
    basis = tw.design.polynomial(x, 9, family=family, constant=True)
    assert basis.columns == 10
    np.testing.assert_allclose(array(basis(x)), vander(scaled, 9), rtol=1e-12, atol=1e-13)
    raw = tw.design.polynomial(x, 4, family=family, scaled=False)
    np.testing.assert_allclose(array(raw(x)), vander(x, 4)[:, 1:], rtol=1e-12, atol=1e-12)
    # New rows are scaled as the old ones.
    np.testing.assert_allclose(
        array(basis([x[-1] + 1])), vander(np.array([1 + 2 / (x[-1] - x[0])]), 9), rtol=1e-11
    )


def test_several_variables_as_scikit_learn():
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(1).normal(size=(20, 3))
    for constant in (False, True):
        expected = preprocessing.PolynomialFeatures(4, include_bias=constant).fit_transform(X)
        basis = tw.design.polynomial(X, 4, family="monomial", scaled=False, constant=constant)
        np.testing.assert_allclose(array(basis(X)), expected, rtol=1e-13)
    alone = tw.design.polynomial(X, 3, family="monomial", scaled=False, interactions=False)
    np.testing.assert_allclose(array(alone(X)), np.column_stack([X, X**2, X**3]), rtol=1e-13)
    both = tw.design.polynomial(X[:, :2], 2, family="legendre")
    low, high = X[:, :2].min(axis=0), X[:, :2].max(axis=0)
    a, b = ((2 * X[:, :2] - low - high) / (high - low)).T
    np.testing.assert_allclose(
        array(both(X[:, :2])), np.column_stack([a, b, 1.5 * a * a - 0.5, a * b, 1.5 * b * b - 0.5]), atol=1e-14
    )


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("placement", ["quantiles", "uniform", "extended"])
def test_bsplines_as_scipy(degree, placement):
    basis = tw.design.bspline(x, degree=degree, knots=6, placement=placement, constant=True)
    t = array(basis.knots)
    assert basis.columns == 6 + degree + 1 and len(t) == 6 + 2 * (degree + 1)
    np.testing.assert_allclose(array(basis(x)), BSpline.design_matrix(x, t, degree).toarray(), atol=1e-14)
    without = tw.design.bspline(x, degree=degree, knots=6, placement=placement)
    np.testing.assert_array_equal(array(without(x)), array(basis(x))[:, 1:])
    inner = t[degree + 1 : -degree - 1]
    if placement == "quantiles":
        np.testing.assert_allclose(inner, np.quantile(x, np.arange(1, 7) / 7), rtol=1e-14)
    else:
        np.testing.assert_allclose(np.diff(inner), (x[-1] - x[0]) / 7, rtol=1e-12)
    # Beyond the ends the outermost polynomials go on.
    if degree > 0:
        outside = np.array([x[0] - 0.5, x[-1] + 0.5])
        coefficients = np.random.default_rng(2).normal(size=basis.columns)
        np.testing.assert_allclose(
            array(basis(outside)) @ coefficients, BSpline(t, coefficients, degree)(outside), rtol=1e-9, atol=1e-11
        )


def test_given_knots_and_bounds_as_patsy():
    patsy = pytest.importorskip("patsy")
    knots = [-1.0, 0.5, 0.5, 3]
    basis = tw.design.bspline(x, knots=knots, bounds=(-3, 6))
    expected = patsy.dmatrix(
        "bs(x, knots=k, degree=3, lower_bound=-3, upper_bound=6) - 1", {"x": x, "k": knots}
    )
    np.testing.assert_allclose(array(basis(x)), np.asarray(expected), atol=1e-13)


def test_natural_splines():
    basis = tw.design.natural_spline(x, knots=4)
    inner = np.quantile(x, [0.2, 0.4, 0.6, 0.8])
    assert basis.columns == 5
    # The space: natural cubic splines of the same knots, each by interpolation.
    nodes = np.r_[x[0], inner, x[-1]]
    natural = np.column_stack([CubicSpline(nodes, e, bc_type="natural")(x) for e in np.eye(6)])
    assert same_span(np.column_stack([np.ones(80), array(basis(x))]), natural)
    whole = tw.design.natural_spline(x, knots=4, constant=True)
    assert whole.columns == 6 and same_span(array(whole(x)), natural)
    # Straight beyond the ends, and with the slope there.
    for end, way in ((x[0], -1), (x[-1], 1)):
        rows = array(basis(end + way * np.array([-1e-6, 0, 1e-6, 1, 2, 3])))
        np.testing.assert_allclose(rows[3] - rows[1], rows[4] - rows[3], atol=1e-12)
        np.testing.assert_allclose(rows[4] - rows[3], rows[5] - rows[4], atol=1e-12)
        np.testing.assert_allclose((rows[2] - rows[0]) / 2e-6, rows[4] - rows[3], atol=1e-5)
    # The fit is that of R's ns: of the same space, by any basis of it.
    y = np.sin(x) + 0.1 * np.random.default_rng(3).normal(size=80)
    fit = tw.lstsq(basis(x), y)
    np.testing.assert_allclose(array(fit.predict(basis(x))), natural @ np.linalg.lstsq(natural, y)[0], atol=1e-11)


def test_natural_splines_interpolate():
    nodes = np.array([0.0, 1, 2.5, 3, 5, 6])
    values = np.array([1.0, -1, 2, 0, 3, 1])
    basis = tw.design.natural_spline(nodes, knots=nodes[1:-1], constant=True)
    fit = tw.lstsq(basis(nodes), values, intercept=False)
    new = np.linspace(0, 6, 41)
    np.testing.assert_allclose(
        array(fit.predict(basis(new))), CubicSpline(nodes, values, bc_type="natural")(new), atol=1e-12
    )


def test_fourier():
    basis = tw.design.fourier(2.5, 3)
    angles = 2 * np.pi * x[:, None] * [1, 2, 3] / 2.5
    expected = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(80, 6)
    np.testing.assert_allclose(array(basis(x)), expected, atol=1e-14)
    np.testing.assert_array_equal(array(tw.design.fourier(2.5, 3, constant=True)(x))[:, 0], 1)
    # A whole number of periods on, however many, it is the same: 2.5 2^40 is exact.
    np.testing.assert_allclose(array(basis([2.5 * 2.0**40 + 0.75])), array(basis([0.75])), atol=1e-3)
    np.testing.assert_array_equal(array(basis([2.5 * 2.0**40])), [[0, 1, 0, 1, 0, 1]])


@pytest.mark.parametrize(("kind", "function"), [
    ("gaussian", lambda r: np.exp(-r * r / 2)),
    ("multiquadric", lambda r: np.sqrt(1 + r * r)),
    ("inverse_multiquadric", lambda r: 1 / np.sqrt(1 + r * r)),
    ("thin_plate", lambda r: np.where(r > 0, r * r * np.log(np.where(r > 0, r, 1)), 0)),
    ("cubic", lambda r: r**3),
])
def test_radial(kind, function):
    rng = np.random.default_rng(4)
    centers, X = rng.normal(size=(7, 2)), rng.normal(size=(30, 2))
    X[0] = centers[0]
    r = np.linalg.norm(X[:, None] - centers, axis=-1) / 0.8
    basis = tw.design.radial(centers, kind=kind, scale=0.8)
    np.testing.assert_allclose(array(basis(X)), function(r), rtol=1e-12, atol=1e-14)


def test_functions_of_ones_own():
    basis = tw.design.functions([lambda t: t, lambda t: t.sin(), lambda t: np.ones(t.shape[0])])
    assert basis.columns == 3
    np.testing.assert_allclose(array(basis(x)), np.column_stack([x, np.sin(x), np.ones(80)]), rtol=1e-14)
    fit = tw.lstsq(basis(x), 3 * x - 2 * np.sin(x) + 1, intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), [3, -2, 1], rtol=1e-12)


def test_penalised_splines():
    assert tw.design.difference_matrix(4, 2).tolist() == [[1, -2, 1, 0], [0, 1, -2, 1]]
    for order in range(5):
        np.testing.assert_array_equal(array(tw.design.difference_matrix(9, order)), np.diff(np.eye(9), order, axis=0))
    # Eilers and Marx: (B'B + penalty D'D)^-1 B'y by rows below.
    y = np.sin(x) + 0.2 * np.random.default_rng(5).normal(size=80)
    basis = tw.design.bspline(x, knots=20, placement="extended", constant=True)
    B, D = array(basis(x)), array(tw.design.difference_matrix(basis.columns, 2))
    penalty = 3.0
    fit = tw.lstsq(np.vstack([B, np.sqrt(penalty) * D]), np.r_[y, np.zeros(len(D))], intercept=False)
    np.testing.assert_allclose(
        array(fit.coefficients), np.linalg.solve(B.T @ B + penalty * D.T @ D, B.T @ y), rtol=1e-9, atol=1e-11
    )
    # Equal differences are not penalised: a line is kept however large the penalty.
    line = tw.lstsq(np.vstack([B, 1e4 * D]), np.r_[2 * x + 1, np.zeros(len(D))], intercept=False)
    np.testing.assert_allclose(B @ array(line.coefficients), 2 * x + 1, atol=1e-9)


def test_dtypes_and_other_fits():
    basis = tw.design.bspline(x, knots=3)
    assert basis(x.astype(np.float32)).dtype == tw.float32
    assert basis([1, 2]).dtype == tw.float64
    assert basis(np.ones(0)).shape == (0, basis.columns)
    np.testing.assert_array_equal(array(basis(x[::-2])), array(basis(x))[::-2])
    counts = np.random.default_rng(6).poisson(np.exp(np.sin(x)))
    assert tw.glm(basis(x), counts, family="poisson").coefficients.shape == (6,)
    assert repr(basis) == "Basis: 6 columns" and len(tw.design.fourier(1, 1).knots.tolist()) == 0


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: tw.design.polynomial(x, 0), ValueError, "degree"),
    (lambda: tw.design.polynomial(x, 3, family="hermite"), ValueError, "family"),
    (lambda: tw.design.polynomial(np.ones((3, 60)), 9), ValueError, "terms"),
    (lambda: tw.design.polynomial([], 2), ValueError, "empty"),
    (lambda: tw.design.polynomial([1, np.nan], 2), tw.TalwegError, "nan"),
    (lambda: tw.design.bspline(np.ones((4, 2))), ValueError, "columns"),
    (lambda: tw.design.bspline(np.ones(5)), ValueError, "ends"),
    (lambda: tw.design.bspline(x, degree=-1), ValueError, "degree"),
    (lambda: tw.design.bspline(x, degree=21), ValueError, "degree"),
    (lambda: tw.design.bspline(x, knots=-1), ValueError, "knots"),
    (lambda: tw.design.bspline(x, knots=[1, 0.5]), ValueError, "ascend"),
    (lambda: tw.design.bspline(x, knots=[99.0]), ValueError, "ascend"),
    (lambda: tw.design.bspline(x, knots=[np.nan]), ValueError, "ascend"),
    (lambda: tw.design.bspline(np.r_[np.zeros(50), 1.0], knots=3), ValueError, "equal"),
    (lambda: tw.design.bspline(x, bounds=(1, 1)), ValueError, "bounds"),
    (lambda: tw.design.bspline(x, bounds=(50, 60)), ValueError, "no data"),
    (lambda: tw.design.bspline(x, degree=0, knots=0), ValueError, "no column"),
    (lambda: tw.design.natural_spline(x, placement="extended"), ValueError, "extended"),
    (lambda: tw.design.bspline(x, placement="random"), ValueError, "placement"),
    (lambda: tw.design.bspline(x)([1, np.inf]), tw.TalwegError, "inf"),
    (lambda: tw.design.bspline(x)(np.ones((3, 2))), ValueError, "does not fit"),
    (lambda: tw.design.fourier(0, 1), ValueError, "period"),
    (lambda: tw.design.fourier(1, 0), ValueError, "harmonics"),
    (lambda: tw.design.radial([0.0], scale=0), ValueError, "scale"),
    (lambda: tw.design.radial([0.0], kind="flat"), ValueError, "kind"),
    (lambda: tw.design.functions([]), ValueError, "one"),
    (lambda: tw.design.difference_matrix(3, 3), ValueError, "order"),
    (lambda: tw.design.difference_matrix(3, -1), ValueError, "order"),
])
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_wampler_and_its_like_through_chebyshev():
    """Polynomials of degree 5 to 20 with whole coefficients, which a raw basis would lose: NIST's Wampler1 first."""
    t = np.arange(21.0)
    y = sum(t**k for k in range(6))
    for family in ("chebyshev", "legendre", "monomial"):
        basis = tw.design.polynomial(t, 5, family=family)
        fit = tw.lstsq(basis(t), y)
        np.testing.assert_allclose(array(fit.predict(basis(t))), y, atol=1e-15 * y[-1])
    raw = tw.design.polynomial(t, 5, family="monomial", scaled=False)
    fit = tw.lstsq(raw(t), y)
    np.testing.assert_allclose([*fit.coefficients.tolist(), fit.intercept.item()], 1, rtol=1e-9)
    # Degree 20 through 40 points: the condition number of Chebyshev's basis stays small.
    t = np.cos(np.pi * (np.arange(40) + 0.5) / 40)
    y = chebyshev.chebval(t, np.arange(21.0))
    basis = tw.design.polynomial(t, 20)
    fit = tw.lstsq(basis(t), y)
    # The nodes' range is a little less than -1...1.
    np.testing.assert_allclose(array(fit.predict(basis(t))), y, rtol=1e-12, atol=1e-11)
    assert fit.condition < 10


def test_polyfit_as_numpy():
    rng = np.random.default_rng(7)
    y, w = rng.normal(size=(80, 2)), rng.random(80)
    for degree in (0, 1, 3, 6):
        np.testing.assert_allclose(array(tw.polyfit(x, y[:, 0], degree)), np.polyfit(x, y[:, 0], degree), rtol=1e-8)
        np.testing.assert_allclose(array(tw.polyfit(x, y, degree, w=w)), np.polyfit(x, y, degree, w=w), rtol=1e-8)
    # NIST's Wampler1: all coefficients are 1.
    t = np.arange(21.0)
    np.testing.assert_allclose(array(tw.polyfit(t, sum(t**k for k in range(6)), 5)), 1, rtol=1e-12)
    assert tw.polyfit([1, 2, 4], [3, 5, 9], 1).tolist() == pytest.approx([2, 1], rel=1e-14)
    for arguments, error in (
        ((x, y[:, 0], -1), ValueError), (([1.0], [2.0], 1), ValueError), ((y, y, 1), ValueError),
        (([1.0, 1, 1], [1.0, 2, 3], 1), ValueError), (([1.0, np.nan, 1], [1.0, 2, 3], 1), tw.TalwegError),
    ):
        with pytest.raises(error):
            tw.polyfit(*arguments)
