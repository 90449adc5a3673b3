"""Separable nonlinear least squares by variable projection."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _talweg
from ._choices import number_of
from ._nonlinear import SCHEMES, UNBOUNDED, LeastSquaresProgress, LeastSquaresResult, bound_of, result_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class SeparableResult(LeastSquaresResult):
    """A separable fit: a ``LeastSquaresResult`` of all parameters, x = (alpha, c)."""

    functions: int = 0

    @property
    def alpha(self) -> NDArray[np.float64]:
        """The nonlinear parameters [p]."""
        found: NDArray[np.float64] = self.x[: self.x.size - self.functions]
        return found

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """The functions' coefficients c [n]."""
        found: NDArray[np.float64] = self.x[self.x.size - self.functions :]
        return found


def variable_projection(
    phi: Callable[..., ArrayLike],
    y: ArrayLike,
    alpha0: ArrayLike,
    dphi: Callable[..., ArrayLike] | str | None = None,
    *,
    sigma: ArrayLike | None = None,
    bounds: tuple[ArrayLike, ArrayLike] = UNBOUNDED,
    fixed: ArrayLike | None = None,
    x_scale: ArrayLike | None = None,
    kaufman: bool = False,
    ftol: float = 1e-12,
    xtol: float = 1e-14,
    gtol: float = 0.0,
    polish: bool = True,
    max_nfev: int = 0,
    max_seconds: float = 0.0,
    callback: Callable[[LeastSquaresProgress], object] | None = None,
) -> SeparableResult:
    """Fits y ~ phi(alpha) @ c: for each alpha the best c is found by linear least squares, so that c needs no start.

    By Golub and Pereyra (1973).

    Args:
        phi: phi(alpha [p]) gives the n functions at y's m points, [m, n]
        y: m numbers
        alpha0: the start of the nonlinear parameters [p]
        dphi: dphi(alpha) gives their derivatives by each of the nonlinear parameters, [p, m, n]; None, "2-point",
            "3-point": by differences
        sigma: standard deviations of y, m or one
        bounds, fixed, x_scale: of alpha, as in ``least_squares``
        kaufman: with Kaufman's Jacobian (1975), cheaper, and nearly as good where residuals are small
        ftol, xtol, gtol, polish, max_nfev, max_seconds, callback: as in ``least_squares``; x of a progress is alpha

    Returns:
        the fit of all parameters, alpha and behind it c, with the covariance of the whole problem
    """
    import numpy as np

    at = np.atleast_1d(np.array(alpha0, dtype=np.float64))
    if at.ndim > 1:
        raise ValueError(f"variable_projection: alpha0 has shape {at.shape}; a vector is needed")
    target = np.ascontiguousarray(y, dtype=np.float64).ravel()
    m = target.size
    first = np.asarray(phi(at.copy()), dtype=np.float64)
    if first.ndim != 2 or first.shape[0] != m or first.size == 0:
        raise ValueError(f"variable_projection: phi gave shape {first.shape} for {m} points; (m, n) is needed")
    n = first.shape[1]

    def writer(function: Callable[..., ArrayLike], what: str, shape: tuple[int, ...]) -> Callable[..., None]:
        def write(given: memoryview, out: memoryview) -> None:
            values = np.asarray(function(np.frombuffer(given).copy()), dtype=np.float64)
            if values.shape != shape:
                raise ValueError(f"variable_projection: {what} gave shape {values.shape}; {shape} is needed")
            np.frombuffer(out)[:] = values.ravel()

        return write

    def tell(nit: int, nfev: int, cost: float, optimality: float, step: float, x: memoryview) -> object:
        if callback is None:
            return False
        return callback(LeastSquaresProgress(nit, nfev, cost, optimality, step, np.frombuffer(x).copy()))

    made, stop, cost, _, nit, nfev, njev, rank, freedom = _talweg.variable_projection(
        writer(phi, "phi", (m, n)),
        target,
        at,
        n,
        derivatives=writer(dphi, "dphi", (at.size, m, n)) if callable(dphi) else None,
        sigma=None if sigma is None else np.asarray(sigma, dtype=np.float64),
        kaufman=kaufman,
        callback=None if callback is None else tell,
        lower=bound_of(bounds[0], at.size, -math.inf),
        upper=bound_of(bounds[1], at.size, math.inf),
        scale=None if x_scale is None else np.array(np.broadcast_to(np.asarray(x_scale, float), at.shape)),
        fixed=None if fixed is None else np.asarray(fixed, dtype=bool),
        differences=number_of(dphi, SCHEMES, "dphi") if isinstance(dphi, str) else 0,
        ftol=ftol,
        xtol=xtol,
        gtol=gtol,
        polish=polish,
        max_evaluations=max_nfev,
        max_seconds=max_seconds,
    )
    result = SeparableResult(result_of(made, stop, cost, nit, nfev, njev, rank, freedom))
    result.functions = n

    def refit(level: float, absolute: bool) -> Any:
        weights = 1.0 if sigma is None else 1 / np.asarray(sigma, dtype=np.float64).ravel()

        def residuals(given: memoryview, out: memoryview) -> None:
            x = np.frombuffer(given)
            np.frombuffer(out)[:] = (np.asarray(phi(x[: at.size].copy())) @ x[at.size :] - target) * weights

        held = [*(np.zeros(at.size, bool) if fixed is None else np.asarray(fixed, dtype=bool)), *[False] * n]
        lower, upper = (
            np.append(np.broadcast_to(np.asarray(b, float), at.shape), np.full(n, end))
            for b, end in zip(bounds, (-math.inf, math.inf), strict=True)
        )
        return _talweg.least_squares(
            residuals, result.x, m, profile=level, absolute=absolute, lower=lower, upper=upper, fixed=np.array(held)
        )[0]

    result._refit = refit
    return result
