"""The base of all layers and networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
        before = self._kind_of(name)
        kind: type | None = None
        if isinstance(value, (Parameter, Module)):
            kind = Parameter if isinstance(value, Parameter) else Module
        elif before is Tensor and isinstance(value, Tensor):
            kind = Tensor
        if before is not None and kind is not before:
            self._remove(name)
            self._persistent.pop(name, None)
        if kind is Parameter:
            required = value.requires_grad
            self._set_parameter(name, value)
            value.requires_grad = required
        elif kind is Module:
            self._set_child(name, value)
        elif kind is Tensor:
            self._set_buffer(name, value, self._persistent[name])
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if self._kind_of(name) is not None:
            self._remove(name)
            self._persistent.pop(name, None)
        super().__delattr__(name)

    def _kind_of(self, name: str) -> type | None:
        """As what the engine holds an attribute: Parameter, Module, Tensor (a buffer), or not at all."""
        value = self.__dict__.get(name)
        if isinstance(value, Parameter):
            return Parameter
        if isinstance(value, Module):
            return Module
        return Tensor if isinstance(value, Tensor) and name in self._persistent else None

    @property
    def _persistent(self) -> dict[str, bool]:
        """The names of the buffers, and whether each is part of the state."""
        held: dict[str, bool] = self.__dict__.setdefault("_buffer_persistence", {})
        return held

    def register_buffer(self, name: str, tensor: TensorLike, persistent: bool = True) -> None:
        """Names a tensor that no gradient changes, such as running statistics, and sets it as an attribute.

        Args:
            persistent: whether it is part of the module's state, which files hold
        """
        value = asarray(tensor)
        self._set_buffer(name, value, persistent)
        self._persistent[name] = persistent
        super().__setattr__(name, value)

    def _bind(self) -> None:
        """Sets what the native module holds as attributes: handles on its parameters, buffers and children."""
        for name in self._child_names():
            if name not in self.__dict__:
                child = _Native.__new__(_Native)
                child._init_at(self, name)
                child._bind()
                self.__dict__[name] = child
        for name in self._parameter_names():
            if "." not in name:
                self.__dict__[name] = self._parameter_named(name)
        for name in self._buffer_names():
            if "." not in name:
                self._persistent[name] = True
                self.__dict__[name] = self._buffer_named(name)

    def __repr__(self) -> str:
        """A table of the modules here and below, with their parameters' shapes and counts."""
        _, *rows = super().__repr__().splitlines()
        return "\n".join([type(self).__name__, *rows])

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters here and below with their paths, such as "0.weight": own ones
        first. One that is reached by several paths comes once."""
        for path in self._parameter_names():
            found = self._attribute_at(path)
            yield path, found if isinstance(found, Parameter) else self._parameter_named(path)

    def named_buffers(self) -> Iterator[tuple[str, Tensor]]:
        """All buffers here and below with their paths, such as "1.running_mean"."""
        for path in self._buffer_names():
            found = self._attribute_at(path)
            yield path, found if isinstance(found, Tensor) else self._buffer_named(path)

    def buffers(self) -> Iterator[Tensor]:
        """All buffers, here and below."""
        for _, buffer in self.named_buffers():
            yield buffer

    def _attribute_at(self, path: str) -> object:
        """The Python object at a path; None where only the engine has one."""
        *owners, name = path.split(".")
        module: object = self
        for owner in owners:
            module = getattr(module, "__dict__", {}).get(owner)
        return getattr(module, "__dict__", {}).get(name)

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

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, under "", and all below with their paths, each once, parents before their children."""
        seen: set[int] = set()
        waiting: list[tuple[str, Module]] = [("", self)]
        while waiting:
            path, module = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            below = [(f"{path}.{name}" if path else name, child) for name, child in module.named_children()]
            waiting.extend(reversed(below))

    def modules(self) -> Iterator[Module]:
        """This module and all below, each once."""
        for _, module in self.named_modules():
            yield module

    def get_submodule(self, path: str) -> Module:
        """The module at a path such as "encoder.0"; this one at "". AttributeError if there is none."""
        found = self._attribute_at(path) if path else self
        if not isinstance(found, Module):
            raise AttributeError(f"{type(self).__name__} has no module at {path!r}")
        return found

    def apply(self: Self, function: Callable[[Module], object]) -> Self:
        """Calls a function on this module and all below, each once, children before their parents."""
        for module in reversed(list(self.modules())):
            function(module)
        return self

    def freeze(self, pattern: str = "*") -> int:
        """Takes parameters out of training: those whose path matches a pattern, in which "*" stands for any
        characters, "." among them, and "?" for one: ``freeze("encoder.*")``. They require no gradient, and an
        optimizer that holds them leaves them as they are. Returns how many match."""
        return self._freeze(pattern, True)

    def unfreeze(self, pattern: str = "*") -> int:
        """Lets parameters train again whose path matches a pattern. Returns how many match."""
        return self._freeze(pattern, False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Freezes all parameters here and below (False), or lets them train."""
        self._freeze("*", not requires_grad)
        return self

    def state_dict(self) -> dict[str, Tensor]:
        """The parameters and persistent buffers by path, off the tape, over the same memory."""
        state: dict[str, Tensor] = {name: parameter.detach() for name, parameter in self.named_parameters()}
        for name, buffer in self.named_buffers():
            if self._is_persistent(name):
                state[name] = buffer.detach()
        return state

    def _is_persistent(self, path: str) -> bool:
        owner, _, name = path.rpartition(".")
        module = self._attribute_at(owner) if owner else self
        return module._persistent.get(name, True) if isinstance(module, Module) else True

    def load_state_dict(self, state: Mapping[str, TensorLike]) -> None:
        """Overwrites the parameters and persistent buffers with tensors or arrays of the same names and shapes.
        ValueError if they differ, with every name that is missing or unexpected; the module is then unchanged."""
        own = self.state_dict()
        missing, unexpected = own.keys() - state.keys(), state.keys() - own.keys()
        if missing or unexpected:
            raise ValueError(f"load_state_dict: missing {sorted(missing)}, unexpected {sorted(unexpected)}")
        sources = {name: asarray(value) for name, value in state.items()}
        for name, tensor in own.items():
            if sources[name].shape != tensor.shape:
                raise ValueError(
                    f"load_state_dict: {name} is {list(tensor.shape)}, given {list(sources[name].shape)}"
                )
        for name, tensor in own.items():
            tensor.assign(sources[name].detach())

    def train(self: Self, mode: bool = True) -> Self:
        """Sets training mode (or evaluation mode) here and below."""
        self._set_training(mode)
        return self

    def eval(self: Self) -> Self:
        """Sets evaluation mode here and below."""
        return self.train(False)


class _Native(Module):
    """A module of the engine's below one that Python made, such as the attention of an encoder layer."""

    def __init__(self) -> None:
        raise TypeError("only a layer of the engine's makes its inner modules")

    def forward(self, *inputs: TensorLike | None) -> Any:
        """The module's output, or a tuple of its outputs."""
        return self._call(*inputs)

    def __repr__(self) -> str:
        return _talweg.Module.__repr__(self)
