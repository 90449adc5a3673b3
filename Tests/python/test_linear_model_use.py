"""The estimators where scikit-learn puts them to use, and how the package is imported."""

import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402
import sklearn  # noqa: E402
import sklearn.linear_model as theirs  # noqa: E402
from sklearn.base import clone, is_classifier, is_regressor  # noqa: E402
from sklearn.datasets import load_diabetes, load_wine  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import PolynomialFeatures, StandardScaler  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model
CLASSIFIERS = ("LogisticRegression", "SGDClassifier")


@pytest.mark.parametrize("name", ours.__all__)
def test_same_arguments_and_attributes(name, rng):
    mine, other = getattr(ours, name), getattr(theirs, name)
    assert mine().get_params().keys() == other().get_params().keys()
    for key, value in other().get_params().items():
        assert mine().get_params()[key] == value, key
    X = np.abs(rng.normal(size=(40, 3)))
    y = (X[:, 0] > 0.7).astype(int) if name in CLASSIFIERS else X @ [1, 2, 3] + 0.1
    fits = [kind().fit(X, y) for kind in (mine, other)]
    mine, other = ({n for n in vars(fit) if n.endswith("_") and not n.startswith("_")} for fit in fits)
    assert other - mine <= {"loss_function_"}
    assert {n for n in dir(fits[1]) if not n.startswith("_")} - {n for n in dir(fits[0])} <= {
        "loss_function_", "loss_functions", "set_callbacks",
    }  # fmt: skip


@pytest.mark.parametrize("name", ours.__all__)
def test_clones_and_pickles(name, rng):
    X = np.abs(rng.normal(size=(40, 3)))
    y = (X[:, 0] > 0.7).astype(int) if name in CLASSIFIERS else X @ [1, 2, 3] + 0.1
    model = getattr(ours, name)()
    assert is_classifier(model) == (name in CLASSIFIERS) and is_regressor(model) == (name not in CLASSIFIERS)
    fit = clone(model).fit(X, y)
    again = pickle.loads(pickle.dumps(fit))
    assert (again.predict(X) == fit.predict(X)).all()
    assert getattr(ours, name).__doc__ and ">>>" in getattr(ours, name).__doc__


def test_pipelines_and_searches():
    X, y = load_diabetes(return_X_y=True)
    grid = {"ridge__alpha": [0.1, 1.0, 10.0, 100.0]}
    searches = [
        GridSearchCV(make_pipeline(StandardScaler(), PolynomialFeatures(2), module.Ridge()), grid, cv=5).fit(X, y)
        for module in (ours, theirs)
    ]
    assert searches[0].best_params_ == searches[1].best_params_
    np.testing.assert_allclose(
        searches[0].cv_results_["mean_test_score"], searches[1].cv_results_["mean_test_score"], rtol=1e-7
    )
    X, y = load_wine(return_X_y=True)
    scores = [
        cross_val_score(make_pipeline(StandardScaler(), module.LogisticRegression()), X, y, cv=5)
        for module in (ours, theirs)
    ]
    np.testing.assert_allclose(*scores)


def test_names_of_columns():
    frame = load_diabetes(as_frame=True)
    model = ours.Lasso(alpha=0.1).fit(frame.data, frame.target)
    assert model.feature_names_in_.tolist() == list(frame.data.columns) and model.n_features_in_ == 10
    assert np.isfinite(model.predict(frame.data)).all()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.data.rename(columns={"bmi": "mass"}))
    with pytest.warns(UserWarning, match="feature names"):
        model.predict(frame.data.to_numpy())
    with pytest.raises(ValueError, match="10 features"):
        model.predict(np.ones((2, 3)))


def test_weights_through_metadata_routing(rng):
    X, y, w = rng.normal(size=(60, 3)), rng.normal(size=60), rng.random(60)
    with sklearn.config_context(enable_metadata_routing=True):
        model = ours.Ridge().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        other = theirs.Ridge().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        scores = [cross_val_score(m, X, y, params={"sample_weight": w}, cv=3) for m in (model, other)]
    np.testing.assert_allclose(*scores, rtol=1e-9)


def test_inputs_are_left_alone(rng):
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    for name in ours.__all__:
        if name in ("PoissonRegressor", "GammaRegressor"):
            continue
        a, b = X.copy(), (y > 0 if name in CLASSIFIERS else y.copy())
        a.flags.writeable = False
        getattr(ours, name)().fit(a, b)
        assert (a == X).all()
    frame = pd.DataFrame(X, columns=list("abc"))
    ours.LinearRegression().fit(frame, y)
    assert (frame.to_numpy() == X).all()


def run(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True)


def test_scikit_learn_is_imported_where_it_is_used():
    code = "import sys, talweg as tw; print('sklearn' in sys.modules); tw.linear_model; print('sklearn' in sys.modules)"
    assert run(code).stdout.split() == ["False", "True"]


def test_without_scikit_learn():
    code = "import sys; sys.modules['sklearn'] = None\nimport talweg as tw\n"
    code += "try: tw.linear_model\nexcept ImportError as e: print(e)"
    assert run(code).stdout == "talweg.linear_model needs scikit-learn: pip install scikit-learn\n"
    assert "has no attribute 'linear_models'" in run("import talweg as tw; tw.linear_models").stderr


def test_examples_in_the_docstrings():
    import doctest

    for name in ours.__all__:
        module = sys.modules[getattr(ours, name).__module__]
        assert doctest.testmod(module).failed == 0, name
