"""Sequences of different lengths in one batch, under PyTorch's names.

The recurrent layers take ``lengths`` beside a padded batch; these make such batches and take them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ... import _talweg
from ..._functions import swapaxes
from ..._talweg import Tensor, asarray

if TYPE_CHECKING:
    from ..._talweg import TensorLike

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """A padded batch and the lengths of its sequences, int64 [B]: what the recurrent layers take and give as one."""

    data: Tensor
    lengths: Tensor
    batch_first: bool = False


def pad_sequence(sequences: Sequence[TensorLike], batch_first: bool = False, padding_value: float = 0.0) -> Tensor:
    """One batch [T, B, ..] ([B, T, ..] with ``batch_first``) of sequences [length, ..], T the greatest length, with
    ``padding_value`` past their ends."""
    tensors = [asarray(one) for one in sequences]
    if not tensors:
        raise ValueError("pad_sequence: no sequences")
    rest = tensors[0].shape[1:]
    for one in tensors:
        if one.ndim == 0 or one.shape[1:] != rest:
            raise ValueError(f"pad_sequence: shapes {list(tensors[0].shape)} and {list(one.shape)} differ beside length")
    longest = max(one.shape[0] for one in tensors)
    padded = []
    for one in tensors:
        if one.shape[0] < longest:
            missing = _talweg.full((longest - one.shape[0], *rest), padding_value, dtype=one.dtype)
            one = _talweg.concatenate([one, missing], axis=0)
        padded.append(one)
    return _talweg.stack(padded, axis=0 if batch_first else 1)


def unpad_sequence(padded: TensorLike, lengths: TensorLike, batch_first: bool = False) -> list[Tensor]:
    """The sequences [length, ..] of a padded batch."""
    batch = asarray(padded)
    ends = [int(length) for length in asarray(lengths).tolist()]
    if len(ends) != batch.shape[0 if batch_first else 1]:
        raise ValueError(f"unpad_sequence: {len(ends)} lengths for a batch {list(batch.shape)}")
    return [batch[i, :end] if batch_first else batch[:end, i] for i, end in enumerate(ends)]


def pack_padded_sequence(
    input: TensorLike, lengths: TensorLike, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """A padded batch [T, B, ..] ([B, T, ..] with ``batch_first``) with its lengths, each from 1 to T. With
    ``enforce_sorted`` lengths that grow are a ``ValueError``, as in PyTorch; the layers need no order."""
    batch, ends = asarray(input), asarray(lengths)
    values = [int(length) for length in ends.tolist()]
    steps, count = (batch.shape[1], batch.shape[0]) if batch_first else batch.shape[:2]
    if len(values) != count:
        raise ValueError(f"pack_padded_sequence: {len(values)} lengths for a batch {list(batch.shape)}")
    if any(not 1 <= value <= steps for value in values):
        raise ValueError(f"pack_padded_sequence: lengths {values}; from 1 to the {steps} steps are allowed")
    if enforce_sorted and any(a < b for a, b in zip(values, values[1:])):
        raise ValueError("pack_padded_sequence: lengths grow; sort the batch, or pass enforce_sorted=False")
    return PackedSequence(batch, ends, batch_first)


def pack_sequence(sequences: Sequence[TensorLike], enforce_sorted: bool = True) -> PackedSequence:
    """A packed batch of sequences [length, ..]."""
    lengths = [asarray(one).shape[0] for one in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """The batch of a packed one, as long as its longest sequence or ``total_length``, with ``padding_value`` past the
    ends, and the lengths."""
    data = swapaxes(sequence.data, 0, 1) if sequence.batch_first else sequence.data
    longest = int(_talweg.max(sequence.lengths).item())
    if total_length is not None and total_length < longest:
        raise ValueError(f"pad_packed_sequence: total_length {total_length} is below the longest, {longest}")
    data = data[:longest]
    parts = unpad_sequence(data, sequence.lengths)
    padded = pad_sequence(parts, padding_value=padding_value)
    if total_length is not None and total_length > longest:
        rest = _talweg.full((total_length - longest, *padded.shape[1:]), padding_value, dtype=padded.dtype)
        padded = _talweg.concatenate([padded, rest], axis=0)
    return (swapaxes(padded, 0, 1) if batch_first else padded), sequence.lengths
