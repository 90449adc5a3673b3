"""Fixtures of sequence layers: what PyTorch computed, and the comparison with it."""

import json
from pathlib import Path

import numpy as np

import talweg as tw

FOLDER = Path(__file__).parents[1] / "fixtures"
DTYPES = ("float32", "float64")


class Fixtures:
    def __init__(self, name):
        about = json.loads((FOLDER / f"{name}.json").read_text())
        self.steps, self.cases = about["steps"], about["cases"]
        held = tw.load_safetensors(FOLDER / f"{name}.safetensors")
        self.tensors = {key: np.asarray(value) for key, value in held.items()}

    def of(self, number, prefix):
        """A case's tensors whose names begin with the prefix, by the rest of their names."""
        start = f"{number}.{prefix}."
        return {key[len(start) :]: value for key, value in self.tensors.items() if key.startswith(start)}

    def named(self, number, name):
        return self.tensors[f"{number}.{name}"]


def close(found, right, dtype, what):
    found, right = np.asarray(found, dtype="float64"), np.asarray(right)
    assert found.shape == right.shape, (what, found.shape, right.shape)
    tolerance = 1e-5 if dtype == "float32" else 1e-10
    error = np.max(np.abs(found - right) / np.maximum(1, np.abs(right)), initial=0)
    assert error <= tolerance, (what, error)


def check(fixtures, number, dtype, make, run):
    """One case: values, gradients and training. `make(arguments, dtype)` gives the module, `run(module, inputs)` the
    list of its outputs."""
    case = fixtures.cases[number]
    module = make(case, dtype)
    start = fixtures.of(number, "start")
    module.load_state_dict({name: value.astype(dtype) for name, value in start.items()})
    inputs = {}
    for name, value in fixtures.of(number, "in").items():
        inputs[name] = tw.asarray(value.astype(dtype) if value.dtype.kind == "f" else value)
    for name in fixtures.of(number, "grad"):
        inputs[name].requires_grad = True
    outputs = run(module, inputs)
    total = None
    for place, output in enumerate(outputs):
        close(output.detach(), fixtures.named(number, f"out.{place}"), dtype, f"output {place}")
        part = (output * fixtures.named(number, f"g.{place}").astype(dtype)).sum()
        total = part if total is None else total + part
    total.backward()
    for name, right in fixtures.of(number, "grad").items():
        close(inputs[name].grad, right, dtype, f"the gradient of {name}")
    parameters = dict(module.named_parameters())
    for name, right in fixtures.of(number, "pgrad").items():
        close(parameters[name].grad, right, dtype, f"the gradient of {name}")
    if case["optimizer"] is None:
        return
    module.zero_grad()
    if case["optimizer"] == "SGD":
        optimizer = tw.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    else:
        optimizer = tw.optim.Adam(module.parameters(), lr=0.01, eps=1e-3)
    data = {name: tensor.detach() for name, tensor in inputs.items()}
    target = fixtures.named(number, "target").astype(dtype)
    losses = []
    for _ in range(fixtures.steps):
        loss = ((run(module, data)[0] - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    close(losses, fixtures.named(number, "losses"), dtype, "the losses")
    for name, right in fixtures.of(number, "trained").items():
        close(parameters[name].detach(), right, dtype, f"{name} after training")
