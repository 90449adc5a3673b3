"""Initialisers: moments derived from the definitions, orthogonality, and the same bits for the same seed."""

import math

import numpy as np
import pytest
import scipy.stats

import talweg as tw
from talweg import nn
from talweg.nn import init

SHAPE = (300, 200)  # outputs, inputs
N = SHAPE[0] * SHAPE[1]


def drawn(function, *arguments, shape=SHAPE, dtype="float64", seed=11, **options):
    tensor = tw.empty(shape, dtype=dtype)
    assert function(tensor, *arguments, generator=tw.random.Generator(seed), **options) is tensor
    return tensor.numpy()


def has_moments(values, mean, variance, kurtosis):
    """Sample mean and variance within 5 standard errors: sqrt(v / n), and v sqrt((kurtosis - 1) / n)."""
    n = values.size
    assert abs(values.mean() - mean) <= 5 * math.sqrt(variance / n)
    assert abs(values.var() - variance) <= 5 * variance * math.sqrt((kurtosis - 1) / n)


FORMULAS = [
    # function, arguments, variance, whether uniform
    (init.xavier_uniform_, (), 2 / 500, True),
    (init.xavier_uniform_, (3.0,), 9 * 2 / 500, True),
    (init.xavier_normal_, (), 2 / 500, False),
    (init.xavier_normal_, (0.5,), 0.25 * 2 / 500, False),
    (init.kaiming_uniform_, (), 2 / 200, True),
    (init.kaiming_uniform_, (math.sqrt(5),), 1 / 3 / 200, True),
    (init.kaiming_uniform_, (0.0, "fan_out", "tanh"), 25 / 9 / 300, True),
    (init.kaiming_normal_, (0.0, "fan_in", "relu"), 2 / 200, False),
    (init.kaiming_normal_, (0.0, "fan_out", "linear"), 1 / 300, False),
    (init.kaiming_normal_, (0.0, "fan_in", "selu"), 9 / 16 / 200, False),
    (init.lecun_uniform_, (), 1 / 200, True),
    (init.lecun_normal_, (), 1 / 200, False),
]


@pytest.mark.parametrize(("function", "arguments", "variance", "uniform"), FORMULAS)
def test_moments(function, arguments, variance, uniform):
    values = drawn(function, *arguments)
    # Of a uniform distribution the fourth moment is 1.8 squared variances, of a normal one 3.
    has_moments(values, 0, variance, 1.8 if uniform else 3)
    if uniform:
        bound = math.sqrt(3 * variance)
        assert 0.999 * bound < np.abs(values).max() <= bound
    else:
        assert scipy.stats.kstest(values.ravel() / math.sqrt(variance), "norm").pvalue > 1e-4


def test_fans_of_convolutions():
    # [outputs, inputs, height, width]: fan in 6 * 15, fan out 40 * 15.
    values = drawn(init.kaiming_normal_, shape=(40, 6, 3, 5))
    has_moments(values, 0, 2 / 90, 3)
    has_moments(drawn(init.kaiming_normal_, 0.0, "fan_out", shape=(40, 6, 3, 5)), 0, 2 / 600, 3)
    has_moments(drawn(init.xavier_uniform_, shape=(40, 6, 3, 5)), 0, 2 / 690, 1.8)


@pytest.mark.parametrize(("mean", "std", "low", "high"), [(0, 1, -2, 2), (1, 0.5, 0.9, 3), (0, 2, 5, 9), (0, 1, -20, -9)])
def test_truncated_normal(mean, std, low, high):
    values = drawn(init.trunc_normal_, mean, std, low, high)
    assert low <= values.min() and values.max() <= high
    exact = scipy.stats.truncnorm((low - mean) / std, (high - mean) / std, mean, std)
    variance = exact.var()
    assert abs(values.mean() - exact.mean()) <= 5 * math.sqrt(variance / N)
    if low > -20:  # SciPy's own distribution function loses the far tail
        assert scipy.stats.kstest(values.ravel(), exact.cdf).pvalue > 1e-4


def test_uniform_normal_and_constants():
    has_moments(drawn(init.uniform_, 2.0, 5.0), 3.5, 9 / 12, 1.8)
    has_moments(drawn(init.normal_, -1.0, 0.5), -1, 0.25, 3)
    x = tw.zeros((2, 3), dtype="float64")
    assert init.constant_(x, -2.5) is x and x.numpy().tolist() == [[-2.5] * 3] * 2
    assert init.ones_(x).numpy().tolist() == [[1.0] * 3] * 2
    assert init.eye_(x).numpy().tolist() == np.eye(2, 3).tolist()
    assert init.eye_(x, 3.0).numpy().tolist() == (3 * np.eye(2, 3)).tolist()
    assert init.zeros_(x).numpy().tolist() == [[0.0] * 3] * 2
    assert not init.xavier_normal_(init.ones_(x), 0.0).numpy().any()


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (4, 2, 3), (1, 5), (5, 1)])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-14)])
def test_orthogonal(shape, dtype, tolerance):
    q = drawn(init.orthogonal_, 2.0, shape=shape, dtype=dtype).reshape(shape[0], -1) / 2
    small = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(small, np.eye(len(small)), atol=tolerance)


def test_orthogonal_matrices_are_uniform():
    # By Haar's measure every element has mean 0 and variance 1 / n, and the trace has mean 0 and variance 1.
    generator = tw.random.Generator(5)
    tensor = tw.empty((4, 4), dtype="float64")
    traces = np.array([np.trace(init.orthogonal_(tensor, generator=generator).numpy()) for _ in range(2000)])
    assert abs(traces.mean()) <= 5 / math.sqrt(2000) and abs(traces.var() - 1) <= 5 * math.sqrt(2 / 2000)


@pytest.mark.parametrize("groups", [1, 2])
def test_dirac_lets_channels_through(groups, rng):
    weight = init.dirac_(tw.empty((4, 4 // groups, 3), dtype="float64"), groups)
    x = rng.normal(size=(2, 4, 6))
    np.testing.assert_array_equal(nn.functional.conv1d(x, weight, padding=1, groups=groups).numpy(), x)
    plane = init.dirac_(tw.empty((2, 3, 3, 5), dtype="float64")).numpy()
    assert plane.sum() == 2 and plane[0, 0, 1, 2] == plane[1, 1, 1, 2] == 1


def test_gains():
    assert init.calculate_gain("linear") == init.calculate_gain("sigmoid") == init.calculate_gain("conv2d") == 1
    assert init.calculate_gain("tanh") == pytest.approx(5 / 3)
    assert init.calculate_gain("relu") == pytest.approx(math.sqrt(2))
    assert init.calculate_gain("leaky_relu") == pytest.approx(math.sqrt(2 / (1 + 1e-4)))
    assert init.calculate_gain("leaky_relu", 0.2) == pytest.approx(math.sqrt(2 / 1.04))
    assert init.calculate_gain("selu") == 0.75
    for unknown in ("softplus", "nothing"):
        with pytest.raises(ValueError, match=r"gain|nonlinearity"):
            init.calculate_gain(unknown)


@pytest.mark.parametrize("function", [init.xavier_uniform_, init.kaiming_normal_, init.trunc_normal_, init.orthogonal_])
def test_the_same_seed_gives_the_same_bits(function):
    first, second, other = (drawn(function, shape=(64, 70), dtype="float32", seed=s) for s in (3, 3, 4))
    assert first.tobytes() == second.tobytes() != other.tobytes()
    tw.seed(3)
    shared = function(tw.empty((64, 70), dtype="float32")).numpy()
    assert first.tobytes() == shared.tobytes()


def test_parameters_stay_parameters():
    layer = nn.Linear(4, 3)
    with_bias = layer.bias.detach().numpy().copy()
    assert init.orthogonal_(layer.weight) is layer.weight and layer.weight.requires_grad
    assert layer.weight.grad is None and layer.weight.is_leaf
    np.testing.assert_array_equal(layer.bias.detach().numpy(), with_bias)
    (layer(np.ones((2, 4), "float32")).sum()).backward()
    assert layer.weight.grad is not None


def test_layers_start_so():
    layer = nn.Linear(3, 3, init="orthogonal", gain=2.0, dtype="float64", generator=tw.random.Generator(1))
    w = layer.weight.detach().numpy()
    np.testing.assert_allclose(w @ w.T, 4 * np.eye(3), atol=1e-14)
    w = nn.Linear(200, 300, init="truncated_normal", scale=0.5, dtype="float64").weight.detach().numpy()
    assert np.abs(w).max() <= 1
    has_moments(nn.Linear(200, 300, init="lecun_normal", dtype="float64").weight.detach().numpy(), 0, 1 / 200, 3)
    has_moments(nn.Linear(200, 300, init="he_normal", gain=1.0, dtype="float64").weight.detach().numpy(), 0, 1 / 200, 3)
    assert nn.Linear(2, 2, init="constant", scale=3.0).weight.detach().numpy().tolist() == [[3.0] * 2] * 2
    assert nn.Linear(2, 2, init="eye").weight.detach().numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    with pytest.raises(ValueError, match="dirac"):
        nn.Linear(2, 2, init="dirac")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda x: init.orthogonal_(x[0]), "two axes"),
        (lambda x: init.xavier_uniform_(x[0]), "fans are of"),
        (lambda x: init.eye_(x[0]), "two axes"),
        (lambda x: init.dirac_(x), "one to three axes more"),
        (lambda x: init.dirac_(tw.zeros((3, 2, 2)), 2), "2 groups"),
        (lambda x: init.trunc_normal_(x, 0.0, 1.0, 3.0, 2.0), "bounds in order"),
        (lambda x: init.trunc_normal_(x, 0.0, 0.0), "above 0"),
        (lambda x: init.trunc_normal_(x, 0.0, 1.0, 60.0, 61.0), "next to nothing"),
        (lambda x: init.xavier_normal_(x, float("nan")), "gain is nan"),
        (lambda x: init.kaiming_normal_(x, 0.0, "fan_mean"), "fan_mean"),
        (lambda x: init.normal_(x, 0.0, -1.0), "standard deviation"),
    ],
)
def test_what_is_refused_changes_nothing(call, says):
    x = tw.ones((2, 3), dtype="float64")
    with pytest.raises(ValueError) as error:
        call(x)
    assert says in str(error.value)
    assert (x.numpy() == 1).all()


def test_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="floating"):
        init.ones_(tw.zeros(3, dtype="int32"))
