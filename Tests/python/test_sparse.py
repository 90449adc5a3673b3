"""talweg.lsqr: against SciPy's dense and iterative solvers."""

import numpy as np
import pytest

import talweg as tw

sparse = pytest.importorskip("scipy.sparse")
from scipy.sparse.linalg import LinearOperator  # noqa: E402
from scipy.sparse.linalg import lsqr as scipy_lsqr  # noqa: E402

RNG = np.random.default_rng(3)


def matrix(rows, columns):
    a = sparse.random(rows, columns, 0.2, random_state=7, format="csr")
    return a + sparse.eye(rows, columns, format="csr")


@pytest.mark.parametrize("method", ["lsqr", "cgls"])
@pytest.mark.parametrize("damp", [0.0, 0.5])
@pytest.mark.parametrize("shape", [(60, 40), (40, 40), (40, 60), (3000, 30)])
def test_solves_what_dense_solvers_do(method, damp, shape):
    a = matrix(*shape)
    b = RNG.normal(size=shape[0])
    dense = a.toarray()
    whole = np.vstack([dense, damp * np.eye(shape[1])])
    expected = np.linalg.lstsq(whole, np.r_[b, np.zeros(shape[1])], rcond=None)[0]
    for given in (a, a.tocsc(), a.tocoo(), dense, LinearOperator(shape, lambda x: a @ x, lambda y: a.T @ y)):
        found = tw.lsqr(given, b, damp=damp, method=method)
        assert found.istop in {1, 2}
        np.testing.assert_allclose(found.x, expected, rtol=1e-6, atol=1e-8)
        assert np.isclose(found.r1norm, np.linalg.norm(b - dense @ expected), atol=1e-6)
        assert np.isclose(found.xnorm, np.linalg.norm(expected))


def test_estimates_are_scipys():
    a, b = matrix(60, 40), RNG.normal(size=60)
    ours = tw.lsqr(a, b, atol=1e-8, btol=1e-8)
    theirs = scipy_lsqr(a, b, atol=1e-8, btol=1e-8)
    assert (ours.istop, ours.itn) == (theirs[1], theirs[2])
    # The last directions, and with them the estimates' last digits, depend on rounding.
    np.testing.assert_allclose(
        [ours.r1norm, ours.r2norm, ours.anorm, ours.acond, ours.xnorm], [theirs[i] for i in (3, 4, 5, 6, 8)],
        rtol=1e-3,
    )  # fmt: skip


def test_start_callback_and_limits(capsys):
    a, b = matrix(60, 40), RNG.normal(size=60)
    solution = tw.lsqr(a, b).x
    assert tw.lsqr(a, b, x0=solution, atol=1e-6).itn < 3
    seen = []
    assert tw.lsqr(a, b, callback=lambda *told: seen.append(told) or len(seen) == 4).istop == 8
    assert [told[0] for told in seen] == [1, 2, 3, 4]
    assert tw.lsqr(a, b, iter_lim=2).istop == 7
    assert tw.lsqr(a, b, conlim=2).istop == 3
    tw.lsqr(a, b, show=True, iter_lim=2)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_what_goes_wrong():
    a, b = matrix(6, 4), np.ones(6)
    with pytest.raises(ValueError, match="5 numbers for 6 rows"):
        tw.lsqr(a, np.ones(5))
    with pytest.raises(ValueError, match="damp is -1"):
        tw.lsqr(a, b, damp=-1)
    with pytest.raises(ValueError, match="none of 'lsqr'"):
        tw.lsqr(a, b, method="qr")
    with pytest.raises(ValueError, match="matrix is needed"):
        tw.lsqr(np.ones(3), b)
    with pytest.raises(tw.TalwegError, match="b has nan at 0"):
        tw.lsqr(a, b * np.nan)
    with pytest.raises(ZeroDivisionError):
        tw.lsqr(LinearOperator((6, 4), lambda x: 1 / 0, lambda y: y[:4]), b)
    with pytest.raises(ValueError, match="gave 3 numbers; 4 are needed"):
        tw.lsqr(type("A", (), {"shape": (6, 4), "matvec": lambda s, x: np.ones(6), "rmatvec": lambda s, y: y[:3]})(), b)
    with pytest.raises(tw.TalwegError, match="not finite"):
        tw.lsqr(LinearOperator((6, 4), lambda x: np.full(6, np.nan), lambda y: y[:4], dtype=float), b)
