"""Large linear least squares by products with the matrix alone, with SciPy's arguments and results."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _talweg
from ._choices import number_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

METHODS = ("lsqr", "cgls")


class LsqrResult(NamedTuple):
    """What ``scipy.sparse.linalg.lsqr`` gives, in its order, but for the variances."""

    x: NDArray[np.float64]
    istop: int
    """0 the start is the solution, 1 A x = b is solved, 2 the least-squares problem is, 3 the condition number is
    beyond its limit, 7 the iterations are over, 8 the callback stopped."""
    itn: int
    r1norm: float
    """|b - A x|"""
    r2norm: float
    """sqrt(|b - A x|^2 + damp^2 |x|^2)"""
    anorm: float
    """An estimate of the Frobenius norm of [A; damp I]; nan of "cgls"."""
    acond: float
    """An estimate of its condition number."""
    arnorm: float
    """|A' (b - A x) - damp^2 x|"""
    xnorm: float


def lsqr(
    A: Any,
    b: ArrayLike,
    damp: float = 0.0,
    atol: float = 1e-12,
    btol: float = 1e-12,
    conlim: float = 0.0,
    iter_lim: int | None = None,
    show: bool = False,
    *,
    x0: ArrayLike | None = None,
    method: str = "lsqr",
    callback: Callable[[int, float, float], object] | None = None,
) -> LsqrResult:
    """The x that makes |A x - b|^2 + damp^2 |x|^2 least, by LSQR (Paige and Saunders 1982).

    Args:
        A: a SciPy sparse matrix or array, a dense array, or an object with ``shape``, ``matvec`` and ``rmatvec``
            such as SciPy's LinearOperator
        b: [rows]
        damp: 0 or more
        atol, btol: the relative errors of A and b; the solution is as good as they are
        conlim: stop when the condition number seems beyond it; 0: never
        iter_lim: None: 4 times the columns and 100 more
        show: print each iteration
        x0: the start [columns]
        method: "lsqr", or "cgls": conjugate gradients on the normal equations
        callback: called with the iteration, |b - A x| and |A' (b - A x)|; true stops
    """
    import numpy as np

    functions: dict[str, Any] = {}
    if hasattr(A, "tocsr"):
        rows, columns = A.shape
        functions["csr"] = csr_buffers(A)
    elif hasattr(A, "matvec"):
        rows, columns = A.shape
        functions = {"multiply": _product(A.matvec, rows, "matvec"), "transposed": _product(A.rmatvec, columns, "rmatvec")}
    else:
        dense = np.asarray(A, dtype=np.float64)
        if dense.ndim != 2:
            raise ValueError(f"lsqr: A has shape {dense.shape}; a matrix is needed")
        rows, columns = dense.shape
        functions = {
            "multiply": _product(lambda x: dense @ x, rows, "A x"),
            "transposed": _product(lambda y: dense.T @ y, columns, "A' y"),
        }

    def tell(iteration: int, residual: float, gradient: float) -> object:
        if show:
            print(f"{iteration:6} |r| {residual:12.6e} |A'r| {gradient:12.6e}")
        return callback is not None and callback(iteration, residual, gradient)

    x, stop, itn, residual, gradient, norm, condition, size = _talweg.lsqr(
        rows,
        columns,
        np.asarray(b),
        method=number_of(method, METHODS, "method"),
        damp=damp,
        atol=atol,
        btol=btol,
        condition_limit=conlim,
        max_iterations=iter_lim or 0,
        start=None if x0 is None else np.asarray(x0),
        callback=tell if show or callback is not None else None,
        **functions,
    )
    plain = float(np.sqrt(max(0.0, residual**2 - (damp * size) ** 2)))
    return LsqrResult(np.asarray(x), stop, itn, plain, residual, norm, condition, gradient, size)


def csr_buffers(A: Any) -> tuple[Any, ...]:
    """(rows, columns, indptr, indices, data) of a SciPy matrix, as the engine reads them."""
    import numpy as np

    csr = A.tocsr()
    parts = [(csr.indptr, np.int64), (csr.indices, np.int64), (csr.data, np.float64)]
    return (*csr.shape, *(np.ascontiguousarray(part, dtype) for part, dtype in parts))


def _product(function: Callable[[Any], Any], size: int, name: str) -> Callable[[memoryview, memoryview], None]:
    import numpy as np

    def write(given: memoryview, out: memoryview) -> None:
        made = np.asarray(function(np.frombuffer(given).copy()), dtype=np.float64).ravel()
        if made.size != size:
            raise ValueError(f"lsqr: {name} gave {made.size} numbers; {size} are needed")
        np.frombuffer(out)[:] = made

    return write
