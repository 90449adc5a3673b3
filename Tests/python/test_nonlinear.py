"""talweg.least_squares and talweg.curve_fit: against derivations and SciPy."""

import warnings

import numpy as np
import pytest

import talweg as tw

optimize = pytest.importorskip("scipy.optimize")

RNG = np.random.default_rng(5)
X = np.linspace(0, 4, 60)
Y = 2.5 * np.exp(-1.3 * X) + 0.5 + 0.05 * RNG.normal(size=60)


def exponential(x, a, b, c):
    return a * np.exp(-b * x) + c


def exponential_jacobian(x, a, b, c):
    e = np.exp(-b * x)
    return np.stack([e, -a * x * e, np.ones_like(x)], axis=1)


def tensor_exponential(x, a, b, c):
    return a * tw.exp(-b * x) + c


def rosenbrock(x):
    return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])


@pytest.mark.parametrize("jac", [None, "2-point", "3-point", exponential_jacobian])
@pytest.mark.parametrize("sigma", [None, 0.1, "each", "matrix"])
def test_curve_fit_is_scipys(jac, sigma):
    if sigma == "each":
        sigma = 0.02 + 0.03 * RNG.random(60)
    elif sigma == "matrix":
        a = RNG.normal(size=(60, 60))
        sigma = a @ a.T / 600 + 0.01 * np.eye(60)
    elif sigma is not None:
        sigma = np.full(60, sigma)
    for absolute in (False, True):
        popt, pcov = tw.curve_fit(exponential, X, Y, sigma=sigma, absolute_sigma=absolute, jac=jac)
        expected, covariance = optimize.curve_fit(
            exponential, X, Y, sigma=sigma, absolute_sigma=absolute, jac=exponential_jacobian,
            ftol=1e-15, xtol=1e-15, gtol=1e-15,
        )  # fmt: skip
        assert np.allclose(popt, expected, rtol=1e-7)
        assert np.allclose(pcov, covariance, rtol=1e-5 if jac == "2-point" else 1e-6)


def test_tensor_code_is_differentiated():
    popt, pcov = tw.curve_fit(tensor_exponential, tw.asarray(X), Y)
    expected, covariance = tw.curve_fit(exponential, X, Y, jac=exponential_jacobian)
    assert np.allclose(popt, expected, rtol=1e-11) and np.allclose(pcov, covariance, rtol=1e-9)
    fit = tw.least_squares(lambda x: tw.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]]), [-1.2, 1])
    assert np.allclose(fit.x, 1, rtol=1e-12) and fit.success and fit.jac.shape == (2, 2)


def test_named_curves():
    for name, order in [("exponential", 1), ("polynomial", 3), ("fourier", 2)]:
        curve = tw.Curve(name, order)
        b = np.array([3.0, -0.7, 2.0, 0.4, 0.3, 2.2][: len(curve.parameters)])
        y = curve(X, *b)
        popt, pcov = tw.curve_fit(curve, X, y + 0.01 * RNG.normal(size=60))
        assert np.allclose(popt, b, atol=0.1) and pcov.shape == (len(b), len(b))
    popt, pcov = tw.curve_fit("exponential", X, Y)
    generic, covariance = tw.curve_fit(exponential, X, Y)
    assert np.allclose(popt * [1, -1, 1], generic, rtol=1e-9)
    assert np.allclose(np.diagonal(pcov), np.diagonal(covariance), rtol=1e-7)
    assert np.allclose(tw.Curve("line")(X, 1, 2), 1 + 2 * X)
    assert tw.Curve("fourier", 2).parameters == ("offset", "cos1", "sin1", "cos2", "sin2", "omega")
    with pytest.raises(ValueError, match="none of 'line'"):
        tw.curve_fit("cubic", X, Y)


@pytest.mark.parametrize("loss", ["linear", "huber", "soft_l1", "cauchy", "arctan"])
def test_losses_are_scipys(loss):
    y = Y.copy()
    y[::7] += 2

    def residuals(b):
        return exponential(X, *b) - y

    ours = tw.least_squares(residuals, [2.4, 1.2, 0.4], loss=loss, f_scale=0.1)
    theirs = optimize.least_squares(residuals, [2.4, 1.2, 0.4], loss=loss, f_scale=0.1, ftol=1e-15, xtol=1e-15, gtol=1e-15)
    assert ours.success and ours.cost <= theirs.cost * (1 + 1e-9)
    assert np.allclose(ours.x, theirs.x, rtol=1e-4)


@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
def test_bounds(method):
    bounds = ([-2, 1.5], [0.5, 2])
    ours = tw.least_squares(rosenbrock, [-1.2, 1.6], bounds=bounds, method=method)
    theirs = optimize.least_squares(rosenbrock, [-1.2, 1.6], bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert np.allclose(ours.x, theirs.x, rtol=1e-6) and list(ours.active_mask) == [0, -1]
    assert (ours.x >= bounds[0]).all() and (ours.x <= bounds[1]).all()
    fixed = tw.least_squares(rosenbrock, [0.5, 1], fixed=[True, False])
    assert fixed.x[0] == 0.5 and np.isclose(fixed.x[1], 0.25) and fixed.standard_errors[0] == 0


def test_callback_and_limits():
    seen = []
    fit = tw.least_squares(rosenbrock, [-1.2, 1], callback=lambda p: seen.append(p) or len(seen) == 3)
    assert fit.status == -2 and not fit.success and len(seen) == 3 == fit.nit
    assert seen[0].nit == 1 and seen[0].x.shape == (2,) and seen[1].cost < seen[0].cost
    assert tw.least_squares(rosenbrock, [-1.2, 1], max_nfev=4).status == 0
    with pytest.raises(RuntimeError, match="not found"):
        tw.curve_fit(exponential, X, Y, max_nfev=3)


def test_what_goes_wrong():
    with pytest.raises(ZeroDivisionError):
        tw.least_squares(lambda x: [1 / 0], [1.0])
    calls = []

    def fails_later(x):
        calls.append(1)
        if len(calls) > 5:
            raise KeyError("later")
        return rosenbrock(x)

    with pytest.raises(KeyError, match="later"):
        tw.least_squares(fails_later, [-1.2, 1])
    grown = []

    def grows(x):
        grown.append(1)
        return np.ones(len(grown)) * x[0]

    with pytest.raises(ValueError, match="gave 2 numbers, at first 1"):
        tw.least_squares(grows, [1.0])
    with pytest.raises(ValueError, match="jac gave 3 numbers"):
        tw.least_squares(rosenbrock, [1.0, 2], jac=lambda x: np.ones(3))
    with pytest.raises(ValueError, match="outside"):
        tw.least_squares(rosenbrock, [1.0, 2], bounds=(3, 4))
    with pytest.raises(ValueError, match="vector"):
        tw.least_squares(rosenbrock, np.ones((2, 2)))
    with pytest.raises(ValueError, match="none of"):
        tw.least_squares(rosenbrock, [1.0, 2], loss="squared")
    with pytest.raises(tw.TalwegError, match="residual 0 at the start is nan"):
        tw.least_squares(lambda x: x * np.nan, [1.0])
    with pytest.raises(ValueError, match="infs or NaNs"):
        tw.curve_fit(exponential, X, Y * np.nan)
    with pytest.raises(ValueError, match="incorrect shape"):
        tw.curve_fit(exponential, X, Y, sigma=np.ones(3))
    with pytest.raises(tw.TalwegError, match="y has nan at 0"):
        tw.curve_fit("line", X, Y * np.nan)
    # Two parameters of which only the sum shows.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        popt, pcov = tw.curve_fit(lambda x, a, b: a + b + 0 * x, X, Y)
    assert np.isclose(popt.sum(), Y.mean()) and np.isinf(pcov).all()
    assert issubclass(caught[0].category, tw.CovarianceWarning)


def test_output_is_a_mapping():
    fit = tw.least_squares(rosenbrock, [-1.2, 1])
    assert fit["x"] is fit.x and "cost" in fit and "x: array" in repr(fit) and fit.fun.shape == (2,)
    with pytest.raises(AttributeError):
        fit.nothing
    popt, _, info, message, ier = tw.curve_fit(exponential, X, Y, full_output=True)
    assert info["fvec"].shape == X.shape and info["nfev"] > 3 and ier in {1, 2, 3, 4} and "satisfied" in message


def test_verbose(capsys):
    tw.least_squares(rosenbrock, [-1.2, 1], verbose=2)
    text = capsys.readouterr().out
    assert "cost" in text.splitlines()[0] and "termination" in text.splitlines()[-1]
