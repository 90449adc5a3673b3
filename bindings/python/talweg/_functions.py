"""Functions that others make up in a line or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from . import _talweg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._talweg import DTypeLike, Tensor, TensorLike


def positive(x: TensorLike, /) -> Tensor:
    """A copy; the gradient passes through."""
    return _talweg.asarray(x).copy()


def real(x: TensorLike, /) -> Tensor:
    """x itself: there are no complex dtypes."""
    return _talweg.asarray(x)


def conj(x: TensorLike, /) -> Tensor:
    """x itself: there are no complex dtypes."""
    return _talweg.asarray(x)


def swapaxes(x: TensorLike, axis0: int, axis1: int) -> Tensor:
    """A view with two axes swapped."""
    tensor = _talweg.asarray(x)
    axes = list(range(tensor.ndim))
    axes[axis0], axes[axis1] = axes[axis1], axes[axis0]
    return _talweg.permute(tensor, axes)


def take(x: TensorLike, indices: TensorLike, /, axis: int | None = None) -> Tensor:
    """Positions along an axis, which only a 1-d tensor need not name; ``indices`` of any shape take its place."""
    tensor = _talweg.asarray(x)
    if axis is None and tensor.ndim != 1:
        raise ValueError(f"take: an axis is needed for a tensor that has {tensor.ndim}")
    return _talweg.index_select(tensor, axis or 0, indices)


def matrix_transpose(x: TensorLike, /) -> Tensor:
    """A view with the last two axes swapped."""
    return _talweg.asarray(x).mT


def put_along_axis(x: TensorLike, indices: TensorLike, values: TensorLike, axis: int = -1) -> Tensor:
    """A copy of x with ``values`` written where ``take_along_axis`` would read: ``scatter`` with broadcasting."""
    tensor, positions = _talweg.asarray(x), _talweg.asarray(indices)
    axis = _axis_tuple(axis, tensor.ndim)[0]
    shape = [s if i != axis else positions.shape[i] for i, s in enumerate(tensor.shape[: positions.ndim])]
    return _talweg.scatter(tensor, axis, _talweg.broadcast_to(positions, shape), values)


def flatten(x: TensorLike, start_axis: int = 0) -> Tensor:
    """The axes from ``start_axis`` on as one, in row-major order."""
    tensor = _talweg.asarray(x)
    return tensor.reshape(*tensor.shape[:start_axis], -1)


def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """Axes moved to other positions; the others keep their order. Never copies."""
    tensor = _talweg.asarray(x)
    moved = _axis_tuple(source, tensor.ndim)
    places = _axis_tuple(destination, tensor.ndim)
    if len(moved) != len(places):
        raise ValueError(f"moveaxis: {len(moved)} axes to {len(places)} positions")
    if len(set(moved)) != len(moved) or len(set(places)) != len(places):
        raise ValueError(f"moveaxis: {source} to {destination} names one twice")
    order = [axis for axis in range(tensor.ndim) if axis not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return _talweg.permute(tensor, order)


def _axis_tuple(axes: int | Sequence[int], rank: int) -> tuple[int, ...]:
    given = (axes,) if isinstance(axes, int) else tuple(axes)
    for axis in given:
        if not -rank <= axis < rank:
            raise IndexError(f"axis {axis} is out of range for {rank} axes")
    return tuple(axis % rank for axis in given)


def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The positions of an axis, each a view without it."""
    tensor = moveaxis(x, axis, 0)
    return tuple(tensor[i] for i in range(tensor.shape[0]))


def broadcast_arrays(*arrays: TensorLike) -> list[Tensor]:
    """Views of one shape, that of their sum."""
    import numpy

    given = [_talweg.asarray(x) for x in arrays]
    shape = numpy.broadcast_shapes(*(tensor.shape for tensor in given))
    return [_talweg.broadcast_to(tensor, shape) for tensor in given]


def meshgrid(*arrays: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid, from those of its axes, each of them 1-d.

    ``"ij"``: axis i of the results runs along tensor i; ``"xy"``: the first two axes are swapped.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    given = [_talweg.asarray(x) for x in arrays]
    for tensor in given:
        if tensor.ndim != 1:
            raise ValueError(f"meshgrid: a tensor of shape {tensor.shape} is not 1-d")
    count = len(given)
    swapped = indexing == "xy" and count > 1
    placed = []
    for i, tensor in enumerate(given):
        axis = 1 - i if swapped and i < 2 else i
        placed.append(tensor.reshape(*(-1 if j == axis else 1 for j in range(count))))
    return [view.copy() for view in broadcast_arrays(*placed)]


def diff(
    x: TensorLike, /, *, axis: int = -1, n: int = 1, prepend: TensorLike | None = None, append: TensorLike | None = None
) -> Tensor:
    """Differences of neighbours along an axis, taken ``n`` times, of x between ``prepend`` and ``append``."""
    tensor = _talweg.asarray(x)
    parts = [_talweg.asarray(part) for part in (prepend, tensor, append) if part is not None]
    if len(parts) > 1:
        tensor = _talweg.concatenate(parts, axis)
    return _talweg._diff(tensor, axis, n)


_PAD_MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(
    x: TensorLike,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    mode: Literal["constant", "edge", "reflect", "symmetric", "wrap", "circular"] = "constant",
    *,
    constant_values: float = 0,
) -> Tensor:
    """Each axis longer by some positions at its beginning and at its end.

    ``pad_width`` is one number for all ends, a pair for all axes, or a pair for each axis. Beyond an end
    ``"constant"`` puts ``constant_values``, ``"edge"`` the last position, ``"reflect"`` the positions backwards
    from the last but one, ``"symmetric"`` those from the last, and ``"wrap"`` (also ``"circular"``) those of the
    other end.
    """
    tensor = _talweg.asarray(x)
    name = "wrap" if mode == "circular" else mode
    if name not in _PAD_MODES:
        raise ValueError(f"pad: mode {mode!r} is none of {', '.join(map(repr, _PAD_MODES))}")
    widths: list[Any] = [pad_width] if isinstance(pad_width, int) else list(pad_width)
    if len(widths) in (1, 2) and all(isinstance(width, int) for width in widths):
        widths = [(widths[0], widths[-1])] * tensor.ndim
    pairs = [tuple(width) for width in widths]
    pairs = pairs * tensor.ndim if len(pairs) == 1 else pairs
    if len(pairs) != tensor.ndim or any(len(pair) not in (1, 2) for pair in pairs):
        raise ValueError(f"pad: widths {pad_width!r} for {tensor.ndim} axes")
    ends = tuple(end for pair in pairs for end in (pair[0], pair[-1]))
    return _talweg._pad(tensor, ends, _PAD_MODES.index(name), constant_values)


def einsum(subscripts: Any, *operands: Any) -> Tensor:
    """Sums of products by NumPy's subscripts, as ``einsum("bij,bjk->bik", x, y)``.

    Axes of one letter are multiplied together, and summed over if the result lacks the letter. A letter twice
    in a term is a diagonal, ``...`` stands for axes that broadcast. NumPy's other form, of operands that are
    each followed by a list of numbers for its axes, and perhaps such a list for the result, is understood too.
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _subscripts((subscripts, *operands))
    return _talweg._einsum(subscripts, operands)


def _subscripts(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Subscripts and operands of ``x, [0, 1], y, [1, 2], [0, 2]``."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    def term(labels: Any) -> str:
        for label in labels:
            if label is not Ellipsis and not 0 <= label < len(letters):
                raise ValueError(f"einsum: label {label} is outside 0 ... {len(letters) - 1}")
        return "".join("..." if label is Ellipsis else letters[label] for label in labels)

    pairs = len(arguments) // 2
    text = ",".join(term(arguments[2 * i + 1]) for i in range(pairs))
    if len(arguments) % 2 == 1:
        text += "->" + term(arguments[-1])
    return text, arguments[: 2 * pairs : 2]


def diag(x: TensorLike, k: int = 0) -> Tensor:
    """A square matrix with x on the diagonal ``k`` above the main one; of a matrix that diagonal, as a view."""
    tensor = _talweg.asarray(x)
    if tensor.ndim == 1:
        return _talweg.diag_embed(tensor, k)
    if tensor.ndim == 2:
        return _talweg.diagonal(tensor, k)
    raise ValueError(f"diag: x has {tensor.ndim} axes, neither 1 nor 2")


def diagflat(x: TensorLike, k: int = 0) -> Tensor:
    """A square matrix with all of x, in row-major order, on the diagonal ``k`` above the main one."""
    return _talweg.diag_embed(_talweg.asarray(x).reshape(-1), k)


def trace(x: TensorLike, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """Sums of the elements (i, i + offset) of the last two axes."""
    if dtype is None:
        return _talweg._trace(x, offset)
    return _talweg._trace(_talweg.asarray(x).astype(dtype), offset).astype(dtype)


def isclose(
    x1: TensorLike, x2: TensorLike, /, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether ``|x1 - x2|`` is at most ``atol + rtol * |x2|``, element by element, as bool; infinities as themselves."""
    a, b = _talweg.asarray(x1), _talweg.asarray(x2)
    near = _talweg.absolute(a - b) <= atol + rtol * _talweg.absolute(b)
    result = (near & _talweg.isfinite(b)) | (a == b)
    if equal_nan:
        result = result | (_talweg.isnan(a) & _talweg.isnan(b))
    return result


def allclose(
    x1: TensorLike, x2: TensorLike, /, *, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all elements are as ``isclose`` has it."""
    return bool(_talweg.all(isclose(x1, x2, rtol=rtol, atol=atol, equal_nan=equal_nan)))
