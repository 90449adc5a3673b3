"""Optimizers against PyTorch (Tests/fixtures/torch_optimizers.py), their states, groups and bad input."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import optim
from talweg.nn.utils import clip_grad_value_

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SHAPES = [(5, 3), (5,), (2, 5), (2,)]
LABELS = {"f32": ("float32", 1e-5), "f64": ("float64", 1e-10)}

expected = json.loads((FIXTURES / "optimizers.json").read_text())
tensors = {name: value.numpy() for name, value in tw.load_safetensors(FIXTURES / "optimizers.safetensors").items()}


def network(seed, dtype):
    """The fixture's network: float32 numbers in both dtypes."""
    flat, params = tensors[f"start.{seed}"], []
    for shape in SHAPES:
        size = math.prod(shape)
        params.append(tw.tensor(flat[:size].reshape(shape), dtype=dtype, requires_grad=True))
        flat = flat[size:]
    return params


def data(label):
    dtype = LABELS[label][0]
    return tw.tensor(tensors[f"{label}.x"], dtype=dtype), tw.tensor(tensors[f"{label}.y"], dtype=dtype)


def step(optimizer, params, x, y):
    optimizer.zero_grad()
    first, a, second, b = params
    output = (x @ first.T + a).tanh() @ second.T + b
    ((output - y) ** 2).mean().backward()
    optimizer.step()


def flat(params):
    return np.concatenate([p.detach().numpy().ravel() for p in params])


def make(entry, params, **more):
    options = {name: tuple(v) if isinstance(v, list) else v for name, v in entry["options"].items()}
    return getattr(optim, entry["kind"])(params, **options, **more)


def ids(entries):
    return [f"{number}-{entry['kind']}" for number, entry in enumerate(entries)]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("number", range(len(expected["optimizers"])), ids=ids(expected["optimizers"]))
def test_against_torch(number, label):
    entry = expected["optimizers"][number]
    dtype, tolerance = LABELS[label]
    params = network(entry["seed"], dtype)
    optimizer = make(entry, params)
    x, y = data(label)
    for row in tensors[f"{label}.{number}"]:
        step(optimizer, params, x, y)
        error = np.abs(flat(params) - row) / np.maximum(1, np.abs(row))
        assert error.max() <= tolerance


def test_every_kind_is_compared():
    kinds = {entry["kind"] for entry in expected["optimizers"]}
    assert kinds == {name for name in optim.__all__ if isinstance(getattr(optim, name), type)} - {
        "EMA", "LBFGS", "LRFinder", "LevenbergMarquardt", "ModuleFit", "Optimizer", "ParamGroup", "RMSprop"
    }  # fmt: skip


@pytest.mark.parametrize("how", ["dict", "file"])
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("number", range(len(expected["optimizers"])), ids=ids(expected["optimizers"]))
def test_state_is_exact(number, label, how, tmp_path):
    """Ten steps more have the same bits with and without a restored state."""
    entry = expected["optimizers"][number]
    x, y = data(label)
    params = network(entry["seed"], LABELS[label][0])
    optimizer = make(entry, params)
    for _ in range(10):
        step(optimizer, params, x, y)
    others = [tw.tensor(p.detach().numpy(), requires_grad=True) for p in params]
    other = getattr(optim, entry["kind"])(others)
    if how == "dict":
        other.load_state_dict(optimizer.state_dict())
    else:
        optimizer.save(tmp_path / "state.safetensors")
        other.load(tmp_path / "state.safetensors")
    for _ in range(10):
        step(optimizer, params, x, y)
        step(other, others, x, y)
    assert flat(params).tobytes() == flat(others).tobytes()
    assert optimizer.param_groups[0]["lr"] == other.param_groups[0]["lr"] == entry["options"]["lr"]


@pytest.mark.parametrize("number", range(len(expected["optimizers"])), ids=ids(expected["optimizers"]))
def test_same_bits_on_any_number_of_threads(number):
    entry = expected["optimizers"][number]
    before = tw.num_threads()
    found = []
    generator = np.random.default_rng(3)
    start = generator.standard_normal((260, 200)).astype(np.float32)
    gradients = generator.standard_normal((3, 260, 200)).astype(np.float32)
    try:
        for threads in (1, 2, 5):
            tw.set_num_threads(threads)
            p, q = tw.tensor(start, requires_grad=True), tw.tensor(start.ravel(), requires_grad=True)
            optimizer = make(entry, [p, q], max_norm=3.0)
            for gradient in gradients:
                p.grad, q.grad = gradient, gradient.ravel()
                optimizer.step()
            found.append(p.detach().numpy().tobytes() + q.detach().numpy().tobytes())
    finally:
        tw.set_num_threads(before)
    assert found[0] == found[1] == found[2]


# ---- Options and groups


def one(value=2.0):
    return tw.tensor([value, -1.0], dtype="float64", requires_grad=True)


def test_groups_have_options_of_their_own():
    a, b = one(), one()
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5, "name": "head"}], lr=0.1)
    for p in (a, b):
        p.grad = [1.0, 1.0]
    optimizer.step()
    assert a.tolist() == pytest.approx([1.9, -1.1]) and b.tolist() == pytest.approx([1.5, -1.5])
    first, second = optimizer.param_groups
    assert first["params"] == [a] and second["name"] == "head" and second["lr"] == 0.5 and first["momentum"] == 0
    second["lr"] = 0.25
    optimizer.step()
    assert b.tolist() == pytest.approx([1.25, -1.75])
    optimizer.add_param_group({"params": [one()], "momentum": 0.9})
    assert [group["momentum"] for group in optimizer.param_groups] == [0, 0, 0.9]
    assert optimizer.lr == 0.1
    optimizer.lr = 1.0
    assert [group["lr"] for group in optimizer.param_groups] == [1, 1, 1]
    assert set(first) >= {"params", "lr", "momentum", "weight_decay", "nesterov", "maximize"}


def test_a_parameter_is_in_one_group():
    a, b = one(), one()
    optimizer = optim.Adam([a])
    with pytest.raises(tw.TalwegError, match=r"parameter 1 \[2\] is in group 0 already"):
        optimizer.add_param_group({"params": [b, a]})
    with pytest.raises(tw.TalwegError, match="comes twice"):
        optimizer.add_param_group({"params": [b, b]})
    assert len(optimizer.param_groups) == 1
    optimizer.add_param_group({"params": [b]})
    with pytest.raises(ValueError, match="at least one parameter"):
        optimizer.add_param_group({"params": []})
    with pytest.raises(TypeError):
        optimizer.add_param_group({"params": [np.zeros(2)]})


def test_named_parameters_and_modules():
    model = tw.nn.Linear(2, 1)
    assert len(optim.SGD(model.named_parameters()).param_groups[0]["params"]) == 2
    assert len(optim.SGD(model).param_groups[0]["params"]) == 2


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("maximize", [False, True])
def test_penalties(decoupled, maximize):
    p = one()
    optimizer = optim.SGD(
        [p], lr=0.1, weight_decay=0.5, l1=0.25, decoupled_weight_decay=decoupled, maximize=maximize
    )
    p.grad = [1.0, 2.0]
    optimizer.step()
    start, gradient = np.array([2.0, -1.0]), np.array([1.0, 2.0]) * (-1 if maximize else 1)
    if decoupled:
        start = start * (1 - 0.1 * 0.5)
    else:
        gradient = gradient + 0.5 * start
    gradient = gradient + 0.25 * np.sign(start)
    np.testing.assert_allclose(p.detach().numpy(), start - 0.1 * gradient, rtol=1e-14)


def test_l1_leaves_zero_alone():
    p = tw.tensor([0.0, 1.0], requires_grad=True)
    p.grad = [0.0, 0.0]
    optim.SGD([p], lr=0.1, l1=0.5).step()
    assert p.tolist() == pytest.approx([0.0, 0.95])


@pytest.mark.parametrize("kind", ["Adafactor", "Muon", "LAMB"])
def test_penalties_of_whole_parameters(kind):
    """A penalised gradient is the same as one that the caller penalised."""
    start = np.random.default_rng(0).standard_normal((4, 3))
    gradient = np.random.default_rng(1).standard_normal((4, 3))
    found = []
    for penalised in (True, False):
        p = tw.tensor(start, requires_grad=True)
        options = {"lr": 0.1, "weight_decay": 0.0}
        optimizer = getattr(optim, kind)([p], **options, l1=0.3 if penalised else 0.0, maximize=penalised)
        p.grad = -gradient if penalised else gradient + 0.3 * np.sign(start)
        optimizer.step()
        found.append(p.detach().numpy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_clipping():
    for options, factor in (({"max_norm": 1.0}, 1 / (5 + 1e-6)), ({"max_value": 0.5}, None)):
        p = one()
        optimizer = optim.SGD([p], lr=1.0, **options)
        p.grad = [3.0, -4.0]
        optimizer.step()
        wanted = [2 - 3 * factor, -1 + 4 * factor] if factor else [1.5, -0.5]
        assert p.tolist() == pytest.approx(wanted, rel=1e-14)
    p = one()
    p.grad = [3.0, math.inf]
    clip_grad_value_([p], 2.0)
    assert p.grad.tolist() == [2.0, 2.0]
    p.grad = [3.0, math.nan]
    with pytest.raises(tw.TalwegError, match="NaN"):
        clip_grad_value_([p], 2.0)
    assert p.grad.tolist()[0] == 3.0
    with pytest.raises(ValueError, match="max_value"):
        clip_grad_value_([p], 0.0)


@pytest.mark.parametrize("options", [{"max_norm": 1.0}, {"max_value": 1.0}])
@pytest.mark.parametrize("kind", sorted({entry["kind"] for entry in expected["optimizers"]}))
def test_nan_with_clipping_changes_nothing(kind, options):
    p, q = tw.tensor([[1.0, 2.0]], requires_grad=True), one()
    optimizer = getattr(optim, kind)([p, q], **options)
    for value in (p, q):
        value.grad = np.ones(value.shape)
    optimizer.step()
    before = [p.tolist(), q.tolist()], optimizer.state_dict()
    p.grad = [[1.0, math.nan]]
    with pytest.raises(tw.TalwegError):
        optimizer.step()
    assert [p.tolist(), q.tolist()] == before[0]
    after = optimizer.state_dict()
    assert str(after) == str(before[1])


def test_accumulation_is_a_step_of_the_mean():
    p, q = one(), one()
    whole, parts = optim.Adam([p], lr=0.1), optim.Adam([q], lr=0.1)
    parts.accumulate(4)
    for _ in range(3):
        rows = np.random.default_rng(2).standard_normal((4, 2))
        p.grad = rows.mean(axis=0)
        whole.step()
        for row in rows:
            parts.zero_grad()
            (q * tw.tensor(row)).sum().backward()
            parts.step()
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-12)
    with pytest.raises(ValueError, match="accumulate"):
        parts.accumulate(0)


def test_closure():
    p = one()
    optimizer = optim.SGD([p], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 5
    assert p.tolist() == pytest.approx([1.6, -0.8])


def test_reset():
    p = one()
    optimizer = optim.Adam([p], lr=0.1)
    p.grad = [1.0, 2.0]
    optimizer.step()
    optimizer.reset()
    assert optimizer.state_dict()["state"] == {}


def test_orthogonal_is_an_option_of_a_group():
    start = np.random.default_rng(0).standard_normal((3, 3))
    p, q = tw.tensor(start, requires_grad=True), tw.tensor(start, requires_grad=True)
    muon = optim.Muon([{"params": [p], "orthogonal": False}], lr=0.01)
    adamw = optim.AdamW([q], lr=0.01, weight_decay=0.1)
    for value in (p, q):
        value.grad = start
    muon.step()
    adamw.step()
    assert p.detach().numpy().tobytes() == q.detach().numpy().tobytes()


def test_muon_update_is_nearly_orthogonal():
    """With PyTorch's coefficients the singular values of an update are between 0.5 and 1.3."""
    for shape in ((30, 70), (70, 30)):
        p = tw.tensor(np.zeros(shape), requires_grad=True)
        optimizer = optim.Muon([p], lr=1.0, weight_decay=0.0, adjust_lr_fn="plain")
        p.grad = np.random.default_rng(0).standard_normal(shape)
        optimizer.step()
        values = np.linalg.svd(p.detach().numpy(), compute_uv=False)
        assert values.min() > 0.5 and values.max() < 1.3


def test_adafactor_keeps_rows_and_columns():
    p, q = tw.tensor(np.ones((6, 4)), requires_grad=True), one()
    optimizer = optim.Adafactor([p, q])
    p.grad, q.grad = np.ones((6, 4)), np.ones(2)
    optimizer.step()
    state = optimizer.state_dict()["state"]
    assert {name: getattr(value, "shape", None) for name, value in state[0].items()} == {
        "step": None, "row_var": (6, 1), "col_var": (1, 4)
    }  # fmt: skip
    assert state[1]["variance"].shape == (2,)


def test_higher_ranks_factor_the_last_two_axes():
    """A stack of matrices is stepped as PyTorch's formula has it, which takes norms over the whole stack."""
    rng = np.random.default_rng(5)
    start, gradient = rng.standard_normal((7, 5, 3)), rng.standard_normal((7, 5, 3))
    p = tw.tensor(start, requires_grad=True)
    optimizer = optim.Adafactor([p], lr=0.1)
    p.grad = gradient
    optimizer.step()
    row, column = (gradient**2).mean(-1, keepdims=True), (gradient**2).mean(-2, keepdims=True)
    variance = row @ column / row.mean(-2, keepdims=True)
    update = gradient / np.sqrt(variance)
    scale = max(1, np.sqrt((update**2).mean())) / np.sqrt((start**2).mean())
    np.testing.assert_allclose(p.detach().numpy(), start - 0.1 * update / scale, rtol=1e-12)


# ---- States of something else


def stepped(kind, *shapes, **options):
    params = [tw.tensor(np.ones(shape), requires_grad=True) for shape in shapes]
    optimizer = getattr(optim, kind)(params, **options)
    for p in params:
        p.grad = np.ones(p.shape)
    optimizer.step()
    return optimizer


@pytest.mark.parametrize("how", ["dict", "file"])
def test_state_of_another(how, tmp_path):
    def move(source, target):
        if how == "dict":
            target.load_state_dict(source.state_dict())
        else:
            source.save(tmp_path / "state.safetensors")
            target.load(tmp_path / "state.safetensors")

    adam = stepped("Adam", 3, (2, 2))
    before = str(adam.state_dict())
    with pytest.raises(ValueError, match="optimizer") as error:
        move(stepped("SGD", 3, (2, 2), momentum=0.9), adam)
    assert "momentum_buffer" in str(error.value) and '"adam.state.0.exp_avg"' in str(error.value)
    with pytest.raises(ValueError, match=r'"adam.state.0.exp_avg" is float64 \[4\], float64 \[3\] is needed') as error:
        move(stepped("Adam", 4, (2, 2)), adam)
    assert '"adam.state.0.exp_avg_sq"' in str(error.value) and "state.1" not in str(error.value)
    with pytest.raises(ValueError, match=r'lacks "adam.state.1.step"'):
        move(stepped("Adam", 3), adam)
    with pytest.raises(ValueError, match=r"unexpected are .*adam.state.2.exp_avg"):
        move(stepped("Adam", 3, (2, 2), 1), adam)
    with pytest.raises(ValueError, match="max_exp_avg_sq"):
        state = adam.state_dict()
        state["param_groups"][0]["amsgrad"] = True
        adam.load_state_dict(state)
    with pytest.raises(ValueError, match="beta1"):
        state = adam.state_dict()
        state["param_groups"][0]["betas"] = (1.5, 0.9)
        adam.load_state_dict(state)
    assert str(adam.state_dict()) == before


def test_state_of_no_step():
    a, b = optim.Adam([one()], lr=0.5), optim.Adam([one()])
    b.load_state_dict(a.state_dict())
    assert b.lr == 0.5 and b.state_dict()["state"] == {}


@pytest.mark.parametrize(
    ("kind", "options", "what"),
    [
        ("SGD", {"lr": -1.0}, "learning_rate"),
        ("SGD", {"lr": math.nan}, "learning_rate"),
        ("SGD", {"momentum": 1.0}, "momentum"),
        ("SGD", {"dampening": 2.0}, "dampening"),
        ("SGD", {"nesterov": True}, "nesterov"),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening"),
        ("SGD", {"l1": -1.0}, "l1"),
        ("SGD", {"max_value": -1.0}, "max_value"),
        ("SGD", {"max_norm": math.inf}, "max_norm"),
        ("Adam", {"betas": (0.9, 1.0)}, "beta2"),
        ("Adam", {"betas": (0.9,)}, "betas"),
        ("Adam", {"eps": 0.0}, "epsilon"),
        ("NAdam", {"momentum_decay": -1.0}, "momentum_decay"),
        ("Adagrad", {"lr_decay": -0.1}, "learning_rate_decay"),
        ("Adadelta", {"rho": 1.5}, "rho"),
        ("RMSProp", {"alpha": -0.1}, "alpha"),
        ("Lion", {"weight_decay": -1.0}, "weight_decay"),
        ("Adafactor", {"d": 0.0}, "clipping_threshold"),
        ("Adafactor", {"beta2_decay": 0.5}, "beta2_decay"),
        ("Muon", {"ns_steps": 0}, "iterations"),
        ("Muon", {"ns_steps": 101}, "iterations"),
        ("Muon", {"adjust_lr_fn": "best"}, "adjust_lr_fn"),
    ],
)
def test_refuses_bad_options(kind, options, what):
    with pytest.raises(ValueError, match=what):
        getattr(optim, kind)([one()], **options)


def test_refuses_bad_changes():
    optimizer = optim.SGD([one()], momentum=0.9)
    group = optimizer.param_groups[0]
    with pytest.raises(ValueError, match="learning_rate is -1"):
        group["lr"] = -1.0
    assert group["lr"] == 0.01
    with pytest.raises(ValueError, match="the parameters of a group stay"):
        group["params"] = []
    with pytest.raises(ValueError, match="at least one"):
        optim.SGD([])
