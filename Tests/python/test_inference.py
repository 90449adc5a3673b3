"""Statistics of linear fits, against published results and statsmodels (where it is installed)."""

import csv
import json
import os
import pathlib

import numpy as np
import pytest

import talweg as tw

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("TALWEG_TEST_DATA", ROOT / ".." / "shared" / "data")) / "regression"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="no public data sets here: TALWEG_TEST_DATA names their folder"
)


def statsmodels():
    return pytest.importorskip("statsmodels.api", reason="statsmodels is not installed")


def longley():
    with open(DATA / "longley.csv") as file:
        rows = np.array([[float(value) for value in row[1:]] for row in list(csv.reader(file))[1:]])
    return rows[:, 1:], rows[:, 0]


def published(name):
    return json.loads((DATA / "ols_wls_gls.json").read_text())["data"][name]


def agree(found, expected, digits):
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=10.0**-digits)


@needs_data
def test_longley():
    """R's, as statsmodels' tests have them."""
    X, y = longley()
    fit, expected = tw.lstsq(X, y), published("Longley")
    agree([*fit.coefficients.tolist(), fit.intercept.item()], expected["params"], 13)
    agree([*fit.standard_errors.tolist(), fit.intercept_standard_error.item()], expected["bse"], 13)
    agree([*fit.pvalues.tolist(), fit.intercept_pvalue.item()], expected["pvalues"], 5)
    for name, digits in (("scale", 14), ("rsquared_adj", 8), ("fvalue", 14), ("llf", 6), ("aic", 6), ("bic", 6)):
        agree(getattr(fit, name).item(), expected[name], digits)
    agree(fit.resid.numpy(), expected["resid"], 6)
    agree(fit.resid_pearson.numpy(), expected["resid_pearson"], 6)
    # t of 9 degrees of freedom exceeds 2.262157 with probability 0.025 (any table).
    half = 2.262157 * np.array(expected["bse"])
    agree(fit.conf_int().numpy()[:, 1], (np.array(expected["params"]) + half)[:6], 6)
    agree(fit.intercept_conf_int().numpy()[0], (np.array(expected["params"]) - half)[6], 6)


@needs_data
def test_longley_without_an_intercept():
    X, y = longley()
    fit, expected = tw.lstsq(X, y, intercept=False), published("LongleyRTO")
    agree(fit.coefficients.numpy(), expected["params"], 6)
    agree(fit.standard_errors.numpy(), expected["bse"], 6)
    agree(fit.pvalues.numpy(), expected["pvalues"], 5)
    for name, digits in (("scale", 13), ("rsquared_adj", 13), ("fvalue", 12), ("llf", 12), ("aic", 11), ("bic", 11)):
        agree(getattr(fit, name).item(), expected[name], digits)
    agree(fit.resid.numpy(), expected["resid"], 6)
    assert np.isnan([fit.intercept_tvalue.item(), fit.intercept_pvalue.item()]).all()
    assert fit.cov_params().shape == (6, 6)


CASES = [(intercept, weighted) for intercept in (True, False) for weighted in (True, False)]


@pytest.fixture(params=CASES, ids=lambda case: f"intercept={case[0]}, weights={case[1]}")
def both(request, rng):
    """A fit, statsmodels' of the same, and the data; statsmodels' constant comes last."""
    sm = statsmodels()
    intercept, weighted = request.param
    X = rng.normal(size=(60, 4)) * [1, 10, 0.1, 3] + [0, 50, 1, -3]
    y = X @ [1.0, -2.0, 30.0, 0.5] + 4 + rng.normal(size=60) * np.abs(X[:, 0])
    weights = rng.uniform(0.2, 3, 60) if weighted else None
    exog = sm.add_constant(X, prepend=False) if intercept else X
    # hasconst: without it statsmodels looks for a constant among the columns.
    model = sm.WLS(y, exog, weights, hasconst=intercept) if weighted else sm.OLS(y, exog, hasconst=intercept)
    return tw.lstsq(X, y, intercept=intercept, weights=weights), model.fit(), X, y, weights, exog


def test_figures(both):
    fit, other, *_ = both
    p = 4
    for mine, theirs in (("tvalues", "tvalues"), ("pvalues", "pvalues"), ("standard_errors", "bse")):
        np.testing.assert_allclose(getattr(fit, mine).numpy(), getattr(other, theirs)[:p], rtol=1e-9)
    np.testing.assert_allclose(fit.conf_int(0.1).numpy(), other.conf_int(0.1)[:p], rtol=1e-9)
    if len(other.params) > p:
        np.testing.assert_allclose(fit.intercept_tvalue.item(), other.tvalues[p], rtol=1e-9)
        np.testing.assert_allclose(fit.intercept_pvalue.item(), other.pvalues[p], rtol=1e-9)
        np.testing.assert_allclose(fit.intercept_conf_int(0.1).numpy(), other.conf_int(0.1)[p], rtol=1e-9)
    for name in ("scale", "rsquared_adj", "fvalue", "f_pvalue", "llf", "aic", "bic"):
        np.testing.assert_allclose(getattr(fit, name).item(), getattr(other, name), rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(fit.cov_params().numpy(), other.cov_params(), rtol=1e-9)
    np.testing.assert_allclose(fit.condition_number, other.condition_number, rtol=1e-9)
    np.testing.assert_allclose(fit.resid.numpy(), other.resid, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.resid_pearson.numpy(), other.resid_pearson, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(fit.fittedvalues.numpy(), other.fittedvalues, rtol=1e-9)


def test_robust_covariances(both):
    fit, other, *_ = both
    for name in ("HC0", "HC1", "HC2", "HC3"):
        np.testing.assert_allclose(
            getattr(fit, f"cov_{name}").numpy(), other.get_robustcov_results(name).cov_params(), rtol=1e-8
        )
        np.testing.assert_allclose(getattr(fit, f"{name}_se").numpy(), getattr(other, f"{name}_se"), rtol=1e-8)
    for lags in (0, 1, 5, 59):
        for correction in (True, False):
            mine = fit.cov_robust("HAC", maxlags=lags, use_correction=correction).numpy()
            theirs = other.get_robustcov_results("HAC", maxlags=lags, use_correction=correction).cov_params()
            np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-9 * np.abs(theirs).max())
    # floor(4 (60 / 100)^(2/9)) = 3
    np.testing.assert_array_equal(fit.cov_robust("HAC").numpy(), fit.cov_robust("HAC", maxlags=3).numpy())


def test_prediction(both, rng):
    fit, other, X, _, _, exog = both
    rows, weights = rng.permutation(60)[:7], rng.uniform(0.5, 2, 7)
    for given in (None, weights):
        mine = fit.get_prediction(X[rows], given)
        theirs = other.get_prediction(exog[rows], weights=given, transform=False)
        np.testing.assert_allclose(mine.predicted_mean.numpy(), theirs.predicted_mean, rtol=1e-9)
        np.testing.assert_allclose(mine.se_mean.numpy(), theirs.se_mean, rtol=1e-8)
        np.testing.assert_allclose(mine.se_obs.numpy(), theirs.se_obs, rtol=1e-8)
        for obs in (True, False):
            np.testing.assert_allclose(mine.conf_int(obs, 0.02).numpy(), theirs.conf_int(obs, 0.02), rtol=1e-7)


def test_influence_of_rows(both):
    fit, other, X, y, weights, exog = both
    mine = fit.get_influence()
    # Of the rows times the roots of their weights, which statsmodels' influence leaves out.
    roots = np.ones(60) if weights is None else np.sqrt(weights)
    theirs = statsmodels().OLS(y * roots, exog * roots[:, None], hasconst=False).fit().get_influence()
    for name in ("hat_matrix_diag", "resid_studentized_internal", "resid_studentized_external"):
        np.testing.assert_allclose(getattr(mine, name).numpy(), getattr(theirs, name), rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(mine.cooks_distance.numpy(), theirs.cooks_distance[0], rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(mine.dffits.numpy(), theirs.dffits[0], rtol=1e-7, atol=1e-10)


def test_variance_inflation(rng):
    statsmodels()
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    X = rng.normal(size=(50, 3))
    X[:, 2] += X[:, 0] * 2 + 7
    exog = np.column_stack([X, np.ones(50)])
    found = tw.lstsq(X, rng.normal(size=50)).variance_inflation.numpy()
    np.testing.assert_allclose(found, [variance_inflation_factor(exog, j) for j in range(3)], rtol=1e-9)
    dependent = np.column_stack([X, X[:, 0] - X[:, 1], np.full(50, 3.0)])
    found = tw.lstsq(dependent, rng.normal(size=50)).variance_inflation.numpy()
    assert np.isinf(found[[0, 1, 3]]).all() and np.isfinite(found[2]) and np.isnan(found[4])


@pytest.mark.parametrize("method", ["qr", "cholesky"])
@pytest.mark.parametrize("shape", [(40, 3), (5, 9)])
@pytest.mark.parametrize("ridge", [1e-3, 2.0, 1e6])
def test_ridge(method, shape, ridge, rng):
    """Against the normal equations: the sandwich, the penalised hat matrix."""
    n, p = shape
    X, y = rng.normal(size=shape) + 2, rng.normal(size=n)
    fit = tw.lstsq(X, y, ridge=ridge, method=method)
    A = np.column_stack([X, np.ones(n)])
    gram = A.T @ A
    inverse = np.linalg.inv(gram + np.diag([ridge] * p + [0]))
    np.testing.assert_allclose(
        fit.get_influence().hat_matrix_diag.numpy(), np.diag(A @ inverse @ A.T), rtol=1e-7
    )
    if fit.degrees_of_freedom <= 0:
        assert np.isnan(fit.cov_params().numpy()).all()
        return
    s2 = fit.rss.item() / fit.degrees_of_freedom
    covariance = s2 * inverse @ gram @ inverse
    np.testing.assert_allclose(fit.cov_params().numpy(), covariance, rtol=1e-6, atol=1e-9 * covariance.max())
    residuals = y - A @ np.append(fit.coefficients.numpy(), fit.intercept.item())
    robust = inverse @ (A.T * residuals**2) @ A @ inverse
    np.testing.assert_allclose(fit.cov_HC0.numpy(), robust, rtol=1e-6, atol=1e-9 * robust.max())
    errors = np.sqrt(np.einsum("ij,jk,ik->i", A[:3], covariance, A[:3]))
    np.testing.assert_allclose(fit.get_prediction(X[:3]).se_mean.numpy(), errors, rtol=1e-6)


def test_several_targets(rng):
    X, Y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    weights = rng.uniform(1, 2, 30)
    fit = tw.lstsq(X, Y, weights=weights)
    ones = [tw.lstsq(X, Y[:, t], weights=weights) for t in range(2)]
    each = {
        "tvalues": (2, 3), "pvalues": (2, 3), "llf": (2,), "aic": (2,), "fvalue": (2,), "f_pvalue": (2,), "scale": (2,),
        "rsquared_adj": (2,), "cov_HC3": (2, 4, 4), "HC1_se": (2, 4),
    }  # fmt: skip
    for name, shape in each.items():
        assert getattr(fit, name).shape == shape, name
        for t in range(2):
            np.testing.assert_allclose(getattr(fit, name).numpy()[t], getattr(ones[t], name).numpy(), rtol=1e-9)
    for call, axis in (
        (lambda f: f.conf_int(), 0), (lambda f: f.cov_params(), 0), (lambda f: f.intercept_conf_int(), 0),
        (lambda f: f.cov_robust("HAC"), 0), (lambda f: f.resid, 1), (lambda f: f.resid_pearson, 1),
        (lambda f: f.get_influence().cooks_distance, 1), (lambda f: f.get_prediction(X).conf_int(), 1),
    ):  # fmt: skip
        for t in range(2):
            np.testing.assert_allclose(np.take(call(fit).numpy(), t, axis), call(ones[t]).numpy(), rtol=1e-8)
    assert fit.summary().count("Adjusted R-squared") == 2 and "target 1" in fit.summary()


def test_rows_without_weight_do_not_count(rng):
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    weights = np.where(np.arange(20) < 15, 2.0, 0)
    fit, less = tw.lstsq(X, y, weights=weights), tw.lstsq(X[:15], y[:15], weights=weights[:15])
    for name in ("tvalues", "llf", "aic", "bic", "rsquared_adj", "cov_HC3"):
        np.testing.assert_allclose(getattr(fit, name).numpy(), getattr(less, name).numpy(), rtol=1e-10)
    assert (fit.get_influence().hat_matrix_diag.numpy()[15:] == 0).all()


def test_no_degrees_of_freedom(rng):
    X, y = rng.normal(size=(3, 2)), rng.normal(size=3)
    fit = tw.lstsq(X, y)
    assert fit.degrees_of_freedom == 0
    for values in (fit.tvalues, fit.pvalues, fit.conf_int(), fit.fvalue, fit.scale, fit.rsquared_adj, fit.cov_params()):
        assert np.isnan(values.numpy()).all()
    np.testing.assert_allclose(fit.get_influence().hat_matrix_diag.numpy(), 1, rtol=1e-12)
    assert np.isnan(fit.get_influence().cooks_distance.numpy()).all()
    assert "nan" in fit.summary()
    with pytest.raises(tw.TalwegError, match="leverage 1"):
        fit.cov_HC3
    one = tw.lstsq(rng.normal(size=(4, 2)), rng.normal(size=4))
    assert np.isnan(one.get_influence().resid_studentized_external.numpy()).all()


def test_dependent_columns(rng):
    X = rng.normal(size=(20, 3))
    X, y = np.column_stack([X, X[:, 0] + X[:, 1]]), rng.normal(size=20)
    fit, basic = tw.lstsq(X, y), tw.lstsq(X[:, :3], y)
    assert np.isnan(fit.tvalues.numpy()[[0, 1, 3]]).all()
    np.testing.assert_allclose(fit.tvalues.numpy()[2], basic.tvalues.numpy()[2], rtol=1e-9)
    for name in ("llf", "aic", "fvalue", "rsquared_adj"):
        np.testing.assert_allclose(getattr(fit, name).item(), getattr(basic, name).item(), rtol=1e-9)
    covariance = fit.cov_params().numpy()
    np.testing.assert_allclose(covariance[2, [2, 4]], basic.cov_params().numpy()[2, [2, 3]], rtol=1e-8)
    assert np.isnan(covariance[[0, 1, 3]]).all() and np.isinf(fit.condition_number)
    np.testing.assert_allclose(
        fit.get_influence().hat_matrix_diag.numpy(), basic.get_influence().hat_matrix_diag.numpy(), rtol=1e-9
    )
    with pytest.raises(tw.TalwegError, match="rank 3 of 4"):
        fit.get_prediction(X)


def test_scales_do_not_matter(rng):
    X, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    fit = tw.lstsq(X, y)
    far = tw.lstsq(X * [1e200, 1e-100], y * 1e150, weights=np.full(30, 1e-250))
    for name in ("tvalues", "pvalues", "fvalue", "variance_inflation"):
        np.testing.assert_allclose(getattr(far, name).numpy(), getattr(fit, name).numpy(), rtol=1e-9)
    np.testing.assert_allclose(far.llf.item(), fit.llf.item() - 30 * np.log(1e150), rtol=1e-12)
    np.testing.assert_allclose(
        far.get_influence().cooks_distance.numpy(), fit.get_influence().cooks_distance.numpy(), rtol=1e-8
    )


def test_wrong_arguments(rng):
    X, y, weights = rng.normal(size=(10, 2)), rng.normal(size=10), np.ones(10)
    fit = tw.lstsq(X, y, weights=weights)
    for alpha in (0, 1, 1.5, np.nan):
        with pytest.raises(ValueError, match="level is"):
            fit.conf_int(alpha)
    for call in (
        lambda: fit._fit.leverage(X, None), lambda: fit._fit.leverage(X[:9], weights[:9]),
        lambda: fit._fit.influence(X, y, weights[:9], 0), lambda: fit._fit.influence(X, y, weights, 99),
        lambda: fit._fit.residuals(X, y[:9]), lambda: fit._fit.residuals(X[:, :1], y),
        lambda: fit._fit.leverage(X, -weights), lambda: fit.get_prediction(X[:, :1]),
        lambda: fit.get_prediction(X, weights[:3]), lambda: fit.cov_robust("HC9"),
        lambda: fit.cov_robust("HAC", maxlags=10), lambda: fit.summary(["a"]),
        lambda: fit._fit.prediction_errors(X, None, 7),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            call()
    for bad in (np.nan, np.inf):
        with pytest.raises(tw.TalwegError, match="NaN or infinity"):
            fit._fit.robust_covariance(np.where(X == X[3, 1], bad, X), y, weights, 0, -1, False)
        with pytest.raises(tw.TalwegError, match="row 1"):
            fit._fit.leverage(X, [1, bad, *weights[2:]])
    rows = fit._fit.leverage(np.where(X == X[3, 1], np.nan, X), weights).numpy()
    assert np.isnan(rows[3]) and np.isfinite(np.delete(rows, 3)).all()


def test_summary(rng):
    X = rng.normal(size=(30, 2))
    fit = tw.lstsq(X, X @ [2.0, -1.0] + rng.normal(size=30))
    text = fit.summary(["größe", "a name that is longer than its column"], alpha=0.1)
    assert "größe" in text and "a name that is longer" in text and "[0.05" in text and "0.95]" in text
    assert f"{fit.coefficients.tolist()[0]:.6g}"[:6] in text
    assert "x1" in fit.summary() and "ridge" in tw.lstsq(X, X[:, 0], ridge=1.0).summary()


def test_dtypes(rng):
    X, y = rng.normal(size=(20, 2)).astype("float32"), rng.normal(size=20).astype("float32")
    fit = tw.lstsq(X, y)
    for values in (fit.tvalues, fit.cov_params(), fit.llf, fit.resid, fit.cov_HC3, fit.get_prediction(X).se_obs):
        assert values.dtype == tw.float32
