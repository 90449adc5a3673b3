"""A power law through DanWood's six points: the energy that a carbon filament lamp radiates, by its temperature
in 1,000 K (NIST StRD, nonlinear regression), whose certified parameters and standard deviations stand beside. The
picture of the fit with its confidence band is written where matplotlib is installed.

    curve_fit.py [build/curve_fit.png]

Output:

    amplitude 0.768862262 +- 0.018281974   certified 0.768862262 +- 0.018281974
    exponent  3.860405587 +- 0.051726611   certified 3.860405587 +- 0.051726611
    with an outlier:            amplitude 1.2524, exponent 2.8296
    and a loss for outliers:    amplitude 0.7956, exponent 3.7856
    written as a function:      amplitude 0.7689, exponent 3.8604
"""

import sys
from pathlib import Path

import numpy as np

import talweg as tw

x = np.array([1.309, 1.471, 1.490, 1.565, 1.611, 1.680])
y = np.array([2.138, 3.421, 3.597, 4.340, 4.882, 5.660])
CERTIFIED = [(7.6886226176e-01, 1.8281973860e-02), (3.8604055871e00, 5.1726610913e-02)]

power = tw.Curve("power")
fitted, covariance = tw.curve_fit(power, x, y)
errors = np.sqrt(np.diag(covariance))
for name, value, error, (true, true_error) in zip(power.parameters, fitted, errors, CERTIFIED, strict=True):
    print(f"{name:9} {value:.9f} +- {error:.9f}   certified {true:.9f} +- {true_error:.9f}")

spoiled = y.copy()
spoiled[0] += 1
for label, options in [
    ("with an outlier:", {}),
    ("and a loss for outliers:", {"loss": "cauchy", "f_scale": 0.03, "p0": fitted}),
]:
    (amplitude, exponent), _ = tw.curve_fit(power, x, spoiled, **options)
    print(f"{label:27} amplitude {amplitude:.4f}, exponent {exponent:.4f}")

(amplitude, exponent), _ = tw.curve_fit(lambda x, a, b: a * x**b, x, y, p0=[1, 5])
print(f"{'written as a function:':27} amplitude {amplitude:.4f}, exponent {exponent:.4f}")

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
if plt:
    at = np.linspace(1.25, 1.75, 200)
    whole = tw.fit_curve(power, x, y)
    plt.fill_between(at, *whole.confidence_band(at), alpha=0.3, label="confidence of 95 %")
    plt.plot(at, whole.predict(at), label=f"{fitted[0]:.3f} x^{fitted[1]:.3f}")
    plt.plot(x, y, "k.", label="measured")
    plt.xlabel("temperature in 1,000 K")
    plt.ylabel("energy")
    plt.legend()
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "build/curve_fit.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    plt.savefig(picture, dpi=120)
