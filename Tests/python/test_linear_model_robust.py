"""HuberRegressor, QuantileRegressor, RANSACRegressor: the results are scikit-learn's."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.tree import DecisionTreeRegressor  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model


@pytest.fixture
def data(rng):
    X = rng.normal(size=(120, 5)) * [1, 3, 0.2, 1, 1] + 2
    y = X @ rng.normal(size=5) + 0.5 * rng.standard_t(3, size=120) + 5
    y[::15] += 40
    return X, y, rng.integers(0, 4, 120) * 0.6


def huber_objective(model, X, y, weights, epsilon, alpha):
    w = np.ones(len(y)) if weights is None else weights
    z = np.abs(y - X @ model.coef_ - model.intercept_) / model.scale_
    loss = np.where(z <= epsilon, z**2, 2 * epsilon * z - epsilon**2)
    return np.sum(w * (model.scale_ + loss * model.scale_)) + alpha * np.sum(model.coef_**2)


@pytest.mark.parametrize("epsilon", [1.1, 1.35, 3.0])
@pytest.mark.parametrize("alpha", [0.0, 1e-4, 20.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_huber(data, intercept, weighted, alpha, epsilon):
    X, y, weights = data
    weights = weights if weighted else None
    options = {"epsilon": epsilon, "alpha": alpha, "fit_intercept": intercept, "max_iter": 5000}
    a, b = (module.HuberRegressor(tol=1e-9, **options).fit(X, y, sample_weight=weights) for module in (ours, theirs))
    # The least value is the better of the two, and theirs stops where L-BFGS does.
    mine, other = (huber_objective(model, X, y, weights, epsilon, alpha) for model in (a, b))
    assert mine <= other * (1 + 1e-12)
    assert mine == pytest.approx(other, rel=1e-6)
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=2e-3, atol=2e-3 * np.abs(b.coef_).max())
    assert a.scale_ == pytest.approx(b.scale_, rel=2e-3)
    assert a.intercept_ == pytest.approx(b.intercept_, rel=2e-3)
    assert a.outliers_.dtype == bool and np.mean(a.outliers_ != b.outliers_) < 0.02
    assert 0 < a.n_iter_ < 40


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_huber_as_least_absolute_deviations(data, intercept, weighted):
    """With an epsilon of 1 the best scale is 0, and twice the sum of magnitudes is left."""
    X, y, weights = data
    w = weights if weighted else np.ones(120)
    fit = ours.HuberRegressor(epsilon=1.0, alpha=0.0, fit_intercept=intercept).fit(X, y, w)
    other = theirs.QuantileRegressor(alpha=0.0, fit_intercept=intercept).fit(X, y, w)
    magnitudes = [np.sum(w * np.abs(y - model.predict(X))) for model in (fit, other)]
    assert magnitudes[1] <= magnitudes[0] * (1 + 1e-12)
    assert magnitudes[0] == pytest.approx(magnitudes[1], rel=1e-4)


def test_huber_at_its_minimum(data):
    """The gradient is zero there: by the definition of the objective, not by another's iterations."""
    X, y, weights = data
    fit = ours.HuberRegressor(alpha=0.5).fit(X, y, weights)
    r = y - X @ fit.coef_ - fit.intercept_
    psi = np.clip(r / fit.scale_, -1.35, 1.35)
    size = np.sum(weights * np.abs(X).T, axis=1).max()
    np.testing.assert_allclose(-2 * X.T @ (weights * psi) + 2 * 0.5 * fit.coef_, 0, atol=1e-9 * size)
    assert np.sum(weights * psi) == pytest.approx(0, abs=1e-9 * weights.sum())
    inside = np.abs(r) <= 1.35 * fit.scale_
    of_scale = weights.sum() - np.sum(weights * inside * (r / fit.scale_) ** 2) - 1.35**2 * weights[~inside].sum()
    assert of_scale == pytest.approx(0, abs=1e-9 * weights.sum())


def test_huber_without_noise():
    X = np.arange(10.0)[:, None]
    y = 2 * X[:, 0] + 1
    y[3] = 100
    fit = ours.HuberRegressor(alpha=0.0).fit(X, y)
    np.testing.assert_allclose([fit.coef_[0], fit.intercept_], [2, 1], rtol=1e-9)
    assert fit.outliers_.tolist() == [i == 3 for i in range(10)] or fit.scale_ < 1e-12


def test_huber_of_columns_that_depend_on_each_other(data):
    X, y, _ = data
    double = np.column_stack([X, X[:, 0]])
    a, b = ours.HuberRegressor(alpha=0.0).fit(double, y), ours.HuberRegressor(alpha=0.0).fit(X, y)
    np.testing.assert_allclose(a.predict(double), b.predict(X), rtol=1e-7)


def pinball(model, X, y, weights, quantile, alpha):
    r = y - X @ model.coef_ - model.intercept_
    w = np.ones(len(y)) if weights is None else weights
    return np.sum(w * np.where(r >= 0, quantile * r, (quantile - 1) * r)) / w.sum() + alpha * np.abs(model.coef_).sum()


@pytest.mark.parametrize("quantile", [0.13, 0.47, 0.81])
@pytest.mark.parametrize("alpha", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_quantile(data, intercept, weighted, alpha, quantile):
    X, y, weights = data
    weights = weights if weighted else None
    options = {"quantile": quantile, "alpha": alpha, "fit_intercept": intercept}
    a, b = (module.QuantileRegressor(**options).fit(X, y, sample_weight=weights) for module in (ours, theirs))
    mine, other = (pinball(model, X, y, weights, quantile, alpha) for model in (a, b))
    assert mine == pytest.approx(other, rel=1e-9)
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=1e-6, atol=1e-6 * max(1, np.abs(b.coef_).max()))
    np.testing.assert_allclose(a.intercept_, b.intercept_, rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weighted", [False, True])
def test_ransac_draws_the_same(data, seed, weighted):
    X, y, weights = data
    options = {"random_state": seed, "residual_threshold": 2.0}
    fits = [module.RANSACRegressor(**options) for module in (ours, theirs)]
    for fit in fits:
        fit.fit(X, y, sample_weight=weights + 0.1 if weighted else None)
    a, b = fits
    np.testing.assert_array_equal(a.inlier_mask_, b.inlier_mask_)
    np.testing.assert_allclose(a.estimator_.coef_, b.estimator_.coef_, rtol=1e-9)
    np.testing.assert_allclose(a.predict(X), b.predict(X), rtol=1e-9)
    assert a.score(X, y) == pytest.approx(b.score(X, y), rel=1e-9)
    for name in ("n_trials_", "n_skips_no_inliers_", "n_skips_invalid_data_", "n_skips_invalid_model_"):
        assert getattr(a, name) == getattr(b, name)


def test_ransac_of_other_models_and_conditions(data):
    X, y, _ = data
    Y = np.column_stack([y, -y])
    options = [
        {"estimator": DecisionTreeRegressor(max_depth=3, random_state=0), "min_samples": 0.3},
        {"min_samples": 10, "loss": "squared_error", "residual_threshold": 4.0, "stop_n_inliers": 90},
        {"is_data_valid": lambda X, y: y.max() < 45, "is_model_valid": lambda model, X, y: model.intercept_ > 4},
        {"loss": lambda y, p: np.abs(y - p) ** 1.5, "residual_threshold": 3.0, "stop_score": 0.5},
    ]
    for chosen in options:
        a, b = (module.RANSACRegressor(random_state=1, max_trials=30, **chosen).fit(X, y) for module in (ours, theirs))
        np.testing.assert_array_equal(a.inlier_mask_, b.inlier_mask_)
        assert (a.n_trials_, a.n_skips_invalid_data_, a.n_skips_invalid_model_) == (
            b.n_trials_, b.n_skips_invalid_data_, b.n_skips_invalid_model_,
        )  # fmt: skip
    a, b = (module.RANSACRegressor(random_state=1, residual_threshold=3.0).fit(X, Y) for module in (ours, theirs))
    np.testing.assert_array_equal(a.inlier_mask_, b.inlier_mask_)
    np.testing.assert_allclose(a.estimator_.coef_, b.estimator_.coef_, rtol=1e-8)


def test_ransac_that_finds_nothing(data):
    X, y, _ = data
    with pytest.raises(ValueError, match="consensus"):
        ours.RANSACRegressor(is_data_valid=lambda X, y: False, max_trials=5).fit(X, y)
    with pytest.raises(ValueError, match="max_skips"):
        ours.RANSACRegressor(is_data_valid=lambda X, y: False, max_skips=3).fit(X, y)
    with pytest.raises(ValueError, match="min_samples"):
        ours.RANSACRegressor(min_samples=1000).fit(X, y)
    with pytest.raises(ValueError, match="explicitly set"):
        ours.RANSACRegressor(DecisionTreeRegressor()).fit(X, y)
    calls = iter([True, False, False, False, False])
    with pytest.warns(ConvergenceWarning, match="max_skips"):
        ours.RANSACRegressor(
            is_data_valid=lambda X, y: next(calls), max_skips=2, residual_threshold=0.2, random_state=0
        ).fit(X, y)
