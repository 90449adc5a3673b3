"""Penalised generalised linear models: against scikit-learn, and by the conditions of a least value."""

import warnings

import numpy as np
import pytest
import talweg as tw

linear_model = pytest.importorskip("sklearn.linear_model")


def data(n, p, seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * scale + rng.normal(size=p)
    b = np.zeros(p)
    b[: min(p, 5)] = [1.0, -0.8, 0.6, -0.4, 0.3][: min(p, 5)]
    eta = (X - X.mean(0)) / scale @ b + 0.3
    return rng, X, eta


def binary(n, p, seed=0):
    rng, X, eta = data(n, p, seed)
    return X, (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0


# The loss's derivative with respect to the predictor, of a row, by family and link; the mean first.
SCORES = {
    "gaussian": lambda y, eta: eta - y,
    "binomial": lambda y, eta: 1 / (1 + np.exp(-eta)) - y,
    "poisson": lambda y, eta: np.exp(eta) - y,
    "gamma": lambda y, eta: 1 - y / np.exp(eta),
    "negative_binomial": lambda y, eta: (np.exp(eta) - y) / (1 + 0.5 * np.exp(eta)),
}
DRAWS = {
    "gaussian": lambda rng, eta: eta + rng.normal(size=eta.size),
    "binomial": lambda rng, eta: (rng.random(eta.size) < 1 / (1 + np.exp(-eta))) * 1.0,
    "poisson": lambda rng, eta: rng.poisson(np.exp(eta / 2)) * 1.0,
    "gamma": lambda rng, eta: rng.gamma(2, np.exp(eta / 2) / 2),
    "negative_binomial": lambda rng, eta: rng.negative_binomial(2, 2 / (2 + np.exp(eta / 2))) * 1.0,
}


def excess(gradient, b, l1, ridge):
    """By what share of l1 the conditions of a least value are missed."""
    pull = -gradient - ridge * b
    miss = np.where(b == 0, np.maximum(np.abs(pull) - l1, 0), np.abs(pull - l1 * np.sign(b)))
    return miss.max() / l1


@pytest.mark.parametrize("family", SCORES)
@pytest.mark.parametrize("shape", [(200, 8), (60, 150), (150, 900)])
@pytest.mark.parametrize("weighted", [False, True])
def test_conditions_of_a_least_value(family, shape, weighted):
    n, p = shape
    rng, X, eta = data(n, p, seed=len(family))
    y = DRAWS[family](rng, eta)
    weights = rng.integers(0, 4, size=n) * 1.0 if weighted else np.ones(n)
    offset = 0.1 * rng.normal(size=n) if weighted else np.zeros(n)
    ridge = 0.7 if weighted else 0.0
    most = np.abs(X - X.mean(0)).sum(0).max() * y.std()
    l1 = 0.05 * most
    fit = tw.glm(X, y, family=family, l1=l1, ridge=ridge, alpha=0.5, weights=weights if weighted else None,
                 offset=offset if weighted else None)  # fmt: skip
    b, c = np.asarray(fit.coefficients), fit.intercept.item()
    score = weights * SCORES[family](y, X @ b + c + offset)
    assert excess(X.T @ score, b, l1, ridge) < 1e-7 and fit.violation < 1e-7
    assert abs(score.sum()) < 1e-7 * np.abs(score).sum()
    assert fit.stop_reason == "tolerance" and fit.rank == np.count_nonzero(b)
    assert np.isnan(np.asarray(fit.standard_errors)).all()
    assert fit.degrees_of_freedom == np.count_nonzero(weights) - fit.rank - 1


@pytest.mark.parametrize("r", [1.0, 0.4])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("shape", [(300, 10), (80, 120)])
def test_logistic_agrees_with_scikit_learn(r, intercept, shape):
    X, y = binary(*shape, seed=3)
    C = 0.3
    theirs = linear_model.LogisticRegression(
        l1_ratio=r, C=C, solver="saga", tol=1e-12, max_iter=1_000_000, fit_intercept=intercept)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(X, y)
    ours = tw.glm(X, y, family="binomial", l1=r / C, ridge=(1 - r) / C, intercept=intercept)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_[0], rtol=1e-6, atol=1e-8)
    assert ours.intercept.item() == pytest.approx(theirs.intercept_[0] if intercept else 0, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("r", [1.0, 0.5])
@pytest.mark.parametrize("intercept", [True, False])
def test_multinomial(r, intercept):
    rng, X, eta = data(400, 12, seed=5)
    y = np.argmax(np.column_stack([eta, X[:, 0], -X[:, 1], 0.2 * X[:, 2]]) + rng.gumbel(size=(400, 4)), axis=1)
    C = 0.2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = linear_model.LogisticRegression(
            l1_ratio=r, C=C, solver="saga", tol=1e-12, max_iter=1_000_000, fit_intercept=intercept).fit(X, y)  # fmt: skip
    ours = tw.glm(X, y, family="multinomial", l1=r / C, ridge=(1 - r) / C, intercept=intercept)
    b, c = np.asarray(ours.coefficients), np.asarray(ours.intercept)
    eta = X @ b.T + c
    P = np.exp(eta - eta.max(1, keepdims=True))
    P /= P.sum(1, keepdims=True)
    error = P - np.eye(4)[y]
    assert excess(error.T @ X, b, r / C, (1 - r) / C) < 1e-7
    assert np.abs(error.sum(0)).max() < 1e-7 * len(y) if intercept else not c.any()
    np.testing.assert_allclose(P, theirs.predict_proba(X), atol=1e-6)
    if r < 1:  # then the coefficients are unique
        np.testing.assert_allclose(b, theirs.coef_, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(c, theirs.intercept_ - theirs.intercept_.mean(), rtol=1e-5, atol=1e-7)
    assert ours.log_likelihood == pytest.approx(np.log(P[np.arange(400), y]).sum(), rel=1e-12)
    assert ours.rank == np.count_nonzero(b)


def test_path_and_elastic_net():
    rng, X, eta = data(250, 30, seed=8)
    y = eta + rng.normal(size=250)
    path = tw.glm_path(X, y, penalty_count=20, l1_ratio=0.8)
    peer = tw.elastic_net(X, y, np.asarray(path.penalties), l1_ratio=0.8, tolerance=1e-14)
    assert len(path) == 20 and not np.asarray(path.coefficients)[0].any()
    np.testing.assert_allclose(path.penalties[0], tw.elastic_net(X, y, l1_ratio=0.8).penalties[0], rtol=1e-12)
    np.testing.assert_allclose(path.coefficients, peer.coefficients, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(path.intercepts, peer.intercepts, rtol=1e-7)
    np.testing.assert_allclose(path[7].predict(X[:3]), X[:3] @ np.asarray(path.coefficients[7]) + path.intercepts[7].item())
    assert (np.diff(np.asarray(path.deviances)) < 0).all() and path[19].deviance == path.deviances[19].item()
    standard = tw.glm_path(X * np.logspace(-2, 2, 30), y, standardize=True, penalty_count=5)
    plain = tw.glm_path((X - X.mean(0)) / X.std(0), y, penalty_count=5)
    np.testing.assert_allclose(np.asarray(standard.coefficients) * np.logspace(-2, 2, 30) * X.std(0),
                               plain.coefficients, rtol=1e-7, atol=1e-10)  # fmt: skip


@pytest.mark.parametrize("family", ["binomial", "poisson", "multinomial"])
def test_path_is_as_each_fit(family):
    rng, X, eta = data(200, 40, seed=2)
    y = DRAWS["poisson" if family == "poisson" else "binomial"](rng, eta)
    path = tw.glm_path(X, y, family=family, penalty_count=8, penalty_ratio=0.01)
    for k in (1, 4, 7):
        one = tw.glm(X, y, family=family, l1=200 * path.penalties[k].item())
        assert one.deviance == pytest.approx(path.deviances[k].item(), rel=1e-9)
        np.testing.assert_allclose(one.predict(X), path[k].predict(X), rtol=1e-5, atol=1e-8)
        assert path[k].violation < 1e-7
    seen = []
    cut = tw.glm_path(X, y, family=family, callback=lambda p: seen.append(p.iteration) or len(seen) == 3)
    assert cut.stop_reason == "callback" and len(cut) == 3 and seen == [1, 2, 3]


def test_separated_classes_have_a_penalised_fit():
    x = np.column_stack([np.arange(8.0), np.ones(8)])
    y = (x[:, 0] > 3) * 1.0
    fit = tw.glm(x, y, family="binomial", l1=0.5)
    b, c = np.asarray(fit.coefficients), fit.intercept.item()
    score = 1 / (1 + np.exp(-x @ b - c)) - y
    assert excess(x.T @ score, b, 0.5, 0) < 1e-7 and b[1] == 0 and not fit.separated


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_any_layout(dtype):
    X, y = binary(500, 20, 4)
    X = np.round(4 * X).astype(dtype)
    fits = [tw.glm(a, y, family="binomial", l1=3.0) for a in (X, np.asfortranarray(X), X[:, ::-1][:, ::-1])]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.coefficients, fits[0].coefficients, rtol=2e-6, atol=1e-7)


def test_refusals():
    X, y = binary(20, 3)
    for words, call in [
        ("l1 is -1", lambda: tw.glm(X, y, l1=-1.0)),
        ("l1 is inf", lambda: tw.glm(X, y, l1=np.inf)),
        ("l1_ratio is 0", lambda: tw.glm_path(X, y, l1_ratio=0.0)),
        ("l1_ratio is nan", lambda: tw.glm_path(X, y, l1_ratio=np.nan)),
        ("penalty is 0", lambda: tw.glm_path(X, y, [1.0, 0.0])),
        ("penalty_count", lambda: tw.glm_path(X, y, penalty_count=0)),
        ("penalty_ratio", lambda: tw.glm_path(X, y, penalty_ratio=1.0)),
        ("in row", lambda: tw.glm_path(np.where(X > 1, np.nan, X), y)),
    ]:
        with pytest.raises((ValueError, tw.TalwegError), match=words):
            call()
    with pytest.raises(IndexError):
        tw.glm_path(X, y, penalty_count=3)[3]
