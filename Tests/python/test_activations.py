"""What activations have beyond the fixtures: functions, second derivatives, kinks, 16 bits, and what they refuse."""

import numpy as np
import pytest
import scipy.special

import talweg as tw
from talweg import nn
from talweg.nn import functional as F

PLAIN = [
    F.relu6, F.selu, F.celu, F.mish, F.softplus, F.softsign, F.hardtanh, F.hardsigmoid, F.hardswish, F.logsigmoid,
    F.tanhshrink, F.softshrink, F.hardshrink, F.softmin, F.glu, F.swiglu, F.geglu, F.reglu, F.gelu, F.silu, F.elu,
    F.leaky_relu, F.softmax, F.log_softmax,
]  # fmt: skip


@pytest.mark.parametrize("function", PLAIN, ids=lambda f: f.__name__)
def test_derivatives_of_both_orders(function, rng):
    # Away from every kink: 0, 0.5, 1, 3 and 6, and their negatives.
    x = rng.choice([-7.0, -4.1, -2.3, -0.7, -0.2, 0.3, 0.8, 1.7, 4.4, 6.6], size=(3, 4)) + rng.uniform(-0.05, 0.05, (3, 4))
    assert tw.autograd.gradcheck(function, tw.tensor(x, dtype="float64"), second_order=True)


def test_prelu_derivatives(rng):
    x = tw.tensor(rng.choice([-1.0, 1.0], size=(2, 3, 2)) * rng.uniform(0.5, 2, (2, 3, 2)), dtype="float64")
    assert tw.autograd.gradcheck(F.prelu, (x, tw.tensor(rng.normal(size=3), dtype="float64")), second_order=True)
    assert tw.autograd.gradcheck(F.prelu, (x, tw.tensor([0.3], dtype="float64")), second_order=True)


@pytest.mark.parametrize(
    ("function", "at", "value", "slope"),
    [
        (F.relu6, 0.0, 0.0, 0.0),
        (F.relu6, 6.0, 6.0, 0.0),
        (F.hardtanh, -1.0, -1.0, 0.0),
        (F.hardsigmoid, 3.0, 1.0, 0.0),
        (F.softshrink, 0.5, 0.0, 0.0),
        (F.hardshrink, -0.5, 0.0, 0.0),
        (lambda x: F.threshold(x, 0.25, 7.0), 0.25, 7.0, 0.0),
    ],
)
def test_kinks(function, at, value, slope):
    x = tw.tensor([at], dtype="float64")
    x.requires_grad = True
    y = function(x)
    y.sum().backward()
    assert y.item() == value and x.grad.item() == slope


def test_far_values_neither_overflow_nor_vanish():
    x = np.array([-1000.0, -40.0, 40.0, 1000.0])
    np.testing.assert_allclose(F.softplus(x).numpy(), [0, np.exp(-40.0), 40, 1000], rtol=1e-12)
    np.testing.assert_allclose(F.logsigmoid(x).numpy(), [-1000, -40, -np.exp(-40.0), 0], rtol=1e-12)
    np.testing.assert_allclose(F.mish(x).numpy(), x * np.tanh(np.logaddexp(0, x)), rtol=1e-12, atol=1e-300)
    for function in PLAIN:
        t = tw.tensor(x)
        t.requires_grad = True
        function(t).sum().backward()
        assert np.isfinite(t.grad.numpy()).all(), function.__name__


def test_nan_stays():
    for function in (*PLAIN, lambda x: F.threshold(x, 0.0, 1.0)):
        assert np.isnan(function(np.array([np.nan, np.nan])).numpy()).all()


def test_dtypes(rng):
    np.testing.assert_allclose(F.hardswish(np.array([1, 2])).numpy(), [4 / 6, 10 / 6])
    x = tw.tensor(rng.normal(size=(4, 6)), dtype="bfloat16")
    for function in PLAIN:
        narrow, exact = function(x), function(x.astype("float32")).numpy()
        assert narrow.dtype == tw.bfloat16
        # Rounded once, to eight bits.
        np.testing.assert_allclose(narrow.astype("float32").numpy(), exact, rtol=2**-8, atol=1e-30)


def test_softplus_threshold():
    x = np.array([0.9, 1.1])
    np.testing.assert_allclose(F.softplus(x, 2.0, 2.0).numpy(), [np.log1p(np.exp(1.8)) / 2, 1.1], rtol=1e-14)


def test_layers_are_named_and_have_no_parameters():
    net = nn.Sequential(nn.SiLU(), nn.LeakyReLU(0.2, inplace=True), nn.GELU("tanh"), nn.PReLU(3))
    text = repr(net)
    assert "SiLU" in text and "LeakyReLU" in text and "GELU" in text and "PReLU" in text
    assert [name for name, _ in net.named_parameters()] == ["3.weight"]
    assert net[3].weight.shape == (3,) and net[3].weight.detach().numpy().tolist() == [0.25] * 3


def test_axis_is_dim():
    x = np.arange(6.0).reshape(2, 3)
    expected = scipy.special.softmax(x, 0)
    np.testing.assert_allclose(nn.Softmax(dim=0)(x).numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(nn.Softmax(axis=0)(x).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nn.CELU(0.0), "alpha is 0.0"),
        (lambda: nn.CELU(-1.0), "alpha"),
        (lambda: nn.Softplus(0.0), "beta is 0.0"),
        (lambda: nn.Softplus(threshold=float("nan")), "threshold is nan"),
        (lambda: nn.Hardtanh(1.0, 1.0), "low is 1.0 and high 1.0"),
        (lambda: nn.Softshrink(-0.1), "lambda is -0.1"),
        (lambda: nn.Hardshrink(float("inf")), "lambda is inf"),
        (lambda: nn.LeakyReLU(float("nan")), "slope is nan"),
        (lambda: nn.ELU(float("inf")), "alpha is inf"),
        (lambda: nn.Threshold(float("nan"), 0.0), "threshold is nan"),
        (lambda: nn.GELU("erf"), "'erf'"),
        (lambda: nn.PReLU(0), "0 slopes"),
        (lambda: nn.PReLU(1, float("nan")), "start at nan"),
        (lambda: F.glu(np.zeros((2, 3))), "axis 1 of [2, 3] has 3"),
        (lambda: F.glu(np.zeros(4), 1), "axis 1"),
        (lambda: F.prelu(np.zeros((2, 3)), np.zeros(2)), "2 slopes for the 3 channels"),
        (lambda: F.prelu(np.zeros((2, 3)), np.zeros((1, 3))), "[slopes]"),
    ],
)
def test_what_is_refused(make, says):
    with pytest.raises((ValueError, IndexError)) as error:
        make()
    assert says in str(error.value)


def test_prelu_refuses_other_dtypes():
    with pytest.raises(TypeError, match="prelu"):
        F.prelu(np.zeros(3, "float32"), np.zeros(1))
    with pytest.raises(TypeError, match="prelu"):
        nn.PReLU(dtype="int32")
