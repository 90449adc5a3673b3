"""Robust regression against R's MASS, statsmodels, SciPy and scikit-learn, and what it refuses."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import talweg as tw

DATA = Path(os.environ.get("TALWEG_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")) / "regression"
LOSSES = ("huber", "soft_l1", "cauchy", "tukey", "welsch", "andrews", "hampel")


def stackloss():
    file = DATA / "stackloss.csv"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    rows = np.loadtxt(file, delimiter=",", skiprows=1)
    return rows[:, 1:], rows[:, 0], json.loads((DATA / "rlm_r_mass.json").read_text())["data"]


def problem(n=80, p=3, seed=0, outliers=8):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p))
    y = X @ np.arange(1, p + 1) + 2 + 0.3 * rng.normal(size=n)
    y[:outliers] += 30
    return X, y


@pytest.mark.parametrize(
    ("name", "loss", "scale", "accuracy"),
    [
        ("Huber", "huber", "mad", 1e-4),
        ("Hampel", "hampel", "mad", 1e-4),
        ("BiSquare", "tukey", "mad", 1e-3),
        ("Andrews", "andrews", "mad", 1e-3),
        ("HuberHuber", "huber", "proposal_2", 1e-3),
        ("HampelHuber", "hampel", "proposal_2", 1e-3),
        ("BisquareHuber", "tukey", "proposal_2", 1e-3),
        ("AndrewsHuber", "andrews", "proposal_2", 1e-3),
    ],
)
def test_stackloss(name, loss, scale, accuracy):
    X, y, published = stackloss()
    expected = published[name]
    fit = tw.robust_fit(X, y, loss=loss, scale=scale)
    params = np.append(fit.coefficients, fit.intercept.item())
    np.testing.assert_allclose(params, expected["params"], rtol=accuracy, atol=1e-4)
    np.testing.assert_allclose(fit.scale, expected["scale"], rtol=accuracy)
    errors = np.append(fit.standard_errors, fit.intercept_standard_error.item())
    np.testing.assert_allclose(errors, expected["bse"], rtol=4e-3)
    if "weights" in expected:
        np.testing.assert_allclose(fit.weights, expected["weights"], atol=2e-3)


def weights_and_slopes(loss, u):
    """psi(u) / u and psi'(u), of MASS's Huber, Hampel and Tukey functions."""
    size = np.maximum(np.abs(u), 1e-50)
    if loss == "huber":
        return np.minimum(1, 1.345 / size), (size <= 1.345) * 1.0
    if loss == "hampel":
        psi = np.where(size <= 2, size, np.where(size <= 4, 2, np.where(size <= 8, (8 - size) / 2, 0)))
        return psi / size, np.where(size <= 2, 1, np.where((size > 4) & (size <= 8), -0.5, 0))
    t = np.minimum((u / 4.685) ** 2, 1)
    return (1 - t) ** 2, np.where(t < 1, (1 - t) * (1 - 5 * t), 0)


def reweighted(X, y, loss, quartile, least):
    """MASS's rlm with the MAD: its stopping rule, and standard errors with the variance of psi' over n - 1."""
    b = np.linalg.lstsq(X, y, rcond=None)[0]
    r = y - X @ b
    for _ in range(1000):
        scale = np.median(np.abs(r)) / quartile
        root = np.sqrt(weights_and_slopes(loss, r / scale)[0])
        b = np.linalg.lstsq(root[:, None] * X, root * y, rcond=None)[0]
        old, r = r, y - X @ b
        if np.sqrt(np.sum((old - r) ** 2) / np.sum(old**2)) <= least:
            break
    n, p = X.shape
    w, slope = weights_and_slopes(loss, r / scale)
    plain = np.sqrt(np.sum((w * r) ** 2) / (n - p) * np.diag(np.linalg.inv(X.T @ X))) / slope.mean()
    errors = [plain * (1 + p * slope.var(ddof=d) / (n * slope.mean() ** 2)) for d in (1, 0)]
    return b, scale, root**2, errors


@pytest.mark.parametrize(("name", "loss"), [("Huber", "huber"), ("Hampel", "hampel"), ("BiSquare", "tukey")])
def test_stackloss_to_the_last_digit(name, loss):
    X, y, published = stackloss()
    expected, A = published[name], np.column_stack([X, np.ones(len(y))])
    # R stops at a change of 1e-4 and has 0.6745 for the normal quartile: so all the digits come out,
    b, scale, weights, errors = reweighted(A, y, loss, 0.6745, 1e-4)
    np.testing.assert_allclose(b, expected["params"], atol=6e-9)
    np.testing.assert_allclose(scale, expected["scale"], rtol=1e-13)
    np.testing.assert_allclose(weights, expected["weights"], atol=6e-9)
    np.testing.assert_allclose(errors[0], expected["bse"], rtol=5e-8)
    # and where neither is so, ours. The variance in our standard errors is over n.
    b, scale, weights, errors = reweighted(A, y, loss, 0.6744897501960817, 1e-13)
    fit = tw.robust_fit(X, y, loss=loss, scale="mad", tolerance=1e-13, max_iterations=1000)
    np.testing.assert_allclose(np.append(fit.coefficients, fit.intercept.item()), b, rtol=1e-9)
    assert fit.scale == pytest.approx(scale, rel=1e-9)
    np.testing.assert_allclose(fit.weights, weights, atol=1e-9)
    np.testing.assert_allclose(np.append(fit.standard_errors, fit.intercept_standard_error.item()), errors[1], rtol=1e-8)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scale", ["mad", "proposal_2", 0.4])
def test_solves_its_equations(loss, scale):
    X, y = problem()
    fit = tw.robust_fit(X, y, loss=loss, scale=scale)
    assert fit.stop_reason == "tolerance"
    residual = y - np.asarray(fit.predict(X))
    weights = np.asarray(fit.weights)
    # sum of w r (x, 1) is zero, w the weight function at r / scale.
    np.testing.assert_allclose(np.column_stack([X, np.ones(len(y))]).T @ (weights * residual), 0, atol=1e-6)
    if scale == "mad":
        assert fit.scale == pytest.approx(np.median(np.abs(residual)) / 0.6744897501960817, rel=1e-7)
    np.testing.assert_allclose(fit.coefficients, [1, 2, 3], atol=0.3)
    assert np.all(weights[:8] < 0.25) and np.median(weights) > 0.7


@pytest.mark.parametrize("loss", ["huber", "tukey", "andrews", "hampel"])
def test_agrees_with_statsmodels(loss):
    sm = pytest.importorskip("statsmodels.api")
    norms = {
        "huber": sm.robust.norms.HuberT(),
        "tukey": sm.robust.norms.TukeyBiweight(),
        "andrews": sm.robust.norms.AndrewWave(),
        "hampel": sm.robust.norms.Hampel(),
    }
    X, y = problem(seed=1)
    theirs = sm.RLM(y, sm.add_constant(X), M=norms[loss]).fit(tol=1e-12, maxiter=500, scale_est=sm.robust.scale.mad)
    ours = tw.robust_fit(X, y, loss=loss, scale=float(theirs.scale))
    np.testing.assert_allclose(np.append(ours.intercept.item(), ours.coefficients), theirs.params, atol=1e-6)


def test_weights_are_repeated_rows():
    X, y = problem()
    weights = np.arange(80) % 3
    repeated = np.repeat(np.arange(80), weights)
    fit = tw.robust_fit(X, y, weights=weights, scale=0.5)
    plain = tw.robust_fit(X[repeated], y[repeated], scale=0.5)
    np.testing.assert_allclose(fit.coefficients, plain.coefficients, atol=1e-8)
    quantile = tw.quantile_regression(X, y, 0.3, weights=weights)
    plain = tw.quantile_regression(X[repeated], y[repeated], 0.3)
    assert quantile.objective == pytest.approx(plain.objective, rel=1e-9)


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("intercept", [True, False])
def test_quantiles_against_linear_programming(tau, intercept):
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(2)
    X = rng.normal(size=(120, 4))
    y = X @ [1, -2, 0.5, 3] + rng.standard_t(2, size=120)
    A = np.column_stack([X, np.ones(120)]) if intercept else X
    n, q = A.shape
    theirs = optimize.linprog(
        np.concatenate([np.zeros(q), tau * np.ones(n), (1 - tau) * np.ones(n)]),
        A_eq=np.column_stack([A, np.eye(n), -np.eye(n)]), b_eq=y, bounds=[(None, None)] * q + [(0, None)] * (2 * n),
    )  # fmt: skip
    ours = tw.quantile_regression(X, y, tau, intercept=intercept)
    b = np.append(ours.coefficients, ours.intercept.item()) if intercept else np.asarray(ours.coefficients)
    assert ours.objective == pytest.approx(theirs.fun, rel=1e-10)
    np.testing.assert_allclose(b, theirs.x[:q], atol=1e-8)
    assert np.asarray(ours.weights).sum() == q and ours.stop_reason == "tolerance"


def test_engel():
    # Koenker and Bassett, Econometrica 50 (1982): food expenditure on income; the median line of quantreg's vignette.
    sm = pytest.importorskip("statsmodels.api")
    frame = sm.datasets.engel.load_pandas().data
    fit = tw.quantile_regression(frame["income"].to_numpy(), frame["foodexp"].to_numpy())
    np.testing.assert_allclose([fit.intercept.item(), fit.coefficients.item()], [81.4822474, 0.5601806], rtol=1e-7)


def test_ransac():
    X, y = problem(100, 2, seed=3, outliers=35)
    fit = tw.ransac(X, y, threshold=1.0, seed=5)
    inliers = np.asarray(fit.weights) == 1
    assert not inliers[:35].any() and inliers[35:].all()
    plain = tw.lstsq(X[35:], y[35:])
    np.testing.assert_allclose(fit.coefficients, plain.coefficients, atol=1e-10)
    assert fit.scale == 1 and 1 <= fit.iterations < 1000 and fit.stop_reason == "tolerance"
    assert np.array_equal(tw.ransac(X, y, threshold=1.0, seed=5).coefficients, fit.coefficients)


def test_theil_sen():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(4)
    x = rng.normal(size=60)
    y = 3 * x + 1 + rng.standard_t(1.5, size=60)
    fit, theirs = tw.theil_sen(x, y), stats.theilslopes(y, x, method="joint")
    assert fit.coefficients.item() == pytest.approx(theirs.slope, rel=1e-12)
    assert fit.intercept.item() == pytest.approx(theirs.intercept, rel=1e-12)
    assert abs(tw.theil_sen(x, y, max_subsets=500, seed=1).coefficients.item() - 3) < 1
    table = np.stack([x, y], axis=1)
    columns = tw.theil_sen(table[:, 0], table[:, 1])  # that do not lie in one piece
    assert columns.coefficients.item() == fit.coefficients.item()
    assert columns.intercept.item() == fit.intercept.item()
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem(14, 2, seed=6, outliers=2)
    several = tw.theil_sen(X, y)  # all 364 subsets
    peer = linear_model.TheilSenRegressor(max_iter=3000, tol=1e-12, random_state=0).fit(X, y)
    np.testing.assert_allclose(several.coefficients, peer.coef_, atol=1e-5)
    assert several.intercept.item() == pytest.approx(peer.intercept_, abs=1e-5)


def test_corners():
    line = tw.robust_fit([1.0, 2, 3, 4, 5, 6], [2.0, 4, 6, 8, 10, 99], loss="tukey")
    assert line.coefficients.item() == pytest.approx(2, rel=1e-6)
    exact = tw.quantile_regression([1.0, 2, 3], [2.0, 4, 6])
    assert exact.coefficients.item() == pytest.approx(2) and exact.objective == pytest.approx(0, abs=1e-12)
    assert tw.robust_fit([[1.0]], [2.0]).predict([[1.0]]).item() == pytest.approx(2)
    median = tw.quantile_regression(np.ones((5, 0)), [5.0, 1, 9, 2, 3])
    assert median.intercept.item() == 3
    X, y = problem()
    twice = np.column_stack([X, X[:, 0]])
    np.testing.assert_allclose(tw.robust_fit(twice, y).predict(twice), tw.robust_fit(X, y).predict(X), atol=1e-6)
    assert tw.quantile_regression(twice, y).objective == pytest.approx(tw.quantile_regression(X, y).objective, rel=1e-8)


def test_callback():
    X, y = problem()
    seen = []
    fit = tw.robust_fit(X, y, callback=lambda progress: seen.append(progress) or len(seen) == 2)
    assert fit.stop_reason == "callback" and [s.iteration for s in seen] == [1, 2]
    np.testing.assert_array_equal(seen[1].coefficients, fit.coefficients)
    with pytest.raises(ZeroDivisionError):
        tw.robust_fit(X, y, callback=lambda progress: 1 / 0)


def test_bad_input():
    X, y = problem(10, 2, outliers=1)
    calls = (tw.robust_fit, tw.quantile_regression, tw.ransac, tw.theil_sen)
    for call in calls:
        with pytest.raises(ValueError, match="rows"):
            call(X[:4], y)
        with pytest.raises(ValueError, match="no rows"):
            call(X[:0], y[:0])
        for bad in (np.nan, np.inf):
            with pytest.raises(tw.TalwegError, match="in row 3"):
                call(X, np.where(np.arange(10) == 3, bad, y))
            with pytest.raises(tw.TalwegError, match="row 3, column 1"):
                call(np.where(np.arange(20).reshape(10, 2) == 7, bad, X), y)
    cases = [
        ("loss 'l2'", lambda: tw.robust_fit(X, y, loss="l2")),
        ("tuning is -1", lambda: tw.robust_fit(X, y, tuning=-1)),
        ("scale is 0", lambda: tw.robust_fit(X, y, scale=0)),
        ("none may be negative", lambda: tw.robust_fit(X, y, weights=-np.ones(10))),
        ("quantile is 1", lambda: tw.quantile_regression(X, y, 1)),
        ("sample_size is 11", lambda: tw.ransac(X, y, sample_size=11)),
        ("max_trials is 0", lambda: tw.ransac(X, y, max_trials=0)),
        ("confidence is 1", lambda: tw.ransac(X, y, confidence=1)),
        ("max_subsets is 0", lambda: tw.theil_sen(X, y, max_subsets=0)),
        ("2 rows for 3 unknowns", lambda: tw.theil_sen(X[:2], y[:2])),
        ("2 columns", lambda: tw.robust_fit(X, y).predict(np.ones((2, 3)))),
    ]
    for words, call in cases:
        with pytest.raises(ValueError, match=words):
            call()
