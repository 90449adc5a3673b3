"""Typical use of the package, for a type checker: test_types.py holds it to what mypy infers, and runs it."""

import copy
import pickle
from typing import assert_type

import numpy as np

import talweg as tw
from talweg import nn, optim
from talweg.data import DataLoader


def standardized(x: tw.Tensor) -> tw.Tensor:
    return (x - x.mean(axis=0)) / x.std(axis=0, keepdims=True)


def tensors() -> None:
    a = tw.asarray([[1.0, 2.0], [3.0, 4.0]], dtype=tw.float32)
    b = tw.ones((2, 2), "float64")
    assert_type(a.shape, tuple[int, ...])
    assert_type(a.dtype, tw.DType)
    assert_type(a + 1, tw.Tensor)
    assert_type(2.0**a, tw.Tensor)
    assert_type(a @ b.T, tw.Tensor)
    assert_type(a == b, tw.Tensor)
    assert_type(a[0, ..., None], tw.Tensor)
    assert_type(float(a.sum()), float)
    a[0] = [5.0, 6.0]
    a += 1
    parts = tw.unstack(a, axis=1)
    assert_type(parts, tuple[tw.Tensor, ...])
    assert_type(tw.concat([*parts, b[0]]), tw.Tensor)
    assert_type(tw.meshgrid(a[0], b[0], indexing="ij"), list[tw.Tensor])
    assert_type(tw.where(a > 2, a, 0), tw.Tensor)
    assert_type(tw.sum(a, axis=(0, 1), dtype=tw.float64), tw.Tensor)
    assert_type(standardized(a).tobytes(), bytes)


def namespace() -> None:
    xp = tw.ones(1).__array_namespace__(api_version="2024.12")
    assert xp is tw
    info = tw.__array_namespace_info__()
    assert_type(info.devices(), list[str])
    assert_type(info.dtypes(kind="real floating"), dict[str, tw.DType])
    assert_type(tw.result_type(tw.int32, 1.0, tw.ones(1)), tw.DType)
    assert_type(tw.finfo(tw.float32).eps, float)
    assert_type(tw.iinfo("int64").max, int)
    assert_type(tw.isdtype(tw.int32, ("bool", "integral")), bool)


def exchange() -> None:
    array = np.arange(3.0)
    tensor = tw.from_dlpack(array, copy=False)
    assert_type(tensor, tw.Tensor)
    assert_type(tensor.__dlpack_device__(), tuple[int, int])
    view = memoryview(tensor)
    assert view.format == "d"
    again = pickle.loads(pickle.dumps(copy.deepcopy(tensor)))
    assert again.tolist() == array.tolist()


def gradients() -> None:
    x = tw.tensor([1.0, 2.0], requires_grad=True)
    loss = (x**2).sum()
    loss.backward()
    assert_type(x.grad, tw.Tensor | None)
    assert_type(tw.grad((x**3).sum(), x), tw.Tensor)
    assert_type(tw.grad((x**3).sum(), [x]), tuple[tw.Tensor, ...])
    with tw.no_grad():
        x -= 0.1


class Network(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(3, width)
        self.scale = nn.Parameter(np.ones(width))

    def forward(self, x: tw.Tensor) -> tw.Tensor:
        return tw.relu(self.first(x)) * self.scale


def training() -> None:
    X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    optimizer = optim.Adam(model, lr=0.01)
    for x, y in DataLoader(X, X[:, :1], batch_size=8):
        optimizer.zero_grad()
        tw.mse_loss(model(x), y).backward()
        optimizer.step()
    history = tw.fit(model, X, X[:, :1], optimizer=optimizer, epochs=1)
    assert_type(history, tw.History)
    fit = tw.lstsq(X, X[:, 0])
    assert_type(fit, tw.LstsqResult)
    assert_type(fit.pvalues, tw.Tensor)
    assert_type(fit.cov_robust("HAC", maxlags=2), tw.Tensor)
    assert_type(fit.get_prediction(X).conf_int(obs=True), tw.Tensor)
    assert_type(fit.get_influence().cooks_distance, tw.Tensor)
    assert_type(fit.summary(["a", "b", "c"]), str)
    stream = tw.LstsqStream(3)
    stream.push(X, X[:, 0])
    assert_type(stream.solve(), tw.LstsqResult)
    Network(4).parameters()


def regressions() -> None:
    X = np.random.default_rng(0).normal(size=(32, 3))
    x, norm = tw.nnls(X, X[:, 0])
    assert_type(x, tw.Tensor)
    assert_type(norm, float)
    assert_type(tw.lsq_linear(X, X[:, 0], (-1, np.inf)).success, bool)
    fit = tw.constrained_lstsq(X, X[:, 0], bounds=(0, None), equality=([[1, 1, 1]], [1]))
    assert_type(fit.bound_multipliers, tw.Tensor)
    assert_type(tw.total_least_squares(X, X[:, 0]).correction_norm, float)
    assert_type(tw.gls(X, X[:, 0], np.eye(32)).wresid, tw.Tensor)
    basis = tw.design.bspline(X[:, 0], knots=[0.0, 0.5])
    assert_type(basis, tw.design.Basis)
    assert_type(basis(X[:, 0]), tw.Tensor)
    assert_type(tw.polyfit(X[:, 0], X[:, 1], 2), tw.Tensor)


if __name__ == "__main__":
    tensors()
    namespace()
    exchange()
    gradients()
    training()
    regressions()
