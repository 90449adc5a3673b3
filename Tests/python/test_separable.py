"""talweg.variable_projection: NIST's separable problems from the nonlinear starts alone, SciPy, and what goes wrong."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

import talweg as tw

optimize = pytest.importorskip("scipy.optimize")

DATA = Path(os.environ.get("TALWEG_TEST_DATA", Path(__file__).parents[2] / "../shared/data")) / "nist/nonlinear"
RNG = np.random.default_rng(8)
X = np.linspace(0, 5, 80)
Y = 3 * np.exp(-0.7 * X) - 2 * np.exp(-2.5 * X) + 0.5 + 0.02 * RNG.normal(size=80)


def exponentials(alpha, x=X):
    return np.stack([np.exp(-alpha[0] * x), np.exp(-alpha[1] * x), np.ones_like(x)], axis=1)


def slopes(alpha, x=X):
    out = np.zeros((2, len(x), 3))
    for j in range(2):
        out[j, :, j] = -x * np.exp(-alpha[j] * x)
    return out


def powers(x, n):
    return np.stack([x**k for k in range(n)], axis=1)


def bumps(x, a):
    return np.stack(
        [np.exp(-a[0] * x), np.exp(-(((x - a[1]) / a[2]) ** 2)), np.exp(-(((x - a[3]) / a[4]) ** 2))], axis=1
    )


# The places of the nonlinear and of the linear parameters among the certified ones, and the functions.
NIST = {
    "DanWood": ([1], [0], lambda x, a: (x ** a[0])[:, None]),
    "Gauss1": ([1, 3, 4, 6, 7], [0, 2, 5], bumps),
    "Gauss2": ([1, 3, 4, 6, 7], [0, 2, 5], bumps),
    "Hahn1": ([4, 5, 6], [0, 1, 2, 3], lambda x, a: powers(x, 4) / (1 + powers(x, 4)[:, 1:] @ a)[:, None]),
    "Kirby2": ([3, 4], [0, 1, 2], lambda x, a: powers(x, 3) / (1 + powers(x, 3)[:, 1:] @ a)[:, None]),
    "Lanczos1": ([1, 3, 5], [0, 2, 4], lambda x, a: np.exp(-np.outer(x, a))),
    "Lanczos3": ([1, 3, 5], [0, 2, 4], lambda x, a: np.exp(-np.outer(x, a))),
    "MGH17": ([3, 4], [0, 1, 2], lambda x, a: np.exp(-np.outer(x, [0, *a]).clip(-700))),
    "Misra1a": ([1], [0], lambda x, a: (1 - np.exp(-a[0] * x))[:, None]),
    "Rat42": ([1, 2], [0], lambda x, a: (1 / (1 + np.exp(a[0] - a[1] * x)))[:, None]),
    "Thurber": ([4, 5, 6], [0, 1, 2, 3], lambda x, a: powers(x, 4) / (1 + powers(x, 4)[:, 1:] @ a)[:, None]),
}


def read(name):
    lines = (DATA / f"{name}.dat").read_text().splitlines()
    parameters = [
        [float(v) for v in match.group(1).split()]
        for line in lines
        if (match := re.match(r"\s*b\d+\s*=\s*(.*)", line))
    ]
    begin = next(i for i, line in enumerate(lines) if re.match(r"Data:\s+y", line)) + 1
    data = np.array([[float(v) for v in line.split()] for line in lines[begin:] if line.strip()])
    return np.array(parameters), data[:, 0], data[:, 1]


@pytest.mark.skipif(not DATA.exists(), reason="no ../shared/data/nist here (TALWEG_TEST_DATA names another folder)")
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", NIST)
def test_nist(name, start):
    nonlinear, linear, phi = NIST[name]
    parameters, y, x = read(name)
    certified, deviations = parameters[:, 2], parameters[:, 3]
    fit = tw.variable_projection(lambda a: phi(x, a), y, parameters[nonlinear, start])
    assert fit.success and fit.functions == len(linear)
    order = [*nonlinear, *linear]
    if name == "MGH17" and fit.alpha[0] > fit.alpha[1]:
        # The two exponentials may change places.
        order = [4, 3, 0, 2, 1]
    digits = -np.log10(np.abs(fit.x / certified[order] - 1) + 1e-16)
    assert digits.min() >= 7, digits
    # Lanczos1's residuals are 1e-13 of its data: their sum of squares is rounding in part.
    assert np.allclose(fit.standard_errors, deviations[order], rtol=1e-6 if name != "Lanczos1" else 1e-2)


@pytest.mark.parametrize("dphi", [None, "2-point", "3-point", slopes])
@pytest.mark.parametrize("kaufman", [False, True])
@pytest.mark.parametrize("sigma", [None, 0.3, "each"])
def test_is_scipys_fit_of_all_parameters(dphi, kaufman, sigma):
    each = 0.5 + RNG.random(80) if sigma == "each" else sigma
    fit = tw.variable_projection(exponentials, Y, [0.3, 4], dphi, kaufman=kaufman, sigma=each)
    weights = 1 if each is None else 1 / np.asarray(each)
    theirs = optimize.least_squares(
        lambda p: (exponentials(p[:2]) @ p[2:] - Y) * weights, [0.6, 3, 3, -2, 0.5],
        jac=lambda p: np.concatenate([(slopes(p[:2]) @ p[2:]).T, exponentials(p[:2])], axis=1)
        * (np.ones(80) * weights)[:, None], xtol=1e-15, ftol=1e-15, gtol=1e-15,
    )  # fmt: skip
    assert np.allclose(fit.x, theirs.x, rtol=1e-6) and np.isclose(fit.cost, theirs.cost, rtol=1e-12)
    assert np.allclose(fit.alpha, theirs.x[:2], rtol=1e-6) and np.allclose(fit.coefficients, theirs.x[2:], rtol=1e-6)
    covariance = np.linalg.inv(theirs.jac.T @ theirs.jac) * 2 * theirs.cost / 75
    assert np.allclose(fit.covariance, covariance, rtol=1e-4 if dphi == "2-point" else 1e-5)
    assert fit.degrees_of_freedom == 75 and fit.rank == 5
    assert np.allclose(fit.conf_int().mean(axis=1), fit.x)


def test_profile_and_limits():
    fit = tw.variable_projection(exponentials, Y, [0.3, 4], slopes)
    intervals = fit.profile_conf_int()
    whole = tw.least_squares(lambda p: exponentials(p[:2]) @ p[2:] - Y, fit.x)
    assert np.allclose(intervals, whole.profile_conf_int(), rtol=1e-5)
    bounded = tw.variable_projection(exponentials, Y, [0.3, 4], slopes, bounds=([0, 3], np.inf))
    assert bounded.alpha[1] == 3 and list(bounded.active_mask) == [0, -1, 0, 0, 0]
    held = tw.variable_projection(exponentials, Y, [0.3, 4], slopes, fixed=[False, True])
    assert held.alpha[1] == 4 and held.standard_errors[1] == 0 and held.cost > fit.cost
    seen = []
    stopped = tw.variable_projection(exponentials, Y, [0.3, 4], callback=lambda p: seen.append(p) or len(seen) == 2)
    assert stopped.status == -2 and stopped.nit == 2 and seen[0].x.shape == (2,)
    assert tw.variable_projection(exponentials, Y, [0.3, 4], max_nfev=2).status == 0


def test_dependent_functions():
    # Twice the same function: the fit is as good, and the covariance is not determined.
    fit = tw.variable_projection(lambda a: np.stack([np.exp(-a[0] * X)] * 2, axis=1), Y, [0.5])
    single = tw.variable_projection(lambda a: np.exp(-a[0] * X)[:, None], Y, [0.5])
    assert np.isclose(fit.cost, single.cost) and np.isclose(fit.coefficients.sum(), single.coefficients[0])
    assert np.isnan(fit.standard_errors).any()


def test_what_goes_wrong():
    with pytest.raises(ValueError, match=r"phi gave shape \(80,\)"):
        tw.variable_projection(lambda a: np.exp(-a[0] * X), Y, [1.0])
    with pytest.raises(ValueError, match=r"phi gave shape \(79, 3\) for 80 points"):
        tw.variable_projection(lambda a: exponentials(a)[1:], Y, [1.0, 2])
    calls = []

    def shrinks(a):
        calls.append(1)
        return exponentials(a)[:, : 3 if len(calls) < 4 else 2]

    with pytest.raises(ValueError, match=r"phi gave shape \(80, 2\); \(80, 3\) is needed"):
        tw.variable_projection(shrinks, Y, [1.0, 2])
    with pytest.raises(ValueError, match="dphi gave shape"):
        tw.variable_projection(exponentials, Y, [1.0, 2], lambda a: slopes(a)[0])
    with pytest.raises(ValueError, match="vector"):
        tw.variable_projection(exponentials, Y, [[1.0, 2]])
    with pytest.raises(ValueError, match="none of"):
        tw.variable_projection(exponentials, Y, [1.0, 2], "4-point")
    with pytest.raises(ValueError, match="outside"):
        tw.variable_projection(exponentials, Y, [1.0, 2], bounds=(3, 4))
    with pytest.raises(tw.TalwegError, match="y has nan"):
        tw.variable_projection(exponentials, Y * np.nan, [1.0, 2])
    with pytest.raises(tw.TalwegError, match="start"):
        tw.variable_projection(lambda a: exponentials(a) * np.nan, Y, [1.0, 2])
    with pytest.raises(ValueError, match="standard deviations are above 0"):
        tw.variable_projection(exponentials, Y, [1.0, 2], sigma=0)
    with pytest.raises(ZeroDivisionError):
        tw.variable_projection(lambda a: exponentials(a) / (1 // int(a[0] == 1)), Y, [1.0, 2])
