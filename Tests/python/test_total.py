"""Total least squares: NumPy's singular value decomposition, SciPy's orthogonal distance regression, derivations."""

import math
import warnings

import numpy as np
import pytest
import talweg as tw

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from scipy import odr


def array(x):
    return np.asarray(x, dtype=float)


def classic(X, Y):
    """-V12 V22^-1 of [X Y]."""
    p = X.shape[1]
    V = np.linalg.svd(np.column_stack([X, Y]))[2].T
    return -V[:p, p:] @ np.linalg.inv(V[p:, p:])


@pytest.mark.parametrize(("n", "p", "k"), [(20, 1, 1), (50, 4, 1), (40, 3, 2), (6, 5, 1), (300, 20, 3)])
def test_as_the_singular_value_decomposition(n, p, k):
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, p))
    Y = X @ rng.normal(size=(p, k)) + 0.1 * rng.normal(size=(n, k))
    fit = tw.total_least_squares(X, Y, intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), classic(X, Y).T, rtol=1e-9, atol=1e-11)
    values = np.linalg.svd(np.column_stack([X, Y]), compute_uv=False)
    np.testing.assert_allclose(array(fit.singular_values), values, rtol=1e-12)
    assert fit.correction_norm == pytest.approx(math.sqrt(np.sum(values[p:] ** 2)), rel=1e-11)
    assert fit.rank == p
    # With an intercept, of centred columns.
    fit = tw.total_least_squares(X + 5, Y - 3)
    expected = classic(X - X.mean(axis=0), Y - Y.mean(axis=0))
    np.testing.assert_allclose(array(fit.coefficients), expected.T, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        array(fit.predict(X + 5)).mean(axis=0), (Y - 3).mean(axis=0), rtol=1e-12, atol=1e-12
    )


def test_the_line_of_least_distances():
    # Of a cloud with the covariance [[a, c], [c, b]] the slope is that of its principal axis.
    x = np.array([0.0, 1, 2, 3, 4, 5])
    y = np.array([0.2, 0.7, 2.4, 2.6, 4.3, 4.8])
    a, b, c = x.var(), y.var(), ((x - x.mean()) * (y - y.mean())).mean()
    slope = (b - a + math.sqrt((b - a) ** 2 + 4 * c * c)) / (2 * c)
    fit = tw.total_least_squares(x, y)
    assert fit.coefficients[0].item() == pytest.approx(slope, rel=1e-14)
    assert fit.intercept.item() == pytest.approx(y.mean() - slope * x.mean(), rel=1e-13)
    # The other way round it is the same line, which least squares' are not.
    back = tw.total_least_squares(y, x)
    assert back.coefficients[0].item() == pytest.approx(1 / slope, rel=1e-13)
    distances = (y - slope * x - fit.intercept.item()) / math.sqrt(1 + slope**2)
    assert fit.correction_norm == pytest.approx(math.sqrt(np.sum(distances**2)), rel=1e-12)


def test_as_orthogonal_distance_regression():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 3))
    y = X @ [1.0, -2, 0.5] + 4 + 0.2 * rng.normal(size=60)
    X = X + 0.2 * rng.normal(size=X.shape)
    fit = tw.total_least_squares(X, y)
    model = odr.Model(lambda beta, x: beta[:3] @ x + beta[3])
    found = odr.ODR(odr.Data(X.T, y), model, beta0=[1, 1, 1, 1], sstol=1e-16, partol=1e-16, maxit=1000).run()
    np.testing.assert_allclose([*fit.coefficients.tolist(), fit.intercept.item()], found.beta, rtol=1e-6)
    assert fit.correction_norm**2 == pytest.approx(found.sum_square, rel=1e-10)


def test_exact_columns():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 4))
    y = X @ [1.0, 2, 3, 4] + 0.1 * rng.normal(size=40)
    # All exact: least squares.
    fit = tw.total_least_squares(X, y, exact_columns=4, intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), np.linalg.lstsq(X, y)[0], rtol=1e-11)
    # A column of ones without error is an intercept.
    ones = tw.total_least_squares(np.column_stack([np.ones(40), X]), y, exact_columns=1, intercept=False)
    centred = tw.total_least_squares(X, y)
    np.testing.assert_allclose(
        array(ones.coefficients), [centred.intercept.item(), *centred.coefficients.tolist()], rtol=1e-11
    )
    # Golub, Hoffman and Stewart's: what the exact columns do not explain, by the classic formula.
    fit = tw.total_least_squares(X, y, exact_columns=2, intercept=False)
    Q, R = np.linalg.qr(X[:, :2], mode="complete")
    rest = Q.T @ np.column_stack([X[:, 2:], y])
    b2 = classic(rest[2:, :2], rest[2:, 2:])[:, 0]
    b1 = np.linalg.solve(R[:2], rest[:2, 2] - rest[:2, :2] @ b2)
    np.testing.assert_allclose(array(fit.coefficients), [*b1, *b2], rtol=1e-10)
    with pytest.raises(tw.TalwegError, match="without error depend"):
        tw.total_least_squares(X[:, [0, 0, 1]], y, exact_columns=2)


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(15, 2)), rng.normal(size=15)
    w = rng.integers(0, 4, size=15)
    fit = tw.total_least_squares(X, y, weights=w)
    repeated = tw.total_least_squares(np.repeat(X, w, axis=0), np.repeat(y, w))
    np.testing.assert_allclose(array(fit.coefficients), array(repeated.coefficients), rtol=1e-10)
    assert fit.intercept.item() == pytest.approx(repeated.intercept.item(), rel=1e-10)
    assert fit.correction_norm == pytest.approx(repeated.correction_norm, rel=1e-12)


def test_the_shortest_of_several():
    # Two equal columns, truncated to one: equal coefficients, of one column of length sqrt 2.
    rng = np.random.default_rng(6)
    x = rng.normal(size=30)
    y = 2 * x + 0.1 * rng.normal(size=30)
    fit = tw.total_least_squares(np.column_stack([x, x]), y, intercept=False, rank_tolerance=0.1)
    one = tw.total_least_squares(math.sqrt(2) * x, y, intercept=False)
    assert fit.rank == 1
    np.testing.assert_allclose(array(fit.coefficients), one.coefficients[0].item() / math.sqrt(2), rtol=1e-10)
    # As they are, the slightest change lets them make up anything: there is no least one.
    with pytest.raises(tw.TalwegError, match="no solution"):
        tw.total_least_squares(np.column_stack([x, x]), y, intercept=False)
    # More columns than rows: exact, and the shortest is that of least squares.
    X = rng.normal(size=(3, 6))
    fit = tw.total_least_squares(X, y[:3], intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), np.linalg.pinv(X) @ y[:3], rtol=1e-9)
    assert fit.correction_norm < 1e-14


def test_no_solution():
    # y is orthogonal to x, and larger: x is what is changed, to nothing.
    x, y = np.array([1.0, 0, 0]), np.array([0, 2.0, 0])
    with pytest.raises(tw.TalwegError, match="no solution") as failure:
        tw.total_least_squares(x, y, intercept=False)
    assert failure.value.status == "TW_ERROR_NUMERIC"
    # Smaller, y is what is changed.
    assert tw.total_least_squares(x, y / 4, intercept=False).coefficients.tolist() == [0]


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_any_scale(scale):
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    fit, large = tw.total_least_squares(X, y), tw.total_least_squares(X * scale, y * scale)
    np.testing.assert_allclose(array(large.coefficients), array(fit.coefficients), rtol=1e-11)
    assert large.intercept.item() / scale == pytest.approx(fit.intercept.item(), rel=1e-11)
    assert large.correction_norm / scale == pytest.approx(fit.correction_norm, rel=1e-11)


@pytest.mark.parametrize(
    ("X", "y", "options", "error", "message"),
    [
        (np.ones((3, 2)), np.ones(4), {}, ValueError, "rows"),
        (np.ones((0, 2)), np.ones(0), {}, ValueError, "no rows"),
        (np.ones((3, 2, 2)), np.ones(3), {}, ValueError, "axes"),
        (np.ones((3, 2)), np.ones((3, 0)), {}, ValueError, "no targets"),
        (np.array([[1.0], [np.nan]]), np.ones(2), {}, tw.TalwegError, "nan"),
        (np.array([[1.0], [2]]), np.array([1, np.inf]), {}, tw.TalwegError, "inf"),
        (np.eye(3), np.ones(3), {"weights": [1, -1, 1]}, ValueError, "negative"),
        (np.eye(3), np.ones(3), {"weights": [0, 0, 0]}, ValueError, "weights"),
        (np.eye(3), np.ones(3), {"exact_columns": 4}, ValueError, "exact_columns"),
        (np.eye(3), np.ones(3), {"exact_columns": -1}, ValueError, "exact_columns"),
        (np.eye(3), np.ones(3), {"rank_tolerance": 1.0}, ValueError, "rank_tolerance"),
    ],
)
def test_what_is_refused(X, y, options, error, message):
    with pytest.raises(error, match=message):
        tw.total_least_squares(X, y, **options)


def test_float32():
    X = np.arange(6, dtype=np.float32)
    fit = tw.total_least_squares(X, 2 * X + 1)
    assert fit.coefficients.dtype == tw.float32 and fit.coefficients.tolist() == [2] and fit.intercept.item() == 1
