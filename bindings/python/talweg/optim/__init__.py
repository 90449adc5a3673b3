"""Optimizers: they hold parameters and change them by their gradients.

The parameters are those of a Module that require a gradient, any tensors that do, or groups with options of their
own, as dicts: ``[{"params": body}, {"params": head, "lr": 0.1}]``. Options outside their ranges are ValueErrors.

All have these options beside their own:

- ``maximize``: steps go up the gradient.
- ``l1``: adds l1 sign(p) to the gradient.
- ``decoupled_weight_decay``: weight decay shrinks the parameter, p -= lr weight_decay p, apart from the gradient,
  instead of joining it.
- ``max_norm``: if above 0, a step is made as if the gradients were scaled down to that norm all together
  (``nn.utils.clip_grad_norm_`` without its pass).
- ``max_value``: if above 0, a step is made as if no element of a gradient went beyond -max_value and max_value,
  after ``max_norm``.
"""

from . import lr_scheduler, swa_utils
from ._find_lr import LRFinder, find_lr
from ._kinds import (
    LAMB,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Muon,
    NAdam,
    RAdam,
    RMSProp,
    RMSprop,
)
from ._lbfgs import LBFGS
from ._levenberg_marquardt import LevenbergMarquardt, ModuleFit
from ._optimizer import Optimizer, ParamGroup
from .swa_utils import EMA

__all__ = [
    "EMA",
    "LAMB",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "LRFinder",
    "LevenbergMarquardt",
    "Lion",
    "ModuleFit",
    "Muon",
    "NAdam",
    "Optimizer",
    "ParamGroup",
    "RAdam",
    "RMSProp",
    "RMSprop",
    "find_lr",
    "lr_scheduler",
    "swa_utils",
]
