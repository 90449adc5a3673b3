"""The map of two inputs that is linear in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _talweg
from .._choices import number_of
from .._talweg import Parameter, float32
from ._layers import INITIALIZERS, _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator


class Bilinear(_Layer):
    """y_k = a W_k b + c_k of a [.., in1_features] and b [.., in2_features], with ``weight`` W
    [out_features, in1_features, in2_features] and ``bias`` c [out_features]. ``init``, ``scale`` and ``gain`` as for
    ``Linear``."""

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
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
        _talweg._init_bilinear(
            self, in1_features, in2_features, out_features, bias, dtype, initializer, scale, gain, generator
        )
        self.bias = None
        self._bind()

    def forward(self, input1: TensorLike, input2: TensorLike) -> Any:  # type: ignore[override]
        """[.., out_features]"""
        return self._call(input1, input2)
