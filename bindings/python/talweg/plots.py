"""Plots of fits, with matplotlib: each draws on ``ax``, or on axes of its own, and returns the axes.

    import talweg as tw

    result = tw.lstsq(x, y)
    tw.plots.fit(result)
    tw.plots.residuals(result)
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._choices import number_of

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from ._elastic_net import ElasticNetResult
    from ._fit_curve import CurveFit
    from ._lstsq import LstsqResult

BANDS = ("none", "confidence", "prediction", "both")


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError("talweg.plots needs matplotlib: pip install matplotlib") from error
    return plt.subplots()[1]


def _rows(result: LstsqResult) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """X [n, p] and y [n] that were fitted."""
    import numpy as np

    X, y, _ = result._rows()
    if y.ndim != 1:
        raise ValueError(f"plots: the fit is of {y.shape[1]} targets; one is needed")
    rows = np.asarray(X, dtype=np.float64)
    return rows.reshape(len(rows), -1), np.asarray(y, dtype=np.float64)


def _draw_bands(
    ax: Axes, x: NDArray[np.float64], bands: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]], level: float
) -> None:
    for name, (lower, upper) in bands.items():
        shade = 0.25 if name == "confidence" else 0.12
        ax.fill_between(x, lower, upper, color="C0", alpha=shade, linewidth=0, label=f"{level:.0%} {name}")


def fit(
    result: LstsqResult,
    *,
    column: int = 0,
    band: str = "both",
    alpha: float = 0.05,
    points: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """The rows and the line of a linear fit along one column, with the bands that hold the mean ("confidence") and a
    new observation ("prediction") with probability 1 - alpha. Other columns are at their means.

    Args:
        result: of ``talweg.lstsq``, one target
        column: which column of X is on the x axis
        band: "confidence", "prediction", "both" or "none"
        points: of the line
    """
    import numpy as np

    wanted = BANDS[number_of(band, BANDS, "band")]
    X, y = _rows(result)
    ax = _axes(ax)
    x = np.linspace(X[:, column].min(), X[:, column].max(), points)
    rows = np.tile(X.mean(axis=0), (points, 1))
    rows[:, column] = x
    ax.plot(X[:, column], y, "o", color="0.3", markersize=4, label="data")
    if wanted == "none":
        mean = result.predict(rows)
    else:
        prediction = result.get_prediction(rows)
        mean = prediction.predicted_mean
        bands = {}
        for name in BANDS[1:3]:
            if wanted in (name, "both"):
                lower, upper = np.asarray(prediction.conf_int(obs=name == "prediction", alpha=alpha)).T
                bands[name] = lower, upper
        _draw_bands(ax, x, bands, 1 - alpha)
    ax.plot(x, np.asarray(mean), color="C0", label="fit")
    ax.set_xlabel(f"x{column}")
    ax.set_ylabel("y")
    ax.legend()
    return ax


def curve(
    result: CurveFit,
    xdata: ArrayLike,
    ydata: ArrayLike,
    *,
    band: str = "both",
    alpha: float = 0.05,
    points: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """The points and the curve of a nonlinear fit, with the bands that hold the curve ("confidence") and a new point
    ("prediction") with probability 1 - alpha, to first order in the parameters.

    Args:
        result: of ``talweg.fit_curve``
        xdata, ydata: [m], the points
        band: "confidence", "prediction", "both" or "none"
        points: of the curve
    """
    import numpy as np

    wanted = BANDS[number_of(band, BANDS, "band")]
    x, y = np.asarray(xdata, dtype=np.float64), np.asarray(ydata, dtype=np.float64)
    grid = np.linspace(x.min(), x.max(), points)
    bands = {}
    if wanted in ("confidence", "both"):
        bands["confidence"] = result.confidence_band(grid, level=1 - alpha)
    if wanted in ("prediction", "both"):
        bands["prediction"] = result.prediction_band(grid, level=1 - alpha)
    ax = _axes(ax)
    ax.plot(x, y, "o", color="0.3", markersize=4, label="data")
    _draw_bands(ax, grid, bands, 1 - alpha)
    ax.plot(grid, result.predict(grid), color="C0", label="fit")
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    ax.legend()
    return ax


def residuals(result: LstsqResult, *, ax: Axes | None = None) -> Axes:
    """Residuals over fitted values: a bend or a funnel says what the model misses."""
    import numpy as np

    _rows(result)
    ax = _axes(ax)
    ax.axhline(0.0, color="0.6", linewidth=1)
    ax.plot(np.asarray(result.fittedvalues), np.asarray(result.resid), "o", color="C0", markersize=4)
    ax.set_xlabel("fitted values")
    ax.set_ylabel("residuals")
    return ax


def qq(result: LstsqResult, *, ax: Axes | None = None) -> Axes:
    """Internally studentised residuals, sorted, over the normal distribution's quantiles, and the line through their
    quartiles: normal errors lie along it."""
    import numpy as np

    _rows(result)
    ax = _axes(ax)
    sample = np.sort(np.asarray(result.get_influence().resid_studentized_internal))
    n = sample.size
    offset = 3 / 8 if n <= 10 else 1 / 2
    normal = statistics.NormalDist()
    theory = np.array([normal.inv_cdf((i + 1 - offset) / (n + 1 - 2 * offset)) for i in range(n)])
    low, high = np.quantile(sample, [0.25, 0.75])
    slope = (high - low) / (2 * normal.inv_cdf(0.75))
    ax.plot(theory, sample, "o", color="C0", markersize=4)
    ax.axline((0.0, (low + high) / 2), slope=slope, color="0.6", linewidth=1)
    ax.set_xlabel("normal quantiles")
    ax.set_ylabel("studentised residuals")
    return ax


def scale_location(result: LstsqResult, *, ax: Axes | None = None) -> Axes:
    """Roots of the magnitudes of internally studentised residuals over fitted values: a slope says that the errors'
    size changes."""
    import numpy as np

    _rows(result)
    ax = _axes(ax)
    size = np.sqrt(np.abs(np.asarray(result.get_influence().resid_studentized_internal)))
    ax.plot(np.asarray(result.fittedvalues), size, "o", color="C0", markersize=4)
    ax.set_xlabel("fitted values")
    ax.set_ylabel("root of |studentised residuals|")
    return ax


def leverage(result: LstsqResult, *, cook: Sequence[float] = (0.5, 1.0), ax: Axes | None = None) -> Axes:
    """Internally studentised residuals over leverages, with lines of equal Cook's distance: rows beyond them move the
    coefficients.

    Args:
        cook: the distances
    """
    import numpy as np

    X, _ = _rows(result)
    ax = _axes(ax)
    influence = result.get_influence()
    h = np.asarray(influence.hat_matrix_diag)
    ax.axhline(0.0, color="0.6", linewidth=1)
    ax.plot(h, np.asarray(influence.resid_studentized_internal), "o", color="C0", markersize=4)
    unknowns = len(X) - result.degrees_of_freedom
    x = np.linspace(h.max() / 200, min(1.05 * h.max(), 0.999), 200)
    for distance in cook:
        bound = np.sqrt(distance * unknowns * (1 - x) / x)
        for sign in (1, -1):
            label = f"Cook's distance {distance:g}" if sign > 0 else None
            ax.plot(x, sign * bound, "--", color="C3", linewidth=1, label=label)
    # As far as the residuals reach, not the lines.
    reach = 1.1 * np.abs(np.asarray(influence.resid_studentized_internal)).max()
    ax.set_ylim(-reach, reach)
    ax.set_xlabel("leverage")
    ax.set_ylabel("studentised residuals")
    if len(cook):
        ax.legend()
    return ax


def coefficient_path(
    result: ElasticNetResult,
    *,
    names: Sequence[str] | None = None,
    penalty: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Each coefficient over the penalty, of ``lasso_path``, ``elastic_net`` or ``ridge_path``, with the chosen penalty
    marked.

    Args:
        names: of the columns
        penalty: the one to mark; None: the best by cross-validation, and beside it the greatest within a standard
            error of it, where there was any
    """
    import numpy as np

    ax = _axes(ax)
    penalties, coefficients = np.asarray(result.penalties), np.asarray(result.coefficients)
    if names is not None and len(names) != coefficients.shape[1]:
        raise ValueError(f"plots: {len(names)} names of {coefficients.shape[1]} columns")
    for j in range(coefficients.shape[1]):
        ax.plot(penalties, coefficients[:, j], label=None if names is None else names[j])
    ax.set_xscale("log")
    errors = np.asarray(result.errors)
    if penalty is not None:
        ax.axvline(penalty, color="0.3", linewidth=1)
    elif np.isfinite(errors).any():
        ax.axvline(float(penalties[result.best]), color="0.3", linewidth=1)
        if np.isfinite(np.asarray(result.error_standard_errors)).any():
            ax.axvline(float(penalties[result.best_within_error]), color="0.3", linewidth=1, linestyle="--")
    ax.axhline(0.0, color="0.6", linewidth=0.5)
    ax.set_xlabel("penalty")
    ax.set_ylabel("coefficients")
    if names is not None:
        ax.legend()
    return ax
