# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""The lasso and the elastic net."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils._param_validation import StrOptions

from .. import _talweg
from ._base import COUNT, NOT_NEGATIVE, SHARE, LinearModel, array, checked, densified, row_weights, unfinished

CONSTRAINTS: dict[str, list[Any]] = {
    "alpha": [NOT_NEGATIVE],
    "l1_ratio": [SHARE],
    "fit_intercept": ["boolean"],
    "precompute": ["boolean", "array-like"],
    "max_iter": [COUNT, None],
    "copy_X": ["boolean"],
    "tol": [NOT_NEGATIVE],
    "warm_start": ["boolean"],
    "positive": ["boolean"],
    "random_state": ["random_state"],
    "selection": [StrOptions({"cyclic", "random"})],
}


def penalty_path(
    X: Any,
    y: Any,
    *,
    l1_ratio: float = 0.5,
    eps: float = 1e-3,
    alphas: Any = 100,
    positive: bool = False,
    tol: float = 1e-4,
    max_iter: int = 1000,
    return_n_iter: bool = False,
) -> tuple[Any, ...]:
    """Coefficients for each of several penalties, without an intercept.

    Args:
        alphas: the penalties, or how many, from the least that leaves no coefficient down to ``eps`` times that

    Returns:
        alphas [L], descending, coefficients [p, L], duality gaps [L], and with ``return_n_iter`` sweeps [L]
    """
    given = None if isinstance(alphas, (int, np.integer)) else np.asarray(alphas, dtype=np.float64)
    fit = _talweg.elastic_net(
        densified(X),
        y,
        l1_ratio=l1_ratio,
        penalties=given,
        penalty_count=100 if given is not None else int(alphas),
        penalty_ratio=eps,
        intercept=False,
        positive=positive,
        tolerance=tol,
        max_iterations=max_iter,
    )
    found = array(fit.penalties), array(fit.coefficients).T, array(fit.gaps)
    return (*found, array(fit.iterations).tolist()) if return_n_iter else found


class ElasticNet(MultiOutputMixin, RegressorMixin, LinearModel):
    """Least squares with L1 and squared penalties, as ``sklearn.linear_model.ElasticNet``: minimises
    sum_i w_i (y_i - x_i . b - c)^2 / (2 sum_i w_i) + alpha (l1_ratio |b|_1 + (1 - l1_ratio) / 2 |b|^2).

    By coordinate descent until the duality gap is below tol times the mean square of y. A sparse X is made dense.

    Args:
        alpha: 0 or more
        l1_ratio: from 0 to 1, the lasso
        fit_intercept: fit an intercept, which is not penalised
        precompute, copy_X, warm_start, selection, random_state: accepted, and mean nothing here
        max_iter: sweeps over the coefficients
        tol: see above
        positive: coefficients of 0 or more only

    Attributes:
        coef_: [p], or [k, p] for k targets
        sparse_coef_: the same as a sparse matrix
        intercept_: a number, or [k]
        n_iter_: sweeps, or a list of k
        dual_gap_: how far the objective is above its least value at most, or [k]

    >>> from talweg.linear_model import ElasticNet
    >>> X = [[-1.0, 0.5], [0.0, -1.0], [1.0, 0.5]]
    >>> ElasticNet(alpha=0.1).fit(X, [-2.0, 0.0, 2.0]).coef_.round(4)
    array([1.7907, 0.    ])
    """

    _parameter_constraints = CONSTRAINTS
    path = staticmethod(penalty_path)

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        precompute: Any = False,
        max_iter: int = 1000,
        copy_X: bool = True,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None, check_input: bool = True) -> Any:
        """Fits y [n] or [n, k] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y, multi_output=True)
        weights = row_weights(sample_weight, X)
        columns = y.reshape(len(y), -1).T
        fits = [self._solve(X, np.ascontiguousarray(column), weights) for column in columns]
        if any(fit.stop_reason == 2 for fit in fits):
            unfinished(self)
        coefficients = np.stack([array(fit.coefficients)[0] for fit in fits])
        intercepts = np.array([array(fit.intercepts)[0] for fit in fits])
        gaps = np.array([fit.gaps[0].item() for fit in fits])
        sweeps = [int(fit.iterations[0].item()) for fit in fits]
        single = len(fits) == 1
        self.coef_ = coefficients[0] if single else coefficients
        self.dual_gap_ = gaps[0] if single else gaps
        self.n_iter_ = sweeps[0] if single else sweeps
        self.intercept_ = (intercepts[0] if y.ndim == 1 else intercepts) if self.fit_intercept else 0.0
        return self

    def _solve(self, X: Any, y: Any, weights: Any) -> Any:
        return _talweg.elastic_net(
            X,
            y,
            l1_ratio=float(self.l1_ratio),
            penalties=[float(self.alpha)],
            intercept=self.fit_intercept,
            positive=self.positive,
            weights=weights,
            tolerance=self.tol,
            max_iterations=1000 if self.max_iter is None else self.max_iter,
        )

    @property
    def sparse_coef_(self) -> Any:
        return sparse.csr_array(np.atleast_2d(self.coef_))


class Lasso(ElasticNet):
    """Least squares with an L1 penalty, as ``sklearn.linear_model.Lasso``: `ElasticNet` with an l1_ratio of 1.

    >>> from talweg.linear_model import Lasso
    >>> X = [[-1.0, 0.5], [0.0, -1.0], [1.0, 0.5]]
    >>> Lasso(alpha=0.1).fit(X, [-2.0, 0.0, 2.0]).coef_.round(4)
    array([1.85, 0.  ])
    """

    _parameter_constraints = {name: rule for name, rule in CONSTRAINTS.items() if name != "l1_ratio"}

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        precompute: Any = False,
        copy_X: bool = True,
        max_iter: int = 1000,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        super().__init__(
            alpha=alpha,
            l1_ratio=1.0,
            fit_intercept=fit_intercept,
            precompute=precompute,
            max_iter=max_iter,
            copy_X=copy_X,
            tol=tol,
            warm_start=warm_start,
            positive=positive,
            random_state=random_state,
            selection=selection,
        )
