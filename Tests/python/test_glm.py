"""Generalised linear models against statsmodels and scikit-learn, and what they refuse."""

import warnings

import numpy as np
import pytest
import talweg as tw

sm = pytest.importorskip("statsmodels.api")


def data(n=80, p=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * [1, 3, 0.2][:p] + [0, 5, -2][:p]
    eta = X @ np.array([0.5, -0.2, 1.5][:p]) + 1.0 + 3.2
    eta -= eta.mean() - 0.3
    return rng, X, eta


FAMILIES = {
    "gaussian": (None, lambda rng, eta: eta + rng.normal(size=eta.size), lambda: sm.families.Gaussian()),
    "gaussian-log": (
        "log",
        lambda rng, eta: np.exp(eta / 4) + 0.1 * rng.normal(size=eta.size),
        lambda: sm.families.Gaussian(sm.families.links.Log()),
    ),
    "binomial": (None, lambda rng, eta: (rng.random(eta.size) < 1 / (1 + np.exp(-eta))) * 1.0,
                 lambda: sm.families.Binomial()),
    "binomial-probit": ("probit", lambda rng, eta: (rng.normal(size=eta.size) < eta) * 1.0,
                        lambda: sm.families.Binomial(sm.families.links.Probit())),
    "binomial-cloglog": ("cloglog", lambda rng, eta: (rng.random(eta.size) < 1 - np.exp(-np.exp(eta))) * 1.0,
                         lambda: sm.families.Binomial(sm.families.links.CLogLog())),
    "poisson": (None, lambda rng, eta: rng.poisson(np.exp(eta)) * 1.0, lambda: sm.families.Poisson()),
    "gamma": (None, lambda rng, eta: rng.gamma(2, np.exp(eta) / 2), lambda: sm.families.Gamma(sm.families.links.Log())),
    "gamma-inverse": ("inverse", lambda rng, eta: rng.gamma(20, 1 / (3 + 0.1 * np.abs(eta)) / 20),
                      lambda: sm.families.Gamma()),
    "negative_binomial": (None, lambda rng, eta: rng.negative_binomial(2, 2 / (2 + np.exp(eta))) * 1.0,
                          lambda: sm.families.NegativeBinomial(alpha=0.5)),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:The InversePower link")
@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [True, False])
def test_agrees_with_statsmodels(name, weighted, intercept):
    link, draw, family = FAMILIES[name]
    rng, X, eta = data(seed=len(name))
    if not intercept:
        X = np.column_stack([X[:, :2], np.ones(len(X))])
    y = draw(rng, eta)
    weights = rng.integers(1, 4, size=len(y)) * 1.0 if weighted else None
    offset = 0.1 * rng.normal(size=len(y)) if weighted and "inverse" not in name else None
    theirs = sm.GLM(y, sm.add_constant(X) if intercept else X, family=family(), var_weights=weights, offset=offset)
    # Both as far as rounding goes: with links that are not canonical each iteration gains a digit or so only.
    theirs = theirs.fit(tol=0, maxiter=60)
    ours = tw.glm(X, y, family=name.split("-")[0], link=link, weights=weights, offset=offset, intercept=intercept,
                  alpha=0.5, tolerance=1e-26)  # fmt: skip
    coefficients = np.append(ours.intercept.item(), ours.coefficients) if intercept else np.asarray(ours.coefficients)
    errors = np.append(ours.intercept_standard_error.item(), ours.standard_errors)[0 if intercept else 1 :]
    np.testing.assert_allclose(coefficients, theirs.params, rtol=3e-8, atol=1e-10)
    np.testing.assert_allclose(errors, theirs.bse, rtol=3e-8)
    assert ours.deviance == pytest.approx(theirs.deviance, rel=1e-13)
    assert ours.dispersion == pytest.approx(theirs.scale, rel=1e-12)
    if name != "gaussian-log":  # there statsmodels takes the dispersion, not the variance of greatest likelihood
        assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-12)
        assert ours.aic == pytest.approx(theirs.aic, rel=1e-12)
    assert ours.degrees_of_freedom == theirs.df_resid
    if intercept:
        assert ours.null_deviance == pytest.approx(theirs.null_deviance, rel=1e-12)
        new = X[:5] + 0.1
        np.testing.assert_allclose(ours.predict(new), theirs.predict(sm.add_constant(new, has_constant="add"),
                                   offset=0 if offset is not None else None), rtol=1e-7)  # fmt: skip
    assert ours.stop_reason == "tolerance" and not ours.separated


def test_many_rows_go_by_the_gram_matrix():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(30_000, 20)) * np.logspace(-3, 3, 20) + 10
    eta = (X - 10) @ (0.4 * rng.normal(size=20) / np.logspace(-3, 3, 20)) - 0.5
    y = (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))) * 1.0
    theirs = sm.GLM(y, sm.add_constant((X - 10) / np.logspace(-3, 3, 20)), family=sm.families.Binomial())
    theirs = theirs.fit(tol=0, maxiter=30)
    ours = tw.glm(X, y, family="binomial", tolerance=1e-20)
    quick = tw.glm(X, y, family="binomial")
    errors = np.asarray(ours.standard_errors)

    def distance(fit):
        return np.abs((np.asarray(fit.coefficients) - np.asarray(ours.coefficients)) / errors).max()

    # A last step that promises 2e-10 of a loss of 2e4 is 2e-3 standard errors long, and leaves much less.
    assert distance(quick) < 1e-4
    np.testing.assert_allclose(quick.standard_errors, errors, rtol=1e-6)
    scaled = np.asarray(ours.coefficients) * np.logspace(-3, 3, 20)
    np.testing.assert_allclose(scaled, theirs.params[1:], rtol=1e-9)
    np.testing.assert_allclose(errors * np.logspace(-3, 3, 20), theirs.bse[1:], rtol=1e-8)
    assert distance(tw.glm(np.asfortranarray(X), y, family="binomial")) < 1e-4
    # float32 rounds a column of deviation 1e-3 about 10 by 3e-4 of the deviation.
    assert distance(tw.glm(X.astype(np.float32), y, family="binomial")) < 1e-2
    before = tw.num_threads()
    try:
        tw.set_num_threads(1)
        assert np.array_equal(np.asarray(tw.glm(X, y, family="binomial").coefficients), np.asarray(quick.coefficients))
    finally:
        tw.set_num_threads(before)


def test_ridge_is_the_inverse_of_c():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng, X, eta = data(200)
    y = (rng.random(eta.size) < 1 / (1 + np.exp(-eta))) * 1
    theirs = linear_model.LogisticRegression(C=0.5, tol=1e-14, solver="newton-cholesky").fit(X, y)
    ours = tw.glm(X, y, family="binomial", ridge=2.0)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_[0], rtol=1e-12)
    assert ours.intercept.item() == pytest.approx(theirs.intercept_[0], rel=1e-12)
    np.testing.assert_array_equal(ours.predict(X, "class"), theirs.predict(X))
    np.testing.assert_allclose(ours.predict(X), theirs.predict_proba(X)[:, 1], rtol=1e-12)


def test_multinomial():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng, X, eta = data(300)
    y = np.argmax(np.column_stack([eta, X[:, 0], 0.3 * X[:, 1]]) + rng.gumbel(size=(300, 3)), axis=1)
    theirs = sm.MNLogit(y, sm.add_constant(X)).fit(method="newton", tol=1e-12, disp=0)
    ours = tw.glm(X, y, family="multinomial")
    assert ours.coefficients.shape == (3, 3) and not np.asarray(ours.coefficients)[0].any()
    np.testing.assert_allclose(np.asarray(ours.coefficients)[1:].T, theirs.params[1:], rtol=1e-12)
    np.testing.assert_allclose(np.asarray(ours.intercept)[1:], theirs.params[0], rtol=1e-12)
    np.testing.assert_allclose(np.asarray(ours.standard_errors)[1:].T, theirs.bse[1:], rtol=1e-12)
    np.testing.assert_allclose(np.asarray(ours.intercept_standard_error)[1:], theirs.bse[0], rtol=1e-12)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-13)
    counts = np.bincount(y)
    assert ours.null_deviance == pytest.approx(-2 * np.sum(counts * np.log(counts / 300)), rel=1e-13)
    assert ours.aic == pytest.approx(theirs.aic, rel=1e-12)
    np.testing.assert_allclose(ours.predict(X[:7]), theirs.predict(sm.add_constant(X)[:7]), rtol=1e-12)
    ridge = tw.glm(X, y, family="multinomial", ridge=4.0)
    peer = linear_model.LogisticRegression(C=0.25, tol=1e-14, solver="newton-cholesky").fit(X, y)
    np.testing.assert_allclose(ridge.coefficients, peer.coef_, atol=1e-13)
    np.testing.assert_allclose(ridge.intercept, peer.intercept_, atol=1e-13)
    np.testing.assert_array_equal(ridge.predict(X, "class"), peer.predict(X))


@pytest.mark.parametrize("complete", [True, False])
def test_separation_is_said(complete):
    x = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    y = np.array([0, 0, 0, 0, 1, 1, 1, 1.0])
    if not complete:
        x[4] = 4.0
    with pytest.warns(RuntimeWarning, match="separates"):
        fit = tw.glm(x, y, family="binomial")
    assert fit.separated and np.isnan(np.asarray(fit.standard_errors)).all()
    with pytest.warns(RuntimeWarning):
        assert tw.glm(x, y, family="multinomial").separated
    assert not tw.glm(x, y, family="binomial", ridge=0.1).separated
    with pytest.warns(RuntimeWarning):
        zeros = tw.glm((x > 4) * 1.0, np.where(x > 4, 0.0, x), family="poisson")
    assert zeros.separated


def test_spector():
    # Greene, Econometric Analysis, 5th ed., table 21.1: logit and probit of GRADE on GPA, TUCE, PSI.
    frame = sm.datasets.spector.load_pandas()
    X, y = frame.exog.to_numpy(), frame.endog.to_numpy()
    logit = tw.glm(X, y, family="binomial")
    np.testing.assert_allclose(logit.coefficients, [2.826, 0.095, 2.379], atol=6e-4)
    np.testing.assert_allclose(logit.standard_errors, [1.263, 0.142, 1.065], atol=6e-4)
    probit = tw.glm(X, y, family="binomial", link="probit")
    np.testing.assert_allclose(probit.coefficients, [1.626, 0.052, 1.426], atol=6e-4)
    assert logit.log_likelihood == pytest.approx(-12.89, abs=5e-3)


@pytest.mark.parametrize("family", ["binomial", "multinomial", "poisson"])
def test_dependent_columns(family):
    rng, X, eta = data(120)
    y = (rng.random(eta.size) < 1 / (1 + np.exp(-eta))) * 1.0
    twice = np.column_stack([X, X[:, 0]])
    whole, fit = tw.glm(X, y, family=family), tw.glm(twice, y, family=family)
    assert fit.rank == 3 and fit.degrees_of_freedom == whole.degrees_of_freedom
    assert fit.deviance == pytest.approx(whole.deviance, rel=1e-9)
    np.testing.assert_allclose(fit.predict(twice), whole.predict(X), rtol=1e-6)
    if family != "multinomial":
        b = np.asarray(fit.coefficients)
        np.testing.assert_allclose(b[[0, 3]], [whole.coefficients[0].item() / 2] * 2, rtol=1e-7)
        errors = np.asarray(fit.standard_errors)
        assert np.isnan(errors[[0, 3]]).all()
        np.testing.assert_allclose(errors[1:3], np.asarray(whole.standard_errors)[1:3], rtol=1e-6)


def test_callback_and_iterations():
    rng, X, eta = data()
    y = (rng.random(eta.size) < 1 / (1 + np.exp(-eta))) * 1.0
    seen = []
    fit = tw.glm(X, y, family="binomial", callback=lambda progress: seen.append(progress) or len(seen) == 2)
    assert fit.stop_reason == "callback" and [s.iteration for s in seen] == [1, 2]
    assert seen[1].objective < seen[0].objective and seen[0].coefficients.shape == (3,)
    np.testing.assert_allclose(seen[1].coefficients, fit.coefficients)
    assert tw.glm(X, y, family="binomial", max_iterations=1).stop_reason == "iterations"
    with pytest.raises(ZeroDivisionError):
        tw.glm(X, y, family="binomial", callback=lambda progress: 1 / 0)


def test_bad_input():
    X, y = np.ones((4, 2)) * [[1, 2], [2, 5], [4, 1], [0, 1]], np.array([0.0, 1, 1, 0])
    cases = [
        (ValueError, "3 rows", lambda: tw.glm(X[:3], y)),
        (ValueError, "no rows", lambda: tw.glm(np.ones((0, 2)), np.ones(0))),
        (ValueError, "y has 2.0 in row 1; the binomial family needs 0 to 1",
         lambda: tw.glm(X, 2 * y, family="binomial")),
        (ValueError, "above 0", lambda: tw.glm(X, y, family="gamma")),
        (ValueError, "0 or more", lambda: tw.glm(X, -y, family="poisson")),
        (ValueError, "class numbers", lambda: tw.glm(X, y / 2, family="multinomial")),
        (ValueError, "class 1 of 3 has no rows", lambda: tw.glm(X, 2 * y, family="multinomial")),
        (ValueError, "one class only", lambda: tw.glm(X, 0 * y, family="multinomial")),
        (ValueError, "weights has -1.0 in row 2", lambda: tw.glm(X, y, weights=[1, 1, -1, 1])),
        (ValueError, "all 4 weights are 0", lambda: tw.glm(X, y, weights=[0, 0, 0, 0])),
        (ValueError, "probit link is none of the Poisson family's",
         lambda: tw.glm(X, y, family="poisson", link="probit")),
        (ValueError, "family 'tweedie'", lambda: tw.glm(X, y, family="tweedie")),
        (ValueError, "alpha is 0", lambda: tw.glm(X, y, family="negative_binomial", alpha=0)),
        (ValueError, "ridge is -1", lambda: tw.glm(X, y, ridge=-1)),
        (ValueError, "offset", lambda: tw.glm(X, y, offset=[1.0])),
        (ValueError, "2 columns", lambda: tw.glm(X, y).predict(np.ones((2, 3)))),
        (ValueError, "no classes", lambda: tw.glm(X, y).predict(X, "class")),
    ]  # fmt: skip
    for error, words, call in cases:
        with pytest.raises(error, match=words):
            call()
    for bad in (np.nan, np.inf):
        for place in range(4):
            arguments = [X.copy(), y.copy(), np.ones(4), np.zeros(4)]
            arguments[place][1] = bad
            with pytest.raises(tw.TalwegError, match="in row 1"):
                tw.glm(arguments[0], arguments[1], weights=arguments[2], offset=arguments[3])


def test_corners():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one = tw.glm([[1.0]], [1.0], family="poisson")
        assert one.rank == 0 and one.predict([[1.0]]).item() == pytest.approx(1)
        wide = tw.glm(np.eye(3, 5), [0.0, 1, 2], family="gaussian")
        np.testing.assert_allclose(wide.predict(np.eye(3, 5)), [0, 1, 2], atol=1e-10)
        same = tw.glm([1.0, 2, 3], [1.0, 1, 1], family="binomial")
        assert same.predict([2.0]).item() > 0.9 and same.null_deviance == 0
        huge = tw.glm(np.array([1e300, 2e300, 3e300, 5e300]), [0.0, 1, 0, 1], family="binomial")
        small = tw.glm(np.array([1.0, 2, 3, 5]), [0.0, 1, 0, 1], family="binomial")
        assert huge.coefficients.item() * 1e300 == pytest.approx(small.coefficients.item(), rel=1e-9)
        assert tw.glm(np.ones((4, 0)), [1.0, 2, 3, 6], family="poisson").intercept.item() == pytest.approx(np.log(3))
