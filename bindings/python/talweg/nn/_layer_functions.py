"""Dropout, embeddings, positions and the bilinear map as functions of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .. import _talweg
from .._choices import number_of
from .._talweg import Tensor, asarray, float32
from ._dropout import DEPTH_MODES
from ._embedding import BAG_MODES, row_of
from ._positions import ROTARY_PAIRS

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator


def dropout1d(x: TensorLike, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Tensor:
    """Whole channels of [batch, channels, length] or [channels, length] 0 with probability p, else divided by 1 - p."""
    return _talweg._channel_dropout(x, p if training else 0.0, 0, generator)


def dropout2d(x: TensorLike, p: float = 0.5, training: bool = True, *, generator: Generator | None = None) -> Tensor:
    """Whole channels of [batch, channels, height, width] or [batch, channels, length] 0 with probability p, else
    divided by 1 - p."""
    return _talweg._channel_dropout(x, p if training else 0.0, 0, generator)


def alpha_dropout(
    x: TensorLike, p: float = 0.5, training: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Elements SELU's negative limit with probability p, then scaled and shifted so that mean 0 and variance 1 stay
    (Klambauer et al., 2017)."""
    return _talweg._alpha_dropout(x, p if training else 0.0, 0, generator)


def feature_alpha_dropout(
    x: TensorLike, p: float = 0.5, training: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """``alpha_dropout`` of whole channels of [batch, channels, ..] or [channels, length]."""
    return _talweg._alpha_dropout(x, p if training else 0.0, 1, generator)


def stochastic_depth(
    x: TensorLike,
    p: float,
    mode: Literal["row", "batch"] = "row",
    training: bool = True,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """All of an example ("row") or of the batch 0 with probability p, else divided by 1 - p (Huang et al., 2016)."""
    return _talweg._stochastic_depth(x, p if training else 0.0, number_of(mode, DEPTH_MODES, "mode"), generator)


def _limit(weight: TensorLike, ids: TensorLike, max_norm: float | None, norm_type: float) -> None:
    if max_norm is None:
        return
    if not isinstance(weight, Tensor):
        raise TypeError("embedding: with max_norm the weight is changed in place, and must be a Tensor")
    _talweg._embedding_limit(weight, ids, max_norm, norm_type)


def embedding(
    ids: TensorLike,
    weight: TensorLike,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
) -> Tensor:
    """The rows of weight [rows, width] that ids name: [.., width]. Row ``padding_idx`` gets no gradient; rows whose
    norm is above ``max_norm`` are scaled down to it first, in place."""
    _limit(weight, ids, max_norm, norm_type)
    if padding_idx is None:
        return _talweg.embedding(ids, weight)
    table = asarray(weight)
    return _talweg._embedding_padded(ids, table, row_of(padding_idx, table.shape[0]))


def embedding_bag(
    ids: TensorLike,
    weight: TensorLike,
    offsets: TensorLike | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    *,
    mode: Literal["sum", "mean", "max"] = "mean",
    per_sample_weights: TensorLike | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sums, means or largest of rows of weight [rows, width] in bags: of ids [bags, size], or [n] with the offsets
    [bags] at which bags begin; zeros for an empty bag. With "sum", ``per_sample_weights`` are factors."""
    _limit(weight, ids, max_norm, norm_type)
    table = asarray(weight)
    if table.ndim != 2:
        raise ValueError(f"embedding_bag: the weight has shape {list(table.shape)}, not [rows, width]")
    return _talweg._embedding_bag(
        ids,
        table,
        offsets,
        per_sample_weights,
        number_of(mode, BAG_MODES, "mode"),
        row_of(padding_idx, table.shape[0]),
        include_last_offset,
    )


def one_hot(ids: TensorLike, num_classes: int = -1) -> Tensor:
    """Rows of zeros with a one at the position that each id names: int64 [.., num_classes]; -1 is one more than the
    greatest id."""
    given = asarray(ids)
    if num_classes == -1:
        if given.size == 0:
            raise ValueError("one_hot: there are no ids to count the classes of; tell num_classes")
        num_classes = int(given.max()) + 1
    return _talweg.one_hot(given, num_classes, dtype="int64")


def bilinear(input1: TensorLike, input2: TensorLike, weight: TensorLike, bias: TensorLike | None = None) -> Tensor:
    """y_k = a W_k b + c_k of a [.., first], b [.., second], weight W [outputs, first, second] and bias c [outputs]."""
    return _talweg._bilinear(input1, input2, weight, bias)


def sinusoidal_positions(
    count: int, width: int, *, first: int = 0, base: float = 10000.0, dtype: DTypeLike = float32
) -> Tensor:
    """Positions from ``first`` on as sines and cosines [count, width]: element 2i of row p sin(p / base^(2i / width)),
    element 2i + 1 the cosine (Vaswani et al., 2017)."""
    return _talweg._sinusoidal_positions(count, width, first, base, dtype)


def rotary(
    x: TensorLike,
    positions: TensorLike | None = None,
    *,
    pairs: Literal["halves", "neighbours"] = "halves",
    base: float = 10000.0,
    width: int | None = None,
    offset: int = 0,
) -> Tensor:
    """Pairs of elements of each row of x [.., positions, width] turned by angles of its position (Su et al., 2021).

    Args:
        positions: integers [positions], or [batch, positions] where x's first axis is the batch; None is 0, 1, ...
        pairs: "halves" (i and i + width / 2) or "neighbours" (2i and 2i + 1)
        width: how many elements of a row, from the first on, are turned; None for all
        offset: added to the positions: how many a cache holds already
    """
    return _talweg._rotary(x, positions, number_of(pairs, ROTARY_PAIRS, "pairs"), base, width or 0, offset)
