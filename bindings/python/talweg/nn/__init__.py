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
from ._conv import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d, SeparableConv2d
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
from ._norm import BatchNorm1d, BatchNorm2d, GroupNorm, InstanceNorm1d, InstanceNorm2d, LayerNorm, RMSNorm
from ._pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    GlobalAveragePool,
    MaxPool1d,
    MaxPool2d,
)

__all__ = [
    "GELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CTCLoss",
    "Conv1d",
    "Conv2d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "CosineEmbeddingLoss",
    "CrossEntropyLoss",
    "Dropout",
    "FocalLoss",
    "GaussianNLLLoss",
    "GlobalAveragePool",
    "GroupNorm",
    "HingeLoss",
    "HuberLoss",
    "InfoNCELoss",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "Linear",
    "LogCoshLoss",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "MultiMarginLoss",
    "NLLLoss",
    "Parameter",
    "PoissonNLLLoss",
    "RMSNorm",
    "ReLU",
    "SeparableConv2d",
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
