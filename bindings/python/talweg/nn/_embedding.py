"""Rows of a table by number, and bags of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .. import _talweg
from .._choices import number_of
from .._talweg import Parameter, Tensor, asarray, float32
from ._layers import INITIALIZERS, _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator

BAG_MODES = ("sum", "mean", "max")


def row_of(index: int | None, rows: int) -> int:
    """A row for the engine: -1 is none, and others count from the end if they are negative."""
    if index is None:
        return -1
    if not -rows <= index < rows:
        raise IndexError(f"embedding: padding_idx {index} is none of {rows} rows")
    return index + rows if index < 0 else index


def _matrix(weight: TensorLike) -> Parameter:
    found = weight if isinstance(weight, Tensor) else asarray(weight)
    if found.ndim != 2:
        raise ValueError(f"embedding: the weight has shape {list(found.shape)}, not [rows, width]")
    return found if isinstance(found, Parameter) else Parameter(found)


class Embedding(_Layer):
    """ids, integers of any shape -> [.., embedding_dim]: rows of ``weight`` [num_embeddings, embedding_dim], which
    starts by N(0, 1).

    Args:
        padding_idx: a row that gets no gradient and starts as zeros
        max_norm: longer rows are scaled down to this norm, in place, when they are looked up
        norm_type: p of that norm
        init, scale: as for ``Linear``, in place of N(0, 1)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
        _weight: Parameter | None = None,
        _freeze: bool = False,
    ) -> None:
        _talweg._init_embedding(
            self,
            num_embeddings,
            embedding_dim,
            dtype,
            row_of(padding_idx, num_embeddings),
            0.0 if max_norm is None else max_norm,
            norm_type,
            number_of(init, INITIALIZERS, "init"),
            scale,
            generator,
            _weight,
            _freeze,
        )
        self._bind()
        if _weight is not None:
            self.__dict__["weight"] = _weight

    @classmethod
    def from_pretrained(
        cls,
        embeddings: TensorLike,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
    ) -> Embedding:
        """Over rows that there are: a Parameter becomes the layer's own, anything else a new one over its memory."""
        weight = _matrix(embeddings)
        rows, width = weight.shape
        return cls(rows, width, padding_idx, max_norm, norm_type, _weight=weight, _freeze=freeze)


class EmbeddingBag(_Layer):
    """The sums, means or largest of rows in bags: ids [bags, size] -> [bags, embedding_dim], or ids [n] with the
    offsets [bags] at which bags begin; zeros for an empty bag. With "sum", ``per_sample_weights`` of the shape of ids
    are factors.

    Args:
        include_last_offset: whether offsets have the end of the last bag too
        padding_idx: a row that belongs to no bag, gets no gradient and starts as zeros
        max_norm, norm_type, init, scale: as for ``Embedding``
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        mode: Literal["sum", "mean", "max"] = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        dtype: DTypeLike = float32,
        init: str = "default",
        scale: float = 1.0,
        generator: Generator | None = None,
        _weight: Parameter | None = None,
        _freeze: bool = False,
    ) -> None:
        _talweg._init_embedding_bag(
            self,
            num_embeddings,
            embedding_dim,
            dtype,
            row_of(padding_idx, num_embeddings),
            0.0 if max_norm is None else max_norm,
            norm_type,
            number_of(init, INITIALIZERS, "init"),
            scale,
            generator,
            _weight,
            _freeze,
            number_of(mode, BAG_MODES, "mode"),
            include_last_offset,
        )
        self._bind()
        if _weight is not None:
            self.__dict__["weight"] = _weight

    def forward(
        self,
        input: TensorLike,
        offsets: TensorLike | None = None,
        per_sample_weights: TensorLike | None = None,
    ) -> Any:
        """The bags' rows [bags, embedding_dim]."""
        return self._call(input, offsets, per_sample_weights)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: TensorLike,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        mode: Literal["sum", "mean", "max"] = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> EmbeddingBag:
        """Over rows that there are: a Parameter becomes the layer's own, anything else a new one over its memory."""
        weight = _matrix(embeddings)
        rows, width = weight.shape
        return cls(
            rows,
            width,
            max_norm,
            norm_type,
            mode=mode,
            include_last_offset=include_last_offset,
            padding_idx=padding_idx,
            _weight=weight,
            _freeze=freeze,
        )
