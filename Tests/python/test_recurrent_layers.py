"""Recurrent layers against PyTorch (fixtures) and against themselves a step at a time."""

import numpy as np
import pytest

import talweg as tw
from sequence_fixtures import DTYPES, Fixtures, check
from talweg import nn
from talweg.nn import functional as F
from talweg.nn.utils import rnn

fixtures = Fixtures("recurrent")
KINDS = [(nn.RNN, nn.RNNCell), (nn.LSTM, nn.LSTMCell), (nn.GRU, nn.GRUCell)]


def make(case, dtype):
    return getattr(nn, case["kind"])(**case["arguments"], dtype=dtype)


def run(module, inputs):
    h = inputs.get("h")
    if "c" in inputs:
        h = (h, inputs["c"])
    if "Cell" in type(module).__name__:
        found = module(inputs["x"], h)
        return list(found) if isinstance(found, tuple) else [found]
    y, after = module(inputs["x"], h, inputs.get("lengths"))
    return [y, *(after if isinstance(after, tuple) else (after,))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", range(len(fixtures.cases)))
def test_as_pytorch(number, dtype):
    check(fixtures, number, dtype, make, run)


@pytest.mark.parametrize(("layer", "cell"), KINDS)
def test_cell_is_a_step(rng, layer, cell):
    whole = layer(3, 5, dtype="float64")
    one = cell(3, 5, dtype="float64")
    one.load_state_dict({name.removesuffix("_l0"): value for name, value in whole.state_dict().items()})
    x = rng.normal(size=(4, 2, 3))
    y, _ = whole(x)
    state = None
    for step in range(4):
        state = one(x[step], state)
        h = state[0] if isinstance(state, tuple) else state
        np.testing.assert_allclose(np.asarray(h.detach()), np.asarray(y[step].detach()), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("layer", "_"), KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_lengths_are_sequences_by_themselves(rng, layer, _, bidirectional):
    """A padded batch gives each sequence what it would have alone, whatever the padding holds."""
    net = layer(3, 4, num_layers=2, bidirectional=bidirectional, batch_first=True, dtype="float64")
    lengths = [3, 7, 1, 7, 4]
    x = rng.normal(size=(5, 7, 3))
    for row, length in enumerate(lengths):
        x[row, length:] = np.nan
    y, after = net(x, lengths=lengths)
    after = after if isinstance(after, tuple) else (after,)
    y = np.asarray(y.detach())
    for row, length in enumerate(lengths):
        alone, last = net(x[row : row + 1, :length])
        last = last if isinstance(last, tuple) else (last,)
        np.testing.assert_allclose(y[row, :length], np.asarray(alone.detach())[0], rtol=0, atol=1e-14)
        assert (y[row, length:] == 0).all()
        for found, right in zip(after, last, strict=True):
            np.testing.assert_allclose(
                np.asarray(found.detach())[:, row], np.asarray(right.detach())[:, 0], rtol=0, atol=1e-14
            )


def test_dropout_between_layers(rng):
    x = tw.asarray(rng.normal(size=(6, 4, 3)))
    net = nn.LSTM(3, 8, num_layers=2, dropout=0.5, dtype="float64")
    still = net.eval()(x)[0]
    np.testing.assert_array_equal(np.asarray(still), np.asarray(net(x)[0]))
    net.train()
    tw.manual_seed(3)
    first = np.asarray(net(x)[0].detach())
    second = np.asarray(net(x)[0].detach())
    assert (first != second).any() and (first != np.asarray(still.detach())).any()
    # One layer has nothing between.
    single = nn.GRU(3, 8, dropout=0.5, dtype="float64")
    np.testing.assert_array_equal(np.asarray(single(x)[0].detach()), np.asarray(single.eval()(x)[0].detach()))


@pytest.mark.parametrize("rectified", [False, True])
def test_rnn_derivatives(rng, rectified):
    """Gradients and their gradients against differences."""
    shapes = [(3, 2, 4), (2, 5), (5, 4), (5, 5), (5,), (5,)]
    tensors = [tw.asarray(0.6 * rng.normal(size=shape)) for shape in shapes]

    def states(x, h, *weights):
        y, last = F.rnn(x, h, weights, rectified=rectified)
        return (y * y).sum() + (last * 2).sum()

    for tensor in tensors:
        tensor.requires_grad = True
    assert tw.autograd.gradcheck(states, tuple(tensors), second_order=True)


def test_packed_sequences(rng):
    parts = [rng.normal(size=(length, 3)) for length in (2, 5, 4)]
    padded = rnn.pad_sequence(parts, batch_first=True, padding_value=9.0)
    assert padded.shape == (3, 5, 3) and (np.asarray(padded)[0, 2:] == 9).all()
    for part, back in zip(parts, rnn.unpad_sequence(padded, [2, 5, 4], batch_first=True), strict=True):
        np.testing.assert_array_equal(part, np.asarray(back))
    packed = rnn.pack_sequence(parts, enforce_sorted=False)
    net = nn.GRU(3, 4, dtype="float64")
    y, last = net(packed)
    found, lengths = rnn.pad_packed_sequence(y, batch_first=True, padding_value=-1.0, total_length=6)
    assert found.shape == (3, 6, 4) and lengths.tolist() == [2, 5, 4]
    direct, state = net(rnn.pad_sequence(parts), lengths=[2, 5, 4])
    values = np.asarray(found.detach())
    np.testing.assert_array_equal(values[1, :5], np.asarray(direct.detach())[:, 1])
    assert (values[0, 2:] == -1).all() and (values[:, 5] == -1).all()
    np.testing.assert_array_equal(np.asarray(last.detach()), np.asarray(state.detach()))
    # The other layout than the layer's.
    other = nn.GRU(3, 4, batch_first=True, dtype="float64")
    other.load_state_dict(net.state_dict())
    y, _ = other(packed)
    np.testing.assert_array_equal(np.asarray(y.data.detach()), np.swapaxes(np.asarray(direct.detach()), 0, 1))
    with pytest.raises(ValueError, match="lengths grow"):
        rnn.pack_sequence(parts)
    with pytest.raises(ValueError, match="no sequences"):
        rnn.pad_sequence([])
    with pytest.raises(ValueError, match="differ"):
        rnn.pad_sequence([np.zeros((2, 3)), np.zeros((2, 4))])
    with pytest.raises(ValueError, match="total_length"):
        rnn.pad_packed_sequence(packed, total_length=4)
    with pytest.raises(ValueError, match="from 1 to"):
        rnn.pack_padded_sequence(padded, [6, 1, 1], batch_first=True)
    with pytest.raises(ValueError, match="of its own"):
        net(packed, lengths=[1, 1, 1])


def test_parameters_are_pytorchs():
    net = nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)
    names = [name for name, _ in net.named_parameters()]
    sides = [f"_l{layer}{way}" for layer in (0, 1) for way in ("", "_reverse")]
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    assert names == [kind + side for side in sides for kind in kinds]
    assert net.weight_ih_l1_reverse.shape == (16, 4) and net.weight_hr_l0.shape == (2, 4)
    assert np.abs(np.asarray(net.weight_ih_l0.detach())).max() <= 0.5


def test_inside_a_sequential(rng):
    net = nn.Sequential(nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2))
    assert net(rng.normal(size=(5, 6, 3)).astype("float32")).shape == (5, 6, 2)


@pytest.mark.parametrize(("layer", "cell"), KINDS)
def test_bad_input(rng, layer, cell):
    net = layer(3, 4, dtype="float64")
    x = rng.normal(size=(5, 2, 3))
    for lengths in ([0, 5], [5, 6], [-1, 2]):
        with pytest.raises(ValueError, match="from 1 to the 5 steps"):
            net(x, lengths=lengths)
    for lengths in ([5], [[5, 5]]):
        with pytest.raises(ValueError, match="lengths"):
            net(x, lengths=lengths)
    with pytest.raises(TypeError, match="lengths"):
        net(x, lengths=[1.0, 2.0])
    with pytest.raises(ValueError, match="no steps"):
        net(np.zeros((0, 2, 3)))
    with pytest.raises(ValueError, match="needed"):
        net(np.zeros((5, 2, 4)))
    with pytest.raises(ValueError, match="needed"):
        net(np.zeros((1, 5, 2, 3)))
    with pytest.raises(TypeError):
        net(x.astype("float32"))
    wrong = np.zeros((1, 3, 4))
    with pytest.raises(ValueError, match=r"initial state has shape \[1, 3, 4\]"):
        net(x, (wrong, wrong) if layer is nn.LSTM else wrong)
    with pytest.raises(ValueError, match="one sequence"):
        net(x[:, 0], lengths=[5])
    for sizes in ((0, 4), (3, 0), (-1, 4), (3, 2**62)):
        with pytest.raises((ValueError, MemoryError)):
            layer(*sizes)
    for options in ({"num_layers": 0}, {"num_layers": 10**9}, {"dropout": 1.0}, {"dropout": float("nan")}):
        with pytest.raises(ValueError):
            layer(3, 4, **options)
    with pytest.raises(TypeError):
        layer(3, 4, dtype="int32")
    with pytest.raises(ValueError, match="needed"):
        cell(3, 4)(np.zeros((2, 2, 3), "float32"))
    with pytest.raises(ValueError, match="hidden state"):
        state = np.zeros((3, 4), "float32")
        cell(3, 4)(np.zeros((2, 3), "float32"), (state, state) if layer is nn.LSTM else state)
    if layer is nn.LSTM:
        with pytest.raises(ValueError, match="projection"):
            nn.LSTM(3, 4, proj_size=4)
        with pytest.raises(ValueError, match="projection"):
            nn.LSTM(3, 4, proj_size=-1)
    # It still works.
    assert net(x)[0].shape == (5, 2, 4)


def test_empty_batch():
    y, h = nn.GRU(3, 4)(np.zeros((5, 0, 3), "float32"))
    assert y.shape == (5, 0, 4) and h.shape == (1, 0, 4)


def test_memory_is_flat(rng):
    net = nn.LSTM(3, 8, num_layers=2, bidirectional=True, dtype="float64")
    x = rng.normal(size=(6, 4, 3))

    def step():
        net.zero_grad()
        y, _ = net(x, lengths=[6, 2, 5, 2])
        y.sum().backward()

    step()
    before = tw.memory_stats()["bytes_in_use"]
    for _ in range(20):
        step()
    assert tw.memory_stats()["bytes_in_use"] <= before
