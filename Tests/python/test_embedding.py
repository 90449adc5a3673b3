"""Embeddings and bags beyond the fixtures: tables that there are, tied weights, derivatives, and what they refuse."""

import numpy as np
import pytest

import talweg as tw
from talweg import nn
from talweg.nn import functional as F


def test_a_table_that_there_is(rng):
    table = tw.tensor(rng.normal(size=(4, 3)))
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad and layer.weight.dtype == tw.float64
    np.testing.assert_array_equal(layer([[3, 0]]).numpy(), table.numpy()[[[3, 0]]])
    weight = nn.Parameter(rng.normal(size=(4, 3)))
    layer = nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=-1)
    assert layer.weight is weight and weight.requires_grad
    layer([3, 1]).sum().backward()
    assert weight.grad.numpy().tolist() == [[0.0] * 3, [1.0] * 3, [0.0] * 3, [0.0] * 3]
    bag = nn.EmbeddingBag.from_pretrained(rng.normal(size=(4, 3)).astype("float32"), mode="max")
    assert bag.weight.dtype == tw.float32 and not bag.weight.requires_grad
    assert bag([[0, 1, 2]]).shape == (1, 3)
    with pytest.raises(ValueError, match=r"\[rows, width\]"):
        nn.Embedding.from_pretrained(np.zeros(3))


def test_start():
    layer = nn.Embedding(500, 100, padding_idx=7, dtype="float64", generator=tw.random.Generator(1))
    w = layer.weight.detach().numpy()
    assert not w[7].any()
    rest = np.delete(w, 7, 0)
    assert abs(rest.mean()) <= 5 / np.sqrt(rest.size) and abs(rest.var() - 1) <= 5 * np.sqrt(2 / rest.size)
    w = nn.Embedding(500, 100, init="uniform", scale=0.1, dtype="float64").weight.detach().numpy()
    assert 0.0999 < np.abs(w).max() <= 0.1


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_derivatives_of_both_orders(mode, rng):
    ids, offsets = np.array([0, 2, 1, 4, 4, 3]), np.array([0, 3, 3, 4])
    table = tw.tensor(rng.normal(size=(5, 3)))
    assert tw.autograd.gradcheck(
        lambda w: F.embedding_bag(ids, w, offsets, mode=mode, padding_idx=3).square(), table, second_order=True
    )
    assert tw.autograd.gradcheck(lambda w: F.embedding(ids, w).square(), table, second_order=True)


def test_weights_of_bags_have_derivatives(rng):
    table, weights = tw.tensor(rng.normal(size=(5, 3))), tw.tensor(rng.normal(size=6))
    ids, offsets = np.array([0, 2, 1, 4, 4, 3]), np.array([0, 3])
    assert tw.autograd.gradcheck(
        lambda w, f: F.embedding_bag(ids, w, offsets, mode="sum", per_sample_weights=f, padding_idx=2),
        (table, weights),
        second_order=True,
    )


def test_padding_gets_no_gradient_and_no_tangent(rng):
    table = tw.tensor(rng.normal(size=(3, 2)))
    table.requires_grad = True
    y = F.embedding([[0, 1], [1, 2]], table, padding_idx=1)
    np.testing.assert_array_equal(y.detach().numpy(), table.detach().numpy()[[[0, 1], [1, 2]]])
    y.sum().backward()
    assert table.grad.numpy().tolist() == [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]
    _, tangent = tw.autograd.jvp(lambda w: F.embedding([0, 1], w, 1), (table.detach(),), (tw.ones((3, 2), dtype="float64"),))
    assert tangent.numpy().tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_ties_go_to_the_first():
    table = tw.tensor([[1.0], [1.0], [0.0]])
    table.requires_grad = True
    F.embedding_bag([[2, 1, 0]], table, mode="max").sum().backward()
    assert table.grad.numpy().ravel().tolist() == [0.0, 1.0, 0.0]
    assert np.isnan(F.embedding_bag([[0, 1]], np.array([[1.0], [np.nan]]), mode="max").numpy()).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_large_bags_against_numpy(dtype, rng):
    table = tw.tensor(rng.normal(size=(50, 70)), dtype=dtype)
    ids = rng.integers(50, size=4000)
    offsets = np.sort(np.concatenate([[0], rng.integers(4000, size=99)]))
    rows = table.astype("float64").numpy()[ids]
    ends = np.append(offsets[1:], 4000)
    for mode, by in (("sum", np.sum), ("mean", np.mean), ("max", np.max)):
        expected = [by(rows[a:b], axis=0) if b > a else np.zeros(70) for a, b in zip(offsets, ends)]
        got = F.embedding_bag(ids, table, offsets, mode=mode)
        assert got.dtype == table.dtype
        tolerance = {"float32": 1e-5, "float64": 1e-13, "bfloat16": 1e-2}[dtype]
        np.testing.assert_allclose(got.astype("float64").numpy(), expected, rtol=tolerance, atol=5 * tolerance)


def test_max_norm_changes_the_rows_that_are_looked_up(rng):
    table = tw.tensor(5 * rng.normal(size=(4, 3)))
    before = table.numpy().copy()
    F.embedding([0, 2, 0], table, max_norm=1.0)
    norms = np.linalg.norm(table.numpy(), axis=1)
    assert norms[[0, 2]] == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(table.numpy()[[1, 3]], before[[1, 3]])
    kept = table.numpy().copy()
    F.embedding([0, 2], table, max_norm=1.0)
    np.testing.assert_array_equal(table.numpy(), kept)
    with pytest.raises(TypeError, match="in place"):
        F.embedding([0], np.zeros((2, 2)), max_norm=1.0)


class Tied(nn.Module):
    def __init__(self, generator=None):
        super().__init__()
        self.table = nn.Embedding(6, 4, dtype="float64", generator=generator)
        self.head = nn.Linear(4, 6, bias=False, dtype="float64")
        self.head.weight = self.table.weight

    def forward(self, ids):
        return self.head(self.table(ids))


def test_tied_weights(tmp_path):
    net = Tied(tw.random.Generator(2))
    assert [name for name, _ in net.named_parameters()] == ["table.weight"] and net.parameter_size == 24
    assert list(net.state_dict()) == ["table.weight"]
    w = net.table.weight.detach().numpy().copy()
    net([1, 5]).sum().backward()
    expected = np.zeros((6, 4))
    expected[[1, 5]] += w.sum(0)  # as the rows
    expected += w[[1, 5]].sum(0)  # as the matrix
    np.testing.assert_allclose(net.table.weight.grad.numpy(), expected, rtol=1e-12)

    optimizer = tw.optim.SGD(list(net.parameters()), lr=0.1)
    optimizer.step()
    np.testing.assert_allclose(net.head.weight.detach().numpy(), w - 0.1 * expected, rtol=1e-12)
    net.save(tmp_path / "tied.safetensors")
    assert list(tw.load_safetensors(tmp_path / "tied.safetensors")) == ["table.weight"]
    other = Tied()
    other.load(tmp_path / "tied.safetensors")
    np.testing.assert_array_equal(other.head.weight.detach().numpy(), net.head.weight.detach().numpy())
    np.testing.assert_array_equal(other([0, 3]).detach().numpy(), net([0, 3]).detach().numpy())
    fresh = Tied()
    fresh.load_state_dict(net.state_dict())
    np.testing.assert_array_equal(fresh([0, 3]).detach().numpy(), net([0, 3]).detach().numpy())


def test_one_hot():
    assert F.one_hot([0, 2]).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert F.one_hot([[1]], 2).shape == (1, 1, 2) and F.one_hot([0], 1).dtype == tw.int64
    for wrong in ([], [-1, 2]):
        with pytest.raises((ValueError, IndexError)):
            F.one_hot(np.array(wrong, dtype="int64"))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.Embedding(0, 3), ValueError, "0 rows of width 3"),
        (lambda: nn.Embedding(3, -1), ValueError, "width -1"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), IndexError, "padding_idx 3"),
        (lambda: nn.Embedding(3, 2, max_norm=-1.0), ValueError, "norm is -1.0"),
        (lambda: nn.Embedding(3, 2, dtype="int64"), TypeError, "floating"),
        (lambda: nn.Embedding(3, 2, init="none"), ValueError, "'none'"),
        (lambda: nn.EmbeddingBag(3, 2, mode="median"), ValueError, "'median'"),
        (lambda: nn.Embedding(3, 2)([3]), IndexError, "index 3 at position 0"),
        (lambda: nn.Embedding(3, 2)([-1]), IndexError, "index -1"),
        (lambda: nn.Embedding(3, 2)([0.5]), TypeError, "integers"),
        (lambda: nn.EmbeddingBag(3, 2)([0, 1, 2], [0, 2, 1]), ValueError, "offset 2 is 1 after 2"),
        (lambda: nn.EmbeddingBag(3, 2)([0, 1, 2], [1]), ValueError, "begin at 0"),
        (lambda: nn.EmbeddingBag(3, 2)([0, 1, 2], [0, 4]), ValueError, "offset 1 is 4"),
        (lambda: nn.EmbeddingBag(3, 2)([0, 1, 2]), ValueError, "[bags, size]"),
        (lambda: nn.EmbeddingBag(3, 2)([[0, 1]], [0]), ValueError, "one axis"),
        (lambda: nn.EmbeddingBag(3, 2)([[0, 1]], None, np.ones((1, 2), "float32")), ValueError, "weights are for sums"),
        (lambda: nn.EmbeddingBag(3, 2, mode="sum")([[0, 1]], None, np.ones(2, "float32")), ValueError, "weights"),
    ],
)
def test_what_is_refused(call, error, says):
    with pytest.raises(error) as raised:
        call()
    assert says in str(raised.value)
