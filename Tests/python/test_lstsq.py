"""Least squares against numpy.linalg.lstsq, textbook formulas and published fits."""

import numpy as np
import pytest

import talweg as tw


def oracle(X, y, intercept=True, weights=None, ridge=0.0):
    """Coefficients, intercept and their standard errors, by the pseudo-inverse."""
    n, p = X.shape
    w = np.ones(n) if weights is None else weights
    A = np.column_stack([X, np.ones(n)]) if intercept else X
    penalty = np.diag([ridge] * p + [0.0] * intercept)
    gram = A.T @ (w[:, None] * A)
    inverse = np.linalg.inv(gram + penalty)
    b = inverse @ (A.T @ (w * y))
    rss = np.sum(w * (y - A @ b) ** 2)
    s2 = rss / (n - A.shape[1])
    errors = np.sqrt(np.diag(s2 * inverse @ gram @ inverse))
    return b, rss, errors


def test_a_line():
    fit = tw.lstsq([1, 2, 3, 4, 5], [2, 4, 5, 4, 5])
    assert fit.coefficients.shape == (1,) and fit.intercept.shape == ()
    np.testing.assert_allclose(fit.coefficients.item(), 0.6, rtol=1e-14)
    np.testing.assert_allclose(fit.intercept.item(), 2.2, rtol=1e-14)
    # s^2 = 2.4 / 3, sum (x - 3)^2 = 10: s / sqrt(10), and s sqrt(1/5 + 9/10)
    np.testing.assert_allclose(fit.standard_errors.item(), np.sqrt(0.08), rtol=1e-13)
    np.testing.assert_allclose(fit.intercept_standard_error.item(), np.sqrt(0.8 * 1.1), rtol=1e-13)
    np.testing.assert_allclose(fit.rss.item(), 2.4, rtol=1e-13)
    np.testing.assert_allclose(fit.r_squared.item(), 0.6, rtol=1e-13)
    assert (fit.rank, fit.degrees_of_freedom, fit.stop_reason, fit.iterations) == (1, 3, "closed_form", 0)
    np.testing.assert_allclose(fit.predict([6.0, 0.0]).numpy(), [5.8, 2.2], rtol=1e-13)
    assert "R^2 0.6" in repr(fit) and "0.282843" in repr(fit)


@pytest.mark.parametrize("method", ["qr", "cholesky"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("ridge", [0.0, 2.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_closed_forms(method, intercept, ridge, weighted, rng):
    X = rng.normal(size=(50, 4)) + 1.5
    y = X @ [1.0, -2.0, 0.5, 3.0] + 4 + rng.normal(size=50)
    weights = rng.uniform(0.1, 3, 50) if weighted else None
    fit = tw.lstsq(X, y, method=method, intercept=intercept, ridge=ridge, weights=weights)
    b, rss, errors = oracle(X, y, intercept, weights, ridge)
    np.testing.assert_allclose(fit.coefficients.numpy(), b[:4], rtol=1e-9)
    np.testing.assert_allclose(fit.standard_errors.numpy(), errors[:4], rtol=1e-8)
    np.testing.assert_allclose(fit.rss.item(), rss, rtol=1e-9)
    if intercept:
        np.testing.assert_allclose(fit.intercept.item(), b[4], rtol=1e-9)
        np.testing.assert_allclose(fit.intercept_standard_error.item(), errors[4], rtol=1e-8)
    else:
        assert fit.intercept.item() == 0
    np.testing.assert_allclose(fit.predict(X).numpy(), X @ b[:4] + (b[4] if intercept else 0), rtol=1e-9)


def test_against_numpy(rng):
    X, y = rng.normal(size=(200, 12)), rng.normal(size=200)
    expected, rss, rank, _ = np.linalg.lstsq(X, y, rcond=None)
    fit = tw.lstsq(X, y, intercept=False)
    np.testing.assert_allclose(fit.coefficients.numpy(), expected, rtol=1e-10)
    np.testing.assert_allclose(fit.rss.item(), rss[0], rtol=1e-12)
    assert fit.rank == rank == 12
    scaled = X / np.linalg.norm(X, axis=0)
    assert 0.3 < fit.condition / np.linalg.cond(scaled) < 3


def test_several_targets(rng):
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    fit = tw.lstsq(X, Y)
    assert fit.coefficients.shape == (2, 3) and fit.intercept.shape == (2,) and fit.predict(X).shape == (30, 2)
    for k in range(2):
        one = tw.lstsq(X, Y[:, k])
        for name in ("coefficients", "intercept", "standard_errors", "intercept_standard_error", "rss", "r_squared"):
            np.testing.assert_allclose(getattr(fit, name).numpy()[k], getattr(one, name).numpy(), rtol=1e-11)
    assert "target 1" in repr(fit)


def test_least_norm_of_dependent_columns(rng):
    X = rng.normal(size=(20, 3))
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    y = rng.normal(size=20)
    fit = tw.lstsq(X, y, intercept=False)
    assert fit.rank == 3 and np.isinf(fit.condition)
    np.testing.assert_allclose(fit.coefficients.numpy(), np.linalg.lstsq(X, y, rcond=1e-10)[0], rtol=1e-8, atol=1e-10)
    with pytest.raises(tw.TalwegError) as error:
        tw.lstsq(X, y, method="cholesky")
    assert error.value.status == "TW_ERROR_NUMERIC"


def test_more_columns_than_rows(rng):
    X, y = rng.normal(size=(3, 6)), rng.normal(size=3)
    fit = tw.lstsq(X, y, intercept=False)
    assert fit.rank == 3 and fit.degrees_of_freedom == 0
    np.testing.assert_allclose(fit.coefficients.numpy(), np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-9)
    assert np.isnan(fit.standard_errors.numpy()).all()


def test_one_row():
    fit = tw.lstsq([[2.0, 3.0]], [5.0])
    assert fit.rank == 0 and fit.intercept.item() == 5 and np.isnan(fit.standard_errors.numpy()).all()


def test_a_constant_column(rng):
    X = np.column_stack([np.full(10, 7.0), np.arange(10.0)])
    fit = tw.lstsq(X, 3 * np.arange(10.0) + 1)
    assert fit.rank == 1
    np.testing.assert_allclose(fit.predict(X).numpy(), 3 * np.arange(10.0) + 1, atol=1e-12)


def test_dtypes(rng):
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    fit = tw.lstsq(X.astype("float32"), y)
    assert fit.coefficients.dtype == tw.float32 and fit.predict(X.astype("float32")).dtype == tw.float32
    assert tw.lstsq(np.arange(10).reshape(5, 2) ** 2, [1, 2, 3, 4, 7]).coefficients.dtype == tw.float64
    strided = tw.lstsq(np.asfortranarray(X)[::-1], y[::-1])
    np.testing.assert_allclose(strided.coefficients.numpy(), tw.lstsq(X, y).coefficients.numpy(), rtol=1e-12)


@pytest.mark.parametrize("batch_size", [0, 1, 7])
def test_descent(batch_size, rng):
    X = rng.normal(size=(60, 2))
    y = X @ [1.0, -2.0] + 0.5
    fit = tw.lstsq(X, y, method="gradient_descent", learning_rate=0.05, tolerance=1e-14, batch_size=batch_size, seed=3)
    np.testing.assert_allclose(fit.coefficients.numpy(), [1, -2], atol=1e-4)
    np.testing.assert_allclose(fit.intercept.item(), 0.5, atol=1e-4)
    assert fit.stop_reason == "tolerance" and 0 < fit.iterations < 10_000


def test_descent_is_the_formula():
    x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
    w = b = 0.0
    losses = []
    for _ in range(5):
        residual = w * x + b - y
        w, b = w - 0.02 * 2 * np.mean(residual * x), b - 0.02 * 2 * np.mean(residual)
        losses.append(np.mean((w * x + b - y) ** 2))
    seen = []
    fit = tw.lstsq(
        x, y, method="gradient_descent", learning_rate=0.02, max_iterations=5, tolerance=0, callback=seen.append
    )
    assert fit.stop_reason == "iterations" and fit.iterations == 5
    np.testing.assert_allclose([p.loss for p in seen], losses, rtol=1e-12)
    np.testing.assert_allclose([fit.coefficients.item(), fit.intercept.item()], [w, b], rtol=1e-12)
    last = seen[-1]
    assert (last.iteration, last.max_iterations) == (5, 5) and last.coefficients.shape == (1,)
    np.testing.assert_allclose([last.coefficients.item(), last.intercept.item()], [w, b], rtol=1e-12)


def test_descent_callbacks(rng):
    X, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 2))
    fit = tw.lstsq(X, y, method="gradient_descent", callback=lambda p: p.iteration == 3)
    assert fit.stop_reason == "callback" and fit.iterations == 3

    class Mine(Exception):
        pass

    def fail(progress):
        assert progress.coefficients.shape == (2, 2) and progress.intercept.shape == (2,)
        raise Mine("from the callback")

    with pytest.raises(Mine, match="from the callback"):
        tw.lstsq(X, y, method="gradient_descent", callback=fail)


def test_descent_that_diverges():
    with pytest.raises(tw.TalwegError) as error:
        tw.lstsq([1.0, 2, 3, 4], [2.0, 4, 6, 8], method="gradient_descent", learning_rate=10.0)
    assert error.value.status == "TW_ERROR_DIVERGED" and "rate" in str(error.value)


def test_same_seed_same_descent(rng):
    X, y = rng.normal(size=(40, 3)), rng.normal(size=40)

    def run(seed):
        return tw.lstsq(
            X, y, method="gradient_descent", batch_size=4, max_iterations=3, seed=seed
        ).coefficients.tolist()

    assert run(1) == run(1) != run(2)
