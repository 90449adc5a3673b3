"""Tests, intervals, residuals and summaries of generalised linear models against statsmodels; and bad data."""

import warnings

import numpy as np
import pytest
import talweg as tw

sm = pytest.importorskip("statsmodels.api")


def data(family, n=120, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3)) * [1, 2, 0.5] + [0, 1, -1]
    eta = X @ [0.5, -0.3, 0.4] + 0.7
    y = {
        "gaussian": lambda: eta + rng.normal(size=n),
        "binomial": lambda: (rng.random(n) < 1 / (1 + np.exp(-eta))) * 1.0,
        "poisson": lambda: rng.poisson(np.exp(eta)) * 1.0,
        "gamma": lambda: rng.gamma(2, np.exp(eta) / 2),
        "negative_binomial": lambda: rng.negative_binomial(2, 2 / (2 + np.exp(eta))) * 1.0,
    }[family]()
    return X, y, rng.integers(1, 4, size=n) * 1.0, 0.1 * rng.normal(size=n)


THEIRS = {
    "gaussian": lambda: sm.families.Gaussian(),
    "binomial": lambda: sm.families.Binomial(),
    "poisson": lambda: sm.families.Poisson(),
    "gamma": lambda: sm.families.Gamma(sm.families.links.Log()),
    "negative_binomial": lambda: sm.families.NegativeBinomial(alpha=0.5),
}


@pytest.mark.parametrize("family", THEIRS)
@pytest.mark.parametrize("weighted", [False, True])
def test_agrees_with_statsmodels(family, weighted):
    X, y, w, offset = data(family, seed=len(family))
    weights, added = (w, offset) if weighted else (None, None)
    # By t where R's summary.glm has it.
    use_t = family in ("gaussian", "gamma")
    model = sm.GLM(y, sm.add_constant(X), family=THEIRS[family](), var_weights=weights, offset=added)
    theirs = model.fit(tol=0, maxiter=60, use_t=use_t)
    ours = tw.glm(X, y, family=family, alpha=0.5, weights=weights, offset=added, tolerance=1e-26)
    all_of = lambda a, b: np.append(np.asarray(a), np.asarray(b))  # noqa: E731
    near = {"rtol": 1e-7, "atol": 1e-9}
    np.testing.assert_allclose(all_of(ours.intercept_statistic, ours.statistics), theirs.tvalues, **near)
    np.testing.assert_allclose(all_of(ours.intercept_p_value, ours.p_values), theirs.pvalues, rtol=1e-5)
    bounds = np.vstack([ours.intercept_confidence_interval(0.9), ours.confidence_intervals(0.9)])
    np.testing.assert_allclose(bounds, theirs.conf_int(0.1), rtol=1e-7, atol=1e-9)
    assert ours.pearson == pytest.approx(theirs.pearson_chi2, rel=1e-9)
    assert ours.null_degrees_of_freedom == 119 and ours.degrees_of_freedom == 116
    assert ours.bic == pytest.approx(-2 * ours.log_likelihood + 4 * np.log(120), rel=1e-14)
    for kind, expected in [("response", theirs.resid_response), ("pearson", theirs.resid_pearson),
                           ("deviance", theirs.resid_deviance), ("working", theirs.resid_working)]:  # fmt: skip
        got = np.asarray(ours.residuals(X, y, kind, weights=weights, offset=added))
        if weighted and kind in ("response", "working"):
            # statsmodels has weights in these two.
            got, expected = got, expected / (w if kind == "response" and not np.allclose(got, expected) else 1)
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-8, err_msg=kind)
    residuals = np.asarray(ours.residuals(X, y, "pearson", weights=weights, offset=added))
    assert np.sum(residuals**2) == pytest.approx(ours.pearson, rel=1e-9)
    residuals = np.asarray(ours.residuals(X, y, weights=weights, offset=added))
    assert np.sum(residuals**2) == pytest.approx(ours.deviance, rel=1e-9)
    new = X[:7] + 0.3
    prediction = theirs.get_prediction(sm.add_constant(new, has_constant="add"), offset=np.full(7, 0.2))
    np.testing.assert_allclose(ours.predict_error(new, offset=np.full(7, 0.2)), prediction.se_mean, rtol=1e-7)
    linear = prediction.linpred.se if hasattr(prediction, "linpred") else prediction.se_linpred
    np.testing.assert_allclose(ours.predict_error(new, "link", offset=np.full(7, 0.2)), linear, rtol=1e-7)


def test_multinomial():
    X, _, _, _ = data("gaussian", 300)
    rng = np.random.default_rng(3)
    y = np.argmax(np.column_stack([X[:, 0], 0.5 * X[:, 1], X[:, 2]]) + rng.gumbel(size=(300, 3)), axis=1)
    theirs = sm.MNLogit(y, sm.add_constant(X)).fit(method="newton", tol=1e-12, disp=0)
    ours = tw.glm(X, y, family="multinomial")
    np.testing.assert_allclose(np.asarray(ours.p_values)[1:].T, theirs.pvalues[1:], rtol=1e-9)
    np.testing.assert_allclose(np.asarray(ours.intercept_statistic)[1:], theirs.tvalues[0], rtol=1e-11)
    np.testing.assert_allclose(np.asarray(ours.confidence_intervals())[1:], theirs.conf_int()[:, 1:], rtol=1e-10)
    assert ours.bic == pytest.approx(theirs.bic, rel=1e-9) and ours.null_degrees_of_freedom == 298
    text = ours.summary()
    assert "class 1" in text and "class 2" in text and "class 0" not in text
    for call in (lambda: ours.residuals(X, y), lambda: ours.predict_error(X)):
        with pytest.raises(ValueError, match="multinomial"):
            call()


def test_summary():
    X, y, _, _ = data("poisson")
    fit = tw.glm(X, y, family="poisson")
    text = fit.summary(["height", "weight", "age"])
    lines = text.splitlines()
    assert all(len(line) <= 79 for line in lines) and text.isascii()
    row = next(line for line in lines if line.startswith("weight")).split()
    assert float(row[1]) == pytest.approx(fit.coefficients[1].item(), rel=1e-5)
    assert float(row[2]) == pytest.approx(fit.standard_errors[1].item(), rel=1e-3)
    assert float(row[3]) == pytest.approx(fit.statistics[1].item(), rel=1e-3)
    assert [float(v) for v in row[5:]] == pytest.approx(np.asarray(fit.confidence_intervals())[1].tolist(), rel=1e-3)
    assert "P>|z|" in text and "P>|t|" in tw.glm(X, y + 1, family="gamma").summary()
    with pytest.raises(ValueError, match="2 names of 3"):
        fit.summary(["a", "b"])
    with pytest.raises(ValueError, match="level is 1"):
        fit.summary(level=1.0)


def test_refusals_of_inference():
    X, y, _, _ = data("binomial")
    fit = tw.glm(X, y, family="binomial")
    for words, call in [
        ("kind 'x'", lambda: fit.residuals(X, y, "x")),
        ("2 columns|3 columns", lambda: fit.residuals(X[:, :2], y)),
        ("y has 2.0 in row 0", lambda: fit.residuals(X, y * 0 + 2)),
        ("none may be negative", lambda: fit.residuals(X, y, weights=-np.ones(120))),
        ("level is 0", lambda: fit.confidence_intervals(0.0)),
        ("classes", lambda: fit.predict_error(X, "class")),
    ]:
        with pytest.raises(ValueError, match=words):
            call()
    for bare in (tw.glm(X, y, family="binomial", standard_errors=False), tw.glm(X, y, family="binomial", l1=1.0)):
        assert np.isnan(np.asarray(bare.p_values)).all()
        with pytest.raises(tw.TalwegError, match="no standard errors"):
            bare.predict_error(X)


# ---- Bad data, of every family ---------------------------------------------------

FAMILIES = [*THEIRS, "multinomial"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("l1", [0.0, 0.5])
def test_columns_that_say_nothing(family, l1):
    X, y, _, _ = data("binomial" if family == "multinomial" else family)
    whole = tw.glm(X, y, family=family, l1=l1)
    for column in (np.zeros(120), np.full(120, 7.0)):
        fit = tw.glm(np.column_stack([X, column]), y, family=family, l1=l1)
        assert np.abs(np.asarray(fit.coefficients)[..., 3]).max() < 1e-12
        np.testing.assert_allclose(np.asarray(fit.coefficients)[..., :3], whole.coefficients, rtol=1e-6, atol=1e-9)
        assert fit.rank == whole.rank and fit.deviance == pytest.approx(whole.deviance, rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_more_columns_than_rows(family):
    X, y, _, _ = data("binomial" if family == "multinomial" else family)
    wide = np.random.default_rng(1).normal(size=(12, 40))
    few = y[:12].copy()
    few[:2] = [0, 1] if family in ("binomial", "multinomial") else few[:2]
    for options in ({"ridge": 0.5}, {"l1": 0.3}):
        fit = tw.glm(wide, few, family=family, **options)
        assert fit.stop_reason == "tolerance" and np.isfinite(np.asarray(fit.coefficients)).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the classes are separated
        fit = tw.glm(wide, few, family=family)
    assert np.isfinite(np.asarray(fit.coefficients)).all() and fit.rank <= 12
    assert np.isnan(np.asarray(fit.standard_errors)).all()
    if family in ("binomial", "multinomial"):
        assert fit.separated
    elif family == "gaussian":
        assert fit.deviance < 1e-12 and fit.degrees_of_freedom == 0 and np.isnan(fit.dispersion)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("l1", [0.0, 0.5])
def test_what_no_family_takes(family, l1):
    X, y, w, _ = data("binomial" if family == "multinomial" else family)

    def refuses(error, words, **change):
        given = {"X": X, "y": y, "weights": w, "offset": None} | change
        with pytest.raises(error, match=words):
            tw.glm(given.pop("X"), given.pop("y"), family=family, l1=l1, **given)

    for bad in (np.nan, np.inf, -np.inf):
        hole = lambda a, bad=bad: np.where(np.arange(a.size).reshape(a.shape) == 7, bad, a)  # noqa: E731
        refuses(tw.TalwegError, "X has .* in row 2, column 1", X=hole(X))
        refuses(tw.TalwegError, "y has .* in row 7", y=hole(y))
        refuses(tw.TalwegError, "weights has .* in row 7", weights=hole(w))
        refuses(tw.TalwegError, "offset has .* in row 7", offset=hole(0 * w))
    refuses(ValueError, "weights has -1.0 in row 0", weights=w - 1 - w[0])
    refuses(ValueError, "all 120 weights are 0", weights=0 * w)
    refuses(ValueError, "119 rows|does not fit", weights=w[:-1])
    wrong = {"binomial": -0.5, "poisson": -1.0, "negative_binomial": -1.0, "gamma": 0.0, "multinomial": 0.5}
    if family in wrong:
        refuses(ValueError, f"y has {wrong[family]} in row 5", y=np.where(np.arange(120) == 5, wrong[family], y))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("l1", [0.0, 0.5])
def test_rows_without_weight_do_not_count(family, l1):
    X, y, _, _ = data("binomial" if family == "multinomial" else family)
    w = (np.arange(120) % 3 > 0) * 1.0
    fit = tw.glm(X, y, family=family, weights=w, l1=l1)
    part = tw.glm(X[w > 0], y[w > 0], family=family, l1=l1)
    if family != "multinomial" or l1 == 0:  # of two classes with an L1 norm alone they may be shifted
        np.testing.assert_allclose(fit.coefficients, part.coefficients, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(fit.predict(X), part.predict(X), rtol=1e-6)
    assert fit.deviance == pytest.approx(part.deviance, rel=1e-9) and fit.degrees_of_freedom == part.degrees_of_freedom


def test_one_class():
    X, y, _, _ = data("binomial")
    with pytest.warns(RuntimeWarning, match="separates"):
        fit = tw.glm(X, 0 * y, family="binomial")
    assert fit.separated and (np.asarray(fit.predict(X)) < 1e-3).all()
    with pytest.raises(ValueError, match="one class only"):
        tw.glm(X, 0 * y, family="multinomial")
    with pytest.warns(RuntimeWarning):
        assert tw.glm(X, 0 * y, family="poisson").separated


# ---- Without a matrix -----------------------------------------------------------


def test_wide_ridge_is_as_its_dual():
    # With X = Q R' of few rows, coefficients are X' a: a problem of as many unknowns as rows, by the same model.
    rng = np.random.default_rng(5)
    n, p = 60, 2100
    X = rng.normal(size=(n, p)) / np.sqrt(p)
    for family, y in [("binomial", (rng.random(n) < 0.4) * 1.0), ("poisson", rng.poisson(2, size=n) * 1.0)]:
        wide = tw.glm(X, y, family=family, ridge=0.3, intercept=False)
        left, sizes, _ = np.linalg.svd(X, full_matrices=False)
        small = tw.glm(left * sizes, y, family=family, ridge=0.3, intercept=False)
        np.testing.assert_allclose(wide.predict(X), small.predict(left * sizes), rtol=1e-5)
        assert wide.stop_reason == "tolerance" and wide.deviance == pytest.approx(small.deviance, rel=1e-6)
        # Steps that gain less than 1e-16 of the loss leave a slope below the root of that times the curvature.
        wide = tw.glm(X + 3, y, family=family, ridge=0.3, tolerance=1e-16)
        b, eta = np.asarray(wide.coefficients), np.asarray(wide.predict(X + 3, "link"))
        mean = np.exp(eta) if family == "poisson" else 1 / (1 + np.exp(-eta))
        np.testing.assert_allclose((X + 3).T @ (y - mean), 0.3 * b, atol=3e-6)
        assert abs(np.sum(y - mean)) < 1e-5 and np.isnan(np.asarray(wide.standard_errors)).all()


def test_many_classes_agree_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(6)
    X = rng.normal(size=(800, 90))
    y = np.argmax(X @ rng.normal(size=(90, 20)) + 3 * rng.gumbel(size=(800, 20)), axis=1)
    ours = tw.glm(X, y, family="multinomial", ridge=1.0)
    theirs = linear_model.LogisticRegression(C=1.0, tol=1e-9, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, atol=2e-5)
    np.testing.assert_allclose(ours.intercept, theirs.intercept_ - theirs.intercept_.mean(), atol=2e-5)
    assert ours.stop_reason == "tolerance"
    seen = []
    cut = tw.glm(X, y, family="multinomial", ridge=1.0, callback=lambda p: seen.append(p.iteration) or len(seen) == 3)
    assert cut.stop_reason == "callback" and seen == [1, 2, 3]
