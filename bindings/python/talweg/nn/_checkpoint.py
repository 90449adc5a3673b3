"""Memory for time: modules whose forward pass is computed again in the backward pass."""

from __future__ import annotations

from typing import Any

from .. import _talweg
from .._talweg import Tensor, asarray
from ._layers import _Layer
from ._module import Module


class Checkpoint(_Layer):
    """A module that keeps nothing for the gradient but its inputs: the backward pass computes it again (Chen et al.,
    "Training deep nets with sublinear memory cost", 2016).

    Outputs and gradients are the same to the last bit, dropout masks too, and running statistics move once. The inputs
    must not be changed in place before the backward pass. It takes the module's inputs; the module is ``module``, also
    in the paths of parameters.
    """

    module: Module

    def __init__(self, module: Module) -> None:
        _talweg._init_checkpointed(self, module)
        self.__dict__["module"] = module

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module gives."""
        from ..autograd import checkpoint

        given = [*inputs]
        if given and not any(isinstance(one, Tensor) for one in given):
            given[0] = asarray(given[0])
        call = _Call(self.module, options)
        return call.unpacked(checkpoint(call, *given))


class _Call:
    """A module's call, whose results are one tuple whatever their nesting; each time in the modes, training or
    evaluation, in which the modules were at first."""

    def __init__(self, module: Module, options: dict[str, Any]) -> None:
        self.module = module
        self.options = options
        self.modes = [(one, one.training) for one in module.modules()]
        self.form: Any = None

    def __call__(self, *inputs: Any) -> Any:
        now = [(one, one.training) for one, _ in self.modes]
        if now == self.modes:
            return self.flat(self.module(*inputs, **self.options))
        try:
            self.set(self.modes)
            return self.flat(self.module(*inputs, **self.options))
        finally:
            self.set(now)

    @staticmethod
    def set(modes: list[tuple[Module, bool]]) -> None:
        # Parents first: a mode goes down to the children.
        for module, mode in modes:
            module._set_training(mode)

    def flat(self, result: Any) -> Any:
        tensors: list[Tensor] = []

        def taken(part: Any) -> Any:
            if isinstance(part, tuple):
                return tuple(taken(one) for one in part)
            if part is None:
                return None
            tensors.append(part)
            return len(tensors) - 1

        self.form = taken(result)
        return tensors[0] if self.form == 0 else tuple(tensors)

    def unpacked(self, tensors: Any) -> Any:
        """The results in their own nesting."""

        def put(form: Any) -> Any:
            if isinstance(form, tuple):
                return tuple(put(one) for one in form)
            return None if form is None else tensors[form]

        return tensors if self.form == 0 else put(self.form)
