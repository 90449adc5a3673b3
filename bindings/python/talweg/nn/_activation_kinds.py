"""The engine's activations by name, and their parameters."""

from __future__ import annotations

from typing import Any

# In the order of tw_activation.
KINDS = (
    "identity",
    "relu",
    "gelu",
    "tanh",
    "sigmoid",
    "silu",
    "gelu_tanh",
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    "mish",
    "softplus",
    "softsign",
    "hardtanh",
    "relu6",
    "hardsigmoid",
    "hardswish",
    "log_sigmoid",
    "tanhshrink",
    "softshrink",
    "hardshrink",
    "threshold",
    "softmax",
    "log_softmax",
    "softmin",
    "glu",
    "swiglu",
    "geglu",
    "reglu",
)

# In the order of tw_activation_options.
_DEFAULTS: dict[str, Any] = {
    "slope": 0.01,
    "alpha": 1.0,
    "beta": 1.0,
    "threshold": 20.0,
    "value": 0.0,
    "low": -1.0,
    "high": 1.0,
    "lambda": 0.5,
    "axis": -1,
}


def arguments(kind: str, options: dict[str, Any]) -> tuple[Any, ...]:
    """The number of an activation and all its parameters, as the extension takes them."""
    return (KINDS.index(kind), *{**_DEFAULTS, **options}.values())
