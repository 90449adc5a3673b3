"""Activations, containers, the bilinear map, embeddings and positions against PyTorch: forward, gradients and 20 steps
of training, from fixtures that Tests/fixtures/torch_basic.py made."""

import json
from pathlib import Path

import numpy as np
import pytest

import talweg as tw
from talweg import nn

FIXTURES = Path(__file__).parent.parent / "fixtures"
ABOUT = json.loads((FIXTURES / "basic_layers.json").read_text())
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


@pytest.fixture(scope="module")
def fixtures():
    return {name: value.numpy() for name, value in tw.load_safetensors(FIXTURES / "basic_layers.safetensors").items()}


class Tanh(nn.Module):
    """tanh of a linear map under the map's own names, as the fixture has its residual's body."""

    def __init__(self, inputs, outputs, dtype):
        super().__init__()
        self.map = nn.Linear(inputs, outputs, dtype=dtype)

    def forward(self, x):
        return self.map(x).tanh()


def make(kind, arguments, dtype):
    """A layer of a case, and its parameters by the case's names."""
    arguments = dict(arguments)
    if kind == "Residual":
        inputs, outputs = arguments["inputs"], arguments["outputs"]
        body = Tanh(inputs, outputs, dtype)
        layer = nn.Residual(body, nn.Linear(inputs, outputs, False, dtype=dtype) if inputs != outputs else None)
        return layer, {name.replace("body.map", "body"): value for name, value in layer.named_parameters()}
    if kind == "Parallel":
        children = [nn.Linear(arguments["inputs"], size, dtype=dtype) for size in arguments["outputs"]]
        layer = nn.Parallel(*children, combine=arguments["combine"], dim=arguments["dim"])
    else:
        if kind in ("PReLU", "Bilinear", "Embedding", "EmbeddingBag", "LearnedPositions"):
            arguments["dtype"] = dtype
        layer = getattr(nn, kind)(**arguments)
    return layer, dict(layer.named_parameters())


def near(value, expected, dtype, what):
    # A parameter that no path reaches has no gradient; PyTorch may have zeros.
    value = np.zeros_like(expected) if value is None else value.detach().numpy()
    assert value.dtype == dtype and value.shape == expected.shape, what
    error = np.abs(value - expected) / np.maximum(1, np.abs(expected))
    assert error.max(initial=0) <= TOLERANCE[dtype], f"{what}: off by {error.max():.3g}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("number", range(len(ABOUT["cases"])), ids=lambda n: f"{n}-{ABOUT['cases'][n]['kind']}")
def test_against_torch(number, dtype, fixtures):
    case = ABOUT["cases"][number]
    held = {name: fixtures[f"{number}.{name}"] for name in case["tensors"]}
    layer, parameters = make(case["kind"], case["arguments"], dtype)
    starts = {name.removeprefix("start."): value for name, value in held.items() if name.startswith("start.")}
    assert parameters.keys() == starts.keys()
    for name, value in starts.items():
        parameters[name].detach().assign(value)

    inputs = []
    for place in range(case["inputs"]):
        value = held.get(f"input.{place}")
        if value is not None and value.dtype == np.float32:
            value = tw.tensor(value, dtype=dtype)
            value.requires_grad = True
        inputs.append(value)
    y = layer(*inputs)
    near(y, held["output"], dtype, "the output")
    g = tw.tensor(held["cotangent"], dtype=dtype)
    (y * g).sum().backward()
    for place, x in enumerate(inputs):
        if isinstance(x, tw.Tensor):
            near(x.grad, held[f"gradient.input.{place}"], dtype, f"the gradient of input {place}")
    for name, parameter in parameters.items():
        near(parameter.grad, held[f"gradient.{name}"], dtype, f"the gradient of {name}")
    if not parameters:
        return

    optimizer = tw.optim.SGD(list(parameters.values()), lr=ABOUT["rate"])
    fixed = [x.detach() if isinstance(x, tw.Tensor) else x for x in inputs]
    for _ in range(ABOUT["steps"]):
        optimizer.zero_grad()
        loss = (layer(*fixed) - g).square().mean()
        loss.backward()
        optimizer.step()
    near(loss, held["loss"], dtype, "the last loss")
    for name, parameter in parameters.items():
        near(parameter, held[f"trained.{name}"], dtype, f"{name} after training")


def test_the_fixtures_are_many():
    kinds = [case["kind"] for case in ABOUT["cases"]]
    assert all(kinds.count(kind) >= 3 for kind in kinds)
    assert len(set(kinds)) >= 40
