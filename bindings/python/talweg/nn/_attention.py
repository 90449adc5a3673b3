"""Multi-head attention, with a cache for decoding step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _talweg
from .._talweg import Parameter, Tensor, asarray, float32
from ._layers import _Layer

if TYPE_CHECKING:
    from .._talweg import DTypeLike, KeyValueCache, TensorLike
    from ..random import Generator


def attended(mask: TensorLike | None, heads: int = 1) -> Tensor | None:
    """PyTorch's mask as the engine's: of bool, True means to attend to, not to leave out; one of each sequence and head
    [batch * heads, queries, keys] gets four axes."""
    if mask is None:
        return None
    mask = asarray(mask)
    if mask.ndim == 3:
        batch, left = divmod(mask.shape[0], heads)
        if left:
            raise ValueError(f"a mask of {list(mask.shape)} is not [batch * {heads} heads, queries, keys]")
        mask = mask.reshape((batch, heads, *mask.shape[1:]))
    return ~mask if mask.dtype == _talweg.bool else mask


def padding(mask: TensorLike | None, single: bool) -> Tensor | None:
    """PyTorch's mask of padding (bool, True for padding; [batch, keys], or [keys] of a single sequence) as the
    engine's."""
    if mask is None:
        return None
    mask = asarray(mask)
    if mask.dtype != _talweg.bool:
        raise TypeError(f"a key padding mask is bool, True for padding, not {mask.dtype}")
    if single and mask.ndim == 1:
        mask = mask.reshape((1, *mask.shape))
    return ~mask


class MultiheadAttention(_Layer):
    """Multi-head attention (Vaswani et al., 2017).

    ``attention(query, key, value, ...)`` gives ``(output, weights)``: the output is of the query's shape [T, B,
    embed_dim] ([B, T, embed_dim] with ``batch_first``, [T, embed_dim] for one sequence); the weights are [B, T, S], or
    [B, heads, T, S] unless ``average_attn_weights``, or None unless ``need_weights``, which is much quicker. Masks are
    as PyTorch's: ``attn_mask`` [T, S] or [B * heads, T, S], bool (True: not allowed) or added to the scores;
    ``key_padding_mask`` bool [B, S], True for padding. A query that may attend to nothing gives zeros.

    Beyond PyTorch: ``kv_heads`` heads of keys and values that queries' heads share; ``rotary`` positions of base
    ``rotary_base``; a ``cache`` for decoding. Parameters: ``in_proj_weight`` [(heads + 2 kv_heads) head_dim,
    embed_dim], ``in_proj_bias``, ``out_proj``; with ``kdim`` or ``vdim``, ``q_proj_weight``, ``k_proj_weight`` and
    ``v_proj_weight`` in place of the first.
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        kv_heads: int | None = None,
        rotary: bool = False,
        rotary_base: float = 10_000.0,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        if add_bias_kv or add_zero_attn:
            raise ValueError("MultiheadAttention: add_bias_kv and add_zero_attn are not supported")
        _talweg._init_multihead_attention(
            self, embed_dim, num_heads, _or_zero(kv_heads, "kv_heads"), _or_zero(kdim, "kdim"),
            _or_zero(vdim, "vdim"), bias, batch_first, False, rotary_base if rotary else None, dropout, dtype,
            generator,
        )  # fmt: skip
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.kv_heads = num_heads if kv_heads is None else kv_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.in_proj_weight = None
        self.in_proj_bias = None
        self._bind()

    def forward(  # type: ignore[override]
        self,
        query: TensorLike,
        key: TensorLike | None = None,
        value: TensorLike | None = None,
        key_padding_mask: TensorLike | None = None,
        need_weights: bool = True,
        attn_mask: TensorLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """What was attended to, and the weights. ``key`` is the query if None, ``value`` the key. ``is_causal`` needs
        no mask beside it: no query sees what comes after it."""
        x = asarray(query)
        key = x if key is None or key is query else asarray(key)
        value = key if value is None else x if value is query else asarray(value)
        single = x.ndim == 2
        y, weights = _talweg._multihead_attention(
            self, x, key, value, attended(attn_mask, self.num_heads), padding(key_padding_mask, single), is_causal,
            cache, need_weights,
        )  # fmt: skip
        if weights is not None and average_attn_weights:
            weights = weights.mean(axis=0 if single else 1)
        return y, weights


def _or_zero(size: int | None, name: str) -> int:
    """The engine's 0 for None; a caller's own 0 is none."""
    if size == 0:
        raise ValueError(f"{name} is 0; None is as many as there are")
    return 0 if size is None else size
