"""Tall, well-conditioned fits, which go by the normal equations, against exact rational arithmetic on the same data."""

from fractions import Fraction

import numpy as np
import pytest

import talweg as tw


def exact(X, y, intercept=True, weights=None):
    """Coefficients and then the intercept, the residual sum of squares, and the variances for residuals of variance 1:
    Gauss and Jordan on the normal equations in rational numbers."""
    n, p = X.shape
    rows = [[Fraction(float(v)) for v in row] + [Fraction(1)] * intercept for row in X]
    right = [Fraction(float(v)) for v in y]
    w = [Fraction(1)] * n if weights is None else [Fraction(float(v)) for v in weights]
    size = p + intercept
    table = [
        [sum(w[r] * rows[r][i] * rows[r][j] for r in range(n)) for j in range(size)]
        + [sum(w[r] * rows[r][i] * right[r] for r in range(n))]
        + [Fraction(i == j) for j in range(size)]
        for i in range(size)
    ]
    for i in range(size):
        table[i] = [v / table[i][i] for v in table[i]]
        for k in range(size):
            if k != i:
                factor = table[k][i]
                table[k] = [a - factor * b for a, b in zip(table[k], table[i], strict=True)]
    b = [row[size] for row in table]
    rest = [right[r] - sum(v * c for v, c in zip(rows[r], b, strict=True)) for r in range(n)]
    rss = sum(w[r] * rest[r] ** 2 for r in range(n))
    return b, rss, [table[i][size + 1 + i] for i in range(size)]


def relative(values, truth):
    return max(abs(Fraction(float(v)) - t) / abs(t) for v, t in zip(np.ravel(values), truth, strict=True))


def data(kind, n, rng):
    common = rng.normal(size=n)
    X = rng.normal(size=(n, 4))
    if kind == "inflated":  # variance inflation of about 50
        X = 0.14 * X + common[:, None]
    elif kind == "far":  # means of a million standard deviations
        X += 1e6
    elif kind == "sorted":
        X = np.sort(X, axis=0) + 0.3 * rng.normal(size=(n, 4))
    elif kind == "outlier":  # in a row that the shift is made of
        X[0, 0] = 1e4
    y = X @ [1.0, -2.0, 0.5, 3.0] + 4 + rng.normal(size=n)
    return X, y


@pytest.mark.parametrize("kind", ["plain", "inflated", "far", "sorted", "outlier"])
@pytest.mark.parametrize("n", [20, 700])
@pytest.mark.parametrize("weighted", [False, True])
def test_as_exact_as_qr(kind, n, weighted, rng):
    X, y = data(kind, n, rng)
    weights = rng.uniform(0.5, 2, n) if weighted else None
    b, rss, variance = exact(X, y, True, weights)
    fit = tw.lstsq(X, y, weights=weights)
    # Columns that a mean of m standard deviations carries are known to m roundoffs at best.
    bound = 2e-9 if kind == "far" else 2e-13
    assert relative(fit.coefficients, b[:4]) < bound
    assert relative(fit.intercept, b[4:]) < bound
    assert relative(fit.rss, [rss]) < (1e-13 if kind != "far" else 1e-9)
    s2 = float(rss) / (n - 5)
    errors = [np.sqrt(s2 * float(v)) for v in variance]
    np.testing.assert_allclose(fit.standard_errors, errors[:4], rtol=1e-12 if kind != "far" else 1e-9)
    np.testing.assert_allclose(fit.intercept_standard_error, errors[4], rtol=1e-12 if kind != "far" else 1e-9)


@pytest.mark.parametrize("p", [3, 20])
def test_however_rows_lie(p, rng):
    """Rows, columns, every other element, backwards, float32: each its way into the block."""
    wide = rng.normal(size=(300, 2 * p)).astype(np.float32)
    y = rng.normal(size=300)
    X = np.ascontiguousarray(wide[:, ::2])
    truth = np.linalg.lstsq(np.column_stack([X, np.ones(300)]).astype(float), y, rcond=None)[0]
    views = [X.astype(float), np.asfortranarray(X.astype(float)), wide.astype(float)[:, ::2]]
    views += [X[::-1].astype(float)[::-1], X[:, ::-1].astype(float)[:, ::-1], np.asfortranarray(X), X]
    for view in views:
        fit = tw.lstsq(tw.asarray(view), y)
        tolerance = 1e-12 if view.dtype == np.float64 else 1e-6
        np.testing.assert_allclose(fit.coefficients, truth[:p], rtol=tolerance, atol=tolerance)
    several = tw.lstsq(X.astype(float), np.stack([y, 2 * y, y - 7], axis=1))
    np.testing.assert_allclose(several.coefficients, [truth[:p], 2 * truth[:p], truth[:p]], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(several.intercept, [truth[p], 2 * truth[p], truth[p] - 7], rtol=1e-12)
    alone = tw.lstsq(X.astype(float), y, intercept=False)
    np.testing.assert_allclose(alone.coefficients, np.linalg.lstsq(X.astype(float), y, rcond=None)[0], rtol=1e-11)


def test_many_chunks_give_the_same_bits(rng):
    X, y = rng.normal(size=(30_000, 40)) + 5, rng.normal(size=30_000)
    before = tw.num_threads()
    found = []
    for threads in (1, 2, 3):
        tw.set_num_threads(threads)
        fit = tw.lstsq(X, y)
        found.append(np.concatenate([fit.coefficients, fit.standard_errors, [fit.rss.item(), fit.intercept.item()]]))
    tw.set_num_threads(before)
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
    truth = np.linalg.lstsq(np.column_stack([X, np.ones(len(y))]), y, rcond=None)[0]
    np.testing.assert_allclose(found[0][:40], truth[:40], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("method", ["qr", "cholesky"])
@pytest.mark.parametrize("scale", [1e-170, 1e170])
def test_squares_beyond_the_range(method, scale, rng):
    X, y = rng.normal(size=(100, 3)), rng.normal(size=100)
    plain, scaled = tw.lstsq(X, y, method=method), tw.lstsq(X * scale, y * scale, method=method)
    np.testing.assert_allclose(scaled.coefficients, plain.coefficients, rtol=1e-12)
    np.testing.assert_allclose(scaled.r_squared.item(), plain.r_squared.item(), rtol=1e-12)


def test_the_condition_is_that_of_qr(rng):
    X = rng.normal(size=(200, 6)) @ np.diag([1, 10, 1e3, 1, 1, 1e-3]) + 3
    fit = tw.lstsq(X, rng.normal(size=200))
    centred = X - X.mean(axis=0)
    np.testing.assert_allclose(
        fit.condition, np.linalg.cond(centred / np.linalg.norm(centred, axis=0)), rtol=0.05
    )


def test_dependence_is_still_found(rng):
    X = rng.normal(size=(100, 4))
    X[:, 3] = X[:, 0] + X[:, 1] + 1e-3 * rng.normal(size=100)
    y = rng.normal(size=100)
    assert tw.lstsq(X, y).rank == 4
    assert tw.lstsq(X, y, rank_tolerance=0.01).rank == 3
    X[:, 3] = 5.0
    fit = tw.lstsq(X, y)
    assert fit.rank == 3 and fit.coefficients[3].item() == 0
    assert tw.lstsq(np.zeros((50, 2)), np.ones(50)).rank == 0
