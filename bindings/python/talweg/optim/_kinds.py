"""Each kind of optimizer, with PyTorch's names and arguments; `max_norm`, `max_value`, `l1` and, where it makes
sense, `decoupled_weight_decay` are this package's own."""

from __future__ import annotations

from ._optimizer import Optimizer, Parameters

__all__ = [
    "LAMB",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Muon",
    "NAdam",
    "RAdam",
    "RMSProp",
    "RMSprop",
]

_COMMON = ("lr", "weight_decay", "decoupled_weight_decay", "l1", "maximize")


class SGD(Optimizer):
    """Stochastic gradient descent: v = momentum v + (1 - dampening) g, p -= lr v; ``nesterov`` looks ahead:
    p -= lr (g + momentum v)."""

    _kind = "sgd"
    _options = (*_COMMON, "momentum", "dampening", "nesterov")

    def __init__(
        self,
        params: Parameters,
        lr: float = 0.01,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan and Singer, 2011)."""

    _kind = "adagrad"
    _options = (*_COMMON, "lr_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012)."""

    _kind = "adadelta"
    _options = (*_COMMON, "rho", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class RMSProp(Optimizer):
    """RMSProp (Tieleman and Hinton, 2012), ``eps`` outside the root. ``alpha`` smooths the squared gradients;
    ``centered`` divides by their standard deviation."""

    _kind = "rmsprop"
    _options = (*_COMMON, "alpha", "eps", "momentum", "centered")

    def __init__(
        self,
        params: Parameters,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


RMSprop = RMSProp


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015); ``amsgrad`` (Reddi, Kale and Kumar, 2018) takes the greatest second moment
    so far."""

    _kind = "adam"
    _options = (*_COMMON, "betas", "eps", "amsgrad")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class AdamW(Optimizer):
    """AdamW (Loshchilov and Hutter, 2019): Adam with weight decay apart from the gradient."""

    _kind = "adamw"
    _options = (*_COMMON, "betas", "eps", "amsgrad")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = True,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class NAdam(Optimizer):
    """NAdam (Dozat, 2016): Adam with Nesterov's momentum."""

    _kind = "nadam"
    _options = (*_COMMON, "betas", "eps", "momentum_decay")

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class RAdam(Optimizer):
    """RAdam (Liu et al., 2020): Adam whose first steps are rectified."""

    _kind = "radam"
    _options = (*_COMMON, "betas", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class Adamax(Optimizer):
    """Adamax (Kingma and Ba, 2015, section 7.1): Adam with the infinity norm."""

    _kind = "adamax"
    _options = (*_COMMON, "betas", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class Lion(Optimizer):
    """Lion (Chen et al., 2023): steps by the sign of a momentum."""

    _kind = "lion"
    _options = (*_COMMON, "betas")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = True,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class LAMB(Optimizer):
    """LAMB (You et al., 2020): Adam's steps in proportion to each parameter's norm. Weight decay joins the step."""

    _kind = "lamb"
    _options = ("lr", "weight_decay", "l1", "maximize", "betas", "eps")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
        )


class Adafactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018), which keeps of a matrix one number a row and a column. ``eps`` are
    the least root of a second moment (None: the dtype's rounding unit) and the least scale of a parameter; ``d`` is
    the root mean square that an update does not go beyond; ``lr`` is the most of the relative step 1 / sqrt(t)."""

    _kind = "adafactor"
    _options = (*_COMMON, "beta2_decay", "eps1", "eps2", "d")

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = True,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        eps1, eps2 = eps
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            beta2_decay=beta2_decay,
            eps1=0.0 if eps1 is None else eps1,
            eps2=eps2,
            d=d,
            weight_decay=weight_decay,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )


class Muon(Optimizer):
    """Muon (Jordan et al., 2024): steps of matrices are orthogonalised by ``ns_steps`` Newton-Schulz iterations in
    the parameters' own dtype. Other parameters, and all of a group with ``orthogonal`` False (embeddings, heads), are
    AdamW's with ``betas`` and ``adamw_eps``. ``adjust_lr_fn`` is "original" (sqrt(max(1, rows / columns))),
    "match_rms_adamw" (0.2 sqrt(max(rows, columns))) or "plain" (1)."""

    _kind = "muon"
    _options = (
        *_COMMON,
        "momentum",
        "nesterov",
        "ns_coefficients",
        "eps",
        "ns_steps",
        "adjust_lr_fn",
        "orthogonal",
        "betas",
        "adamw_eps",
    )
    _own_numbers = {"eps": (19,), "adamw_eps": (10,)}  # noqa: RUF012

    def __init__(
        self,
        params: Parameters,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = True,
        orthogonal: bool = True,
        betas: tuple[float, float] = (0.9, 0.999),
        adamw_eps: float = 1e-8,
        l1: float = 0.0,
        max_norm: float = 0.0,
        max_value: float = 0.0,
    ) -> None:
        self._start(
            params,
            max_norm,
            max_value,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
            orthogonal=orthogonal,
            betas=betas,
            adamw_eps=adamw_eps,
            maximize=maximize,
            l1=l1,
            decoupled_weight_decay=decoupled_weight_decay,
        )
