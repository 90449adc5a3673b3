"""The base of all layers and networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _talweg
from .._talweg import Parameter, Tensor, asarray

if TYPE_CHECKING:
    from .._talweg import TensorLike

Self = TypeVar("Self", bound="Module")


class Module(_talweg.Module):
    """A layer or a network: parameters, children, and a forward pass.

    A subclass calls ``super().__init__()``, sets its Parameters and Modules as
    attributes, which registers them under the attributes' names, and defines
    ``forward``. The engine's own tree is the authority: ``talweg.fit``, ``save`` and
    ``load`` work on it.
    """

    def __init__(self) -> None:
        self._init_callback()

    def forward(self, x: Tensor) -> Tensor:
        """The output for an input. Defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """``forward``"""
        return self.forward(*args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__.get(name)
        kind = Parameter if isinstance(value, Parameter) else Module if isinstance(value, Module) else None
        if isinstance(before, (Parameter, Module)) and (kind is None or not isinstance(before, kind)):
            self._remove(name)
        if kind is Parameter:
            required = value.requires_grad
            self._set_parameter(name, value)
            value.requires_grad = required
        elif kind is Module:
            self._set_child(name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if isinstance(self.__dict__.get(name), (Parameter, Module)):
            self._remove(name)
        super().__delattr__(name)

    def __repr__(self) -> str:
        """A table of the modules here and below, with their parameters' shapes and counts."""
        _, *rows = super().__repr__().splitlines()
        return "\n".join([type(self).__name__, *rows])

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters here and below with their paths, such as "0.weight": own ones
        first. One that is reached by several paths comes once."""
        for path in self._parameter_names():
            *owners, name = path.split(".")
            module: Module = self
            for owner in owners:
                module = module.__dict__[owner]
            yield path, module.__dict__[name]

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, here and below."""
        for _, parameter in self.named_parameters():
            yield parameter

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules right below, with their names."""
        for name, value in self.__dict__.items():
            if isinstance(value, Module):
                yield name, value

    def children(self) -> Iterator[Module]:
        """The modules right below."""
        for _, module in self.named_children():
            yield module

    def state_dict(self) -> dict[str, Tensor]:
        """The parameters by path, off the tape, over the same memory."""
        return {name: parameter.detach() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, TensorLike]) -> None:
        """Overwrites the parameters with tensors or arrays of the same names and shapes.
        ValueError if they differ; the module is then unchanged."""
        own = dict(self.named_parameters())
        missing, unexpected = own.keys() - state.keys(), state.keys() - own.keys()
        if missing or unexpected:
            raise ValueError(f"load_state_dict: missing {sorted(missing)}, unexpected {sorted(unexpected)}")
        sources = {name: asarray(value) for name, value in state.items()}
        for name, parameter in own.items():
            if sources[name].shape != parameter.shape:
                raise ValueError(
                    f"load_state_dict: {name} is {list(parameter.shape)}, given {list(sources[name].shape)}"
                )
        for name, parameter in own.items():
            parameter.assign(sources[name].detach())

    def train(self: Self, mode: bool = True) -> Self:
        """Sets training mode (or evaluation mode) here and below."""
        self._set_training(mode)
        return self

    def eval(self: Self) -> Self:
        """Sets evaluation mode here and below."""
        return self.train(False)
