"""LinearRegression, Ridge, RidgeCV: the results are scikit-learn's."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from scipy import optimize, sparse  # noqa: E402
from sklearn.model_selection import KFold  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model


@pytest.fixture(params=[1, 3], ids=["one target", "three targets"])
def data(request, rng):
    X = rng.normal(size=(80, 6)) * [1, 2, 0.1, 5, 1, 1] + 3
    y = X @ rng.normal(size=(6, request.param)) + rng.normal(size=(80, request.param)) + 7
    return X, y[:, 0] if request.param == 1 else y


def both(name, X, y, weights=None, rtol=1e-9, **parameters):
    """Fits of both, whose coefficients and predictions agree."""
    fits = [getattr(module, name)(**parameters).fit(X, y, sample_weight=weights) for module in (ours, theirs)]
    a, b = fits
    assert np.shape(a.coef_) == np.shape(b.coef_) and np.shape(a.intercept_) == np.shape(b.intercept_)
    scale = np.abs(b.coef_).max()
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=rtol, atol=rtol * scale)
    np.testing.assert_allclose(a.intercept_, b.intercept_, rtol=rtol, atol=rtol * scale)
    rows = X[:7]
    assert np.shape(a.predict(rows)) == np.shape(b.predict(rows))
    np.testing.assert_allclose(a.predict(rows), b.predict(rows), rtol=10 * rtol, atol=rtol * scale)
    return fits


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
class TestClosedForms:
    def weights(self, rng, weighted):
        return rng.integers(0, 4, 80) * 0.7 if weighted else None

    def test_linear_regression(self, data, rng, intercept, weighted):
        X, y = data
        a, b = both("LinearRegression", X, y, self.weights(rng, weighted), fit_intercept=intercept)
        assert a.rank_ == b.rank_ == 6
        np.testing.assert_allclose(a.singular_, b.singular_, rtol=1e-10)
        assert a.score(X, y) == pytest.approx(b.score(X, y), rel=1e-10)

    def test_sparse_linear_regression(self, data, rng, intercept, weighted):
        X, y = data
        X = sparse.csr_array(np.where(rng.random(X.shape) < 0.5, X, 0))
        both("LinearRegression", X, y, self.weights(rng, weighted), fit_intercept=intercept, tol=1e-14, rtol=1e-8)

    def test_positive_linear_regression(self, data, rng, intercept, weighted):
        X, y = data
        a, _ = both("LinearRegression", X, y, self.weights(rng, weighted), fit_intercept=intercept, positive=True)
        assert (a.coef_ >= 0).all() and (a.coef_ == 0).any()

    @pytest.mark.parametrize("alpha", [0.0, 0.3, 1000.0])
    def test_ridge(self, data, rng, intercept, weighted, alpha):
        X, y = data
        weights = self.weights(rng, weighted)
        a, _ = both("Ridge", X, y, weights, fit_intercept=intercept, alpha=alpha, solver="svd")
        assert a.n_iter_ is None and a.solver_ == "direct"

    def test_penalty_of_each_target(self, data, rng, intercept, weighted):
        X, y = data
        alpha = [0.1, 10.0, 0.1][: 1 if y.ndim == 1 else 3]
        both("Ridge", X, y, self.weights(rng, weighted), fit_intercept=intercept, alpha=alpha, solver="svd")

    def test_sparse_ridge(self, data, rng, intercept, weighted):
        X, y = data
        X = sparse.csr_array(np.where(rng.random(X.shape) < 0.5, X, 0))
        a, _ = both("Ridge", X, y, self.weights(rng, weighted), fit_intercept=intercept, tol=1e-14, rtol=1e-8)
        assert a.solver_ == "lsqr" and (a.n_iter_ > 0).all()

    def test_positive_ridge(self, data, rng, intercept, weighted):
        X, y = data
        weights = self.weights(rng, weighted)
        options = {"fit_intercept": intercept, "positive": True, "alpha": 2.0, "tol": 1e-12}
        a, _ = both("Ridge", X, y, weights, rtol=1e-4, **options)
        # At its minimum: the gradient is 0, or points out where a coefficient is.
        w = np.ones(80) if weights is None else weights
        targets, coefficients = y.reshape(80, -1), np.atleast_2d(a.coef_)
        rest = targets - X @ coefficients.T - a.intercept_
        gradient = 2.0 * coefficients.T - X.T @ (w[:, None] * rest)
        size = 1e-9 * np.linalg.norm(X) * np.linalg.norm(targets)
        assert (np.abs(gradient[coefficients.T > 0]) < size).all() and (gradient[coefficients.T == 0] > -size).all()

    def test_ridge_cv(self, data, rng, intercept, weighted):
        X, y = data
        a, b = both(
            "RidgeCV", X, y, self.weights(rng, weighted), fit_intercept=intercept, alphas=np.geomspace(1e-3, 1e3, 13),
            store_cv_results=True,
        )  # fmt: skip
        assert a.alpha_ == b.alpha_
        assert a.best_score_ == pytest.approx(b.best_score_, rel=1e-9)
        assert a.cv_results_.shape == b.cv_results_.shape
        np.testing.assert_allclose(a.cv_results_, b.cv_results_, rtol=1e-7, atol=1e-9)

    def test_ridge_cv_with_a_scorer(self, data, rng, intercept, weighted):
        X, y = data
        # A weight of 0 makes scikit-learn divide by it.
        weights = rng.integers(1, 4, 80) * 0.7 if weighted else None
        a, b = both(
            "RidgeCV", X, y, weights, fit_intercept=intercept, alphas=[0.01, 1.0, 100.0],
            scoring="neg_mean_absolute_error", store_cv_results=True,
        )  # fmt: skip
        assert a.alpha_ == b.alpha_
        assert a.best_score_ == pytest.approx(b.best_score_, rel=1e-9)
        np.testing.assert_allclose(a.cv_results_, b.cv_results_, rtol=1e-7, atol=1e-7)

    def test_ridge_cv_by_folds(self, data, rng, intercept, weighted):
        X, y = data
        a, b = both(
            "RidgeCV", X, y, self.weights(rng, weighted), fit_intercept=intercept, alphas=[0.01, 1.0, 100.0],
            cv=KFold(4),
        )  # fmt: skip
        assert a.alpha_ == b.alpha_
        assert a.best_score_ == pytest.approx(b.best_score_, rel=1e-9)


def test_ridge_cv_for_each_target(rng):
    X = rng.normal(size=(60, 4))
    y = X @ rng.normal(size=(4, 3)) + rng.normal(size=(60, 3)) * [0.01, 1, 30]
    for scoring in (None, "r2"):
        a, b = both("RidgeCV", X, y, alphas=[1e-2, 1.0, 1e2], alpha_per_target=True, scoring=scoring)
        np.testing.assert_array_equal(a.alpha_, b.alpha_)
        np.testing.assert_allclose(a.best_score_, b.best_score_, rtol=1e-9)
        assert len(set(a.alpha_)) > 1


def test_more_columns_than_rows(rng):
    X, y = rng.normal(size=(15, 40)), rng.normal(size=15)
    both("LinearRegression", X, y)  # The shortest of all solutions.
    both("Ridge", X, y, alpha=0.5)
    both("RidgeCV", X, y, alphas=[0.5, 5.0])


def test_columns_that_depend_on_each_other(rng):
    X = rng.normal(size=(30, 3))
    X = np.column_stack([X, X[:, 0] + X[:, 1]])
    a, _ = both("LinearRegression", X, rng.normal(size=30))
    assert a.rank_ == 3


def test_digits_of_a_small_penalty(rng):
    """Columns that nearly depend on each other: by QR, since the normal equations would keep four digits."""
    X = rng.normal(size=(60, 3))
    X = np.column_stack([X, X[:, 0] + 1e-6 * rng.normal(size=60)])
    y = rng.normal(size=60)
    fit = ours.Ridge(alpha=1e-10, fit_intercept=False).fit(X, y)
    stacked = np.vstack([X, 1e-5 * np.eye(4)])
    expected = np.linalg.lstsq(stacked, np.concatenate([y, np.zeros(4)]), rcond=None)[0]
    np.testing.assert_allclose(fit.coef_, expected, rtol=1e-8)


def test_digits_where_columns_are_nearly_the_same():
    # A Hilbert matrix and exact coefficients: the normal equations would keep no digit, scikit-learn's tol=1e-6 cuts.
    X = 1.0 / (np.arange(12)[:, None] + np.arange(5) + 1)
    fit = ours.LinearRegression(fit_intercept=False).fit(X, X @ np.ones(5))
    np.testing.assert_allclose(fit.coef_, 1, rtol=1e-10)


def test_positive_coefficients_are_nnls(rng):
    X, y = rng.normal(size=(50, 10)), rng.normal(size=50)
    fit = ours.LinearRegression(positive=True, fit_intercept=False).fit(X, y)
    np.testing.assert_allclose(fit.coef_, optimize.nnls(X, y)[0], atol=1e-11)


def test_precision_is_kept(rng):
    X, y = rng.normal(size=(50, 3)).astype("f4"), rng.normal(size=50).astype("f4")
    for estimator in (ours.LinearRegression(), ours.Ridge(), ours.RidgeCV()):
        fit = estimator.fit(X, y)
        assert fit.coef_.dtype == np.float32 and fit.predict(X).dtype == np.float32


@pytest.mark.parametrize(
    "estimator, message",
    [
        (ours.Ridge(alpha=-1.0), "alpha"),
        (ours.Ridge(alpha=[1.0, 2.0]), "do not correspond"),
        (ours.Ridge(solver="lbfgs"), "positive=True"),
        (ours.Ridge(solver="svd", positive=True), "positive"),
        (ours.RidgeCV(alphas=[0.0, 1.0]), r"alphas\[0\]"),
        (ours.RidgeCV(cv=3, store_cv_results=True), "incompatible"),
    ],
)
def test_what_is_refused(estimator, message, rng):
    with pytest.raises(ValueError, match=message):
        estimator.fit(rng.normal(size=(20, 2)), rng.normal(size=20))
