"""Derivatives of functions, functions inside the tape, and tools for finding mistakes.

Functions of functions: `vjp`, `jvp`, `jacobian`, `hessian`, `hvp`, `value_and_grad`,
`per_sample_grad`. Inside the tape: `checkpoint`, `Function`, hooks (`Tensor.register_hook`).
For finding mistakes: `gradcheck`, `detect_anomaly`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from . import _talweg
from ._grad_mode import enable_grad
from ._talweg import Tensor

__all__ = [
    "Context",
    "Function",
    "HookHandle",
    "checkpoint",
    "detect_anomaly",
    "gradcheck",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "per_sample_grad",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]

Tensors: TypeAlias = Tensor | Sequence[Tensor]
_MODES = {"auto": 0, "reverse": 1, "forward": 2}


def _tuple(given: Any, what: str) -> tuple[Tensor, ...]:
    tensors = (given,) if isinstance(given, Tensor) else tuple(given)
    for tensor in tensors:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{what}: {type(tensor).__name__}, not a Tensor")
    return tensors


def _leaves(inputs: tuple[Tensor, ...], create_graph: bool) -> tuple[Tensor, ...]:
    """Tensors of the same elements to derive by; with create_graph, those on the tape themselves."""
    leaves = []
    for given in inputs:
        if create_graph and given.requires_grad:
            leaves.append(given)
        else:
            leaf = given.detach()
            leaf.requires_grad = True
            leaves.append(leaf)
    return tuple(leaves)


def _call(function: Callable[..., Any], leaves: tuple[Tensor, ...]) -> tuple[Any, tuple[Tensor, ...]]:
    """What the function gave, and as a tuple with all of it on the tape."""
    with enable_grad():
        given = function(*leaves)
    return given, _tuple(given, "the function gave")


def _like(values: Sequence[Tensor], given: Any) -> Any:
    return values[0] if isinstance(given, Tensor) else tuple(values)


def _detached(given: Any) -> Any:
    return given.detach() if isinstance(given, Tensor) else tuple(x.detach() for x in given)


def vjp(function: Callable[..., Any], *primals: Tensor) -> tuple[Any, Callable[..., Any]]:
    """``function(*primals)``, and a function that takes gradients of its outputs to gradients of the primals.

    The latter may be called again and again; it gives a tensor for one primal, else a tuple.
    """
    leaves = _leaves(_tuple(primals, "primals"), False)
    given, outputs = _call(function, leaves)

    def pullback(*cotangents: Any) -> Any:
        found = _talweg.tape_vjp(outputs, leaves, cotangents)
        return found[0] if len(leaves) == 1 else found

    return _detached(given), pullback


def jvp(
    function: Callable[..., Any], primals: Tensors, tangents: Tensors, *, create_graph: bool = False
) -> tuple[Any, Any]:
    """``function(*primals)``, and how its outputs move when the primals move along the tangents (forward mode)."""
    leaves = _leaves(_tuple(primals, "primals"), create_graph)
    given, outputs = _call(function, leaves)
    found = _talweg.tape_jvp(outputs, leaves, _tuple(tangents, "tangents"), create_graph)
    return given if create_graph else _detached(given), _like(found, given)


def jacobian(
    function: Callable[..., Any],
    inputs: Tensors,
    *,
    mode: Literal["auto", "reverse", "forward"] = "auto",
    create_graph: bool = False,
) -> Any:
    """The derivatives of every element of the function's output by every element of the inputs.

    A tensor of shape ``output.shape + input.shape``; for several inputs a tuple, for several outputs a
    tuple of what one output gives. ``mode`` "reverse" takes a walk for each output element, "forward" one for
    each input element; "auto" chooses.
    """
    if mode not in _MODES:
        raise ValueError(f"jacobian: mode is {mode!r}; it is one of {', '.join(_MODES)}")
    leaves = _leaves(_tuple(inputs, "inputs"), create_graph)
    given, outputs = _call(function, leaves)
    found = [_like(_talweg.tape_jacobian(y, leaves, _MODES[mode], create_graph), inputs) for y in outputs]
    return _like(found, given)


def hessian(function: Callable[..., Tensor], inputs: Tensors, *, create_graph: bool = False) -> Any:
    """The second derivatives of a function whose output has one element.

    A tensor of shape ``input.shape + input.shape``; for several inputs a tuple of tuples, block by block.
    """
    leaves = _leaves(_tuple(inputs, "inputs"), create_graph)
    _, outputs = _call(function, leaves)
    blocks = _talweg.tape_hessian(outputs[0], leaves, create_graph)
    if isinstance(inputs, Tensor):
        return blocks[0]
    n = len(leaves)
    return tuple(blocks[i * n : (i + 1) * n] for i in range(n))


def hvp(
    function: Callable[..., Tensor], inputs: Tensors, vectors: Tensors, *, create_graph: bool = False
) -> tuple[Tensor, Any]:
    """The function's value, of one element, and its Hessian times vectors, at about the cost of two gradients."""
    leaves = _leaves(_tuple(inputs, "inputs"), create_graph)
    given, outputs = _call(function, leaves)
    found = _talweg.tape_hvp(outputs[0], leaves, _tuple(vectors, "vectors"), create_graph)
    return given if create_graph else _detached(given), _like(found, inputs)


def value_and_grad(function: Callable[..., Tensor]) -> Callable[..., tuple[Tensor, Any]]:
    """A function that gives ``function(*inputs)``, of one element, and its gradients by the inputs."""

    def both(*inputs: Tensor) -> tuple[Tensor, Any]:
        leaves = _leaves(_tuple(inputs, "inputs"), False)
        given, outputs = _call(function, leaves)
        found = _talweg.grad(outputs[0], leaves, allow_unused=True)
        return _detached(given), found[0] if len(found) == 1 else found

    return both


def per_sample_grad(loss: Callable[..., Tensor], parameters: Sequence[Tensor], *batch: Tensor) -> tuple[Tensor, ...]:
    """The gradients of each sample's loss by the parameters: for each of them shape ``[n] + parameter.shape``.

    ``loss(*sample)`` is called once a sample, with the batch's tensors cut to ``[1, ...]``.
    """
    wanted = _tuple(parameters, "parameters")
    tensors = _tuple(batch, "batch")
    sizes = {tensor.shape[0] if tensor.ndim else 0 for tensor in tensors}
    if len(sizes) != 1:
        raise ValueError(f"per_sample_grad: the batch's tensors have first sizes {sorted(sizes)}; one is needed")
    rows: list[tuple[Tensor, ...]] = []
    for i in range(sizes.pop()):
        with enable_grad():
            value = loss(*(tensor[i : i + 1] for tensor in tensors))
        rows.append(_talweg.grad(value, wanted, allow_unused=True))
    if not rows:
        return tuple(_talweg.zeros((0, *p.shape), p.dtype) for p in wanted)
    return tuple(_talweg.stack([row[k] for row in rows]) for k in range(len(wanted)))


def stop_gradient(x: Tensor) -> Tensor:
    """The same elements, as a constant: ``x.detach()``."""
    return x.detach()


def checkpoint(function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)`` without what its operations would save for the gradient: each backward pass that
    comes to it calls the function again.

    The function must do the same operations each time; random numbers of the default generator are the same the
    second time. Parameters that it reaches get their gradients too.
    """
    places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
    if not places:
        raise ValueError("checkpoint: no argument is a Tensor")
    shapes: list[Any] = []

    def run(*tensors: Tensor) -> Any:
        filled = list(args)
        for place, tensor in zip(places, tensors, strict=True):
            filled[place] = tensor
        given = function(*filled)
        shapes[:] = [isinstance(given, Tensor)]
        return given

    found = _talweg.tape_checkpoint(run, [args[i] for i in places])
    return found[0] if shapes[0] else found


class HookHandle(NamedTuple):
    """A hook on a tensor's gradient; ``remove()`` takes it away."""

    tensor: Tensor
    number: int

    def remove(self) -> None:
        """Takes the hook away; a second time does nothing."""
        self.tensor.remove_hook(self.number)


class Context:
    """What a Function's forward keeps for its backward. Other attributes may be set freely."""

    needs_input_grad: tuple[bool, ...]
    _saved: tuple[Tensor | int, ...]
    _outputs: tuple[Tensor, ...]

    def __init__(self) -> None:
        self._saved = ()
        self._outputs = ()
        self.needs_input_grad = ()

    def save_for_backward(self, *tensors: Tensor) -> None:
        """Keeps inputs, outputs or other tensors for `saved_tensors`."""
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple[Tensor, ...]:
        """What was saved; outputs in their place on the tape, so that gradients have gradients."""
        return tuple(self._outputs[x] if isinstance(x, int) else x for x in self._saved)

    def _name_outputs(self, outputs: tuple[Tensor, ...]) -> None:
        """Outputs are kept as their numbers: the tensors themselves would keep their own record alive."""
        numbers = {id(y): i for i, y in enumerate(outputs)}
        self._saved = tuple(x if isinstance(x, int) else numbers.get(id(x), x) for x in self._saved)


class Function:
    """An operation whose forward and backward passes are Python functions.

        class Cube(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x * x

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 3 * x * x * g

        y = Cube.apply(x)

    ``backward`` gives a gradient, or None, for each argument of forward after ctx. Made of operations on tensors
    it has derivatives in turn, and forward mode follows from it; else a static method ``jvp(ctx, *tangents)``,
    with None for an argument that does not move, gives the outputs' tangents.
    """

    @staticmethod
    def forward(ctx: Context, *args: Any) -> Any:
        """The output, a tensor or a tuple of tensors."""
        raise NotImplementedError("forward")

    @staticmethod
    def backward(ctx: Context, *gradients: Any) -> Any:
        """The gradients of forward's arguments, given those of its outputs."""
        raise NotImplementedError("backward")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """The operation on some arguments; gradients go to those that are tensors."""
        places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        if not places:
            raise ValueError(f"{cls.__name__}.apply: no argument is a Tensor")
        ctx = Context()
        single: list[bool] = []

        def forward(*inputs: Tensor) -> tuple[Tensor, ...]:
            filled = list(args)
            for place, tensor in zip(places, inputs, strict=True):
                filled[place] = tensor
            given = cls.forward(ctx, *filled)
            outputs = _tuple(given, f"{cls.__name__}.forward gave")
            ctx._name_outputs(outputs)
            single[:] = [isinstance(given, Tensor)]
            return outputs

        def backward(inputs: Any, outputs: Any, gradients: Any, wanted: Any) -> list[Tensor | None]:
            wants = dict(zip(places, wanted, strict=True))
            ctx.needs_input_grad = tuple(wants.get(i, False) for i in range(len(args)))
            ctx._outputs = outputs
            try:
                filled = [
                    _talweg.zeros(y.shape, y.dtype) if g is None else g
                    for y, g in zip(outputs, gradients, strict=False)
                ]
                given = cls.backward(ctx, *filled)
            finally:
                ctx._outputs = ()
            found = (given,) if given is None or isinstance(given, Tensor) else tuple(given)
            if len(found) != len(args):
                raise ValueError(f"{cls.__name__}.backward gave {len(found)} gradients for {len(args)} arguments")
            return [found[i] for i in places]

        def tangent(inputs: Any, outputs: Any, tangents: Any, wanted: Any) -> Any:
            moving: list[Any] = [None] * len(args)
            for place, t in zip(places, tangents, strict=True):
                moving[place] = t
            ctx._outputs = outputs
            try:
                return cls.jvp(ctx, *moving)  # type: ignore[attr-defined]
            finally:
                ctx._outputs = ()

        rule = tangent if hasattr(cls, "jvp") else None
        found = _talweg.custom_apply(cls.__name__, forward, backward, rule, [args[i] for i in places])
        return found[0] if single[0] else found


class detect_anomaly:
    """``with detect_anomaly():`` fails, naming the operation, where a NaN first comes up.

    An operation whose result has a NaN though no input has, and one whose backward pass makes a NaN of gradients
    without, raise TalwegError. Every result is searched: for debugging. Of this thread.
    """

    def __enter__(self) -> None:
        self._before = _talweg.set_anomaly_mode(True)

    def __exit__(self, *error: Any) -> None:
        _talweg.set_anomaly_mode(self._before)


def gradcheck(
    function: Callable[..., Any],
    inputs: Tensors,
    *,
    eps: float = 1e-4,
    atol: float = 1e-6,
    rtol: float = 1e-5,
    second_order: bool = False,
    forward_mode: bool = True,
    raise_exception: bool = True,
) -> bool:
    """Compares a function's derivatives at float64 inputs with central differences of step ``eps``.

    A derivative d and a difference q agree if ``|d - q| <= atol + rtol * |q|``. Where they do not, AssertionError
    tells the worst, or the result is False without ``raise_exception``.
    """
    passed, compared, kind, number, element, derivative, difference, excess = _talweg.check_gradients(
        function, _tuple(inputs, "inputs"), eps, atol, rtol, second_order, forward_mode
    )
    if not passed and raise_exception:
        what = ("gradient by input", "tangent of output", "second derivative by input")[kind]
        raise AssertionError(
            f"gradcheck: the {what} {number}, element {element}, is {derivative!r}, by differences {difference!r}: "
            f"{excess:.3g} times what is allowed; {compared} derivatives were compared"
        )
    return passed
