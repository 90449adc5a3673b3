"""Nonlinear least squares of many small residual blocks: bundle adjustment, pose graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of
from ._nonlinear import LOSSES, SCHEMES, STATUSES, LeastSquaresProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

MANIFOLDS = ("euclidean", "angle_last", "quaternion", "quaternion_first", "sphere")
CUSTOM = len(MANIFOLDS)
SOLVERS = ("automatic", "dense_cholesky", "sparse_cholesky", "dense_schur", "sparse_schur")
ELIMINATIONS = ("automatic", "first", "never")


class Manifold(NamedTuple):
    """A space of one's own for parameter blocks."""

    tangent_size: int
    """How many numbers a step has."""
    plus: Callable[..., ArrayLike]
    """plus(x, d): x moved by d [tangent_size]; x itself for d = 0."""
    jacobian: Callable[..., ArrayLike]
    """jacobian(x): the derivatives of plus by d at d = 0, [size, tangent_size]."""


class ProblemResult(NamedTuple):
    """How ``Problem.solve`` went."""

    cost: float
    """Half the sum of squares, or of losses, where it ended."""
    initial_cost: float
    optimality: float
    """The largest cosine of the angle between the residuals and a column of the Jacobian."""
    nit: int
    nfev: int
    """Of all residuals; those for differences not counted."""
    njev: int
    status: int
    """Why it ended: 1 gtol, 2 ftol, 3 xtol, 0 a limit, -2 the callback."""
    message: str
    success: bool
    solver: str
    seconds: float
    residuals: int
    unknowns: int
    eliminated_blocks: int
    kept_blocks: int
    factor_nonzeros: int
    report: str
    """Some lines of all this."""


class Problem:
    """A sum of squares of residual blocks, 1/2 sum_b C_b^2 rho_b(|r_b|^2 / C_b^2), each of a few parameter blocks.

        problem = tw.Problem()
        cameras = problem.add_parameter_block(camera_start)        # [50, 6]
        points = problem.add_parameter_block(point_start)          # [20000, 3]
        problem.add_residual_block(reproject, cameras[i], points[j], data=(pixels,), jac=derivatives)
        problem.solve()
        problem.parameters(points)

    A function is called with arrays of many blocks' parameters at once. The problem owns copies of the parameters;
    whatever fails leaves them as they were.
    """

    def __init__(self) -> None:
        self._problem = _talweg.BlockProblem()
        self._sizes: list[int] = []

    def __len__(self) -> int:
        """How many parameter blocks there are."""
        return len(self._sizes)

    def add_parameter_block(
        self,
        values: ArrayLike,
        *,
        manifold: str | Manifold = "euclidean",
        constant: bool = False,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        elimination: str = "automatic",
    ) -> Any:
        """Adds a parameter block [size] and gives its number, or, of [count, size], many and an array of theirs.

        Args:
            values: where they start
            manifold: "euclidean"; "angle_last", whose last number is an angle: (x, y, angle); "quaternion" (w, x, y, z)
                of length 1, with steps that are rotation vectors; "quaternion_first", the same with numbers behind
                it, such as a translation; "sphere", vectors that keep their length; or a ``Manifold``
            constant: they stay what they are
            lower, upper: bounds [size] or a number, of "euclidean" ones; equal ones fix a number
            elimination: "first" for blocks that the Schur complement eliminates, "never", or "automatic"
        """
        import numpy as np

        start = np.array(values, dtype=np.float64)
        if start.ndim not in {1, 2}:
            raise ValueError(f"add_parameter_block: values have shape {start.shape}; [size] or [count, size] is needed")
        rows = np.atleast_2d(start)
        count, size = rows.shape
        tangent, plus, jacobian = 0, None, None
        if isinstance(manifold, Manifold):
            kind, tangent = CUSTOM, manifold.tangent_size
            plus, jacobian = _plus(manifold, size), _plus_jacobian(manifold, size)
        else:
            kind = number_of(manifold, MANIFOLDS, "manifold")
        first = self._problem.add_parameters(
            rows,
            count,
            size,
            kind,
            constant,
            number_of(elimination, ELIMINATIONS, "elimination"),
            None if lower is None else np.array(np.broadcast_to(np.asarray(lower, float), (size,))),
            None if upper is None else np.array(np.broadcast_to(np.asarray(upper, float), (size,))),
            tangent,
            plus,
            jacobian,
        )
        self._sizes += [size] * count
        return first if start.ndim == 1 else np.arange(first, first + count)

    def _size(self, block: int) -> int:
        if not 0 <= block < len(self._sizes):
            raise IndexError(f"problem: parameter block {block}; there are {len(self._sizes)}")
        return self._sizes[block]

    def parameters(self, blocks: Any) -> NDArray[np.float64]:
        """The values of a block [size], or of an array of blocks of one size [count, size]."""
        import numpy as np

        indices = np.asarray(blocks)
        if indices.ndim == 0:
            out = np.empty(self._size(int(indices)))
            self._problem.get(int(indices), out)
            return out
        return np.stack([self.parameters(block) for block in indices.tolist()])

    def set_parameters(self, blocks: Any, values: ArrayLike) -> None:
        """Sets the values of a block, or of an array of blocks."""
        import numpy as np

        indices, given = np.asarray(blocks), np.ascontiguousarray(values, dtype=np.float64)
        if indices.ndim == 0:
            self._problem.set(int(indices), given)
            return
        if len(given) != len(indices):
            raise ValueError(f"set_parameters: {len(given)} rows for {len(indices)} blocks")
        for block, row in zip(indices.tolist(), given, strict=True):
            self._problem.set(block, row)

    def set_constant(self, blocks: Any, constant: bool = True) -> None:
        """Holds a block, or an array of blocks, where it is, or lets it move again."""
        import numpy as np

        for block in np.atleast_1d(np.asarray(blocks)).tolist():
            self._problem.set_constant(block, constant)

    def add_residual_block(
        self,
        function: Callable[..., ArrayLike],
        *blocks: Any,
        jac: Callable[..., Sequence[ArrayLike]] | None = None,
        data: Sequence[ArrayLike] = (),
        loss: str = "linear",
        f_scale: float = 1.0,
    ) -> None:
        """Adds a residual block of some parameter blocks, or many that are alike.

        Args:
            function: of the values of each parameter block, then of ``data``. With numbers for ``blocks``, function(x1
                [size1], x2 [size2], ...) gives [m]; with arrays, function(x1 [n, size1], x2 [n, size2], ...) of n
                blocks at a time gives [n, m]. NaN says that there is no value.
            blocks: a parameter block's number each, or arrays of as many numbers as there are residual blocks
            jac: gives the derivatives by each parameter block's values: [m, size] each, or [n, m, size]; None: by
                differences
            data: handed to the function as it is; with arrays for ``blocks``, arrays whose rows go with these
            loss, f_scale: as in ``least_squares``, of a block's length
        """
        import numpy as np

        indices = [np.asarray(block, dtype=np.int64) for block in blocks]
        if not indices or any(i.shape != indices[0].shape or i.ndim > 1 for i in indices):
            raise ValueError("add_residual_block: blocks must be numbers, or arrays of as many numbers each")
        single = indices[0].ndim == 0
        table = np.ascontiguousarray(np.stack([np.atleast_1d(i) for i in indices], axis=1))
        count = len(table)
        if count == 0:
            raise ValueError("add_residual_block: there are no blocks")
        sizes = tuple(self._size(int(block)) for block in table[0])
        rows: list[Any] = list(data) if single else [np.asarray(d) for d in data]
        if not single and any(len(d) != count for d in rows):
            raise ValueError(f"add_residual_block: data with {[len(d) for d in rows]} rows for {count} blocks")

        def inputs(first: int, number: int, parameters: Sequence[Any]) -> list[Any]:
            x = [np.frombuffer(p).reshape(number, size).copy() for p, size in zip(parameters, sizes, strict=True)]
            return [*(a[0] for a in x), *rows] if single else [*x, *(d[first : first + number] for d in rows)]

        probe = function(*inputs(0, 1, [self.parameters(int(block)) for block in table[0]]))
        m = int(np.size(np.asarray(probe, dtype=np.float64)))
        if m == 0:
            raise ValueError("add_residual_block: the function gave no residuals")

        def evaluate(
            first: int, number: int, parameters: Sequence[memoryview], out: memoryview, jacobians: Any
        ) -> None:
            x = inputs(first, number, parameters)
            values = np.asarray(function(*x), dtype=np.float64)
            if values.size != number * m:
                raise ValueError(f"the function gave {values.size} residuals of {number} blocks, at first {m} of one")
            np.frombuffer(out)[:] = values.ravel()
            if jacobians is None or jac is None:
                return
            slopes = jac(*x)
            if len(slopes) != len(sizes):
                raise ValueError(f"jac gave {len(slopes)} arrays for {len(sizes)} parameter blocks")
            for k, target in enumerate(jacobians):
                if target is None:
                    continue
                slope = np.asarray(slopes[k], dtype=np.float64)
                wanted = (m, sizes[k]) if single else (number, m, sizes[k])
                if slope.size != number * m * sizes[k]:
                    raise ValueError(f"jac gave shape {slope.shape} for parameter block {k}; {wanted} is needed")
                np.frombuffer(target)[:] = slope.ravel()

        self._problem.add_residuals(
            evaluate, table, count, m, sizes, jac is not None, number_of(loss, LOSSES, "loss"), f_scale
        )

    def residuals(self) -> NDArray[np.float64]:
        """All residuals where the parameters are, one after another."""
        import numpy as np

        return np.asarray(self._problem.residuals())

    def cost(self) -> float:
        """Half the sum of squares, or of losses, where the parameters are; infinite where there is a NaN."""
        return self._problem.cost()

    def covariance(self, blocks: Any, *, absolute: bool = False) -> NDArray[np.float64]:
        """The covariance of some blocks' parameters where they are: (J' J)^-1 times the residual variance.

        Of all numbers of the blocks, one block after another. Of a block on a manifold it is that of its values, and
        singular. Zeros for constant blocks. ``TalwegError`` where the residuals do not determine all that may move.

        Args:
            absolute: the residuals are in units of their standard deviations: without their variance
        """
        import numpy as np

        indices = np.ascontiguousarray(np.atleast_1d(np.asarray(blocks, dtype=np.int64)))
        return np.asarray(self._problem.covariance(indices, absolute))

    def solve(
        self,
        *,
        solver: str = "automatic",
        differences: str = "automatic",
        ftol: float = 1e-12,
        xtol: float = 1e-14,
        gtol: float = 0.0,
        polish: bool = True,
        max_nit: int = 200,
        max_nfev: int = 0,
        max_seconds: float = 0.0,
        damping: float = 1e-4,
        callback: Callable[[LeastSquaresProgress], object] | None = None,
    ) -> ProblemResult:
        """Moves the parameters to where the sum is least, near where they are, by Levenberg-Marquardt.

        Args:
            solver: of the steps, all by the normal equations: "dense_cholesky", "sparse_cholesky" (pose graphs),
                "dense_schur" (bundle adjustment), "sparse_schur", or "automatic"
            differences: of functions without jac: "automatic", "3-point", "2-point"
            ftol, xtol, gtol, polish: as in ``least_squares``
            max_nit: steps
            max_nfev, max_seconds: 0: no limit
            damping: at first
            callback: called after each step with a LeastSquaresProgress, whose x are all parameters, one block after
                another; true stops, with what was reached
        """
        import numpy as np

        def tell(nit: int, nfev: int, cost: float, optimality: float, step: float, x: memoryview) -> object:
            if callback is None:
                return False
            return callback(LeastSquaresProgress(nit, nfev, cost, optimality, step, np.frombuffer(x).copy()))

        stop, kind, first, last, optimality, nit, nfev, njev, seconds, m, n, eliminated, kept, nonzeros, report = (
            self._problem.solve(
                number_of(solver, SOLVERS, "solver"),
                number_of(differences, SCHEMES, "differences"),
                ftol,
                xtol,
                gtol,
                polish,
                max_nit,
                max_nfev,
                max_seconds,
                damping,
                None if callback is None else tell,
            )
        )
        status, message = STATUSES[stop]
        return ProblemResult(
            cost=last,
            initial_cost=first,
            optimality=optimality,
            nit=nit,
            nfev=nfev,
            njev=njev,
            status=status,
            message=message,
            success=status > 0,
            solver=SOLVERS[kind],
            seconds=seconds,
            residuals=m,
            unknowns=n,
            eliminated_blocks=eliminated,
            kept_blocks=kept,
            factor_nonzeros=nonzeros,
            report=report,
        )


def _plus(manifold: Manifold, size: int) -> Callable[..., None]:
    import numpy as np

    def write(x: memoryview, d: memoryview, out: memoryview) -> None:
        moved = np.asarray(manifold.plus(np.frombuffer(x).copy(), np.frombuffer(d).copy()), dtype=np.float64)
        if moved.size != size:
            raise ValueError(f"plus gave {moved.size} numbers, not {size}")
        np.frombuffer(out)[:] = moved.ravel()

    return write


def _plus_jacobian(manifold: Manifold, size: int) -> Callable[..., None]:
    import numpy as np

    def write(x: memoryview, out: memoryview) -> None:
        slopes = np.asarray(manifold.jacobian(np.frombuffer(x).copy()), dtype=np.float64)
        if slopes.size != size * manifold.tangent_size:
            raise ValueError(f"jacobian gave shape {slopes.shape}; ({size}, {manifold.tangent_size}) is needed")
        np.frombuffer(out)[:] = slopes.ravel()

    return write
