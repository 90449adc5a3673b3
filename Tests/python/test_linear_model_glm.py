"""LogisticRegression, PoissonRegressor, GammaRegressor: the results are scikit-learn's."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_iris  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.preprocessing import scale  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model


@pytest.fixture(params=[2, 4], ids=["two classes", "four classes"])
def data(request, rng):
    X = rng.normal(size=(150, 5)) * [1, 2, 0.5, 1, 1] + 0.5
    scores = X @ rng.normal(size=(5, request.param)) + rng.gumbel(size=(150, request.param))
    names = np.array(["ant", "bee", "cat", "dog"])
    return X, names[scores.argmax(axis=1)], rng.integers(0, 3, 150) * 0.8


def agree(a, b, X, rtol=1e-4):
    size = np.abs(b.coef_).max()
    assert a.coef_.shape == b.coef_.shape and np.shape(a.intercept_) == np.shape(b.intercept_)
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(a.intercept_, b.intercept_, rtol=rtol, atol=rtol * size)


@pytest.mark.parametrize("C", [0.01, 1.0, np.inf])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_logistic(data, intercept, weighted, C):
    X, y, weights = data
    weights = weights if weighted else None
    options = {"C": C, "fit_intercept": intercept}
    a = ours.LogisticRegression(**options).fit(X, y, sample_weight=weights)
    b = theirs.LogisticRegression(tol=1e-10, max_iter=10**4, **options).fit(X, y, sample_weight=weights)
    agree(a, b, X)
    assert a.classes_.tolist() == b.classes_.tolist()
    for method in ("decision_function", "predict_proba", "predict_log_proba"):
        mine, other = (getattr(model, method)(X[:20]) for model in (a, b))
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other, rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(a.predict_proba(X).sum(axis=1), 1, rtol=1e-12)
    assert a.predict(X).tolist() == b.predict(X).tolist()
    assert a.score(X, y) == b.score(X, y)


def test_gradient_is_zero(data):
    """By the definition of the objective: X'(y - p) C = b for each class."""
    X, y, weights = data
    fit = ours.LogisticRegression(C=0.7).fit(X, y, weights)
    hits = (y[:, None] == fit.classes_).astype(float)
    rest = weights[:, None] * (hits - fit.predict_proba(X))
    b = fit.coef_.T if len(fit.classes_) > 2 else fit.coef_.T * [-1, 1]
    np.testing.assert_allclose(0.7 * X.T @ rest, b if len(fit.classes_) > 2 else b, atol=1e-7)
    np.testing.assert_allclose(rest.sum(axis=0), 0, atol=1e-7)


@pytest.mark.parametrize("ratio", [0.4, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_magnitudes(data, intercept, weighted, ratio):
    X, y, weights = data
    weights = weights if weighted else None
    options = {"C": 0.1, "l1_ratio": ratio, "fit_intercept": intercept}
    a = ours.LogisticRegression(**options).fit(X, y, weights)
    b = theirs.LogisticRegression(solver="saga", tol=1e-9, max_iter=10**5, random_state=0, **options).fit(X, y, weights)
    if ratio == 1.0 and len(a.classes_) > 2:
        # A column's coefficients may move together as long as as many rise as fall: models, not coefficients, are one.
        assert np.abs(a.coef_).sum() == pytest.approx(np.abs(b.coef_).sum(), rel=1e-4)
        np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-3, atol=1e-4)
    else:
        agree(a, b, X)
        assert ((a.coef_ == 0) == (b.coef_ == 0)).all()
    assert (a.coef_ == 0).any()
    if ratio == 1.0:
        same = ours.LogisticRegression(penalty="l1", C=0.1, fit_intercept=intercept).fit(X, y, weights)
        np.testing.assert_array_equal(same.coef_, a.coef_)


@pytest.mark.parametrize("class_weight", ["balanced", {"ant": 3.0, "bee": 0.5}])
def test_class_weights(data, class_weight):
    X, y, weights = data
    if isinstance(class_weight, dict) and len(set(y)) > 2:
        class_weight = {**class_weight, "cat": 1.0, "dog": 2.0}
    options = {"class_weight": class_weight}
    a = ours.LogisticRegression(**options).fit(X, y, weights)
    agree(a, theirs.LogisticRegression(tol=1e-10, max_iter=10**4, **options).fit(X, y, weights), X)


def test_liblinear_penalises_the_intercept(rng):
    X = rng.normal(size=(100, 3)) + 1
    y = X @ [1, -1, 0.5] + rng.logistic(size=100) > 1
    options = {"solver": "liblinear", "intercept_scaling": 2.0, "C": 0.3}
    agree(ours.LogisticRegression(**options).fit(X, y), theirs.LogisticRegression(tol=1e-10, **options).fit(X, y), X)
    options["l1_ratio"] = 1
    agree(ours.LogisticRegression(**options).fit(X, y), theirs.LogisticRegression(tol=1e-10, **options).fit(X, y), X)
    with pytest.raises(ValueError, match="multiclass"):
        ours.LogisticRegression(**options).fit(X, rng.integers(0, 3, 100))


def test_sparse_rows(data, rng):
    X, y, _ = data
    X = sparse.csr_array(np.where(rng.random(X.shape) < 0.5, X, 0))
    a, b = ours.LogisticRegression().fit(X, y), theirs.LogisticRegression(tol=1e-10, max_iter=10**4).fit(X, y)
    agree(a, b, X)
    assert a.predict(X).tolist() == b.predict(X).tolist()
    dense = a.decision_function(X)
    np.testing.assert_allclose(a.sparsify().decision_function(X), dense, rtol=1e-12)
    assert sparse.issparse(a.coef_) and isinstance(a.densify().coef_, np.ndarray)


def test_real_sets():
    X, y = load_breast_cancer(return_X_y=True)
    X = scale(X)
    a, b = ours.LogisticRegression().fit(X, y), theirs.LogisticRegression(tol=1e-10, max_iter=10**4).fit(X, y)
    agree(a, b, X)
    X, y = load_iris(return_X_y=True)
    agree(ours.LogisticRegression().fit(X, y), theirs.LogisticRegression(tol=1e-10, max_iter=10**4).fit(X, y), X)


def test_separated_classes_are_told():
    X, y = [[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1]
    with pytest.warns(ConvergenceWarning, match="separates"):
        ours.LogisticRegression(C=np.inf).fit(X, y)
    ours.LogisticRegression().fit(X, y)


def test_probabilities_far_out():
    fit = ours.LogisticRegression().fit([[-1.0], [1.0]], [0, 1])
    fit.coef_[:] = 1.0
    far = fit.predict_proba([[-800.0], [0.0], [40.0], [800.0]])
    np.testing.assert_allclose(far[:, 0], [1, 0.5, np.exp(-40), 0], rtol=1e-12)
    np.testing.assert_allclose(far.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("name", ["PoissonRegressor", "GammaRegressor"])
@pytest.mark.parametrize("alpha", [0.0, 0.1, 5.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_log_links(rng, intercept, weighted, alpha, name):
    X = rng.normal(size=(200, 4)) * [1, 0.5, 2, 1]
    means = np.exp(X @ [0.3, -0.2, 0.1, 0.0] + 0.5)
    y = rng.poisson(means) if name == "PoissonRegressor" else rng.gamma(2.0, means / 2)
    weights = rng.integers(0, 3, 200) * 0.8 if weighted else None
    options = {"alpha": alpha, "fit_intercept": intercept}
    a = getattr(ours, name)(**options).fit(X, y, sample_weight=weights)
    b = getattr(theirs, name)(tol=1e-10, max_iter=10**4, solver="newton-cholesky", **options)
    b.fit(X, y, sample_weight=weights)
    agree(a, b, X, rtol=1e-6)
    assert a.n_iter_ < 15
    np.testing.assert_allclose(a.predict(X), b.predict(X), rtol=1e-6)
    assert a.score(X, y, sample_weight=weights) == pytest.approx(b.score(X, y, sample_weight=weights), rel=1e-6)


def test_what_is_refused(rng):
    X = rng.normal(size=(20, 2))
    for model, y in ((ours.PoissonRegressor(), -np.ones(20)), (ours.GammaRegressor(), np.zeros(20))):
        with pytest.raises(ValueError, match="valid range"):
            model.fit(X, y)
    with pytest.raises(ValueError, match="one class"):
        ours.LogisticRegression().fit(X, np.ones(20))
    with pytest.raises(ValueError, match="C"):
        ours.LogisticRegression(C=-1.0).fit(X, X[:, 0] > 0)
