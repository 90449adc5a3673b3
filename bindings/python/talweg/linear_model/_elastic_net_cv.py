# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""The lasso and the elastic net with their penalty chosen by cross-validation."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.model_selection import check_cv
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import column_or_1d

from .. import _talweg
from ._base import COUNT, NOT_NEGATIVE, POSITIVE, SHARE, LinearModel, array, checked, row_weights
from ._elastic_net import ElasticNet, penalty_path

CONSTRAINTS: dict[str, list[Any]] = {
    "l1_ratio": [SHARE, "array-like"],
    "eps": [POSITIVE],
    "alphas": [Interval(Integral, 1, None, closed="left"), "array-like"],
    "fit_intercept": ["boolean"],
    "precompute": [StrOptions({"auto"}), "array-like", "boolean"],
    "max_iter": [COUNT],
    "tol": [NOT_NEGATIVE],
    "copy_X": ["boolean"],
    "cv": ["cv_object"],
    "verbose": ["verbose"],
    "n_jobs": [Integral, None],
    "positive": ["boolean"],
    "random_state": ["random_state"],
    "selection": [StrOptions({"cyclic", "random"})],
}


class ElasticNetCV(RegressorMixin, LinearModel):
    """The elastic net with the best of several penalties and l1_ratios by cross-validation, as
    ``sklearn.linear_model.ElasticNetCV``. A sparse X is made dense.

    Args:
        l1_ratio: one, or several to choose from
        eps: the least penalty as a share of the greatest
        alphas: how many penalties, or themselves
        fit_intercept: fit an intercept, which is not penalised
        cv: None (5 folds), their number, or what makes them
        n_jobs: how many folds are fitted at a time, by threads
        max_iter, tol, positive: as `ElasticNet`'s
        precompute, copy_X, selection, random_state, verbose: accepted, and mean nothing here

    Attributes:
        alpha_, l1_ratio_: the best
        coef_, intercept_, n_iter_, dual_gap_: of the fit to all rows with them
        alphas_: [L], or [l1_ratios, L]
        mse_path_: of the rows left out, [L, folds], or [l1_ratios, L, folds]

    >>> from talweg.linear_model import ElasticNetCV
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(50, 4, random_state=0)
    >>> ElasticNetCV(cv=3).fit(X, y).coef_.shape
    (4,)
    """

    _parameter_constraints = CONSTRAINTS
    path = staticmethod(penalty_path)

    def __init__(
        self,
        *,
        l1_ratio: Any = 0.5,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        precompute: Any = "auto",
        max_iter: int = 1000,
        tol: float = 1e-4,
        cv: Any = None,
        copy_X: bool = True,
        verbose: Any = 0,
        n_jobs: int | None = None,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fits y [n] to X [n, p], with row weights [n]."""
        self._validate_params()
        X, y = checked(self, X, y, multi_output=True)
        if y.ndim == 2 and y.shape[1] > 1:
            raise ValueError(f"y has {y.shape[1]} columns; {type(self).__name__} takes one target")
        y = column_or_1d(y, warn=True)
        weights = row_weights(sample_weight, X)
        ratios = [float(ratio) for ratio in np.atleast_1d(self._ratios())]
        grids = [self._grid(X, y, weights, ratio) for ratio in ratios]
        folds = list(check_cv(self.cv).split(X, y))
        errors = Parallel(n_jobs=self.n_jobs, prefer="threads")(
            delayed(self._errors)(X, y, weights, train, test, ratio, grid)
            for ratio, grid in zip(ratios, grids, strict=True)
            for train, test in folds
        )
        paths = np.reshape(errors, (len(ratios), len(folds), -1))
        mean = paths.mean(axis=1)
        place = np.unravel_index(np.argmin(mean), mean.shape)
        self.mse_path_ = np.squeeze(np.moveaxis(paths, 2, 1))
        self.alpha_, self.l1_ratio_ = grids[place[0]][place[1]], ratios[place[0]]
        several = isinstance(self.alphas, Integral) and len(ratios) > 1
        self.alphas_ = np.asarray(grids) if several else grids[0]
        best = ElasticNet(
            alpha=self.alpha_,
            l1_ratio=self.l1_ratio_,
            fit_intercept=self.fit_intercept,
            max_iter=self.max_iter,
            tol=self.tol,
            positive=self.positive,
        ).fit(X, y, sample_weight=weights)
        self.coef_, self.intercept_ = best.coef_, best.intercept_
        self.n_iter_, self.dual_gap_ = best.n_iter_, best.dual_gap_
        return self

    def _ratios(self) -> Any:
        return self.l1_ratio

    def _grid(self, X: Any, y: Any, weights: Any, ratio: float) -> Any:
        """The penalties, descending."""
        if not isinstance(self.alphas, Integral):
            alphas = np.sort(np.asarray(self.alphas, dtype=np.float64))[::-1]
            if not np.all(alphas >= 0):
                raise ValueError(f"alphas has {alphas.min()}, must be >= 0.0.")
            return alphas
        if ratio == 0:
            raise ValueError("with an l1_ratio of 0 no penalty leaves all coefficients out: give alphas")
        target = y - np.average(y, weights=weights) if self.fit_intercept else y
        if weights is not None:
            target = target * weights
        products = array(_talweg.matmul(target.astype(X.dtype), X)).astype(np.float64)
        if self.fit_intercept:
            products -= X.mean(axis=0) * target.sum()
        total = len(y) if weights is None else weights.sum()
        greatest = max(0.0, products.max()) if self.positive else np.abs(products).max()
        greatest /= total * ratio
        least = np.finfo(np.float64).resolution
        if greatest <= least:
            return np.full(self.alphas, least)
        return np.geomspace(greatest, greatest * self.eps, num=self.alphas)

    def _errors(self, X: Any, y: Any, weights: Any, train: Any, test: Any, ratio: float, alphas: Any) -> Any:
        """Mean squared errors of the rows that are left out, for each penalty."""
        fit = _talweg.elastic_net(
            X[train],
            y[train],
            l1_ratio=ratio,
            penalties=alphas,
            intercept=self.fit_intercept,
            positive=self.positive,
            weights=None if weights is None else weights[train],
            tolerance=self.tol,
            max_iterations=self.max_iter,
        )
        predictions = array(_talweg.matmul(X[test], fit.coefficients.T)) + array(fit.intercepts)
        squares = (predictions - y[test, None]) ** 2
        return np.average(squares, axis=0, weights=None if weights is None else weights[test])


class LassoCV(ElasticNetCV):
    """The lasso with the best of several penalties by cross-validation, as ``sklearn.linear_model.LassoCV``:
    `ElasticNetCV` with an l1_ratio of 1.

    >>> from talweg.linear_model import LassoCV
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(50, 4, random_state=0)
    >>> LassoCV(cv=3).fit(X, y).mse_path_.shape
    (100, 3)
    """

    _parameter_constraints = {name: rule for name, rule in CONSTRAINTS.items() if name != "l1_ratio"}

    def __init__(
        self,
        *,
        eps: float = 1e-3,
        alphas: Any = 100,
        fit_intercept: bool = True,
        precompute: Any = "auto",
        max_iter: int = 1000,
        tol: float = 1e-4,
        copy_X: bool = True,
        cv: Any = None,
        verbose: Any = False,
        n_jobs: int | None = None,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        super().__init__(
            l1_ratio=1.0,
            eps=eps,
            alphas=alphas,
            fit_intercept=fit_intercept,
            precompute=precompute,
            max_iter=max_iter,
            tol=tol,
            cv=cv,
            copy_X=copy_X,
            verbose=verbose,
            n_jobs=n_jobs,
            positive=positive,
            random_state=random_state,
            selection=selection,
        )

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LassoCV:
        super().fit(X, y, sample_weight)
        del self.l1_ratio_
        return self
