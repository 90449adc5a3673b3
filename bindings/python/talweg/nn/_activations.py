"""Activations as layers. ``inplace`` is there for PyTorch's sake: results are new tensors always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .. import _talweg
from .._talweg import float32
from ._activation_kinds import arguments
from ._layers import _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, Parameter


class _Activation(_Layer):
    """A function of each element without parameters."""

    _kind: ClassVar[str]

    def __init__(self, inplace: bool = False) -> None:
        self._start(self._kind)

    def _start(self, kind: str, **options: Any) -> None:
        _talweg._init_activation(self, *arguments(kind, options))


class _AlongAxis(_Activation):
    """A function along an axis, ``dim`` or, as elsewhere here, ``axis``."""

    def __init__(self, dim: int = -1, *, axis: int | None = None) -> None:
        self._start(self._kind, axis=dim if axis is None else axis)


class ReLU(_Activation):
    """max(x, 0)"""

    _kind = "relu"


class ReLU6(_Activation):
    """min(max(x, 0), 6)"""

    _kind = "relu6"


class Tanh(_Activation):
    """Hyperbolic tangent."""

    _kind = "tanh"


class Sigmoid(_Activation):
    """1 / (1 + exp(-x))"""

    _kind = "sigmoid"


class SiLU(_Activation):
    """x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, 2018)."""

    _kind = "silu"


class SELU(_Activation):
    """1.0507 times the ELU of alpha 1.6733: keeps mean 0 and variance 1 (Klambauer et al., 2017)."""

    _kind = "selu"


class Mish(_Activation):
    """x * tanh(softplus(x)) (Misra, 2020)."""

    _kind = "mish"


class Softsign(_Activation):
    """x / (1 + |x|)"""

    _kind = "softsign"


class Hardsigmoid(_Activation):
    """min(max(x + 3, 0), 6) / 6 (Howard et al., 2019)."""

    _kind = "hardsigmoid"


class Hardswish(_Activation):
    """x * min(max(x + 3, 0), 6) / 6 (Howard et al., 2019)."""

    _kind = "hardswish"


class LogSigmoid(_Activation):
    """log(sigmoid(x))"""

    _kind = "log_sigmoid"


class Tanhshrink(_Activation):
    """x - tanh(x)"""

    _kind = "tanhshrink"


class GELU(_Activation):
    """x * (1 + erf(x / sqrt(2))) / 2, or with ``approximate="tanh"`` its approximation (Hendrycks and Gimpel, 2016)."""

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate is {approximate!r}; 'none' or 'tanh' is needed")
        self._start("gelu" if approximate == "none" else "gelu_tanh")


class LeakyReLU(_Activation):
    """x where it is positive, else ``negative_slope`` * x (Maas, Hannun and Ng, 2013)."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self._start("leaky_relu", slope=negative_slope)


class ELU(_Activation):
    """x where it is positive, else alpha * (exp(x) - 1) (Clevert, Unterthiner and Hochreiter, 2016)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self._start("elu", alpha=alpha)


class CELU(_Activation):
    """x where it is positive, else alpha * (exp(x / alpha) - 1), alpha above 0 (Barron, 2017)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self._start("celu", alpha=alpha)


class Softplus(_Activation):
    """log(1 + exp(beta * x)) / beta, and x itself where beta * x is above the threshold."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self._start("softplus", beta=beta, threshold=threshold)


class Hardtanh(_Activation):
    """min(max(x, min_val), max_val); its gradient at both is 0."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        self._start("hardtanh", low=min_val, high=max_val)


class Softshrink(_Activation):
    """x moved towards 0 by ``lambd``, and 0 where it is not further away."""

    def __init__(self, lambd: float = 0.5) -> None:
        self._start("softshrink", **{"lambda": lambd})


class Hardshrink(_Activation):
    """0 where |x| <= ``lambd``, else x."""

    def __init__(self, lambd: float = 0.5) -> None:
        self._start("hardshrink", **{"lambda": lambd})


class Threshold(_Activation):
    """x where it is above the threshold, else ``value``."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self._start("threshold", threshold=threshold, value=value)


class Softmax(_AlongAxis):
    """Softmax along an axis. Not before cross-entropy, which has its own."""

    _kind = "softmax"


class LogSoftmax(_AlongAxis):
    """x - logsumexp(x) along an axis."""

    _kind = "log_softmax"


class Softmin(_AlongAxis):
    """Softmax of -x along an axis."""

    _kind = "softmin"


class GLU(_AlongAxis):
    """a * sigmoid(b) of the two halves a, b of an axis (Dauphin et al., 2017)."""

    _kind = "glu"


class SwiGLU(_AlongAxis):
    """silu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""

    _kind = "swiglu"


class GEGLU(_AlongAxis):
    """gelu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""

    _kind = "geglu"


class ReGLU(_AlongAxis):
    """relu(a) * b of the two halves a, b of an axis (Shazeer, 2020)."""

    _kind = "reglu"


class PReLU(_Layer):
    """x where it is positive, else times a slope that is learned, ``weight`` [num_parameters]: one slope for all, or
    one for each channel, position of axis 1 (He et al., 2015)."""

    weight: Parameter

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = float32) -> None:
        _talweg._init_prelu(self, num_parameters, init, dtype)
        self._bind()
