"""
The table of operations: a row is a C function's name, what generates its arguments, what it should give, and how near.

    op("add", pair(NUMERIC), same_type(np.add))

The C prototype comes from the header by the name. Arguments stand in the prototype's order without the scope and
without the counts of lists. A generator takes a `Generation` (programs.py) and gives them; the oracle takes the same
with tensors as `Array`, and gives an `Expected` (a list of them where a function makes several tensors) or raises
`Refused`.
"""

from dataclasses import dataclass, field
from typing import Callable

from library import FUNCTIONS

TABLE = {}
EXEMPT = {}


@dataclass(eq=False)
class Op:
    name: str
    generate: Callable
    oracle: Callable
    weight: float = 1
    # Tensors that may be NULL, by the name of the parameter.
    nullable: tuple = ()
    # Calls the library in another way: run(library, scope, handles, arguments, resolved) -> handles
    run: Callable = None
    # Whether its arguments may be made wrong.
    spoils: bool = True
    # What stands for a list's length in the call.
    count: Callable = len
    prototype: object = field(default=None)


def op(name, generate, oracle, **rest):
    row = Op(name, generate, oracle, **rest)
    row.prototype = FUNCTIONS.get(f"tw_{name}")
    if row.prototype is None:
        return  # a header that this tree has not
    assert name not in TABLE, f"{name} has two rows"
    TABLE[name] = row


def exempt(reason, *names):
    for name in names:
        EXEMPT[name] = reason


# Headers whose functions the table leaves out, and what tests them.
OTHER_HEADERS = {
    "attention.h": "layers: Tests/c/attention.c, Tests/python/test_attention.py",
    "average.h": "training: Tests/c/schedules.c, Tests/python/test_schedules.py",
    "autodiff.h": "gradients: the table of operations in Tests/TalwegTests",
    "constrained.h": "least squares: Tests/c/constrained.c, Tests/python/test_constrained.py",
    "conv_layers.h": "layers: Tests/c/conv_layers.c, Tests/python/test_conv_layers.py",
    "convolution.h": "layers: Tests/c/convolution.c, Tests/python/test_convolution.py",
    "curve.h": "least squares: Tests/c/nonlinear.c, Tests/python/test_nonlinear.py",
    "custom.h": "operations that the caller writes",
    "data.h": "files and loaders",
    "derivatives.h": "gradients: the table of operations in Tests/TalwegTests",
    "design.h": "design matrices: Tests/c/design.c, Tests/python/test_design.py",
    "dlpack.h": "memory of other libraries",
    "elastic_net.h": "penalised least squares: Tests/c/elastic_net.c, Tests/python/test_elastic_net.py",
    "embedding.h": "layers: Tests/c/layers.c, Tests/python/test_embedding.py",
    "glm.h": "generalised linear models: Tests/c/glm.c, Tests/python/test_glm.py",
    "inference.h": "least squares: Tests/c/inference.c, Tests/python/test_inference.py",
    "initializer.h": "layers: Tests/c/layers.c, Tests/python/test_init.py",
    "io.h": "files",
    "iterate.h": "memory by stride",
    "layers.h": "layers: Tests/c/layers.c, Tests/python/test_basic_layers.py, Tests/python/test_activations.py",
    "levenberg_marquardt.h": "least squares: Tests/c/levenberg_marquardt.c, Tests/python/test_levenberg_marquardt.py",
    "loss.h": "layers: Tests/c/losses.c, Tests/python/test_losses.py",
    "lstsq.h": "least squares: Tests/c/lstsq.c, Tests/c/nist.c",
    "module.h": "layers: Tests/c/module.c",
    "nonlinear.h": "least squares: Tests/c/nonlinear.c, Tests/python/test_nonlinear.py",
    "norm_layers.h": "layers: Tests/c/norm_layers.c, Tests/python/test_norm_layers.py",
    "normalization.h": "layers: Tests/c/normalization.c, Tests/python/test_normalization.py",
    "optimizer.h": "training: Tests/c/optimizer.c, Tests/c/optimizers.c, Tests/python/test_optimizers.py",
    "precision.h": "mixed precision: Tests/c/precision.c, Tests/python/test_precision.py",
    "positions.h": "layers: Tests/c/layers.c, Tests/python/test_positions.py",
    "problem.h": "least squares: Tests/c/problem.c, Tests/python/test_problem.py",
    "recurrent_layers.h": "layers: Tests/c/sequence_layers.c, Tests/python/test_recurrent_layers.py",
    "recurrent.h": "layers: Tests/c/recurrent.c, Tests/python/test_recurrent.py",
    "robust.h": "robust regression: Tests/c/robust.c, Tests/python/test_robust.py",
    "separable.h": "least squares: Tests/c/separable.c, Tests/python/test_separable.py",
    "schedule.h": "training: Tests/c/schedules.c, Tests/python/test_schedules.py",
    "sparse.h": "least squares: Tests/c/sparse.c, Tests/python/test_sparse.py",
    "stochastic.h": "stochastic descent: Tests/c/stochastic.c, Tests/python/test_linear_model_sgd.py",
    "stream.h": "least squares: Tests/c/stream.c, Tests/python/test_stream.py",
    "transformer.h": "layers: Tests/c/sequence_layers.c, Tests/python/test_transformer.py",
    "total.h": "least squares: Tests/c/total.c, Tests/python/test_total.py",
    "train.h": "training: Tests/c/train.c",
}


def uncovered():
    """Functions that make tensors and have neither a row nor a reason why not."""
    return sorted(
        str(prototype) for name, prototype in FUNCTIONS.items()
        if prototype.makes_tensors and prototype.header not in OTHER_HEADERS
        and name.removeprefix("tw_") not in TABLE and name.removeprefix("tw_") not in EXEMPT
    )  # fmt: skip
