"""Layers of convolution and pooling: against PyTorch from fixtures, and what they refuse."""

import numpy as np
import pytest
from layer_fixtures import File

import talweg as tw
from talweg import nn
from talweg.nn import functional as F

CASES = File("conv_layers").cases()


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_against_torch(case):
    case.check_training(case.check_once())


def test_functions_are_the_layers(rng):
    """Padding by name, ceilings and adaptive sizes, as functions."""
    x = tw.asarray(rng.normal(size=(2, 2, 5, 6)))
    layer = nn.Conv2d(2, 3, (2, 3), padding="same", dtype="float64")
    y = F.conv2d(x, layer.weight, layer.bias, padding="same")
    assert y.shape == (2, 3, 5, 6)
    np.testing.assert_array_equal(y.detach().numpy(), layer(x).detach().numpy())
    line = nn.Conv1d(2, 3, 4, padding="same", dilation=3, dtype="float64")
    z = tw.asarray(rng.normal(size=(2, 2, 9)))
    np.testing.assert_array_equal(
        F.conv1d(z, line.weight, line.bias, padding="same", dilation=3).detach().numpy(), line(z).detach().numpy()
    )
    np.testing.assert_array_equal(
        F.conv2d(x, layer.weight, padding="valid").detach().numpy(), F.conv2d(x, layer.weight).detach().numpy()
    )
    for function, layer in [
        (lambda: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), nn.MaxPool2d(3, 2, 1, ceil_mode=True)),
        (lambda: F.avg_pool2d(x, 3, 2, 1, True, False), nn.AvgPool2d(3, 2, 1, True, False)),
        (lambda: F.avg_pool2d(x, 2, divisor_override=3), nn.AvgPool2d(2, divisor_override=3)),
        (lambda: F.adaptive_avg_pool2d(x, (3, None)), nn.AdaptiveAvgPool2d((3, None))),
        (lambda: F.adaptive_max_pool2d(x, 4), nn.AdaptiveMaxPool2d(4)),
        (lambda: F.interpolate(x, (3, 9), mode="bilinear"), nn.Upsample((3, 9), mode="bilinear")),
        (lambda: F.interpolate(x, scale_factor=1.5), nn.Upsample(scale_factor=1.5)),
        (lambda: F.pixel_shuffle(x, 1), nn.PixelShuffle(1)),
    ]:
        np.testing.assert_array_equal(function().numpy(), layer(x).numpy())


def test_global_average_pool(rng):
    x = rng.normal(size=(2, 3, 4, 5))
    np.testing.assert_allclose(nn.GlobalAveragePool()(x).numpy(), x.mean(axis=(2, 3)), rtol=1e-12)
    np.testing.assert_allclose(nn.GlobalAveragePool()(x[..., 0]).numpy(), x[..., 0].mean(axis=2), rtol=1e-12)
    with pytest.raises(ValueError, match="global_average_pool"):
        nn.GlobalAveragePool()(x[..., 0, 0])


def test_nan_and_infinity():
    """A window with a NaN has NaN as its maximum; an infinity stays in its own windows."""
    x = np.arange(10.0).reshape(1, 1, 10)
    x[0, 0, 4] = np.nan
    np.testing.assert_array_equal(nn.AdaptiveMaxPool1d(3)(x).numpy()[0, 0], [3, np.nan, 9])
    x[0, 0, 4] = np.inf
    np.testing.assert_array_equal(nn.AdaptiveAvgPool1d(4)(x).numpy()[0, 0], [1, np.inf, 6, 8])


def test_separable(rng):
    layer = nn.SeparableConv2d(3, 5, (3, 2), stride=2, padding=1, dtype="float64")
    assert [name for name, _ in layer.named_parameters()] == [
        "depthwise.weight",
        "depthwise.bias",
        "pointwise.weight",
        "pointwise.bias",
    ]
    state = layer.state_dict()
    assert state["depthwise.weight"].shape == (3, 1, 3, 2) and state["pointwise.weight"].shape == (5, 3, 1, 1)
    x = tw.asarray(rng.normal(size=(2, 3, 7, 6)))
    inner = F.conv2d(x, state["depthwise.weight"], state["depthwise.bias"], stride=2, padding=1, groups=3)
    outer = F.conv2d(inner, state["pointwise.weight"], state["pointwise.bias"])
    np.testing.assert_array_equal(layer(x).detach().numpy(), outer.numpy())


def test_start(rng):
    """Weights start as PyTorch's: U(-b, b) with b = 1 / sqrt(fan in), and from a generator of one's own the same."""
    a = nn.Conv2d(8, 16, 5, groups=2, generator=tw.random.Generator(3))
    b = nn.Conv2d(8, 16, 5, groups=2, generator=tw.random.Generator(3))
    bound = 1 / np.sqrt(4 * 25)
    w = a.weight.detach().numpy()
    np.testing.assert_array_equal(w, b.weight.detach().numpy())
    assert bound * 0.98 < np.abs(w).max() <= bound and np.abs(a.bias.detach().numpy()).max() <= bound
    transposed = nn.ConvTranspose1d(6, 50, 4, init="he_normal", dtype="float64")
    assert transposed.weight.shape == (6, 50, 4) and not transposed.bias.numpy().any()
    assert transposed.weight.numpy().std() == pytest.approx(np.sqrt(2 / 200), rel=0.1)


def test_state_and_files(tmp_path, rng):
    def network():
        return nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3, relu=True), nn.MaxPool2d(2))

    one, other = network(), network()
    x = tw.asarray(rng.normal(size=(4, 1, 8, 8)).astype("float32"))
    for _ in range(3):
        one(x)
    one.save(tmp_path / "net.safetensors")
    other.load(tmp_path / "net.safetensors")
    assert list(other.state_dict()) == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    ]
    for name, tensor in one.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), other.state_dict()[name].numpy())
    assert other.state_dict()["1.num_batches_tracked"].item() == 3
    one.eval(), other.eval()
    np.testing.assert_array_equal(one(x).detach().numpy(), other(x).detach().numpy())


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "groups"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "groups"),
        (lambda: nn.Conv2d(4, 4, 3, groups=0), "groups"),
        (lambda: nn.Conv2d(0, 4, 3), "channels"),
        (lambda: nn.Conv2d(1, -4, 3), "channels"),
        (lambda: nn.Conv2d(1, 4, 0), "kernel_size"),
        (lambda: nn.Conv2d(1, 4, (3, -1)), "kernel_size"),
        (lambda: nn.Conv2d(1, 4, 3, stride=0), "stride"),
        (lambda: nn.Conv2d(1, 4, 3, dilation=(1, 0)), "dilation"),
        (lambda: nn.Conv2d(1, 4, 3, padding=-1), "padding"),
        (lambda: nn.Conv2d(1, 4, 3, padding="some"), "padding"),
        (lambda: nn.Conv2d(1, 4, 3, padding="same", stride=2), "stride 1"),
        (lambda: nn.Conv2d(1, 4, 3, padding_mode="none"), "padding_mode"),
        (lambda: nn.Conv2d(1, 4, (3, 3, 3)), "3 numbers for 2 axes"),
        (lambda: nn.Conv2d(2**62, 2**62, 3), "conv2d"),
        (lambda: nn.Conv1d(1, 1, 2**62), "conv1d"),
        (lambda: nn.Conv1d(1, 1, 3, stride=2**40), "stride"),
        (lambda: nn.Conv1d(1, 1, 3, stride=2**70), "stride"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, output_padding=1), "output_padding"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), "transposed"),
        (lambda: nn.MaxPool2d(0), "kernel_size"),
        (lambda: nn.MaxPool2d(2, stride=0), "stride"),
        (lambda: nn.MaxPool2d(2, padding=2), "padding"),
        (lambda: nn.AvgPool1d(2, stride=-1), "stride"),
        (lambda: nn.AvgPool2d(2, divisor_override=0), "divided by 0"),
        (lambda: nn.AdaptiveAvgPool2d(0), "output_size"),
        (lambda: nn.AdaptiveMaxPool1d(2**40), "output_size"),
        (lambda: nn.AdaptiveAvgPool2d((1, 2, 3)), "3 sizes for 2 axes"),
        (lambda: nn.Upsample(), "either a size"),
        (lambda: nn.Upsample(3, 2), "either a size"),
        (lambda: nn.Upsample(0), "size"),
        (lambda: nn.Upsample((3, -1)), "size"),
        (lambda: nn.Upsample(scale_factor=0.0), "scale_factor"),
        (lambda: nn.Upsample(scale_factor=float("nan")), "scale_factor"),
        (lambda: nn.Upsample(2, mode="cubic"), "mode"),
        (lambda: nn.Upsample(2, align_corners=True), "linear"),
        (lambda: nn.PixelShuffle(0), "factor"),
        (lambda: nn.PixelShuffle(2**40), "factor"),
    ],
)
def test_refused_when_made(make, match):
    with pytest.raises(ValueError, match=match):
        make()


def test_dtypes_refused():
    for dtype in ("int32", "float16", "bfloat16"):
        with pytest.raises((TypeError, ValueError), match="float32 or float64"):
            nn.Conv2d(1, 1, 3, dtype=dtype)


@pytest.mark.parametrize(
    ("make", "shape", "match"),
    [
        (lambda: nn.Conv2d(3, 4, 3), (2, 3, 2, 5), "conv2d"),
        (lambda: nn.Conv2d(3, 4, 3, dilation=3, padding=1), (2, 3, 4, 9), "conv2d"),
        (lambda: nn.Conv2d(3, 4, 3), (2, 2, 5, 5), "channels"),
        (lambda: nn.Conv2d(3, 4, 3), (3, 5, 5), r"not \[batch"),
        (lambda: nn.Conv2d(3, 4, 3, padding="same", padding_mode="reflect"), (3, 5, 5), r"not \[batch"),
        (lambda: nn.Conv1d(3, 4, 3), (2, 3, 5, 5), r"not \[batch"),
        (lambda: nn.Conv2d(3, 4, 3), (2, 3, 0, 5), "no positions"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding=2), (2, 3, 1, 1), "padding"),
        (lambda: nn.MaxPool2d(3), (2, 3, 2, 5), "spans"),
        (lambda: nn.MaxPool2d(3), (3, 5, 5), r"not \[batch"),
        (lambda: nn.AdaptiveAvgPool2d(3), (3, 5, 5), r"not \[batch"),
        (lambda: nn.AdaptiveMaxPool1d(3), (2, 3, 0), "no positions"),
        (lambda: nn.Upsample(3), (2, 3), "upsample"),
        (lambda: nn.Upsample(3), (2, 3, 0), "upsample"),
        (lambda: nn.Upsample(scale_factor=1e30), (2, 3, 2), "upsample"),
        (lambda: nn.Upsample(scale_factor=0.1), (2, 3, 2), "upsample"),
        (lambda: nn.PixelShuffle(2), (1, 6, 2, 2), "channels"),
        (lambda: nn.PixelShuffle(2), (1, 4, 2), r"not \[n, c"),
    ],
)
def test_refused_inputs(make, shape, match):
    layer = make()
    with pytest.raises(ValueError, match=match):
        layer(np.zeros(shape, "float32"))


def test_refused_dtype_of_input():
    with pytest.raises((TypeError, ValueError), match="float64"):
        nn.Conv2d(1, 1, 1)(np.zeros((1, 1, 2, 2)))
    with pytest.raises((TypeError, ValueError), match="int64"):
        nn.AdaptiveAvgPool2d(3)(np.zeros((1, 1, 5, 5), "int64"))


def test_removed_weight():
    layer = nn.Conv2d(1, 1, 1)
    del layer.weight
    with pytest.raises(tw.TalwegError, match="weight"):
        layer(np.zeros((1, 1, 2, 2), "float32"))


def test_empty_batch():
    x = tw.zeros((0, 2, 5, 5), dtype="float32")
    pools = (nn.MaxPool2d(2, ceil_mode=True), nn.AdaptiveAvgPool2d(3), nn.AdaptiveMaxPool2d(3))
    for layer in (nn.Conv2d(2, 3, 2), *pools):
        assert layer(x).shape[0] == 0


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: F.max_pool2d(x, (3, 2), (2, 3), (0, 1), ceil_mode=True), (2, 1, 6, 8)),
        (lambda x: F.avg_pool2d(x, (3, 2), (2, 3), (1, 0), True), (2, 1, 6, 8)),
        (lambda x: F.avg_pool1d(x, 4, 3, 2, True, False), (1, 2, 8)),
        (lambda x: F.avg_pool2d(x, 2, divisor_override=3), (1, 1, 4, 5)),
        (lambda x: F.adaptive_avg_pool2d(x, (3, 4)), (2, 1, 5, 7)),
        (lambda x: F.adaptive_avg_pool1d(x, 3), (1, 2, 7)),
        (lambda x: F.adaptive_max_pool2d(x, (3, 4)), (2, 1, 5, 7)),
        (lambda x: nn.GlobalAveragePool()(x), (2, 2, 3, 2)),
        (lambda x: F.interpolate(x, (3, 5)), (1, 2, 2, 3)),
        (lambda x: F.interpolate(x, scale_factor=(1.5, 2.5), mode="bilinear"), (1, 1, 3, 2)),
        (lambda x: F.pixel_shuffle(x, 2), (1, 4, 2, 2)),
    ],
)
def test_derivatives(rng, function, shape):
    """First and second order, by differences."""
    x = tw.asarray(rng.permutation(np.prod(shape)).reshape(shape) / 10.0)
    assert tw.autograd.gradcheck(lambda x: function(x).sin(), x, second_order=True)


@pytest.mark.parametrize("kind", ["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"])
def test_derivatives_of_convolution(rng, kind):
    stride = {"stride": 2} if "Transpose" in kind else {"padding": "same", "padding_mode": "circular"}
    layer = getattr(nn, kind)(4, 2, 2, groups=2, dtype="float64", **stride)
    x = tw.asarray(rng.normal(size=(1, 4, 3) if "1d" in kind else (1, 4, 3, 2)))
    assert tw.autograd.gradcheck(lambda x: layer(x).sin(), x, second_order=True)
