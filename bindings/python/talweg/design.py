"""Design matrices: bases of functions of the columns of X, for `talweg.lstsq`, `glm`, `elastic_net` and other fits.

A basis is made for data, whose ranges and knots it keeps, and called with rows, those or new ones::

    basis = tw.design.natural_spline(x, knots=4)
    fit = tw.lstsq(basis(x), y)
    fit.predict(basis(new_x))

A column of ones is left out unless it is asked for, since fits have an intercept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import _talweg
from ._choices import number_of
from ._talweg import difference_matrix

if TYPE_CHECKING:
    from ._talweg import DesignBasis, Tensor, TensorLike

__all__ = ["Basis", "bspline", "difference_matrix", "fourier", "functions", "natural_spline", "polynomial", "radial"]

FAMILIES = ("monomial", "chebyshev", "legendre")
PLACEMENTS = ("quantiles", "uniform", "extended")
RADIAL_KINDS = ("gaussian", "multiquadric", "inverse_multiquadric", "thin_plate", "cubic")


class Basis:
    """A basis: called with rows X [n, d] (or [n] for one variable) it gives the design matrix [n, columns].

    Attributes:
        columns: how many functions there are
        knots: of a spline, float64, those at the ends as often as they count; else of no elements
    """

    def __init__(self, evaluate: Callable[[TensorLike], Tensor], columns: int, knots: Tensor) -> None:
        self._evaluate = evaluate
        self.columns = columns
        self.knots = knots

    def __call__(self, X: TensorLike) -> Tensor:
        return self._evaluate(X)

    def __repr__(self) -> str:
        return f"Basis: {self.columns} columns"


def _basis(made: DesignBasis) -> Basis:
    return Basis(made.evaluate, made.columns, made.knots)


def polynomial(
    X: TensorLike,
    degree: int,
    *,
    family: str = "chebyshev",
    scaled: bool = True,
    interactions: bool = True,
    constant: bool = False,
) -> Basis:
    """Polynomials of the columns of X up to a total degree, by total degree, and of one degree as in a^2, a b, b^2.

    Args:
        X: what the ranges are taken from, [n, d] or [n], finite
        degree: from 1
        family: "chebyshev", "legendre" or "monomial"
        scaled: take the range of each column to -1...1 first
        interactions: products of several columns, too
        constant: with the column of ones, the first
    """
    return _basis(
        _talweg.polynomial_basis(X, degree, number_of(family, FAMILIES, "family"), scaled, interactions, constant)
    )


def bspline(
    x: TensorLike,
    *,
    degree: int = 3,
    knots: int | TensorLike = 5,
    placement: str = "quantiles",
    bounds: tuple[float, float] | None = None,
    constant: bool = False,
) -> Basis:
    """B-splines of one variable, as R's bs; beyond the ends the outermost polynomials go on.

    Args:
        x: what the ends and quantiles are taken from, [n] or [n, 1], finite
        degree: from 0 to 20
        knots: the inner knots, ascending, or how many
        placement: of so many: at "quantiles" of x, "uniform" between the ends, or "extended":
            evenly beyond the ends, too, for penalties of differences (`difference_matrix`)
        bounds: the ends; None: the least and the greatest of x
        constant: with the first function, which the others add up to a constant with
    """
    return _spline(x, degree, False, knots, placement, bounds, constant)


def natural_spline(
    x: TensorLike,
    *,
    knots: int | TensorLike = 5,
    placement: str = "quantiles",
    bounds: tuple[float, float] | None = None,
    constant: bool = False,
) -> Basis:
    """Cubic splines whose second derivatives at the ends are 0, and which go on straight beyond: the space of R's ns.

    Args:
        x: what the ends and quantiles are taken from, [n] or [n, 1], finite
        knots: the inner knots, ascending, or how many
        placement: of so many: at "quantiles" of x or "uniform" between the ends
        bounds: the ends; None: the least and the greatest of x
        constant: one column more, so that constants are among the splines
    """
    return _spline(x, 3, True, knots, placement, bounds, constant)


def _spline(
    x: TensorLike,
    degree: int,
    natural: bool,
    knots: int | TensorLike,
    placement: str,
    bounds: tuple[float, float] | None,
    constant: bool,
) -> Basis:
    lower, upper = (0.0, 0.0) if bounds is None else bounds
    if bounds is not None and not lower < upper:
        raise ValueError(f"bounds are {lower} and {upper}; the first must be the lesser")
    count = knots if isinstance(knots, int) else 0
    given = None if isinstance(knots, int) else knots
    number = number_of(placement, PLACEMENTS, "placement")
    return _basis(_talweg.spline_basis(x, degree, natural, given, count, number, lower, upper, constant))


def fourier(period: float, harmonics: int, *, constant: bool = False) -> Basis:
    """sin(2 pi k x / period) and cos(2 pi k x / period) for k from 1 to ``harmonics``, side by side.

    Args:
        constant: with the column of ones, the first
    """
    return _basis(_talweg.fourier_basis(period, harmonics, constant))


def radial(centers: TensorLike, *, kind: str = "gaussian", scale: float = 1.0) -> Basis:
    """Functions of the distances r, over the scale, to centres [m, d] (or [m]): a column a centre.

    Args:
        kind: "gaussian" exp(-r^2 / 2), "multiquadric" (1 + r^2)^1/2, "inverse_multiquadric"
            (1 + r^2)^-1/2, "thin_plate" r^2 ln r, "cubic" r^3
    """
    return _basis(_talweg.radial_basis(centers, number_of(kind, RADIAL_KINDS, "kind"), scale))


def functions(columns: Sequence[Callable[[Tensor], TensorLike]]) -> Basis:
    """Functions of one's own: each gets X as a tensor and gives a column [n]."""
    kept = list(columns)
    if not kept:
        raise ValueError("functions: there must be one at least")

    def evaluate(X: TensorLike) -> Tensor:
        rows = _talweg.asarray(X)
        return _talweg.stack([_talweg.asarray(column(rows)) for column in kept], 1)

    return Basis(evaluate, len(kept), _talweg.zeros(0, _talweg.float64))
