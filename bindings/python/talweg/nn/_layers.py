"""The engine's layers. Hold one in a Module of your own to change what it does:
their forward pass is the engine's and cannot be overridden."""

from __future__ import annotations

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
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "truncated_normal",
    "constant",
    "ones",
    "eye",
    "dirac",
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
    """x [.., in_features] -> [.., out_features]: x W' + b, with ``weight`` W
    [out_features, in_features] and ``bias`` b [out_features].

    ``init`` is how the weights start: "default" (U(-a, a), a = 1/sqrt(in_features), for both,
    as PyTorch's Linear), "he_uniform", "he_normal" (He et al., 2015), "xavier_uniform",
    "xavier_normal" (Glorot and Bengio, 2010), "lecun_uniform", "lecun_normal" (LeCun et al.,
    1998), "orthogonal" (Saxe et al., 2014), "uniform" (U(-scale, scale)), "normal"
    (N(0, scale^2)), "truncated_normal" (that within 2 scale), "constant" (scale), "ones",
    "eye" or "zeros"; biases are 0 but for the default. ``gain`` is the factor of He's, Xavier's
    and LeCun's standard deviations, and of orthogonal and identity matrices; 0 is the
    initialiser's own, sqrt(2) for He's and 1 for others.
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        gain: float = 0.0,
        generator: Generator | None = None,
    ) -> None:
        initializer = number_of(init, INITIALIZERS, "init")
        self._init_linear(in_features, out_features, bias, dtype, initializer, scale, gain, generator)
        self.bias = None
        self._bind()
