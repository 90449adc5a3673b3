"""Nonlinear least squares, with SciPy's arguments and results."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

UNBOUNDED = (-math.inf, math.inf)

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
    6: (0, "The maximum number of steps is exceeded."),
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

    _refit: Callable[[float, bool], Sequence[Any]] | None = None

    def _variance(self, absolute: bool) -> float:
        return 1.0 if absolute else float(self.residual_variance)

    def _critical(self, level: float, absolute: bool) -> float:
        freedom = math.inf if absolute else self.degrees_of_freedom
        if freedom > 0:
            return _talweg.student_t_critical_value(level, freedom)
        return math.nan

    def conf_int(self, *, level: float = 0.95, absolute: bool = False) -> NDArray[np.float64]:
        """Intervals that hold the parameters with probability ``level``, lower and upper, [p, 2].

        x -+ c standard_errors, c of Student's t with the degrees of freedom. They take the residuals for linear
        between the intervals' ends; ``profile_conf_int`` does not.

        Args:
            absolute: the residuals are in units of their standard deviations: by the unscaled covariance and the
                normal distribution
        """
        import numpy as np

        errors = np.sqrt(np.diagonal(self.unscaled_covariance) * self._variance(absolute))
        half = self._critical(level, absolute) * errors
        return np.stack([self.x - half, self.x + half], axis=1)

    def profile_conf_int(self, *, level: float = 0.95, absolute: bool = False) -> NDArray[np.float64]:
        """Profile-likelihood intervals of the parameters, [p, 2]; infinite where the cost never rises far enough.

        An end is where the parameter, held fast with the others fitted anew, raises twice the cost by c^2 times the
        residual variance (Bates and Watts 1988). Calls the residual function again.
        """
        import numpy as np

        if self._refit is None:
            raise TypeError("profile_conf_int: this result has no residual function any more")
        return np.asarray(self._refit(level, absolute)[-1])

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
    import numpy as np

    def write(given: memoryview, out: memoryview) -> None:
        values = np.asarray(function(np.frombuffer(given).reshape(x.shape).copy()), dtype=np.float64)
        if values.size != size:
            raise ValueError(f"{what} gave {values.size} numbers, at first {size}")
        np.frombuffer(out)[:] = values.ravel()

    return write


def bound_of(value: ArrayLike, size: int, infinity: float) -> NDArray[np.float64] | None:
    import numpy as np

    bound = np.asarray(value, dtype=np.float64)
    if np.all(bound == infinity):
        return None
    return np.array(np.broadcast_to(bound, (size,)))


def result_of(
    made: Sequence[Any], stop: int, cost: float, nit: int, nfev: int, njev: int, rank: int, freedom: int
) -> LeastSquaresResult:
    import numpy as np

    x, fun_values, jac_values, grad, active, inverse = (np.asarray(tensor) for tensor in made[:6])
    status, message = STATUSES[stop]
    variance = 2 * cost / freedom if freedom > 0 else math.nan
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
    bounds: tuple[ArrayLike, ArrayLike] = UNBOUNDED,
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
    import numpy as np

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

    settings: dict[str, Any] = {
        "jacobian": derivatives,
        "method": number_of("lm" if method == "trf" else method, METHODS, "method"),
        "geodesic": geodesic,
        "differences": scheme,
        "loss": number_of(loss, LOSSES, "loss"),
        "loss_scale": f_scale,
        "lower": bound_of(bounds[0], at.size, -math.inf),
        "upper": bound_of(bounds[1], at.size, math.inf),
        "scale": None if isinstance(x_scale, str) else np.array(np.broadcast_to(np.asarray(x_scale, float), at.shape)),
        "ftol": ftol or 0.0,
        "xtol": xtol or 0.0,
        "gtol": gtol or 0.0,
        "polish": polish,
        "max_evaluations": max_nfev or 0,
        "max_seconds": max_seconds,
        "fixed": None if fixed is None else np.asarray(fixed, dtype=bool),
    }
    made, stop, cost, _, nit, nfev, njev, rank, freedom = _talweg.least_squares(
        function, at, count, callback=tell if callback is not None or verbose == 2 else None, **settings
    )
    result = result_of(made, stop, cost, nit, nfev, njev, rank, freedom)
    result._refit = lambda level, absolute: _talweg.least_squares(
        function, result.x, count, profile=level, absolute=absolute, **settings
    )[0]
    if verbose:
        print(f"{result.message} {nfev} evaluations, cost {cost:.7e}, optimality {result.optimality:.2e}.")
    return result
