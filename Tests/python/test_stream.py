"""Least squares of rows that come in blocks, against the fit of all of them."""

import pickle

import numpy as np
import pytest

import talweg as tw

FIGURES = (
    "coefficients", "intercept", "standard_errors", "intercept_standard_error", "rss", "r_squared", "tvalues",
    "pvalues", "fvalue", "llf", "aic", "bic", "rsquared_adj", "variance_inflation",
)  # fmt: skip


def same(fit, whole, rtol=1e-10):
    assert (fit.rank, fit.degrees_of_freedom) == (whole.rank, whole.degrees_of_freedom)
    for name in FIGURES:
        found, expected = getattr(fit, name).numpy(), getattr(whole, name).numpy()
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * 1e-3, err_msg=name)
    np.testing.assert_allclose(fit.cov_params().numpy(), whole.cov_params().numpy(), rtol=rtol * 10, atol=1e-12)
    np.testing.assert_allclose(fit.condition, whole.condition, rtol=0.05)  # estimates
    np.testing.assert_allclose(fit.condition_number, whole.condition_number, rtol=1e-8)


def data(rng, n=300, p=4, k=None):
    X = rng.normal(size=(n, p)) * np.geomspace(1, 100, p) + np.arange(p) * 30
    B = rng.normal(size=(p,) if k is None else (p, k))
    return X, X @ B + 2 + rng.normal(size=n if k is None else (n, k)), rng.uniform(0.1, 4, n)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("ridge", [0.0, 3.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [None, 1, 3])
@pytest.mark.parametrize("step", [1, 7, 64, 300])
def test_blocks(intercept, ridge, weighted, k, step, rng):
    X, y, weights = data(rng, k=k)
    stream = tw.LstsqStream(4, k, intercept=intercept, ridge=ridge)
    for i in range(0, 300, step):
        stream.push(X[i : i + step], y[i : i + step], weights[i : i + step] if weighted else None)
    assert stream.rows == 300
    same(stream.solve(), tw.lstsq(X, y, intercept=intercept, ridge=ridge, weights=weights if weighted else None))


def test_wide(rng):
    X, y, _ = data(rng, 700, 60)
    stream = tw.LstsqStream(60)
    for i in range(0, 700, 100):
        stream.push(X[i : i + 100], y[i : i + 100])
    same(stream.solve(), tw.lstsq(X, y))


def test_far_offsets(rng):
    """Columns whose means are large beside their spread, also where the first rows do not show it."""
    X, y, _ = data(rng)
    for shift in (np.full(300, 1e7), np.where(np.arange(300) < 3, 0, 1e7)):
        far = X + shift[:, None]
        whole = tw.lstsq(far, y)
        stream = tw.LstsqStream(4)
        for i in range(0, 300, 10):
            stream.push(far[i : i + 10], y[i : i + 10])
        np.testing.assert_allclose(stream.solve().coefficients.numpy(), whole.coefficients.numpy(), rtol=1e-7)
        np.testing.assert_allclose(stream.solve().rss.item(), whole.rss.item(), rtol=1e-7)


def test_scales_that_grow(rng):
    X, y, _ = data(rng)
    X[:10] *= 1e-250
    X[100:] *= 1e120
    stream = tw.LstsqStream(4)
    for i in range(0, 300, 10):
        stream.push(X[i : i + 10], y[i : i + 10] * 1e100, np.full(10, 1e-100 if i < 200 else 1e100))
    whole = tw.lstsq(X, y * 1e100, weights=np.where(np.arange(300) < 200, 1e-100, 1e100))
    np.testing.assert_allclose(stream.solve().tvalues.numpy(), whole.tvalues.numpy(), rtol=1e-8)
    np.testing.assert_allclose(stream.solve().llf.item(), whole.llf.item(), rtol=1e-10)


def test_forgetting(rng):
    X, y, weights = data(rng, 60)
    for step in (1, 9, 60):
        stream = tw.LstsqStream(4, forgetting=0.9)
        for i in range(0, 60, step):
            stream.push(X[i : i + step], y[i : i + step], weights[i : i + step])
        same(stream.solve(), tw.lstsq(X, y, weights=weights * 0.9 ** np.arange(59, -1, -1)), rtol=1e-8)
    stream = tw.LstsqStream(4, forgetting=1e-3)
    for _ in range(30):
        stream.push(X[:20], y[:20])
    assert np.isfinite(stream.solve().coefficients.numpy()).all()


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("k", [None, 2])
def test_merge(intercept, k, rng):
    X, y, weights = data(rng, k=k)
    X[150:] = X[150:] * 10 + 1000
    a, b = (tw.LstsqStream(4, k, intercept=intercept) for _ in range(2))
    a.push(X[:150], y[:150])
    b.push(X[150:], y[150:], weights[150:])
    kept = b.to_bytes()
    a.merge(b)
    weights[:150] = 1
    same(a.solve(), tw.lstsq(X, y, intercept=intercept, weights=weights), rtol=1e-9)
    assert b.to_bytes() == kept and a.rows == 300
    empty = tw.LstsqStream(4, k, intercept=intercept)
    empty.merge(a)
    a.merge(tw.LstsqStream(4, k, intercept=intercept))
    assert empty.to_bytes() == a.to_bytes()
    b.merge(b)
    twice = tw.lstsq(X[150:], y[150:], intercept=intercept, weights=2 * weights[150:])
    np.testing.assert_allclose(b.solve().coefficients.numpy(), twice.coefficients.numpy(), rtol=1e-9)
    for other in (tw.LstsqStream(3, k, intercept=intercept), tw.LstsqStream(4, k, intercept=not intercept)):
        with pytest.raises(ValueError, match="merge"):
            a.merge(other)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("k", [None, 2])
def test_drop(intercept, k, rng):
    X, y, weights = data(rng, k=k)
    stream = tw.LstsqStream(4, k, intercept=intercept)
    stream.push(X, y, weights)
    stream.drop(X[:200], y[:200], weights[:200])
    assert stream.rows == 100
    same(stream.solve(), tw.lstsq(X[200:], y[200:], intercept=intercept, weights=weights[200:]), rtol=1e-9)
    # A window that slides for long.
    for i in range(200):
        stream.push(X[i : i + 1], y[i : i + 1], weights[i : i + 1])
        j = (200 + i) % 300
        stream.drop(X[j : j + 1], y[j : j + 1], weights[j : j + 1])
    kept = np.r_[100:200]
    same(stream.solve(), tw.lstsq(X[kept], y[kept], intercept=intercept, weights=weights[kept]), rtol=1e-8)


def test_drop_what_cannot_go(rng):
    X, y, _ = data(rng, 20)
    stream = tw.LstsqStream(4)
    stream.push(X, y)
    kept = stream.to_bytes()
    for rows, targets in (
        (X[:1] + 1e3, y[:1]), (X[:1], y[:1] + 1e3), (X[:17], y[:17]), (np.vstack([X, X]), np.append(y, y)),
    ):  # fmt: skip
        with pytest.raises(tw.TalwegError) as error:
            stream.drop(rows, targets)
        assert error.value.status == "TW_ERROR_NUMERIC" and "drop" in str(error.value)
        assert stream.to_bytes() == kept
    for rows in (np.full((1, 4), np.nan), np.full((1, 4), 1e300)):
        with pytest.raises(tw.TalwegError):
            stream.drop(rows, y[:1])
    with pytest.raises(ValueError):
        stream.drop(X[:2], y[:2], [1, -1])
    assert stream.to_bytes() == kept


def test_no_rows_yet(rng):
    stream = tw.LstsqStream(2)
    with pytest.raises(tw.TalwegError) as error:
        stream.solve()
    assert error.value.status == "TW_ERROR_STATE"
    stream.push(np.zeros((0, 2)), np.zeros(0))
    stream.push(rng.normal(size=(3, 2)), np.ones(3), np.zeros(3))
    with pytest.raises(tw.TalwegError, match="no rows"):
        stream.solve()
    assert stream.rows == 3


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_fewer_rows_than_columns(rows, rng):
    X, y = rng.normal(size=(rows, 6)), rng.normal(size=rows)
    for ridge in (0.0, 0.5):
        stream = tw.LstsqStream(6, ridge=ridge)
        stream.push(X, y)
        fit, whole = stream.solve(), tw.lstsq(X, y, ridge=ridge)
        assert (fit.rank, fit.degrees_of_freedom) == (whole.rank, whole.degrees_of_freedom)
        np.testing.assert_allclose(fit.coefficients.numpy(), whole.coefficients.numpy(), rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(fit.intercept.item(), whole.intercept.item(), rtol=1e-9)


def test_dependent_constant_and_zero_columns(rng):
    X = rng.normal(size=(40, 2))
    X = np.column_stack([X, X[:, 0] - X[:, 1], np.full(40, 7.0), np.zeros(40)])
    y = rng.normal(size=40)
    stream = tw.LstsqStream(5)
    for i in range(0, 40, 3):
        stream.push(X[i : i + 3], y[i : i + 3])
    fit, whole = stream.solve(), tw.lstsq(X, y)
    assert fit.rank == whole.rank == 2 and np.isinf(fit.condition)
    np.testing.assert_allclose(fit.coefficients.numpy(), whole.coefficients.numpy(), rtol=1e-9, atol=1e-12)
    stream.drop(X[:3], y[:3])


def test_bad_rows_change_nothing(rng):
    X, y, weights = data(rng, 50)
    stream = tw.LstsqStream(4)
    stream.push(X, y, weights)
    kept = stream.to_bytes()
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(tw.TalwegError, match="X has .* in row 30, column 2"):
            stream.push(np.where(X == X[30, 2], bad, X), y)
        with pytest.raises(tw.TalwegError, match="y has .* in row 31"):
            stream.push(X, np.where(y == y[31], bad, y))
        with pytest.raises(tw.TalwegError, match="weights has .* in row 32"):
            stream.push(X, y, np.where(weights == weights[32], bad, weights))
    for args in (
        (X, y, -weights), (X[:, :3], y), (X, y[:9]), (X, y, weights[:9]), (X, y[:, None]), (X[0], y[0]),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            stream.push(*args)
    assert stream.to_bytes() == kept


def test_wrong_options():
    for args, options in (
        ((-1,), {}), ((2, 0), {}), ((2, -1), {}), ((2,), {"ridge": -1}), ((2,), {"ridge": np.nan}),
        ((2,), {"forgetting": 0}), ((2,), {"forgetting": 1.1}), ((2,), {"rank_tolerance": 1}),
        ((0,), {"intercept": False}),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            tw.LstsqStream(*args, **options)
    only = tw.LstsqStream(0)
    only.push(np.zeros((3, 0)), [1.0, 2.0, 6.0])
    assert only.solve().intercept.item() == 3
    with pytest.raises((MemoryError, ValueError)):
        tw.LstsqStream(2**30)


def test_bytes(rng):
    X, y, weights = data(rng)
    stream = tw.LstsqStream(4, ridge=0.5, forgetting=0.99)
    stream.push(X[:100], y[:100], weights[:100])
    other = pickle.loads(pickle.dumps(stream))
    for one in (stream, other):
        one.push(X[100:], y[100:])
    assert stream.to_bytes() == other.to_bytes() and "300 rows" in repr(other)
    state = stream.to_bytes()
    for bad in (b"", state[:-1], state + b"\0", b"X" + state[1:], state[:8] + b"\x02" + state[9:], state[:8]):
        with pytest.raises(ValueError, match="lstsq_stream_load"):
            tw.LstsqStream.from_bytes(bad)
    for i in range(0, len(state), 8):
        try:
            tw.LstsqStream.from_bytes(state[:i] + b"\xff" * 8 + state[i + 8 :]).solve()
        except (tw.TalwegError, ValueError):
            pass


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1"])
def test_npy(dtype, tmp_path, rng):
    table = (rng.normal(size=(5000, 7)) * 20 + 100).astype(dtype)
    np.save(tmp_path / "all.npy", table)
    whole = tw.lstsq(table[:, :6].astype("f8"), table[:, 6].astype("f8"))
    stream = tw.LstsqStream(6)
    stream.push_npy(tmp_path / "all.npy")
    same(stream.solve(), whole)
    np.save(tmp_path / "X.npy", table[:, :6])
    np.save(tmp_path / "y.npy", table[:, 6])
    stream = tw.LstsqStream(6)
    stream.push_npy(tmp_path / "X.npy", tmp_path / "y.npy")
    same(stream.solve(), whole)
    # Targets in the middle, weights among them.
    weights = rng.integers(1, 5, 5000).astype(dtype)
    moved = np.column_stack([table[:, :2], table[:, 6], table[:, 2:4], weights, table[:, 4:6]])
    np.save(tmp_path / "moved.npy", moved)
    stream = tw.LstsqStream(6)
    stream.push_npy(tmp_path / "moved.npy", target_column=2, weight_column=5)
    same(stream.solve(), tw.lstsq(table[:, :6].astype("f8"), table[:, 6].astype("f8"), weights=weights.astype("f8")))
    np.save(tmp_path / "w.npy", weights)
    stream = tw.LstsqStream(6)
    stream.push_npy(tmp_path / "all.npy", weights=tmp_path / "w.npy")
    same(stream.solve(), tw.lstsq(table[:, :6].astype("f8"), table[:, 6].astype("f8"), weights=weights.astype("f8")))


def test_npy_that_do_not_fit(tmp_path, rng):
    X = rng.normal(size=(30, 3))
    stream = tw.LstsqStream(2)
    stream.push(X[:, :2], X[:, 2])
    kept = stream.to_bytes()
    np.save(tmp_path / "good.npy", X)
    good = (tmp_path / "good.npy").read_bytes()

    def refused(error, content=None, **options):
        path = tmp_path / "bad.npy"
        if isinstance(content, np.ndarray):
            np.save(path, content)
        elif content is not None:
            path.write_bytes(content)
        with pytest.raises(error):
            stream.push_npy(path, **options)
        assert stream.to_bytes() == kept

    refused(OSError)
    for content in (b"", good[:5], good[:60], good[:-1], b"\x93NUMPX" + good[6:], good[:6] + b"\x09" + good[7:]):
        refused(ValueError, content)
    header = good[10:128]
    for old, new in (
        (b"'descr'", b"'descx'"), (b"<f8", b">f8"), (b"<f8", b"|O "), (b"<f8", b"<c8"), (b"False", b"True "),
        (b"(30, 3)", b"(30, -3)"), (b"(30, 3)", b"(99999999999999999999, 3)"), (b"(30, 3)", b"(31, 3)"),
        (b"(30, 3)", b"(4611686018427387904, 4)"), (b"}", b" "), (b"(30, 3)", b"()     "),
        (b"{", b"[["), (b"'fortran_order': False, ", b" " * 24),
    ):  # fmt: skip
        assert old in header
        changed = header.replace(old, new)
        refused(
            (tw.TalwegError, NotImplementedError, ValueError),
            good[:8] + len(changed).to_bytes(2, "little") + changed + good[128:],
        )
    refused(ValueError, X[:, :2])
    refused(ValueError, np.zeros((3, 3, 3)))
    refused(tw.TalwegError, np.where(X == X[20, 1], np.nan, X))
    refused((ValueError, IndexError), X, target_column=3)
    refused((ValueError, IndexError), X, weight_column=9)
    np.save(tmp_path / "y.npy", X[:29, 2])
    refused(ValueError, X[:, :2], targets=tmp_path / "y.npy")
    with open(tmp_path / "v2.npy", "wb") as file:
        np.lib.format.write_array(file, X, version=(2, 0))
    stream.push_npy(tmp_path / "v2.npy")
    assert stream.rows == 60


def test_csv(tmp_path, rng):
    X, y, weights = data(rng, 500)
    table = np.column_stack([weights, X, y])
    np.savetxt(tmp_path / "t.csv", table, delimiter=";", header="w;a;b;c;d;y", fmt="%.17g")
    stream = tw.LstsqStream(4)
    stream.push_csv(tmp_path / "t.csv", weight_column=0, delimiter=";", skip_lines=1)
    same(stream.solve(), tw.lstsq(X, y, weights=weights))
    kept = stream.to_bytes()
    for text, error in (("1,2,3,4,5\n1,2,x,4,5\n", ValueError), ("1,2,3\n", ValueError),
                        ("1,2,3,4,5\n1,2,,4,5\n", tw.TalwegError)):  # fmt: skip
        (tmp_path / "bad.csv").write_text(text)
        with pytest.raises(error):
            stream.push_csv(tmp_path / "bad.csv")
        assert stream.to_bytes() == kept
    with pytest.raises(OSError):
        stream.push_csv(tmp_path / "nowhere.csv")


def test_rows_are_not_kept(rng):
    X, y, _ = data(rng)
    stream = tw.LstsqStream(4)
    stream.push(X, y)
    fit = stream.solve()
    with pytest.raises(ValueError, match="not kept"):
        fit.resid
    assert "Adjusted R-squared" in fit.summary()
    np.testing.assert_allclose(
        fit.get_prediction(X[:5]).conf_int().numpy(), tw.lstsq(X, y).get_prediction(X[:5]).conf_int().numpy(), rtol=1e-9
    )
