"""Checkpointed modules: the same bits as the plain ones, in less memory."""

import subprocess
import sys

import numpy as np
import pytest

import talweg as tw
from talweg import nn


def parts(width=6):
    """Networks with dropout of every kind, and what they are given."""
    dense = nn.Sequential(nn.Linear(width, 12), nn.GELU(), nn.Dropout(0.4, seed=7), nn.Linear(12, width), nn.Tanh())
    encoder = nn.TransformerEncoderLayer(width, 2, 10, dropout=0.3)
    lstm = nn.LSTM(width, 5, num_layers=2, dropout=0.5, bidirectional=True)
    return {"dense": dense, "encoder": encoder, "lstm": lstm}


def outcome(net, wrapped, x):
    """The output, and all gradients."""
    tw.manual_seed(11)
    x = tw.asarray(x)
    x.requires_grad = True
    net.zero_grad()
    y = wrapped(x)
    y = y[0] if isinstance(y, tuple) else y
    (y * y).sum().backward()
    return [np.asarray(y.detach()), np.asarray(x.grad), *(np.asarray(p.grad) for p in net.parameters())]


@pytest.mark.parametrize("name", ["dense", "encoder", "lstm"])
@pytest.mark.parametrize("training", [True, False])
def test_the_same_bits(rng, name, training):
    x = rng.normal(size=(4, 3, 6)).astype("float32")
    plain, checkpointed = parts()[name], parts()[name]
    checkpointed.load_state_dict(plain.state_dict())
    wrapped = nn.Checkpoint(checkpointed)
    plain.train(training)
    wrapped.train(training)
    for _ in range(3):
        for a, b in zip(outcome(plain, plain, x), outcome(checkpointed, wrapped, x), strict=True):
            np.testing.assert_array_equal(a, b)


def test_nested_and_in_a_sequential(rng):
    """Natively, one inside another."""
    x = rng.normal(size=(5, 6)).astype("float32")

    def net():
        return nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.3, seed=3), nn.ReLU()), nn.Sequential(nn.Linear(8, 6))

    a, b = net()
    plain = nn.Sequential(a, b)
    c, d = net()
    inner = nn.Sequential(c, d)
    inner.load_state_dict(plain.state_dict())
    deep = nn.Sequential(nn.Checkpoint(nn.Sequential(nn.Checkpoint(c), nn.Checkpoint(d))))
    for _ in range(2):
        for one, two in zip(outcome(plain, plain, x), outcome(inner, deep, x), strict=True):
            np.testing.assert_array_equal(one, two)


def test_the_mode_of_the_first_run(rng):
    x = tw.asarray(rng.normal(size=(5, 6)).astype("float32"))
    net = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5, seed=3), nn.Tanh())
    y = net(x)
    y.sum().backward()
    right = np.asarray(net[0].weight.grad)
    other = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5, seed=3), nn.Tanh())
    other.load_state_dict(net.state_dict())
    for wrapped in (nn.Checkpoint(other), nn.Sequential(nn.Checkpoint(other))):
        other.zero_grad()
        other[1].train()
        y = wrapped(x)
        other.eval()
        y.sum().backward()
        if isinstance(wrapped, nn.Checkpoint):
            np.testing.assert_array_equal(np.asarray(other[0].weight.grad), right)
        assert not other.training and not other[1].training
        other.train()


def test_running_statistics_move_once(rng):
    x = tw.asarray(rng.normal(size=(8, 3)).astype("float32"))

    def net():
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())

    plain, other = net(), net()
    other.load_state_dict(plain.state_dict())
    for module, call in ((plain, plain), (other, nn.Checkpoint(other))):
        call(x).sum().backward()
    for (name, a), (_, b) in zip(plain.named_buffers(), other.named_buffers(), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b), err_msg=name)


PEAK = """
import sys
import talweg as tw
from talweg import nn

kind, checkpointed = sys.argv[1], sys.argv[2] == "True"
make = {
    "perceptron": lambda: nn.Sequential(nn.Linear(64, 256), nn.GELU(), nn.Linear(256, 64)),
    "encoder": lambda: nn.TransformerEncoderLayer(64, 4, 256, activation="gelu", dropout=0.1),
    "lstm": lambda: nn.Sequential(nn.LSTM(64, 64)),
}[kind]
x = tw.ones((64, 32, 64), dtype="float32")
layers = [make() for _ in range(12)]
net = nn.Sequential(*[nn.Checkpoint(one) if checkpointed else one for one in layers])
before = tw.memory_stats()["bytes_in_use"]
net(x).sum().backward()
print(tw.memory_stats()["peak_bytes_in_use"] - before)
"""


@pytest.mark.parametrize("kind", ["perceptron", "encoder", "lstm"])
def test_less_memory(kind):
    """A deep net's peak, measured by the engine, each in a process of its own."""

    def peak(checkpointed):
        run = [sys.executable, "-c", PEAK, kind, str(checkpointed)]
        return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)

    assert peak(True) < 0.4 * peak(False)


def test_as_a_function(rng):
    x = tw.asarray(rng.normal(size=(3, 4)))
    x.requires_grad = True
    y = nn.utils.checkpoint(lambda x: x.tanh() * x, x)
    y.sum().backward()
    t = np.tanh(np.asarray(x.detach()))
    np.testing.assert_allclose(np.asarray(x.grad), t + (1 - t * t) * np.asarray(x.detach()), rtol=1e-14)


def test_modules_of_pythons(rng):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 4)
            self.runs = 0

        def forward(self, x, scale, *, shift):
            self.runs += 1
            return (self.first(x).tanh() * scale, (x + shift, None))

    net = Net()
    x = tw.asarray(rng.normal(size=(3, 4)).astype("float32"))
    x.requires_grad = True
    y, (z, none) = nn.Checkpoint(net)(x, 2.0, shift=1.0)
    assert none is None and net.runs == 1
    (y.sum() + z.sum()).backward()
    assert net.runs == 2
    found = np.asarray(x.grad)
    x.grad = None
    y, (z, _) = net(x, 2.0, shift=1.0)
    (y.sum() + z.sum()).backward()
    np.testing.assert_array_equal(found, np.asarray(x.grad))


def test_paths_and_bad_input():
    net = nn.Checkpoint(nn.Linear(3, 2))
    assert [name for name, _ in net.named_parameters()] == ["module.weight", "module.bias"]
    with pytest.raises(TypeError):
        nn.Checkpoint(3)
    with pytest.raises(ValueError):
        net(tw.zeros((2, 4), "float32"))
    with pytest.raises(ValueError):
        nn.Sequential(net)(tw.zeros((2, 4), "float32"))
    assert net(tw.zeros((2, 3), "float32")).shape == (2, 2)
