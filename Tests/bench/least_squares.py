"""Least squares in the peers, under the names of talweg-bench. Each work comes with what judges the fit: the objective,
which is made least, by coefficients. The data are talweg-bench's, by the same generator."""

import re

import numpy as np

PENALTY = 0.1


def work(peer, name, threads):
    """What to call and what gives the objective of that which it gave; None where the peer has no such thing."""
    kind, sizes, *variant = re.fullmatch(r"(\w+)-([\dx]+)(?:-(\w+))?", name).groups()
    sizes = [int(size) for size in sizes.split("x")]
    if kind == "ols":
        return linear(peer, threads, *([1] * (3 - len(sizes))), *sizes, normal=variant == ["normal"])
    return {"logistic": logistic, "lasso": lasso, "curve": curve, "lsqr": smoothing, "nnls": non_negative}[kind](peer, *sizes)


class Draws:
    """Normal numbers as talweg draws them."""

    def __init__(self):
        import talweg

        self.generator = talweg.random.Generator(0)
        self.draw = talweg.random.normal

    def __call__(self, *shape):
        return self.draw(shape, generator=self.generator).numpy()


def linear(peer, threads, count, rows, columns, normal):
    draw = Draws()
    problems = []
    for _ in range(count):
        x = draw(rows, columns)
        problems.append((x, x.sum(1) + 0.1 * draw(rows)))
    # A column of ones fits the intercept, which talweg and scikit-learn fit by themselves.
    whole = [(np.column_stack([x, np.ones(rows)]), y) for x, y in problems]

    def judge(fits):
        return sum(np.sum((y - x @ np.append(*fit)) ** 2) for (x, y), fit in zip(whole, fits, strict=True))

    def split(b):
        return np.asarray(b).reshape(-1)[:columns], np.asarray(b).reshape(-1)[columns]

    def each(fit, data, parts=split):
        """Fits one after the other, of which none is kept; the judge makes its own."""

        def run():
            for x, y in data:
                fit(x, y)

        return run, lambda _: judge(parts(fit(x, y)) for x, y in data)

    if normal:
        if peer != "numpy":
            return None
        return each(lambda x, y: np.linalg.solve(x.T @ x, x.T @ y), whole)
    if peer == "talweg":
        import talweg

        return each(talweg.lstsq, problems, lambda fit: (fit.coefficients.numpy(), fit.intercept.item()))
    if peer == "sklearn":
        from sklearn.linear_model import LinearRegression

        return each(lambda x, y: LinearRegression().fit(x, y), problems, lambda fit: (fit.coef_, fit.intercept_))
    if peer == "numpy":
        return each(lambda x, y: np.linalg.lstsq(x, y, rcond=None)[0], whole)
    if peer == "scipy":
        from scipy.linalg import lstsq

        return each(lambda x, y: lstsq(x, y, lapack_driver="gelsy")[0], whole)
    if peer == "torch":
        import torch

        torch.set_num_threads(threads)
        pairs = [(torch.from_numpy(x), torch.from_numpy(y)[:, None]) for x, y in whole]
        return each(lambda x, y: torch.linalg.lstsq(x, y)[0], pairs)
    return None


def logistic(peer, rows, columns):
    if peer not in ("sklearn", "talweg"):
        return None
    draw = Draws()
    x = draw(rows, columns)
    y = (0.2 * x.sum(1) + 1.7 * draw(rows) > 0).astype(float)

    def judge(b, constant):
        margin = np.where(y > 0, 1, -1) * (x @ b + constant)
        return np.logaddexp(0, -margin).sum() + b @ b / 2

    if peer == "sklearn":
        from sklearn.linear_model import LogisticRegression

        return (lambda: LogisticRegression(C=1.0).fit(x, y),
                lambda fit: judge(fit.coef_[0], fit.intercept_[0]))
    import talweg

    return (lambda: talweg.glm(x, y, family="binomial", ridge=1.0, standard_errors=False),
            lambda fit: judge(fit.coefficients.numpy(), fit.intercept.item()))


def lasso(peer, rows, columns):
    if peer not in ("sklearn", "talweg"):
        return None
    draw = Draws()
    x = draw(rows, columns)
    y = x[:, :10].sum(1) + draw(rows)

    def judge(b, constant):
        return np.mean((y - x @ b - constant) ** 2) / 2 + PENALTY * np.abs(b).sum()

    if peer == "sklearn":
        from sklearn.linear_model import Lasso

        return lambda: Lasso(alpha=PENALTY).fit(x, y), lambda fit: judge(fit.coef_, fit.intercept_)
    import talweg

    return (lambda: talweg.elastic_net(x, y, penalties=[PENALTY]),
            lambda fit: judge(fit.coefficients.numpy()[0], fit.intercepts.numpy()[0]))


def curve(peer, count):
    if peer not in ("scipy", "talweg"):
        return None
    x = np.linspace(0, 4, count)
    y = 2.5 * np.exp(-1.3 * x) + 0.5 + 0.05 * Draws()(count)

    def judge(fit):
        a, b, c = fit[0]
        return np.sum((a * np.exp(b * x) + c - y) ** 2)

    if peer == "scipy":
        from scipy.optimize import curve_fit

        return (lambda: curve_fit(lambda x, a, b, c: a * np.exp(-b * x) + c, x, y),
                lambda fit: judge((fit[0] * [1, -1, 1],)))
    import talweg

    exponential = talweg.Curve("exponential")
    return lambda: talweg.curve_fit(exponential, x, y), judge


def non_negative(peer, rows, columns):
    if peer not in ("scipy", "talweg"):
        return None
    draw = Draws()
    x = draw(rows, columns)
    y = x @ draw(columns) + draw(rows)
    if peer == "scipy":
        from scipy.optimize import nnls
    else:
        from talweg import nnls
    return lambda: nnls(x, y)[0], lambda b: np.sum((y - x @ np.asarray(b)) ** 2)


def smoothing(peer, rows, n):
    if peer not in ("scipy", "talweg"):
        return None
    from scipy import sparse

    side = int(n**0.5)
    step = sparse.diags_array([np.append(-np.ones(side - 1), 0), np.ones(side - 1)], offsets=[0, 1])
    identity = sparse.eye_array(side)
    matrix = sparse.vstack(
        [sparse.eye_array(n), 3 * sparse.kron(identity, step), 3 * sparse.kron(step, identity)], format="csr")
    assert matrix.shape == (rows, n)
    right = np.concatenate([Draws()(n), np.zeros(2 * n)])
    if peer == "scipy":
        from scipy.sparse.linalg import lsqr
    else:
        from talweg import lsqr
    return (lambda: lsqr(matrix, right, atol=1e-8, btol=1e-8, conlim=0)[0],
            lambda x: np.linalg.norm(right - matrix @ x))
