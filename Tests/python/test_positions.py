"""Positions beyond the fixtures: what rotary positions are for, caches, derivatives, far positions, refusals."""

import numpy as np
import pytest

import talweg as tw
from talweg import nn
from talweg.nn import functional as F


@pytest.mark.parametrize("pairs", ["halves", "neighbours"])
def test_products_depend_on_distance_alone(pairs, rng):
    q, k = rng.normal(size=(2, 1, 8))

    def product(m, n):
        a, b = F.rotary(q[None], [m], pairs=pairs).numpy(), F.rotary(k[None], [n], pairs=pairs).numpy()
        return float((a * b).sum())

    for distance in (0, 3, 40):
        assert product(distance, 0) == pytest.approx(product(distance + 17, 17), abs=1e-12)
    assert np.linalg.norm(F.rotary(q[None], [123], pairs=pairs).numpy()) == pytest.approx(np.linalg.norm(q), rel=1e-14)


@pytest.mark.parametrize("pairs", ["halves", "neighbours"])
def test_a_cache_holds_what_came_before(pairs, rng):
    x = rng.normal(size=(2, 3, 9, 6)).astype("float32")
    layer = nn.RotaryPositions(4, pairs=pairs)
    whole = layer(x).numpy()
    steps = [F.rotary(x[:, :, t : t + 1], width=4, pairs=pairs, offset=t).numpy() for t in range(9)]
    np.testing.assert_array_equal(np.concatenate(steps, 2), whole)
    later = nn.RotaryPositions(4, pairs=pairs, offset=5)
    np.testing.assert_array_equal(later(x[:, :, 5:]).numpy(), whole[:, :, 5:])
    listed = np.stack([np.arange(9), np.arange(9)[::-1]])
    turned = layer(x, listed).numpy()
    np.testing.assert_array_equal(turned[0], whole[0])
    np.testing.assert_array_equal(turned[1, :, ::-1], layer(x[:, :, ::-1].copy()).numpy()[1])
    # The same layer in another precision, and longer.
    np.testing.assert_allclose(layer(np.tile(x, (1, 1, 5, 1)).astype("float64")).numpy()[:, :, :9], whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pairs", ["halves", "neighbours"])
def test_derivatives(pairs, rng):
    x = tw.tensor(rng.normal(size=(2, 3, 6)))
    positions = np.array([[4, 0, 2], [1, 1, 7]])
    assert tw.autograd.gradcheck(
        lambda x: F.rotary(x, positions, pairs=pairs, width=4, base=50.0).square(), x, second_order=True
    )


def test_far_positions_need_no_table(rng):
    x = rng.normal(size=(1, 2))
    far = 10**12
    expected = (x[0, 0] + 1j * x[0, 1]) * np.exp(1j * float(far))
    got = F.rotary(x, offset=far).numpy()[0]
    np.testing.assert_allclose(got, [expected.real, expected.imag], rtol=1e-12)
    np.testing.assert_allclose(nn.RotaryPositions(offset=far)(x).numpy()[0], got, rtol=0)


def test_sinusoids_and_learned_positions(rng):
    np.testing.assert_allclose(
        F.sinusoidal_positions(3, 4, first=2, base=100.0, dtype="float64").numpy(),
        [[np.sin(p), np.cos(p), np.sin(p / 10), np.cos(p / 10)] for p in (2.0, 3.0, 4.0)],
        rtol=1e-14,
    )
    layer = nn.SinusoidalPositions(4)
    x = rng.normal(size=(2, 5, 4))
    first = layer(x).numpy()
    np.testing.assert_array_equal(layer(np.concatenate([x, x], 1)).numpy()[:, :5], first)
    np.testing.assert_array_equal(layer(x, np.arange(5)).numpy(), first)
    learned = nn.LearnedPositions(500, 100, dtype="float64", generator=tw.random.Generator(4))
    w = learned.weight.detach().numpy()
    assert w.std() == pytest.approx(0.02, rel=0.02) and learned.weight.requires_grad
    np.testing.assert_array_equal(learned(np.zeros((3, 100))).detach().numpy(), w[:3])


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.RotaryPositions(3), ValueError, "even"),
        (lambda: nn.RotaryPositions(4, base=0.0), ValueError, "base is 0.0"),
        (lambda: nn.RotaryPositions(4, offset=-1), ValueError, "-1"),
        (lambda: nn.RotaryPositions(4, pairs="thirds"), ValueError, "'thirds'"),
        (lambda: F.rotary(np.zeros(4)), ValueError, "[.., positions, width]"),
        (lambda: F.rotary(np.zeros((2, 3))), ValueError, "even"),
        (lambda: F.rotary(np.zeros((2, 4)), width=6), ValueError, "rows of [2, 4]"),
        (lambda: F.rotary(np.zeros((2, 4)), [0, 1, 2]), ValueError, "positions [3]"),
        (lambda: F.rotary(np.zeros((2, 4)), [0, -1]), IndexError, "-1"),
        (lambda: F.rotary(np.zeros((2, 4)), [0.0, 1.0]), TypeError, "integers"),
        (lambda: nn.SinusoidalPositions(0), ValueError, "width is 0"),
        (lambda: nn.SinusoidalPositions(4)(np.zeros((2, 3))), ValueError, "4]"),
        (lambda: nn.SinusoidalPositions(4)(np.zeros((2, 4)), [0, 2**20]), IndexError, "1048576"),
        (lambda: F.sinusoidal_positions(-1, 4), ValueError, "-1 positions"),
        (lambda: nn.LearnedPositions(0, 4), ValueError, "0 rows"),
        (lambda: nn.LearnedPositions(2, 4)(np.zeros((3, 4), "float32")), IndexError, "3 positions, of 2"),
        (lambda: nn.LearnedPositions(2, 4)(np.zeros((1, 4), "float32"), [2]), IndexError, "2"),
    ],
)
def test_what_is_refused(call, error, says):
    with pytest.raises(error) as raised:
        call()
    assert says in str(raised.value)
