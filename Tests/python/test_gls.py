"""Generalised least squares against R's results, statsmodels and the closed form."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import talweg as tw

DATA = Path(os.environ.get("TALWEG_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")) / "regression"


def array(x):
    return np.asarray(x, dtype=float)


def problem(n=30, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=(n, p - 1)), np.ones(n)])
    return X, X @ np.arange(1.0, p + 1) + rng.normal(size=n), 0.6 ** np.abs(np.subtract.outer(range(n), range(n)))


def test_longley():
    """R's gls of TOTEMP on GNP and POP with errors that follow each other, as statsmodels' tests have it."""
    file = DATA / "longley.csv"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    expected = json.loads((DATA / "ols_wls_gls.json").read_text())["data"]["LongleyGls"]
    names = file.read_text().splitlines()[0].replace('"', "").split(",")
    rows = np.loadtxt(file, delimiter=",", skiprows=1, usecols=[names.index(c) for c in ("TOTEMP", "GNP", "POP")])
    y, X = rows[:, 0], np.column_stack([rows[:, 1:], np.ones(16)])
    resid = array(tw.lstsq(X, y, intercept=False).resid)
    rho = np.corrcoef(resid[1:], resid[:-1])[0, 1]
    fit = tw.gls(X, y, rho ** scipy.linalg.toeplitz(range(16)))
    for found, name, digits in (
        (fit.coefficients, "params", 8),
        (fit.standard_errors, "bse", 8),
        (fit.tvalues, "tvalues", 6),
        (fit.pvalues, "pvalues", 5),
        (fit.fittedvalues, "fittedvalues", 8),
        (fit.scale, "scale", 11),
    ):
        np.testing.assert_allclose(array(found), expected[name], rtol=10.0**-digits)
    np.testing.assert_allclose(array(fit.resid), expected["resid"], atol=1e-4)
    # R's likelihood is the restricted one: of 13 contrasts, and less half ln |X' S^-1 X|; its criteria count s^2.
    variance = fit.scale.item()
    contrasts = np.linalg.slogdet(variance * np.linalg.inv(array(fit.cov_params())))[1]
    # Ours is -16/2 (ln(2 pi rss / 16) + 1) - ln |S| / 2.
    determinant = fit.llf.item() + 8 * (math.log(2 * math.pi * fit.rss.item() / 16) + 1)
    restricted = -13 / 2 * (math.log(2 * math.pi * variance) + 1) + determinant - contrasts / 2
    assert restricted == pytest.approx(expected["llf"], rel=1e-11)
    assert -2 * restricted + 2 * 4 == pytest.approx(expected["aic"], rel=1e-11)
    assert -2 * restricted + math.log(13) * 4 == pytest.approx(expected["bic"], rel=1e-11)


@pytest.mark.parametrize("method", ["qr", "cholesky", "svd"])
def test_closed_form(method):
    X, y, S = problem()
    fit = tw.gls(X, y, S, method=method)
    inverse = np.linalg.inv(S)
    information = X.T @ inverse @ X
    b = np.linalg.solve(information, X.T @ inverse @ y)
    np.testing.assert_allclose(array(fit.coefficients), b, rtol=1e-11)
    left = y - X @ b
    variance = left @ inverse @ left / (30 - 4)
    errors = np.sqrt(variance * np.diag(np.linalg.inv(information)))
    np.testing.assert_allclose(array(fit.standard_errors), errors, rtol=1e-10)
    np.testing.assert_allclose(array(fit.resid), left, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(array(fit.wresid), np.linalg.solve(np.linalg.cholesky(S), left), rtol=1e-9, atol=1e-11)


def test_as_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    X, y, S = problem(seed=1)
    fit, expected = tw.gls(X, y, S), sm.GLS(y, X, sigma=S).fit()
    for found, value in (
        (fit.coefficients, expected.params),
        (fit.standard_errors, expected.bse),
        (fit.tvalues, expected.tvalues),
        (fit.pvalues, expected.pvalues),
        (fit.llf, expected.llf),
        (fit.conf_int(), expected.conf_int()),
        (fit.cov_params(), expected.cov_params()),
        (fit.cov_HC0, expected.cov_HC0),
        (fit.aic, expected.aic),
        (fit.bic, expected.bic),
    ):
        np.testing.assert_allclose(array(found), value, rtol=1e-8, atol=1e-14)


def test_a_diagonal_covariance_is_weights():
    X, y, _ = problem(seed=2)
    variances = np.random.default_rng(3).random(30) + 0.1
    fit, weighted = tw.gls(X, y, variances), tw.lstsq(X, y, weights=1 / variances, intercept=False)
    whole = tw.gls(X, y, np.diag(variances))
    for other in (weighted, whole):
        np.testing.assert_allclose(array(fit.coefficients), array(other.coefficients), rtol=1e-12)
        np.testing.assert_allclose(array(fit.standard_errors), array(other.standard_errors), rtol=1e-12)
        assert fit.llf.item() == pytest.approx(other.llf.item(), rel=1e-12)


def test_whiten():
    _, y, S = problem()
    white = tw.whiten(S, S)
    np.testing.assert_allclose(array(tw.whiten(S, tw.asarray(array(white)).mT)), np.eye(30), atol=1e-13)
    assert tw.whiten(np.full(2, 4.0), [2.0, 6]).tolist() == [1, 3]
    assert tw.whiten(S, y).shape == (30,)


def test_targets_offset_and_ridge():
    X, y, S = problem()
    both = tw.gls(X, np.column_stack([y, 2 * y]), S)
    np.testing.assert_allclose(array(both.coefficients[1]), 2 * array(tw.gls(X, y, S).coefficients), rtol=1e-12)
    known = np.arange(30.0)
    np.testing.assert_allclose(
        array(tw.gls(X, y, S, offset=known).coefficients), array(tw.gls(X, y - known, S).coefficients), rtol=1e-12
    )
    inverse = np.linalg.inv(S)
    np.testing.assert_allclose(
        array(tw.gls(X, y, S, ridge=2.0).coefficients),
        np.linalg.solve(X.T @ inverse @ X + 2 * np.eye(4), X.T @ inverse @ y),
        rtol=1e-11,
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda X, y, S: (X, y, S[:5, :5]), ValueError, "covariance"),
        (lambda X, y, S: (X, y, S[:5]), ValueError, "covariance"),
        (lambda X, y, S: (X, y[:5], S), ValueError, "rows"),
        (lambda X, y, S: (X, y, -S), tw.TalwegError, "variance"),
        (lambda X, y, S: (X, y, np.ones_like(S)), tw.TalwegError, "positive definite"),
        (lambda X, y, S: (X, y, np.full_like(S, np.nan)), tw.TalwegError, "nan"),
        (lambda X, y, S: (X, y, np.zeros(30)), tw.TalwegError, "variance"),
        (lambda X, y, S: (np.full_like(X, np.inf), y, S), tw.TalwegError, "X|not finite"),
    ],
)
def test_what_is_refused(change, error, message):
    with pytest.raises(error, match=message):
        tw.gls(*change(*problem()))
    with pytest.raises(ValueError, match="method"):
        tw.gls(*problem(), method="gradient_descent")


def test_ccard():
    """Stata's weighted regression of credit-card expenses (Greene), as statsmodels' tests have it."""
    datasets = pytest.importorskip("statsmodels.datasets")
    file = DATA / "ols_wls_gls.json"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    expected = json.loads(file.read_text())["data"]["CCardWLS"]
    data = datasets.ccard.load_pandas()
    X, y, income = data.exog, array(data.endog), array(data.exog["INCOME"])
    rows = np.column_stack([X["AGE"], X["INCOME"], X["INCOMESQ"], X["OWNRENT"]])
    # Stata's analytic weights add up to the number of rows.
    w = 1 / income**2
    fit = tw.lstsq(rows, y, weights=w * len(y) / w.sum())
    agree = np.testing.assert_allclose
    agree([*fit.coefficients.tolist(), fit.intercept.item()], expected["params"], rtol=1e-9)
    agree([*fit.standard_errors.tolist(), fit.intercept_standard_error.item()], expected["bse"], rtol=1e-9)
    agree([*fit.pvalues.tolist(), fit.intercept_pvalue.item()], expected["pvalues"], rtol=1e-9)
    for found, name in (
        (fit.scale, "scale"), (fit.r_squared, "rsquared"), (fit.rsquared_adj, "rsquared_adj"), (fit.rss, "ssr"),
        (fit.fvalue, "fvalue"),
    ):
        assert found.item() == pytest.approx(expected[name], rel=1e-11)
    # Stata's residuals are of single precision.
    agree(array(fit.resid), expected["resid"], rtol=1e-7)
