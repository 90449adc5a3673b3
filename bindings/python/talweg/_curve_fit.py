"""Curves fitted to points: ``curve_fit``, with SciPy's arguments and results, and named curves."""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from . import _talweg
from ._choices import number_of
from ._nonlinear import LOSSES, STATUSES, UNBOUNDED, LeastSquaresResult, bound_of, least_squares

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class CovarianceWarning(UserWarning):
    """The covariance of the parameters could not be estimated."""


CURVES = {
    # Family, and the parameters' names; "{k}" stands for each order.
    "line": (0, ("intercept", "slope")),
    "polynomial": (0, ("c0", "c{k}")),
    "exponential": (1, ("amplitude", "rate", "offset")),
    "power": (2, ("amplitude", "exponent")),
    "logistic": (3, ("height", "rate", "midpoint")),
    "gaussian": (4, ("height", "center", "sigma")),
    "lorentzian": (5, ("height", "center", "gamma")),
    "fourier": (6, ("offset", "cos{k}", "sin{k}", "omega")),
    "michaelis_menten": (7, ("vmax", "km")),
    "damped_sine": (8, ("amplitude", "decay", "omega", "phase")),
}


class Curve:
    """A named curve, callable as f(x, b0, b1, ...); ``curve_fit`` takes it, or its name, as the model.

    line: b0 + b1 x; polynomial: b0 + ... + b_n x^n; exponential: b0 exp(b1 x) + b2; power: b0 x^b1;
    logistic: b0 / (1 + exp(-b1 (x - b2))); gaussian: b0 exp(-(x - b1)^2 / (2 b2^2));
    lorentzian: b0 / (1 + ((x - b1) / b2)^2); fourier: b0 + sum_k b_(2k-1) cos(k w x) + b_(2k) sin(k w x), w last;
    michaelis_menten: b0 x / (b1 + x); damped_sine: b0 exp(-b1 x) sin(b2 x + b3).

    Args:
        name: one of these
        order: n, of polynomial and fourier, from 1 to 32
    """

    def __init__(self, name: str, order: int = 1) -> None:
        if name not in CURVES:
            raise ValueError(f"curve {name!r} is none of {', '.join(map(repr, CURVES))}")
        self.name = name
        self.order = order
        self.family, names = CURVES[name]
        whole: list[str] = []
        tail = [n for n in names if "{k}" not in n]
        each = [n for n in names if "{k}" in n]
        whole += tail[:1] if each else tail
        for k in range(1, order + 1 if each else 1):
            whole += [n.format(k=k) for n in each]
        whole += tail[1:] if each else []
        self.parameters = tuple(whole)
        """Their names."""

    def __call__(self, x: ArrayLike, *parameters: float) -> NDArray[np.float64]:
        """f(x), float64 of x's shape."""
        import numpy as np

        return np.asarray(_talweg.curve_evaluate(self.family, self.order, np.array(parameters, float), np.asarray(x)))

    def gradient(self, x: ArrayLike, *parameters: float) -> NDArray[np.float64]:
        """df/db [m, p] at x's m numbers."""
        import numpy as np

        return np.asarray(_talweg.curve_gradient(self.family, self.order, np.array(parameters, float), np.asarray(x)))

    def __repr__(self) -> str:
        return f"Curve({self.name!r})" if self.order == 1 else f"Curve({self.name!r}, order={self.order})"


named_curve = functools.cache(Curve)


def fit_named(
    curve: Curve,
    x: Any,
    y: Any,
    p0: Any,
    sigma: Any,
    bounds: tuple[ArrayLike, ArrayLike],
    loss: str = "linear",
    f_scale: float = 1.0,
    ftol: float = 1e-12,
    xtol: float = 1e-14,
    gtol: float = 0.0,
    max_nfev: int = 0,
) -> tuple[Any, ...]:
    free = bounds is UNBOUNDED
    return _talweg.curve_fit(
        curve.family,
        curve.order,
        x,
        y,
        sigma,
        p0,
        lower=None if free else bound_of(bounds[0], len(curve.parameters), -math.inf),
        upper=None if free else bound_of(bounds[1], len(curve.parameters), math.inf),
        loss=0 if loss == "linear" else number_of(loss, LOSSES, "loss"),
        loss_scale=f_scale,
        ftol=ftol,
        xtol=xtol,
        gtol=gtol,
        max_evaluations=max_nfev,
    )


def fit_function(
    f: Callable[..., Any],
    xdata: ArrayLike,
    ydata: ArrayLike,
    p0: ArrayLike | None,
    sigma: ArrayLike | None,
    check_finite: bool,
    bounds: tuple[ArrayLike, ArrayLike],
    method: str | None,
    jac: Callable[..., Any] | str | None,
    kwargs: Mapping[str, Any],
) -> LeastSquaresResult:
    import numpy as np

    y = np.asarray(ydata, dtype=np.float64)
    if y.size == 0:
        raise ValueError("`ydata` must not be empty!")
    if check_finite and not (np.all(np.isfinite(y)) and np.all(np.isfinite(np.asarray(xdata, dtype=np.float64)))):
        raise ValueError("array must not contain infs or NaNs")
    if p0 is None:
        parameters = inspect.signature(f).parameters.values()
        if any(p.kind == p.VAR_POSITIONAL for p in parameters) or len(parameters) < 2:
            raise ValueError("Unable to determine number of fit parameters.")
        lower, upper = (np.broadcast_to(np.asarray(b, dtype=np.float64), (len(parameters) - 1,)) for b in bounds)
        start = np.ones(len(parameters) - 1)
        both = np.isfinite(lower) & np.isfinite(upper)
        start[both] = 0.5 * (lower[both] + upper[both])
        start = np.where(~both & np.isfinite(lower), lower + 1, start)
        start = np.where(~both & np.isfinite(upper), upper - 1, start)
    else:
        start = np.atleast_1d(np.array(p0, dtype=np.float64))
    whiten: Callable[[Any], Any] = lambda r: r  # noqa: E731
    if sigma is not None:
        s = np.asarray(sigma, dtype=np.float64)
        if s.shape in {(y.size,), ()}:
            whiten = lambda r: r / s.reshape((-1,) + (1,) * (r.ndim - 1)) if s.ndim else r / s  # noqa: E731
        elif s.shape == (y.size, y.size):
            factor = np.linalg.cholesky(s)
            whiten = lambda r: np.linalg.solve(factor, r)  # noqa: E731
        else:
            raise ValueError("`sigma` has incorrect shape.")

    def residuals(x: Any) -> Any:
        if isinstance(x, _talweg.Tensor):
            return whiten_tensor(f(xdata, *(x[i] for i in range(start.size))))
        value = f(xdata, *x)
        if isinstance(value, _talweg.Tensor):
            return value
        return whiten(np.asarray(value, dtype=np.float64).ravel() - y.ravel())

    def whiten_tensor(value: Any) -> Any:
        rest = value - _talweg.asarray(y)
        if sigma is None:
            return rest
        s = np.asarray(sigma, dtype=np.float64)
        if s.ndim == 2:
            return _talweg.matmul(_talweg.asarray(np.linalg.inv(np.linalg.cholesky(s))), rest)
        return rest / _talweg.asarray(s)

    derivatives: Callable[..., Any] | str | None = jac
    if callable(jac):
        model = jac
        derivatives = lambda x: whiten(np.asarray(model(xdata, *x), dtype=np.float64))  # noqa: E731
    return least_squares(residuals, start, jac=derivatives, bounds=bounds, method=method or "lm", **kwargs)


def curve_fit(
    f: Callable[..., Any] | str,
    xdata: ArrayLike,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool = True,
    bounds: tuple[ArrayLike, ArrayLike] = UNBOUNDED,
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    *,
    full_output: bool = False,
    **kwargs: Any,
) -> Any:
    """The parameters of f(xdata, *parameters) nearest to ydata in the sense of least squares, and their covariance.

    Named as in ``scipy.optimize.curve_fit``.

    Args:
        f: the model: f(xdata, a, b, ...), of an array, or tensor code; or a ``Curve`` or its name ("line",
            "exponential", "power", "logistic", "gaussian", "lorentzian", "michaelis_menten", "damped_sine",
            ...), which is much faster and finds its own start
        xdata: handed to f as it is
        ydata: [m]
        p0: the start; None: from the data for a named curve, else ones, or the middle of the bounds
        sigma: standard deviations [m] of ydata, or their covariance [m, m]
        absolute_sigma: sigma is meant in absolute terms; else only its ratios count
        bounds, method, jac: as ``least_squares``; jac(xdata, a, b, ...) gives [m, p]
        kwargs: further arguments of ``least_squares``

    Returns:
        (popt, pcov), and with full_output the infodict, message and ier of SciPy
    """
    import numpy as np

    if isinstance(f, str):
        f = named_curve(f)
    if isinstance(f, Curve) and jac is None and (sigma is None or np.ndim(sigma) < 2):
        made, stop, cost, _, _, nfev, _, _, freedom = fit_named(f, xdata, ydata, p0, sigma, bounds, **kwargs)
        x, residuals, inverse = np.asarray(made[0]), made[1], np.asarray(made[2])
        variance = 2 * cost / freedom if freedom > 0 else math.nan
        status, message = STATUSES[stop]
    else:
        fit = fit_function(f, xdata, ydata, p0, sigma, check_finite, bounds, method, jac, kwargs)
        x, nfev, residuals, status, message = fit.x, fit.nfev, fit.fun, fit.status, fit.message
        inverse, variance = fit.unscaled_covariance, fit.residual_variance
    if status <= 0:
        raise RuntimeError(f"Optimal parameters not found: {message}")
    covariance = inverse if absolute_sigma else inverse * variance
    if not math.isfinite(covariance.sum()):
        covariance = np.full_like(covariance, math.inf)
        warnings.warn("Covariance of the parameters could not be estimated", CovarianceWarning, stacklevel=2)
    if full_output:
        return x, covariance, {"nfev": nfev, "fvec": np.asarray(residuals)}, message, status
    return x, covariance
