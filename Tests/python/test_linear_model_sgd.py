"""SGDRegressor, SGDClassifier: without shuffling, step for step scikit-learn's; and the engine's descent by itself."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn.linear_model as theirs  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402

import talweg as tw  # noqa: E402

ours = tw.linear_model
OF_NUMBERS = ["squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"]
OF_CLASSES = ["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron"]


@pytest.fixture
def data(rng):
    X = rng.normal(size=(90, 6))
    return X, X @ rng.normal(size=6) + 0.3 * rng.normal(size=90) + 1, rng.integers(0, 3, 90) * 0.8


def steps_agree(name, X, y, weights=None, rtol=1e-9, **options):
    """Fits of both without shuffling."""
    options = {"shuffle": False, "tol": None, "max_iter": 7, **options}
    a, b = (getattr(module, name)(**options).fit(X, y, sample_weight=weights) for module in (ours, theirs))
    same_state(a, b, rtol)
    return a, b


def same_state(a, b, rtol=1e-9):
    assert a.coef_.shape == b.coef_.shape and a.intercept_.shape == b.intercept_.shape
    size = np.abs(b.coef_).max()
    np.testing.assert_allclose(a.coef_, b.coef_, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(a.intercept_, b.intercept_, rtol=rtol, atol=rtol * size)
    assert (a.t_, a.n_iter_) == (b.t_, b.n_iter_)


@pytest.mark.parametrize("loss", OF_NUMBERS)
@pytest.mark.parametrize("penalty", ["l2", "l1", "elasticnet", None])
@pytest.mark.parametrize("weighted", [False, True])
def test_steps_of_numbers(data, weighted, penalty, loss):
    X, y, weights = data
    steps_agree("SGDRegressor", X, y, weights if weighted else None, loss=loss, penalty=penalty, alpha=0.01)


@pytest.mark.parametrize("loss", OF_CLASSES + OF_NUMBERS)
@pytest.mark.parametrize("penalty", ["l2", "l1", "elasticnet"])
@pytest.mark.parametrize("classes", [2, 3])
def test_steps_of_classes(data, classes, penalty, loss):
    X, y, weights = data
    y = np.digitize(y, np.quantile(y, [0.5] if classes == 2 else [0.3, 0.7]))
    a, b = steps_agree(
        "SGDClassifier", X, y, weights, loss=loss, penalty=penalty, alpha=0.01, class_weight="balanced",
        learning_rate="invscaling", eta0=0.05,
    )  # fmt: skip
    np.testing.assert_array_equal(a.predict(X), b.predict(X))
    if loss in ("log_loss", "modified_huber"):
        np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-8, atol=1e-12)
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(a.predict_log_proba(X), b.predict_log_proba(X), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("schedule", ["constant", "optimal", "invscaling", "adaptive"])
@pytest.mark.parametrize("intercept", [False, True])
def test_schedules_and_stops(data, intercept, schedule):
    X, y, _ = data
    for name, target in (("SGDRegressor", y), ("SGDClassifier", y > 1)):
        options = {"tol": 1e-3, "max_iter": 500, "alpha": 0.05, "eta0": 0.02, "fit_intercept": intercept}
        a, _ = steps_agree(name, X, target, learning_rate=schedule, **options)
        assert 1 < a.n_iter_ < 500


@pytest.mark.parametrize("schedule", ["pa1", "pa2"])
def test_passive_aggressive(data, schedule):
    X, y, weights = data
    X = X.copy()
    X[5] = 0
    options = {"learning_rate": schedule, "penalty": None, "eta0": 0.3}
    steps_agree("SGDRegressor", X, y, weights, loss="epsilon_insensitive", **options)
    steps_agree("SGDClassifier", X, y > 1, weights, loss="hinge", **options)


@pytest.mark.parametrize("average", [True, 50, 10**6])
@pytest.mark.parametrize("penalty", ["l2", None])
def test_averages(data, average, penalty):
    X, y, weights = data
    a, b = steps_agree("SGDRegressor", X, y, weights, average=average, penalty=penalty, alpha=0.01)
    # Not of classes, whose intercept scikit-learn's partial_fit begins at 0 again.
    for model in (a, b):
        model.partial_fit(X[::-1], y[::-1])
    same_state(a, b)
    y = np.digitize(y, [0, 2])
    options = {"average": average, "penalty": penalty, "alpha": 0.01, "learning_rate": "constant", "eta0": 0.01}
    steps_agree("SGDClassifier", X, y, weights, **options)


def test_averages_with_an_l1_penalty_are_means(data):
    """Of the coefficients after each row, before what the penalty takes: by single steps from one to the next."""
    X, y, _ = data
    options = {"alpha": 0.05, "l1_ratio": 1.0, "schedule": "constant", "tolerance": None, "shuffle": False}
    whole = tw.stochastic_descent(X, y, max_epochs=1, average=1, **options)
    # The same descent, whose last row's truncation the mean does not hold.
    total, b, c, q, owed = np.zeros(6), np.zeros(6), 0.0, np.zeros(6), 0.0
    for x, target in zip(X, y, strict=True):
        move = -0.01 * (x @ b + c - target)
        b, c, owed = b + move * x, c + move, owed + 0.01 * 0.05
        total += b
        new = np.where(b > 0, np.maximum(0, b - (owed + q)), np.minimum(0, b + (owed - q)))
        q, b = q + new - b, new
    np.testing.assert_allclose(np.asarray(whole.coefficients), b, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(np.asarray(whole.average), total / 90, rtol=1e-10)


def test_penalty_so_large_that_nothing_is_left(data):
    """1 - rate alpha is below 0, and the coefficients start from zero at every row."""
    X, y, _ = data
    steps_agree("SGDRegressor", X, y, alpha=200.0, learning_rate="constant", eta0=0.01, average=True)


def test_scales_that_shrink_far(data):
    X, y, _ = data
    steps_agree("SGDRegressor", X, y, alpha=60.0, learning_rate="constant", eta0=0.01, average=3, max_iter=30)


@pytest.mark.parametrize("penalty", ["l2", "l1", "elasticnet"])
def test_sparse_rows(data, rng, penalty):
    X, y, weights = data
    X = sparse.csr_array(np.where(rng.random(X.shape) < 0.3, X, 0))
    for name, target in (("SGDRegressor", y), ("SGDClassifier", y > 1)):
        a, b = steps_agree(
            name, X, target, weights, penalty=penalty, alpha=0.01, learning_rate="constant", eta0=0.02,
            average=20 if penalty == "l2" else False,
        )  # fmt: skip
        np.testing.assert_allclose(a.predict(X), b.predict(X), rtol=1e-8)


def test_partial_fits(data):
    X, y, _ = data
    a, b = ours.SGDRegressor(shuffle=False), theirs.SGDRegressor(shuffle=False)
    for rows in (slice(0, 30), slice(30, 50), slice(50, 90)):
        for model in (a, b):
            model.partial_fit(X[rows], y[rows])
    same_state(a, b)
    labels = np.digitize(y, [0, 2])
    a, b = ours.SGDClassifier(shuffle=False), theirs.SGDClassifier(shuffle=False)
    for rows in (slice(0, 30), slice(30, 90)):
        for model in (a, b):
            model.partial_fit(X[rows], labels[rows], classes=[0, 1, 2])
    same_state(a, b)
    with pytest.raises(ValueError, match="classes"):
        ours.SGDClassifier().partial_fit(X, labels)
    with pytest.raises(ValueError, match="not the same"):
        a.partial_fit(X, labels, classes=[0, 1])
    with pytest.raises(ValueError, match="none of the classes"):
        a.partial_fit(X, labels + 5)


def test_warm_starts(data):
    X, y, _ = data
    options = {"shuffle": False, "tol": None, "max_iter": 3, "warm_start": True}
    a, b = (module.SGDRegressor(**options) for module in (ours, theirs))
    for _ in range(2):
        for model in (a, b):
            model.fit(X, y)
        same_state(a, b)
    a, b = (module.SGDRegressor(**{**options, "warm_start": False}) for module in (ours, theirs))
    for model in (a, b):
        model.fit(X, y, coef_init=np.arange(6.0), intercept_init=[2.0])
    same_state(a, b)
    with pytest.raises(ValueError, match="coef_init"):
        a.fit(X, y, coef_init=np.ones(5))


def test_early_stopping(data):
    X, y, weights = data
    weights = weights + 0.1
    options = {"early_stopping": True, "random_state": 3, "max_iter": 300, "tol": 1e-3, "validation_fraction": 0.3}
    options |= {"eta0": 0.001, "learning_rate": "constant"}
    steps_agree("SGDRegressor", X, y, weights, **options)
    # Not of "log_loss", whose held-back rows of the negative class scikit-learn never counts as right.
    steps_agree("SGDClassifier", X, y > 1, weights, loss="modified_huber", alpha=0.01, **options)
    steps_agree("SGDClassifier", X, np.digitize(y, [0, 2]), weights, loss="modified_huber", alpha=0.01, **options)


def test_random_orders(data):
    X, y, _ = data
    first, same, other = (ours.SGDRegressor(random_state=seed).fit(X, y) for seed in (0, 0, 1))
    assert (first.coef_ == same.coef_).all() and (first.coef_ != other.coef_).any()
    # Near the minimum in any order.
    best = theirs.LinearRegression().fit(X, y).coef_
    np.testing.assert_allclose(first.coef_, best, atol=0.1)
    fit = ours.SGDClassifier(loss="log_loss", random_state=0, alpha=0.01).fit(X, y > 1)
    best = theirs.LogisticRegression(C=1 / (0.01 * 90)).fit(X, y > 1)
    np.testing.assert_allclose(fit.coef_, best.coef_, atol=0.15)


def test_loss_derivatives():
    """Slopes are the losses' by differences, from one step of a constant rate; the losses from the objective."""
    # Of the row x = 1 and the coefficient p: the step is -rate times the slope, the objective the loss.
    for loss in OF_NUMBERS + OF_CLASSES:
        for y in (-1.0, 1.0):
            def step(p, loss=loss, y=y):
                start = tw.StochasticResult(np.array([p]), 0.0, np.zeros(1), 0.0, 1.0, 0, 0.0, 0.0, "")
                made = tw.stochastic_descent(
                    [[1.0]], [y], loss=loss, alpha=0.0, schedule="constant", rate=1.0, max_epochs=1, intercept=False,
                    start=start, epsilon=0.3,
                )  # fmt: skip
                return made.objective, p - made.coefficients.tolist()[0]

            for p in (-2.7, -1.03, -0.55, 0.02, 0.47, 1.11, 3.6):
                numeric = (step(p + 1e-6)[0] - step(p - 1e-6)[0]) / 2e-6
                assert step(p)[1] == pytest.approx(numeric, abs=1e-6)


def test_too_few_epochs_are_told(data):
    X, y, _ = data
    with pytest.warns(ConvergenceWarning, match="max_iter"):
        ours.SGDRegressor(max_iter=2).fit(X, y)


def test_what_is_refused(data):
    X, y, _ = data
    bad = [
        (ours.SGDRegressor(early_stopping=True).partial_fit, "early_stopping"),
        (ours.SGDRegressor(learning_rate="optimal", alpha=0).fit, "alpha"),
        (ours.SGDRegressor(learning_rate="pa1").fit, "epsilon_insensitive"),
        (ours.SGDRegressor(penalty="elasticnet", l1_ratio=None).fit, "l1_ratio"),
        (ours.SGDRegressor(eta0=1e300, penalty=None, learning_rate="constant").fit, "overflow"),
        (ours.SGDRegressor(loss="hinge").fit, "loss"),
    ]
    for call, message in bad:
        with pytest.raises(ValueError, match=message):
            call(X, y)
    with pytest.raises(AttributeError, match="predict_proba"):
        ours.SGDClassifier().fit(X, y > 1).predict_proba(X)
    for options, message in (
        ({"rate": 0.0}, "rate"), ({"l1_ratio": 2.0}, "l1_ratio"), ({"weights": -np.ones(90)}, "negative"),
        ({"held_back": np.ones(90)}, "held back"), ({"patience": 0}, "patience"), ({"epsilon": -1.0}, "epsilon"),
        ({"weights": np.ones(3)}, r"\[3\]"), ({"schedule": "fast"}, "schedule"), ({"loss": "small"}, "loss"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            tw.stochastic_descent(X, y, **options)
    with pytest.raises(tw.TalwegError, match="row 3, column 2"):
        tw.stochastic_descent(np.where(np.arange(540).reshape(90, 6) == 20, np.nan, X), y)
    with pytest.raises(tw.TalwegError, match="without bound"):
        tw.stochastic_descent(X, y, rate=1e300, alpha=0.0, schedule="constant")


def test_callbacks_stop(data):
    X, y, _ = data
    seen = []

    def third(progress):
        seen.append(progress)
        return progress.epoch == 3

    result = tw.stochastic_descent(X, y, callback=third, held_back=np.arange(90) < 20)
    assert result.stop_reason == "callback" and result.epochs == 3
    assert [p.epoch for p in seen] == [1, 2, 3] and seen[2].score == result.score and np.isnan(result.objective)
    with pytest.raises(ZeroDivisionError):
        tw.stochastic_descent(X, y, callback=lambda progress: 1 / 0)
