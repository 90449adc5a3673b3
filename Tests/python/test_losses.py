"""Losses against PyTorch (Tests/fixtures/torch_losses.py), their derivatives against differences, and bad input."""

import json
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import nn, optim
from talweg._fit import LOSSES
from talweg.nn import functional as F

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def all_cases():
    """Each case with its tensors by name."""
    numbers = tw.load_safetensors(FIXTURES / "losses.safetensors")["numbers"].numpy()
    begin = 0
    for case in json.loads((FIXTURES / "losses.json").read_text())["cases"]:
        arrays = {}
        for name, shape in case["tensors"].items():
            count = int(np.prod(shape))
            arrays[name] = numbers[begin : begin + count].reshape(shape)
            begin += count
        yield case, arrays
    assert begin == len(numbers)


CASES = list(all_cases())
NAMES = sorted({case["function"] for case, _ in CASES})


def by_name(function, inputs, tensors, options):
    if function == "ctc_loss":
        inputs = [F.log_softmax(inputs[0]), *inputs[1:]]
    if function == "info_nce_loss" and len(inputs) == 2:
        inputs = [*inputs, None]
    return getattr(F, function)(*inputs, **tensors, **options)


def near(found, expected, tolerance):
    excess = np.abs(found.detach().numpy().astype(np.float64) - expected) / np.maximum(1, np.abs(expected))
    assert found.shape == expected.shape
    assert np.all(excess <= tolerance), (excess.max(), found, expected)


@pytest.mark.parametrize("function", NAMES)
def test_as_pytorch(function):
    compared = 0
    for case, arrays in CASES:
        if case["function"] != function:
            continue
        inputs, leaves = [], {}
        for name, array in arrays.items():
            if name.startswith("input"):
                leaf = tw.tensor(array, dtype=case["dtype"], requires_grad=f"gradient{name[5:]}" in arrays)
                leaves[name[5:]] = leaf
                inputs.append(leaf)
            elif name.startswith("labels"):
                inputs.append(tw.tensor(array.astype(np.int64)))
        named = {k: tw.tensor(arrays[k], dtype=case["dtype"]) for k in ("weight", "pos_weight") if k in arrays}
        value = by_name(function, inputs, named, case["options"])
        assert value.dtype == getattr(tw, case["dtype"])
        tolerance = TOLERANCE[case["dtype"]]
        near(value, arrays["value"], tolerance)
        value.backward(tw.tensor(arrays["gradient"], dtype=case["dtype"]))
        for number, leaf in leaves.items():
            if leaf.requires_grad:
                near(leaf.grad, arrays[f"gradient{number}"], tolerance)
                compared += 1
    assert compared >= 8


def test_every_loss_is_there():
    assert len(NAMES) == 21
    assert len(CASES) == 391


def numbers(rng, *shape):
    return tw.tensor(rng.normal(size=shape), requires_grad=True)


DERIVATIVES = {
    "mse_loss sum": lambda x, y: F.mse_loss(x, y, reduction="sum"),
    "l1_loss": lambda x, y: F.l1_loss(x, y),
    "huber_loss": lambda x, y: F.huber_loss(x, y, delta=0.7),
    "smooth_l1_loss": lambda x, y: F.smooth_l1_loss(x, y, beta=0.6),
    "log_cosh_loss": lambda x, y: F.log_cosh_loss(x, y, reduction="none"),
    "poisson_nll_loss": lambda x, y: F.poisson_nll_loss(x, y * y + 1.5, full=True),
    "gaussian_nll_loss": lambda x, y: F.gaussian_nll_loss(x, y, x * x + 0.5),
    "bce_with_logits": lambda x, y: F.binary_cross_entropy_with_logits(x * 3, y.sigmoid(), pos_weight=[2.0, 0.5, 1.0]),
    "bce": lambda x, y: F.binary_cross_entropy(x.sigmoid(), y.sigmoid()),
    "hinge_loss": lambda x, y: F.hinge_loss(x + y, [[1.0, -1.0, 1.0]] * 4, reduction="sum"),
    "squared_hinge_loss": lambda x, y: F.squared_hinge_loss(x - y, [[1.0, -1.0, 1.0]] * 4),
    "sigmoid_focal_loss": lambda x, y: F.sigmoid_focal_loss(x + y, [[1.0, 0.0, 1.0]] * 4, gamma=1.5),
    "cross_entropy weights": lambda x, y: F.cross_entropy(x - y, [0, 2, -100, 1], [1.0, 0.5, 2.0], label_smoothing=0.2),
    "cross_entropy shares": lambda x, y: F.cross_entropy(x, F.softmax(y), [1.0, 0.5, 2.0]),
    "cross_entropy axes": lambda x, y: F.cross_entropy((x * y).reshape(2, 3, 2), [[0, 2], [1, 1]]),
    "nll_loss": lambda x, y: F.nll_loss(F.log_softmax(x + y), [0, 2, 1, 1], reduction="none"),
    "focal_loss": lambda x, y: F.focal_loss(x + y, [0, 2, 1, 1], [1.0, 0.5, 2.0]),
    "multi_margin_loss": lambda x, y: F.multi_margin_loss(x + y, [0, 2, 1, 1], p=2, reduction="sum"),
    "kl_div": lambda x, y: F.kl_div(F.log_softmax(x), F.softmax(y), reduction="batchmean"),
    "kl_div log": lambda x, y: F.kl_div(F.log_softmax(x), F.log_softmax(y), log_target=True),
    "cosine_embedding_loss": lambda x, y: F.cosine_embedding_loss(x, y, [1, -1, 1, -1], margin=-0.9),
    "triplet_margin_loss": lambda x, y: F.triplet_margin_loss(x, y, x * y, margin=5.0, reduction="none"),
    "info_nce_loss": lambda x, y: F.info_nce_loss(x, y, temperature=0.7),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name, rng):
    assert tw.autograd.gradcheck(DERIVATIVES[name], [numbers(rng, 4, 3), numbers(rng, 4, 3)], second_order=True)


@pytest.mark.parametrize("lengths", [([6, 5, 4], [3, 2, 0]), ([6, 6, 1], [1, 3, 1])])
def test_derivatives_of_ctc(lengths, rng):
    targets = [[1, 1, 2], [3, 2, 3], [2, 0, 0]]
    if lengths[1][2] == 1:
        targets[2] = [2, 1, 1]
    scores = numbers(rng, 6, 3, 4)
    check = tw.autograd.gradcheck
    # Of unnormalised scores too: the derivatives are those of the function of its input.
    assert check(lambda x: F.ctc_loss(x, targets, *lengths, reduction="none"), [scores], second_order=True)
    assert check(lambda x: F.ctc_loss(F.log_softmax(x), targets, *lengths), [scores], second_order=True)


def test_second_derivative_of_log_cosh_at_zero():
    x = tw.tensor([0.0, 1e-9, 400.0, -400.0], dtype="float64", requires_grad=True)
    loss = F.log_cosh_loss(x, tw.zeros(4, dtype="float64"), reduction="none")
    np.testing.assert_allclose(loss.detach().numpy(), [0, 5e-19, 400 - np.log(2), 400 - np.log(2)], rtol=1e-15)
    (slope,) = tw.grad(loss.sum(), [x], create_graph=True)
    np.testing.assert_allclose(slope.detach().numpy(), [0, 1e-9, 1, -1], rtol=1e-15)
    (curvature,) = tw.grad(slope.sum(), [x])
    np.testing.assert_allclose(curvature.numpy(), [1, 1, 0, 0], atol=1e-15)


def test_large_logits_are_finite():
    for dtype in ("float32", "float64"):
        x = tw.tensor([[1e4, -1e4], [-1e4, 1e4]], dtype=dtype, requires_grad=True)
        y = tw.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=dtype)
        for loss, expected in (
            (F.binary_cross_entropy_with_logits(x, y), 5e3),
            (F.sigmoid_focal_loss(x, y, alpha=-1), 5e3),
            (F.cross_entropy(x, y), 1e4),
            (F.cross_entropy(x, [0, 0], [1.0, 1.0]), 1e4),
            (F.focal_loss(x, [0, 0], gamma=0.5), 1e4),
        ):
            x.grad = None
            loss.backward()
            assert loss.item() == pytest.approx(expected, rel=1e-6)
            assert np.isfinite(x.grad.numpy()).all()


def test_narrow_inputs_are_widened():
    x, y = np.array([0.5, -1.25]), np.array([1.0, 0.0])
    for dtype in ("float16", "bfloat16"):
        loss = F.huber_loss(tw.tensor(x, dtype=dtype), tw.tensor(y, dtype=dtype))
        assert loss.dtype == tw.float32
        assert loss.item() == pytest.approx((0.125 + 0.75) / 2)


def test_all_ignored_is_nan():
    x = np.zeros((2, 3))
    assert np.isnan(F.cross_entropy(x, [-100, -100]).item())
    assert np.isnan(F.nll_loss(x, [-100, -100], [1.0, 1, 1]).item())
    assert np.isnan(F.focal_loss(x, [-100, -100]).item())
    assert F.cross_entropy(x, [-100, -100], reduction="sum").item() == 0
    np.testing.assert_array_equal(F.cross_entropy(x, [-100, -100], reduction="none").numpy(), [0, 0])


def test_ctc_without_alignment(rng):
    x = numbers(rng, 3, 2, 4)
    targets, times, lengths = [[1, 1, 1], [1, 2, 3]], [3, 3], [3, 3]
    losses = F.ctc_loss(F.log_softmax(x), targets, times, lengths, reduction="none")
    assert np.isposinf(losses.detach().numpy()[0]) and np.isfinite(losses.detach().numpy()[1])
    losses.sum().backward()
    assert np.isnan(x.grad.numpy()[:, 0]).all() and np.isfinite(x.grad.numpy()[:, 1]).all()
    x.grad = None
    losses = F.ctc_loss(F.log_softmax(x), targets, times, lengths, reduction="none", zero_infinity=True)
    assert losses.detach().numpy()[0] == 0
    losses.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy()[:, 0], 0)


def test_same_bits_on_any_number_of_threads(rng):
    x = tw.tensor(rng.normal(size=(20, 16, 6)), requires_grad=True)
    targets = rng.integers(1, 6, size=(16, 7))
    found = []
    before = tw.num_threads()
    for threads in (1, 3):
        tw.set_num_threads(threads)
        x.grad = None
        F.ctc_loss(F.log_softmax(x), targets, [20] * 16, [7] * 16).backward()
        found.append(x.grad.numpy().tobytes())
    tw.set_num_threads(before)
    assert found[0] == found[1]


X, LABELS = np.zeros((2, 3)), [0, 2]
P = np.full((2, 3), 0.5)
BAD = {
    "shape": (ValueError, lambda: F.l1_loss(X, np.zeros((3, 2)))),
    "shape of mse": (ValueError, lambda: F.mse_loss(X, np.zeros((2, 1)), reduction="sum")),
    "empty": (ValueError, lambda: F.huber_loss(np.zeros((0, 3)), np.zeros((0, 3)))),
    "empty labels": (ValueError, lambda: F.cross_entropy(np.zeros((0, 3)), np.zeros(0, dtype=int), [1.0, 1, 1])),
    "empty nce": (ValueError, lambda: F.info_nce_loss(np.zeros((0, 3)), np.zeros((0, 3)))),
    "empty ctc": (ValueError, lambda: F.ctc_loss(np.zeros((3, 0, 2)), np.zeros((0, 1), dtype=int), [], [])),
    "reduction": (ValueError, lambda: F.l1_loss(X, X, reduction="average")),
    "reduction type": (ValueError, lambda: F.l1_loss(X, X, reduction=3)),
    "batchmean": (ValueError, lambda: F.l1_loss(X, X, reduction="batchmean")),
    "delta": (ValueError, lambda: F.huber_loss(X, X, delta=0)),
    "beta": (ValueError, lambda: F.smooth_l1_loss(X, X, beta=-1)),
    "nan option": (ValueError, lambda: F.huber_loss(X, X, delta=float("nan"))),
    "label": (IndexError, lambda: F.cross_entropy(X, [0, 3], [1.0, 1, 1])),
    "label below": (IndexError, lambda: F.nll_loss(X, [-1, 0])),
    "label of focal": (IndexError, lambda: F.focal_loss(X, [0, 3])),
    "label of margin": (IndexError, lambda: F.multi_margin_loss(X, [0, 3])),
    "float labels": (TypeError, lambda: F.nll_loss(X, [0.0, 1.0])),
    "bool labels": (TypeError, lambda: F.cross_entropy(X, [True, False])),
    "labels' shape": (ValueError, lambda: F.nll_loss(X, [0])),
    "shares' shape": (ValueError, lambda: F.cross_entropy(X, np.zeros((2, 2)))),
    "weights' length": (ValueError, lambda: F.cross_entropy(X, LABELS, [1.0, 1.0])),
    "weights of nll": (ValueError, lambda: F.nll_loss(X, LABELS, [[1.0, 1.0, 1.0]])),
    "weights of bce": (ValueError, lambda: F.binary_cross_entropy(P, P, [1.0, 1.0])),
    "weights that are larger": (ValueError, lambda: F.binary_cross_entropy_with_logits(X, P, np.ones((4, 2, 3)))),
    "pos_weight": (ValueError, lambda: F.binary_cross_entropy_with_logits(X, P, pos_weight=[1.0, 1.0])),
    "smoothing": (ValueError, lambda: F.cross_entropy(X, LABELS, label_smoothing=1.5)),
    "probability above 1": (ValueError, lambda: F.binary_cross_entropy(P + 0.6, P)),
    "probability below 0": (ValueError, lambda: F.binary_cross_entropy(P - 0.6, P)),
    "probability that is none": (ValueError, lambda: F.binary_cross_entropy(P * np.nan, P)),
    "target above 1": (ValueError, lambda: F.binary_cross_entropy(P, P + 0.6)),
    "hinge target": (ValueError, lambda: F.hinge_loss(X, P)),
    "focal target": (ValueError, lambda: F.sigmoid_focal_loss(X, P)),
    "alpha": (ValueError, lambda: F.sigmoid_focal_loss(X, P * 2, alpha=1.5)),
    "gamma": (ValueError, lambda: F.focal_loss(X, LABELS, gamma=-1)),
    "p": (ValueError, lambda: F.multi_margin_loss(X, LABELS, p=3)),
    "variance": (ValueError, lambda: F.gaussian_nll_loss(X, X, -P)),
    "variance's shape": (ValueError, lambda: F.gaussian_nll_loss(X, X, [1.0, 1.0, 1.0])),
    "eps": (ValueError, lambda: F.poisson_nll_loss(X, X, eps=0)),
    "cosine target": (ValueError, lambda: F.cosine_embedding_loss(X, X, [1, 0])),
    "cosine targets' shape": (ValueError, lambda: F.cosine_embedding_loss(X, X, [1])),
    "triplet shapes": (ValueError, lambda: F.triplet_margin_loss(X, X, P[:1])),
    "triplet p": (ValueError, lambda: F.triplet_margin_loss(X, X, X, p=0)),
    "temperature": (ValueError, lambda: F.info_nce_loss(X, X, temperature=0)),
    "negatives": (ValueError, lambda: F.info_nce_loss(X, X, np.zeros((4, 2)))),
    "ctc rank": (ValueError, lambda: F.ctc_loss(np.zeros(3), [1], 1, 1)),
    "ctc blank": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1]], [3], [1], blank=2)),
    "ctc label": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[2]], [3], [1])),
    "ctc blank as label": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[0]], [3], [1])),
    "ctc input length": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1]], [4], [1])),
    "ctc no input": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1]], [0], [1])),
    "ctc target length": (IndexError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1]], [3], [2])),
    "ctc lengths": (ValueError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1]], [3, 3], [1])),
    "ctc labels left": (ValueError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [1, 1], [3], [1])),
    "ctc float": (TypeError, lambda: F.ctc_loss(np.zeros((3, 1, 2)), [[1.0]], [3], [1])),
}


@pytest.mark.parametrize("name", BAD)
def test_refuses(name):
    error, call = BAD[name]
    before = tw.live_handles()
    with pytest.raises(error, match=":|reduction"):
        call()
    assert tw.live_handles() == before


def test_classes(rng):
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    labels, signs = [0, 2, 1, 1], np.sign(y)
    p = 1 / (1 + np.exp(-y))
    weight = [1.0, 2.0, 0.5]
    for made, expected in [
        (nn.L1Loss()(x, y), F.l1_loss(x, y)),
        (nn.MSELoss(reduction="sum")(x, y), F.mse_loss(x, y, reduction="sum")),
        (nn.HuberLoss(delta=0.5)(x, y), F.huber_loss(x, y, delta=0.5)),
        (nn.SmoothL1Loss(beta=0.5)(x, y), F.smooth_l1_loss(x, y, beta=0.5)),
        (nn.LogCoshLoss()(x, y), F.log_cosh_loss(x, y)),
        (
            nn.CrossEntropyLoss(weight, label_smoothing=0.1)(x, labels),
            F.cross_entropy(x, labels, weight, label_smoothing=0.1),
        ),
        (nn.NLLLoss(weight)(x, labels), F.nll_loss(x, labels, weight)),
        (nn.FocalLoss(gamma=3.0)(x, labels), F.focal_loss(x, labels, gamma=3.0)),
        (nn.SigmoidFocalLoss(alpha=0.5)(x, signs > 0), F.sigmoid_focal_loss(x, signs > 0, alpha=0.5)),
        (nn.BCEWithLogitsLoss(pos_weight=weight)(x, p), F.binary_cross_entropy_with_logits(x, p, pos_weight=weight)),
        (nn.BCELoss()(p, p), F.binary_cross_entropy(p, p)),
        (nn.KLDivLoss(reduction="batchmean")(x, p), F.kl_div(x, p, reduction="batchmean")),
        (nn.PoissonNLLLoss(full=True)(x, p), F.poisson_nll_loss(x, p, full=True)),
        (nn.GaussianNLLLoss(full=True)(x, y, p), F.gaussian_nll_loss(x, y, p, full=True)),
        (nn.HingeLoss()(x, signs), F.hinge_loss(x, signs)),
        (nn.SquaredHingeLoss()(x, signs), F.squared_hinge_loss(x, signs)),
        (nn.MultiMarginLoss(p=2)(x, labels), F.multi_margin_loss(x, labels, p=2)),
        (nn.CosineEmbeddingLoss(0.2)(x, y, [1, -1, 1, -1]), F.cosine_embedding_loss(x, y, [1, -1, 1, -1], margin=0.2)),
        (nn.TripletMarginLoss(swap=True)(x, y, p), F.triplet_margin_loss(x, y, p, swap=True)),
        (nn.InfoNCELoss(0.5)(x, y), F.info_nce_loss(x, y, temperature=0.5)),
        (nn.CTCLoss()(x[:, None], [[1, 2]], [4], [2]), F.ctc_loss(x[:, None], [[1, 2]], [4], [2])),
    ]:
        assert made.item() == expected.item()
    assert repr(nn.HuberLoss(delta=0.5)) == "HuberLoss(delta=0.5, reduction='mean')"
    assert nn.HuberLoss(delta=0.5).delta == 0.5


class LogProbabilities(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)

    def forward(self, x):
        return F.log_softmax(self.linear(x))


@pytest.mark.parametrize("loss", LOSSES)
def test_fit_by_every_loss(loss, rng):
    X = rng.normal(size=(64, 3)).astype(np.float32)
    score = X @ np.array([1.0, -2.0, 0.5], dtype=np.float32)
    classes = LogProbabilities() if loss in ("nll", "kl_div") else nn.Linear(3, 2)
    model, y = nn.Linear(3, 1), score[:, None]
    if loss in ("cross_entropy", "nll", "multi_margin", "focal"):
        model, y = classes, (score > 0).astype(np.int64)
    elif loss == "kl_div":
        p = 1 / (1 + np.exp(-score))
        model, y = classes, np.stack([p, 1 - p], axis=1)
    elif loss in ("bce_with_logits", "sigmoid_focal"):
        y = (score > 0).astype(np.float32)[:, None]
    elif loss == "bce":
        model, y = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid()), (score > 0).astype(np.float32)[:, None]
    elif loss in ("hinge", "squared_hinge"):
        y = np.sign(y)
    elif loss == "poisson_nll":
        y = np.exp(np.clip(y, -2, 2)).round()
    history = tw.fit(model, X, y, loss=loss, optimizer=optim.Adam(model, lr=0.05), epochs=30, seed=1)
    assert history.loss[-1] < history.loss[0]
    if loss in ("cross_entropy", "nll", "multi_margin", "focal"):
        assert history.accuracy[-1] > 0.9
