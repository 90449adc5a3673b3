"""Linear least squares under constraints: bounds, equalities, inequalities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg
from ._choices import number_of
from ._lstsq import STOP_REASONS

if TYPE_CHECKING:
    from ._talweg import ConstrainedFit, Tensor, TensorLike


class ConstrainedResult:
    """A fit of y [n] (or [n, k]: then results have a leading k) to X [n, p] under constraints.

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        active: int64 [p]: -1 at the lower bound, 1 at the upper, else 0
        bound_multipliers: [p]: derivatives of half of what is minimised by the bounds: 0 or more
            at a lower bound, 0 or less at an upper one, else 0
        equality_multipliers: [q]: l of g + C' l + G' u = m, with g the derivatives of half of
            what is minimised and m the bounds' multipliers
        inequality_multipliers: [r]: u, 0 or more, and 0 of those not met with equality
        rss: weighted residual sum of squares, []
        optimality: the largest violation of the conditions of an optimum, []
        stop_reason: "closed_form" where no bound stood in the way, "tolerance", or "iterations"
        iterations: systems that were solved
    """

    def __init__(self, fit: ConstrainedFit) -> None:
        self._fit = fit
        self.coefficients = fit.coefficients
        self.intercept = fit.intercept
        self.active = fit.active
        self.bound_multipliers = fit.bound_multipliers
        self.equality_multipliers = fit.equality_multipliers
        self.inequality_multipliers = fit.inequality_multipliers
        self.rss = fit.rss
        self.optimality = fit.optimality
        self.stop_reason = STOP_REASONS[fit.stop_reason]
        self.iterations = fit.iterations

    def predict(self, X: TensorLike) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]."""
        return self._fit.predict(X)

    def __repr__(self) -> str:
        return (
            f"ConstrainedResult: {self.coefficients.shape[-1]} coefficients, "
            f"{int((self.active != 0).sum())} at bounds, {self.stop_reason} after {self.iterations} iterations"
        )


def constrained_lstsq(
    X: TensorLike,
    y: TensorLike,
    *,
    bounds: tuple[TensorLike | None, TensorLike | None] | None = None,
    equality: tuple[TensorLike, TensorLike] | None = None,
    inequality: tuple[TensorLike, TensorLike] | None = None,
    intercept: bool = True,
    ridge: float = 0.0,
    weights: TensorLike | None = None,
    offset: TensorLike | None = None,
    tolerance: float | None = None,
    max_iterations: int | None = None,
) -> ConstrainedResult:
    """The coefficients b and intercept c that minimise sum_i w_i (y_i - x_i . b - c)^2 + ridge |b|^2
    with lower <= b <= upper, C b = d and G b <= h.

    Bounds alone are met by an active set whose QR factorisation is updated (Lawson and Hanson;
    Stark and Parker), equalities by the null-space method, anything else by an active set with
    that. Where several coefficients do equally well it is one of them; without bounds and
    inequalities the shortest. Computed in float64; results have the dtype of X (float64 for integers).

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], or [n, k] for k targets at once, finite
        bounds: (lower, upper), each of [p], a number for all, or None; infinite where there is none
        equality: (C [q, p], d [q])
        inequality: (G [r, p], h [r])
        intercept: fit an intercept, which is neither penalised nor constrained
        ridge: the penalty, 0 or more, in the units of the sum of squares
        weights: row weights [n], 0 or more
        offset: what is known of y, subtracted from it first, of y's shape
        tolerance: a derivative counts as 0 below this share of its column's norm times y's; None:
            10 max(n, p) times the unit roundoff
        max_iterations: systems to solve for a target; None: 10 (p + r) + 100

    Raises:
        ValueError: shapes that do not fit, a lower bound above the upper one, negative weights
        TalwegError: a NaN or infinity; no coefficients meet the constraints
    """
    lower, upper = (None, None) if bounds is None else bounds
    C, d = (None, None) if equality is None else equality
    G, h = (None, None) if inequality is None else inequality
    return ConstrainedResult(
        _talweg.constrained_lstsq(
            X,
            y,
            weights=weights,
            offset=offset,
            lower=lower,
            upper=upper,
            equality_matrix=C,
            equality_values=d,
            inequality_matrix=G,
            inequality_values=h,
            intercept=intercept,
            ridge=ridge,
            tolerance=-1.0 if tolerance is None else tolerance,
            max_iterations=0 if max_iterations is None else max_iterations,
        )
    )


def nnls(A: TensorLike, b: TensorLike, maxiter: int | None = None) -> tuple[Tensor, float]:
    """Non-negative least squares: the x >= 0 that minimises |A x - b|, and that norm, as scipy.optimize.nnls.

    Args:
        A: [m, n], finite
        b: [m], finite
        maxiter: systems to solve; None: 10 n + 100

    Raises:
        ValueError: shapes that do not fit
        TalwegError: a NaN or infinity
        RuntimeError: maxiter systems did not do
    """
    A, b = _talweg.asarray(A), _talweg.asarray(b)
    if b.ndim != 1:
        raise ValueError(f"nnls: b {list(b.shape)} has {b.ndim} axes; [m] was expected")
    fit = _talweg.constrained_lstsq(A, b, lower=0.0, intercept=False, max_iterations=0 if maxiter is None else maxiter)
    if STOP_REASONS[fit.stop_reason] == "iterations":
        raise RuntimeError(f"nnls: no solution after {fit.iterations} iterations")
    return fit.coefficients, float(fit.rss.sqrt())


class BoundedResult:
    """What `lsq_linear` gives, with the names of scipy.optimize.lsq_linear.

    Attributes:
        x: the solution, [n]
        cost: half the sum of squares of the residuals
        fun: the residuals A x - b, [m]
        optimality: the largest violation of the conditions of an optimum
        active_mask: int64 [n]: -1 at the lower bound, 1 at the upper, else 0
        nit: systems that were solved
        status: 0 if max_iter of them did not do, 1 at an optimum, 3 where the solution without
            bounds lies within them
        success: status > 0
        message: what the status means
    """

    def __init__(self, A: Tensor, b: Tensor, fit: ConstrainedFit) -> None:
        reason = STOP_REASONS[fit.stop_reason]
        self.x = fit.coefficients
        self.cost = float(fit.rss) / 2
        self.fun = A @ self.x - b
        self.optimality = float(fit.optimality)
        self.active_mask = fit.active
        self.nit = fit.iterations
        self.status = {"iterations": 0, "tolerance": 1, "closed_form": 3}[reason]
        self.success = self.status > 0
        self.message = {
            0: "The maximum number of iterations is exceeded.",
            1: "The conditions of an optimum hold.",
            3: "The unconstrained solution is optimal.",
        }[self.status]

    def __repr__(self) -> str:
        return f"BoundedResult: {self.message} cost {self.cost:.6g}, x {self.x}"


def lsq_linear(
    A: TensorLike,
    b: TensorLike,
    bounds: tuple[TensorLike, TensorLike] = (-float("inf"), float("inf")),
    method: str = "bvls",
    *,
    tol: float | None = None,
    max_iter: int | None = None,
) -> BoundedResult:
    """The x that minimises half of |A x - b|^2 with lower <= x <= upper, as scipy.optimize.lsq_linear with its
    method "bvls".

    Args:
        A: [m, n], finite
        b: [m], finite
        bounds: (lower, upper), each of [n] or a number for all; infinite where there is none
        method: "bvls", the active-set method; there is no other
        tol: a derivative counts as 0 below this share of its column's norm times b's
        max_iter: systems to solve; None: 10 n + 100

    Raises:
        ValueError: shapes that do not fit, a lower bound above the upper one, another method
        TalwegError: a NaN or infinity
    """
    number_of(method, ("bvls",), "method")
    A, b = _talweg.asarray(A), _talweg.asarray(b)
    if b.ndim != 1:
        raise ValueError(f"lsq_linear: b {list(b.shape)} has {b.ndim} axes; [m] was expected")
    fit = _talweg.constrained_lstsq(
        A,
        b,
        lower=bounds[0],
        upper=bounds[1],
        intercept=False,
        tolerance=-1.0 if tol is None else tol,
        max_iterations=0 if max_iter is None else max_iter,
    )
    return BoundedResult(A, b, fit)
