"""The engine's layers. Hold one in a Module of your own to change what it does:
their forward pass is the engine's and cannot be overridden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .._choices import number_of
from .._talweg import Parameter, Tensor, float32
from ._module import Module

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator

INITIALIZERS = (
    "default",
    "he_uniform",
    "he_normal",
    "xavier_uniform",
    "xavier_normal",
    "uniform",
    "normal",
    "zeros",
)


class _Layer(Module):
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # Layers of the package pass their inputs on as the engine takes them.
        if "forward" in cls.__dict__ and cls.__module__.partition(".")[0] != "talweg":
            raise TypeError(
                f"{cls.__name__}: the forward pass of an engine's layer cannot be overridden; "
                "subclass Module and set the layer as an attribute"
            )

    def forward(self, x: TensorLike) -> Tensor:
        """The layer's output."""
        return self._forward(x)


class Linear(_Layer):
    """x [.., inputs] -> [.., outputs]: x W' + b, with ``weight`` W [outputs, inputs] and
    ``bias`` b [outputs].

    ``init`` is how the weights start: "default" (U(-1/sqrt(inputs), 1/sqrt(inputs)) for both,
    as PyTorch's Linear), "he_uniform", "he_normal" (He et al., 2015), "xavier_uniform",
    "xavier_normal" (Glorot and Bengio, 2010), "uniform" (U(-scale, scale)), "normal"
    (N(0, scale^2)) or "zeros"; biases are 0 but for the default.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
    ) -> None:
        self._init_linear(inputs, outputs, bias, dtype, number_of(init, INITIALIZERS, "init"), scale, generator)
        self.bias = None
        self._bind()


class ReLU(_Layer):
    """max(x, 0)"""

    def __init__(self) -> None:
        self._init_relu()


class Tanh(_Layer):
    """Hyperbolic tangent."""

    def __init__(self) -> None:
        self._init_tanh()


class Sigmoid(_Layer):
    """1 / (1 + exp(-x))"""

    def __init__(self) -> None:
        self._init_sigmoid()


class GELU(_Layer):
    """x * (1 + erf(x / sqrt(2))) / 2"""

    def __init__(self) -> None:
        self._init_gelu()


class Softmax(_Layer):
    """Softmax along an axis. Not before cross-entropy, which has its own."""

    def __init__(self, axis: int = -1) -> None:
        self._init_softmax(axis)


class Dropout(_Layer):
    """Zeroes each element with probability p, 0 <= p < 1, and scales the others by
    1 / (1 - p), in training mode. Its own stream of random numbers is that of ``seed``."""

    def __init__(self, p: float = 0.5, *, seed: int = 0) -> None:
        self._init_dropout(p, seed)


class Sequential(_Layer):
    """One module after the other: children "0", "1", ..."""

    def __init__(self, *modules: Module) -> None:
        self._init_sequential()
        for module in modules:
            self.append(module)

    def append(self, module: Module) -> Sequential:
        """Adds a module at the end."""
        self._append(module)
        self.__dict__[str(len(self))] = module
        return self

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __getitem__(self, index: int) -> Module:
        return list(self.children())[index]

    def __iter__(self) -> Iterator[Module]:
        return self.children()
