"""Lasso, ElasticNet and their choice by cross-validation: the results are scikit-learn's."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import ShuffleSplit  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model


@pytest.fixture
def data(rng):
    X = rng.normal(size=(100, 12)) * rng.uniform(0.5, 2, 12) + 1
    b = np.where(np.arange(12) % 3 == 0, rng.normal(size=12), 0)
    return X, X @ b + rng.normal(size=100) + 4, rng.integers(0, 4, 100) * 0.6


def agree(a, b, rtol=1e-6):
    scale = np.abs(b.coef_).max()
    assert np.shape(a.coef_) == np.shape(b.coef_) and np.shape(a.intercept_) == np.shape(b.intercept_)
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=rtol, atol=rtol * scale)
    np.testing.assert_allclose(a.intercept_, b.intercept_, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("ratio", [None, 0.0, 0.3])
def test_one_penalty(data, intercept, weighted, positive, ratio):
    X, y, weights = data
    name, options = ("Lasso", {}) if ratio is None else ("ElasticNet", {"l1_ratio": ratio})
    fits = []
    for module in (ours, theirs):
        model = getattr(module, name)(
            alpha=0.1, fit_intercept=intercept, positive=positive, tol=1e-13, max_iter=10**5, **options
        )
        fits.append(model.fit(X, y, sample_weight=weights if weighted else None))
    agree(*fits, rtol=1e-6)
    if ratio != 0.0:
        assert ((fits[0].coef_ == 0) == (fits[1].coef_ == 0)).all()
        assert (fits[0].coef_ == 0).any() or not (intercept or positive)
    assert isinstance(fits[0].n_iter_, int) and 0 <= fits[0].dual_gap_ <= 1e-12 * np.mean(y**2) * 10
    assert (fits[0].sparse_coef_.toarray()[0] == fits[0].coef_).all()


def test_several_targets(data, rng):
    X, y, _ = data
    Y = np.column_stack([y, rng.normal(size=100), -y])
    a, b = (module.ElasticNet(alpha=0.05, tol=1e-12, max_iter=10**5).fit(X, Y) for module in (ours, theirs))
    agree(a, b)
    assert len(a.n_iter_) == 3 and a.dual_gap_.shape == b.dual_gap_.shape
    one, other = (module.Lasso(alpha=0.05).fit(X, Y[:, :1]) for module in (ours, theirs))
    agree(one, other, rtol=1e-2)
    assert one.predict(X).shape == other.predict(X).shape


def test_default_tolerance_is_kept(data):
    """Both stop at a gap of 1e-4 of the mean square of y: objectives, not coefficients, are that near."""
    X, y, _ = data
    objective = lambda model: np.mean((y - model.predict(X)) ** 2) / 2 + 0.1 * np.abs(model.coef_).sum()  # noqa: E731
    best = objective(theirs.Lasso(alpha=0.1, tol=1e-14, max_iter=10**6).fit(X, y))
    fit = ours.Lasso(alpha=0.1).fit(X, y)
    gap = 1e-4 * np.mean((y - y.mean()) ** 2)
    assert best - 1e-12 <= objective(fit) <= best + gap
    assert objective(fit) - best <= fit.dual_gap_ + 1e-12 and fit.dual_gap_ <= gap


def test_sparse_rows(data, rng):
    X, y, weights = data
    X = sparse.csr_array(np.where(rng.random(X.shape) < 0.4, X, 0))
    a, b = (module.Lasso(alpha=0.05, tol=1e-12, max_iter=10**5).fit(X, y, weights) for module in (ours, theirs))
    agree(a, b)


def test_too_few_iterations_are_told(data):
    X, y, _ = data
    with pytest.warns(ConvergenceWarning, match="max_iter"):
        ours.Lasso(alpha=1e-4, max_iter=1, tol=1e-14).fit(X, y)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_lasso_cv(data, intercept, weighted):
    X, y, weights = data
    weights = weights if weighted else None
    options = {"cv": 4, "fit_intercept": intercept, "tol": 1e-10, "max_iter": 10**5, "alphas": 30}
    a, b = (module.LassoCV(**options).fit(X, y, sample_weight=weights) for module in (ours, theirs))
    np.testing.assert_allclose(a.alphas_, b.alphas_, rtol=1e-12)
    np.testing.assert_allclose(a.mse_path_, b.mse_path_, rtol=1e-5)
    assert a.alpha_ == pytest.approx(b.alpha_, rel=1e-12)
    agree(a, b, rtol=1e-4)
    assert not hasattr(a, "l1_ratio_")


def test_elastic_net_cv_chooses_the_ratio(data):
    X, y, _ = data
    cv = ShuffleSplit(3, test_size=0.3, random_state=0)
    options = {"cv": cv, "l1_ratio": [0.2, 0.7, 1.0], "alphas": 20, "tol": 1e-10, "max_iter": 10**5}
    a, b = (module.ElasticNetCV(**options).fit(X, y) for module in (ours, theirs))
    assert (a.alpha_, a.l1_ratio_) == pytest.approx((b.alpha_, b.l1_ratio_), rel=1e-12)
    assert a.alphas_.shape == b.alphas_.shape == (3, 20) and a.mse_path_.shape == b.mse_path_.shape == (3, 20, 3)
    np.testing.assert_allclose(a.mse_path_, b.mse_path_, rtol=1e-5)
    agree(a, b, rtol=1e-4)


def test_penalties_of_the_callers(data):
    X, y, _ = data
    options = {"alphas": [0.01, 1.0, 0.1], "cv": 3, "tol": 1e-10, "positive": True, "max_iter": 10**5}
    a, b = (module.ElasticNetCV(**options).fit(X, y) for module in (ours, theirs))
    np.testing.assert_array_equal(a.alphas_, b.alphas_)
    np.testing.assert_allclose(a.mse_path_, b.mse_path_, rtol=1e-6)
    assert a.alpha_ == b.alpha_


def test_path(data):
    X, y, _ = data
    X, y = X - X.mean(axis=0), y - y.mean()
    alphas, coefficients, gaps = ours.Lasso.path(X, y, l1_ratio=1.0, alphas=10, tol=1e-12, max_iter=10**5)
    grid, expected, _ = theirs.Lasso.path(X, y, l1_ratio=1.0, alphas=10, tol=1e-12, max_iter=10**5)
    np.testing.assert_allclose(alphas, grid, rtol=1e-12)
    np.testing.assert_allclose(coefficients, expected, atol=1e-6)
    assert gaps.shape == (10,)


def test_what_is_refused(data):
    X, y, _ = data
    with pytest.raises(ValueError, match="one target"):
        ours.LassoCV().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="l1_ratio"):
        ours.ElasticNetCV(l1_ratio=0.0).fit(X, y)
    with pytest.raises(ValueError, match="alpha"):
        ours.Lasso(alpha=-1.0).fit(X, y)
