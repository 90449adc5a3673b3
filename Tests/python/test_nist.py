"""NIST's Statistical Reference Datasets, scored by the log relative error: how many digits agree."""

import math
import os
import re
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import talweg as tw

DATA = Path(os.environ.get("TALWEG_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")) / "nist"
getcontext().prec = 40


def lines(path):
    file = DATA / path
    if not file.exists():
        pytest.skip(f"{file} is not there")
    return file.read_text().splitlines()


def lre(found, certified):
    """At most 15, the digits that are certified."""
    error = abs(found - certified) / (abs(certified) or 1)
    return 15 if error == 0 else min(15, -math.log10(error))


def univariate(name):
    """The data, and mean, standard deviation and autocorrelation at lag 1."""
    text = lines(f"univariate/{name}.dat")
    certified = [
        float(next(line for line in text if line.startswith("Sample") and key in line).split(":")[-1].split()[0])
        for key in ("Mean", "Deviation", "Autocorrelation")
    ]
    first = next(i for i, line in enumerate(text) if line.startswith("Data: Y"))
    return np.array([float(line) for line in text[first + 2 :] if line.strip()]), certified


@pytest.mark.parametrize("name", ["Lew", "NumAcc1", "NumAcc2", "NumAcc3"])
def test_univariate(name):
    y, (mean, deviation, autocorrelation) = univariate(name)
    # What the data are as float64, in exact arithmetic: NumAcc3's deviation is certified for 1000000.1 and so on, which
    # float64 has to 10 digits of what the deviation sees, so that no program can have more than 9.5 of its digits.
    exact = [Fraction(value) for value in y]
    middle = sum(exact) / len(exact)
    variance = sum((value - middle) ** 2 for value in exact) / (len(exact) - 1)
    rounded = float((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())
    values = tw.asarray(y)
    assert lre(values.mean().item(), mean) >= 14.5
    assert lre(tw.std(values, correction=1).item(), rounded) >= 14.5
    assert lre(tw.std(values, correction=1).item(), deviation) >= (9.4 if name == "NumAcc3" else 14.5)
    centred = values - values.mean()
    centred = centred - centred.mean()
    found = tw.vecdot(centred[:-1], centred[1:]) / tw.vecdot(centred, centred)
    assert lre(found.item(), autocorrelation) >= 12
    # A fit of an intercept alone has the same two.
    fit = tw.lstsq(np.zeros((len(y), 0)), y)
    assert lre(fit.intercept.item(), mean) >= 14.5
    assert lre(math.sqrt(fit.scale.item()), rounded) >= 14
    # For a mean of known errors: s over the root of n.
    assert lre(fit.intercept_standard_error.item(), rounded / math.sqrt(len(y))) >= 14


def test_analysis_of_variance():
    """SiRstv: resistances of silicon by five instruments, a regression on their indicators."""
    text = lines("univariate/SiRstvt.dat")
    rows = np.array([[float(value) for value in line.split()] for line in text[60:65]])
    y, group = rows.T.ravel(), np.repeat(np.arange(5), 5)
    certified = [float(line.split()[-1]) for line in text[40:48] if re.search("R-Squared|Deviation", line)]
    f = float(next(line for line in text if line.startswith("Between")).split()[-1])
    fit = tw.lstsq((group[:, None] == np.arange(1, 5)).astype(float), y)
    assert fit.degrees_of_freedom == 20
    assert lre(fit.fvalue.item(), f) >= 12
    assert lre(fit.r_squared.item(), certified[0]) >= 12
    assert lre(math.sqrt(fit.scale.item()), certified[1]) >= 12


LINEAR = {"Norris": (1, True), "NoInt1": (1, False), "Longley": (1, True), "Wampler1": (5, True), "Wampler4": (5, True)}


@pytest.mark.parametrize("method", ["qr", "svd"])
@pytest.mark.parametrize("name", LINEAR)
def test_linear(name, method):
    degree, intercept = LINEAR[name]
    text = lines(f"linear/{name}.dat")
    parameters = [list(map(float, line.split()[1:3])) for line in text if re.match(r"\s+B\d+\s", line)]
    residual = float(next(line for line in text if re.match(r"\s+Standard Deviation\s+\d", line)).split()[-1])
    r_squared = float(next(line for line in text if re.match(r"\s+R-Squared", line)).split()[-1])
    first = next(i for i, line in enumerate(text) if line.startswith("Data:") and i > 40)
    data = np.array([list(map(float, line.split())) for line in text[first + 1 :] if line.strip()])
    y, X = data[:, 0], data[:, 1:]
    if degree > 1:
        X = X ** np.arange(1, degree + 1)
    fit = tw.lstsq(X, y, intercept=intercept, method=method)
    found = fit.coefficients.tolist()
    errors = fit.standard_errors.tolist()
    if intercept:
        found, errors = [fit.intercept.item(), *found], [fit.intercept_standard_error.item(), *errors]
    assert len(found) == len(parameters)
    for b, error, (certified, deviation) in zip(found, errors, parameters, strict=True):
        assert lre(b, certified) >= 11.5
        if deviation:
            assert lre(error, deviation) >= (12 if method == "qr" else 9)
        else:
            # An exact fit: the residuals are rounding.
            assert error < 1e-7
    assert lre(fit.r_squared.item(), r_squared) >= 12
    if residual:
        assert lre(math.sqrt(fit.scale.item()), residual) >= 12
