"""Least squares by singular values, and offsets."""

import numpy as np
import pytest
import scipy.linalg
import talweg as tw


def array(x):
    return np.asarray(x, dtype=float)


def problem(n=60, p=5, k=None, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, p)) * np.logspace(0, 2, p), rng.normal(size=n if k is None else (n, k)), rng.random(n)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("ridge", [0.0, 3.0])
@pytest.mark.parametrize("weighted", [True, False])
def test_all_that_qr_tells(intercept, ridge, weighted):
    X, y, w = problem(k=3)
    options = {"intercept": intercept, "ridge": ridge, "weights": w if weighted else None}
    svd, qr = tw.lstsq(X, y, method="svd", **options), tw.lstsq(X, y, **options)
    for name in (
        "coefficients", "intercept", "standard_errors", "rss", "r_squared", "tvalues", "pvalues", "llf", "aic",
        "fvalue", "resid", "variance_inflation",
    ):
        np.testing.assert_allclose(array(getattr(svd, name)), array(getattr(qr, name)), rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(array(svd.cov_params()), array(qr.cov_params()), rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(array(svd.cov_HC3), array(qr.cov_HC3), rtol=1e-8, atol=1e-15)
    influence = svd.get_influence().hat_matrix_diag, qr.get_influence().hat_matrix_diag
    np.testing.assert_allclose(array(influence[0]), array(influence[1]), rtol=1e-9)
    np.testing.assert_allclose(
        array(svd.get_prediction(X).se_mean), array(qr.get_prediction(X).se_mean), rtol=1e-9
    )
    assert svd.rank == qr.rank == 5 and svd.degrees_of_freedom == qr.degrees_of_freedom
    assert svd.condition == pytest.approx(qr.condition, rel=0.05)
    assert svd.stop_reason == "closed_form"


def test_singular_values():
    X, y, w = problem()
    fit = tw.lstsq(X, y, method="svd", intercept=False)
    np.testing.assert_allclose(array(fit.singular_values), np.linalg.svd(X, compute_uv=False), rtol=1e-13)
    fit = tw.lstsq(X, y, method="svd", weights=w)
    centred = (X - np.average(X, axis=0, weights=w)) * np.sqrt(w)[:, None]
    np.testing.assert_allclose(array(fit.singular_values), np.linalg.svd(centred, compute_uv=False), rtol=1e-12)
    tiny = tw.lstsq(X * 1e-200, y, method="svd", intercept=False)
    np.testing.assert_allclose(array(tiny.singular_values) * 1e200, np.linalg.svd(X, compute_uv=False), rtol=1e-13)
    with pytest.raises(tw.TalwegError, match="SVD") as failure:
        _ = tw.lstsq(X, y).singular_values
    assert failure.value.status == "TW_ERROR_STATE"


@pytest.mark.parametrize(("n", "p", "rank"), [(20, 8, 3), (5, 12, 5), (8, 8, 7), (30, 4, 1)])
def test_the_shortest_solution_as_numpy(n, p, rank):
    rng = np.random.default_rng(n)
    X = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, p))
    y = rng.normal(size=n)
    fit = tw.lstsq(X, y, method="svd", intercept=False)
    expected, _, expected_rank, values = np.linalg.lstsq(X, y)
    np.testing.assert_allclose(array(fit.coefficients), expected, rtol=1e-9, atol=1e-11)
    assert fit.rank == expected_rank == rank
    np.testing.assert_allclose(array(fit.singular_values)[:rank], values[:rank], rtol=1e-11)
    assert np.isinf(fit.condition)
    qr = tw.lstsq(X, y, intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), array(qr.coefficients), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(array(fit.standard_errors), array(qr.standard_errors), rtol=1e-8)


def test_small_singular_values_are_cut():
    # LAPACK's gelss with the same threshold.
    rng = np.random.default_rng(3)
    U, V = np.linalg.qr(rng.normal(size=(30, 6)))[0], np.linalg.qr(rng.normal(size=(6, 6)))[0]
    X, y = U * [10, 5, 2, 1, 1e-3, 1e-5] @ V, rng.normal(size=30)
    for cut, rank in ((1e-12, 6), (1e-5, 5), (1e-3, 4), (0.3, 2)):
        fit = tw.lstsq(X, y, method="svd", intercept=False, rank_tolerance=cut)
        assert fit.rank == rank
        np.testing.assert_allclose(
            array(fit.coefficients), scipy.linalg.lstsq(X, y, cond=cut, lapack_driver="gelss")[0], rtol=1e-8
        )


def test_columns_that_say_nothing():
    X, y, _ = problem()
    X = np.column_stack([X, np.zeros(60), np.ones(60)])
    fit = tw.lstsq(X, y, method="svd")
    assert fit.rank == 5 and fit.coefficients.tolist()[5:] == [0, 0]
    assert np.isnan(array(fit.standard_errors)[5:]).all() and np.isfinite(array(fit.standard_errors)[:5]).all()
    nothing = tw.lstsq(np.zeros((4, 2)), [1, 2, 3, 6], method="svd")
    assert nothing.rank == 0 and nothing.coefficients.tolist() == [0, 0] and nothing.intercept.item() == 3
    assert tw.lstsq(np.zeros((4, 2)), np.ones(4), method="svd", ridge=1.0).coefficients.tolist() == [0, 0]
    assert tw.lstsq(np.zeros((3, 0)), [1, 2, 6], method="svd").intercept.item() == 3


def test_an_ill_conditioned_matrix_is_refined():
    X = scipy.linalg.hilbert(12)[:, :8]
    b = np.arange(1.0, 9)
    fit = tw.lstsq(X, X @ b, method="svd", intercept=False)
    np.testing.assert_allclose(array(fit.coefficients), b, rtol=1e-5)


@pytest.mark.parametrize("method", ["qr", "svd", "cholesky"])
def test_offset_is_subtracted(method):
    X, y, w = problem()
    known = np.linspace(-3, 9, 60)
    fit, plain = (
        tw.lstsq(X, y, offset=known, weights=w, method=method), tw.lstsq(X, y - known, weights=w, method=method)
    )
    for name in ("coefficients", "intercept", "standard_errors", "rss", "r_squared", "resid", "fittedvalues"):
        np.testing.assert_array_equal(array(getattr(fit, name)), array(getattr(plain, name)))
    both = tw.lstsq(X, np.column_stack([y, y]), offset=np.column_stack([known, 0 * known]), method=method)
    np.testing.assert_array_equal(array(both.coefficients[1]), array(tw.lstsq(X, y, method=method).coefficients))


@pytest.mark.parametrize("method", ["qr", "svd", "cholesky"])
@pytest.mark.parametrize(
    ("offset", "error", "message"),
    [
        (np.zeros(59), ValueError, "offset"),
        (np.zeros((60, 1)), ValueError, "offset"),
        (np.r_[np.zeros(59), np.nan], tw.TalwegError, "offset has nan in row 59"),
        (np.r_[np.inf, np.zeros(59)], tw.TalwegError, "offset has inf in row 0"),
    ],
)
def test_offsets_that_are_refused(method, offset, error, message):
    X, y, _ = problem()
    with pytest.raises(error, match=message):
        tw.lstsq(X, y, offset=offset, method=method)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda X, y, w: (np.where(X == X[3, 1], np.nan, X), y, w), tw.TalwegError),
        (lambda X, y, w: (X, np.where(y == y[4], -np.inf, y), w), tw.TalwegError),
        (lambda X, y, w: (X[:0], y[:0], w[:0]), ValueError),
        (lambda X, y, w: (X, y, -w), ValueError),
        (lambda X, y, w: (X, y, 0 * w), ValueError),
        (lambda X, y, w: (X, y, w * np.nan), tw.TalwegError),
        (lambda X, y, w: (X, y[:9], w), ValueError),
    ],
)
def test_what_is_refused(change, error):
    X, y, w = change(*problem())
    with pytest.raises(error):
        tw.lstsq(X, y, weights=w, method="svd")


def test_weights_of_zero_leave_rows_out():
    X, y, w = problem()
    w[10:20] = 0
    fit, kept = tw.lstsq(X, y, weights=w, method="svd"), tw.lstsq(X[w > 0], y[w > 0], weights=w[w > 0], method="svd")
    np.testing.assert_allclose(array(fit.coefficients), array(kept.coefficients), rtol=1e-11)
    np.testing.assert_allclose(array(fit.standard_errors), array(kept.standard_errors), rtol=1e-11)
    assert fit.degrees_of_freedom == kept.degrees_of_freedom == 50 - 6
