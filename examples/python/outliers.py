"""Least squares against fits that outliers do not lead astray, on two sets of Rousseeuw and Leroy's "Robust Regression
and Outlier Detection" (1987). Calls from Belgium, in millions a year: from 1964 to 1969 something else was counted,
and errors that large pull least squares along. Stars of the cluster CYG OB1, light by temperature, in logarithms: four
giants are far off in temperature, so that whatever weighs rows by their residuals follows them; draws of few rows do
not. A picture of both is written where matplotlib is installed.

    outliers.py [build/outliers.png]

Output:

                              calls           stars
                     slope outliers  slope outliers
    least squares     5.04        0  -0.41        0
    least magnitudes  1.62        6  -0.69        0
    Huber             2.04        6  -0.43        0
    Tukey             1.10        7  -0.42        0
    Theil-Sen         1.39        7   1.73        4
    RANSAC            1.11        7   3.86        5
"""

import sys
from pathlib import Path

import numpy as np

import talweg as tw

year = np.arange(1950, 1974.0)
calls = np.array([
    4.4, 4.7, 4.7, 5.9, 6.6, 7.3, 8.1, 8.8, 10.6, 12, 13.5, 14.9, 16.1, 21.2, 119, 124, 142, 159, 182, 212, 43, 24,
    27, 29,
])  # fmt: skip
temperature = np.array([
    4.37, 4.56, 4.26, 4.56, 4.30, 4.46, 3.84, 4.57, 4.26, 4.37, 3.49, 4.43, 4.48, 4.01, 4.29, 4.42, 4.23, 4.42, 4.23,
    3.49, 4.29, 4.29, 4.42, 4.49, 4.38, 4.42, 4.29, 4.38, 4.22, 3.48, 4.38, 4.56, 4.45, 3.49, 4.23, 4.62, 4.53, 4.45,
    4.53, 4.43, 4.38, 4.45, 4.50, 4.45, 4.55, 4.45, 4.42,
])  # fmt: skip
light = np.array([
    5.23, 5.74, 4.93, 5.74, 5.19, 5.46, 4.65, 5.27, 5.57, 5.12, 5.73, 5.45, 5.42, 4.05, 4.26, 4.58, 3.94, 4.18, 4.18,
    5.89, 4.38, 4.22, 4.42, 4.85, 5.02, 4.66, 4.66, 4.90, 4.39, 6.05, 4.42, 5.10, 5.22, 6.29, 4.34, 5.62, 5.10, 5.22,
    5.18, 5.57, 4.62, 5.06, 5.34, 5.34, 5.54, 4.98, 4.50,
])  # fmt: skip
SETS = {"calls": (year, calls), "stars": (temperature, light)}
FITS = {
    "least squares": tw.lstsq,
    "least magnitudes": tw.quantile_regression,
    "Huber": tw.robust_fit,
    "Tukey": lambda x, y: tw.robust_fit(x, y, loss="tukey"),
    "Theil-Sen": tw.theil_sen,
    "RANSAC": tw.ransac,
}


def outliers(fit, x, y):
    """Rows further off than three times the scale that the median magnitude of the residuals tells."""
    residuals = np.abs(y - fit.predict(x).numpy())
    return int(np.sum(residuals > 3 * np.median(residuals) / 0.6745))


made = {(name, label): fit(x, y) for name, fit in FITS.items() for label, (x, y) in SETS.items()}
print(f"{'':16} {'calls':>14}  {'stars':>14}")
print(f"{'':16} {'slope outliers':>14}  {'slope outliers':>14}")
for name in FITS:
    cells = [(made[name, label].coefficients.item(), outliers(made[name, label], *SETS[label])) for label in SETS]
    print(f"{name:16}" + "".join(f" {slope:5.2f} {count:8} " for slope, count in cells).rstrip())

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
if plt:
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for ax, (label, (x, y)) in zip(axes, SETS.items(), strict=True):
        ax.plot(x, y, "k.")
        ends = np.array([x.min(), x.max()])
        for name in FITS:
            ax.plot(ends, made[name, label].predict(ends).numpy(), label=name)
        ax.set_ylim(y.min() - 0.1 * np.ptp(y), y.max() + 0.1 * np.ptp(y))
        ax.set_title(label)
    axes[0].legend()
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "build/outliers.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=120)
