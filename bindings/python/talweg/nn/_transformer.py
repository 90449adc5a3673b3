"""Layers of transformers, and stacks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _talweg
from .._choices import number_of
from .._talweg import Tensor, asarray, float32
from ._attention import _or_zero, attended, padding
from ._checkpoint import Checkpoint
from ._containers import Sequential
from ._layers import _Layer
from ._module import Module

if TYPE_CHECKING:
    from .._talweg import DTypeLike, KeyValueCache, TensorLike
    from ..random import Generator

ACTIVATIONS = ("relu", "gelu", "silu", "swiglu", "geglu")
NORMS = ("layer", "rms")


class _TransformerLayer(_Layer):
    _is_decoder: bool

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        norm: str = "layer",
        kv_heads: int | None = None,
        rotary: bool = False,
        rotary_base: float = 10_000.0,
        causal: bool = False,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        name = activation if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))
        _talweg._init_transformer_layer(
            self, self._is_decoder, d_model, nhead, dim_feedforward, number_of(name, ACTIVATIONS, "activation"),
            norm_first, number_of(norm, NORMS, "norm") == 1, bias, batch_first, causal,
            rotary_base if rotary else None, _or_zero(kv_heads, "kv_heads"), dropout, layer_norm_eps, dtype, generator,
        )  # fmt: skip
        self.num_heads = nhead
        self.batch_first = batch_first
        # What a stack makes others like it of.
        self._arguments: dict[str, Any] = dict(
            d_model=d_model, nhead=nhead, dim_feedforward=dim_feedforward, dropout=dropout, activation=name,
            layer_norm_eps=layer_norm_eps, batch_first=batch_first, norm_first=norm_first, bias=bias, norm=norm,
            kv_heads=kv_heads, rotary=rotary, rotary_base=rotary_base, causal=causal, dtype=dtype, generator=generator,
        )  # fmt: skip
        self._bind()


class TransformerEncoderLayer(_TransformerLayer):
    """A layer of a transformer's encoder (Vaswani et al., 2017), or with ``causal`` of a model that reads what it
    writes: self attention and a perceptron, each beside a residual connection with a norm, before them
    (``norm_first``) or after the sums.

    ``layer(src, src_mask=None, src_key_padding_mask=None, is_causal=False, cache=None)`` is of src's shape [T, B,
    d_model] ([B, T, d_model] with ``batch_first``, [T, d_model] for one sequence). Masks are as PyTorch's: see
    ``MultiheadAttention``. Children: ``self_attn``, ``linear1``, ``linear2``, ``norm1``, ``norm2``.

    ``activation``: "relu", "gelu", "silu", or gated, with a first product twice as wide, "swiglu" and "geglu"
    (Shazeer, 2020). ``norm``: "layer" or "rms". ``kv_heads``, ``rotary``: see ``MultiheadAttention``.
    """

    _is_decoder = False

    def forward(
        self,
        src: TensorLike,
        src_mask: TensorLike | None = None,
        src_key_padding_mask: TensorLike | None = None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The layer's output."""
        return encoded(self, self.num_heads, src, src_mask, src_key_padding_mask, is_causal, cache)


class TransformerDecoderLayer(_TransformerLayer):
    """A layer of a transformer's decoder (Vaswani et al., 2017): self attention, attention to a memory and a
    perceptron, each beside a residual connection with a norm.

    ``layer(tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
    tgt_is_causal=False, memory_is_causal=False, cache=None)`` is of tgt's shape; arguments and masks are those of
    ``TransformerEncoderLayer``. Children: ``self_attn``, ``multihead_attn``, ``linear1``, ``linear2``, ``norm1``,
    ``norm2``, ``norm3``.
    """

    _is_decoder = True

    def forward(  # type: ignore[override]
        self,
        tgt: TensorLike,
        memory: TensorLike,
        tgt_mask: TensorLike | None = None,
        memory_mask: TensorLike | None = None,
        tgt_key_padding_mask: TensorLike | None = None,
        memory_key_padding_mask: TensorLike | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The layer's output."""
        return decoded(
            self, self.num_heads, tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
            tgt_is_causal, memory_is_causal, cache,
        )  # fmt: skip


class _TransformerStack(_Layer):
    _is_decoder: bool
    layers: Sequential

    def __init__(self, layer: Module | list[Module] | tuple[Module, ...], num_layers: int | None, norm: Module | None):
        layers = tuple(layer) if isinstance(layer, (list, tuple)) else _copies(layer, num_layers)
        _talweg._init_transformer_stack(self, self._is_decoder, layers, norm)
        # The engine's container of the layers, with these objects as its children.
        held = Sequential.__new__(Sequential)
        held._init_at(self, "layers")
        held.__dict__.update({str(place): one for place, one in enumerate(layers)})
        self.__dict__["layers"] = held
        self.__dict__["norm"] = norm
        self.num_layers = len(layers)
        inner = layers[0].module if isinstance(layers[0], Checkpoint) else layers[0]
        self.num_heads = getattr(inner, "num_heads", 1)


def _copies(layer: Module, count: int | None) -> tuple[Module, ...]:
    """Layers like this one with its weights, as PyTorch's stacks have them; the first is none of it."""
    inner = layer.module if isinstance(layer, Checkpoint) else layer
    if not isinstance(inner, _TransformerLayer):
        raise TypeError(f"a layer of a transformer is needed, not {type(inner).__name__}")
    if count is None or count < 1:
        raise ValueError(f"num_layers is {count}; it must be 1 or more")
    state = inner.state_dict()
    made: list[Module] = []
    for _ in range(count):
        one = type(inner)(**inner._arguments)
        one.load_state_dict(state)
        one.train(inner.training)
        made.append(Checkpoint(one) if isinstance(layer, Checkpoint) else one)
    return tuple(made)


class TransformerEncoder(_TransformerStack):
    """Encoder layers one after the other, and ``norm`` at the end if it is given.

    ``encoder_layer`` is copied ``num_layers`` times, weights and all, as PyTorch does; or give a list of layers, which
    are taken as they are. A ``Checkpoint`` of a layer does too. ``encoder(src, mask=None, src_key_padding_mask=None,
    is_causal=False, cache=None)``; children ``layers`` and ``norm``.
    """

    _is_decoder = False

    def __init__(
        self,
        encoder_layer: Module | list[Module] | tuple[Module, ...],
        num_layers: int | None = None,
        norm: Module | None = None,
    ) -> None:
        super().__init__(encoder_layer, num_layers, norm)

    def forward(
        self,
        src: TensorLike,
        mask: TensorLike | None = None,
        src_key_padding_mask: TensorLike | None = None,
        is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The last layer's output, after the norm."""
        return encoded(self, self.num_heads, src, mask, src_key_padding_mask, is_causal, cache)


class TransformerDecoder(_TransformerStack):
    """Decoder layers one after the other, and ``norm`` at the end if it is given; see ``TransformerEncoder``, and
    ``TransformerDecoderLayer`` for the call's arguments."""

    _is_decoder = True

    def __init__(
        self,
        decoder_layer: Module | list[Module] | tuple[Module, ...],
        num_layers: int | None = None,
        norm: Module | None = None,
    ) -> None:
        super().__init__(decoder_layer, num_layers, norm)

    def forward(  # type: ignore[override]
        self,
        tgt: TensorLike,
        memory: TensorLike,
        tgt_mask: TensorLike | None = None,
        memory_mask: TensorLike | None = None,
        tgt_key_padding_mask: TensorLike | None = None,
        memory_key_padding_mask: TensorLike | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """The last layer's output, after the norm."""
        return decoded(
            self, self.num_heads, tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask,
            tgt_is_causal, memory_is_causal, cache,
        )  # fmt: skip


def encoded(
    block: Module,
    heads: int,
    src: TensorLike,
    mask: TensorLike | None,
    padded: TensorLike | None,
    causal: bool,
    cache: KeyValueCache | None,
) -> Tensor:
    """An encoder's pass, masks as PyTorch's."""
    x = asarray(src)
    return _talweg._transformer_forward(
        block, x, None, attended(mask, heads), padding(padded, x.ndim == 2), causal, None, None, False, cache
    )


def decoded(
    block: Module,
    heads: int,
    tgt: TensorLike,
    memory: TensorLike,
    mask: TensorLike | None,
    memory_mask: TensorLike | None,
    padded: TensorLike | None,
    memory_padded: TensorLike | None,
    causal: bool,
    memory_causal: bool,
    cache: KeyValueCache | None,
) -> Tensor:
    """A decoder's pass, masks as PyTorch's."""
    x = asarray(tgt)
    single = x.ndim == 2
    return _talweg._transformer_forward(
        block, x, memory, attended(mask, heads), padding(padded, single), causal, attended(memory_mask, heads),
        padding(memory_padded, single), memory_causal, cache,
    )  # fmt: skip
