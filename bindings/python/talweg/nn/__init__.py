"""Layers and networks, to compose or to subclass.

class Net(tw.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = tw.nn.Linear(4, 8)
        self.second = tw.nn.Linear(8, 3)

    def forward(self, x):
        return self.second(self.first(x).relu())
"""

from .._talweg import Parameter
from . import functional
from ._layers import GELU, Dropout, Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh
from ._losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CTCLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    FocalLoss,
    GaussianNLLLoss,
    HingeLoss,
    HuberLoss,
    InfoNCELoss,
    KLDivLoss,
    L1Loss,
    LogCoshLoss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    PoissonNLLLoss,
    SigmoidFocalLoss,
    SmoothL1Loss,
    SquaredHingeLoss,
    TripletMarginLoss,
)
from ._module import Module

__all__ = [
    "GELU",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CTCLoss",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "Dropout",
    "FocalLoss",
    "GaussianNLLLoss",
    "HingeLoss",
    "HuberLoss",
    "InfoNCELoss",
    "KLDivLoss",
    "L1Loss",
    "Linear",
    "LogCoshLoss",
    "MSELoss",
    "Module",
    "MultiMarginLoss",
    "NLLLoss",
    "Parameter",
    "PoissonNLLLoss",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "Softmax",
    "SquaredHingeLoss",
    "Tanh",
    "TripletMarginLoss",
    "functional",
]
