"""Layers of normalisation: against PyTorch from fixtures, running statistics, and what they refuse."""

import numpy as np
import pytest
from layer_fixtures import File

import talweg as tw
from talweg import nn
from talweg.nn import functional as F

CASES = File("norm_layers").cases()


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_against_torch(case):
    case.check_training(case.check_once())


def state_of(layer):
    return {name: tensor.numpy().copy() for name, tensor in layer.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_functions(rng):
    x, w, b = rng.normal(size=(2, 6, 4, 3)), rng.normal(size=6), rng.normal(size=6)
    rows = x.reshape(2, 3, -1)
    rows = (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + 1e-5)
    expected = rows.reshape(x.shape) * w[:, None, None] + b[:, None, None]
    np.testing.assert_allclose(F.group_norm(x, 3, w, b).numpy(), expected, rtol=1e-12, atol=1e-12)
    mean, variance = tw.zeros(6, dtype="float64"), tw.ones(6, dtype="float64")
    y = F.instance_norm(x, mean, variance, momentum=0.25)
    np.testing.assert_allclose(y.numpy(), F.group_norm(x, 6).numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(mean.numpy(), 0.25 * x.mean(axis=(0, 2, 3)), rtol=1e-12)
    unbiased = x.var(axis=(2, 3), ddof=1).mean(axis=0)
    np.testing.assert_allclose(variance.numpy(), 0.75 + 0.25 * unbiased, rtol=1e-12)
    used = F.instance_norm(x, mean, variance, use_input_stats=False)
    np.testing.assert_allclose(used.numpy(), F.batch_norm(x, mean, variance).numpy(), rtol=1e-14)


def test_residual_and_relu(rng):
    x, r = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 2, 4, 5))
    for plain, fused in [
        (nn.BatchNorm2d(2, dtype="float64"), nn.BatchNorm2d(2, relu=True, dtype="float64")),
        (nn.InstanceNorm2d(2, dtype="float64"), nn.InstanceNorm2d(2, relu=True, dtype="float64")),
    ]:
        np.testing.assert_allclose(fused(x).detach().numpy(), plain(x).detach().relu().numpy(), atol=1e-14)
        both = (plain(x).detach() + tw.asarray(r)).relu()
        np.testing.assert_allclose(fused(x, r).detach().numpy(), both.numpy(), atol=1e-14)
    layer = nn.LayerNorm((4, 5), dtype="float64")
    np.testing.assert_allclose(layer(x, r).detach().numpy(), layer(x + r).detach().numpy(), atol=1e-13)


def test_own_epsilon_of_rms_norm():
    """The gap between 1 and the next number, against the definition."""
    x = np.array([[1e-4, -2e-4]])
    for dtype, epsilon in (("float32", 2.0**-23), ("float64", 2.0**-52)):
        y = nn.RMSNorm(2, dtype=dtype)(x.astype(dtype)).detach().numpy()
        np.testing.assert_allclose(y, x / np.sqrt((x**2).mean() + epsilon), rtol=1e-6)


def test_failed_forward_changes_nothing(rng):
    """Neither the running statistics nor the count move where a pass fails."""
    layer = nn.BatchNorm2d(3)
    layer(rng.normal(size=(2, 3, 4, 4)).astype("float32"))
    before = state_of(layer)
    for x in [
        np.zeros((2, 4, 4, 4), "float32"),
        np.zeros((2, 3, 4), "float32"),
        np.zeros((1, 3, 1, 1), "float32"),
        np.zeros((0, 3, 2, 2), "float32"),
        np.zeros((2, 3, 4, 4)),
    ]:
        with pytest.raises((ValueError, TypeError)):
            layer(x)
        assert same(state_of(layer), before), x.shape
    with pytest.raises(ValueError, match="residual"):
        layer(np.zeros((2, 3, 4, 4), "float32"), np.zeros((2, 3, 4, 5), "float32"))
    assert same(state_of(layer), before)


def test_statistics_are_off_the_tape(rng):
    layer = nn.BatchNorm1d(3, dtype="float64")
    x = tw.asarray(rng.normal(size=(5, 3)))
    x.requires_grad = True
    y = layer(x)
    assert not layer.running_mean.requires_grad
    # Moving them again leaves the gradient of the first pass as it is.
    layer(tw.asarray(rng.normal(size=(5, 3))))
    (y**2).sum().backward()
    again = tw.asarray(x.detach().numpy())
    again.requires_grad = True
    (nn.BatchNorm1d(3, dtype="float64")(again) ** 2).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), again.grad.numpy())


def test_attributes():
    layer = nn.BatchNorm2d(4)
    assert layer.running_mean.shape == (4,) and layer.num_batches_tracked.dtype == tw.int64
    assert layer.weight.shape == (4,) and [n for n, _ in layer.named_buffers()] == [
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]
    bare = nn.BatchNorm2d(4, affine=False, track_running_stats=False)
    assert bare.weight is None and bare.running_mean is None and not list(bare.parameters())
    assert nn.LayerNorm(3, bias=False).bias is None and nn.RMSNorm((2, 3)).weight.shape == (2, 3)
    assert "BatchNorm2d" in repr(nn.Sequential(layer))


def test_counter_out_of_range():
    """A count that a file brought in."""
    layer = nn.BatchNorm1d(2)
    state = layer.state_dict()
    x = np.ones((3, 2), "float32")
    for count in (-1, 2**63 - 1):
        layer.load_state_dict({**state, "num_batches_tracked": np.array(count)})
        with pytest.raises(tw.TalwegError, match="num_batches_tracked"):
            layer(x)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: nn.BatchNorm1d(0), "channels"),
        (lambda: nn.BatchNorm2d(-3), "channels"),
        (lambda: nn.BatchNorm2d(2**62), "batch_norm2d"),
        (lambda: nn.BatchNorm2d(3, eps=-1), "epsilon"),
        (lambda: nn.BatchNorm2d(3, eps=float("nan")), "epsilon"),
        (lambda: nn.BatchNorm2d(3, momentum=1.5), "momentum"),
        (lambda: nn.BatchNorm2d(3, momentum=float("nan")), "momentum"),
        (lambda: nn.InstanceNorm1d(0), "channels"),
        (lambda: nn.LayerNorm(()), "normalized_shape"),
        (lambda: nn.LayerNorm((3, 0)), "normalized_shape"),
        (lambda: nn.LayerNorm((3, -2)), "normalized_shape"),
        (lambda: nn.LayerNorm((2**40, 2**40)), "layer_norm"),
        (lambda: nn.LayerNorm(3, eps=-1.0), "eps"),
        (lambda: nn.RMSNorm(3, eps=float("inf")), "eps"),
        (lambda: nn.RMSNorm((1,) * 9), "normalized_shape"),
        (lambda: nn.GroupNorm(4, 6), "groups"),
        (lambda: nn.GroupNorm(0, 6), "groups"),
        (lambda: nn.GroupNorm(2, 0), "channels"),
        (lambda: nn.LocalResponseNorm(0), "size"),
        (lambda: nn.LocalResponseNorm(2, beta=float("inf")), "finite"),
    ],
)
def test_refused_when_made(make, match):
    with pytest.raises((ValueError, MemoryError), match=match):
        make()


@pytest.mark.parametrize(
    ("make", "shape", "match"),
    [
        (lambda: nn.BatchNorm1d(3), (1, 3), "training needs 2 or more"),
        (lambda: nn.BatchNorm2d(3), (1, 3, 1, 1), "training needs 2 or more"),
        (lambda: nn.BatchNorm1d(3), (3,), "not"),
        (lambda: nn.BatchNorm1d(3), (2, 3, 4, 5), "not"),
        (lambda: nn.BatchNorm2d(3), (2, 3, 4), "not"),
        (lambda: nn.BatchNorm2d(3), (2, 4, 4, 4), "channels"),
        (lambda: nn.InstanceNorm2d(3), (2, 3, 1, 1), "training needs 2 or more"),
        (lambda: nn.InstanceNorm1d(3), (2, 3), "not"),
        (lambda: nn.LayerNorm((2, 3)), (3,), "last axes"),
        (lambda: nn.LayerNorm((2, 3)), (5, 3, 2), "last axes"),
        (lambda: nn.RMSNorm(4), (5, 3), "last axes"),
        (lambda: nn.GroupNorm(2, 4), (5, 6, 2), "not"),
        (lambda: nn.GroupNorm(2, 4), (4,), "not"),
        (lambda: nn.LocalResponseNorm(2), (4, 2), "positions"),
    ],
)
def test_refused_inputs(make, shape, match):
    layer = make()
    with pytest.raises(ValueError, match=match):
        layer(np.zeros(shape, "float32"))


def test_one_value_a_channel_in_evaluation():
    layer = nn.BatchNorm1d(2).eval()
    np.testing.assert_allclose(layer(np.array([[1.0, 2.0]], "float32")).detach().numpy(), [[1, 2]], rtol=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.BatchNorm2d(3),
        lambda: nn.InstanceNorm2d(3, affine=True),
        lambda: nn.LayerNorm(4),
        lambda: nn.RMSNorm(4),
        lambda: nn.GroupNorm(3, 3),
    ],
)
def test_refused_dtype_of_input(make):
    with pytest.raises((TypeError, ValueError), match="float64"):
        make()(np.zeros((2, 3, 4, 4)))


def test_empty_batch():
    x = tw.zeros((0, 4, 3), dtype="float32")
    for layer in (nn.BatchNorm1d(4).eval(), nn.InstanceNorm1d(4), nn.LayerNorm(3), nn.RMSNorm(3), nn.GroupNorm(2, 4)):
        assert layer(x).shape == (0, 4, 3)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.GroupNorm(2, 4, dtype="float64"), (2, 4, 3)),
        (lambda: nn.GroupNorm(3, 6, affine=False, dtype="float64"), (3, 6)),
        (lambda: nn.InstanceNorm2d(2, affine=True, relu=True, dtype="float64"), (2, 2, 3, 2)),
        (lambda: nn.BatchNorm2d(2, track_running_stats=False, dtype="float64"), (2, 2, 2, 2)),
        (lambda: nn.BatchNorm1d(3, dtype="float64").eval(), (2, 3)),
        (lambda: nn.LayerNorm((2, 3), dtype="float64"), (2, 2, 3)),
        (lambda: nn.RMSNorm((2, 3), dtype="float64"), (2, 2, 3)),
        (lambda: nn.LocalResponseNorm(2, alpha=0.7), (1, 3, 2)),
    ],
)
def test_derivatives(rng, make, shape):
    """First and second order, by differences."""
    layer = make()
    x = tw.asarray(rng.normal(size=shape))
    assert tw.autograd.gradcheck(lambda x: layer(x).sin(), x, second_order=True)


def test_derivatives_of_weights(rng):
    x, w, b = (tw.asarray(rng.normal(size=s)) for s in [(2, 4, 3), 4, 4])
    assert tw.autograd.gradcheck(lambda x, w, b: F.group_norm(x, 2, w, b).sin(), (x, w, b), second_order=True)
