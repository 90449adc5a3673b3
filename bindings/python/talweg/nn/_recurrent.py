"""Recurrent layers: RNN, LSTM and GRU over sequences, and their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .. import _talweg
from .._choices import number_of
from .._functions import swapaxes
from .._talweg import Parameter, Tensor, float32
from ._layers import _Layer
from .utils.rnn import PackedSequence

if TYPE_CHECKING:
    from .._talweg import DTypeLike, TensorLike
    from ..random import Generator

NONLINEARITIES = ("tanh", "relu")


class _Recurrent(_Layer):
    """Layers of recurrent cells over sequences.

    B sequences of T steps of ``input_size`` features, D directions, a state of H = ``hidden_size``:
    ``x`` is [T, B, features], [B, T, features] with ``batch_first``, or [T, features] for one sequence.
    ``lengths``, integers [B], tell how many steps each sequence has: past them outputs are 0, the last
    state is that after the last step, and the opposite direction begins there. ``x`` may also be what
    ``nn.utils.rnn.pack_padded_sequence`` gives; so is the output then.

    Parameters have PyTorch's names and shapes (``weight_ih_l0`` [gates H, features], ``weight_hh_l0``,
    ``bias_ih_l0``, ``bias_hh_l0``, ``weight_ih_l0_reverse``, ...) and start as U(-1/sqrt(H), 1/sqrt(H)).
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        rectified: bool = False,
        *,
        dtype: DTypeLike,
        generator: Generator | None,
    ) -> None:
        _talweg._init_recurrent(
            self, type(self)._native_name, input_size, hidden_size, num_layers, bias, batch_first, bidirectional,
            rectified, proj_size, dropout, dtype, generator,
        )  # fmt: skip
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._bind()

    _native_name: ClassVar[str]

    def _run(self, x: TensorLike | PackedSequence, states: tuple[Any, ...], lengths: TensorLike | None) -> Any:
        """The output, and the states after the last step."""
        if not isinstance(x, PackedSequence):
            return self._call(x, *states, lengths)
        if lengths is not None:
            raise ValueError("a packed sequence has lengths of its own")
        if x.batch_first != self.batch_first:
            x = PackedSequence(swapaxes(x.data, 0, 1), x.lengths, self.batch_first)
        y, *after = self._call(x.data, *states, x.lengths)
        return PackedSequence(y, x.lengths, self.batch_first), *after


class RNN(_Recurrent):
    """Layers of the simple recurrent network h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu (Elman, 1990).

    ``rnn(x, hx=None, lengths=None)`` gives ``(output, h_n)``: the last layer's states [T, B, D H] and all layers'
    states after the last step [num_layers D, B, H]; ``hx`` are those before the first step, zeros if None. Sequences
    are [T, B, features], [B, T, features] with ``batch_first``, or [T, features] for one. ``lengths``, integers [B],
    tell how many steps each has: past them outputs are 0, the last state is that after the last step, and the opposite
    direction begins there. D is the number of directions.
    """

    _native_name = "RNN"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        rectified = number_of(nonlinearity, NONLINEARITIES, "nonlinearity") == 1
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0, rectified,
            dtype=dtype, generator=generator,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def forward(  # type: ignore[override]
        self, x: TensorLike | PackedSequence, hx: TensorLike | None = None, lengths: TensorLike | None = None
    ) -> tuple[Any, Tensor]:
        """The states, and those after the last step."""
        y, h_n = self._run(x, (hx,), lengths)
        return y, h_n


class LSTM(_Recurrent):
    """Layers of long short-term memory (Hochreiter and Schmidhuber, 1997), gates in the order i, f, g, o.

    ``lstm(x, hx=None, lengths=None)`` gives ``(output, (h_n, c_n))``: the last layer's states [T, B, D H], all layers'
    states after the last step [num_layers D, B, H] and their cells; ``hx`` is (states, cells) before the first step,
    zeros if None. With ``proj_size`` P, states are projected to P features (Sak, Senior and Beaufays, 2014).
    Sequences are [T, B, features], [B, T, features] with ``batch_first``, or [T, features] for one. ``lengths``,
    integers [B], tell how many steps each has: past them outputs are 0, the last state is that after the last step, and
    the opposite direction begins there. D is the number of directions.
    """

    _native_name = "LSTM"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size,
            dtype=dtype, generator=generator,
        )  # fmt: skip

    def forward(  # type: ignore[override]
        self,
        x: TensorLike | PackedSequence,
        hx: tuple[TensorLike, TensorLike] | None = None,
        lengths: TensorLike | None = None,
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """The states, and the states and cells after the last step."""
        h, c = (None, None) if hx is None else hx
        y, h_n, c_n = self._run(x, (h, c), lengths)
        return y, (h_n, c_n)


class GRU(_Recurrent):
    """Layers of the gated recurrent unit (Cho et al., 2014), gates in the order r, z, n, as PyTorch's.

    ``gru(x, hx=None, lengths=None)`` gives ``(output, h_n)``: the last layer's states [T, B, D H] and all layers'
    states after the last step [num_layers D, B, H]; ``hx`` are those before the first step, zeros if None. Sequences
    are [T, B, features], [B, T, features] with ``batch_first``, or [T, features] for one. ``lengths``, integers [B],
    tell how many steps each has: past them outputs are 0, the last state is that after the last step, and the opposite
    direction begins there. D is the number of directions.
    """

    _native_name = "GRU"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            dtype=dtype, generator=generator,
        )  # fmt: skip

    def forward(  # type: ignore[override]
        self, x: TensorLike | PackedSequence, hx: TensorLike | None = None, lengths: TensorLike | None = None
    ) -> tuple[Any, Tensor]:
        """The states, and those after the last step."""
        y, h_n = self._run(x, (hx,), lengths)
        return y, h_n


class _Cell(_Layer):
    weight_ih: Parameter
    weight_hh: Parameter

    _native_name: ClassVar[str]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        rectified: bool,
        dtype: DTypeLike,
        generator: Generator | None,
    ) -> None:
        _talweg._init_recurrent(
            self, type(self)._native_name, input_size, hidden_size, 1, bias, False, False, rectified, 0, 0.0, dtype,
            generator,
        )  # fmt: skip
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self._bind()


class RNNCell(_Cell):
    """One step of an RNN: ``cell(x, hx=None)`` is the state after x [B, features], [B, H]; ``hx`` is the one before,
    zeros if None. Parameters: ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``."""

    _native_name = "RNNCell"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        rectified = number_of(nonlinearity, NONLINEARITIES, "nonlinearity") == 1
        super().__init__(input_size, hidden_size, bias, rectified, dtype, generator)
        self.nonlinearity = nonlinearity

    def forward(self, x: TensorLike, hx: TensorLike | None = None) -> Tensor:
        """The state after."""
        after: Tensor = self._call(x, hx)
        return after


class LSTMCell(_Cell):
    """One step of an LSTM: ``cell(x, hx=None)`` is the (state, cells) after x [B, features], [B, H] each; ``hx`` are
    those before, zeros if None. Parameters: ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``."""

    _native_name = "LSTMCell"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, False, dtype, generator)

    def forward(  # type: ignore[override]
        self, x: TensorLike, hx: tuple[TensorLike, TensorLike] | None = None
    ) -> tuple[Tensor, Tensor]:
        """The state and the cells after."""
        h, c = (None, None) if hx is None else hx
        h_n, c_n = self._call(x, h, c)
        return h_n, c_n


class GRUCell(_Cell):
    """One step of a GRU: ``cell(x, hx=None)`` is the state after x [B, features], [B, H]; ``hx`` is the one before,
    zeros if None. Parameters: ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh``."""

    _native_name = "GRUCell"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: DTypeLike = float32,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, False, dtype, generator)

    def forward(self, x: TensorLike, hx: TensorLike | None = None) -> Tensor:
        """The state after."""
        after: Tensor = self._call(x, hx)
        return after
