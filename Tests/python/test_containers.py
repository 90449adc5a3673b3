"""Containers and structured dropout: what Python's lists and mappings of modules do, and what is dropped together."""

import math

import numpy as np
import pytest

import talweg as tw
from talweg import nn
from talweg.nn import functional as F


def names(module):
    return [name for name, _ in module.named_parameters()]


def test_sequential_is_a_sequence(rng):
    first, second, third = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)
    net = nn.Sequential(first, second, third)
    assert len(net) == 3 and net[0] is first and net[-1] is third and list(net) == [first, second, third]
    assert second in net and nn.ReLU() not in net
    x = rng.normal(size=(4, 2)).astype("float32")
    part = net[:2]
    assert isinstance(part, nn.Sequential) and part[0] is first
    np.testing.assert_array_equal(part(x).detach().numpy(), second(first(x)).detach().numpy())
    net[1] = nn.Tanh()
    np.testing.assert_allclose(net(x).detach().numpy(), third(first(x).tanh()).detach().numpy(), rtol=1e-6)
    del net[1]
    assert len(net) == 2 and names(net) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    np.testing.assert_array_equal(net(x).detach().numpy(), third(first(x)).detach().numpy())
    net.insert(1, nn.Sigmoid()).append(nn.Identity())
    assert [type(m).__name__ for m in net] == ["Linear", "Sigmoid", "Linear", "Identity"]
    net.extend([nn.Flatten(), nn.ReLU()])
    assert len(net) == 6
    for wrong in (6, -7):
        with pytest.raises(IndexError, match="6"):
            net[wrong]
    named = nn.Sequential({"in": first, "act": second})
    assert names(named) == ["in.weight", "in.bias"] and named[1] is second
    np.testing.assert_array_equal(named(x).detach().numpy(), part(x).detach().numpy())
    named.append(third)
    assert named[2] is third and named(x).shape == (4, 1)


def test_module_list():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    net = Net()
    assert names(net)[:2] == ["layers.0.weight", "layers.0.bias"] and len(names(net)) == 6
    assert len(net.layers) == 3 and len(net.layers[1:]) == 2 and net.layers[1:][0] is net.layers[1]
    net(np.ones((1, 2), "float32")).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.eval()
    assert not net.layers[2].training
    with pytest.raises(NotImplementedError):
        net.layers(np.ones((1, 2), "float32"))


def test_module_dict():
    choices = nn.ModuleDict({"narrow": nn.Linear(2, 1), "wide": nn.Linear(2, 9)})
    assert list(choices) == choices.keys() == ["narrow", "wide"] and len(choices) == 2 and "wide" in choices
    assert choices["wide"](np.ones((1, 2), "float32")).shape == (1, 9)
    assert names(choices) == ["narrow.weight", "narrow.bias", "wide.weight", "wide.bias"]
    gone = choices.pop("narrow")
    assert gone.weight.shape == (1, 2) and names(choices) == ["wide.weight", "wide.bias"]
    choices.update([("act", nn.ReLU())])
    assert [name for name, _ in choices.items()] == ["wide", "act"] and isinstance(choices.values()[1], nn.ReLU)
    for wrong in ("narrow", "forward"):
        with pytest.raises(KeyError):
            choices[wrong]
    with pytest.raises(KeyError):
        choices["forward"] = nn.ReLU()
    choices.clear()
    assert len(choices) == 0 and not names(choices)


def test_parameter_list():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scales = nn.ParameterList([np.ones(2), nn.Parameter(np.zeros(3))])

        def forward(self, x):
            return x * self.scales[0].sum() + self.scales[-1].sum()

    net = Net()
    assert names(net) == ["scales.0", "scales.1"] and len(net.scales) == 2
    net.scales.append(np.array([5.0]))
    assert len(list(net.scales[1:])) == 2 and [p.shape for p in net.scales] == [(2,), (3,), (1,)]
    net.scales[0] = np.full(2, 3.0)
    y = net(tw.ones(4, dtype="float64"))
    assert y.detach().numpy().tolist() == [11.0] * 4
    y.sum().backward()
    assert net.scales[0].grad.numpy().tolist() == [4.0, 4.0] and net.scales[1].grad is None


def test_residual_and_parallel_hold_their_children(rng):
    body, projection = nn.Linear(2, 3), nn.Linear(2, 3, bias=False)
    block = nn.Residual(body, projection)
    assert block.body is body and names(block) == ["body.weight", "body.bias", "projection.weight"]
    x = rng.normal(size=(4, 2)).astype("float32")
    np.testing.assert_allclose(
        block(x).detach().numpy(), (body(x) + projection(x)).detach().numpy(), rtol=1e-6, atol=1e-7
    )
    both = nn.Parallel(body, projection, combine="separate")
    outputs = both(x)
    assert isinstance(outputs, tuple) and len(outputs) == 2
    np.testing.assert_array_equal(outputs[1].detach().numpy(), projection(x).detach().numpy())
    (alone,) = nn.Parallel(body, combine="separate")(x)
    np.testing.assert_array_equal(alone.detach().numpy(), body(x).detach().numpy())
    assert nn.Sequential(nn.Parallel(body, projection, combine="concatenate"), nn.Linear(6, 1))(x).shape == (4, 1)


def test_python_modules_inside_containers(rng):
    class Twice(nn.Module):
        def forward(self, x):
            return x * 2

    x = rng.normal(size=(2, 2))
    np.testing.assert_array_equal(nn.Residual(Twice())(x).numpy(), 3 * x)
    np.testing.assert_array_equal(nn.Parallel(Twice(), Twice(), nn.Identity())(x).numpy(), 5 * x)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nn.Parallel(), "there are no modules"),
        (lambda: nn.Parallel(nn.ReLU(), combine="product"), "'product'"),
        (lambda: nn.Unflatten(0, (-1, -1)), "[-1, -1]"),
        (lambda: nn.Unflatten(0, ()), "[]"),
        (lambda: nn.Flatten(2)(np.zeros((2, 3))), "axis 2"),
        (lambda: nn.Unflatten(1, (2, 2))(np.zeros((2, 3))), "does not split into [2, 2]"),
        (lambda: nn.Residual(nn.Linear(2, 1, dtype="float64"))(np.zeros((3, 2))), "project it"),
        (lambda: nn.Parallel(nn.Identity(), nn.Flatten(0))(np.zeros((3, 2))), "they must agree"),
        (lambda: nn.Bilinear(0, 1, 1), "0 and 1 inputs"),
        (lambda: nn.Bilinear(2, 3, 1)(np.zeros((4, 2), "float32"), np.zeros((4, 2), "float32")), "[.., 2] and [.., 3]"),
        (lambda: nn.Bilinear(2, 2, 1)(np.zeros((4, 2), "float32"), None), "two inputs, not 1"),
    ],
)
def test_what_is_refused(make, says):
    with pytest.raises((ValueError, IndexError)) as error:
        make()
    assert says in str(error.value)


def test_children_are_modules():
    for wrong in (
        lambda: nn.Residual(np.tanh),
        lambda: nn.Parallel(nn.ReLU(), 3),
        lambda: nn.Sequential(1),
        lambda: nn.ModuleList([np.tanh]),
        lambda: nn.ModuleDict({"a": None}),
        lambda: nn.ModuleList([nn.ReLU()]).__setitem__(0, 1),
    ):
        with pytest.raises(TypeError, match=r"talweg\.nn\.Module"):
            wrong()


# ---- Dropout ---------------------------------------------------------------------


@pytest.mark.parametrize("make", [nn.Dropout1d, nn.Dropout2d])
def test_channels_are_dropped_together(make):
    p, shape = 0.3, (400, 50, 7) if make is nn.Dropout1d else (400, 50, 3, 2)
    y = make(p, seed=4)(tw.ones(shape, dtype="float32")).numpy().reshape(400, 50, -1)
    assert (y == y[..., :1]).all()
    kept = y[..., 0]
    assert set(np.unique(kept)) == {0, np.float32(1 / (1 - p))}
    n = kept.size
    assert abs((kept == 0).mean() - p) <= 5 * math.sqrt(p * (1 - p) / n)


def test_channels_without_a_batch():
    y = nn.Dropout1d(0.5, seed=1)(tw.ones((40, 9))).numpy()
    assert (y == y[:, :1]).all() and 0 < (y[:, 0] == 0).sum() < 40


@pytest.mark.parametrize("make", [nn.AlphaDropout, nn.FeatureAlphaDropout])
def test_alpha_dropout_keeps_mean_and_variance(make, rng):
    x = rng.normal(size=(500, 400, 5))
    y = make(0.4, seed=9)(x).numpy()
    n = 500 * 400 * (5 if make is nn.AlphaDropout else 1)  # decisions
    assert abs(y.mean()) <= 5 / math.sqrt(n) and abs(y.var() - 1) <= 5 * math.sqrt(5 / n)
    # a x + b of what is kept, and of the limit in place of x, with a and b of Klambauer et al.
    alpha, q = -1.7580993408473766, 0.6
    a = (q + alpha**2 * q * (1 - q)) ** -0.5
    dropped = np.abs(y - (a * alpha - a * alpha * (1 - q))) < 1e-10
    assert abs(dropped.mean() - 0.4) <= 5 * math.sqrt(0.24 / n)
    if make is nn.FeatureAlphaDropout:
        assert (dropped == dropped[..., :1]).all()
    np.testing.assert_allclose(y[~dropped], (a * x - a * alpha * (1 - q))[~dropped], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth(mode):
    layer = nn.StochasticDepth(0.25, mode, seed=2)
    ys = np.stack([layer(tw.ones((8, 3, 2), dtype="float32")).numpy() for _ in range(500)])
    assert (ys == ys[:, :, :1, :1]).all() and set(np.unique(ys)) == {0, np.float32(4 / 3)}
    if mode == "batch":
        assert (ys == ys[:, :1]).all()
    n = 4000 if mode == "row" else 500
    assert abs((ys[..., 0, 0] == 0).mean() - 0.25) <= 5 * math.sqrt(0.1875 / n)


DROPPING = [
    lambda x, g: F.dropout1d(x, 0.5, generator=g),
    lambda x, g: F.dropout2d(x, 0.5, generator=g),
    lambda x, g: F.alpha_dropout(x, 0.5, True, generator=g),
    lambda x, g: F.feature_alpha_dropout(x, 0.5, True, generator=g),
    lambda x, g: F.stochastic_depth(x, 0.5, generator=g),
    lambda x, g: F.stochastic_depth(x, 0.5, "batch", generator=g),
]


@pytest.mark.parametrize("function", DROPPING)
def test_the_same_seed_drops_the_same(function, rng):
    x = tw.tensor(rng.normal(size=(4, 3, 2)))
    first, second = (function(x, tw.random.Generator(6)).numpy() for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert tw.autograd.gradcheck(lambda x: function(x, tw.random.Generator(6)).square(), x, second_order=True)


LAYERS = [nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.StochasticDepth]


@pytest.mark.parametrize("make", LAYERS)
def test_evaluation_passes_through(make, rng):
    x = rng.normal(size=(4, 3, 2))
    layer = make(0.5).eval()
    np.testing.assert_array_equal(layer(x).numpy(), x)
    np.testing.assert_array_equal(make(0.0)(x).numpy(), x)
    assert not np.array_equal(layer.train()(x).numpy(), x)


@pytest.mark.parametrize("make", [*LAYERS, nn.Dropout])
def test_layers_without_a_seed_drop_differently(make):
    x = tw.ones((64, 3, 2))
    tw.seed(5)
    first, second = make(0.5), make(0.5)
    values = first(x).numpy()
    assert not np.array_equal(values, second(x).numpy())
    tw.seed(5)
    np.testing.assert_array_equal(make(0.5)(x).numpy(), values)


@pytest.mark.parametrize("make", LAYERS)
@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
def test_probabilities_are_checked(make, p):
    with pytest.raises(ValueError, match="0 or more and below 1"):
        make(p)


def test_shapes_of_channels_are_checked():
    with pytest.raises(ValueError, match="channels"):
        F.dropout1d(np.zeros(3))
    with pytest.raises(ValueError, match="scalar"):
        F.stochastic_depth(np.zeros(()), 0.5)
