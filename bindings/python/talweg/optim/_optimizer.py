"""What all optimizers share: parameter groups and their state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, ClassVar

from .. import _talweg
from .._talweg import Tensor
from ..nn import Module

__all__ = ["Optimizer", "ParamGroup", "Parameters"]

Parameters = Module | Tensor | Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]

# The numbers of tw_optimizer_option by PyTorch's names; several numbers make a tuple.
_NUMBERS: dict[str, tuple[int, ...]] = {
    "lr": (0,),
    "weight_decay": (1,),
    "decoupled_weight_decay": (2,),
    "l1": (3,),
    "maximize": (4,),
    "momentum": (5,),
    "dampening": (6,),
    "nesterov": (7,),
    "betas": (8, 9),
    "eps": (10,),
    "alpha": (11,),
    "centered": (12,),
    "amsgrad": (13,),
    "lr_decay": (14,),
    "initial_accumulator_value": (15,),
    "rho": (16,),
    "momentum_decay": (17,),
    "beta2_decay": (18,),
    "eps1": (19,),
    "eps2": (20,),
    "d": (21,),
    "orthogonal": (22,),
    "ns_steps": (23,),
    "ns_coefficients": (24, 25, 26),
    "adjust_lr_fn": (27,),
}
# What the engine calls them, by number.
_NAMES = (
    "learning_rate weight_decay decoupled l1 maximize momentum dampening nesterov beta1 beta2 epsilon alpha centered "
    "amsgrad learning_rate_decay initial_accumulator rho momentum_decay beta2_decay epsilon1 epsilon2 "
    "clipping_threshold orthogonal iterations coefficient_a coefficient_b coefficient_c rate_adjustment"
).split()
_FLAGS = {"decoupled_weight_decay", "maximize", "nesterov", "centered", "amsgrad", "orthogonal"}
_ADJUSTMENTS = ("original", "match_rms_adamw", "plain")


def _to_numbers(name: str, value: Any, count: int) -> list[float]:
    """An option's value as the numbers that the engine takes."""
    if name == "adjust_lr_fn":
        value = "original" if value is None else value
        if value not in _ADJUSTMENTS:
            raise ValueError(f"adjust_lr_fn is {value!r}; it must be one of {', '.join(_ADJUSTMENTS)}")
        return [float(_ADJUSTMENTS.index(value))]
    if count == 1:
        return [float(value)]
    values = [float(number) for number in value]
    if len(values) != count:
        raise ValueError(f"{name} has {len(values)} numbers; it must have {count}")
    return values


def _from_numbers(name: str, numbers: list[float]) -> Any:
    if name == "adjust_lr_fn":
        return _ADJUSTMENTS[int(numbers[0])]
    if len(numbers) > 1:
        return tuple(numbers)
    if name in _FLAGS:
        return bool(numbers[0])
    return int(numbers[0]) if name == "ns_steps" else numbers[0]


def _tensors(params: Any) -> list[Tensor]:
    """The tensors of whatever holds parameters; those of a module that require a gradient."""
    if isinstance(params, Module):
        params = [parameter for parameter in params.parameters() if parameter.requires_grad]
    listed: list[Any] = [params] if isinstance(params, Tensor) else list(params)
    # Named parameters are taken for what they name.
    return [item[1] if isinstance(item, tuple) and len(item) == 2 else item for item in listed]


class ParamGroup(MutableMapping[str, Any]):
    """A group of parameters: a mapping with its tensors under "params" and its options, which take effect from the
    next step on when they are set. Other keys are kept as they are."""

    def __init__(self, optimizer: Optimizer, number: int, params: list[Tensor]) -> None:
        self._optimizer = optimizer
        self._number = number
        self._params = params
        self._others: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name == "params":
            return self._params
        numbers = self._optimizer._numbers(name)
        if numbers is None:
            return self._others[name]
        return _from_numbers(name, [self._optimizer._option(self._number, number) for number in numbers])

    def __setitem__(self, name: str, value: Any) -> None:
        if name == "params":
            raise ValueError("the parameters of a group stay; add_param_group makes another group")
        numbers = self._optimizer._numbers(name)
        if numbers is None:
            self._others[name] = value
            return
        for number, part in zip(numbers, _to_numbers(name, value, len(numbers)), strict=True):
            self._optimizer._set_option(self._number, number, part)

    def __delitem__(self, name: str) -> None:
        if name == "params" or self._optimizer._numbers(name) is not None:
            raise ValueError(f"{name} is an option of the optimizer")
        del self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["params", *self._optimizer._options, *self._others])

    def __len__(self) -> int:
        return 1 + len(self._optimizer._options) + len(self._others)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={self[name]!r}" for name in self if name != "params")
        return f"ParamGroup({len(self._params)} parameters, {options})"


class Optimizer(_talweg.Optimizer):
    """What all optimizers share: ``step()``, ``zero_grad()``, ``param_groups`` and the state."""

    #: The engine's name of the kind.
    _kind: ClassVar[str]
    #: The names of its options, in PyTorch's words.
    _options: ClassVar[tuple[str, ...]]
    #: Where its numbers differ from those of others.
    _own_numbers: ClassVar[dict[str, tuple[int, ...]]] = {}

    param_groups: list[ParamGroup]
    defaults: dict[str, Any]

    def _start(self, params: Parameters, max_norm: float, max_value: float, **options: Any) -> None:
        """Makes the native optimizer and its groups."""
        self._init(self._kind, max_norm, max_value)
        self.defaults = options
        self.param_groups = []
        listed: list[Any] = [params] if isinstance(params, (Module, Tensor)) else list(params)
        if not listed:
            raise ValueError("an optimizer needs at least one parameter")
        if not isinstance(listed[0], Mapping):
            listed = [{"params": params if isinstance(params, Module) else listed}]
        for group in listed:
            self.add_param_group(group)

    def _numbers(self, name: str) -> tuple[int, ...] | None:
        """The engine's numbers of an option that the optimizer has."""
        if name not in self._options:
            return None
        return self._own_numbers.get(name) or _NUMBERS[name]

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Adds a group: its "params", and the options that differ from the optimizer's defaults.

        A parameter that is in a group already is a TalwegError, and nothing is added then."""
        if not isinstance(group, Mapping):
            raise TypeError(f"a group is a dict with params and options, not {type(group).__name__}")
        tensors = _tensors(group["params"])
        if not tensors:
            raise ValueError("an optimizer needs at least one parameter in each group")
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(f"an optimizer holds tensors that require a gradient, not {type(tensor).__name__}")
        others = {name: value for name, value in group.items() if name != "params" and self._numbers(name) is None}
        numbers: list[int] = []
        values: list[float] = []
        for name in self._options:
            codes = self._numbers(name) or ()
            numbers += codes
            values += _to_numbers(name, group.get(name, self.defaults[name]), len(codes))
        self._add_group(tensors, numbers, values)
        made = ParamGroup(self, len(self.param_groups), tensors)
        made._others.update(others)
        self.param_groups.append(made)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clears the gradients of its parameters; nothing in the midst of an accumulation."""
        super().zero_grad()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes each parameter that has a gradient: all of them, or with an exception none.

        ``closure``, if there is one, is called first: it clears the gradients, computes the loss, goes back from it
        and gives it."""
        loss = None if closure is None else closure()
        super().step()
        return loss

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """Copies of the states by parameter, of those that made steps."""
        saved = self.state_dict()["state"]
        places = [tensor for group in self.param_groups for tensor in group["params"]]
        return {places[place]: saved[place] for place in saved}

    def state_dict(self) -> dict[str, Any]:
        """The state as PyTorch lays it out: "state", by parameter number, and "param_groups"."""
        state: dict[int, dict[str, Any]] = {}
        extra: dict[str, Tensor] = {}
        for name, value in self._state().items():
            _, what, number, *rest = name.split(".")
            if what == "state":
                numeric = value.ndim == 0 and rest[0] in ("step", "mu_product")
                state.setdefault(int(number), {})[rest[0]] = value.item() if numeric else value
            elif what != "group":
                extra[name] = value
        groups = []
        place = 0
        for group in self.param_groups:
            entry = {name: group[name] for name in group if name != "params"}
            entry["params"] = list(range(place, place + len(group["params"])))
            place += len(group["params"])
            groups.append(entry)
        made = {place: entry for place, entry in state.items() if entry.get("step")}
        found: dict[str, Any] = {"state": made, "param_groups": groups}
        return {**found, "extra": extra} if extra else found

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over a state that ``state_dict`` gave: later steps have the bits that they would have had without.

        ValueError, with the optimizer unchanged and every name told that is missing, unexpected or differs, if it
        is of another optimizer or model."""
        flat: dict[str, Tensor] = dict(state_dict.get("extra", {}))
        saved = state_dict["param_groups"]
        count = sum(len(group["params"]) for group in saved)
        for number, group in enumerate(saved):
            flat[f"{self._kind}.group.{number}.parameters"] = _number(len(group["params"]))
            for name in group:
                # Every option that the kind of the state had: one that this optimizer has not is unexpected.
                codes = self._numbers(name) or _NUMBERS.get(name, ())
                values = _to_numbers(name, group[name], len(codes)) if codes else []
                for code, value in zip(codes, values, strict=True):
                    flat[f"{self._kind}.group.{number}.{_NAMES[code]}"] = _number(value)
        for number in range(max(count, 1 + max(state_dict["state"], default=-1))):
            entry = state_dict["state"].get(number, {"step": 0.0})
            for name, value in entry.items():
                flat[f"{self._kind}.state.{number}.{name}"] = value if isinstance(value, Tensor) else _number(value)
        self._set_state(flat)
        for group, entry in zip(self.param_groups, saved, strict=False):
            extras = {name: value for name, value in entry.items() if name != "params" and self._numbers(name) is None}
            group._others.update(extras)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.param_groups))})"


def _number(value: float) -> Tensor:
    return _talweg.tensor(float(value), dtype="float64")
