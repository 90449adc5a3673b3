"""The package as a whole: leaks, threads, its stubs, what it imports."""

import ast
import gc
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import _talweg, nn, optim

STUB = Path(_talweg.__file__).with_name("_talweg.pyi")


def test_versions():
    assert tw.__version__ == tw.version() and tw.version().count(".") == 2
    assert "threads" in tw.build_info() and tw.num_threads() >= 1


def test_the_stub_names_what_there_is():
    tree = ast.parse(STUB.read_text())
    stubbed = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            members = [n for n in getattr(node, "body", []) if isinstance(n, ast.FunctionDef | ast.AnnAssign)]
            stubbed[node.name] = {n.name if isinstance(n, ast.FunctionDef) else n.target.id for n in members}
        elif isinstance(node, ast.AnnAssign) and not isinstance(node.annotation, ast.Name | ast.Attribute):
            continue
        elif isinstance(node, ast.AnnAssign) and getattr(node.annotation, "id", "") == "DType":
            stubbed[node.target.id] = set()
    real = {name for name in dir(_talweg) if not name.startswith("__")}
    assert set(stubbed) == real
    for name, members in stubbed.items():
        kind = getattr(_talweg, name)
        if isinstance(kind, type):
            own = {member for member in vars(kind) if not member.startswith("__")}
            assert own == {m for m in members if not m.startswith("__") and m != "status"}, name


def test_public_functions_have_docstrings():
    for module in (tw, nn, optim, tw.autograd, tw.data, tw.linalg, tw.plots, tw.random, tw.linear_model):
        for name in dir(module):
            value = getattr(module, name)
            if not name.startswith("_") and getattr(value, "__module__", "").startswith("talweg"):
                assert value.__doc__, f"{module.__name__}.{name}"
    for name in dir(tw.Tensor):
        if not name.startswith("_"):
            assert getattr(tw.Tensor, name).__doc__, name


def test_import_is_light():
    code = "import sys, talweg; print([m for m in ('numpy', 'tqdm', 'matplotlib', 'sklearn') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def workload():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 3)).astype("float32")
    a = tw.asarray(X)
    a.requires_grad = True
    (tw.concat([a, a.T.reshape(20, 3)])[::2, [0, 1]] * 2.0 + X[:, :2]).sum().backward()
    tw.grad((a**3).sum(), a, create_graph=True)
    assert a.grad.tolist() and repr(a) and a.numpy() is not None and (a[0] + [1, 2, 3]).tolist()
    assert [row.shape for row in a] == [(3,)] * 20
    tw.lstsq(X, X[:, 0], callback=None).predict(X)
    tw.lstsq(X, X, method="gradient_descent", max_iterations=3, callback=lambda p: p.coefficients[0, 0] is None)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(3, 2)
            self.shift = nn.Parameter(np.zeros(2, "float32"))

        def forward(self, x):
            return self.layer(x) + self.shift

    model = nn.Sequential(Net(), nn.Dropout(0.1), nn.Linear(2, 2))
    optimizer = optim.Adam(model)
    tw.fit(
        model, X, X[:, :2], optimizer=optimizer, epochs=2, batch_size=8, validation_split=0.2, callback=lambda p: None
    )
    model.load_state_dict(model.state_dict())
    model[0].shift = nn.Parameter(np.ones(2, "float32"))
    for x, y in tw.data.DataLoader(X, X, batch_size=8, shuffle=True):
        optimizer.zero_grad()
        tw.mse_loss(model(x), y[:, :2]).backward()
        optimizer.step()
    for bad in (
        lambda: a @ a, lambda: a[[99]], lambda: a[0, 0, 0], lambda: tw.zeros((-1,)), lambda: tw.tensor("x"),
        lambda: tw.lstsq(X, X[:3]), lambda: model(X[:, :2]), lambda: nn.Linear(2, 2, init="x"), lambda: a + None,
        lambda: tw.concat([a, None]), lambda: tw.load_safetensors("/nowhere"), lambda: nn.Parameter([1]),
    ):  # fmt: skip
        with pytest.raises((ValueError, TypeError, IndexError, OSError)):
            bad()


def test_nothing_leaks():
    workload()
    gc.collect()
    handles = tw.live_handles()
    counts = []
    for _ in range(4):
        for _ in range(5):
            workload()
        gc.collect()
        counts.append(len(gc.get_objects()))
    assert tw.live_handles() == handles
    assert counts[-1] <= counts[1] + 20


@pytest.mark.skipif(not hasattr(sys, "gettotalrefcount") and not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_where_it_is():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def churn(count):
        x = tw.ones((64, 64), requires_grad=True)
        array = np.ones(100_000)
        for _ in range(count):
            ((x * 2).exp().sum() + tw.asarray(array).sum()).backward()
            x.zero_grad()
            tw.tensor([[1.0, 2.0], [3.0, 4.0]]).tolist()
            bytes(memoryview(x.detach()))
            str(x)

    churn(200)
    before = resident()
    churn(1500)
    assert resident() - before < 20e6


def test_references_of_what_is_refused():
    values = [object(), "text", None, 1j]
    for value in values:
        before = sys.getrefcount(value)
        for _ in range(20):
            for call in (
                lambda v: tw.tensor(v),
                lambda v: tw.ones(1) + v,
                lambda v: tw.ones(1)[v, 0, 0],
                lambda v: tw.where(v, v, v),
            ):
                with pytest.raises((TypeError, ValueError, IndexError)):
                    call(value)
        assert sys.getrefcount(value) - before < 5 or sys.getrefcount(value) > 10**6


def test_callables_are_let_go():
    class Callback:
        def __call__(self, progress):
            return False

    callback = Callback()
    before = sys.getrefcount(callback)
    for _ in range(10):
        tw.lstsq([1.0, 2, 3], [1.0, 2, 4], method="gradient_descent", max_iterations=3, callback=callback)
        model = nn.Linear(1, 1)
        tw.fit(model, [[1.0]], [[2.0]], optimizer=optim.SGD(model), epochs=2, callback=callback)
    assert sys.getrefcount(callback) == before


def test_threads_side_by_side():
    errors = []

    def work(seed):
        try:
            rng = np.random.default_rng(seed)
            for _ in range(30):
                a = tw.tensor(rng.normal(size=(40, 40)), requires_grad=True)
                (a @ a.T).sum().backward()
                np.testing.assert_allclose(
                    a.grad.numpy(), np.broadcast_to(2 * a.detach().numpy().sum(0), (40, 40)), rtol=1e-9
                )
                with pytest.raises(ValueError, match=rf"\[{seed + 2}\]"):
                    a + tw.ones(seed + 2)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_collected_with_a_cycle():
    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter([1.0])
            self.me = [self]

        def forward(self, x):
            return x * self.weight

    gc.collect()
    before = tw.live_handles()
    for _ in range(10):
        nn.Sequential(Holder())(tw.ones(1))
    gc.collect()
    assert tw.live_handles() == before


def test_all_names_what_there_is():
    # linear_model is there once it is asked for, and `import *` does not ask: it imports scikit-learn.
    present = {name for name in vars(tw) if not name.startswith("_")}
    assert sorted(tw.__all__) == sorted(present - {"linear_model"})
