"""Plots: what is drawn are the numbers that other code computes."""

import statistics

import numpy as np
import pytest

pytest.importorskip("matplotlib")

import matplotlib  # noqa: E402

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
import statsmodels.api as sm  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from scipy import optimize, stats  # noqa: E402

import talweg as tw  # noqa: E402


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def line(rng):
    x = np.sort(rng.uniform(0, 10, 30))
    return x, 2 * x + 1 + rng.normal(size=30)


def labelled(ax, label):
    return next(line for line in ax.get_lines() if line.get_label() == label).get_xydata().T


def band(ax, label):
    """x, and the lower and the upper edge of a band."""
    made = next(collection for collection in ax.collections if collection.get_label() == label)
    outline = made.get_paths()[0].vertices
    x = np.unique(outline[:, 0])
    edges = [[outline[outline[:, 0] == at, 1].min(), outline[outline[:, 0] == at, 1].max()] for at in x]
    return x, *np.array(edges).T


def test_fit_with_bands(line):
    x, y = line
    ax = tw.plots.fit(tw.lstsq(x, y), points=50)
    assert isinstance(ax, Axes)
    np.testing.assert_array_equal(labelled(ax, "data"), [x, y])
    model = sm.OLS(y, sm.add_constant(x)).fit()
    grid = np.linspace(x.min(), x.max(), 50)
    expected = model.get_prediction(sm.add_constant(grid)).summary_frame(alpha=0.05)
    at, fitted = labelled(ax, "fit")
    np.testing.assert_allclose(at, grid)
    np.testing.assert_allclose(fitted, expected["mean"], rtol=1e-10)
    for label, name in (("95% confidence", "mean_ci"), ("95% prediction", "obs_ci")):
        at, lower, upper = band(ax, label)
        np.testing.assert_allclose(at, grid, rtol=1e-12)
        np.testing.assert_allclose(lower, expected[f"{name}_lower"], rtol=1e-9)
        np.testing.assert_allclose(upper, expected[f"{name}_upper"], rtol=1e-9)


def test_fit_along_one_column_of_several(line, rng):
    x, y = line
    X = np.column_stack([x, rng.normal(size=30)])
    fit = tw.lstsq(X, y)
    own = plt.subplots()[1]
    ax = tw.plots.fit(fit, column=1, band="confidence", alpha=0.2, points=20, ax=own)
    assert ax is own and ax.get_xlabel() == "x1"
    grid = np.linspace(X[:, 1].min(), X[:, 1].max(), 20)
    rows = np.column_stack([np.full(20, x.mean()), grid])
    np.testing.assert_allclose(labelled(ax, "fit")[1], fit.predict(rows).numpy(), rtol=1e-12)
    expected = sm.OLS(y, sm.add_constant(X)).fit().get_prediction(sm.add_constant(rows, has_constant="add"))
    _, lower, upper = band(ax, "80% confidence")
    np.testing.assert_allclose(np.column_stack([lower, upper]), expected.conf_int(alpha=0.2), rtol=1e-9)
    assert len(ax.collections) == 1
    assert len(tw.plots.fit(fit, band="none").collections) == 0


def test_curve_with_bands(rng):
    x = np.linspace(0, 4, 40)
    y = 3 * np.exp(-1.2 * x) + 0.5 + 0.05 * rng.normal(size=40)
    fit = tw.fit_curve("exponential", x, y)
    ax = tw.plots.curve(fit, x, y, points=30)
    f = lambda x, a, b, c: a * np.exp(b * x) + c  # noqa: E731
    other, covariance = optimize.curve_fit(f, x, y, p0=(3, -1.2, 0.5))
    grid = np.linspace(0, 4, 30)
    np.testing.assert_array_equal(labelled(ax, "data"), [x, y])
    np.testing.assert_allclose(labelled(ax, "fit"), [grid, f(grid, *other)], rtol=1e-5)
    a, b, _ = other
    J = np.column_stack([np.exp(b * grid), a * grid * np.exp(b * grid), np.ones(30)])
    variance = np.einsum("ij,jk,ik->i", J, covariance, J)
    noise = np.sum((y - f(x, *other)) ** 2) / 37
    for name, extra in (("confidence", 0.0), ("prediction", noise)):
        at, lower, upper = band(ax, f"95% {name}")
        np.testing.assert_allclose(at, grid, atol=1e-12)
        width = stats.t.ppf(0.975, 37) * np.sqrt(variance + extra)
        np.testing.assert_allclose((upper - lower) / 2, width, rtol=1e-4)
    # A model of the caller's own.
    own = tw.plots.curve(tw.fit_curve(f, x, y, p0=(3, -1.2, 0.5)), x, y, band="none", points=30)
    np.testing.assert_allclose(labelled(own, "fit")[1], labelled(ax, "fit")[1], rtol=1e-6)
    assert len(own.collections) == 0


def test_residuals(line):
    x, y = line
    fit = tw.lstsq(x, y)
    influence = sm.OLS(y, sm.add_constant(x)).fit().get_influence()
    fitted = influence.results.fittedvalues
    points = tw.plots.residuals(fit).get_lines()[1].get_xydata().T
    np.testing.assert_allclose(points, [fitted, influence.resid], rtol=1e-9, atol=1e-10)
    points = tw.plots.scale_location(fit).get_lines()[0].get_xydata().T
    np.testing.assert_allclose(points, [fitted, np.sqrt(np.abs(influence.resid_studentized_internal))], rtol=1e-8)


@pytest.mark.parametrize("n", [8, 30])
def test_normal_quantiles(line, n):
    x, y = line[0][:n], line[1][:n]
    ax = tw.plots.qq(tw.lstsq(x, y))
    sample = np.sort(sm.OLS(y, sm.add_constant(x)).fit().get_influence().resid_studentized_internal)
    offset = 3 / 8 if n <= 10 else 0.5
    theory = stats.norm.ppf((np.arange(1, n + 1) - offset) / (n + 1 - 2 * offset))
    points, through = ax.get_lines()
    np.testing.assert_allclose(points.get_xydata().T, [theory, sample], rtol=1e-9, atol=1e-12)
    # The line goes through the quartiles of both.
    quartile = statistics.NormalDist().inv_cdf(0.75)
    low, high = np.quantile(sample, [0.25, 0.75])
    (at, middle), slope = through.get_xy1(), through.get_slope()
    np.testing.assert_allclose([middle + slope * (-quartile - at), middle + slope * (quartile - at)], [low, high])


def test_leverage_and_cooks_distance(line):
    x, y = line
    fit = tw.lstsq(x, y)
    ax = tw.plots.leverage(fit, cook=(0.3,))
    influence = sm.OLS(y, sm.add_constant(x)).fit().get_influence()
    expected = [influence.hat_matrix_diag, influence.resid_studentized_internal]
    np.testing.assert_allclose(ax.get_lines()[1].get_xydata().T, expected, rtol=1e-8)
    h, r = labelled(ax, "Cook's distance 0.3")
    np.testing.assert_allclose(r**2 * h / (2 * (1 - h)), 0.3, rtol=1e-10)
    low, high = ax.get_ylim()
    assert low < min(expected[1]) and high > max(expected[1])


def test_coefficient_path(rng):
    X = rng.normal(size=(60, 4))
    y = X @ [2, 0, -1, 0] + rng.normal(size=60)
    path = tw.lasso_path(X, y, folds=5)
    ax = tw.plots.coefficient_path(path, names=list("abcd"))
    assert ax.get_xscale() == "log"
    for j, name in enumerate("abcd"):
        np.testing.assert_array_equal(labelled(ax, name), [path.penalties.numpy(), path.coefficients.numpy()[:, j]])
    marks = [line.get_xdata()[0] for line in ax.get_lines()[4:6]]
    assert marks == [path.penalty, path.penalties.tolist()[path.best_within_error]]
    ridge = tw.ridge_path(X, y)
    ax = tw.plots.coefficient_path(ridge)
    assert ax.get_lines()[4].get_xdata()[0] == ridge.penalty
    ax = tw.plots.coefficient_path(tw.lasso_path(X, y), penalty=0.25)
    assert ax.get_lines()[4].get_xdata()[0] == 0.25
    unmarked = tw.plots.coefficient_path(tw.lasso_path(X, y))
    assert len(unmarked.get_lines()) == 5
    with pytest.raises(ValueError, match="3 names of 4 columns"):
        tw.plots.coefficient_path(path, names=list("abc"))


def test_what_is_refused(line):
    x, y = line
    with pytest.raises(ValueError, match="2 targets"):
        tw.plots.residuals(tw.lstsq(x, np.column_stack([y, y])))
    with pytest.raises(ValueError, match="band"):
        tw.plots.fit(tw.lstsq(x, y), band="wide")
    stream = tw.LstsqStream(1)
    stream.push(x[:, None], y)
    with pytest.raises(ValueError, match="rows were not kept"):
        tw.plots.qq(stream.solve())
