"""Losses as objects, over the functions of the same names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._talweg import cross_entropy_loss, mse_loss

if TYPE_CHECKING:
    from .._talweg import Tensor, TensorLike


class MSELoss:
    """``talweg.mse_loss`` as an object."""

    def __call__(self, prediction: TensorLike, target: TensorLike) -> Tensor:
        return mse_loss(prediction, target)


class CrossEntropyLoss:
    """``talweg.cross_entropy_loss`` as an object."""

    def __call__(self, logits: TensorLike, labels: TensorLike) -> Tensor:
        return cross_entropy_loss(logits, labels)
