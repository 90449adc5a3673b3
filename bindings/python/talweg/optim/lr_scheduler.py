"""Learning rates that change from step to step, with the names and arguments of torch.optim.lr_scheduler.

A schedule sets the rates of all groups of an optimizer from their initial ones, at once and then with every
``step()``. Past its last step it keeps the rate that it has there. ``rate(step)`` tells what it will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .. import _talweg
from ._optimizer import Optimizer, _number

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
    "WarmupLR",
]


class LRScheduler(_talweg.Schedule):
    """What all schedules share."""

    optimizer: Optimizer
    #: The rates of the groups to start from.
    base_lrs: list[float]

    def _start(self, optimizer: Optimizer) -> None:
        """Attaches it to the groups' initial rates, which are those before the first schedule."""
        for group in optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"])
        self._begin(optimizer)

    def _begin(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]
        self._attach(optimizer)

    @property
    def last_epoch(self) -> int:
        """The step whose rates the optimizer has, from 0."""
        return self._last_step()

    def step(self) -> None:
        """Sets the rates of the next step."""
        self._step()

    def get_last_lr(self) -> list[float]:
        """The groups' rates."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def rate(self, step: int, base: float | None = None) -> float:
        """The rate at a step, from 0 on, where a group starts from ``base`` (None: the first group's)."""
        return self._rate(step, self.base_lrs[0] if base is None else base)

    def state_dict(self) -> dict[str, float]:
        """All that the next steps depend on, by name."""
        return {name: tensor.item() for name, tensor in self._state().items()}

    def load_state_dict(self, state_dict: Mapping[str, float]) -> None:
        """Takes over a state that ``state_dict`` gave, and sets its rates. ValueError, with nothing changed and
        every name told that does not fit, if it is of another kind or other groups."""
        self._set_state({name: _number(value) for name, value in state_dict.items()})


class ConstantLR(LRScheduler):
    """``factor`` times the initial rate in the first ``total_iters`` steps."""

    def __init__(self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5) -> None:
        self._init_constant(factor, total_iters)
        self._start(optimizer)


class LinearLR(LRScheduler):
    """From ``start_factor`` to ``end_factor`` times the initial rate in even steps, there at ``total_iters``."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        self._init_linear(start_factor, end_factor, total_iters)
        self._start(optimizer)


class StepLR(LRScheduler):
    """``gamma`` times the rate every ``step_size`` steps."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self._init_step(step_size, gamma)
        self._start(optimizer)


class MultiStepLR(LRScheduler):
    """``gamma`` times the rate at each of the ``milestones``."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        self._init_multi_step(sorted(milestones), gamma)
        self._start(optimizer)


class ExponentialLR(LRScheduler):
    """``gamma`` times the rate every step."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self._init_exponential(gamma)
        self._start(optimizer)


class CosineAnnealingLR(LRScheduler):
    """Half a wave of the cosine down to ``eta_min``, there at ``T_max`` (Loshchilov and Hutter, 2017)."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self._init_cosine(T_max, eta_min)
        self._start(optimizer)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half waves of the cosine again and again, the first ``T_0`` steps long, each ``T_mult`` times as long as the
    one before."""

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        self._init_cosine_restarts(T_0, T_mult, eta_min)
        self._start(optimizer)


class PolynomialLR(LRScheduler):
    """(1 - step / ``total_iters``)^``power`` times the initial rate."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        self._init_polynomial(total_iters, power)
        self._start(optimizer)


class OneCycleLR(LRScheduler):
    """One cycle up to ``max_lr`` and down, and of the momentum the other way round (Smith and Topin, 2018)."""

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy is {anneal_strategy!r}; it must be 'cos' or 'linear'")
        self._init_one_cycle(
            total_steps,
            pct_start,
            div_factor,
            final_div_factor,
            anneal_strategy == "linear",
            three_phase,
            cycle_momentum,
            base_momentum,
            max_momentum,
        )
        groups = optimizer.param_groups
        peaks = list(max_lr) if isinstance(max_lr, Sequence) else [max_lr] * len(groups)
        if len(peaks) != len(groups):
            raise ValueError(f"max_lr has {len(peaks)} rates for {len(groups)} groups")
        for group, peak in zip(groups, peaks, strict=True):
            group["lr"] = peak
            group["initial_lr"] = peak
        self._begin(optimizer)


class LambdaLR(LRScheduler):
    """The initial rate times ``lr_lambda(step)``."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        self._init_callback(lr_lambda)
        self._start(optimizer)


class WarmupLR(LRScheduler):
    """``steps`` of even rise from ``start_factor`` times the first rate of another schedule, which then begins."""

    def __init__(self, scheduler: LRScheduler, steps: int, start_factor: float = 0.0) -> None:
        self._init_warmup(steps, start_factor, scheduler)
        self._start(scheduler.optimizer)


class SequentialLR(LRScheduler):
    """Several schedules, each but the first from its milestone on."""

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]) -> None:
        for scheduler in schedulers:
            if getattr(scheduler, "optimizer", optimizer) is not optimizer:
                raise ValueError("SequentialLR: a schedule is of another optimizer")
        self._init_sequential(list(schedulers), list(milestones))
        self._start(optimizer)


class ReduceLROnPlateau(LRScheduler):
    """``factor`` times the rates when a metric has not got better for more than ``patience`` steps. With
    ``warmup_steps`` the rates first rise from ``warmup_factor`` times theirs, in steps that heed no metric."""

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
        warmup_steps: int = 0,
        warmup_factor: float = 0.0,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode is {mode!r}; it must be 'min' or 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode is {threshold_mode!r}; it must be 'rel' or 'abs'")
        self._init_plateau(
            mode == "max",
            factor,
            patience,
            threshold,
            threshold_mode == "abs",
            cooldown,
            min_lr,
            eps,
            warmup_steps,
            warmup_factor,
        )
        self._begin(optimizer)

    def step(self, metrics: Any = None) -> None:
        """Takes a metric, a number or a tensor of one element, into account."""
        self._step(None if metrics is None else float(metrics))
