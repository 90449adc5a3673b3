"""Generalised least squares: rows whose errors have a known covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg
from ._choices import number_of
from ._lstsq import LstsqResult

if TYPE_CHECKING:
    from ._talweg import LstsqFit, Tensor, TensorLike


class GlsResult(LstsqResult):
    """A generalised least-squares fit: a `LstsqResult` of whitened rows without an intercept.

    ``resid`` and ``fittedvalues`` are of the rows as they were given; influences and robust covariances of the
    whitened ones, whose residuals ``wresid`` has.
    """

    def __init__(self, fit: LstsqFit, X: Tensor, y: Tensor, covariance: Tensor) -> None:
        super().__init__(fit, (_talweg.whiten(covariance, X), _talweg.whiten(covariance, y), None))
        self._given = X, y

    @property
    def resid(self) -> Tensor:
        """y - X b, [n]."""
        return self._fit.residuals(*self._given)

    @property
    def fittedvalues(self) -> Tensor:
        """X b, [n]."""
        return self.predict(self._given[0])

    @property
    def wresid(self) -> Tensor:
        """The residuals, whitened, [n]."""
        return super().resid


def gls(
    X: TensorLike,
    y: TensorLike,
    covariance: TensorLike,
    *,
    offset: TensorLike | None = None,
    ridge: float = 0.0,
    method: str = "qr",
    rank_tolerance: float | None = None,
) -> GlsResult:
    """The b that minimises (y - X b)' S^-1 (y - X b), S the covariance of the rows' errors up to a factor.

    There is no intercept: give X a column of ones.

    Args:
        X: [n, p], finite
        y: [n], or [n, k] for k targets at once, finite
        covariance: [n, n], symmetric positive definite, of which the lower triangle is read, or [n],
            its diagonal; errors that follow each other with a correlation rho have rho ** abs(i - j)
        offset: what is known of y, subtracted from it first, of y's shape
        ridge: the penalty, 0 or more, in the units of the whitened sum of squares
        method: "qr", "cholesky" or "svd", as in `lstsq`
        rank_tolerance: as in `lstsq`

    Raises:
        ValueError: shapes that do not fit, an unknown method
        TalwegError: a NaN or infinity; a covariance that is not positive definite
    """
    X, y, covariance = _talweg.asarray(X), _talweg.asarray(y), _talweg.asarray(covariance)
    if offset is not None:
        y = y - _talweg.asarray(offset)
    number = number_of(method, ("qr", "cholesky", "svd"), "method")
    fit = _talweg.gls(
        X,
        y,
        covariance,
        method=3 if number == 2 else number,
        ridge=ridge,
        rank_tolerance=-1.0 if rank_tolerance is None else rank_tolerance,
    )
    return GlsResult(fit, X, y, covariance)
