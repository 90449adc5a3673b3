"""Schedules, the learning-rate finder and averaged weights, against PyTorch (Tests/fixtures/torch_optimizers.py)."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import optim
from talweg.optim import lr_scheduler, swa_utils

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
expected = json.loads((FIXTURES / "optimizers.json").read_text())


def sgd(lr=0.1, **options):
    return optim.SGD([tw.tensor([0.0], requires_grad=True)], lr=lr, momentum=0.9, **options)


def follow(make, entry):
    optimizer = sgd()
    schedule = make(optimizer)
    for number, (rate, momentum) in enumerate(zip(entry["rates"], entry["momenta"], strict=True)):
        group = optimizer.param_groups[0]
        assert schedule.last_epoch == number
        assert group["lr"] == pytest.approx(rate, rel=1e-12, abs=1e-16), number
        assert group["momentum"] == pytest.approx(momentum, rel=1e-12)
        assert schedule.rate(number) == group["lr"] == schedule.get_last_lr()[0]
        schedule.step()


@pytest.mark.parametrize("entry", expected["schedules"], ids=lambda entry: entry["kind"])
def test_against_torch(entry):
    follow(lambda optimizer: getattr(lr_scheduler, entry["kind"])(optimizer, **entry["arguments"]), entry)


def test_sequential_against_torch():
    def make(optimizer):
        parts = [
            lr_scheduler.LinearLR(optimizer, start_factor=0.2, total_iters=10),
            lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.01),
            lr_scheduler.ExponentialLR(optimizer, gamma=0.9),
        ]
        return lr_scheduler.SequentialLR(optimizer, parts, milestones=[10, 50])

    follow(make, expected["sequential"])


def test_warmup_is_a_sequence():
    def make(optimizer):
        after = lr_scheduler.CosineAnnealingLR(optimizer, T_max=40, eta_min=0.01)
        return lr_scheduler.WarmupLR(after, 10, start_factor=0.2)

    entry = {name: values[:50] for name, values in expected["sequential"].items()}
    follow(make, entry)


def test_lambda_against_torch():
    follow(lambda optimizer: lr_scheduler.LambdaLR(optimizer, lambda step: (1 + step) ** -0.5), expected["lambda"])


@pytest.mark.parametrize("entry", expected["plateau"])
def test_plateau_against_torch(entry):
    optimizer = sgd()
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, **entry["arguments"])
    for metric, rate in zip(entry["metrics"], entry["rates"], strict=True):
        schedule.step(metric)
        assert optimizer.lr == pytest.approx(rate, rel=1e-12)


def test_plateau_warms_up():
    optimizer = sgd()
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, warmup_steps=4, warmup_factor=0.2)
    found = [optimizer.lr]
    for _ in range(4):
        schedule.step()
        found.append(optimizer.lr)
    assert found == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])
    with pytest.raises(ValueError, match="metric"):
        schedule.step()
    schedule.step(1.0)
    schedule.step(tw.tensor(2.0))
    assert optimizer.lr == pytest.approx(0.01)
    schedule.step(math.nan)
    assert optimizer.lr == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("make", "last"),
    [
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 10, 0.02), 0.02),
        (lambda o: lr_scheduler.PolynomialLR(o, 10), 0.0),
        (lambda o: lr_scheduler.LinearLR(o, 1.0, 0.5, 10), 0.05),
        (lambda o: lr_scheduler.OneCycleLR(o, 0.1, 10), 0.1 / 25 / 1e4),
        (lambda o: lr_scheduler.ConstantLR(o, 0.5, 10), 0.1),
        (lambda o: lr_scheduler.MultiStepLR(o, [3, 10]), 0.001),
    ],
)
def test_past_its_end_it_keeps_the_last_rate(make, last):
    optimizer = sgd()
    schedule = make(optimizer)
    for _ in range(25):
        schedule.step()
    assert optimizer.lr == pytest.approx(last, rel=1e-12)
    assert schedule.rate(10**12) == pytest.approx(last, rel=1e-12)


def test_groups_keep_their_own_rates():
    a, b = tw.tensor([0.0], requires_grad=True), tw.tensor([0.0], requires_grad=True)
    optimizer = optim.AdamW([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
    schedule.step()
    assert schedule.get_last_lr() == pytest.approx([0.05, 0.25])
    optimizer.add_param_group({"params": [tw.tensor([0.0], requires_grad=True)], "lr": 1.0})
    schedule.step()
    assert schedule.get_last_lr() == pytest.approx([0.025, 0.125, 0.25])


def test_one_cycle_moves_beta1():
    optimizer = optim.Adam([tw.tensor([0.0], requires_grad=True)])
    lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=10)
    assert optimizer.param_groups[0]["betas"] == (0.95, 0.999)
    with pytest.raises(tw.TalwegError, match="no momentum"):
        lr_scheduler.OneCycleLR(optim.Adagrad([tw.tensor([0.0], requires_grad=True)]), max_lr=0.1, total_steps=10)


KINDS = [
    lambda o: lr_scheduler.StepLR(o, 3),
    lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 2),
    lambda o: lr_scheduler.OneCycleLR(o, 0.1, 30),
    lambda o: lr_scheduler.WarmupLR(lr_scheduler.PolynomialLR(o, 20), 4),
    lambda o: lr_scheduler.LambdaLR(o, lambda step: 1 / (1 + step)),
    lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=1, cooldown=1),
]


@pytest.mark.parametrize("make", KINDS)
def test_state_goes_on(make):
    def step(schedule, number):
        schedule.step(math.sin(number)) if isinstance(schedule, lr_scheduler.ReduceLROnPlateau) else schedule.step()

    optimizer, other = sgd(), sgd()
    schedule, restored = make(optimizer), make(other)
    for number in range(9):
        step(schedule, number)
    other.load_state_dict(optimizer.state_dict())
    restored.load_state_dict(schedule.state_dict())
    assert other.lr == optimizer.lr and restored.last_epoch == 9
    for number in range(9, 20):
        step(schedule, number)
        step(restored, number)
        assert other.lr == optimizer.lr


def test_state_of_another_schedule():
    schedule = lr_scheduler.StepLR(sgd(), 3)
    schedule.step()
    before = schedule.state_dict()
    with pytest.raises(ValueError, match=r'lacks "schedule.step.step".*unexpected are "schedule.exponential.step"'):
        schedule.load_state_dict(lr_scheduler.ExponentialLR(sgd(), 0.5).state_dict())
    with pytest.raises(ValueError, match="not a count"):
        schedule.load_state_dict({**before, "schedule.step.step": -1.0})
    assert schedule.state_dict() == before


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda o: lr_scheduler.StepLR(o, 0), "every is 0"),
        (lambda o: lr_scheduler.ExponentialLR(o, math.nan), "gamma is nan"),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 0), "steps is 0"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 5, 0), "multiplier is 0"),
        (lambda o: lr_scheduler.PolynomialLR(o, 5, -1.0), "power is -1"),
        (lambda o: lr_scheduler.MultiStepLR(o, [-3]), "milestone 0 is -3"),
        (lambda o: lr_scheduler.OneCycleLR(o, 0.1, 0), "steps is 0"),
        (lambda o: lr_scheduler.OneCycleLR(o, 0.1, 10, pct_start=2.0), "rising_share is 2"),
        (lambda o: lr_scheduler.OneCycleLR(o, 0.1), "total_steps"),
        (lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 1)], [3]), "milestone"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=1.0), "factor is 1"),
        (lambda o: lr_scheduler.ReduceLROnPlateau(o, mode="best"), "mode"),
    ],
)
def test_refuses_bad_numbers(make, what):
    with pytest.raises(ValueError, match=what):
        make(sgd())


def test_a_plateau_is_no_part_of_another():
    optimizer = sgd()
    with pytest.raises((tw.TalwegError, ValueError, NotImplementedError), match="plateau"):
        lr_scheduler.WarmupLR(lr_scheduler.ReduceLROnPlateau(optimizer), 5)


def test_what_a_function_raises_is_raised():
    optimizer = sgd()
    schedule = lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 if step < 2 else 1 / (step - 2))
    schedule.step()
    with pytest.raises(ZeroDivisionError):
        schedule.step()
    assert optimizer.lr == 0.1 and schedule.last_epoch == 1
    negative = lr_scheduler.LambdaLR(sgd(), lambda step: 1.0 - step * 2)
    with pytest.raises(tw.TalwegError, match="step 1 is -0.1"):
        negative.step()


# ---- The learning-rate finder


def regression():
    tw.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((256, 4)).astype(np.float32)
    y = (x @ np.array([[1.0], [-2.0], [0.5], [3.0]])).astype(np.float32)
    model = tw.nn.Sequential(tw.nn.Linear(4, 8), tw.nn.Tanh(), tw.nn.Linear(8, 1))
    return model, x, y


def test_find_lr(tmp_path):
    model, x, y = regression()
    optimizer = optim.Adam(model, lr=1e-3)
    tw.fit(model, x, y, optimizer=optimizer, epochs=2, progress=False)
    before = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    state = str(optimizer.state_dict())
    found = optim.find_lr(model, optimizer, x, y, start=1e-6, end=10.0, steps=80)
    assert {name: value.numpy().tobytes() for name, value in model.state_dict().items()} == before
    assert str(optimizer.state_dict()) == state
    assert found.lrs[0] == 1e-6 and len(found.lrs) == len(found.losses) <= 80
    ratios = np.diff(np.log(found.lrs))
    np.testing.assert_allclose(ratios, np.log(1e7) / 79, rtol=1e-9)
    # Between rates that hardly move the weights and those at which the loss goes up.
    assert 1e-4 < found.suggestion < 1.0
    pytest.importorskip("matplotlib").use("Agg")
    found.plot(tmp_path / "rates.png")
    assert (tmp_path / "rates.png").stat().st_size > 0


def test_find_lr_first_losses_by_hand():
    """The first smoothed losses of plain gradient descent on one weight."""
    model = tw.nn.Linear(1, 1, bias=False)
    model.load_state_dict({"weight": tw.tensor([[2.0]], dtype="float32")})
    x, y = np.ones((4, 1), np.float32), np.zeros((4, 1), np.float32)
    optimizer = optim.SGD(model, lr=0.3)
    found = optim.find_lr(model, optimizer, x, y, batch_size=4, start=0.01, end=1.0, steps=3, smoothing=0.5)
    assert found.lrs == pytest.approx([0.01, 0.1, 1.0])
    w = [2.0, 2.0 * (1 - 0.02), 2.0 * (1 - 0.02) * (1 - 0.2)]
    losses = [v * v for v in w]
    smooth = [losses[0], (0.25 * losses[0] + 0.5 * losses[1]) / 0.75]
    smooth.append((0.125 * losses[0] + 0.25 * losses[1] + 0.5 * losses[2]) / 0.875)
    assert found.losses == pytest.approx(smooth, rel=1e-6)
    assert found.suggestion == pytest.approx(0.1)
    assert optimizer.lr == 0.3 and model.weight.item() == 2.0


@pytest.mark.parametrize(
    ("options", "what"),
    [({"start": 0.0}, "start"), ({"steps": 1}, "steps"), ({"smoothing": 1.0}, "smoothing"), ({"loss": "best"}, "loss")],
)
def test_find_lr_refuses(options, what):
    model, x, y = regression()
    with pytest.raises(ValueError, match=what):
        optim.find_lr(model, optim.SGD(model), x, y, **options)


# ---- Averaged weights


SHAPES = [(5, 3), (5,), (2, 5), (2,)]


class Network(tw.nn.Module):
    def __init__(self, flat):
        super().__init__()
        for number, shape in enumerate(SHAPES):
            size = math.prod(shape)
            setattr(self, f"p{number}", tw.nn.Parameter(tw.tensor(flat[:size].reshape(shape))))
            flat = flat[size:]

    def forward(self, x):
        return (x @ self.p0.T + self.p1).tanh() @ self.p2.T + self.p3


def flat(values):
    return np.concatenate([value.detach().numpy().ravel() for value in values])


@pytest.fixture(scope="module")
def tensors():
    return {name: value.numpy() for name, value in tw.load_safetensors(FIXTURES / "optimizers.safetensors").items()}


@pytest.mark.parametrize("kind", ["swa", "ema"])
def test_averages_against_torch(kind, tensors):
    model = Network(tensors["start.3"])
    x, y = tw.tensor(tensors["f64.x"]), tw.tensor(tensors["f64.y"])
    average = swa_utils.AveragedModel(model, None if kind == "swa" else swa_utils.get_ema_multi_avg_fn(0.8))
    optimizer = optim.SGD(model, lr=0.1)
    for row in tensors[f"average.{kind}"]:
        optimizer.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        optimizer.step()
        average.update_parameters(model)
        before = flat(model.parameters())
        with average.applied():
            np.testing.assert_allclose(flat(model.parameters()), row, rtol=1e-12)
            inside = model(x).numpy()
        assert flat(model.parameters()).tobytes() == before.tobytes()
        assert average(x).numpy().tobytes() == inside.tobytes()
    assert average.n_averaged == 20
    np.testing.assert_allclose(average.average("p1").numpy(), tensors[f"average.{kind}"][-1][15:20], rtol=1e-12)


def test_corrected_average():
    """Weights 1, 2, 3 with decay d: (d^2 + 2 d + 3) (1 - d) / (1 - d^3)."""
    model = tw.nn.Linear(1, 1, bias=False, dtype="float64")
    ema = optim.EMA(model, decay=0.9, bias_correction=True)
    for value in (1.0, 2.0, 3.0):
        model.load_state_dict({"weight": tw.tensor([[value]], dtype="float64")})
        ema.update()
    wanted = (0.81 + 2 * 0.9 + 3) * 0.1 / (1 - 0.9**3)
    assert ema.average("weight").item() == pytest.approx(wanted, rel=1e-14)


def test_average_state(tmp_path, tensors):
    model = Network(tensors["start.1"])
    ema = optim.EMA(model, 0.7)
    optimizer = optim.SGD(model, lr=0.5)
    for _ in range(3):
        for p in model.parameters():
            p.grad = np.ones(p.shape)
        optimizer.step()
        ema.update()
    other = optim.EMA(model, 0.7)
    ema.save(tmp_path / "ema.safetensors")
    other.load(tmp_path / "ema.safetensors")
    third = optim.EMA(model, 0.7)
    third.load_state_dict(ema.state_dict())
    for average in (other, third):
        assert average.n_averaged == 3
        optimizer.step()
    states = []
    for average in (ema, other, third):
        average.update()
        states.append({name: value.numpy().tobytes() for name, value in average.state_dict().items()})
    assert states[0] == states[1] == states[2]
    with pytest.raises(ValueError, match="swa.updates"):
        swa_utils.AveragedModel(model).load_state_dict(ema.state_dict())
    target = Network(tensors["start.2"])
    ema.copy_to(target)
    assert target.p0.detach().numpy().tobytes() == ema.average("p0").numpy().tobytes()


def test_averages_of_half_numbers():
    model = tw.nn.Linear(3, 2)
    for name in ("weight", "bias"):
        setattr(model, name, tw.nn.Parameter(getattr(model, name).detach().to("bfloat16")))
    ema = optim.EMA(model, 0.5)
    ema.update()
    assert str(ema.average("weight").dtype).endswith("float32")
    with ema.applied():
        assert str(model.weight.dtype).endswith("bfloat16")


def test_averages_in_the_wrong_order():
    model = tw.nn.Linear(2, 1)
    ema = optim.EMA(model)
    with ema.applied():
        with pytest.raises(tw.TalwegError, match="in the module's place"):
            ema.update()
        with pytest.raises(tw.TalwegError, match="already"), ema.applied():
            pass
    with pytest.raises(tw.TalwegError, match="holds 1 tensors; 2 are averaged"):
        ema.copy_to(tw.nn.Linear(2, 1, bias=False))
    with pytest.raises(ValueError, match=r'"weight" \[1, 3\] where "weight" \[1, 2\]'):
        ema.copy_to(tw.nn.Linear(3, 1))
    with pytest.raises(IndexError, match="none at"):
        ema.average("other")
    with pytest.raises(ValueError, match="decay is 1"):
        optim.EMA(model, 1.0)
