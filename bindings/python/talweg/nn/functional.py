"""The functions that layers are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from .._functions import pad as _pad
from .._talweg import (
    _upsample,
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    asarray,
    avg_pool1d,
    avg_pool2d,
    batch_norm,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    conv_transpose1d,
    conv_transpose2d,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    dropout,
    elu,
    focal_loss,
    gaussian_nll_loss,
    group_norm,
    gru,
    gru_cell,
    hinge_loss,
    huber_loss,
    info_nce_loss,
    instance_norm,
    kl_div,
    l1_loss,
    layer_norm,
    leaky_relu,
    linear,
    local_response_norm,
    log_cosh_loss,
    log_softmax,
    lstm,
    lstm_cell,
    max_pool1d,
    max_pool2d,
    mse_loss,
    multi_margin_loss,
    nll_loss,
    pixel_shuffle,
    poisson_nll_loss,
    prelu,
    relu,
    rms_norm,
    rnn,
    scaled_dot_product_attention,
    self_attention,
    sigmoid,
    sigmoid_focal_loss,
    silu,
    smooth_l1_loss,
    softmax,
    squared_hinge_loss,
    tanh,
    triplet_margin_loss,
)
from .._talweg import conv1d as _conv1d
from .._talweg import conv2d as _conv2d
from ._activation_functions import (
    celu,
    geglu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    logsigmoid,
    mish,
    reglu,
    relu6,
    selu,
    softmin,
    softplus,
    softshrink,
    softsign,
    swiglu,
    tanhshrink,
    threshold,
)
from ._layer_functions import (
    alpha_dropout,
    bilinear,
    dropout1d,
    dropout2d,
    embedding,
    embedding_bag,
    feature_alpha_dropout,
    one_hot,
    rotary,
    sinusoidal_positions,
    stochastic_depth,
)
from ._upsample import how_to_upsample

if TYPE_CHECKING:
    from .._talweg import Tensor, TensorLike

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "focal_loss",
    "gaussian_nll_loss",
    "geglu",
    "gelu",
    "glu",
    "group_norm",
    "gru",
    "gru_cell",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_loss",
    "huber_loss",
    "info_nce_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_cosh_loss",
    "log_softmax",
    "logsigmoid",
    "lstm",
    "lstm_cell",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
    "one_hot",
    "pixel_shuffle",
    "poisson_nll_loss",
    "prelu",
    "reglu",
    "relu",
    "relu6",
    "rms_norm",
    "rnn",
    "rotary",
    "scaled_dot_product_attention",
    "self_attention",
    "selu",
    "sigmoid",
    "sigmoid_focal_loss",
    "silu",
    "sinusoidal_positions",
    "smooth_l1_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "squared_hinge_loss",
    "stochastic_depth",
    "swiglu",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
]


def conv1d(
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlation of input [N, C, L] with weight [O, C / groups, K], plus bias [O]. ``padding="same"`` pads so
    that the length stays, with one more zero at the end where their number is odd."""
    if isinstance(padding, str):
        input, padding = _padded(input, weight, 1, padding, stride, dilation)
    return _conv1d(input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] | Literal["same", "valid"] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlation of input [N, C, H, W] with weight [O, C / groups, KH, KW], plus bias [O]; see ``conv1d``."""
    if isinstance(padding, str):
        input, padding = _padded(input, weight, 2, padding, stride, dilation)
    return _conv2d(input, weight, bias, stride, padding, dilation, groups)


def _padded(
    input: TensorLike,
    weight: TensorLike,
    spatial: int,
    padding: str,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
) -> tuple[TensorLike, int | list[int]]:
    """The input with the zeros that the convolution cannot put there, and those that it can."""
    if padding not in ("same", "valid"):
        raise ValueError(f"padding is {padding!r}; 'same', 'valid' or numbers are needed")
    if padding == "valid":
        return input, 0
    if any(step != 1 for step in (stride if isinstance(stride, Sequence) else [stride])):
        raise ValueError(f"padding='same' needs stride 1, not {stride}")
    x, kernel = asarray(input), asarray(weight).shape[2:]
    given = list(dilation) if isinstance(dilation, Sequence) else [dilation]
    steps = given * spatial if len(given) == 1 else given
    if x.ndim != spatial + 2 or len(kernel) != spatial:
        return x, 0  # refused by the convolution
    reach = [step * (size - 1) for step, size in zip(steps, kernel)]
    if all(length % 2 == 0 for length in reach):
        return x, [length // 2 for length in reach]
    widths = [(0, 0), (0, 0), *((length // 2, length - length // 2) for length in reach)]
    return _pad(x, widths), 0


def interpolate(
    input: TensorLike,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: Literal["nearest", "linear", "bilinear"] = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Input [N, C, L] or [N, C, H, W] at another size, or its own times a factor; see ``nn.Upsample``."""
    return _upsample(input, how_to_upsample(size, scale_factor, mode, align_corners))
