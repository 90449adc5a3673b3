"""Polynomials fitted as by NumPy's polyfit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike


def polyfit(x: TensorLike, y: TensorLike, deg: int, *, w: TensorLike | None = None) -> Tensor:
    """The coefficients of the polynomial of a degree nearest to y, the highest power's first, as numpy.polyfit.

    Exact to far more digits than NumPy's where the powers are nearly dependent, as in NIST's Wampler problems: residuals
    are summed in twice the precision. For high degrees see `talweg.design.polynomial`.

    Args:
        x: [n], finite
        y: [n], or [n, k] for k targets at once, finite
        deg: 0 or more
        w: what residuals are multiplied by, [n]

    Returns:
        [deg + 1], or [deg + 1, k], float64

    Raises:
        ValueError: shapes that do not fit, a negative degree, points of too few different x
        TalwegError: a NaN or infinity
    """
    x = _talweg.asarray(x, _talweg.float64)
    y = _talweg.asarray(y, _talweg.float64)
    if deg < 0:
        raise ValueError(f"polyfit: deg is {deg}; it must not be negative")
    if x.ndim != 1:
        raise ValueError(f"polyfit: x {list(x.shape)} has {x.ndim} axes; [n] was expected")
    if x.shape[0] <= deg:
        raise ValueError(f"polyfit: {x.shape[0]} points do not determine a polynomial of degree {deg}")
    weights = None if w is None else _talweg.asarray(w, _talweg.float64) ** 2
    powers = x.reshape(-1, 1) ** _talweg.arange(1, deg + 1, dtype=_talweg.float64)
    fit = _talweg.lstsq(powers, y, weights=weights)
    if fit.rank < deg:
        raise ValueError(f"polyfit: the x do not determine a polynomial of degree {deg}; they have rank {fit.rank}")
    coefficients = fit.coefficients if y.ndim == 1 else fit.coefficients.mT
    last = fit.intercept.reshape((1,) if y.ndim == 1 else (1, -1))
    return _talweg.concatenate([_talweg.flip(coefficients, 0), last], 0)
