"""Talweg: least squares, tensors with autodiff, layers, optimizers and training.

    import talweg as tw

    fit = tw.lstsq([[1], [2], [3], [4], [5]], [2, 4, 5, 4, 5])
    print(fit)

Tensors follow NumPy and the Python array API (names, broadcasting, dtypes,
indexing); gradients, modules, optimizers and loaders follow PyTorch. NumPy
arrays go in wherever a tensor does, and come out by ``Tensor.numpy()``, without
a copy where the layout allows it.
"""

from . import data, nn, optim, random
from ._fit import EpochProgress, History, fit, predict
from ._functions import clip, flatten, swapaxes, take
from ._grad_mode import enable_grad, no_grad
from ._lstsq import DescentProgress, LstsqResult, lstsq
from ._talweg import (
    DType,
    TalwegError,
    Tensor,
    absolute,
    acos,
    add,
    all,
    any,
    arange,
    argmax,
    argmin,
    asarray,
    asin,
    atan,
    atan2,
    bfloat16,
    bool,
    broadcast_to,
    build_info,
    ceil,
    concatenate,
    cos,
    cosh,
    cross_entropy_loss,
    divide,
    dropout,
    equal,
    erf,
    exp,
    expand_dims,
    expm1,
    eye,
    float32,
    float64,
    floor,
    floor_divide,
    full,
    gather,
    gelu,
    grad,
    greater,
    greater_equal,
    index_select,
    int32,
    int64,
    is_grad_enabled,
    isfinite,
    isinf,
    isnan,
    l1_penalty,
    l2_penalty,
    less,
    less_equal,
    linear,
    linspace,
    live_handles,
    load_safetensors,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    logsumexp,
    matmul,
    max,
    maximum,
    mean,
    memory_stats,
    min,
    minimum,
    mse_loss,
    multiply,
    negative,
    norm,
    not_equal,
    num_threads,
    ones,
    permute,
    power,
    prod,
    read_csv,
    reciprocal,
    relu,
    remainder,
    reshape,
    round,
    rsqrt,
    save_safetensors,
    seed,
    set_cache_limit,
    set_grad_enabled,
    set_num_threads,
    sigmoid,
    sign,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    square,
    squeeze,
    stack,
    std,
    subtract,
    sum,
    tan,
    tanh,
    tensor,
    transpose,
    trunc,
    uint8,
    var,
    version,
    where,
    write_csv,
    zeros,
)

# The array API's names, and PyTorch's, where they differ.
abs = absolute
concat = concatenate
from_numpy = asarray
manual_seed = seed
permute_dims = permute
pow = power

__version__ = version()

# fmt: off
__all__ = [
    "DType", "DescentProgress", "EpochProgress", "History", "LstsqResult", "TalwegError", "Tensor", "abs",
    "absolute", "acos", "add", "all", "any", "arange", "argmax", "argmin", "asarray", "asin", "atan", "atan2",
    "bfloat16", "bool", "broadcast_to", "build_info", "ceil", "clip", "concat", "concatenate", "cos", "cosh",
    "cross_entropy_loss", "data", "divide", "dropout", "enable_grad", "equal", "erf", "exp", "expand_dims",
    "expm1", "eye", "fit", "flatten", "float32", "float64", "floor", "floor_divide", "from_numpy", "full",
    "gather", "gelu", "grad", "greater", "greater_equal", "index_select", "int32", "int64", "is_grad_enabled",
    "isfinite", "isinf", "isnan", "l1_penalty", "l2_penalty", "less", "less_equal", "linear", "linspace",
    "live_handles", "load_safetensors", "log", "log10", "log1p", "log2", "log_softmax", "logical_and",
    "logical_not", "logical_or", "logical_xor", "logsumexp", "lstsq", "manual_seed", "matmul", "max", "maximum",
    "mean", "memory_stats", "min", "minimum", "mse_loss", "multiply", "negative", "nn", "no_grad", "norm",
    "not_equal", "num_threads", "ones", "optim", "permute", "permute_dims", "pow", "power", "predict", "prod",
    "random", "read_csv", "reciprocal", "relu", "remainder", "reshape", "round", "rsqrt", "save_safetensors",
    "seed", "set_cache_limit", "set_grad_enabled", "set_num_threads", "sigmoid", "sign", "sin", "sinh",
    "softmax", "softplus", "sqrt", "square", "squeeze", "stack", "std", "subtract", "sum", "swapaxes", "take",
    "tan", "tanh", "tensor", "transpose", "trunc", "uint8", "var", "version", "where", "write_csv", "zeros",
]
# fmt: on
