# mypy: disable-error-code="import-untyped"
"""Linear models with scikit-learn's interface, fitted by the engine.

Each class has the constructor, the attributes and the objective of scikit-learn's class of the same name, and works
where that does: pipelines, ``GridSearchCV``, ``cross_val_score``, data frames, ``sample_weight``. Solutions are the
minimum itself, to about ten digits where nothing else is said; arguments that choose among scikit-learn's solvers are
accepted and change nothing.
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError("talweg.linear_model needs scikit-learn: pip install scikit-learn") from error

from ._elastic_net import ElasticNet, Lasso
from ._elastic_net_cv import ElasticNetCV, LassoCV
from ._glm import GammaRegressor, PoissonRegressor
from ._huber import HuberRegressor
from ._linear import LinearRegression
from ._logistic import LogisticRegression
from ._quantile import QuantileRegressor
from ._ransac import RANSACRegressor
from ._ridge import Ridge
from ._ridge_cv import RidgeCV
from ._sgd_classifier import SGDClassifier
from ._sgd_regressor import SGDRegressor

__all__ = [
    "ElasticNet",
    "ElasticNetCV",
    "GammaRegressor",
    "HuberRegressor",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "LogisticRegression",
    "PoissonRegressor",
    "QuantileRegressor",
    "RANSACRegressor",
    "Ridge",
    "RidgeCV",
    "SGDClassifier",
    "SGDRegressor",
]
