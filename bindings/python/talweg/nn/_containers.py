"""Modules made of modules, and modules of shapes alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _talweg
from .._choices import number_of
from .._talweg import Parameter, Tensor
from ._layers import _Layer
from ._module import Module

if TYPE_CHECKING:
    from .._talweg import TensorLike

COMBINATIONS = ("sum", "mean", "concatenate", "separate")


def _place(index: int, length: int, what: str) -> int:
    """A position that counts from the end if it is negative."""
    if not -length <= index < length:
        raise IndexError(f"{what}: index {index} is out of range; there are {length}")
    return index + length if index < 0 else index


def _child(module: object) -> Module:
    if not isinstance(module, Module):
        raise TypeError(f"a child is a talweg.nn.Module, not {type(module)!r}")
    return module


class Identity(_Layer):
    """x itself: what stands in a place where nothing is to be done. Arguments are accepted and not heeded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _talweg._init_identity(self)


class Flatten(_Layer):
    """Joins axes ``start_dim`` to ``end_dim`` to one, in row-major order."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        _talweg._init_flatten(self, start_dim, end_dim)


class Unflatten(_Layer):
    """Splits axis ``dim`` into several of those sizes, of which one may be -1 and is found."""

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        _talweg._init_unflatten(self, dim, tuple(unflattened_size))


class Residual(_Layer):
    """x + body(x), or projection(x) + body(x) for a body that changes the shape (He et al., 2016)."""

    def __init__(self, body: Module, projection: Module | None = None) -> None:
        _talweg._init_residual(self, body, projection)
        self.__dict__["body"] = body
        if projection is not None:
            self.__dict__["projection"] = projection


class Parallel(_Layer):
    """Several modules on the same input: their outputs' sum, their mean, what they are joined to along an axis
    ("concatenate"), or a tuple of them ("separate")."""

    def __init__(
        self,
        *modules: Module,
        combine: Literal["sum", "mean", "concatenate", "separate"] = "sum",
        dim: int = -1,
    ) -> None:
        _talweg._init_parallel(self, modules, number_of(combine, COMBINATIONS, "combine"), dim)
        self._is_separate = combine == "separate"
        for number, module in enumerate(modules):
            self.__dict__[str(number)] = module

    def forward(self, x: TensorLike) -> Any:
        """The combined output, or a tuple of outputs."""
        outputs = self._call(x)
        return (outputs,) if self._is_separate and not isinstance(outputs, tuple) else outputs


class _Numbered(Module):
    """Children "0", "1", ... as a sequence."""

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The module at a position, or a container of the same kind that shares those of a slice."""
        modules = list(self.children())
        if isinstance(index, slice):
            return self._of(modules[index])
        return modules[_place(index, len(modules), type(self).__name__)]

    def __setitem__(self, index: int, module: Module) -> None:
        names = [name for name, _ in self.named_children()]
        setattr(self, names[_place(index, len(names), type(self).__name__)], _child(module))

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self.children())
        if isinstance(index, int):
            _place(index, len(modules), type(self).__name__)
        del modules[index]
        self._replace(modules)

    def __contains__(self, module: object) -> bool:
        return any(child is module for child in self.children())

    def append(self, module: Module) -> Any:
        """Adds a module at the end, under the next number that is free."""
        number = len(self)
        while str(number) in self.__dict__:
            number += 1
        setattr(self, str(number), _child(module))
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Adds modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Puts a module before a position."""
        modules = list(self.children())
        modules.insert(index, module)
        self._replace(modules)
        return self

    def _replace(self, modules: Sequence[Module]) -> None:
        for name, _ in list(self.named_children()):
            delattr(self, name)
        for module in modules:
            self.append(module)

    def _of(self, modules: Sequence[Module]) -> Any:
        raise NotImplementedError


class Sequential(_Numbered, _Layer):
    """One module after the other: children "0", "1", ..., or the names of a mapping."""

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        self._init_sequential()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, named in modules[0].items():
                setattr(self, name, _child(named))
            return
        for module in modules:
            self.append(_child(module))

    def _of(self, modules: Sequence[Module]) -> Sequential:
        return Sequential(*modules)


class ModuleList(_Numbered):
    """A list of modules, whose parameters belong to the module that holds it. It has no forward pass."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def _of(self, modules: Sequence[Module]) -> ModuleList:
        return ModuleList(modules)


class ModuleDict(Module):
    """Modules by name, whose parameters belong to the module that holds it. It has no forward pass."""

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        super().__init__()
        self.update(modules)

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())

    def __contains__(self, name: object) -> bool:
        return isinstance(self.__dict__.get(name), Module) if isinstance(name, str) else False

    def __getitem__(self, name: str) -> Module:
        if name not in self:
            raise KeyError(name)
        found: Module = self.__dict__[name]
        return found

    def __setitem__(self, name: str, module: Module) -> None:
        if hasattr(type(self), name):
            raise KeyError(f"ModuleDict: {name!r} is a name of the class")
        setattr(self, name, _child(module))

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        delattr(self, name)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Sets modules of another mapping, or of pairs."""
        pairs = modules.items() if isinstance(modules, Mapping) else modules
        for name, module in pairs:
            self[name] = module

    def pop(self, name: str) -> Module:
        """Removes a module and gives it."""
        module = self[name]
        del self[name]
        return module

    def clear(self) -> None:
        """Removes all modules."""
        for name in list(self):
            del self[name]

    def keys(self) -> list[str]:
        """The names."""
        return list(self)

    def values(self) -> list[Module]:
        """The modules."""
        return list(self.children())

    def items(self) -> list[tuple[str, Module]]:
        """The names with their modules."""
        return list(self.named_children())


class ParameterList(Module):
    """A list of parameters "0", "1", ... that belong to the module that holds it. Tensors become parameters."""

    def __init__(self, values: Iterable[TensorLike] = ()) -> None:
        super().__init__()
        self.extend(values)

    def _own(self) -> dict[str, Parameter]:
        return {name: value for name, value in self.__dict__.items() if isinstance(value, Parameter)}

    def __len__(self) -> int:
        return len(self._own())

    def __iter__(self) -> Iterator[Parameter]:
        return iter(list(self._own().values()))

    def __getitem__(self, index: int | slice) -> Any:
        values = list(self)
        if isinstance(index, slice):
            return ParameterList(values[index])
        return values[_place(index, len(values), "ParameterList")]

    def __setitem__(self, index: int, value: TensorLike) -> None:
        setattr(self, str(_place(index, len(self), "ParameterList")), _parameter(value))

    def append(self, value: TensorLike) -> ParameterList:
        """Adds a parameter at the end."""
        setattr(self, str(len(self)), _parameter(value))
        return self

    def extend(self, values: Iterable[TensorLike]) -> ParameterList:
        """Adds parameters at the end."""
        for value in list(values):
            self.append(value)
        return self


def _parameter(value: TensorLike) -> Parameter:
    return value if isinstance(value, Parameter) else Parameter(value.detach() if isinstance(value, Tensor) else value)
