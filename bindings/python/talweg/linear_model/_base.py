# mypy: disable-error-code="import-untyped,misc,no-any-return"
"""What the estimators share: checked data, prediction, sparse least squares."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from .. import _talweg
from .._sparse import lsqr

FLOATS = [np.float64, np.float32]
SPARSE = ["csr", "csc", "coo"]

# Of ``_parameter_constraints``.
NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
POSITIVE = Interval(Real, 0, None, closed="neither")
SHARE = Interval(Real, 0, 1, closed="both")
COUNT = Interval(Integral, 1, None, closed="left")


class LinearModel(BaseEstimator):
    """A regressor with ``coef_`` and ``intercept_``."""

    def predict(self, X: Any) -> Any:
        """X coef_ + intercept_ of new rows."""
        return linear_predictor(self, X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class LinearClassifier(LinearClassifierMixin, BaseEstimator):
    """A classifier with ``classes_``, ``coef_`` and ``intercept_``, of one row for two classes."""

    def decision_function(self, X: Any) -> Any:
        """How far rows are on the side of each class, or of two classes, of the second: [n] or [n, classes]."""
        scores = linear_predictor(self, X)
        return scores.reshape(-1) if scores.shape[1] == 1 else scores

    def predict(self, X: Any) -> Any:
        """The class of new rows."""
        scores = self.decision_function(X)
        places = (scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1)
        return np.take(self.classes_, places)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class SparseCoefficients:
    """``coef_`` as a sparse matrix, and back."""

    coef_: Any

    def sparsify(self) -> Any:
        """Makes ``coef_`` a sparse matrix: smaller where most of it is zero, as an L1 penalty leaves it."""
        check_is_fitted(self)
        self.coef_ = sparse.csr_array(self.coef_) if np.ndim(self.coef_) == 2 else sparse.csr_array(self.coef_[None])
        return self

    def densify(self) -> Any:
        """Makes ``coef_`` an array again."""
        check_is_fitted(self)
        if sparse.issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self


def linear_predictor(model: Any, X: Any) -> Any:
    """X coef_' + intercept_, of checked rows."""
    check_is_fitted(model)
    X = validate_data(model, X, accept_sparse=SPARSE, dtype=FLOATS, reset=False)
    coefficients = model.coef_
    if sparse.issparse(X) or sparse.issparse(coefficients):
        product = X @ coefficients.T
        product = product.toarray() if sparse.issparse(product) else product
    else:
        product = array(_talweg.matmul(X, coefficients.T))
    return product + model.intercept_


def checked(
    model: Any, X: Any, y: Any, *, multi_output: bool = False, dense: bool = True, accept_sparse: bool = True
) -> tuple[Any, Any]:
    """X as floats, perhaps sparse, or made dense; y as numbers of X's type."""
    sparse_formats = SPARSE if accept_sparse else False
    X, y = validate_data(
        model, X, y, accept_sparse=sparse_formats, dtype=FLOATS, y_numeric=True, multi_output=multi_output
    )
    return densified(X) if dense else X, y.astype(X.dtype, copy=False)


def densified(X: Any) -> Any:
    """A sparse X as an array: for what the engine solves by factors or by columns."""
    return X.toarray() if sparse.issparse(X) else X


def row_weights(sample_weight: Any, X: Any) -> Any:
    """None, or float64 [n], 0 or more."""
    if sample_weight is None:
        return None
    return _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)


def array(tensor: Any) -> Any:
    """An array of its own."""
    return np.array(tensor)


def unfinished(model: Any, what: str = "the tolerance was not reached") -> None:
    warnings.warn(
        f"{type(model).__name__}: {what} in {model.max_iter} iterations; a larger max_iter, or columns of like scale, "
        "may help",
        ConvergenceWarning,
        stacklevel=3,
    )


def sparse_least_squares(
    X: Any, y: Any, penalty: float, intercept: bool, weights: Any, tolerance: float, max_iter: int | None
) -> tuple[Any, Any, int]:
    """b and c that minimise sum_i w_i (y_i - x_i . b - c)^2 + penalty |b|^2 of a sparse X and y [n], and how many
    iterations it took: by products with X alone, whose centre is taken off behind them."""
    X = X.tocsr()
    root = None if weights is None else np.sqrt(weights)
    tolerance = min(tolerance, 1e-10)
    options: dict[str, Any] = {
        "damp": float(np.sqrt(penalty)),
        "atol": tolerance,
        "btol": tolerance,
        "iter_lim": max_iter,
    }
    if not intercept:
        rows = X if root is None else sparse.diags_array(root) @ X
        found = lsqr(rows, y if root is None else root * y, **options)
        return found.x.astype(X.dtype), X.dtype.type(0), found.itn
    total = X.shape[0] if weights is None else weights.sum()
    w = np.ones(X.shape[0]) if weights is None else weights
    root = np.sqrt(w)
    mean, center = X.T @ (w / total), float(y @ (w / total))

    class Centered:
        shape = X.shape

        @staticmethod
        def matvec(b: Any) -> Any:
            return root * (X @ b - mean @ b)

        @staticmethod
        def rmatvec(r: Any) -> Any:
            scaled = root * r
            return X.T @ scaled - mean * scaled.sum()

    found = lsqr(Centered, root * (y - center), **options)
    return found.x.astype(X.dtype), X.dtype.type(center - mean @ found.x), found.itn
