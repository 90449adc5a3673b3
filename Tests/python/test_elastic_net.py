"""The lasso and the elastic net against glmnet and scikit-learn, and what they refuse."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import talweg as tw

DATA = Path(os.environ.get("TALWEG_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")) / "regression"


def problem(n=60, p=30, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)) * rng.uniform(0.5, 2, size=p) + rng.normal(size=p)
    b = np.where(np.arange(p) < 6, rng.normal(size=p), 0)
    return X, X @ b + 0.5 * rng.normal(size=n) + 3


def objective(X, y, b, c, penalty, l1, w=None):
    w = np.ones(len(y)) if w is None else w
    return np.sum(w * (y - X @ b - c) ** 2) / 2 / w.sum() + penalty * (l1 * np.abs(b).sum() + (1 - l1) / 2 * b @ b)


@pytest.mark.parametrize("mode", ["gram", "naive"])
@pytest.mark.parametrize("l1", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("shape", [(60, 30), (30, 200), (500, 5)])
def test_path_agrees_with_scikit_learn(mode, l1, shape):
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem(*shape)
    fit = tw.elastic_net(X, y, l1_ratio=l1, penalty_count=20, tolerance=1e-12, mode=mode)
    centred, target = X - X.mean(0), y - y.mean()
    alphas, b, _ = linear_model.enet_path(centred, target, l1_ratio=l1, alphas=20, eps=1e-3, tol=1e-10,
                                          max_iter=100_000)  # fmt: skip
    np.testing.assert_allclose(fit.penalties, alphas, rtol=1e-10)
    np.testing.assert_allclose(fit.coefficients, b.T, atol=2e-5 * np.abs(b).max())
    for k in range(20):
        ours = objective(X, y, np.asarray(fit.coefficients)[k], np.asarray(fit.intercepts)[k], alphas[k], l1)
        theirs = objective(centred, target, b[:, k], 0, alphas[k], l1)
        assert ours <= theirs + 1e-9 * np.var(y)
    assert fit.stop_reason == "tolerance" and np.all(np.asarray(fit.gaps) <= 1e-12 * np.var(y) * 1.0001)
    assert not np.asarray(fit.coefficients)[0].any()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("intercept", [False, True])
def test_options_agree_with_scikit_learn(weighted, positive, intercept):
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem(seed=1)
    w = np.random.default_rng(2).uniform(0, 2, size=len(y)) if weighted else None
    theirs = linear_model.ElasticNet(0.1, l1_ratio=0.7, positive=positive, fit_intercept=intercept, tol=1e-11,
                                     max_iter=100_000).fit(X, y, sample_weight=w)  # fmt: skip
    for mode in ("gram", "naive"):
        ours = tw.elastic_net(X, y, 0.1, l1_ratio=0.7, positive=positive, intercept=intercept, weights=w, mode=mode,
                              tolerance=1e-13)  # fmt: skip
        np.testing.assert_allclose(ours.coefficient, theirs.coef_, atol=1e-6)
        assert ours.intercept.item() == pytest.approx(theirs.intercept_, abs=1e-5)
        np.testing.assert_allclose(ours.predict(X[:4]), theirs.predict(X[:4]), atol=1e-5)


def covariance_descent(X, y, l1, least):
    """glmnet's path of 100 penalties for a gaussian y and columns that are centred: coordinate descent with its
    sequential strong rule and order of sweeps, which ends when no move's square times the column's is above `least`
    of y's variance (Friedman, Hastie and Tibshirani, J. Stat. Soft. 33, 2010)."""
    n, p = X.shape
    deviation = np.sqrt(np.mean(y**2))
    square, gram, pull = np.mean(X**2, 0), X.T @ X / n, X.T @ (y / deviation) / n
    b, kept, entered, path = np.zeros(p), np.zeros(p, bool), [], []
    first = penalty = np.abs(pull).max() / max(l1, 1e-3)

    def sweep(columns):
        most = 0.0
        for k in columns:
            u = pull[k] + b[k] * square[k]
            new = np.sign(u) * max(abs(u) - penalty * l1, 0) / (square[k] + penalty * (1 - l1))
            if new != b[k]:
                if k not in entered:
                    entered.append(k)
                most = max(most, square[k] * (new - b[k]) ** 2)
                pull[:] -= gram[:, k] * (new - b[k])
                b[k] = new
        return most

    path.append((first * deviation, b.copy()))
    for number in range(1, 100):
        last, penalty = (penalty, first * 1e-4 ** (number / 99))
        kept |= np.abs(pull) > l1 * (2 * penalty - last)
        while number > 1 and sweep(list(entered)) >= least:
            pass
        while True:
            if sweep(np.flatnonzero(kept)) < least:
                missed = ~kept & (np.abs(pull) > penalty * l1)
                if not missed.any():
                    break
                kept |= missed
                continue
            while sweep(list(entered)) >= least:
                pass
        path.append((penalty * deviation, b * deviation))
    return path


def test_glmnet():
    file = DATA / "glmnet_gaussian.json"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    rows = np.loadtxt(DATA / "lasso_data.csv", delimiter=",")
    paths = {}
    for name, values in json.loads(file.read_text())["data"].items():
        n, p, l1, penalty, *expected = values
        y, X = rows[: int(n), 0], rows[: int(n), 1 : int(p) + 1]
        y, X = (y - y.mean()) / y.std(ddof=1), (X - X.mean(0)) / X.std(0, ddof=1)
        if (n, p, l1) not in paths:
            paths[n, p, l1] = [covariance_descent(X, y, l1, least) for least in (1e-7, 1e-24)]
        theirs, exact = paths[n, p, l1]
        at = int(np.argmin([abs(np.log(value / penalty)) for value, _ in theirs]))
        # glmnet's stopping rule leaves the digits that it gives, all seven of them,
        assert theirs[at][0] == pytest.approx(penalty, rel=5.1e-7)
        np.testing.assert_allclose(theirs[at][1], expected, atol=5.1e-8, err_msg=name)
        for mode in ("gram", "naive"):
            # and without it the same descent gets where ours does. glmnet divides y by its deviation with n below the
            # root: with the other deviation 1 here, the L2 part of its penalty counts 1 / s times.
            s = np.sqrt(1 - 1 / n)
            lasso, ridge = exact[at][0] * l1, exact[at][0] * (1 - l1) / s
            fit = tw.elastic_net(X, y, lasso + ridge, l1_ratio=lasso / (lasso + ridge), mode=mode, intercept=False,
                                 tolerance=0)  # fmt: skip
            np.testing.assert_allclose(fit.coefficient, exact[at][1], atol=2e-9, err_msg=name)


def test_standardized_is_the_fit_of_standardized_columns():
    X, y = problem(seed=3)
    fit = tw.elastic_net(X, y, [0.3, 0.05], l1_ratio=0.8, standardize=True, tolerance=1e-13)
    plain = tw.elastic_net(X / X.std(0), y, [0.3, 0.05], l1_ratio=0.8, tolerance=1e-13)
    np.testing.assert_allclose(fit.coefficients, np.asarray(plain.coefficients) / X.std(0), atol=1e-8)
    np.testing.assert_allclose(fit.intercepts, plain.intercepts, atol=1e-7)


def test_the_choice_by_folds_agrees_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem(100, 20, seed=4)
    folds = np.arange(100) % 5
    cv = [(np.flatnonzero(folds != k), np.flatnonzero(folds == k)) for k in range(5)]
    ours = tw.elastic_net(X, y, penalty_count=30, folds=folds, tolerance=1e-12)
    theirs = linear_model.LassoCV(alphas=np.asarray(ours.penalties), cv=cv, tol=1e-10, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(ours.errors, theirs.mse_path_.mean(1), rtol=1e-5)
    np.testing.assert_allclose(ours.error_standard_errors, theirs.mse_path_.std(1, ddof=1) / np.sqrt(5), rtol=1e-4)
    assert ours.penalty == pytest.approx(theirs.alpha_) and ours.best_within_error <= ours.best
    np.testing.assert_allclose(ours.coefficient, theirs.coef_, atol=1e-5)
    again = [tw.elastic_net(X, y, penalty_count=10, folds=4, seed=7) for _ in range(2)]
    assert np.array_equal(again[0].errors, again[1].errors)
    assert not np.array_equal(again[0].errors, tw.elastic_net(X, y, penalty_count=10, folds=4, seed=8).errors)


def test_same_bits_on_any_number_of_threads():
    X, y = problem(300, 400, seed=5)
    before = tw.num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            tw.set_num_threads(threads)
            fit = tw.elastic_net(X, y, penalty_count=10, folds=3)
            results.append((np.asarray(fit.coefficients).tobytes(), np.asarray(fit.errors).tobytes()))
        assert len(set(results)) == 1
    finally:
        tw.set_num_threads(before)


def test_callback():
    X, y = problem()
    seen = []
    fit = tw.elastic_net(X, y, penalty_count=10, callback=lambda progress: seen.append(progress) or len(seen) == 3)
    assert fit.stop_reason == "callback" and fit.coefficients.shape == (3, 30)
    assert [s.number for s in seen] == [0, 1, 2] and seen[0].total == 10 and seen[0].nonzeros == 0
    with pytest.raises(ZeroDivisionError):
        tw.elastic_net(X, y, callback=lambda progress: 1 / 0)
    assert tw.elastic_net(X, y, 0.01, max_iterations=1, tolerance=0).stop_reason == "iterations"


def test_corners():
    X, y = problem()
    X = np.column_stack([X, np.full(len(y), 7.0), X[:, 0]])
    fit = tw.elastic_net(X, y, [0.0, 0.1, 1e6], tolerance=1e-10)
    assert np.asarray(fit.penalties).tolist() == [1e6, 0.1, 0.0]
    assert not np.asarray(fit.coefficients)[:, 30].any() and not np.asarray(fit.coefficients)[0].any()
    np.testing.assert_allclose(fit.predict(X, 2), tw.lstsq(X, y).predict(X), atol=1e-3)
    assert tw.elastic_net([[1.0]], [2.0], 0.1).intercept.item() == 2
    assert tw.elastic_net([1.0, 2, 3], [5.0, 5, 5]).coefficients.shape == (100, 1)
    ridge = tw.elastic_net(X[:, :30], y, 0.2, l1_ratio=0, tolerance=1e-12)
    exact = tw.lstsq(X[:, :30], y, ridge=0.2 * len(y))
    np.testing.assert_allclose(ridge.coefficient, exact.coefficients, atol=1e-4)


def test_bad_input():
    X, y = problem(10, 3)
    hole = np.where(np.arange(30).reshape(10, 3) == 7, np.nan, X)
    cases = [
        (ValueError, "rows", lambda: tw.elastic_net(X[:4], y)),
        (ValueError, "no rows", lambda: tw.elastic_net(X[:0], y[:0])),
        (ValueError, "l1_ratio is 2", lambda: tw.elastic_net(X, y, l1_ratio=2)),
        (ValueError, "l1_ratio is 0", lambda: tw.elastic_net(X, y, l1_ratio=0)),
        (ValueError, "penalty is -1", lambda: tw.elastic_net(X, y, [-1.0])),
        (ValueError, "penalty_count", lambda: tw.elastic_net(X, y, [])),
        (ValueError, "penalty_ratio is 1", lambda: tw.elastic_net(X, y, penalty_ratio=1)),
        (ValueError, "1 folds", lambda: tw.elastic_net(X, y, folds=1)),
        (ValueError, "11 folds of 10 rows", lambda: tw.elastic_net(X, y, folds=11)),
        (ValueError, "one fold", lambda: tw.elastic_net(X, y, folds=np.zeros(10, int))),
        (ValueError, "none may be negative", lambda: tw.elastic_net(X, y, weights=-np.ones(10))),
        (ValueError, "mode 'x'", lambda: tw.elastic_net(X, y, mode="x")),
        (IndexError, "penalty 5 of 1", lambda: tw.elastic_net(X, y, 1.0).predict(X, 5)),
        (ValueError, "3 columns", lambda: tw.elastic_net(X, y, 1.0).predict(X[:, :2])),
        (tw.TalwegError, "X has nan in row 2, column 1", lambda: tw.elastic_net(hole, y)),
    ]  # fmt: skip
    for error, words, call in cases:
        with pytest.raises(error, match=words):
            call()


def ridge_oracle(X, y, penalty, w, intercept):
    A = np.column_stack([X, np.ones(len(y))]) if intercept else X
    D = np.diag([penalty] * X.shape[1] + [0.0] * intercept)
    inverse = np.linalg.inv(A.T @ (w[:, None] * A) + D)
    b = inverse @ (A.T @ (w * y))
    hat = np.einsum("ij,jk,ik->i", A, inverse, A) * w
    return b, y - A @ b, hat


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("shape", [(60, 8), (12, 30)])
def test_ridge_path(intercept, weighted, shape):
    X, y = problem(*shape, seed=9)
    w = np.random.default_rng(1).uniform(0.5, 2, size=len(y)) if weighted else np.ones(len(y))
    penalties = [50.0, 3.0, 0.2]
    alone = []
    gcv = tw.ridge_path(X, y, penalties, weights=w, intercept=intercept)
    loo = tw.ridge_path(X, y, penalties, weights=w, intercept=intercept, criterion="loo")
    for k, penalty in enumerate(penalties):
        b, residual, hat = ridge_oracle(X, y, penalty, w, intercept)
        np.testing.assert_allclose(gcv.coefficients[k], b[: X.shape[1]], rtol=1e-8, atol=1e-10)
        assert gcv.intercepts[k].item() == pytest.approx(b[-1] if intercept else 0, rel=1e-8)
        rss = np.sum(w * residual**2)
        assert gcv.errors[k].item() == pytest.approx(rss / w.sum() / (1 - hat.sum() / len(y)) ** 2, rel=1e-8)
        assert loo.errors[k].item() == pytest.approx(np.sum(w * (residual / (1 - hat)) ** 2) / w.sum(), rel=1e-8)
        alone.append(np.mean((residual / (1 - hat)) ** 2))
        # The closed form is what leaving each row out gives.
        left = 0.0
        for i in range(len(y)):
            kept = np.arange(len(y)) != i
            b, _, _ = ridge_oracle(X[kept], y[kept], penalty, w[kept], intercept)
            left += w[i] * (y[i] - X[i] @ b[: X.shape[1]] - (b[-1] if intercept else 0)) ** 2
        assert loo.errors[k].item() == pytest.approx(left / w.sum(), rel=1e-7)
    folds = tw.ridge_path(X, y, penalties, weights=w, intercept=intercept, criterion="folds", folds=np.arange(len(y)))
    # A mean over the folds, each with a weighted mean of its one row.
    np.testing.assert_allclose(folds.errors, alone, rtol=1e-6)
    assert loo.best == int(np.argmin(loo.errors)) and loo.stop_reason == "closed_form"


def test_ridge_agrees_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, y = problem(50, 6, seed=10)
    alphas = np.logspace(-3, 3, 13)
    theirs = linear_model.RidgeCV(alphas).fit(X, y)
    ours = tw.ridge_path(X, y, alphas, criterion="loo")
    assert ours.penalty == pytest.approx(theirs.alpha_)
    np.testing.assert_allclose(ours.coefficient, theirs.coef_, rtol=1e-8)
    assert -ours.errors[ours.best].item() == pytest.approx(theirs.best_score_, rel=1e-8)
    scaled = tw.ridge_path(X, y, 2.0, standardize=True)
    peer = linear_model.Ridge(2.0).fit((X - X.mean(0)) / X.std(0), y)
    np.testing.assert_allclose(scaled.coefficient, peer.coef_ / X.std(0), rtol=1e-8)
    twice = np.column_stack([X, X[:, 0], np.ones(50)])
    plain = tw.ridge_path(twice, y, 0.0)
    np.testing.assert_allclose(plain.coefficient, tw.lstsq(twice, y).coefficients, atol=1e-8)
    assert tw.ridge_path(X, y).coefficients.shape == (100, 6)
    for words, call in [("criterion 'aic'", lambda: tw.ridge_path(X, y, criterion="aic")),
                        ("1 folds", lambda: tw.ridge_path(X, y, criterion="folds", folds=1)),
                        ("a penalty is -1", lambda: tw.ridge_path(X, y, -1.0))]:  # fmt: skip
        with pytest.raises(ValueError, match=words):
            call()
