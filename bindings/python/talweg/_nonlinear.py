"""Nonlinear least squares: ``least_squares`` and ``curve_fit``, with SciPy's arguments and results."""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import _talweg
from ._choices import number_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

METHODS = ("lm", "dogbox")
LOSSES = ("linear", "huber", "soft_l1", "cauchy", "arctan", "tukey", "welsch")
SCHEMES = ("automatic", "3-point", "2-point")
STATUSES = {
    # SciPy's numbers: what ended it, and what to say of it.
    0: (1, "`gtol` termination condition is satisfied."),
    1: (2, "`ftol` termination condition is satisfied."),
    2: (3, "`xtol` termination condition is satisfied."),
    3: (0, "The maximum number of function evaluations is exceeded."),
    4: (0, "The time limit is exceeded."),
    5: (-2, "The callback stopped the fit."),
}


class LeastSquaresProgress(NamedTuple):
    """What a fit tells its callback after a step that it takes."""

    nit: int
    """From 1."""
    nfev: int
    cost: float
    optimality: float
    """The largest cosine of the angle between the residuals and a column of the Jacobian."""
    step: float
    """The length of the step, in the parameters' scales."""
    x: NDArray[np.float64]


class LeastSquaresResult(dict[str, Any]):
    """A nonlinear fit, whose entries are attributes too.

    Attributes:
        x: the parameters [p]
        cost: half the sum of squares, or of losses
        fun: the residuals [m] there
        jac: their derivatives [m, p]; its rows weighted by the loss
        grad: the gradient of the cost [p]
        optimality: its largest magnitude
        active_mask: -1 for a parameter at its lower bound, 1 at its upper, 2 for a fixed one, else 0
        nfev, njev, nit: evaluations of the residuals (those for differences not counted), of the
            Jacobian, and steps
        status, message, success: why it ended: 1 gtol, 2 ftol, 3 xtol, 0 a limit, -2 the callback
        rank: how many of the parameters that may move do so independently
        degrees_of_freedom: m - the number of parameters that may move
        residual_variance: 2 cost / degrees_of_freedom; NaN without degrees of freedom
        unscaled_covariance: (J' J)^-1 [p, p]: the covariance of residuals in units of their standard deviations
        covariance: their product, the estimated covariance of the parameters; NaN where there is none
        standard_errors: the roots of its diagonal [p]
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        width = max(map(len, self))
        return "\n".join(f"{name:>{width}}: {value!r}" for name, value in self.items())


def _writer(function: Callable[..., object], x: NDArray[np.float64], what: str, size: int) -> Callable[..., None]:
    """Writes what a function of an array gives to memory of the engine's."""

    def write(given: memoryview, out: memoryview) -> None:
        values = np.asarray(function(np.frombuffer(given).reshape(x.shape).copy()), dtype=np.float64)
        if values.size != size:
            raise ValueError(f"{what} gave {values.size} numbers, at first {size}")
        np.frombuffer(out)[:] = values.ravel()

    return write


def _bound(value: ArrayLike, size: int, infinity: float) -> NDArray[np.float64] | None:
    bound = np.asarray(value, dtype=np.float64)
    if np.all(bound == infinity):
        return None
    return np.array(np.broadcast_to(bound, (size,)))


def _result(
    made: Sequence[Any], stop: int, cost: float, nit: int, nfev: int, njev: int, rank: int, freedom: int
) -> LeastSquaresResult:
    x, fun_values, jac_values, grad, active, inverse = (np.asarray(tensor) for tensor in made)
    status, message = STATUSES[stop]
    variance = 2 * cost / freedom if freedom > 0 else np.nan
    covariance = inverse * variance
    return LeastSquaresResult(
        x=x,
        cost=cost,
        fun=fun_values,
        jac=jac_values,
        grad=grad,
        optimality=float(np.max(np.abs(grad))),
        active_mask=active,
        nfev=nfev,
        njev=njev,
        nit=nit,
        status=status,
        message=message,
        success=status > 0,
        rank=rank,
        degrees_of_freedom=freedom,
        residual_variance=variance,
        unscaled_covariance=inverse,
        covariance=covariance,
        standard_errors=np.sqrt(np.diagonal(covariance)),
    )


def least_squares(
    fun: Callable[..., Any],
    x0: ArrayLike,
    jac: Callable[..., Any] | str | None = None,
    bounds: tuple[ArrayLike, ArrayLike] = (-np.inf, np.inf),
    method: str = "lm",
    ftol: float | None = 1e-12,
    xtol: float | None = 1e-14,
    gtol: float | None = 0.0,
    x_scale: ArrayLike | str = "jac",
    loss: str = "linear",
    f_scale: float = 1.0,
    diff_step: None = None,
    tr_solver: None = None,
    tr_options: None = None,
    jac_sparsity: None = None,
    max_nfev: int | None = None,
    verbose: int = 0,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    fixed: ArrayLike | None = None,
    geodesic: bool = False,
    polish: bool = True,
    max_seconds: float = 0.0,
    callback: Callable[[LeastSquaresProgress], object] | None = None,
) -> LeastSquaresResult:
    """The parameters x that minimise 1/2 sum_i C^2 rho((fun(x)_i / C)^2) within bounds.

    Named as in ``scipy.optimize.least_squares``; stops later, when the parameters have all the digits that
    double precision gives.

    Args:
        fun: residuals(x, *args, **kwargs): of a NumPy array [p], an array [m] or a number; or tensor code: where
            it gives a Tensor, it is called with a Tensor and differentiated by the engine
        x0: the start [p] or a number, within the bounds
        jac: None: by the engine for tensor code, else by forward differences, at the end central ones; "2-point", "3-point"; or a function
            of x (and args, kwargs) that gives [m, p]
        bounds: (lower, upper), each a number or [p]; equal ones fix a parameter
        method: "lm" (Levenberg-Marquardt in a trust region, also with bounds; "trf" is the same) or "dogbox"
            (Powell's dogleg)
        ftol, xtol, gtol: stop when a step changes the cost by less than this share, when steps are shorter than this
            share of x, when the largest cosine between the residuals and a column of the Jacobian is at
            most this; None is 0
        x_scale: typical sizes of the parameters, or "jac": from the Jacobian's columns
        loss: "linear", "huber", "soft_l1", "cauchy", "arctan", "tukey", "welsch"
        f_scale: C, the residual beyond which a loss counts less
        max_nfev: None: 400 (p + 1)
        verbose: 1 prints how it ended, 2 each step
        fixed: bool [p]: parameters that stay what they are
        geodesic: correct the steps for curvature, for an evaluation more each
        polish: when rounding hides the cost's last changes, go on while the gradient shrinks
        max_seconds: 0: no limit
        callback: called after each step with a LeastSquaresProgress; true stops
    """
    for name, value in [("diff_step", diff_step), ("tr_solver", tr_solver), ("tr_options", tr_options),
                        ("jac_sparsity", jac_sparsity)]:  # fmt: skip
        if value is not None and value != {}:
            raise NotImplementedError(f"least_squares: {name} is not supported")
    start = np.array(x0, dtype=np.float64)
    if start.ndim > 1:
        raise ValueError(f"least_squares: x0 has shape {start.shape}; a vector is needed")
    given = dict(kwargs or {})
    at: NDArray[np.float64] = np.atleast_1d(start)

    def residuals(x: Any) -> Any:
        return fun(x, *args, **given)

    first = residuals(at.copy())
    derivatives = None
    count = 0
    function: Callable[..., Any] = residuals
    if not isinstance(first, _talweg.Tensor) or callable(jac) or jac is not None:
        count = int(np.size(np.asarray(first, dtype=np.float64)))
        if count == 0:
            raise ValueError("least_squares: there are no residuals")
        function = _writer(residuals, at, "fun", count)
    scheme = 0
    if callable(jac):
        jacobian = jac
        derivatives = _writer(lambda x: jacobian(x, *args, **given), at, "jac", count * at.size)
    elif jac is not None:
        scheme = number_of(jac, SCHEMES, "jac")
    if verbose == 2 and callback is None:
        print(f"{'step':>6} {'nfev':>6} {'cost':>14} {'length':>11} {'optimality':>11}")

    def tell(nit: int, nfev: int, cost: float, optimality: float, step: float, x: memoryview) -> object:
        if verbose == 2:
            print(f"{nit:6} {nfev:6} {cost:14.7e} {step:11.3e} {optimality:11.3e}")
        if callback is None:
            return False
        return callback(LeastSquaresProgress(nit, nfev, cost, optimality, step, np.frombuffer(x).copy()))

    made, stop, cost, _, nit, nfev, njev, rank, freedom = _talweg.least_squares(
        function,
        at,
        count,
        jacobian=derivatives,
        callback=tell if callback is not None or verbose == 2 else None,
        method=number_of("lm" if method == "trf" else method, METHODS, "method"),
        geodesic=geodesic,
        differences=scheme,
        loss=number_of(loss, LOSSES, "loss"),
        loss_scale=f_scale,
        lower=_bound(bounds[0], at.size, -np.inf),
        upper=_bound(bounds[1], at.size, np.inf),
        scale=None if isinstance(x_scale, str) else np.array(np.broadcast_to(np.asarray(x_scale, float), at.shape)),
        ftol=ftol or 0.0,
        xtol=xtol or 0.0,
        gtol=gtol or 0.0,
        polish=polish,
        max_evaluations=max_nfev or 0,
        max_seconds=max_seconds,
        fixed=None if fixed is None else np.asarray(fixed, dtype=bool),
    )
    result = _result(made, stop, cost, nit, nfev, njev, rank, freedom)
    if verbose:
        print(f"{result.message} {nfev} evaluations, cost {cost:.7e}, optimality {result.optimality:.2e}.")
    return result


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
        return np.asarray(_talweg.curve_evaluate(self.family, self.order, np.array(parameters, float), np.asarray(x)))

    def __repr__(self) -> str:
        return f"Curve({self.name!r})" if self.order == 1 else f"Curve({self.name!r}, order={self.order})"


_UNBOUNDED = (-np.inf, np.inf)
_curve = functools.cache(Curve)


def _fit_named(
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
    free = bounds is _UNBOUNDED
    return _talweg.curve_fit(
        curve.family,
        curve.order,
        x,
        y,
        sigma,
        p0,
        lower=None if free else _bound(bounds[0], len(curve.parameters), -np.inf),
        upper=None if free else _bound(bounds[1], len(curve.parameters), np.inf),
        loss=0 if loss == "linear" else number_of(loss, LOSSES, "loss"),
        loss_scale=f_scale,
        ftol=ftol,
        xtol=xtol,
        gtol=gtol,
        max_evaluations=max_nfev,
    )


def _fit_function(
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
    bounds: tuple[ArrayLike, ArrayLike] = _UNBOUNDED,
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
    if isinstance(f, str):
        f = _curve(f)
    if isinstance(f, Curve) and jac is None and (sigma is None or np.ndim(sigma) < 2):
        made, stop, cost, _, _, nfev, _, _, freedom = _fit_named(f, xdata, ydata, p0, sigma, bounds, **kwargs)
        x, inverse = np.asarray(made[0]), np.asarray(made[5])
        variance = 2 * cost / freedom if freedom > 0 else np.nan
        residuals, (status, message) = made[1], STATUSES[stop]
    else:
        fit = _fit_function(f, xdata, ydata, p0, sigma, check_finite, bounds, method, jac, kwargs)
        x, nfev, residuals, status, message = fit.x, fit.nfev, fit.fun, fit.status, fit.message
        inverse, variance = fit.unscaled_covariance, fit.residual_variance
    if status <= 0:
        raise RuntimeError(f"Optimal parameters not found: {message}")
    covariance = inverse if absolute_sigma else inverse * variance
    if not math.isfinite(covariance.sum()):
        covariance = np.full_like(covariance, np.inf)
        warnings.warn("Covariance of the parameters could not be estimated", CovarianceWarning, stacklevel=2)
    if full_output:
        return x, covariance, {"nfev": nfev, "fvec": np.asarray(residuals)}, message, status
    return x, covariance
