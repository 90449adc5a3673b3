"""Modules: layers against NumPy, registration by attribute, state, files."""

import copy
import gc
import weakref

import numpy as np
import pytest
import scipy.special

import talweg as tw
from talweg import nn


class Net(nn.Module):
    def __init__(self, generator=None):
        super().__init__()
        self.first = nn.Linear(4, 8, generator=generator)
        self.scale = nn.Parameter(np.ones(8, dtype="float32"))
        self.second = nn.Linear(8, 3, generator=generator)
        self.label = "a plain attribute"

    def forward(self, x):
        return self.second(self.first(x).tanh() * self.scale)


def test_linear(rng):
    layer = nn.Linear(4, 3, dtype="float64")
    x = rng.normal(size=(5, 4))
    expected = x @ layer.weight.numpy().T + layer.bias.numpy()
    np.testing.assert_allclose(layer(x).numpy(), expected)
    assert layer.weight.shape == (3, 4) and layer.bias.shape == (3,) and layer.weight.requires_grad
    assert isinstance(layer.weight, nn.Parameter) and nn.Linear(2, 1, bias=False).bias is None
    assert layer(rng.normal(size=(2, 6, 4))).shape == (2, 6, 3)
    assert nn.Linear(2, 1).weight.dtype == tw.float32
    assert nn.Linear(in_features=2, out_features=1, bias=False).weight.shape == (1, 2)


@pytest.mark.parametrize(
    ("init", "check"),
    [
        ("default", lambda w: np.abs(w).max() <= 1 / np.sqrt(300) and w.std() == pytest.approx(1 / np.sqrt(900), rel=0.02)),
        ("he_uniform", lambda w: np.abs(w).max() <= np.sqrt(6 / 300) and w.std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)),
        ("he_normal", lambda w: w.std() == pytest.approx(np.sqrt(2 / 300), rel=0.02) and np.abs(w).max() > 3 * w.std()),
        ("xavier_uniform", lambda w: np.abs(w).max() <= np.sqrt(6 / 500) and w.std() == pytest.approx(np.sqrt(2 / 500), rel=0.02)),
        ("xavier_normal", lambda w: w.std() == pytest.approx(np.sqrt(2 / 500), rel=0.02) and np.abs(w).max() > 3 * w.std()),
        ("uniform", lambda w: 0.49 < np.abs(w).max() <= 0.5),
        ("normal", lambda w: w.std() == pytest.approx(0.5, rel=0.02)),
        ("zeros", lambda w: not w.any()),
    ],
)  # fmt: skip
def test_initialisers(init, check):
    layer = nn.Linear(300, 200, init=init, scale=0.5, dtype="float64", generator=tw.random.Generator(4))
    again = nn.Linear(300, 200, init=init, scale=0.5, dtype="float64", generator=tw.random.Generator(4))
    weight = layer.weight.detach().numpy()
    assert check(weight)
    np.testing.assert_array_equal(weight, again.weight.numpy())
    assert init == "default" or not layer.bias.numpy().any()


@pytest.mark.parametrize(
    ("layer", "oracle"),
    [
        (nn.ReLU(), lambda x: np.maximum(x, 0)),
        (nn.Tanh(), np.tanh),
        (nn.Sigmoid(), scipy.special.expit),
        (nn.GELU(), lambda x: x * (1 + scipy.special.erf(x / np.sqrt(2))) / 2),
        (nn.Softmax(), lambda x: scipy.special.softmax(x, -1)),
        (nn.Softmax(axis=0), lambda x: scipy.special.softmax(x, 0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_activations(layer, oracle, rng):
    x = rng.normal(size=(3, 4))
    np.testing.assert_allclose(layer(x).numpy(), oracle(x), rtol=1e-12)
    assert list(layer.parameters()) == []


def test_dropout_has_its_modes():
    layer = nn.Dropout(0.5, seed=3)
    x = tw.ones(1000)
    values = layer(x).numpy()
    assert set(np.unique(values)) == {0, 2} and 400 < np.count_nonzero(values) < 600
    assert layer.eval() is layer and not layer.training
    np.testing.assert_array_equal(layer(x).numpy(), 1)
    np.testing.assert_array_equal(nn.Dropout(0.5, seed=3)(x).numpy(), values)
    for p in (-0.1, 1.0, float("nan")):
        with pytest.raises(ValueError):
            nn.Dropout(p)


def test_sequential(rng):
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    x = rng.normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(model(x).numpy(), model[2](model[1](model[0](x))).numpy())
    assert len(model) == 3 and [type(m) for m in model] == [nn.Linear, nn.Tanh, nn.Linear] and model[-1] is model[2]
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert next(model.parameters()) is model[0].weight
    model.append(nn.ReLU())
    assert (model(x).numpy() >= 0).all() and len(nn.Sequential()) == 0
    assert model.parameter_size == 4 * 8 + 8 + 8 * 3 + 3
    assert "weight [8, 4], bias [8]" in repr(model) and repr(Net()).startswith("Net\n")
    with pytest.raises(TypeError):
        nn.Sequential(lambda x: x)


def test_a_module_of_ones_own(rng):
    net = Net()
    names = [name for name, _ in net.named_parameters()]
    assert names == ["scale", "first.weight", "first.bias", "second.weight", "second.bias"]
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert net.label == "a plain attribute"
    x = rng.normal(size=(5, 4)).astype("float32")
    loss = tw.mse_loss(net(x), np.zeros((5, 3), "float32"))
    loss.backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None or not p.grad.numpy().any() for p in net.parameters())


def test_ones_own_module_inside_the_engines(rng):
    net = Net(tw.random.Generator(2))
    model = nn.Sequential(nn.Linear(2, 4), net)
    x = rng.normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(model(x).numpy(), net(model[0](x)).numpy())
    assert "1.first.weight" in dict(model.named_parameters())
    model(x).sum().backward()
    through = [p.grad.numpy().copy() for p in model.parameters()]
    model.zero_grad()
    net(model[0](x)).sum().backward()
    for a, b in zip(through, model.parameters(), strict=True):
        np.testing.assert_array_equal(a, b.grad.numpy())
    model.eval()
    assert not net.training and not net.first.training
    model.train()
    assert net.training


def test_attributes_register_and_unregister():
    net = Net()
    net.scale = nn.Parameter([2.0] * 8)
    assert len(list(net.parameters())) == 5 and dict(net.named_parameters())["scale"] is net.scale
    net.scale = None
    assert [name for name, _ in net.named_parameters()][0] == "first.weight"
    net.first = nn.Parameter([1.0])
    assert dict(net.named_parameters()).keys() == {"first", "second.weight", "second.bias"}
    del net.second
    assert [name for name, _ in net.named_parameters()] == ["first"]
    assert not hasattr(net, "second")
    with pytest.raises(AttributeError):
        del net.second
    frozen = nn.Parameter([1.0], requires_grad=False)
    net.frozen = frozen
    assert not net.frozen.requires_grad


def test_weights_can_be_shared():
    net = Net()
    net.again = net.first
    assert [name for name, _ in net.named_parameters()].count("first.weight") == 1
    assert len(list(net.parameters())) == 5
    with pytest.raises(tw.TalwegError) as error:
        net.first.loop = net
    assert error.value.status == "TW_ERROR_STATE"


def test_init_that_was_forgotten():
    class Forgetful(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(1, 1)

    with pytest.raises(AttributeError, match=r"super\(\).__init__"):
        Forgetful()
    with pytest.raises(NotImplementedError):
        nn.Module()(tw.ones(1))


def test_an_engines_layer_keeps_its_forward():
    with pytest.raises(TypeError, match="cannot be overridden"):

        class Mine(nn.Linear):
            def forward(self, x):
                return x

    class Named(nn.Linear):
        name = "fine"

    assert Named(2, 1)(tw.ones((1, 2), dtype="float32")).shape == (1, 1)


def test_exceptions_of_forward_come_through(rng):
    class Mine(Exception):
        pass

    class Failing(nn.Module):
        def forward(self, x):
            raise Mine("from forward")

    class Wrong(nn.Module):
        def forward(self, x):
            return "no tensor"

    class Misfit(nn.Module):
        def forward(self, x):
            return x @ tw.ones((7, 7), dtype="float32")

    x = rng.normal(size=(3, 2)).astype("float32")
    for module, error in ((Failing(), Mine), (Wrong(), TypeError), (Misfit(), ValueError)):
        model = nn.Sequential(nn.Linear(2, 2), module)
        with pytest.raises(error):
            model(x)
        with pytest.raises(error):
            tw.predict(model, x)
        with pytest.raises(error):
            tw.fit(model, x, x, optimizer=tw.optim.SGD(model), epochs=1)
    assert nn.Linear(2, 2)(x).shape == (3, 2)


def test_a_module_that_is_gone():
    inner = Net()
    outer = nn.Sequential(inner)
    gone = weakref.ref(inner)
    outer.__dict__.pop("0")
    del inner
    gc.collect()
    assert gone() is None
    with pytest.raises(ReferenceError):
        outer(tw.ones((1, 4), dtype="float32"))


def test_views_come_out_of_forward(rng):
    class Turned(nn.Module):
        def forward(self, x):
            return x.T[::-1]

    class Same(nn.Module):
        def forward(self, x):
            return x

    x = rng.normal(size=(3, 2))
    np.testing.assert_array_equal(nn.Sequential(Turned())(x).numpy(), x.T[::-1])
    np.testing.assert_array_equal(nn.Sequential(Same(), Same())(x).numpy(), x)


def test_state(rng):
    net, other = Net(), Net()
    state = net.state_dict()
    assert list(state) == [name for name, _ in net.named_parameters()] and not state["scale"].requires_grad
    other.load_state_dict(state)
    x = rng.normal(size=(2, 4)).astype("float32")
    np.testing.assert_array_equal(net(x).numpy(), other(x).numpy())
    before = other.scale.tolist()
    for bad in ({}, {**state, "more": 1.0}, {**state, "second.bias": np.zeros(4)}):
        with pytest.raises(ValueError, match="load_state_dict"):
            other.load_state_dict({**bad, "scale": np.zeros(8)} if bad else bad)
    assert other.scale.tolist() == before


def test_files(tmp_path, rng):
    net, other = Net(), Net()
    net.save(tmp_path / "net.safetensors")
    other.load(str(tmp_path / "net.safetensors"))
    for (name, a), (_, b) in zip(net.named_parameters(), other.named_parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), name)
    assert tw.load_safetensors(tmp_path / "net.safetensors").keys() == net.state_dict().keys()
    wrong = nn.Linear(4, 8)
    before = wrong.weight.tolist()
    with pytest.raises((ValueError, IndexError)):
        wrong.load(tmp_path / "net.safetensors")
    assert wrong.weight.tolist() == before
    with pytest.raises(OSError, match="nowhere"):
        net.save(tmp_path / "nowhere" / "net.safetensors")
    with pytest.raises(OSError):
        net.load(tmp_path / "missing.safetensors")


def test_losses(rng):
    prediction, target = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    labels = rng.integers(0, 3, 6)
    expected = -np.mean(scipy.special.log_softmax(prediction, 1)[np.arange(6), labels])
    assert tw.mse_loss(prediction, target).item() == pytest.approx(np.mean((prediction - target) ** 2), rel=1e-13)
    assert nn.MSELoss()(prediction, target).item() == tw.mse_loss(prediction, target).item()
    assert tw.cross_entropy_loss(prediction, labels).item() == pytest.approx(expected, rel=1e-12)
    assert nn.CrossEntropyLoss()(prediction, labels.astype("int32")).item() == pytest.approx(expected, rel=1e-12)
    layer = nn.Linear(3, 2, dtype="float64")
    weight = layer.weight.detach().numpy()
    assert tw.l1_penalty(layer).item() == pytest.approx(np.abs(weight).sum(), rel=1e-13)
    assert tw.l2_penalty(layer).item() == pytest.approx(np.square(weight).sum(), rel=1e-13)
    with pytest.raises(TypeError, match="Module"):
        tw.l1_penalty(weight)


@pytest.mark.parametrize("init", ["nonsense", None, 3])
def test_unknown_initialisers(init):
    with pytest.raises(ValueError, match="init"):
        nn.Linear(2, 2, init=init)


def test_bad_layers():
    for sizes in ((-1, 2), (2, -1), (2**62, 2**62), (2**40, 2**40)):
        with pytest.raises((ValueError, MemoryError)):
            nn.Linear(*sizes)
    with pytest.raises((TypeError, ValueError)):
        nn.Linear(2, 2, dtype="int32")
    with pytest.raises(ValueError, match=r"\b3\b"):
        nn.Linear(2, 2)(tw.ones((1, 3), dtype="float32"))
    with pytest.raises(TypeError):
        copy.deepcopy(nn.Linear(2, 2))


class Running(nn.Module):
    """A module with a persistent buffer, one that is not, and a child of the engine's."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 2)
        self.register_buffer("mean", np.zeros(3, dtype="float32"))
        self.register_buffer("scratch", tw.ones(2), persistent=False)

    def forward(self, x):
        return self.inner(x - self.mean)


def test_buffers_are_state_but_no_parameters():
    net = Running()
    assert [name for name, _ in net.named_buffers()] == ["mean", "scratch"]
    assert [name for name, _ in net.named_parameters()] == ["inner.weight", "inner.bias"]
    assert sorted(net.state_dict()) == ["inner.bias", "inner.weight", "mean"]
    net.mean = tw.asarray(np.array([1, 2, 3], dtype="float32"))
    np.testing.assert_array_equal(next(net.buffers()).numpy(), [1, 2, 3])
    other = Running()
    other.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(other.mean.numpy(), [1, 2, 3])
    with pytest.raises(ValueError, match=r"missing \['mean'\], unexpected \['more', 'other'\]"):
        other.load_state_dict(
            {"inner.weight": net.inner.weight, "inner.bias": net.inner.bias, "other": [1.0], "more": [2.0]}
        )
    with pytest.raises(tw.TalwegError, match="requires a gradient"):
        net.register_buffer("bad", nn.Parameter(np.ones(1, dtype="float32")))
    del net.mean
    net.mean = tw.zeros(3)  # a plain attribute now
    assert [name for name, _ in net.named_buffers()] == ["scratch"]


def test_files_hold_buffers(tmp_path):
    net, other = Running(), Running()
    net.mean.assign(tw.asarray(np.array([4, 5, 6], dtype="float32")))
    net.save(tmp_path / "net.safetensors")
    other.load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(other.mean.numpy(), [4, 5, 6])


def test_freezing_by_pattern():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    assert net.freeze("0.*") == 2 and net.trainable_size == 10 and net.parameter_size == 26
    assert not net[0].weight.requires_grad and net[2].weight.requires_grad
    net(np.ones((1, 3), dtype="float32")).sum().backward()
    assert net[0].weight.grad is None and net[2].weight.grad is not None
    assert net.unfreeze("*.bias") == 2 and net[0].bias.requires_grad and not net[0].weight.requires_grad
    assert net.requires_grad_(False) is net and net.trainable_size == 0


def test_walking_the_tree():
    net = Running()
    outer = nn.Sequential(net, nn.Tanh())
    assert [path for path, _ in outer.named_modules()] == ["", "0", "0.inner", "1"]
    seen = []
    assert outer.apply(seen.append) is outer
    assert seen == [outer[1], net.inner, net, outer]
    assert outer.get_submodule("0.inner") is net.inner and outer.get_submodule("") is outer
    with pytest.raises(AttributeError, match="'0.other'"):
        outer.get_submodule("0.other")
