"""Intervals of nonlinear fits: against SciPy's t distribution, closed forms and profiles found by hand."""

import numpy as np
import pytest

import talweg as tw

optimize = pytest.importorskip("scipy.optimize")
stats = pytest.importorskip("scipy.stats")

RNG = np.random.default_rng(17)
X = np.linspace(0.2, 4, 40)
Y = 3 * np.exp(-0.8 * X) + 0.5 + 0.05 * RNG.normal(size=40)


def model(x, a, b, c):
    return a * np.exp(-b * x) + c


def gradient(x, a, b, c):
    e = np.exp(-b * x)
    return np.stack([e, -a * x * e, np.ones_like(x)], axis=1)


def residuals(p):
    return model(X, *p) - Y


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("absolute", [False, True])
def test_conf_int(level, absolute):
    fit = tw.least_squares(residuals, [2, 1, 0], jac=lambda p: gradient(X, *p))
    j = gradient(X, *fit.x)
    covariance = np.linalg.inv(j.T @ j)
    if absolute:
        c = stats.norm.ppf(0.5 + level / 2)
    else:
        c = stats.t.ppf(0.5 + level / 2, 37)
        covariance = covariance * np.sum(residuals(fit.x) ** 2) / 37
    half = c * np.sqrt(np.diagonal(covariance))
    found = fit.conf_int(level=level, absolute=absolute)
    assert np.allclose(found, np.stack([fit.x - half, fit.x + half], axis=1), rtol=1e-9)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("sigma", [None, 0.2, "each"])
@pytest.mark.parametrize("absolute", [False, True])
def test_bands(named, sigma, absolute):
    each = 0.02 + 0.1 * RNG.random(40) if sigma == "each" else sigma
    # SciPy takes no single sigma; the same for all is one.
    full = None if sigma is None else np.broadcast_to(each, (40,))
    popt, pcov = optimize.curve_fit(
        model, X, Y, [2, 1, 0], sigma=full, absolute_sigma=absolute, jac=gradient, ftol=1e-15, xtol=1e-15, gtol=1e-15
    )
    curve, start = ("exponential", None) if named else (model, [2, 1, 0])
    fit = tw.fit_curve(curve, X, Y, start, each, absolute)
    assert isinstance(fit, tw.CurveFit) and fit.success
    assert np.allclose(fit.popt * ([1, -1, 1] if named else 1), popt, rtol=1e-6)
    x = np.array([0.0, 1.5, 10])
    g = gradient(x, *popt)
    variance = np.sum(g @ pcov * g, axis=1)
    c = stats.norm.ppf(0.95) if absolute else stats.t.ppf(0.95, 37)
    lower, upper = fit.confidence_band(x, level=0.9)
    assert np.allclose(upper - lower, 2 * c * np.sqrt(variance), rtol=1e-5)
    assert np.allclose((upper + lower) / 2, model(x, *popt), rtol=1e-6)
    weights = 1 if sigma is None else 1 / full
    s2 = 1 if absolute else np.sum((residuals(popt) * weights) ** 2) / 37
    if sigma == "each":
        with pytest.raises(ValueError, match="sigma for each point"):
            fit.prediction_band(x)
        new = np.array([0.1, 0.2, 0.3])
        lower, upper = fit.prediction_band(x, level=0.9, sigma=new)
    else:
        new = 1 if sigma is None else sigma
        lower, upper = fit.prediction_band(x, level=0.9)
    assert np.allclose(upper - lower, 2 * c * np.sqrt(variance + s2 * np.square(new)), rtol=1e-5)
    assert np.allclose(fit.conf_int(), np.stack([fit.x, fit.x], 1) + np.outer(
        np.sqrt(np.diagonal(fit.pcov)), [-1, 1]) * (stats.norm.ppf(0.975) if absolute else stats.t.ppf(0.975, 37)))  # fmt: skip


def test_bands_of_a_line_are_those_of_linear_regression():
    y = 1 + 2 * X + RNG.normal(size=40)
    fit = tw.fit_curve("line", X, y)
    new = np.array([-1.0, 2.0, 7.5])
    mean = X.mean()
    s2 = np.sum((y - fit.predict(X)) ** 2) / 38
    variance = s2 * (1 / 40 + (new - mean) ** 2 / np.sum((X - mean) ** 2))
    c = stats.t.ppf(0.975, 38)
    lower, upper = fit.confidence_band(new)
    assert np.allclose(upper - lower, 2 * c * np.sqrt(variance), rtol=1e-9)
    lower, upper = fit.prediction_band(new)
    assert np.allclose(upper - lower, 2 * c * np.sqrt(variance + s2), rtol=1e-9)


def profile_by_hand(j, best, least, variance, c):
    def rise(value):
        free = [i for i in range(3) if i != j]

        def held(q):
            p = best.copy()
            p[free], p[j] = q, value
            return residuals(p)

        cost = 2 * optimize.least_squares(held, best[free], xtol=1e-15, ftol=1e-15, gtol=1e-15).cost
        return (cost - least) / variance - c * c

    se = c * np.sqrt(variance) * 3
    return [optimize.brentq(rise, best[j], best[j] + side * se, xtol=1e-12) for side in (-1, 1)]


def test_profile_intervals():
    fit = tw.least_squares(residuals, [2, 1, 0])
    variance, c = fit.residual_variance, stats.t.ppf(0.975, 37)
    found = fit.profile_conf_int()
    assert found.shape == (3, 2)
    for j in range(3):
        assert np.allclose(found[j], profile_by_hand(j, fit.x, 2 * fit.cost, variance, c), rtol=1e-6)
    # Not those of the linear model, which are symmetric.
    assert not np.allclose(found, fit.conf_int(), rtol=1e-3)
    curve = tw.fit_curve("exponential", X, Y).profile_conf_int()
    assert np.allclose(curve[0], found[0], rtol=1e-6) and np.allclose(-curve[1][::-1], found[1], rtol=1e-6)


def test_profile_of_a_linear_model_is_the_t_interval():
    y = 1 + 2 * X + RNG.normal(size=40)
    fit = tw.fit_curve("line", X, y)
    for level in (0.5, 0.99):
        assert np.allclose(fit.profile_conf_int(level=level), fit.conf_int(level=level), rtol=1e-7)


def test_profile_limits():
    # A parameter whose far end is not bounded: exp(-b x) is no smaller than 0.
    x = np.array([1.0, 2.0])
    fit = tw.least_squares(lambda b: np.exp(-b * x) - [0.02, 0.01], [1.0])
    lower, upper = fit.profile_conf_int(level=0.999)[0]
    assert np.isfinite(lower) and upper == np.inf
    bounded = tw.least_squares(lambda b: np.exp(-b * x) - [0.02, 0.01], [1.0], bounds=(0, 9))
    assert bounded.profile_conf_int(level=0.999)[0][1] == 9
    fixed = tw.least_squares(residuals, [3, 0.8, 0.5], fixed=[False, True, False])
    assert list(fixed.profile_conf_int()[1]) == [0.8, 0.8]
    assert np.allclose(fixed.profile_conf_int(), fixed.conf_int(), rtol=1e-6)


def test_what_goes_wrong():
    fit = tw.least_squares(residuals, [2, 1, 0])
    for level in (0, 1, -0.5, 95, np.nan):
        with pytest.raises(ValueError, match="level is"):
            fit.conf_int(level=level)
    for level in (1, -0.5, 95, np.nan):
        with pytest.raises(ValueError, match="level is"):
            fit.profile_conf_int(level=level)
    exact = tw.least_squares(lambda p: p - [1, 2], [0.0, 0])
    assert np.isnan(exact.conf_int()).all()
    normal = stats.norm.ppf(0.975)
    assert np.allclose(exact.conf_int(absolute=True), [[1 - normal, 1 + normal], [2 - normal, 2 + normal]])
    with pytest.raises(tw.TalwegError, match="no degrees of freedom"):
        exact.profile_conf_int()
    both = tw.least_squares(lambda p: p[0] + p[1] - Y, [0.0, 0])
    assert np.isnan(both.conf_int()).all()
    with pytest.raises(tw.TalwegError, match="depends on others"):
        both.profile_conf_int()
