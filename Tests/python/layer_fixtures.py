"""Layers held against PyTorch's, from the fixtures that Tests/fixtures/torch_layers.py describes."""

import json
from pathlib import Path

import numpy as np

import talweg as tw

FOLDER = Path(__file__).parent.parent / "fixtures"
WITH_DTYPE = {"Conv", "ConvTranspose", "BatchNorm", "InstanceNorm", "LayerNorm", "RMSNorm", "GroupNorm"}
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


class Case:
    """A layer of the fixtures, in a precision."""

    def __init__(self, file, number, case, dtype):
        self.tensors = {name: file.tensors[f"{number}.{name}"] for name in case["tensors"]}
        self.kind, self.arguments, self.dtype = case["kind"], case["arguments"], dtype
        self.steps, self.rate = file.about["steps"], file.about["rate"]
        self.has_dtype = self.kind.rstrip("12d") in WITH_DTYPE

    def make(self):
        """The layer with PyTorch's first parameters."""
        dtype = {"dtype": self.dtype} if self.has_dtype else {}
        layer = getattr(tw.nn, self.kind)(**self.arguments, **dtype)
        layer.load_state_dict(self.of("start."))
        return layer

    def input(self, name):
        """A copy of its own."""
        return tw.asarray(self.tensors[name].numpy().astype(self.dtype))

    def of(self, prefix):
        """Tensors by their names behind a prefix, floating ones in this precision."""
        found = {}
        for name, tensor in self.tensors.items():
            if name.startswith(prefix):
                whole = tensor.dtype == tw.int64
                found[name.removeprefix(prefix)] = tensor if whole else self.input(name)
        return found

    def near(self, found, name):
        """Holds a tensor against the fixture's, relative to what is above 1."""
        expected = self.tensors[name].numpy()
        found = np.asarray(found.detach())
        assert found.shape == expected.shape, name
        if expected.dtype == np.int64:
            assert (found == expected).all(), (name, found, expected)
            return
        assert str(found.dtype) == self.dtype, name
        error = np.abs(found.astype("float64") - expected) / np.maximum(1, np.abs(expected))
        assert error.size == 0 or error.max() <= TOLERANCE[self.dtype], (name, error.max())

    def check_once(self):
        """Forward, gradients of the input and of the parameters, and what the buffers became."""
        layer = self.make()
        x = self.input("x")
        x.requires_grad = True
        y = layer(x)
        self.near(y, "y")
        y.backward(self.input("g"))
        self.near(x.grad, "grad.x")
        for name, parameter in layer.named_parameters():
            self.near(parameter.grad, f"grad.{name}")
        for name, buffer in layer.named_buffers():
            self.near(buffer, f"moved.{name}")
        return layer

    def check_training(self, layer):
        """Steps of gradient descent from where `check_once` ended, then evaluation."""
        if "loss" not in self.tensors:
            return
        parameters = list(layer.parameters())
        optimizer = tw.optim.SGD(parameters, lr=self.rate) if parameters else None
        data, target, loss = self.input("x"), self.input("g"), None
        for step in range(self.steps):
            part = step / self.steps
            loss = ((layer(data * (1 + part) + part) - target) ** 2).mean()
            if optimizer:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        self.near(loss, "loss")
        state = layer.state_dict()
        assert {f"trained.{name}" for name in state} == {n for n in self.tensors if n.startswith("trained.")}
        for name, tensor in state.items():
            self.near(tensor, f"trained.{name}")
        layer.eval()
        self.near(layer(data), "evaluated")


class File:
    def __init__(self, name):
        self.about = json.loads((FOLDER / f"{name}.json").read_text())
        self.tensors = tw.load_safetensors(FOLDER / f"{name}.safetensors")

    def cases(self):
        """Each case in both precisions, with a name for the report."""
        found = []
        for number, case in enumerate(self.about["cases"]):
            for dtype in TOLERANCE:
                found.append((f"{number}-{case['kind']}-{dtype}", Case(self, number, case, dtype)))
        return found
