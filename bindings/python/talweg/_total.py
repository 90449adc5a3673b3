"""Total least squares: regression on columns that have errors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _talweg

if TYPE_CHECKING:
    from ._talweg import Tensor, TensorLike, TotalFit


class TotalResult:
    """A total least-squares fit of y [n] (or [n, k]: then results have a leading k) to X [n, p].

    Attributes:
        coefficients: [p]
        intercept: []; zero if none was fitted
        singular_values: of [X y] (centred, if an intercept is fitted, weighted, without exact
            columns and what they explain), descending, [p - exact_columns + k]
        correction_norm: the root of the sum of the squares of all changes of X and y
        rank: of the changed X; below p where the shortest of several solutions was taken
    """

    def __init__(self, fit: TotalFit) -> None:
        self._fit = fit
        self.coefficients = fit.coefficients
        self.intercept = fit.intercept
        self.singular_values = fit.singular_values
        self.correction_norm = fit.correction_norm
        self.rank = fit.rank

    def predict(self, X: TensorLike) -> Tensor:
        """X b + c for new rows [m, p] (or [m] with one column): [m] or [m, k]."""
        return self._fit.predict(X)

    def __repr__(self) -> str:
        return (
            f"TotalResult: {self.coefficients.shape[-1]} coefficients, rank {self.rank}, "
            f"correction norm {self.correction_norm:.6g}"
        )


def total_least_squares(
    X: TensorLike,
    y: TensorLike,
    *,
    intercept: bool = True,
    exact_columns: int = 0,
    weights: TensorLike | None = None,
    rank_tolerance: float | None = None,
) -> TotalResult:
    """The coefficients B and intercepts c of (X + E) B + c = y + F with the least sum of squares of E and F, by the
    singular value decomposition (Golub and Van Loan). Of one column with an intercept it is the line of least squared
    distances, orthogonal regression.

    Errors of all columns are taken for equally large: divide columns by the size of their errors first.

    Args:
        X: [n, p], finite, n >= 1; a 1-d X [n] counts as one column
        y: [n], or [n, k] for k targets, which share the changes of X, finite
        intercept: fit an intercept
        exact_columns: how many of X's first columns are known without error
        weights: row weights [n], 0 or more
        rank_tolerance: singular values that exceed the k-th from the end by less than twice this
            share of the largest count as equal to it; None: max(n, p + k) times the unit roundoff.
            A large one truncates, as columns need that depend on each other.

    Raises:
        ValueError: shapes that do not fit, exact_columns out of range, negative weights
        TalwegError: a NaN or infinity; exact columns that depend on each other; no solution, since a
            change of X alone that is as small makes its columns depend on each other
    """
    return TotalResult(
        _talweg.total_least_squares(
            X,
            y,
            intercept=intercept,
            exact_columns=exact_columns,
            weights=weights,
            rank_tolerance=-1.0 if rank_tolerance is None else rank_tolerance,
        )
    )
