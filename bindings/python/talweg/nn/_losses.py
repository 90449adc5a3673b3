"""Losses as objects, over the functions of talweg.nn.functional. ``reduction`` is "mean", "sum" or "none"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _talweg

if TYPE_CHECKING:
    from .._talweg import Tensor, TensorLike


class _Loss:
    """A loss function with its options."""

    def __init__(self, **options: Any) -> None:
        self._options = options

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_options"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._options.items())})"


class L1Loss(_Loss):
    """|input - target|."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.l1_loss(input, target, **self._options)


class MSELoss(_Loss):
    """(input - target)^2."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.mse_loss(input, target, **self._options)


class HuberLoss(_Loss):
    """Squares up to ``delta``, then magnitudes (Huber, 1964)."""

    def __init__(self, delta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(delta=delta, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.huber_loss(input, target, **self._options)


class SmoothL1Loss(_Loss):
    """The Huber loss over ``beta``."""

    def __init__(self, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(beta=beta, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.smooth_l1_loss(input, target, **self._options)


class LogCoshLoss(_Loss):
    """log(cosh(input - target))."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.log_cosh_loss(input, target, **self._options)


class CrossEntropyLoss(_Loss):
    """-log softmax(input)[target] of integer labels, or of shares of the classes."""

    def __init__(
        self,
        weight: TensorLike | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight=weight, ignore_index=ignore_index, label_smoothing=label_smoothing, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.cross_entropy(input, target, **self._options)


class NLLLoss(_Loss):
    """-input[target] of log probabilities and integer labels."""

    def __init__(self, weight: TensorLike | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight=weight, ignore_index=ignore_index, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.nll_loss(input, target, **self._options)


class FocalLoss(_Loss):
    """Cross-entropy that looks away from what is right already (Lin et al., 2017)."""

    def __init__(
        self, weight: TensorLike | None = None, ignore_index: int = -100, gamma: float = 2.0, reduction: str = "mean"
    ) -> None:
        super().__init__(weight=weight, ignore_index=ignore_index, gamma=gamma, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.focal_loss(input, target, **self._options)


class SigmoidFocalLoss(_Loss):
    """The focal loss of two classes, of logits."""

    def __init__(self, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        super().__init__(alpha=alpha, gamma=gamma, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.sigmoid_focal_loss(input, target, **self._options)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of logits."""

    def __init__(
        self, weight: TensorLike | None = None, pos_weight: TensorLike | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(weight=weight, pos_weight=pos_weight, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.binary_cross_entropy_with_logits(input, target, **self._options)


class BCELoss(_Loss):
    """Binary cross-entropy of probabilities."""

    def __init__(self, weight: TensorLike | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=weight, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.binary_cross_entropy(input, target, **self._options)


class KLDivLoss(_Loss):
    """The Kullback-Leibler divergence; of its definition with ``reduction='batchmean'``."""

    def __init__(self, log_target: bool = False, reduction: str = "mean") -> None:
        super().__init__(log_target=log_target, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.kl_div(input, target, **self._options)


class PoissonNLLLoss(_Loss):
    """The negative logarithm of a Poisson probability of the target."""

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(log_input=log_input, full=full, eps=eps, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.poisson_nll_loss(input, target, **self._options)


class GaussianNLLLoss(_Loss):
    """The negative logarithm of a normal density of the target."""

    def __init__(self, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(full=full, eps=eps, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike, var: TensorLike) -> Tensor:
        return _talweg.gaussian_nll_loss(input, target, var, **self._options)


class HingeLoss(_Loss):
    """max(0, 1 - target input), with targets -1 or 1."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.hinge_loss(input, target, **self._options)


class SquaredHingeLoss(_Loss):
    """The square of HingeLoss."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.squared_hinge_loss(input, target, **self._options)


class MultiMarginLoss(_Loss):
    """How far other classes' scores come within ``margin`` of the target's."""

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: TensorLike | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(p=p, margin=margin, weight=weight, reduction=reduction)

    def __call__(self, input: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.multi_margin_loss(input, target, **self._options)


class CosineEmbeddingLoss(_Loss):
    """Draws vectors together by their cosine where the target is 1, apart where it is -1."""

    def __init__(self, margin: float = 0.0, reduction: str = "mean") -> None:
        super().__init__(margin=margin, reduction=reduction)

    def __call__(self, input1: TensorLike, input2: TensorLike, target: TensorLike) -> Tensor:
        return _talweg.cosine_embedding_loss(input1, input2, target, **self._options)


class TripletMarginLoss(_Loss):
    """Draws an anchor nearer to the positive than to the negative by ``margin``."""

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)

    def __call__(self, anchor: TensorLike, positive: TensorLike, negative: TensorLike) -> Tensor:
        return _talweg.triplet_margin_loss(anchor, positive, negative, **self._options)


class InfoNCELoss(_Loss):
    """Cross-entropy of telling each query's key among others (van den Oord et al., 2018)."""

    def __init__(self, temperature: float = 0.1, reduction: str = "mean") -> None:
        super().__init__(temperature=temperature, reduction=reduction)

    def __call__(self, query: TensorLike, positive_key: TensorLike, negative_keys: TensorLike | None = None) -> Tensor:
        return _talweg.info_nce_loss(query, positive_key, negative_keys, **self._options)


class CTCLoss(_Loss):
    """Minus the logarithm of the labels' probability over all alignments (Graves et al., 2006)."""

    def __init__(self, blank: int = 0, zero_infinity: bool = False, reduction: str = "mean") -> None:
        super().__init__(blank=blank, zero_infinity=zero_infinity, reduction=reduction)

    def __call__(
        self, log_probs: TensorLike, targets: TensorLike, input_lengths: TensorLike, target_lengths: TensorLike
    ) -> Tensor:
        return _talweg.ctc_loss(log_probs, targets, input_lengths, target_lengths, **self._options)
